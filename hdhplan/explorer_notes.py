"""What stands under each control: where the reference is, how sure that is, from whom, and what was asked."""

from __future__ import annotations

from html import escape

from hdhplan.explorer_draws import ready
from hdhplan.explorer_odds import Ask
from hdhplan.explorer_starts import begun
from hdhplan.explorer_state import State
from hdhplan.explorer_why import shown
from hdhplan.figures.drawing import GREY, WORSE
from hdhplan.lever_changes import target_date
from hdhplan.levers import Lever
from hdhplan.wording.formats import date_short, label, number, pick
from hdhplan.wording.labels import french


def said(lever: Lever, value: object, lang: str) -> str:
    """A value of a lever as people read it; a target date as a date."""
    if lever.key == "finish":
        return date_short(target_date(begun("base", ""), value), lang)
    return shown(lever, value, lang)


def note(lever: Lever, state: State, ask: Ask) -> str:
    """Reference, evidence grade and source on demand; the span of what nobody knows; what is closed.

    The script of the page reads from its data where the reference's tick goes, and what the control
    is called.
    """
    lang, plan = ask.lang, begun("base", "")
    value = lever.read(plan)
    tick = said(lever, value, lang)
    data = f'data-name="{escape(_named(lever, lang))}" data-said="{escape(_reference(tick, lang))}"'
    if lever.choices is None and lever.high > lever.low and lever.key != "finish":
        places = [_place(lever, at) for at in (value, *lever.stops)]
        data += f' data-at="{" ".join(f"{place:.2f}" for place in places)}"'
        data += f' data-unit="{escape(pick(lang, *lever.unit))}"'
    first = f"{_short(lang)} {escape(tick)}"
    known = _known(lever, lang)
    grade = f" · {pick(lang, 'preuve', 'evidence')} {known[0]}" if known else ""
    more = f"<details><summary>{first}{grade}</summary>{known[1]}</details>" if known else first
    return f'<div class="hx-ref" {data}>{more}{_more(lever, state, ask)}</div>'


def _named(lever: Lever, lang: str) -> str:
    unit = pick(lang, *lever.unit)
    return f"{lever.name(lang)}, {unit}" if unit and lever.key != "finish" else lever.name(lang)


def _short(lang: str) -> str:
    return pick(lang, "réf.", "ref.")


def _reference(tick: str, lang: str) -> str:
    return f"{pick(lang, 'référence', 'reference')} {tick}"


def _place(lever: Lever, value: float) -> float:
    return 100 * min(max((value - lever.low) / (lever.high - lever.low), 0.0), 1.0)


def _known(lever: Lever, lang: str) -> tuple[str, str] | None:
    """Grade, and source with the range that stands behind a control; None where nothing does."""
    if lever.known is None:
        return None
    known = lever.known(begun("base", ""))
    source = label(known.source, 200) + (f" (fact {known.fact})" if known.fact else "")
    ends = " / ".join(number(v, lang, 0 if v == round(v) else 2)
                      for v in (known.low, known.likely, known.high))  # fmt: skip
    behind = pick(lang, "Ce qui est derrière", "What is behind it")
    return known.grade or "D", french(f"{behind} : {escape(source)} ; {ends} {escape(known.unit)}")


def _more(lever: Lever, state: State, ask: Ask) -> str:
    if lever.span:
        return _span(lever, state, ask)
    if lever.key in ("projects", "frozen"):
        return _shares(state, ask.lang) if lever.key == "frozen" else ""
    return ""


def _span(lever: Lever, state: State, ask: Ask) -> str:
    """Low, likely and high now, over those of the reference; moved, that it is a hope."""
    lang, was = ask.lang, lever.span(begun("base", ""))
    now = lever.span(ready(state).plan) if state.value(lever.key) is not None else was
    text = " / ".join(shown(lever, part, lang).split("\u00a0")[0] for part in now)
    words = pick(lang, "bas / probable / haut\u00a0:", "low / likely / high:")
    moved = ""
    if now != was:
        hope = pick(lang, "déplacée : un espoir, pas une décision", "moved: a hope, not a decision")
        moved = f' · <strong class="hx-hope">{hope}</strong>'
    bars = "".join(
        f'<path d="M{_place(lever, low):.1f} {y}H{max(_place(lever, high), _place(lever, low) + 1):.1f}" '
        f'stroke="{color}" stroke-width="{wide}"{dash}/>'
        f'<path d="M{_place(lever, middle):.1f} {y - 3}v6" stroke="{color}" stroke-width="1.6"/>'
        for (low, middle, high), y, color, wide, dash in (
            (was, 4, GREY, 2, ""), (now, 10, WORSE, 2, ' stroke-dasharray="4 1"'),
        )
    )  # fmt: skip
    unit = escape(pick(lang, *lever.unit))
    return (
        f'<svg class="hx-span" viewBox="-1 0 102 14" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'
        f'<p class="hx-known">{words} {text} {unit}{moved}</p>'
    )


def _shares(state: State, lang: str) -> str:
    """Projects ported, frozen and closed as one bar of a hundred."""
    ported, frozen = state.stands("projects"), state.stands("frozen")
    closed = max(100 - ported - frozen, 0.0)
    names = pick(lang, "portés;gelés;clos", "ported;frozen;closed").split(";")
    parts = list(zip(names, (ported, frozen, closed), strict=True))
    text = " · ".join(f"{name} {number(part, lang)}\u00a0%" for name, part in parts)
    bars = "".join(f'<span class="hx-{kind}" style="width:{part:g}%"></span>'
                   for kind, (_, part) in zip(("ported", "frozen", "closed"), parts, strict=True))  # fmt: skip
    help_ = pick(
        lang,
        "Gelés : arrêtés à la date promise d'ouverture jusqu'à la sortie d'Azure, portés ensuite, hors de ce "
        "plan. Clos : arrêtés et archivés. Les projets critiques sont toujours portés.",
        "Frozen: stopped from the promised opening until Azure is left, ported afterwards, outside this "
        "plan. Closed: ended and archived. Critical projects are always ported.",
    )
    return (
        f'<div class="hx-shares" aria-hidden="true">{bars}</div><p class="hx-known">{text}</p>'
        f'<p class="hx-known">{help_}</p>'
    )
