"""Which scenario wins at which value of an input that all share, and the most that a choice loses."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hdhplan.basis import CRITERIA
from hdhplan.comparison import Comparison, better, statistic_of
from hdhplan.inputs import LONGEST, draw_whole, gather
from hdhplan.network import expand
from hdhplan.paired import Move, difference, in_parts
from hdhplan.plan import Plan
from hdhplan.quantities import Bilingual
from hdhplan.uncertainty import SUPER_BLOCK

#: How many assumptions are tried, and the share of the draws at each of their ends.
MOST_INFLUENTIAL, END = 5, 0.2
#: Parts of equal count into which the draws are cut by the value of an input.
BINS = 10
#: Fewer draws than this say nothing of a part.
FEWEST = 50
#: Standard deviation of a straight line, by the difference between its outer fifths. [1]
_TYPICAL = 0.36
#: Standard deviation of what lies anywhere in a gap, by the gap. [1]
_ANYWHERE = 1 / math.sqrt(12)


@dataclass(frozen=True, eq=False)
class Shared:
    """An input that all scenarios draw by one law: its draws; for an event whether it happens."""

    path: str
    values: NDArray = field(repr=False)

    @property
    def event(self) -> bool:
        """Whether it is a driver that may or may not happen."""
        return self.values.dtype == bool

    @cached_property
    def _order(self) -> NDArray:
        return np.argsort(self.values, kind="stable")

    def ends(self) -> list[NDArray]:
        """Draws at its low and at its high end, in the order in which they were drawn."""
        if self.event:
            return self.parts()
        size = int(END * len(self.values))
        return [np.sort(self._order[:size]), np.sort(self._order[len(self.values) - size :])]

    def parts(self) -> list[NDArray]:
        """Draws in `BINS` parts of equal count by its value; without and with an event."""
        if self.event:
            return [np.flatnonzero(~self.values), np.flatnonzero(self.values)]
        return np.array_split(self._order, BINS)


@dataclass(frozen=True)
class End:
    """One end of an assumption: the value from which it counts, the scores, and who wins there.

    ``behind`` says how much worse than the best of them each scenario is, with its error.
    """

    value: float | None
    scores: dict[str, float]
    winners: tuple[str, ...]
    behind: dict[str, Move] = field(repr=False)


@dataclass(frozen=True)
class Assumption:
    """An input that all scenarios share: who wins at its low and at its high end.

    The ends are the lowest and highest fifth of its draws, for an event whether it happens.
    ``influence`` is how much it typically moves the scenarios' score, on average over them.
    """

    path: str
    name: Bilingual | None
    event: bool
    unit: str
    influence: float
    low: End
    high: End


@dataclass(frozen=True)
class Flip:
    """An end at which others win alone of the chosen scenario, and the value from which they do.

    At ``crossover`` the chosen one and the first of them score the same; None for an event, and
    where no two parts of the draws are clear on both sides of it.
    """

    assumption: Assumption
    end: End
    crossover: float | None
    error: float

    @property
    def low(self) -> bool:
        """Whether it is the low end."""
        return self.end is self.assumption.low

    @property
    def winner(self) -> str:
        """The first of those that win there."""
        return self.end.winners[0]


@dataclass(frozen=True)
class Regret:
    """The most that a scenario falls behind the best one, over all that was tried; 0 within error.

    ``path`` is the assumption at an end of which this happens, empty for all draws together.
    """

    scenario: str
    worst: float
    se: float
    path: str
    low: bool
    best: str


def shared_inputs(comparison: Comparison, among: Sequence[int]) -> list[Shared]:
    """Every input that these scenarios draw by one and the same law, and its draws."""
    plans = [comparison.plans[i] for i in among]
    first, *others = [gather(plan, expand(plan)) for plan in plans]
    drawn = draw_whole(first, comparison.seed, min(comparison.draws, SUPER_BLOCK))
    start = plans[0].start.toordinal() - 1
    dates = {path for path, quantity in plans[0].ranges() if quantity.unit == "date"}
    found = [
        # A date is drawn as days from the start, and told as a date.
        Shared(path, drawn.values[path] + float(start) if path in dates else drawn.values[path])
        for path, law in first.laws.items()
        # The longest of several dual writes goes with the luck of one: it is no further input.
        if not path.endswith(LONGEST)
        and _same_wave(plans, path)
        and all(other.laws.get(path) == law for other in others)
    ]
    found += [
        Shared(f"drivers.{name}.p", drawn.happens[name])
        for name, p in first.events.items()
        if all(other.events.get(name) == p for other in others)
    ]
    return found


def _same_wave(plans: Sequence[Plan], path: str) -> bool:
    """Whether an input of a wave is about the same projects in all plans, if it is one."""
    group, _, rest = path.partition(".")
    if group != "waves":
        return True
    waves = [plan.waves.get(rest.split(".")[0]) for plan in plans]
    return len({(w.projects, w.critical_projects) if w else None for w in waves}) == 1


def assumptions(
    comparison: Comparison,
    criterion: str,
    among: Sequence[int],
    inputs: Sequence[Shared],
    first: Collection[str] = (),
) -> list[Assumption]:
    """The assumptions to try, by their influence: those of ``first``, then the most influential."""
    count = min(comparison.draws, SUPER_BLOCK)
    series = {i: comparison.series(i, criterion)[:count] for i in among}
    moved = {shared: _influence(criterion, series, shared) for shared in inputs}
    worth = [shared for shared in inputs if moved[shared] > 0 or shared.path in first]
    worth.sort(key=lambda shared: (shared.path not in first, -moved[shared], shared.path))
    plan = comparison.plans[among[0]]
    units, found = {path: quantity.unit for path, quantity in plan.ranges()}, []
    for shared in worth[:MOST_INFLUENTIAL]:
        group, thing = shared.path.split(".")[:2]
        name, unit = getattr(getattr(plan, group)[thing], "name", None), units.get(shared.path, "")
        ends = _ends(comparison, criterion, series, shared)
        found.append(Assumption(shared.path, name, shared.event, unit, moved[shared], *ends))
    return sorted(found, key=lambda a: (-a.influence, a.path))


def _influence(criterion: str, series: Mapping[int, NDArray], shared: Shared) -> float:
    """How much an input typically moves the score, on average over the scenarios; 0 if unknown."""
    low, high = shared.ends()
    if min(len(low), len(high)) < FEWEST:
        return 0.0
    score = statistic_of(criterion)
    with np.errstate(invalid="ignore"):
        moves = [abs(score(values[high]) - score(values[low])) for values in series.values()]
    finite = [move for move in moves if math.isfinite(move)]
    happens = float(shared.values.mean()) if shared.event else 0.0
    often = math.sqrt(happens * (1 - happens)) if shared.event else _TYPICAL
    return often * sum(finite) / max(len(finite), 1)


def _ends(
    comparison: Comparison, criterion: str, series: Mapping[int, NDArray], shared: Shared
) -> list[End]:
    """Who wins at both ends of an input."""
    ends, edges = shared.ends(), [None, None]
    if not shared.event:
        edges = [float(shared.values[ends[0]].max()), float(shared.values[ends[1]].min())]
    return [
        _end(comparison, criterion, {i: v[end] for i, v in series.items()}, edge)
        for end, edge in zip(ends, edges, strict=True)
    ]


def _end(
    comparison: Comparison, criterion: str, series: Mapping[int, NDArray], value: float | None
) -> End:
    """Scores over some draws, and the scenarios that the best of them does not beat."""
    parts = {i: in_parts(v, statistic_of(criterion)) for i, v in series.items()}
    sign = 1 if CRITERIA[criterion][1] else -1
    top = min(parts, key=lambda i: sign * parts[i][0])
    names = comparison.names
    behind = {names[i]: difference(parts[top], parts[i]) for i in parts}
    winners = tuple(name for name, move in behind.items() if not better(move, criterion))
    return End(value, {names[i]: float(p[0]) for i, p in parts.items()}, winners, behind)


def flips(
    comparison: Comparison,
    criterion: str,
    chosen: int,
    tried: Sequence[Assumption],
    inputs: Sequence[Shared],
) -> list[Flip]:
    """Ends at which another scenario wins, and the value at which it draws level."""
    known, found = {shared.path: shared for shared in inputs}, []
    for assumption in tried:
        for end in (assumption.low, assumption.high):
            if not end.winners or comparison.names[chosen] in end.winners:
                continue
            rival = comparison.names.index(end.winners[0])
            shared = known[assumption.path]
            ahead = _ahead(comparison, criterion, rival, chosen, len(shared.values))
            at, error = _crossover(shared, ahead, end is assumption.low)
            found.append(Flip(assumption, end, at, error))
    return found


def _ahead(comparison: Comparison, criterion: str, rival: int, chosen: int, count: int) -> NDArray:
    """How much better a rival does than the chosen scenario, draw by draw."""
    rivals, own = (comparison.series(i, criterion)[:count].astype(float) for i in (rival, chosen))
    with np.errstate(invalid="ignore"):
        return own - rivals if CRITERIA[criterion][1] else rivals - own


def _crossover(shared: Shared, ahead: NDArray, low: bool) -> tuple[float | None, float]:
    """Value of an input at which two scenarios draw level, sought from one of its ends."""
    parts = shared.parts() if low else shared.parts()[::-1]
    if shared.event or min(map(len, parts)) < FEWEST:
        return None, math.nan
    x = np.array([shared.values[part].mean(dtype=float) for part in parts])
    with np.errstate(invalid="ignore"):
        mean = np.array([ahead[part].mean() for part in parts])
        error = np.array([ahead[part].std(ddof=1) / math.sqrt(len(part)) for part in parts])
    return crossing(x, mean, error)


def crossing(x: NDArray, y: NDArray, error: NDArray) -> tuple[float | None, float]:
    """First x at which y changes its sign beyond two errors, and the standard error of that x.

    Between the two points that are clear the line is straight; that it need not be is part of the
    error.

    Examples
    --------
    >>> crossing(np.array([1.0, 2.0, 4.0]), np.array([3.0, 0.1, -3.0]), np.full(3, 0.1))[0]
    2.5
    """
    for i, j in pairwise(np.flatnonzero(np.abs(y) > 2 * error)):
        if y[i] * y[j] < 0:
            gap, fall = float(x[j] - x[i]), float(y[i] - y[j])
            noise = math.hypot(y[j] * error[i], y[i] * error[j]) / fall**2
            return float(x[i] + gap * y[i] / fall), abs(gap) * math.hypot(noise, _ANYWHERE)
    return None, math.nan


def regrets(
    comparison: Comparison, criterion: str, among: Sequence[int], tried: Sequence[Assumption]
) -> list[Regret]:
    """For each scenario the most that it falls behind the best one, the least regret first."""
    sign = 1 if CRITERIA[criterion][1] else -1
    top = min(among, key=lambda i: sign * comparison.score(i, criterion))
    whole = {comparison.names[i]: comparison.move(top, i, criterion) for i in among}
    cases = [("", False, comparison.names[top], whole)]
    for a in tried:
        cases += [(a.path, end is a.low, end.winners[0], end.behind)
                  for end in (a.low, a.high) if end.winners]  # fmt: skip
    found = [_regret(comparison.names[i], criterion, cases) for i in among]
    return sorted(found, key=lambda r: r.worst)


def _regret(name: str, criterion: str, cases: Sequence[tuple]) -> Regret:
    """The case in which a scenario falls behind most."""
    worst = Regret(name, 0.0, 0.0, "", False, name)
    for path, low, best, behind in cases:
        move = behind[name]
        if better(move, criterion) and abs(move.value) > worst.worst:
            worst = Regret(name, abs(move.value), move.se, path, low, best)
    return worst


def least_regret(found: Sequence[Regret]) -> Iterator[str]:
    """Scenarios whose worst regret is the least, within two standard errors."""
    least = min(found, key=lambda r: r.worst, default=None)
    for regret in found:
        error = math.hypot(regret.se, least.se)
        if regret.worst == least.worst or regret.worst - least.worst <= 2 * error:
            yield regret.scenario
