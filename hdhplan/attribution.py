"""Why did it move? A difference between two plans, shared out among the causes that differ.

Each cause is given its average effect over the orders in which the causes can be changed, one
after the other (Shapley), on common random numbers; what is left over is printed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from hdhplan.basis import comparable
from hdhplan.differing import Difference, causes, differing_inputs, hybrid, name_of
from hdhplan.errors import InputError
from hdhplan.paired import Move, difference, error_of
from hdhplan.plan import Plan
from hdhplan.quantities import Bilingual
from hdhplan.sharing import by_orders, measured
from hdhplan.uncertainty import Stream

#: Up to so many causes all orders are averaged, else some; beyond the second, causes are taken by part.
MOST_EXACT, MOST_CAUSES = 6, 10
#: Orders that are drawn, each with its reverse.
_PAIRS = 12
#: What is shared out: P80 date [d], P80 cost [EUR], odds of both [1].
MEASURES = ("finish_days", "cost_eur", "p_both")


@dataclass(frozen=True)
class Share:
    """What a cause, or several that make no sense alone, contributes to each measure."""

    causes: tuple[str, ...]
    names: tuple[Bilingual | None, ...]
    moves: dict[str, Move]


@dataclass(frozen=True)
class Bridge:
    """The way from one plan to another: before + the shares + the residual = after.

    ``before`` and ``after`` hold the P80 date [d since the first plan's start], averaged around P80
    as the moves are, the P80 cost [EUR] and the odds of both [1]; a measure of which the two plans
    have no common basis is left out.
    ``orders`` is how many orders were averaged, all of them if ``exact``.
    """

    names: tuple[str, str]
    before: dict[str, float]
    after: dict[str, float]
    total: dict[str, Move]
    shares: tuple[Share, ...]
    residual: dict[str, Move]
    inputs: tuple[Difference, ...]
    exact: bool
    orders: int
    runs: int
    draws: int
    seed: int


def attribute(
    before: Plan,
    after: Plan,
    draws: int = 10_000,
    seed: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Bridge:
    """Attribute the change from one plan to another to the causes that differ.

    Parameters
    ----------
    progress
        Called with the plans run so far.

    Raises
    ------
    InputError
        If a plan does not hold together.
    """
    with np.errstate(invalid="ignore"):
        return _attribute(_Bench(before, after, draws, seed, progress))


def _attribute(bench: _Bench) -> Bridge:
    before, after = bench.before, bench.after
    ends = bench.measured(before), bench.measured(after)
    groups = [frozenset([cause]) for cause in _few(causes([before, after]))]
    groups, orders, exact = _grouped(bench, groups)
    rows = by_orders(orders, bench.of)
    whole = bench.of(frozenset().union(*groups)) - bench.of(frozenset())
    left = ends[1] - ends[0] - whole
    measures = [name for name in MEASURES if name in _common(before, after)]
    named = {group: tuple(name_of([before, after], c) for c in sorted(group)) for group in groups}
    shares = [Share(tuple(sorted(g)), named[g], _moves(rows[g], measures)) for g in groups]
    return Bridge(
        names=(before.name, after.name),
        before=_numbers(ends[0], measures),
        after=_numbers(ends[1], measures),
        total={m: difference(ends[1][i], ends[0][i]) for i, m in enumerate(MEASURES) if m in measures},
        shares=tuple(sorted(shares, key=_weight)),
        residual=_moves(left, measures),
        inputs=differing_inputs([before, after]),
        exact=exact, orders=len(orders), runs=len(bench.known), draws=bench.draws,
        seed=bench.seed,
    )  # fmt: skip


class _Clash(Exception):
    """Some causes make no sense without others."""

    def __init__(self, changed: frozenset, culprit: frozenset):
        self.changed, self.culprit = changed, culprit


class _Bench:
    """Hybrids of two plans, each run once on the same draws; `known` keeps what came out."""

    def __init__(self, before: Plan, after: Plan, draws: int, seed: int, progress):
        self.before, self.after = before, after
        self.draws, self.seed, self.progress = draws, seed, progress
        self.known: dict[frozenset, NDArray] = {}
        self.plans: dict[frozenset, Plan | None] = {}

    def makes_sense(self, changed: frozenset) -> bool:
        """Whether a hybrid is a valid plan."""
        if changed not in self.plans:
            try:
                self.plans[changed] = hybrid(self.before, self.after, changed)
            except InputError:
                self.plans[changed] = None
        return self.plans[changed] is not None

    def of(self, changed: frozenset) -> NDArray:
        """Measures of the hybrid with some causes changed."""
        if changed not in self.known:
            self.makes_sense(changed)
            self.known[changed] = self.measured(self.plans[changed])
            if self.progress:
                self.progress(len(self.known))
        return self.known[changed]

    def measured(self, plan: Plan) -> NDArray:
        """P80 date, P80 cost and odds of both of a plan: over all draws, and over their parts."""
        return measured(plan, self.draws, self.seed, self.before.start, MEASURES)


def _few(found: Sequence[str]) -> list[str]:
    """Causes few enough to be told apart: where they are many, those of one part are one."""
    found = list(found)
    while len(found) > MOST_CAUSES:
        parts = Counter(cause.partition(".")[0] for cause in found)
        part, count = parts.most_common(1)[0]
        if count == 1:
            break
        found = list(dict.fromkeys(part if c.partition(".")[0] == part else c for c in found))
    return found


def _grouped(bench: _Bench, groups: list[frozenset]) -> tuple[list, list, bool]:
    """Groups of causes that make sense in every order that is averaged, and those orders."""
    while True:
        exact = len(groups) <= MOST_EXACT
        orders = list(permutations(groups)) if exact else _some_orders(groups, bench.seed)
        try:
            _check_all(bench, orders)
        except _Clash as clash:
            groups = _merged(bench, groups, clash)
        else:
            return groups, orders, exact


def _some_orders(groups: list[frozenset], seed: int) -> list[tuple]:
    """Some orders and their reverses, keyed by the names of the causes."""
    named = sorted(groups, key=sorted)
    keys = [Stream(seed, f"order.{'+'.join(sorted(g))}", 0).words(_PAIRS) for g in named]
    orders = [
        tuple(named[i] for i in np.argsort(column, kind="stable")) for column in np.array(keys).T
    ]
    return [way for order in orders for way in (order, order[::-1])]


def _check_all(bench: _Bench, orders: Iterable[tuple]) -> None:
    for order in orders:
        changed = frozenset()
        for group in order:
            if not bench.makes_sense(changed | group):
                raise _Clash(changed, group)
            changed |= group


def _merged(bench: _Bench, groups: list[frozenset], clash: _Clash) -> list[frozenset]:
    """Merge a cause with the fewest others that let it make sense; all together always do."""
    here = clash.changed | clash.culprit
    others = [group for group in groups if not group <= here]
    if not bench.makes_sense(here.union(*others)):
        raise InputError(_faults(bench, here.union(*others)))
    for group in list(others):
        fewer = [other for other in others if other != group]
        if bench.makes_sense(here.union(*fewer)):
            others = fewer
    merged = clash.culprit.union(*others)
    return [merged, *(group for group in groups if not group <= merged)]


def _faults(bench: _Bench, changed: frozenset) -> list:
    """What is wrong with a hybrid."""
    try:
        hybrid(bench.before, bench.after, changed)
    except InputError as error:
        return error.faults
    return []


def _common(before: Plan, after: Plan) -> set[str]:
    """Measures that mean the same in both plans: with one milestone, one basis, one target."""
    names = comparable([before, after])
    pairs = zip(MEASURES, ("finish_p80", "cost_p80", "p_both"), strict=True)
    return {measure for measure, criterion in pairs if criterion in names}


def _moves(rows: NDArray, measures: Sequence[str]) -> dict[str, Move]:
    found = {}
    for i, name in enumerate(MEASURES):
        if name in measures:
            value = float(rows[i][0])
            found[name] = Move(value, error_of(rows[i]), 1e-6)
    return found


def _numbers(rows: NDArray, measures: Sequence[str]) -> dict[str, float]:
    return {name: float(rows[i][0]) for i, name in enumerate(MEASURES) if name in measures}


def _weight(row: Share) -> tuple:
    """Greatest effect on the date first, then on the cost."""
    sizes = [abs(row.moves[m].value) if m in row.moves else 0.0 for m in MEASURES]
    return (*(-size if math.isfinite(size) else -math.inf for size in sizes), row.causes)


def as_data(bridge: Bridge) -> Mapping:
    """The bridge as plain values."""

    def plain(moves: Mapping[str, Move]) -> dict:
        return {name: {"value": move.value, "se": move.se} for name, move in moves.items()}

    def named(pair: Bilingual | None) -> dict | None:
        return pair.model_dump() if pair else None

    return {
        "from": bridge.names[0],
        "to": bridge.names[1],
        "before": bridge.before,
        "after": bridge.after,
        "difference": plain(bridge.total),
        "causes": [
            {"causes": list(s.causes), "names": [named(n) for n in s.names], **plain(s.moves)}
            for s in bridge.shares
        ],
        "residual": plain(bridge.residual),
        "differing_inputs": [
            {"path": d.path, "cause": d.cause, "name": named(d.name), "values": list(d.values)}
            for d in bridge.inputs
        ],
        "orders": bridge.orders,
        "exact": bridge.exact,
        "plans_run": bridge.runs,
    }
