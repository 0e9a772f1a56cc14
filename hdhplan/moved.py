"""Why did it move since last week? The week's change, shared out among groups of causes.

Progress, learning, risks, re-estimates, scope, prices, assumptions: of those that changed, each is
given its average effect over the orders in which they may change (Shapley), on common random numbers.
A change of the method is a row of its own: what last week's inputs give now, less what they gave then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from hdhplan import __version__
from hdhplan.between import Between, Item, Week, fingerprints, known_by
from hdhplan.errors import InputError
from hdhplan.paired import PARTS, Move, difference, error_of
from hdhplan.plan import Plan
from hdhplan.sharing import by_orders, measured

#: What is shared out: P80 date [d], P80 cost [EUR], odds of both, of the date, of the budget [1].
MEASURES = ("finish_days", "cost_eur", "p_both", "p_date", "p_budget")
#: The group of a change of the method.
MODEL = "model"
#: Draws at most on which single facts are weighed: they are ranked, not added up.
WEIGHED = 4_096
#: Digits that are kept of each measure: a thousandth of what an error ever supports.
_DIGITS = {"finish_days": 4, "cost_eur": 2}


@dataclass(frozen=True)
class Cause:
    """One thing that moved the forecast, and by how much: the week's forecast less that without it.

    ``item`` says what it is and which facts say so. The moves of several causes do not add up.
    """

    item: Item
    moves: dict[str, Move]


@dataclass(frozen=True)
class Row:
    """What a group of causes contributes to each measure; several where they make no sense alone.

    ``causes`` are the things in it, the greatest effect on the date first; those not weighed left out.
    """

    groups: tuple[str, ...]
    moves: dict[str, Move]
    causes: tuple[Cause, ...] = ()

    def main(self, measure: str) -> Cause | None:
        """The thing that moved a measure most in the direction in which the group did."""
        way = math.copysign(1, self.moves[measure].value)
        found = [c for c in self.causes if c.moves[measure].value * way > 0]
        return max(found, key=lambda c: abs(c.moves[measure].value), default=None)


@dataclass(frozen=True)
class Moved:
    """A week's change: before + the rows + the residual = after.

    ``before`` and ``after`` hold the P80 date [d since ``start``, the earlier plan's], averaged around P80
    as all moves of it are, the P80 cost [EUR] and odds [1], as far as the plans ask for them.
    ``before`` is what was archived, where that is given. ``mark`` is what to archive of this week: the
    next one counts from it.
    """

    plan: Plan = field(repr=False)
    start: date
    days: tuple[date, date]
    before: dict[str, float]
    after: dict[str, float]
    total: dict[str, Move]
    rows: tuple[Row, ...]
    residual: dict[str, Move]
    forecasts: int
    draws: int
    seed: int
    mark: dict = field(repr=False)

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures that both weeks have."""
        return tuple(self.total)

    def row(self, group: str) -> Row | None:
        """Row of a group; None where nothing of it changed."""
        return next((row for row in self.rows if group in row.groups), None)

    def first(self, measure: str) -> Row | None:
        """The row that moved a measure most in its direction; None where it did not clearly move."""
        total = self.total[measure]
        rows = [r for r in self.rows if r.moves[measure].value * total.value > 0]
        if not total.clear or not rows:
            return None
        return max(rows, key=lambda row: abs(row.moves[measure].value))

    def as_dict(self) -> dict:
        """Everything as plain values for JSON; None where a number is not finite."""
        return {
            "from": self.days[0].isoformat(),
            "to": self.days[1].isoformat(),
            "before": {m: _finite(x) for m, x in self.before.items()},
            "after": {m: _finite(x) for m, x in self.after.items()},
            "move": _plain(self.total),
            "rows": [
                {"groups": list(row.groups), **_plain(row.moves), "causes": [
                    {"kind": c.item.kind, "id": c.item.id, "facts": list(c.item.facts),
                     **_plain(c.moves)} for c in row.causes
                ]} for row in self.rows
            ],
            "residual": _plain(self.residual),
            "forecasts": self.forecasts,
            "draws": self.draws,
            "seed": self.seed,
            "mark": self.mark,
        }  # fmt: skip


def moved(
    plan_before: Plan,
    plan_after: Plan,
    day_before: date,
    day_after: date,
    draws: int = 10_000,
    seed: int = 1,
    archived: Mapping | None = None,
    progress: Callable[[int], None] | None = None,
) -> Moved:
    """Attribute a week's change to groups of causes, and each group's to its facts.

    Parameters
    ----------
    plan_before, plan_after
        The plan of each week with its status facts; one and the same where the plan file stays. If it
        changed, the first is what last week was made from: else its changes would look like the method's.
    archived
        `Moved.mark` of last week, or its `mark_of`: the change then counts from it, and what the method
        changed is a row. Facts that it did not know count in the later week, whatever their date.
    progress
        Called with the forecasts made so far.

    Raises
    ------
    InputError
        If a plan does not hold together, or a fact of last week is gone or was changed.
    """
    if day_after < day_before:
        raise ValueError(f"from {day_before} to {day_after}: a week ends after the one before it")
    before = known_by(plan_before, day_before, archived and archived["facts"])
    bench = _Bench(Between(before, known_by(plan_after, day_after)), draws, seed, progress)
    with np.errstate(invalid="ignore"):
        return _moved(bench, archived)


def mark_of(plan: Plan, day: date, draws: int = 10_000, seed: int = 1) -> dict:
    """What to archive of a week that has none before it, as `Moved.mark`."""
    week = known_by(plan, day)
    rows = measured(Between(week, week).plan(()), draws, seed, plan.start, MEASURES)
    return _marked(rows, week, plan.start, draws, seed)


class _Bench:
    """Forecasts in between two weeks on the same draws; `known` keeps what came out."""

    def __init__(self, between: Between, draws: int, seed: int, progress: Callable | None):
        self.between, self.draws, self.seed, self.progress = between, draws, seed, progress
        self.known: dict[frozenset, NDArray] = {}
        self.made = 0

    def of(self, changed: frozenset) -> NDArray:
        """Measures once some groups have changed."""
        if changed not in self.known:
            self.known[changed] = self.measured(self.between.plan(changed))
        return self.known[changed]

    def measured(self, plan: Plan, *how: int) -> NDArray:
        """Measures of a plan, a row each, in all and in parts; on other draws with another seed."""
        draws, seed = how or (self.draws, self.seed)
        self.made += 1
        if self.progress:
            self.progress(self.made)
        return measured(plan, draws, seed, self.between.before.plan.start, MEASURES)


def _moved(bench: _Bench, archived: Mapping | None) -> Moved:
    between = bench.between
    groups = between.groups
    every = frozenset().union(*groups)
    here, after = bench.of(frozenset()), bench.of(every)
    shares = by_orders(permutations(groups), bench.of)
    before, method = here, None
    if archived:
        then = archived["draws"], archived["seed"]
        again = (
            here if then == (bench.draws, bench.seed) else bench.measured(between.plan(()), *then)
        )
        old = _archived(archived, between.before.plan.start)
        method = _less(_rounded(again), old)
        before = np.where(method == 0, again, old)
    left = after - before - sum(shares.values(), 0 if method is None else method)
    names = [m for i, m in enumerate(MEASURES) if not np.isnan([before[i][0], after[i][0]]).any()]
    rows = [
        Row(tuple(sorted(g, key=list(between.items).index)), _moves(x, names), _causes(bench, g, x, names))
        for g, x in shares.items()
    ]  # fmt: skip
    if method is not None:
        rows.append(Row((MODEL,), _moves(method, names)))
    days = between.before.state.day, between.after.state.day
    return Moved(
        plan=between.after.plan, start=between.before.plan.start, days=days,
        before=_numbers(before, names), after=_numbers(after, names),
        total={m: difference(after[i], before[i]) for i, m in enumerate(MEASURES) if m in names},
        rows=tuple(rows), residual=_moves(left, names), forecasts=bench.made, draws=bench.draws,
        seed=bench.seed, mark=_marked(after, between.after, between.before.plan.start, bench.draws, bench.seed),
    )  # fmt: skip


def _causes(
    bench: _Bench, group: frozenset, shares: NDArray, names: Sequence[str]
) -> tuple[Cause, ...]:  # fmt: skip
    """Weigh the things of a group that clearly moved something; a lone one is all of it."""
    moves, items = _moves(shares, names), [i for g in group for i in bench.between.items[g]]
    if not any(move.clear for move in moves.values()):
        return ()
    if len(items) == 1:
        return (Cause(items[0], moves),)
    found = [Cause(item, _moves(row, names)) for item, row in _weighed(bench, items)]
    return tuple(sorted(found, key=lambda c: [-abs(c.moves[m].value) for m in names[:2]]))


def _weighed(bench: _Bench, items: Sequence[Item]) -> Iterator[tuple[Item, NDArray]]:
    """What each thing moves: the week's forecast less that without it, on the first draws."""
    between, how = bench.between, (min(bench.draws, WEIGHED), bench.seed)
    after = bench.measured(between.plan(between.items), *how)
    for item in items:
        if item.kind == "time":
            before = bench.measured(between.plan(()), *how)
            yield item, bench.measured(between.passed(), *how) - before
            continue
        try:
            plan = between.plan(between.items, item)
        except InputError:  # makes no sense without the others: not weighed alone
            continue
        yield item, after - bench.measured(plan, *how)


def _marked(rows: NDArray, week: Week, start: date, draws: int, seed: int) -> dict:
    """Measures of a week and of each part of the draws, with what made them; None if never."""
    parts = {
        m: [_finite(x) for x in row]
        for m, row in zip(MEASURES, _rounded(rows).tolist(), strict=True)
        if not math.isnan(row[0])
    }
    return {
        "version": __version__, "start": start.isoformat(), "draws": draws, "seed": seed,
        "facts": fingerprints(week.state), "measures": parts,
    }  # fmt: skip


def _archived(mark: Mapping, start: date) -> NDArray:
    """Rows of measures out of an archive, days counted from a start."""
    rows = np.full((len(MEASURES), 1 + PARTS), np.nan)
    for i, name in enumerate(MEASURES):
        if name in mark["measures"]:
            rows[i] = [math.inf if x is None else x for x in mark["measures"][name]]
    rows[0] += (date.fromisoformat(mark["start"]) - start).days
    return rows


def _less(rows: NDArray, others: NDArray) -> NDArray:
    """Differences of rows, none where both never come."""
    return np.where(rows == others, 0.0, rows - others)


def _rounded(rows: NDArray) -> NDArray:
    """Rows of measures to the digits that are archived."""
    return np.array([np.round(x, _DIGITS.get(m, 6)) for m, x in zip(MEASURES, rows, strict=True)])


def _moves(rows: NDArray, names: Sequence[str]) -> dict[str, Move]:
    moves = zip(MEASURES, rows, strict=True)
    return {m: Move(float(row[0]), error_of(row), 1e-6) for m, row in moves if m in names}


def _numbers(rows: NDArray, names: Sequence[str]) -> dict[str, float]:
    return {m: float(row[0]) for m, row in zip(MEASURES, rows, strict=True) if m in names}


def _plain(moves: Mapping[str, Move]) -> dict:
    return {
        m: {"value": _finite(x.value), "se": _finite(x.se), "clear": x.clear}
        for m, x in moves.items()
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
