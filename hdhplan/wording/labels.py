"""What things are called, and how a sentence is said only where its guard is true."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from hdhplan.plan import Plan
from hdhplan.wording.formats import NARROW, NBSP, label, pick

STEPS = {
    "prepare": ("préparation", "preparation"),
    "rehydrate": ("réhydratation", "rehydration"),
    "copy": ("copie", "copy"),
    "verify": ("vérification", "verification"),
    "repair": ("réparation", "repair"),
    "delta": ("rattrapage", "catch-up"),
    "port": ("portage des projets", "porting of projects"),
    "train": ("formation", "training"),
    "rehearsal": ("répétition", "rehearsal"),
    "go": ("décision go/no-go", "go/no-go decision"),
    "cutover": ("bascule", "cutover"),
    "hypercare": ("assistance renforcée", "hypercare"),
    "dual_running": ("double hébergement", "dual running"),
    "erase": ("effacement", "erasure"),
    "certificate": ("certificat d'effacement", "certificate of erasure"),
    "qualified": ("qualification", "qualification"),
    "close": ("manque comblé", "gap closed"),
}
#: Fields of a plan whose quantities are assumptions, below the name of their thing.
FIELDS = {
    "work": ("durée", "length"),
    "volume_tb": ("volume", "volume"),
    "usable_share": ("part utile du lien", "usable share of the link"),
    "rehydrate_tb_per_day": ("réhydratation", "rehydration"),
    "repair_share": ("part à recopier", "share copied again"),
    "verify.rate_share": ("vitesse de relecture", "speed of the second read"),
    "prepare.work": ("préparation", "preparation"),
    "port.work": ("portage d'un projet", "porting of a project"),
    "train.work": ("formation", "training"),
    "rehearsal.work": ("répétition", "rehearsal"),
    "certificate.work": ("certificat d'effacement", "certificate of erasure"),
    "cutover.work": ("durée de la bascule", "length of the cutover"),
    "cutover.dual_write": ("heures de double écriture", "hours of the dual write"),
    "dual_running": ("double hébergement", "dual running"),
    "erase": ("effacement", "erasure"),
    "amount_eur": ("prix", "price"),
    "delay": ("retard", "delay"),
    "cost": ("coût", "cost"),
    "effort": ("travail à faire", "work to be done"),
    "qualified_on": ("date de qualification", "date of qualification"),
}
NAMES = {
    "service_open": ("ouverture du service", "service open"),
    "technical_migration": ("migration technique", "technical migration"),
    "adaptation": ("adaptation des outils", "adaptation of tools"),
    "research_tools": ("outils de recherche", "research tools"),
    "running": ("fonctionnement", "running"),
    "retraining": ("formation", "retraining"),
    "training": ("formation", "training"),
    "provision": ("provision", "provision"),
    "other": ("autres", "other"),
    "link": ("le débit du lien", "the rate of the link"),
    "source": ("le débit de la source", "the rate of the source"),
    "target": ("le débit de la cible", "the rate of the target"),
    "requests": ("les requêtes par seconde à la source", "requests per second at the source"),
    "target_requests": (
        "les requêtes par seconde à la cible", "requests per second at the target",
    ),
    "streams": ("le nombre de flux parallèles", "the number of parallel streams"),
    "movers": ("les machines de transfert", "the machines that move the data"),
    "appliance": ("les boîtiers de transport", "the appliances"),
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A sentence in both languages, and the predicate without which it is not said."""

    when: Callable[[SimpleNamespace], bool]
    fr: str
    en: str


@dataclass(frozen=True)
class Caption:
    """What is said around a chart.

    Titles, the first whose guard is true; then subtitle, alternative text and how to read it.
    """

    titles: tuple[Template, ...]
    subtitle: tuple[str, str]
    alt: tuple[str, str]
    lecture: tuple[str, str]


def say(templates: Sequence[Template], facts: SimpleNamespace, lang: str, **words: str) -> str:
    """Say the first sentence that is true of the facts."""
    for template in templates:
        if template.when(facts):
            text = pick(lang, french(template.fr), template.en)
            return text.format(**words)
    raise LookupError(f"no sentence is true of {facts}")


def french(text: str) -> str:
    """Put the hard spaces of French typography into prose."""
    for mark, space in ((":", NBSP), ("»", NBSP), (";", NARROW), ("!", NARROW), ("?", NARROW)):
        text = text.replace(f" {mark}", f"{space}{mark}")
    return text.replace("« ", f"«{NBSP}")


#: Where text that people entered has an ordinary space, and French none: 20 M€, 1 000.
_UNIT = re.compile(r"(?<=\d) (?=(?:M€|Md€|k€|€|%|[PTG]o|Gbit/s)(?!\w))")
_THOUSANDS = re.compile(r"(?<![\d,.])(\d{1,3}) (?=\d{3}(?!\d))")


def typeset(text: str) -> str:
    """French prose as it is printed: hard spaces before marks and units, narrow ones in numbers.

    Examples
    --------
    >>> typeset("Coût : 20 M€ pour 1 000 jours") == french(
    ...     f"Coût : 20{NBSP}M€ pour 1{NARROW}000 jours")
    True
    """
    return french(_THOUSANDS.sub(rf"\1{NARROW}", _UNIT.sub(NBSP, text)))


def known(name: str, lang: str) -> str:
    """A budget line, limit or milestone that the package names itself; else the id as words."""
    pair = NAMES.get(name)
    return pick(lang, *pair) if pair else label(name.replace("_", " "))


def field_label(path: str, lang: str) -> str:
    """Which of its thing's quantities an input is; empty where its thing has but one."""
    field = path.split(".", 2)[2] if path.count(".") > 1 else ""
    if field in ("", "p", "factor"):
        return ""
    return pick(lang, *FIELDS.get(field, (field, field)))


def name_of(thing: Any, lang: str) -> str:
    """Own name of a driver, rate, dataset, gap or service as data says it; its id without one."""
    return thing.name.in_(lang) if thing.name else thing.id


def task_label(plan: Plan, task: str, lang: str) -> str:
    """Name of a task: its own, or that of its dataset or wave and the step."""
    if task in plan.tasks:
        name = plan.tasks[task].name
        return label(name.in_(lang)) if name else label(task)
    owner, _, step = task.rpartition(".")
    if step not in STEPS:
        return known(task, lang)
    if step in ("qualified", "close") and owner in plan.capabilities:
        name = capability_label(plan, owner, lang)
        return f"{name}{NBSP if lang == 'fr' else ''}: {pick(lang, *STEPS[step])}"
    thing = plan.datasets.get(owner) or plan.waves.get(owner)
    if owner in plan.waves and owner not in plan.datasets:
        name = wave_label(plan, owner, lang)
    else:
        name = label(name_of(thing, lang) if thing is not None else owner)
    return f"{name}{NBSP if lang == 'fr' else ''}: {pick(lang, *STEPS[step])}"


def wave_label(plan: Plan, wave: str, lang: str) -> str:
    """Name of a wave: its own, or its number."""
    name = plan.waves[wave].name
    return label(name.in_(lang)) if name else f"{pick(lang, 'vague', 'wave')}{NBSP}{label(wave)}"


def capability_label(plan: Plan, capability: str, lang: str) -> str:
    """Name of what projects need: its own, or its id as words."""
    name = plan.capabilities[capability].name
    return label(name.in_(lang) if name else capability.replace("_", " "))


def goal_label(plan: Plan, lang: str) -> str:
    """Name of what is to be finished: the target's milestone, or the plan."""
    if plan.target and plan.target.milestone:
        return task_label(plan, plan.target.milestone, lang)
    return pick(lang, "fin du plan", "end of the plan")


def capital(text: str) -> str:
    """The text with its first letter in capitals."""
    return text[:1].upper() + text[1:]
