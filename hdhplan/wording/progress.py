"""What had happened by the data date, what is missing, and what was learned, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hdhplan.forecast import Forecast
from hdhplan.posterior import Learned
from hdhplan.progress import Progress
from hdhplan.wording.formats import date_long, meur, number, pick, plural


def progress_sentences(forecast: Forecast, day: date, lang: str) -> Iterator[str]:
    """Say the data date, what is done and running, what is missing, spent and learned."""
    at, progress = date_long(day, lang), forecast.progress
    if progress is None:
        yield pick(
            lang,
            f"Au {at} : aucun fait de suivi connu à cette date ; c'est le plan seul.",
            f"As of {at}: no status fact known by then; this is the plan by itself.",
        )
        return
    reported = progress.state.of("tasks")
    done = plural(
        len(progress.done), lang, "tâche finie", "task done", "tâches finies", "tasks done"
    )
    going = len(progress.running.keys() & reported.keys())
    running = pick(lang, f"{going} en cours", f"{going} running")
    lead = pick(lang, f"Au {at} : {done}, {running}.", f"As of {at}: {done}, {running}.")
    if progress.state.illustrative:
        lead += pick(
            lang,
            " Illustratif : ce suivi est inventé, ce n'est pas l'état réel du programme.",
            " Illustrative: this status is made up, it is not the programme's real one.",
        )
    yield lead
    missing = ", ".join(progress.state.missing) or pick(lang, "aucun", "none")
    yield pick(lang, f"Fichiers manquants : {missing}.", f"Missing files: {missing}.")
    if spent := _spent(progress, lang):
        yield spent
    yield from (_learned(found, lang) for found in progress.learned)


def _spent(progress: Progress, lang: str) -> str:
    """Committed and paid by VAT basis, as invoiced."""
    parts = []
    for field, fr, en in (("committed_eur", "engagé", "committed"), ("paid_eur", "payé", "paid")):
        bases: dict[str, float] = {}
        for key, eur in progress.state.spent_eur(field).items():
            vat = key.rpartition(" ")[2]
            bases[vat] = bases.get(vat, 0.0) + eur
        parts += [f"{pick(lang, fr, en)} {meur(eur, lang, vat)}" for vat, eur in bases.items()]
    head = pick(lang, "Factures et commandes connues : ", "Invoices and orders known: ")
    return head + ", ".join(parts) + "." if parts else ""


def _learned(found: Learned, lang: str) -> str:
    """One shared factor before and after, as a ratio to its likely value."""

    def of(which: str) -> str:
        low, middle, high = (number(found.quantile(which, p), lang, 2) for p in (0.1, 0.5, 0.9))
        return pick(lang, f"{middle} ({low} à {high})", f"{middle} ({low} to {high})")

    kind, _, name = found.id.partition(".")
    fr = {
        "routes": f"vitesse de la route {name}, rapportée", "work": f"travail ({name}), rapporté",
    }[kind]  # fmt: skip
    en = {"routes": f"speed of route {name}", "work": f"work ({name})"}[kind]
    seen = plural(len(found.observed), lang, "mesure", "measurement")
    before, after = of("prior"), of("posterior")
    return pick(
        lang,
        f"Appris de {seen} : {fr} au plus probable, P50 (P10 à P90) : {before} avant, {after} après.",
        f"Learned from {seen}: {en} over its likely value, P50 (P10 to P90): {before} before, {after} after.",
    )
