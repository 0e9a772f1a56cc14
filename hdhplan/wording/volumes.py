"""Sentences of volumes: what there is, what need not move, what another reading would change."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.loads import Loads
from hdhplan.paired import Move
from hdhplan.volume_readings import Reading, Readings
from hdhplan.wording.formats import NBSP, label, meur, pick, span, volume
from hdhplan.wording.labels import Template, capital, say
from hdhplan.wording.sentences import WEEK

#: How the volume of a scenario is called when nothing else is taken of it.
READINGS = {
    "base": ("presse", "press"),
    "evidence": ("preuves", "evidence"),
    "stress": ("épreuve", "stress test"),
}


def reading_label(reading: Reading, lang: str) -> str:
    """Name of a reading of the volume, or of its scenario."""
    return pick(lang, *READINGS.get(reading.name, (label(reading.name),) * 2))


def earlier(move: Move, lang: str) -> str:
    """What becomes of a date: brought forward, put back, unchanged within two errors, or never."""
    if math.isnan(move.value):
        return pick(lang, "toujours jamais atteinte", "still never reached")
    if math.isinf(move.value):
        return pick(lang, *(("perdue", "lost") if move.value > 0 else ("atteinte", "reached")))
    if not move.clear:
        return pick(lang, "inchangée aux erreurs près", "unchanged within error")
    length = span(move.value, move.se if move.se > WEEK else 0.0, lang)
    early = move.value < 0
    return pick(
        lang,
        f"{'avancée' if early else 'retardée'} de {length}",
        f"{length} {'earlier' if early else 'later'}",
    )


def cheaper(move: Move, lang: str, vat: str | None) -> str:
    """What becomes of an amount: less, more, unchanged within two errors, or not known."""
    if not math.isfinite(move.value):
        return pick(lang, "non chiffrable", "not computable")
    if not move.clear:
        return pick(lang, "inchangé aux erreurs près", "unchanged within error")
    money = meur(abs(move.value), lang, vat, move.se)
    less = move.value < 0
    return pick(
        lang,
        f"{'moindre' if less else 'plus élevé'} de {money}",
        f"{money} {'lower' if less else 'higher'}",
    )


SOURCE = (
    Template(
        lambda f: f.datasets == 0, "Le plan n'a aucune donnée.", "The plan holds no data."
    ),
    Template(
        lambda f: f.readings > 1 and f.own,
        "Sur la source : {source} en médiane dans ce plan, qui lit « {own} » ; de {least} à {most} "
        "selon la lecture.",
        "At the source: {source} at the median in this plan, which reads “{own}”; from {least} to "
        "{most} by the reading.",
    ),
    Template(
        lambda f: f.readings > 1 and not f.own,
        "Sur la source : {source} en médiane dans ce plan ; de {least} à {most} selon la lecture.",
        "At the source: {source} at the median in this plan; from {least} to {most} by the reading.",
    ),
    Template(
        lambda f: f.readings == 1,
        "Sur la source : {source} en médiane ; le plan n'a qu'une lecture du volume.",
        "At the source: {source} at the median; the plan reads its volume one way only.",
    ),
)  # fmt: skip
STAYS = (
    Template(lambda f: f.datasets == 0, "", ""),
    Template(
        lambda f: f.stays == 0,
        "Tout part, soit {moves} en médiane : rien n'est déclaré inutile à déplacer.",
        "All of it moves, {moves} at the median: nothing is declared not worth moving.",
    ),
    Template(
        lambda f: f.stays > 0,
        "À déplacer : {moves} en médiane ; n'ont pas à partir : {kept}, effacés à la source.",
        "To be moved: {moves} at the median; need not move: {kept}, erased at the source.",
    ),
)  # fmt: skip


def volume_sentences(readings: Readings, lang: str) -> list[str]:
    """Say what there is, what need not move, and what each other reading would change."""
    loads = readings.loads
    stays = loads.lot("stays")
    own = next((r for r in readings.each if r.own), None)
    f = SimpleNamespace(
        datasets=len(loads.plan.datasets), readings=len(readings.each), own=own, stays=len(stays)
    )
    sizes = [_at_source(r.loads) for r in readings.each]
    words = {
        "source": _pb(_at_source(loads), lang),
        "least": _pb(min(sizes), lang), "most": _pb(max(sizes), lang),
        "own": reading_label(own, lang) if own else "",
        "moves": _pb(loads.total(loads.lot("moves")).p50, lang),
        "kept": _pb(loads.total(stays).p50, lang),
    }  # fmt: skip
    said = [say(templates, f, lang, **words) for templates in (SOURCE, STAYS)]
    return [*filter(None, said), *(_reads(r, lang) for r in readings.each if not r.own)]


def _at_source(loads: Loads) -> float:
    return loads.total([*loads.lot("moves"), *loads.lot("stays")]).p50


def _pb(tb: float, lang: str) -> str:
    return volume(tb / 1000, lang)


def _reads(reading: Reading, lang: str) -> str:
    target = reading.forecast.plan.target
    moved = earlier(reading.finish, lang)
    money = cheaper(reading.cost, lang, target.vat if target else None)
    name = capital(reading_label(reading, lang))
    return pick(
        lang,
        f"Lecture «{NBSP}{name}{NBSP}»{NBSP}: date prudente (P80) {moved}, coût prudent {money}.",
        f"Reading “{name}”: prudent date (P80) {moved}, prudent cost {money}.",
    )
