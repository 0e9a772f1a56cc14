"""Why the odds moved: what each thing that was moved does by itself, and what has no effect."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from hdhplan.explorer_draws import drawn, odds_of
from hdhplan.explorer_odds import Ask
from hdhplan.explorer_state import State
from hdhplan.forecast import Forecast
from hdhplan.levers import BY_KEY, TOGETHER, Lever
from hdhplan.paired import Move, around_p80, difference, held, in_parts, p80_of_ended, share
from hdhplan.wording.formats import number, out_of_20, pick
from hdhplan.wording.labels import Template, french, known, say, task_label

#: Steps that are critical by their place: the last of the path, whatever it is.
_LAST = (".cutover", ".go")


@dataclass(frozen=True)
class Effect:
    """What one thing that was moved does by itself: P80 date [d], P80 cost [EUR], odds of both [1].

    ``key`` is the lever's; ``start`` or empty for what is none.
    """

    key: str
    name: str
    assumed: bool
    finish: Move
    cost: Move
    both: Move


def effects(lines: dict[str, State], draws: int, lang: str) -> tuple[list[Effect], Effect]:
    """What each thing that was moved does by itself, the largest first, and all together."""
    reference, now = lines["reference"], lines["scenario"]
    alone = []
    if now.start != reference.start or now.own:
        name = pick(lang, "point de départ : ", "start: ") + now.start.replace("_", " ")
        begun = replace(reference, start=now.start, own=now.own)
        alone.append(("start", name, now.start == "evidence", begun))
    both = set(TOGETHER) <= dict(now.values).keys()
    for lever, value in now.moved():
        if lever.group != "target" and not (both and lever.key == "frozen"):
            one = reference.having(lever.key, value)
            if both and lever.key in TOGETHER:  # they share a control, and count as one
                one = one.having(TOGETHER[lever.key], now.value(TOGETHER[lever.key]))
            alone.append((lever.key, _told(lever, now, lang), lever.group == "assumption", one))
    found = [_effect(*named, reference, one, draws) for *named, one in alone]
    whole = _effect("", pick(lang, "ensemble", "together"), False, reference, now, draws)
    return sorted(found, key=lambda e: -abs(e.both.value)), whole


def _told(lever: Lever, now: State, lang: str) -> str:
    """A lever with where it stands; and with what shares its control, if that has moved."""
    name = f"{lever.name(lang)}{pick(lang, ' :', ':')} {shown(lever, now.stands(lever.key), lang)}"
    other = BY_KEY.get(TOGETHER.get(lever.key, ""))
    if other is None or now.value(other.key) is None:
        return name
    return f"{name}, {other.name(lang).lower()} {shown(other, now.stands(other.key), lang)}"


def last_move(before: State, now: State, draws: int, lang: str) -> Effect | None:
    """What the last move did where it was made; None if it was not that of one control."""
    if (before.start, before.own) != (now.start, now.own):
        return None
    keys = {key for key, _ in set(before.values) ^ set(now.values)}
    if not keys or (len(keys) > 1 and keys != set(TOGETHER)):
        return None
    lever = BY_KEY[min(keys, key=lambda key: key != "projects")]
    if lever.group == "target":
        return None
    return _effect(
        lever.key, _told(lever, now, lang), lever.group == "assumption", before, now, draws
    )


def hoped(lines: dict[str, State], draws: int, lang: str) -> str:
    """Say how much of the change of the odds was decided, and how much is hoped for; empty for none."""
    if lines["scenario"] == lines["reference"]:
        return ""
    was, hope, now = (
        20 * odds_of(lines[key], draws)["p_both"] for key in ("reference", "assumed", "scenario")
    )
    by_hope, by_decision = _signed(hope - was, lang, 1), _signed(now - hope, lang, 1)
    return pick(
        lang,
        f"Chances sur 20 gagnées ou perdues : {by_decision} par nos décisions, {by_hope} par les "
        "hypothèses (un espoir, pas une décision).",
        f"Chances in 20 won or lost: {by_decision} by our decisions, {by_hope} by the assumptions "
        "(a hope, not a decision).",
    )


def shown(lever: Lever, value: Any, lang: str) -> str:
    """A value of a lever with its unit."""
    if lever.choices:
        return pick(lang, lever.choices[value].fr, lever.choices[value].en)
    if isinstance(value, tuple):
        ends = pick(lang, " à ", " to ").join(_plain(end, lang) for end in (value[0], value[2]))
        middle = pick(lang, "probable", "likely")
        return f"{ends}\u00a0{pick(lang, *lever.unit)} ({middle} {_plain(value[1], lang)})"
    if lang == "en" and lever.unit[1] == "€M":
        return f"€{_plain(value, lang)}M"
    return f"{_plain(value, lang)}\u00a0{pick(lang, *lever.unit)}".strip()


def _plain(value: float, lang: str) -> str:
    """A number with as many digits as it has, at most two."""
    digits = 0 if value == round(value) else 1 if value * 10 == round(value * 10) else 2
    return number(value, lang, digits)


def _effect(key: str, name: str, assumed: bool, before: State, after: State, draws: int) -> Effect:
    ends = [drawn(state, draws) for state in (before, after)]
    moves = []
    for quantity, statistic in (("finish_day", around_p80), ("cost_eur", p80_of_ended)):
        old, new = (in_parts(values[quantity], statistic) for _, values in ends)
        moves.append(difference(new, old))
    old, new = (in_parts(held(plan, values)["p_both"], share) for plan, values in ends)
    return Effect(key, name, assumed, *moves, difference(new, old))


WHY = (
    Template(
        lambda f: f.key == "provision" and not f.finish and not f.cost and not f.both,
        "{name} : aucun effet sur les chances ; la provision est mise de côté, elle ne dépense rien.",
        "{name}: no effect on the odds; the provision is set aside, it spends nothing.",
    ),
    Template(
        lambda f: not f.finish and not f.cost and not f.both,
        "{name} : aucun effet démontré, car {because}.",
        "{name}: no effect shown, because {because}.",
    ),
    Template(
        lambda f: not f.finish and not f.both,
        "{name} : coût prudent {money} ; aucun effet démontré sur la date ni les chances, car {because}.",
        "{name}: prudent cost {money}; no effect shown on date or odds, because {because}.",
    ),
    Template(
        lambda f: not f.finish,
        "{name} : {odds} chances sur 20, coût prudent {money} ; aucun effet démontré sur la date, car "
        "{because}.",
        "{name}: {odds} chances in 20, prudent cost {money}; no effect shown on the date, because "
        "{because}.",
    ),
    Template(
        lambda f: True,
        "{name} : {odds} chances sur 20, date prudente {days}, coût prudent {money}.",
        "{name}: {odds} chances in 20, prudent date {days}, prudent cost {money}.",
    ),
)


def why(effect: Effect, forecast: Forecast, ask: Ask) -> str:
    """Say what an effect is, and why there is none."""
    lang = ask.lang
    f = SimpleNamespace(
        finish=_matters(effect.finish, 0.5),
        cost=_matters(effect.cost, 5_000),
        both=_matters(effect.both, 0.0025),
        key=effect.key,
    )  # fmt: skip
    unit = pick(lang, "j", "d")
    eur = ask.eur(forecast.plan, effect.cost.value) / 1e6
    words = {
        "odds": _signed(20 * effect.both.value, lang, 1) if f.both else "±\u00a00",
        "days": f"{_signed(effect.finish.value, lang)}\u00a0{unit}"
        if f.finish
        else f"±\u00a00\u00a0{unit}",
        "money": _money(eur, lang) if f.cost else "±\u00a00",
    }
    return say(WHY, f, lang, name=effect.name, because=bottleneck(forecast, lang), **words)


def _money(millions: float, lang: str) -> str:
    text = _signed(millions, lang, 2)
    return f"{text}\u00a0M€" if lang == "fr" else f"{text[:1]}€{text[1:]}M"


def _matters(move: Move, least: float) -> bool:
    """Whether a move is shown to be there, and would not be written as nothing."""
    return move.clear and abs(move.value) >= least


def _signed(value: float, lang: str, digits: int = 0) -> str:
    if not math.isfinite(value):
        return pick(lang, "jamais", "never")
    text = number(value, lang, digits)
    return f"+{text}" if value > 0 and text.strip("0,.") else text


def bottleneck(forecast: Forecast, lang: str) -> str:
    """Say what holds the plan up instead: what limits the copies, and what is critical most often."""
    tops = [max(sorted(found), key=found.get) for found in forecast.bottleneck.values() if found]
    limit = Counter(tops).most_common(1)[0][0] if tops else ""
    works = {
        k: v for k, v in forecast.criticality.items()
        if v > 0 and k not in forecast.values and not k.endswith(_LAST)
    }  # fmt: skip
    task = max(sorted(works), key=works.get, default="")
    copies = known(limit, lang) if limit else pick(lang, "rien", "nothing")
    name = task_label(forecast.plan, task, lang) if task else "—"
    n = twenty_draws(works.get(task, 0.0), lang)
    return pick(
        lang,
        french(
            f"le goulot est maintenant « {name} », critique dans {n} ; la copie est limitée par {copies}"
        ),
        f"the bottleneck is now “{name}”, critical in {n}; the copy is limited by {copies}",
    )


def twenty_draws(share_: float, lang: str) -> str:
    """How many draws in 20 something comes in."""
    return out_of_20(share_, lang, "tirage", "draw")
