"""Sentences and captions of spending as of a date: committed, paid, to go."""

from __future__ import annotations

from types import SimpleNamespace

from hdhplan.forecast import Forecast
from hdhplan.spending import LineSpending, spending
from hdhplan.wording.formats import FEW_DRAWS, date_long, meur, percent
from hdhplan.wording.labels import Caption, Template, say

SPENT = (
    Template(lambda f: not f.known, "", ""),
    Template(
        lambda f: not f.invoices,
        "Aucune commande ni facture connue : le coût est entièrement prévu.",
        "No order or invoice known: the cost is all forecast.",
    ),
    Template(
        lambda f: not f.ends,
        "Engagés : {committed} ; payés : {paid}. Le plan n'aboutit dans aucun tirage : ce qui reste "
        "n'est pas chiffrable.",
        "Committed: {committed}; paid: {paid}. The plan ends in no draw: what is left cannot be "
        "computed.",
    ),
    Template(
        lambda f: f.envelope is not None and f.few,
        "Sur {envelope} : {committed} engagés, {paid} payés ({share}) ; trop peu de tirages pour "
        "dire ce qui reste.",
        "Of {envelope}: {committed} committed, {paid} paid ({share}); too few draws to say what is "
        "left.",
    ),
    Template(
        lambda f: f.envelope is None and f.few,
        "{committed} engagés, {paid} payés ; trop peu de tirages pour dire ce qui reste.",
        "{committed} committed, {paid} paid; too few draws to say what is left.",
    ),
    Template(
        lambda f: f.envelope is not None,
        "Sur {envelope} : {committed} engagés, {paid} payés ({share}) ; il reste à payer {left50} "
        "(P50), {left80} (P80).",
        "Of {envelope}: {committed} committed, {paid} paid ({share}); still to pay {left50} (P50), "
        "{left80} (P80).",
    ),
    Template(
        lambda f: f.envelope is None,
        "{committed} engagés, {paid} payés ; il reste à payer {left50} (P50), {left80} (P80).",
        "{committed} committed, {paid} paid; still to pay {left50} (P50), {left80} (P80).",
    ),
)


def spending_sentence(forecast: Forecast, lang: str) -> str:
    """Say what is committed, paid and still to pay, of which envelope; empty as of no date."""
    found = spending(forecast)
    f = SimpleNamespace(known=_costs(found), few=forecast.draws < FEW_DRAWS)
    if not f.known:
        return say(SPENT, f, lang)
    total, vat = found[-1], forecast.plan.target.vat if forecast.plan.target else None
    f.invoices, f.ends = bool(total.committed or total.paid), total.whole.share_never < 1
    f.envelope = forecast.plan.envelope_eur
    words = {"committed": meur(total.committed, lang, vat), "paid": meur(total.paid, lang, vat)}
    if f.envelope:
        words |= {"envelope": meur(f.envelope, lang, vat)}
        words |= {"share": percent(total.paid / f.envelope, lang)}
    for name in ("p50", "p80"):
        error = total.to_pay.se[name]
        words[f"left{name[1:]}"] = meur(getattr(total.to_pay, name), lang, vat, error)
    return say(SPENT, f, lang, **words)


def _costs(found: tuple[LineSpending, ...]) -> bool:
    """Whether there is any money to tell of: a plan may cost nothing and be given nothing."""
    return any(line.allocated or line.committed or line.whole.odds for line in found)


def since_sentence(forecast: Forecast, lang: str) -> str:
    """Say up to when the payments go, and for which lines none is known; empty where nothing is paid."""
    lines = spending(forecast)[:-1]
    days = [line.paid_until for line in lines if line.paid_until]
    f = SimpleNamespace(paid=bool(days), some=len(days) < len(lines))
    return say(SINCE, f, lang, day=date_long(max(days, default=None), lang))


SINCE = (
    Template(lambda f: not f.paid, "", ""),
    Template(
        lambda f: f.some,
        "Payé : ce qui est facturé, jusqu'au {day} ; ensuite, et sur les lignes sans paiement, "
        "c'est la prévision.",
        "Paid: what is invoiced, up to {day}; after that, and on lines without payments, it is the "
        "forecast.",
    ),
    Template(
        lambda f: not f.some,
        "Payé : ce qui est facturé, jusqu'au {day} ; ensuite, c'est la prévision.",
        "Paid: what is invoiced, up to {day}; after that it is the forecast.",
    ),
)

SPENDING_CAPTION = {
    "spending": Caption(
        (
            Template(
                lambda f: f.limit is None,
                "{committed} engagés et {paid} payés au {day} ; en tout {whole80} (P80)",
                "{committed} committed and {paid} paid by {day}; {whole80} in all (P80)",
            ),
            Template(
                lambda f: f.limit is not None and f.close,
                "{paid} payés au {day} ; en P80, le total est au niveau de l'enveloppe",
                "{paid} paid by {day}; at P80 the total is level with the envelope",
            ),
            Template(
                lambda f: f.limit is not None and f.over > 0,
                "{paid} payés au {day} ; en P80, le total dépasse l'enveloppe de {gap}",
                "{paid} paid by {day}; at P80 the total exceeds the envelope by {gap}",
            ),
            Template(
                lambda f: f.limit is not None and f.over <= 0,
                "{paid} payés au {day} ; en P80, le total laisse {gap} sous l'enveloppe",
                "{paid} paid by {day}; at P80 the total leaves {gap} below the envelope",
            ),
        ),
        (
            "Cumul dans l'enveloppe ({unit}) : engagé (AE) et payé (CP) ; à venir en tirets (P50)",
            "Total in the envelope ({unit}): committed (AE) and paid (CP); to come dashed (P50)",
        ),
        (
            "Au {day}, {committed} engagés, {paid} payés. Total : {whole50} (P50), {whole80} (P80).",
            "By {day}, {committed} committed, {paid} paid. Total: {whole50} (P50), {whole80} (P80).",
        ),
        (
            "Lecture : à la clôture de {year}, {ae50} sont engagés une fois sur deux au plus, et "
            "{cp50} payés. Entre deux clôtures, les lignes sont tracées tout droit.",
            "How to read: at the closing of {year}, at most {ae50} are committed one time in two, and "
            "{cp50} paid. Between two closings lines are drawn straight.",
        ),
    ),
}
