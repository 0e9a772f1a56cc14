"""Which scenario to choose, what it gives up, and which assumption would change that."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdhplan.basis import CRITERIA, ODDS
from hdhplan.comparison import Comparison, better, statistic_of
from hdhplan.inputs import columns, gather
from hdhplan.network import expand
from hdhplan.paired import difference, in_parts
from hdhplan.quantities import Bilingual
from hdhplan.uncertainty import SUPER_BLOCK

#: How many assumptions are tried, and the share of the draws at each of their ends.
MOST_INFLUENTIAL, END = 5, 0.2
#: Between scenarios that the first criterion does not part, these decide in turn.
_NEXT = ("p_date", "p_budget", "finish_p80", "cost_p80", "exposure_p80", "project_days_p80")
#: Standard deviation of a straight line, by the difference between its outer fifths. [1]
_TYPICAL = 0.36
#: Fewer draws at an end than this say nothing.
_FEWEST = 50


@dataclass(frozen=True)
class Loss:
    """What a scenario gives up at a criterion to the one that is best at it."""

    criterion: str
    to: str
    own: float
    theirs: float


@dataclass(frozen=True)
class End:
    """One end of an assumption: the value from which it counts, the scores, and who wins there."""

    value: float | None
    scores: dict[str, float]
    winners: tuple[str, ...]


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
class Lever:
    """What a week of the P80 date costs by a scenario, against the reference; below 0 it saves."""

    scenario: str
    weeks: float
    cost_eur: float
    eur_per_week: float


@dataclass(frozen=True)
class Choice:
    """The scenario to choose, or why none: ``targets`` differ, only ``one`` is a decision, all
    are the ``same``, or each is ``beaten``.

    ``criterion`` is what is chosen by and ``decided_by`` what parted those that it did not part;
    ``rival`` is the best of the others, ``unbeaten`` whether the choice is beaten at nothing.
    """

    scenario: str | None
    why_not: str
    criterion: str
    decided_by: str
    rival: str | None
    unbeaten: bool
    losses: tuple[Loss, ...]
    assumptions: tuple[Assumption, ...]
    lever: Lever | None

    @property
    def flips(self) -> list[tuple[Assumption, End]]:
        """Assumptions, with the end at which another scenario wins alone of the chosen one."""
        if self.scenario is None:
            return []
        ends = [(a, end) for a in self.assumptions for end in (a.low, a.high)]
        return [(a, end) for a, end in ends if end.winners and self.scenario not in end.winners]


def choose(comparison: Comparison) -> Choice:
    """Choose among the decisions compared, by the odds of both; never one that is beaten throughout."""
    names, criterion = comparison.names, _criterion(comparison)
    pick, decided, why_not = _pick(comparison, criterion)
    others = [i for i in _eligible(comparison) if i != pick]
    rival = comparison.leaders(criterion, others)[:1] if criterion and others else []
    losses = tuple(_losses(comparison, pick)) if pick is not None else ()
    return Choice(
        scenario=None if pick is None else names[pick],
        why_not=why_not,
        criterion=criterion,
        decided_by=decided,
        rival=names[rival[0]] if rival else None,
        unbeaten=not losses,
        losses=losses,
        assumptions=tuple(_assumptions(comparison, criterion)) if criterion else (),
        lever=_lever(comparison),
    )


def _criterion(comparison: Comparison) -> str:
    """What to choose by: the odds asked for; the P80 date where nothing is asked for."""
    for name in ODDS:
        if name in comparison.comparable:
            return name
    asked = any(p.target and (p.target.finish or p.target.cost_eur) for p in comparison.plans)
    return "" if asked or "finish_p80" not in comparison.comparable else "finish_p80"


def _eligible(comparison: Comparison) -> list[int]:
    """Decisions whose prices are known."""
    return [i for i in comparison.decisions if not comparison.rows[i].guessed]


def _contenders(comparison: Comparison) -> list[int]:
    """Decisions that can win: those that end in some draw, if any does."""
    eligible = _eligible(comparison)
    return [i for i in eligible if comparison.rows[i].never < 1] or eligible


def _pick(comparison: Comparison, criterion: str) -> tuple[int | None, str, str]:
    """The scenario to choose, the criterion that decided, and else why there is none."""
    if not criterion:
        return None, "", "targets"
    left = _eligible(comparison)
    if len(left) < 2:
        return None, "", "one"
    decided = ""
    for name in (criterion, *_NEXT):
        if name in comparison.comparable and len(left) > 1:
            kept = comparison.leaders(name, left)
            decided, left = (name, kept) if len(kept) < len(left) else (decided, left)
    if not decided:
        return None, "", "same"
    pick = left[0]
    if comparison.names[pick] in comparison.dominated or _beaten(comparison, pick):
        return None, "", "beaten"
    return pick, decided, ""


def _beaten(comparison: Comparison, pick: int) -> bool:
    """Whether somebody is better at every criterion shown."""
    everybody = range(len(comparison.rows))
    return all(
        any(comparison.beats(other, pick, c) for other in everybody)
        for c in comparison.comparable
    )  # fmt: skip


def _losses(comparison: Comparison, pick: int) -> Iterator[Loss]:
    """Criteria at which another decision that ends is better, each with the best there."""
    ends = [i for i in comparison.decisions if i != pick and comparison.rows[i].never < 1]
    for criterion in comparison.comparable:
        ahead = [i for i in ends if comparison.beats(i, pick, criterion)]
        if criterion in ODDS[:1] or not ahead:
            continue
        leaders = comparison.leaders(criterion, ahead)
        if leaders:
            scores = [comparison.score(i, criterion) for i in (pick, leaders[0])]
            yield Loss(criterion, comparison.names[leaders[0]], *scores)


def _assumptions(comparison: Comparison, criterion: str) -> list[Assumption]:
    """The most influential inputs that all scenarios draw, and who wins at their ends."""
    among = _contenders(comparison)
    count = min(comparison.draws, SUPER_BLOCK)
    series = {i: comparison.series(i, criterion)[:count] for i in among}
    found = [
        _assumption(comparison, criterion, series, path, values)
        for path, values in _shared(comparison, count)
    ]
    known = [a for a in found if a is not None and a.influence > 0]
    return sorted(known, key=lambda a: (-a.influence, a.path))[:MOST_INFLUENTIAL]


def _shared(comparison: Comparison, count: int) -> Iterator[tuple[str, NDArray]]:
    """Draws of every input that all contenders draw, as the reference draws it."""
    plans = [comparison.plans[i] for i in dict.fromkeys([0, *_contenders(comparison)])]
    gathered = [gather(plan, expand(plan)) for plan in plans]
    drawn = columns(gathered[0], comparison.seed, count)
    for path in gathered[0].laws:
        if all(path in inputs.laws for inputs in gathered):
            yield path, drawn[path]
    for name in gathered[0].events:
        if all(name in inputs.events for inputs in gathered):
            yield f"drivers.{name}.p", drawn[f"drivers.{name}.p"]


def _assumption(
    comparison: Comparison,
    criterion: str,
    series: Mapping[int, NDArray],
    path: str,
    values: NDArray,
) -> Assumption | None:
    """Who wins at both ends of an input; None where too few draws are there."""
    event = values.dtype == bool
    if event:
        ends = [np.flatnonzero(~values), np.flatnonzero(values)]
    else:
        order, size = np.argsort(values, kind="stable"), int(END * len(values))
        ends = [np.sort(order[:size]), np.sort(order[len(order) - size :])]
    if min(map(len, ends)) < _FEWEST:
        return None
    edges = [None, None] if event else [float(values[ends[0]].max()), float(values[ends[1]].min())]
    low, high = (
        _end(comparison, criterion, {i: v[end] for i, v in series.items()}, edge)
        for end, edge in zip(ends, edges, strict=True)
    )
    with np.errstate(invalid="ignore"):
        moves = [abs(high.scores[name] - low.scores[name]) for name in low.scores]
    finite = [move for move in moves if math.isfinite(move)]
    often = math.sqrt(values.mean() * (1 - values.mean())) if event else _TYPICAL
    influence = often * sum(finite) / max(len(finite), 1)
    quantity = dict(comparison.plans[0].ranges()).get(path)
    thing = getattr(comparison.plans[0], path.split(".")[0], {})
    name = thing.get(path.split(".")[1]) if isinstance(thing, dict) and "." in path else None
    unit = quantity.unit if quantity else ""
    return Assumption(path, getattr(name, "name", None), event, unit, influence, low, high)


def _end(
    comparison: Comparison, criterion: str, series: Mapping[int, NDArray], value: float | None
) -> End:
    """Scores over some draws, and the scenarios that the best of them does not beat."""
    parts = {i: in_parts(v, statistic_of(criterion)) for i, v in series.items()}
    sign = 1 if CRITERIA[criterion][1] else -1
    top = min(parts, key=lambda i: sign * parts[i][0])
    winners = [i for i in parts if not better(difference(parts[top], parts[i]), criterion)]
    names = comparison.names
    scores = {names[i]: float(p[0]) for i, p in parts.items()}
    return End(value, scores, tuple(names[i] for i in winners))


def _lever(comparison: Comparison) -> Lever | None:
    """The cheapest way to gain time on the reference, in EUR of P80 for a week of P80."""
    if not {"finish_p80", "cost_p80"} <= set(comparison.comparable):
        return None
    found = []
    for i in _eligible(comparison):
        days = comparison.move(i, 0, "finish_p80")
        if i and better(days, "finish_p80") and math.isfinite(days.value):
            weeks, cost = -days.value / 7, comparison.move(i, 0, "cost_p80").value
            found.append(Lever(comparison.names[i], weeks, cost, cost / weeks))
    return min(found, key=lambda lever: lever.eur_per_week, default=None)


def as_data(choice: Choice) -> dict[str, Any]:
    """A choice as plain values."""
    found = asdict(choice)
    for own, row in zip(choice.assumptions, found["assumptions"], strict=True):
        row["name"] = own.name.model_dump() if own.name else None
    flips = [
        {"path": a.path, "end": "low" if end is a.low else "high", "winners": end.winners}
        for a, end in choice.flips
    ]
    return found | {"flips": flips}
