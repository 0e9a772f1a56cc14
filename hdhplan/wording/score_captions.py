"""What is said around the charts of how good the kept forecasts have been."""

from __future__ import annotations

import math

from hdhplan.wording.labels import Caption, Template

_TOO_FEW = Template(
    lambda f: f.few,
    "{tasks} : trop peu pour juger, il en faut {least}",
    "{tasks}: too few to judge, {least} are needed",
)
SCORED = {
    "coverage": Caption(
        (
            _TOO_FEW,
            Template(
                lambda f: f.off is None,
                "Les dates tiennent aussi souvent qu'annoncé, au hasard près",
                "Dates are kept as often as they claim, luck apart",
            ),
            Template(
                lambda f: f.off < 0,
                "Les dates {level} tiennent moins souvent qu'annoncé : {share} fois sur 20, {given} "
                "annoncées",
                "{level} dates are kept less often than they claim: {share} times in 20, {given} claimed",
            ),
            Template(
                lambda f: f.off > 0,
                "Les dates {level} tiennent plus souvent qu'annoncé : {share} fois sur 20, {given} "
                "annoncées",
                "{level} dates are kept more often than they claim: {share} times in 20, {given} claimed",
            ),
        ),
        (
            "Fois sur 20 où la date échue d'un niveau a tenu : rond dans le hasard, carré hors de "
            "lui, vide si trop peu ; barre : le hasard, 19 fois sur 20 ; trait : annoncé",
            "Times in 20 that a level's date, once past, was kept: circle within luck, square outside, "
            "hollow if too few; bar: luck, 19 times in 20; stroke: claimed",
        ),
        (
            "Tenu contre annoncé, fois sur 20. {list}.",
            "Kept against claimed, times in 20. {list}.",
        ),
        (
            "Lecture : une tâche compte dès que la date est passée, finie ou non, une seule fois pour "
            "toutes les semaines. Une date est un jour entier : un P10 annonce donc plus de 2 sur 20.",
            "How to read: a task counts once the date is past, done or not, once for all weeks. A "
            "date is a whole day, so a P10 claims more than 2 in 20.",
        ),
    ),
    "pit": Caption(
        (
            _TOO_FEW,
            Template(
                lambda f: f.lean == 0,
                "Ni plus tôt ni plus tard qu'annoncé, au hasard près",
                "Neither earlier nor later than forecast, luck apart",
            ),
            Template(
                lambda f: f.lean > 0,
                "Les tâches finissent plus tôt qu'annoncé",
                "Tasks end earlier than forecast",
            ),
            Template(
                lambda f: f.lean < 0,
                "Les tâches finissent plus tard qu'annoncé",
                "Tasks end later than forecast",
            ),
        ),
        (
            "Tâches par chances données d'avoir fini au jour où elles ont fini (PIT) ; hachuré : "
            "encore ouvertes, réparties sur ce qui leur reste ; tirets : ce qui serait juste",
            "Tasks by the odds given of being done on the day on which they were (PIT); hatched: "
            "still open, spread over what is left to them; dashed: what would be right",
        ),
        (
            "Barres des tâches finies, puis ouvertes. {list}.",
            "Bars of tasks done, then open. {list}.",
        ),
        (
            "Lecture : des barres hautes à gauche disent que l'on finit plus tôt qu'annoncé, à droite "
            "plus tard, aux deux bouts que l'on doute trop peu.",
            "How to read: high bars on the left say that tasks end earlier than forecast, on the "
            "right later, at both ends that there is too little doubt.",
        ),
    ),
    "finish_by_week": Caption(
        (
            Template(
                lambda f: f.finished,
                "Fini le {finished} ; la première prévision disait {first50} (P50), {first80} (P80)",
                "Finished on {finished}; the first forecast said {first50} (P50), {first80} (P80)",
            ),
            Template(
                lambda f: math.isinf(f.last80),
                "« {goal} » : la dernière prévision n'a pas de date prudente (P80)",
                "“{goal}”: the last forecast has no prudent date (P80)",
            ),
            Template(
                lambda f: math.isfinite(f.last80),
                "« {goal} », date prudente (P80) : {first80} le {from}, {last80} le {to}",
                "“{goal}”, prudent date (P80): {first80} on {from}, {last80} on {to}",
            ),
        ),
        (
            "Date de fin selon la date de la prévision : trait P50, bande P10 à P80, carrés IEAC(t), "
            "tirets : {asked}",
            "Finish by the date of the forecast: line P50, band P10 to P80, squares IEAC(t), dashed: "
            "{asked}",
        ),
        (
            "Fin prévue, de semaine en semaine, P50 et P80. {list}.",
            "Forecast finish, week by week, P50 and P80. {list}.",
        ),
        (
            "Lecture : chaque date d'en bas est celle d'une prévision, celle de gauche ce qu'elle "
            "disait de la fin. IEAC(t) : la durée du plan à l'allure acquise, sans la simulation.",
            "How to read: each date below is that of a forecast, that on the left what it said of the "
            "end. IEAC(t): the plan's length at the pace earned, without the simulation.",
        ),
    ),
}
