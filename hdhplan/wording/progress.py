"""What had happened by the data date, what is missing, and what was learned, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from hdhplan.earned import EarnedPlan, earned_value
from hdhplan.forecast import Forecast
from hdhplan.posterior import Learned
from hdhplan.wording.formats import date_long, meur, number, percent, pick, plural
from hdhplan.wording.spending import since_sentence, spending_sentence

#: From how many times wider on ranges are said to have been widened. [1]
_WORTH_SAYING = 1.1


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
    yield from filter(None, (spending_sentence(forecast, lang), since_sentence(forecast, lang)))
    yield from (_learned(found, lang) for found in progress.learned)
    if progress.work and max(progress.work.widened.values(), default=1.0) >= _WORTH_SAYING:
        yield _widened(progress.work.widened, lang)
    if value := earned_value(forecast.plan):
        yield from _earned(forecast, value, lang)


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


def _widened(times: Mapping[str, float], lang: str) -> str:
    """How much wider the ranges of work to come are than the plan says."""
    most = number(max(times.values()), lang, 1)
    return pick(
        lang,
        "Les tâches finies s'écartent de leurs fourchettes plus que prévu : celles des tâches à venir "
        f"sont élargies, jusqu'à {most} fois.",
        "Finished tasks scatter more than their ranges say: those of tasks to come are widened, "
        f"up to {most} times.",
    )


def _earned(forecast: Forecast, value: EarnedPlan, lang: str) -> Iterator[str]:
    """Earned schedule and where its pace leads; then earned value in money, where any was paid."""
    whole = value.programme
    done, due = percent(value.earned_share, lang), percent(value.planned_share, lang)
    lead = pick(
        lang,
        f"Valeur acquise : {done} du travail planifié pour {due} prévus",
        f"Earned value: {done} of the planned work, {due} planned",
    )
    if whole.ieac_t:
        end, pace = (
            date_long(forecast.date_of(whole.ieac_t), lang), number(whole.spi_t, lang, 2),
        )  # fmt: skip
        lead += pick(
            lang,
            f" ; SPI(t) {pace}, à cette allure fin le {end} (IEAC(t), sans la simulation)",
            f"; SPI(t) {pace}, at that pace the end is {end} (IEAC(t), without the simulation)",
        )
    yield f"{lead}."
    if whole.cpi:
        basis = forecast.plan.target.vat if forecast.plan.target else None
        earned, actual = meur(whole.ev, lang, basis), meur(whole.ac, lang, basis)
        cpi = number(whole.cpi, lang, 2)
        yield pick(
            lang,
            f"Le plan aurait coûté {earned} à ce point ; payé, ou servi depuis et pas encore payé : "
            f"{actual} ; CPI {cpi}.",
            f"The plan would have cost {earned} at this point; paid, or served since and not yet "
            f"paid: {actual}; CPI {cpi}.",
        )
