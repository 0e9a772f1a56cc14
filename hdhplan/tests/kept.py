"""Published weeks, made up for tests of what is drawn of them."""

from __future__ import annotations

import datetime as dt

from hdhplan.past import Past
from hdhplan.status import week_of


def kept_weeks(
    milestones, landed=(), verified=(), scope=9_300.0, moved=(), projects=90, reference=0
):
    """Weeks from 4 September 2026 on: of each milestone its pairs of P50 and P80, a pair a week."""
    size = len(next(iter(milestones.values())))
    days = [dt.date(2026, 9, 4) + dt.timedelta(7 * i) for i in range(size)]
    landed, verified, moved = (
        given if len(given) else (0,) * size for given in (landed, verified, moved)
    )
    return tuple(
        Past(
            week_of(day), day, "0.0.0", {name: pairs[i] for name, pairs in milestones.items()},
            700.0, 2e7, {"date": 0.5}, {}, float(landed[i]),
            float(verified[i]), scope + 200.0 * (i > size / 2),
            int(moved[i]), projects, ("R0", week_of(days[reference])),
        )
        for i, day in enumerate(days)
    )  # fmt: skip


def twelve_weeks(names, landed_tb=0.0, moved=0):
    """Milestones that slip, hold, come nearer, or have no date for a while; data that lands."""
    drifts = (
        [(330 + 6 * i * (i > 3), 400 + 7 * i) for i in range(12)],
        [(None, None) if i == 2 else (640 + 3 * i, 720 + 4 * i) for i in range(12)],
        [(760 - 2 * i, None if i % 4 == 1 else 860) for i in range(12)],
        [(170.0, 170.0) if i > 8 else (180 - i, 200 - 2 * i) for i in range(12)],
    )
    landed = [max(i - 6, 0) / 5 * landed_tb for i in range(12)]
    return kept_weeks(
        dict(zip(names, drifts, strict=True)), landed, [0.7 * tb for tb in landed],
        moved=[moved * (i > 8) for i in range(12)],
    )  # fmt: skip
