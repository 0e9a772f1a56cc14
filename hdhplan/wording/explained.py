"""Guarded sentences on uncertainty: what explains it, and how the plan looks without its outside view."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.forecast import Forecast
from hdhplan.paired import Move
from hdhplan.ranks import Explained, RankEffect, sum_of_shares
from hdhplan.sensitivity import OutsideView, Study
from hdhplan.wording.formats import (
    FEW_DRAWS,
    meur,
    out_of_20,
    percent,
    pick,
    share,
    span,
    twentieths,
)
from hdhplan.wording.labels import Template, say
from hdhplan.wording.sentences import WEEK, check_label

#: A share is said to the percent while its standard error is below one; a smaller one not at all.
_PERCENT = 0.01

ALONE = (
    Template(
        lambda f: f.date is None and f.cost is None,
        "Aucune incertitude n'explique à elle seule la date ou le coût.",
        "No uncertainty explains the date or the cost by itself.",
    ),
    Template(
        lambda f: f.date == f.cost,
        "Une même incertitude explique le plus la date ({date_share} de sa variance, en rangs) et "
        "le coût ({cost_share}) : « {date} ».",
        "The same uncertainty explains the date most ({date_share} of its variance, in ranks) and "
        "the cost ({cost_share}): “{date}”.",
    ),
    Template(
        lambda f: f.cost is None,
        "Ce qui explique le plus la date : « {date} » ({date_share} de sa variance, en rangs).",
        "What explains the date most: “{date}” ({date_share} of its variance, in ranks).",
    ),
    Template(
        lambda f: f.date is None,
        "Ce qui explique le plus le coût : « {cost} » ({cost_share} de sa variance, en rangs).",
        "What explains the cost most: “{cost}” ({cost_share} of its variance, in ranks).",
    ),
    Template(
        lambda f: f.date != f.cost,
        "Ce qui explique le plus la date : « {date} » ({date_share} de sa variance, en rangs) ; le "
        "coût : « {cost} » ({cost_share}).",
        "What explains the date most: “{date}” ({date_share} of its variance, in ranks); the cost: "
        "“{cost}” ({cost_share}).",
    ),
)


def alone_sentence(study: Study, lang: str) -> str:
    """Say which input explains the date most by itself, and which the cost."""
    f, words = SimpleNamespace(), {}
    for outcome, quantity in (("date", "finish"), ("cost", "cost")):
        first = _most(study, quantity)
        setattr(f, outcome, first and first.path)
        words[outcome] = check_label(first, lang) if first else ""
        words[f"{outcome}_share"] = _share(getattr(first, quantity), lang) if first else ""
    return say(ALONE, f, lang, **words)


def _most(study: Study, quantity: str) -> RankEffect | None:
    """The input that explains a quantity most; None if all are small or lost in the error."""
    # The largest of many shares over few draws is most often chance.
    enough = study.draws >= FEW_DRAWS
    found = [e for e in study.inputs if enough and getattr(e, quantity).clear]
    first = max(found, key=lambda e: getattr(e, quantity).share, default=None)
    return first if first and getattr(first, quantity).share >= _PERCENT else None


def _share(alone: Explained, lang: str) -> str:
    """A share as its error supports it: 27 %, about 30 %."""
    if alone.share_se <= _PERCENT:
        return share(alone.share, lang)
    tenth = percent(max(round(alone.share, 1), 0.1), lang)
    return pick(lang, f"environ {tenth}", f"about {tenth}")


SUMS = (
    Template(lambda f: f.date is None and f.cost is None, "", ""),
    Template(
        lambda f: f.cost is None,
        "Une à une, les incertitudes expliquent {date} de la variance de la date.",
        "One by one, the uncertainties explain {date} of the variance of the date.",
    ),
    Template(
        lambda f: f.date is None,
        "Une à une, les incertitudes expliquent {cost} de la variance du coût.",
        "One by one, the uncertainties explain {cost} of the variance of the cost.",
    ),
    Template(
        lambda f: f.date is not None and f.cost is not None,
        "Une à une, les incertitudes expliquent {date} de la variance de la date et {cost} de celle "
        "du coût.",
        "One by one, the uncertainties explain {date} of the variance of the date and {cost} of "
        "that of the cost.",
    ),
)
REST = (
    Template(lambda f: f.rest is False, "", ""),
    Template(
        lambda f: f.rest is not False,
        "Le reste vient de leurs interactions.",
        "The rest comes from their interactions.",
    ),
)


def sums_sentence(study: Study, lang: str) -> str:
    """Say how much of date and cost the inputs explain one by one; empty where nothing varies."""
    f, words = SimpleNamespace(rest=False), {}
    for outcome, quantity in (("date", "finish"), ("cost", "cost")):
        total, error = sum_of_shares([getattr(e, quantity) for e in study.inputs])
        alone = Explained(math.nan, math.nan, min(total, 1.0), error)
        setattr(f, outcome, total if alone.clear else None)
        words[outcome] = _share(alone, lang) if alone.clear else ""
        f.rest |= alone.clear and total < 1 - max(2 * error, _PERCENT)
    return " ".join(filter(None, (say(part, f, lang, **words) for part in (SUMS, REST))))


_FR = "Sans le regard extérieur, le plan semblerait {moves} (P80)"
_EN = "Without the outside view the plan would look {moves} (P80)"
_FR_ODDS, _EN_ODDS = (
    ", avec {odds} de tenir au lieu de {now}",
    ", with {odds} of holding instead of {now}",
)
OUTSIDE = (
    Template(lambda f: f.drivers == 0, "", ""),
    Template(
        lambda f: f.moves == 0 and not f.odds and not f.known,
        "Ce que le plan serait sans le regard extérieur ne peut se dire : trop peu de tirages, ou "
        "trop qui ne finissent jamais.",
        "What the plan would be without the outside view cannot be said: too few draws, or too many "
        "that never end.",
    ),
    Template(
        lambda f: f.moves == 0 and not f.odds and f.known,
        "Sans le regard extérieur, date et coût prudents (P80) seraient les mêmes, à l'erreur près.",
        "Without the outside view, prudent date and cost (P80) would be the same, within the error.",
    ),
    Template(
        lambda f: f.moves == 0 and f.odds,
        "Sans le regard extérieur, le plan aurait {odds} de tenir au lieu de {now}.",
        "Without the outside view the plan would have {odds} of holding instead of {now}.",
    ),
    Template(
        lambda f: f.rosy and f.odds,
        f"{_FR}{_FR_ODDS} : c'est de l'optimisme, pas un levier.",
        f"{_EN}{_EN_ODDS}: that is optimism, not a lever.",
    ),
    Template(
        lambda f: f.rosy and not f.odds,
        f"{_FR} : c'est de l'optimisme, pas un levier.",
        f"{_EN}: that is optimism, not a lever.",
    ),
    Template(lambda f: not f.rosy and f.odds, f"{_FR}{_FR_ODDS}.", f"{_EN}{_EN_ODDS}."),
    Template(lambda f: not f.rosy and not f.odds, f"{_FR}.", f"{_EN}."),
)


def outside_view_sentence(forecast: Forecast, study: Study, lang: str) -> str:
    """Say how the plan would look without its outside view; empty where it has none.

    Nothing is said of a change within two standard errors.
    """
    view, f = study.outside_view, SimpleNamespace(drivers=0)
    if view is None:
        return say(OUTSIDE, f, lang)
    before, after = _held(view.on), _held(view.off)
    changed = view.odds is not None and view.odds.clear
    better = [m.value > 0 for m in (view.finish, view.cost) if m.clear]
    better += [view.odds.value < 0] if changed else []
    moves = _moves(forecast, view, lang)
    f.drivers, f.moves, f.rosy = len(view.drivers), len(moves), all(better)
    f.known = all(math.isfinite(m.se) for m in (view.finish, view.cost))
    f.odds = changed and twentieths(before) != twentieths(after)
    words = {"moves": pick(lang, " et ", " and ").join(moves), "odds": "", "now": ""}
    if f.odds:
        words |= {"odds": out_of_20(after, lang), "now": out_of_20(before, lang)}
    return say(OUTSIDE, f, lang, **words)


def _held(side: dict) -> float:
    """Odds of all that is asked."""
    odds = side["odds"]
    return next((odds[name] for name in ("both", "budget", "date") if name in odds), math.nan)


def _moves(forecast: Forecast, view: OutsideView, lang: str) -> list[str]:
    """How much earlier and cheaper the plan would look, as far as that is clear."""
    target = forecast.plan.target
    found = []
    if view.finish.clear:
        early = view.finish.value > 0
        how = ("plus tôt", "earlier") if early else ("plus tard", "later")
        days = _days(view.finish, lang)
        found.append(pick(lang, f"finir {days} {how[0]}", f"{days} {how[1]}"))
    if view.cost.clear and math.isfinite(view.cost.value):
        cheap = view.cost.value > 0
        how = ("de moins", "cheaper") if cheap else ("de plus", "dearer")
        money = meur(abs(view.cost.value), lang, target.vat if target else None, view.cost.se)
        found.append(pick(lang, f"coûter {money} {how[0]}", f"{money} {how[1]}"))
    return found


def _days(move: Move, lang: str) -> str:
    if math.isinf(move.value):
        return pick(lang, "un temps infini", "an infinite time")
    return span(move.value, move.se if move.se > WEEK else 0.0, lang)
