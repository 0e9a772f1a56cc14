"""What an MS Project file says of itself and of each task, in its notes."""

from __future__ import annotations

import math

from hdhplan.handover import Handover, Row
from hdhplan.quantities import shown_points
from hdhplan.wording.formats import number, pick
from hdhplan.wording.labels import french

_CONVENTIONS = (
    (
        "Les dates sont celles du plan probable : valeurs probables, risques de probabilité "
        "inférieure à 1 écartés. La référence 0 les répète.",
        "Dates are those of the likely plan: likely values, risks of a probability below 1 left "
        "out. Baseline 0 repeats them.",
    ),
    (
        "Durée1 à Durée3 : bas, probable, haut. Fin1 et Fin2 : fins simulées P50 et P80, sur "
        "{draws} tirages ; les P80 de deux tâches qui se suivent ne s'ajoutent pas.",
        "Duration1 to Duration3: low, likely, high. Finish1 and Finish2: simulated finishes P50 "
        "and P80, over {draws} draws; P80s of tasks in a row do not add up.",
    ),
    (
        "Un jour ouvré compte 8 heures, de 9 h à 13 h et de 14 h à 18 h ; l'heure d'une date dit "
        "la part écoulée de la journée. Un jour calendaire compte 24 heures (format « écoulé »).",
        "A working day has 8 hours, 9:00 to 13:00 and 14:00 to 18:00; the hour of a date says "
        "what share of the day has gone. A calendar day has 24 hours (format “elapsed”).",
    ),
    (
        "Ce qui attend une équipe, une fenêtre ou un gel porte la contrainte « début au plus tôt » "
        "à la date ainsi trouvée : relue, elle redonne les mêmes dates. Pour changer le plan, "
        "levez-la.",
        "What waits for people, a window or a freeze bears the constraint “start no earlier than” "
        "on the date so found: read again, it gives the same dates. To change the plan, lift it.",
    ),
    (
        "Copies, bascules et tâches sur des fenêtres horaires sont des durées écoulées du plan "
        "probable. Coûts, risques et volumes restent dans hdhplan.",
        "Copies, cutovers and tasks on hourly windows are elapsed lengths of the likely plan. "
        "Costs, risks and volumes stay in hdhplan.",
    ),
)


def about(handed: Handover, lang: str, draws: int) -> str:
    """What the dates of a file are, and by what conventions: one line each."""
    words = {"draws": number(draws, lang)}
    lines = [pick(lang, french(fr), en).format(**words) for fr, en in _CONVENTIONS]
    if handed.plan.illustrative:
        lines.insert(0, handed.plan.illustrative.in_(lang))
    return "\n".join(lines)


def note(handed: Handover, row: Row, lang: str) -> list[str]:
    """Lines about one task: where its length comes from, why it waits, when it may end."""
    lines = [f"hdhplan : {row.id}" if lang == "fr" else f"hdhplan: {row.id}"]
    quantity = row.node.quantity
    if quantity is not None:
        points = shown_points(quantity, lambda x: number(x, lang, 0 if x == round(x) else 2))
        text = f"{' / '.join(points)} {quantity.unit}".rstrip()
        count = f" × {quantity.count}" if quantity.count > 1 else ""
        law = f" ({quantity.law})" if quantity.low < quantity.high else ""
        lines.append(f"{pick(lang, 'Étendue', 'Range')} : {text}{count}{law}")
        if quantity.source:
            grade = f", {pick(lang, 'preuve', 'grade')} {quantity.grade}" if quantity.grade else ""
            lines.append(f"Source : {quantity.source}{grade}")
    if row.node.span:
        first, last = row.node.span
        lines.append(
            pick(
                lang,
                f"S'étend du début de {first} à la fin de {last}",
                f"Hangs from the start of {first} to the finish of {last}",
            )
        )
    if row.held is not None:
        lines.append(
            pick(
                lang,
                "Début au plus tôt : attend une équipe, une fenêtre ou un gel du plan probable",
                "Start no earlier than: waits for people, a window or a freeze of the likely plan",
            )
        )
    if row.finishes is not None:
        lines.append(_finish(row, lang))
    return [french(line) if lang == "fr" else line.replace(" : ", ": ") for line in lines]


def _finish(row: Row, lang: str) -> str:
    """Standard errors of the simulated finishes, in days, or that some draws never end."""
    spread = row.finishes
    parts = []
    for name, p in (("P50", 0.5), ("P80", 0.8)):
        day, error = spread.at(p)
        if not math.isfinite(day):
            parts.append(f"{name} {pick(lang, 'jamais', 'never')}")
        elif math.isfinite(error):
            parts.append(f"{name} ± {number(error, lang, 1)} {pick(lang, 'j', 'd')}")
    what = pick(lang, "Erreur type des fins simulées", "Standard error of simulated finishes")
    return f"{what} : {', '.join(parts)}"
