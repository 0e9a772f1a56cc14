"""What is said around the charts of the weekly page: dates that move, and what has gone over."""

from __future__ import annotations

from hdhplan.wording.labels import Caption, Template

#: Days by which a milestone has to move for a title to say that it did. [d]
LEAST_SLIP = 7

WEEKLY = {
    "trend": Caption(
        (
            Template(
                lambda f: f.lost,
                "« {lost} » n'a plus de date médiane",
                "“{lost}” has no median date any more",
            ),
            Template(
                lambda f: f.most >= LEAST_SLIP,
                "« {late} » a glissé de {late_by} depuis le {late_since}",
                "“{late}” has slipped by {late_by} since {late_since}",
            ),
            Template(
                lambda f: f.least <= -LEAST_SLIP,
                "« {early} » a avancé de {early_by} depuis le {early_since}",
                "“{early}” has moved {early_by} earlier since {early_since}",
            ),
            Template(
                lambda f: f.least > -LEAST_SLIP and f.most < LEAST_SLIP,
                "Aucun jalon n'a bougé d'une semaine depuis le {since}",
                "No milestone has moved by a week since {since}",
            ),
        ),
        (
            "Dates prévues, vues chaque semaine : plein P50, creux P80{reference}",
            "Forecast dates as seen each week: filled P50, hollow P80{reference}",
        ),
        (
            "Tendance des jalons, P50 : {list}.",
            "Milestone trend, P50: {list}.",
        ),
        (
            "Lecture : au {day}, « {row} » était prévu le {row50} une fois sur deux, "
            "{prudent}. Une ligne plate tient sa date ; dans le gris, le jalon est "
            "atteint{gaps}.",
            "How to read: as of {day}, “{row}” was expected by {row50} one time in two, "
            "{prudent}. A flat line holds its date; in the grey a milestone is "
            "reached{gaps}.",
        ),
    ),
    "burn_up": Caption(
        (
            Template(
                lambda f: f.landed <= 0,
                "Rien n'est encore copié des {scope}",
                "None of the {scope} is copied yet",
            ),
            Template(
                lambda f: f.verified >= f.scope,
                "Tout est copié et vérifié : {scope}",
                "All is copied and verified: {scope}",
            ),
            Template(
                lambda f: f.landed >= f.scope,
                "Tout est copié ({scope}), mais vérifié :\u00a0{verified}",
                "All is copied ({scope}), but verified:\u00a0{verified}",
            ),
            Template(
                lambda f: 0 < f.landed < f.scope,
                "Copié : {landed} sur {scope} ; vérifié :\u00a0{verified}",
                "Copied: {landed} of {scope}; verified:\u00a0{verified}",
            ),
        ),
        (
            "Volume arrivé ({unit}) ; à venir : P50 en tirets, bande 16 fois sur 20 (P10 à P90)",
            "Volume landed ({unit}); to come: P50 dashed, band 16 times in 20 (P10 to P90)",
        ),
        (
            "Au {day}, {landed} copiés, {verified} vérifiés, {scope} à déplacer. Dernière copie : "
            "{day10} (P10), {day50} (P50), {day90} (P90).",
            "As of {day}, {landed} copied, {verified} verified, {scope} to move. Last copy: {day10} "
            "(P10), {day50} (P50), {day90} (P90).",
        ),
        (
            "Lecture : à une date, le volume copié sera dans la bande 16 fois sur 20. Copié n'est "
            "pas vérifié, vérifié n'est pas en service.",
            "How to read: on a date, the volume copied will be in the band 16 times in 20. Copied "
            "is not verified, verified is not in service.",
        ),
    ),
    "projects_up": Caption(
        (
            Template(
                lambda f: f.moved <= 0,
                "Aucun des {projects} projets n'a basculé",
                "None of the {projects} projects has moved",
            ),
            Template(
                lambda f: f.moved >= f.projects,
                "Les projets ont tous basculé : {projects}",
                "All projects have moved: {projects}",
            ),
            Template(
                lambda f: 0 < f.moved < f.projects,
                "Projets basculés : {moved} sur {projects}",
                "Projects moved: {moved} of {projects}",
            ),
        ),
        (
            "Projets basculés, vague après vague ; à venir : P50 en tirets, bande de P10 à P90",
            "Projects moved, wave by wave; to come: P50 dashed, band from P10 to P90",
        ),
        (
            "Au {day}, {moved} projets basculés sur {projects}. Dernière bascule : {day10} (P10), "
            "{day50} (P50), {day90} (P90).",
            "As of {day}, {moved} projects moved of {projects}. Last cutover: {day10} (P10), "
            "{day50} (P50), {day90} (P90).",
        ),
        (
            "Lecture : « {row} » {between}. Une marche est une vague.",
            "How to read: “{row}” {between}. A step is a wave.",
        ),
    ),
}
