"""What is said around the charts of odds, of what has landed and of who is interrupted when."""

from __future__ import annotations

import math

from hdhplan.wording.labels import Caption, Template


def _curve(what: tuple[str, str], by: tuple[str, str], prudent: tuple[str, str]) -> Caption:
    """The S-curve of a quantity: its name, how it is held, its prudent value."""
    return Caption(
        (
            Template(
                lambda f: f.few,
                f"{what[0]} de {{draws}} tirages, du plus petit au plus grand",
                f"{what[1]} of {{draws}} draws, in ascending order",
            ),
            Template(
                lambda f: f.odds is not None,
                f"{by[0]} {{target}} : {{odds}}",
                f"{by[1]} {{target}}: {{odds}}",
            ),
            Template(
                lambda f: math.isfinite(f.p80),
                f"{prudent[0]} (P80) : {{p80}}",
                f"{prudent[1]} (P80): {{p80}}",
            ),
            Template(
                lambda f: math.isinf(f.p80),
                f"Pas de {prudent[0].lower()} (P80)",
                f"No {prudent[1].lower()} (P80)",
            ),
        ),
        (
            "Chances sur 20 d'y être ({unit}) : les {draws} tirages{ended}, sans lissage ; "
            "pointillés P50 et P80, tirets ce qui est demandé",
            "Chances in 20 of being there ({unit}): the {draws} draws{ended}, not smoothed; dotted "
            "P50 and P80, dashed what is asked",
        ),
        (
            f"Courbe de probabilité. {what[0]} : {{list}}.",
            f"Curve of odds. {what[1]}: {{list}}.",
        ),
        (
            "Lecture : la courbe atteint 16 sur 20 au P80. Plus elle est couchée, moins on sait.",
            "How to read: the curve reaches 16 in 20 at P80. The flatter it is, the less is known.",
        ),
    )


def _held(one: str, many: str, one_en: str, many_en: str) -> tuple[Template, ...]:
    """How many of twenty futures hold what is asked: how one and how many do, French and English."""
    return (
        Template(
            lambda f: f.few,
            "{draws} tirages, montrés comme 20 futurs",
            "{draws} draws, shown as 20 futures",
        ),
        Template(
            lambda f: f.held is None and f.never == 0,
            "20 futurs simulés, {range}",
            "20 simulated futures, {range}",
        ),
        Template(
            lambda f: f.held is None,
            "{never} des 20 futurs simulés n'aboutissent jamais",
            "{never} of 20 simulated futures never end",
        ),
        Template(
            lambda f: f.held == 0,
            f"Aucun des 20 futurs simulés {one} {{target}}",
            f"None of 20 simulated futures {one_en} {{target}}",
        ),
        Template(
            lambda f: f.held == 1,
            f"1 des 20 futurs simulés {one} {{target}}",
            f"1 of 20 simulated futures {one_en} {{target}}",
        ),
        Template(
            lambda f: f.held > 1,
            f"{{held}} des 20 futurs simulés {many} {{target}}",
            f"{{held}} of 20 simulated futures {many_en} {{target}}",
        ),
    )


def _dots(*held: str) -> Caption:
    """Twenty futures of a quantity, with how they hold what is asked."""
    return Caption(
        _held(*held),
        (
            "20 futurs également probables ({unit}), empilés par {bin} : rond tenu, carré manqué",
            "20 futures, equally likely ({unit}), stacked by {bin}: circle held, square missed",
        ),
        (
            "20 points. {list}.",
            "20 dots. {list}.",
        ),
        (
            "Lecture : un point vaut une chance sur 20 ; compter les ronds donne les chances.",
            "How to read: a dot is one chance in 20; counting the circles gives the odds.",
        ),
    )


MORE = {
    "curve_date": _curve(
        ("Date", "Date"),
        ("« {goal} » au plus tard le", "“{goal}” by"),
        ("Date prudente", "Prudent date"),
    ),
    "curve_cost": _curve(
        ("Coût", "Cost"),
        ("Coûter au plus", "Costing at most"),
        ("Coût prudent", "Prudent cost"),
    ),
    "dots_date": _dots("finit au plus tard le", "finissent au plus tard le", "ends by", "end by"),
    "dots_cost": _dots("coûte au plus", "coûtent au plus", "costs at most", "cost at most"),
    "landed": Caption(
        (
            Template(
                lambda f: math.isinf(f.day50),
                "Les premières copies n'ont pas de fin médiane (P50)",
                "The first copies have no median end (P50)",
            ),
            Template(
                lambda f: math.isinf(f.day80),
                "Tout est copié une première fois : {day50} (P50), mais sans date prudente (P80)",
                "All is copied a first time: {day50} (P50), but without a prudent date (P80)",
            ),
            Template(
                lambda f: math.isfinite(f.day80),
                "Tout est copié une première fois : {day50} (P50), {day80} (P80)",
                "All is copied a first time: {day50} (P50), {day80} (P80)",
            ),
        ),
        (
            "Volume arrivé chez l'hébergeur cible ({unit}), par route : trait P50, bande P10 à P80 ; "
            "en légende, ce qui limite le plus souvent",
            "Volume landed at the target host ({unit}), by route: line P50, band P10 to P80; in "
            "the legend, what limits most often",
        ),
        (
            "Courbes du volume arrivé par route ; {whole} à copier (P50). {list}.",
            "Curves of the volume landed by route; {whole} to copy (P50). {list}.",
        ),
        (
            "Lecture : arrivé ne veut dire ni vérifié ni en service ; la limite est celle des "
            "copies, pondérées par leur volume.",
            "How to read: landed means neither verified nor in service; the limit is that of the "
            "copies, weighted by their volume.",
        ),
    ),
    "continuity": Caption(
        (
            Template(
                lambda f: math.isinf(f.total80),
                "Des projets restent interrompus sans fin en P80",
                "At P80 some projects stay interrupted without end",
            ),
            Template(
                lambda f: f.total80 == 0,
                "Personne n'est interrompu, huit fois sur dix au moins",
                "Nobody is interrupted, eight times in ten at least",
            ),
            Template(
                lambda f: f.total80 > 0,
                "{total} jours·projet d'interruption en P80 ; le plus : {top} ({top80})",
                "{total} project-days of interruption at P80; most: {top} ({top80})",
            ),
        ),
        (
            "Bascules et arrêts : marque P50, fenêtre P10 à P80 ; à droite : jours·projet "
            "interrompus, P80",
            "Cutovers and standstills: mark P50, window P10 to P80; right: project-days interrupted, "
            "P80",
        ),
        (
            "Calendrier des interruptions, jours·projet P80. {list}.",
            "Calendar of interruptions, project-days at P80. {list}.",
        ),
        (
            "Lecture : en gel, les projets lisent sans écrire ; en double écriture, ils ne sont "
            "arrêtés que quelques heures. Les P80 des lignes ne s'additionnent pas.",
            "How to read: in a freeze projects read and do not write; in a dual write they stand "
            "still for some hours only. P80s of rows do not add up.",
        ),
    ),
}
