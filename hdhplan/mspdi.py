"""Microsoft Project's XML (MSPDI): its codes, its clock, and the form of its durations.

A day of a plan is one unit of work spread over 24 hours; a day of MS Project has office hours. So the
share of a day that has gone is the share of its office hours that has gone: a plan's day 2.5 is the
third day at half of its hours. Dates agree between the two, and hours mean the same both ways.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

NAMESPACE = "http://schemas.microsoft.com/project"
#: Kinds of link, by the code of their `Type`.
LINK_KINDS = ("FF", "FS", "SF", "SS")
#: `DurationFormat` and `LagFormat`: working days and elapsed days.
WORKING_DAYS, ELAPSED_DAYS = 7, 8
#: Elapsed minutes, hours, days, weeks and months; the same with a question mark are 32 further on.
ELAPSED_FORMATS = frozenset({4, 6, 8, 10, 12, 36, 38, 40, 42, 44})
PERCENT_FORMATS = frozenset({19, 20, 51, 52})
#: `ConstraintType`s.
AS_SOON, AS_LATE, MUST_START, MUST_FINISH = 0, 1, 2, 3
NO_EARLIER, NO_LATER, FINISH_NO_EARLIER, FINISH_NO_LATER = 4, 5, 6, 7
#: `FieldID`s of the custom fields of a task.
DURATION_FIELDS = {"Duration1": 188743783, "Duration2": 188743784, "Duration3": 188743785}
FINISH_FIELDS = {"Finish1": 188743733, "Finish2": 188743736}

MINUTE, HOUR, DAY = 60, 3_600, 86_400
#: [1/min] lags are counted in tenths of a minute.
TENTHS = 10
#: Stretches of the day, in seconds from midnight.
Hours = Sequence[tuple[float, float]]
#: Office hours of what we write: eight hours.
OFFICE: Hours = ((9 * HOUR, 13 * HOUR), (14 * HOUR, 18 * HOUR))
OFFICE_DAY = 8 * HOUR
_DURATION = re.compile(
    r"P(?:(\d{1,7})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?\Z"
)


def clock(start: date, day: float, ends: bool = False) -> datetime:
    """Instant of the clock at which a plan's day is shown, to the second.

    Parameters
    ----------
    day
        Days since the start of the plan. [d]
    ends
        Whether something ends then: the end of a day is then its last office hour, not the next
        day's first.

    Examples
    --------
    >>> clock(date(2026, 1, 5), 3.0), clock(date(2026, 1, 5), 3.0, ends=True)
    (datetime.datetime(2026, 1, 8, 9, 0), datetime.datetime(2026, 1, 7, 18, 0))
    """
    whole = math.floor(day)
    gone = round((day - whole) * OFFICE_DAY)
    if gone == OFFICE_DAY:
        whole, gone = whole + 1, 0
    if ends and gone == 0 and whole > 0:
        whole, gone = whole - 1, OFFICE_DAY
    at = datetime.combine(start + timedelta(days=whole), time())
    for opens, closes in OFFICE:
        length = closes - opens
        if gone < length or (ends and gone == length):
            return at + timedelta(seconds=opens + gone)
        gone -= length
    return at + timedelta(seconds=OFFICE[-1][1])


def day_at(start: date, moment: datetime, hours: Hours = OFFICE) -> float:
    """Day of a plan at an instant of the clock: the inverse of `clock`. [d]

    Examples
    --------
    >>> day_at(date(2026, 1, 5), datetime(2026, 1, 7, 18, 0))
    3.0
    """
    midnight = datetime.combine(moment.date(), time())
    now = (moment - midnight).total_seconds()
    gone = sum(min(max(now - opens, 0), closes - opens) for opens, closes in hours)
    return (moment.date() - start).days + gone / sum(b - a for a, b in hours)


def duration(seconds: float) -> str:
    """Write a length as ``PT8H0M0S``.

    Examples
    --------
    >>> duration(28_800), duration(5_430)
    ('PT8H0M0S', 'PT1H30M30S')
    """
    whole = round(seconds)
    return f"PT{whole // HOUR}H{whole % HOUR // MINUTE}M{whole % MINUTE}S"


def seconds_of(text: str) -> float | None:
    """Read a length such as ``PT8H0M0S``; None if it is none. [s]"""
    match = _DURATION.match(text)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return days * DAY + hours * HOUR + minutes * MINUTE + seconds


def open_hours(rate: float) -> Hours | None:
    """Office hours of a day of some rate: whole, half, or longer; None if a day has not so many.

    Examples
    --------
    >>> [b - a for a, b in open_hours(0.5)], open_hours(4.0)
    ([14400.0], None)
    """
    wanted = rate * OFFICE_DAY
    if wanted > DAY:
        return None
    found: list[tuple[float, float]] = []
    for opens, closes in OFFICE:
        if wanted > 0:
            found.append((opens, opens + min(wanted, closes - opens)))
            wanted -= closes - opens
    if wanted <= 0:
        return tuple(found)
    # Beyond eight hours: into the evening, then the lunch break goes, then the morning starts earlier.
    total = OFFICE_DAY + wanted
    opens = min(OFFICE[0][0], DAY - total)
    return ((opens, opens + total),)


def time_text(seconds: float) -> str:
    """Write a time of the day; midnight at its end is 00:00:00, as MS Project has it."""
    seconds = round(seconds % DAY, 6)
    whole = int(seconds)
    text = f"{whole // HOUR:02}:{whole % HOUR // MINUTE:02}:{whole % MINUTE:02}"
    part = f"{seconds - whole:.6f}".rstrip("0")[1:]
    return text + (part if len(part) > 1 else "")
