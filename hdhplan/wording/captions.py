"""What is said around each chart: its finding as the title, its measure, its alternative text."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.wording.formats import label, pick
from hdhplan.wording.labels import Caption, Template, french, say
from hdhplan.wording.odds_captions import MORE
from hdhplan.wording.score_captions import SCORED
from hdhplan.wording.spending import SPENDING_CAPTION
from hdhplan.wording.week_captions import WEEKLY

#: Longest alternative text; screen readers read it in one breath.
ALT_LIMIT = 200


CAPTIONS = (
    {
        "joint": Caption(
            (
                Template(
                    lambda f: f.few,
                    "Date et coût de {draws} tirages",
                    "Date and cost of {draws} draws",
                ),
                Template(
                    lambda f: f.p_both is not None,
                    "Tenir la date et le montant : {odds}",
                    "Holding date and amount: {odds}",
                ),
                Template(
                    lambda f: f.p_both is None,
                    "P80 : {day80} et {cost80}",
                    "P80: {day80} and {cost80}",
                ),
            ),
            (
                "Coût ({unit}) et date de « {goal} » ; {shown} tirages sur {draws}",
                "Cost ({unit}) and date of “{goal}”; {shown} of {draws} draws",
            ),
            (
                "Nuage de dates et de coûts. {parts}. P80 : {day80} et {cost80}.",
                "Cloud of dates and costs. {parts}. P80: {day80} and {cost80}.",
            ),
            (
                "Lecture : un point est un tirage, rond s'il tient ce qui est demandé, croix sinon. "
                "Sur la ligne noire, date et montant tiennent ensemble 14 fois sur 20.",
                "How to read: a point is a draw, a circle if it holds what is asked, a cross if not. "
                "On the black line, date and amount hold together 14 times in 20.",
            ),
        ),
        "timeline": Caption(
            (
                Template(
                    lambda f: math.isinf(f.day80),
                    "« {goal} » : pas de date prudente (P80)",
                    "“{goal}”: no prudent date (P80)",
                ),
                Template(
                    lambda f: f.gap is None or f.gap == 0 or abs(f.gap) < 2 * f.error,
                    "« {goal} » : {day80} en date prudente (P80)",
                    "“{goal}”: {day80} as prudent date (P80)",
                ),
                Template(
                    lambda f: f.gap > 0,
                    "« {goal} » : date prudente (P80) {by} après la cible",
                    "“{goal}”: prudent date (P80) {by} after the target",
                ),
                Template(
                    lambda f: f.gap < 0,
                    "« {goal} » : date prudente (P80) {by} avant la cible",
                    "“{goal}”: prudent date (P80) {by} before the target",
                ),
            ),
            (
                "Barre : début à fin, P50. Trait : fin de P10 à P80. Foncé : critique au moins un "
                "tirage sur deux. Triangle : point de passage, P50. Losange : jalon{shut}. "
                "À droite : fin P80",
                "Bar: start to finish, P50. Line: finish from P10 to P80. Dark: critical in at least "
                "one draw in two. Triangle: gate, P50. Diamond: milestone{shut}. Right: P80",
            ),
            (
                "Calendrier. {goal} : P50 {day50}, P80 {day80}. Lignes critiques : {critical}.",
                "Timeline. {goal}: P50 {day50}, P80 {day80}. Critical rows: {critical}.",
            ),
            (
                "Lecture : « {row} » finit le {row50} ou avant une fois sur deux, le {row80} ou avant "
                "huit fois sur dix. La fin d'une phase est celle de sa dernière tâche, nommée.",
                "How to read: “{row}” finishes by {row50} one time in two, by {row80} eight times in "
                "ten. A phase ends with its last task, which is named.",
            ),
        ),
        "waves": Caption(
            (
                Template(
                    lambda f: math.isinf(f.last50),
                    "La dernière bascule n'a pas de date médiane",
                    "The last cutover has no median date",
                ),
                Template(
                    lambda f: f.count == 1,
                    "Une bascule, le {first50} en date médiane",
                    "One cutover, with a median date of {first50}",
                ),
                Template(
                    lambda f: f.count > 1,
                    "Bascules du {first50} au {last50} en dates médianes",
                    "Cutovers from {first50} to {last50} as median dates",
                ),
            ),
            (
                "Fin de la bascule de chaque vague : rond P50, losange P80, trait depuis P10",
                "End of each wave's cutover: circle P50, diamond P80, line from P10",
            ),
            ("Bascules, P50 puis P80. {list}.", "Cutovers, P50 then P80. {list}."),
            (
                "Lecture : « {row} » a basculé le {row50} ou avant une fois sur deux, le {row80} ou "
                "avant huit fois sur dix.",
                "How to read: “{row}” has cut over by {row50} one time in two, by {row80} eight times "
                "in ten.",
            ),
        ),
        "money_by_line": Caption(
            (
                Template(
                    lambda f: f.total > 0,
                    "Le total dépasse l'enveloppe de {total} en P80",
                    "The total exceeds the envelope by {total} at P80",
                ),
                Template(
                    lambda f: f.count > 1,
                    "{count} lignes sur {lines} dépassent leur allocation en P80",
                    "{count} of {lines} lines exceed their allocation at P80",
                ),
                Template(
                    lambda f: f.over > 0,
                    "{Worst} : P80 {over} au-dessus de l'allocation",
                    "{Worst}: P80 {over} above its allocation",
                ),
                Template(
                    lambda f: f.over <= 0 and f.allocated,
                    "Aucune ligne ne dépasse son allocation en P80",
                    "No line exceeds its allocation at P80",
                ),
                Template(
                    lambda f: not f.allocated,
                    "Première dépense : {top}, {top80} en P80",
                    "Largest cost: {top}, {top80} at P80",
                ),
            ),
            (
                "Coût par ligne jusqu'à la clôture ({unit}) : barre P50, losange P80, rond plan "
                "probable, trait épais allocation",
                "Cost by line until closing ({unit}): bar P50, diamond P80, circle likely plan, "
                "thick stroke allocation",
            ),
            ("Barres, P50 puis P80. {list}.", "Bars, P50 then P80. {list}."),
            (
                "Lecture : {row} coûte au plus {row50} une fois sur deux, {row80} huit fois sur dix. "
                "Les P80 des lignes ne s'additionnent pas.",
                "How to read: {row} costs at most {row50} one time in two, {row80} eight times in ten. "
                "P80s of lines do not add up.",
            ),
        ),
        "money_by_year": Caption(
            (
                Template(
                    lambda f: f.over is not None,
                    "En P80, les engagements dépassent l'enveloppe dès {when}, de {excess}",
                    "At P80 commitments exceed the envelope from {when} on, by {excess}",
                ),
                Template(
                    lambda f: f.over is None,
                    "{year}, l'année la plus lourde en P80 : {ae80} à engager, {cp80} à payer",
                    "{year}, the heaviest year at P80: {ae80} to commit, {cp80} to pay",
                ),
            ),
            (
                "Cumul depuis le début, dans l'enveloppe ({unit}) : AE en marches, CP en éventail. Sous "
                "l'axe : l'exercice seul, P50 et P80",
                "Total since the start, in the envelope ({unit}): AE as steps, CP as a fan. Below the "
                "axis: the year by itself, P50 and P80",
            ),
            (
                "AE (marches) et CP (éventail) cumulés, P80. {list}.",
                "Cumulated AE (steps) and CP (fan), P80. {list}.",
            ),
            (
                "Lecture : fin {year}, au plus {sum_ae80} sont engagés huit fois sur dix, et "
                "{sum_cp80} payés. Entre deux fins d'exercice, les paiements sont tracés tout droit.",
                "How to read: by the end of {year}, at most {sum_ae80} are committed eight times in "
                "ten, and {sum_cp80} paid. Between two year-ends payments are drawn straight.",
            ),
        ),
        "drivers": Caption(
            (
                Template(
                    lambda f: f.count == 0,
                    "Aucun facteur ne déplace la date prudente (P80) de façon significative",
                    "No driver moves the prudent date (P80) significantly",
                ),
                Template(
                    lambda f: f.days > 0,
                    "{top} : {days} de retard sur la date prudente (P80)",
                    "{top}: {days} of delay on the prudent date (P80)",
                ),
                Template(
                    lambda f: f.days < 0,
                    "{top} : {days} d'avance sur la date prudente (P80)",
                    "{top}: {days} gained on the prudent date (P80)",
                ),
            ),
            (
                "Effet sur la date P80 de « {goal} », en jours : P80 avec le facteur moins P80 "
                "sans lui. Entre parenthèses : survenue, valeurs basse / probable / haute, levier",
                "Effect on the P80 date of “{goal}”, in days: P80 with the driver minus P80 without it. "
                "In brackets: how often, low / likely / high values, lever",
            ),
            (
                "Effet des facteurs sur la date P80. {list}.",
                "Effect of drivers on the P80 date. {list}.",
            ),
            (
                "Lecture : sans « {row} », la date P80 bougerait de {row_days}. Levier : nous "
                "pouvons agir dessus.",
                "How to read: without “{row}”, the P80 date would move by {row_days}. Lever: we can "
                "act on it.",
            ),
        ),
        "exposure": Caption(
            (
                Template(
                    lambda f: math.isinf(f.gone50),
                    "{left} encore lisibles sous droit extra-européen au bout de la période, en P50",
                    "{left} still readable under extra-European law at the end of the period, at P50",
                ),
                Template(
                    lambda f: math.isinf(f.gone80),
                    "Plus rien de lisible en {gone50} (P50), mais sans date prudente (P80)",
                    "Nothing left to read by {gone50} (P50), but without a prudent date (P80)",
                ),
                Template(
                    lambda f: math.isfinite(f.gone80),
                    "Plus rien de lisible sous droit extra-européen : {gone50} (P50), {gone80} (P80)",
                    "Nothing left to read under extra-European law: {gone50} (P50), {gone80} (P80)",
                ),
            ),
            (
                "Volume lisible à la source ({unit}) : trait plein plan probable, tirets P50, bande "
                "P10 à P80",
                "Volume readable at the source ({unit}): solid line likely plan, dashes P50, band P10 "
                "to P80",
            ),
            (
                "Courbe du volume lisible : {start} au départ, en P50 ; {end}.",
                "Curve of the readable volume: {start} at the start, at P50; {end}.",
            ),
            (
                "Lecture : la copie ne réduit pas l'exposition, seul l'effacement à la source le fait.",
                "How to read: copying does not reduce exposure, only erasing at the source does.",
            ),
        ),
    }
    | MORE
    | SCORED
    | WEEKLY
    | SPENDING_CAPTION
)


def captions(key: str, f: SimpleNamespace, lang: str, words: dict[str, str]) -> dict[str, str]:
    """Write the title, subtitle, alternative text and reading line of a chart."""
    caption = CAPTIONS[key]
    found = {"title": say(caption.titles, f, lang, **words)}
    for name in ("subtitle", "alt", "lecture"):
        pair = getattr(caption, name)
        found[name] = pick(lang, french(pair[0]), pair[1]).format(**words)
    return found | {"alt": label(found["alt"], ALT_LIMIT)}
