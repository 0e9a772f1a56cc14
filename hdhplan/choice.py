"""Which scenario to choose, what it gives up, and which assumption would change that."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from hdhplan.basis import ODDS
from hdhplan.comparison import Comparison, better, statistic_of
from hdhplan.information import Worth, worth_of_knowing
from hdhplan.paired import error_of, in_parts
from hdhplan.robustness import (
    MOST_INFLUENTIAL,
    Assumption,
    Flip,
    Regret,
    assumptions,
    flips,
    least_regret,
    regrets,
    shared_inputs,
)

#: Between scenarios that the first criterion does not part, these decide in turn.
_NEXT = (
    "p_both", "p_date", "p_budget", "p_continuity", "finish_p80", "cost_p80", "exposure_p80",
    "project_days_p80", "tools_p80",
)  # fmt: skip
#: Inputs that are worth knowing and handed over, those of the most worth.
MOST_WORTH = 20


@dataclass(frozen=True)
class Loss:
    """What a scenario gives up at a criterion to the one that is best at it."""

    criterion: str
    to: str
    own: float
    theirs: float


@dataclass(frozen=True)
class Lever:
    """What a week of the P80 date costs by a scenario, against the reference; below 0 it saves.

    ``se`` holds the standard errors of the three, by name.
    """

    scenario: str
    weeks: float
    cost_eur: float
    eur_per_week: float
    se: dict[str, float]

    @property
    def dearer(self) -> bool | None:
        """Whether it costs more than the reference; None where that is within two errors."""
        clear = abs(self.cost_eur) > 2 * self.se["cost_eur"]
        return self.cost_eur > 0 if clear else None


@dataclass(frozen=True)
class Choice:
    """The scenario to choose, or why none: ``targets`` differ, only ``one`` is a decision, they
    ``never`` end, all are the ``same``, or each is ``beaten``.

    ``criterion`` is what is chosen by; ``rival`` is the best of the others and ``decided_by`` what
    parted it from the choice, empty where nothing did. ``unbeaten``: it is beaten at nothing.
    ``flips`` are the ends of the assumptions at which another wins alone, ``regrets`` what each
    scenario loses at worst, ``worths`` what it is worth to know each input that all share,
    ``levers`` the scenarios that gain time on the reference, the cheapest week first.
    """

    scenario: str | None
    why_not: str
    criterion: str
    decided_by: str
    rival: str | None
    unbeaten: bool
    losses: tuple[Loss, ...]
    assumptions: tuple[Assumption, ...]
    flips: tuple[Flip, ...]
    regrets: tuple[Regret, ...]
    worths: tuple[Worth, ...]
    levers: tuple[Lever, ...]

    @property
    def lever(self) -> Lever | None:
        """The cheapest way to gain time on the reference."""
        return self.levers[0] if self.levers else None

    @property
    def least_regret(self) -> tuple[str, ...]:
        """Scenarios whose worst regret is the least."""
        return tuple(least_regret(self.regrets))

    @property
    def kept(self) -> tuple[int, int]:
        """At how many of the ends tried nobody beats the chosen scenario, and how many there are."""
        ends = [end for a in self.assumptions for end in (a.low, a.high)]
        return sum(self.scenario in end.winners for end in ends), len(ends)

    @property
    def worth_knowing(self) -> tuple[Worth, ...]:
        """Inputs worth more than two standard errors, the most first."""
        return tuple(worth for worth in self.worths if worth.clear)


def choose(comparison: Comparison) -> Choice:
    """Choose among the decisions compared, by the odds of both; never one that is beaten throughout."""
    names, criterion = comparison.names, _criterion(comparison)
    pick, out, why_not = _pick(comparison, criterion)
    rival = _rival(comparison, criterion, pick)
    losses = tuple(_losses(comparison, pick)) if pick is not None else ()
    return Choice(
        scenario=None if pick is None else names[pick],
        why_not=why_not,
        criterion=criterion,
        decided_by=out.get(rival, ""),
        rival=None if rival is None else names[rival],
        unbeaten=not losses,
        losses=losses,
        **_robustness(comparison, criterion, pick),
        levers=tuple(_levers(comparison)),
    )


def _rival(comparison: Comparison, criterion: str, pick: int | None) -> int | None:
    """The best of the others; one that never ends where all of them do so."""
    others = [i for i in _eligible(comparison) if i != pick] if criterion else []
    leaders = comparison.leaders(criterion, others) if others else []
    sign = -1 if criterion.startswith("p_") else 1
    among = leaders or others
    return min(among, key=lambda i: sign * comparison.score(i, criterion), default=None)


def _robustness(comparison: Comparison, criterion: str, pick: int | None) -> dict[str, tuple]:
    """What would change the choice, what it can cost, and what is worth knowing before it."""
    among = _contenders(comparison) if criterion else []
    if not among:
        return dict.fromkeys(("assumptions", "flips", "regrets", "worths"), ())
    inputs = shared_inputs(comparison, among)
    worths = worth_of_knowing(comparison, criterion, among, inputs)
    first = [worth.path for worth in worths if worth.clear][:MOST_INFLUENTIAL]
    tried = assumptions(comparison, criterion, among, inputs, first)
    turned = [] if pick is None else flips(comparison, criterion, pick, tried, inputs)
    lost = regrets(comparison, criterion, among, tried) if len(among) > 1 else []
    found = {"assumptions": tried, "flips": turned, "regrets": lost, "worths": worths}
    return {key: tuple(values) for key, values in found.items()}


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


def _pick(comparison: Comparison, criterion: str) -> tuple[int | None, dict, str]:
    """The scenario to choose, the criterion that parted each other from it, else why there is none."""
    if not criterion:
        return None, {}, "targets"
    left = _eligible(comparison)
    if len(left) < 2:
        return None, {}, "one"
    if all(comparison.rows[i].never == 1 for i in left):
        return None, {}, "never"
    out: dict[int, str] = {}
    for name in (criterion, *_NEXT):
        if name in comparison.comparable and len(left) > 1:
            kept = comparison.leaders(name, left)
            out |= {i: name for i in left if i not in kept}
            left = kept
    if not out:
        return None, {}, "same"
    pick = left[0]
    if comparison.names[pick] in comparison.dominated or beaten_throughout(comparison, pick):
        return None, {}, "beaten"
    return pick, out, ""


def beaten_throughout(comparison: Comparison, pick: int) -> bool:
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
        if criterion == _criterion(comparison) or not ahead:
            continue
        leaders = comparison.leaders(criterion, ahead)
        if leaders:
            scores = [comparison.score(i, criterion) for i in (pick, leaders[0])]
            yield Loss(criterion, comparison.names[leaders[0]], *scores)


def _levers(comparison: Comparison) -> list[Lever]:
    """Ways to gain time on the reference beyond error, in EUR of P80 for a week of P80."""
    if not {"finish_p80", "cost_p80"} <= set(comparison.comparable):
        return []
    found = [_lever(comparison, i) for i in _eligible(comparison) if i and _sooner(comparison, i)]
    return sorted(found, key=lambda lever: lever.eur_per_week)


def _sooner(comparison: Comparison, i: int) -> bool:
    days = comparison.move(i, 0, "finish_p80")
    return better(days, "finish_p80") and math.isfinite(days.value)


def _lever(comparison: Comparison, i: int) -> Lever:
    """What a scenario gains and costs; the error of their quotient from the parts of the draws."""

    def moves(criterion: str) -> Any:
        own, reference = (
            in_parts(comparison.series(j, criterion), statistic_of(criterion)) for j in (i, 0)
        )
        return own - reference

    weeks, cost = -moves("finish_p80") / 7, moves("cost_p80")
    price = float(cost[0] / weeks[0])
    errors = map(error_of, (weeks, cost, (cost - price * weeks) / weeks[0]))
    se = dict(zip(("weeks", "cost_eur", "eur_per_week"), errors, strict=True))
    return Lever(comparison.names[i], float(weeks[0]), float(cost[0]), price, se)


def as_data(choice: Choice) -> dict[str, Any]:
    """A choice as plain values."""
    found = asdict(choice)
    for own, row in zip(choice.assumptions, found["assumptions"], strict=True):
        row["name"] = own.name.model_dump() if own.name else None
    kept, ends = choice.kept
    return found | {
        "flips": [
            {"path": flip.assumption.path, "end": "low" if flip.low else "high",
             "winners": flip.end.winners, "crossover": flip.crossover, "se": flip.error}
            for flip in choice.flips
        ],
        "kept": {"ends": kept if choice.scenario else None, "of": ends},
        "least_regret": choice.least_regret,
        "lever": asdict(choice.lever) if choice.lever else None,
        "worths": [_worth(worth) for worth in choice.worths[:MOST_WORTH]],
        "inputs_tried": len(choice.worths),
    }  # fmt: skip


def _worth(worth: Worth) -> dict[str, Any]:
    """What knowing an input is worth, and what the plan holds of it."""
    check = worth.check
    return {
        "path": check.path, "value": worth.value, "se": worth.se, "clear": worth.clear,
        "grade": check.grade, "ask": check.ask.model_dump() if check.ask else None,
        "source": check.source, "low": check.low, "likely": check.likely, "high": check.high,
        "unit": check.unit,
    }  # fmt: skip
