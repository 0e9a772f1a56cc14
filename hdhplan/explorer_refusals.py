"""What the explorer refuses, said in the visitor's language: where, what was found, the limit, the fix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from hdhplan.errors import Fault, InputError
from hdhplan.levers import BY_KEY
from hdhplan.wording.labels import french

#: How many faults are shown at once.
MOST = 5
#: What faults say in English, and in French; the first that fits is taken.
_FRENCH = tuple(
    (re.compile(pattern), fr)
    for pattern, fr in (
        (r"nothing", "rien"),
        (r"unknown lever", "levier inconnu"),
        (r"unknown key (.+)", r"clé inconnue \1"),
        (r"unknown fact (.+)", r"fait inconnu \1"),
        (r"unknown (\w+) (.+)", r"\1 inconnu : \2"),
        (r"type a number", "tapez un nombre"),
        (r"stay inside the range", "restez dans l'intervalle"),
        (r"put them in ascending order", "mettez-les dans l'ordre croissant"),
        (r"low <= likely <= high", "bas <= probable <= haut"),
        (r"one of (.+)", r"un parmi \1"),
        (r"did you mean (.+)\?", r"vouliez-vous dire \1 ?"),
        (r"known here: (.+)", r"connus ici : \1"),
        (r"(\S+) to (\S+) working days", r"\1 à \2 jours ouvrés"),
        (r"(\S+) to (\S+) EUR/TB", r"\1 à \2 €/To"),
        (r"(\S+) to (\S+) PB", r"\1 à \2 Po"),
        (r"(\S+) to (\S+) FTE", r"\1 à \2 ETP"),
        (r"(\S+) to (\S+) €M", r"\1 à \2 M€"),
        (r"(\S+) to (\S+) d", r"\1 à \2 j"),
        (r"([\d.]+) to ([\d.]+)(.*)", r"\1 à \2\3"),
        (r"(.+) on a plan of (.+)", r"\1 sur un plan « \2 »"),
        (r"not from this start", "impossible depuis ce point de départ"),
        (r"begin with the preset base", "commencez par le préréglage Référence"),
        (
            r"letters, digits, - and _, at most 64",
            "lettres sans accent, chiffres, - et _, 64 au plus",
        ),
        (r"not a text, or too long", "pas un texte, ou trop long"),
        (r"at most (.+) bytes", r"au plus \1 octets"),
        (r"a scenario that builds on base", "un scénario bâti sur base"),
        (r"a loaded file", "un fichier chargé"),
        (r"only levers are shared as text", "seuls les leviers se partagent en texte"),
        (r"save it", "enregistrez-le"),
        (r"begins with (.+)", r"commence par \1"),
        (r"copy it anew", "recopiez-le"),
        (r"a key is said twice", "une clé est dite deux fois"),
        (r"each once", "chacune une fois"),
        (r"(.+) is not a number", r"\1 n'est pas un nombre"),
        (r"a number without unit", "un nombre sans unité"),
        (r"a number in (.+)", r"un nombre en \1"),
        (r"at least (.+)|greater than or equal to (.+)", r"au moins \1\2"),
        (r"less than or equal to (.+)", r"au plus \1"),
        (r"greater than (.+)", r"plus de \1"),
        (r"at most (.+)", r"au plus \1"),
        (r"ported and frozen are more than all", "portés et gelés font plus que tous"),
        (r"100 % together", "100 % ensemble"),
        (r"delete it", "supprimez-le"),
    )
)


def refused(field_: str, found: str, limit: str = "", fix: str = "") -> InputError:
    """Say what is wrong with what was asked, as every refusal does."""
    return InputError(Fault("explorer", None, field_, found, limit, fix))


def said(faults: Iterable[Fault], lang: str) -> str:
    """The first few faults, a line each; a reader's own words stay English where none are known."""
    first = [_named(fault, lang) for fault in list(faults)[:MOST]]
    return "\n".join(map(_in_french if lang == "fr" else str, first))


def _named(fault: Fault, lang: str) -> Fault:
    """A fault of a lever by the name that stands beside the control."""
    lever = BY_KEY.get(fault.field) if fault.file == "explorer" else None
    return replace(fault, field=lever.name(lang)) if lever else fault


def _in_french(fault: Fault) -> str:
    where = {"explorer": "explorateur", "file": "fichier"}.get(fault.file, fault.file)
    line = "" if fault.line is None else f", ligne {fault.line}"
    found, limit, fix = (_translated(text) for text in (fault.found, fault.limit, fault.fix))
    if fault.file == "explorer":
        limit = re.sub(r"(?<=\d)\.(?=\d)", ",", limit)
    text = f"{where}{line} : {fault.field + ' : ' if fault.field else ''}{found}"
    text += f" ; attendu : {limit}" if limit else ""
    return french(f"{text}. {fix[:1].upper()}{fix[1:]}" if fix else text)


def _translated(text: str) -> str:
    for pattern, fr in _FRENCH:
        if match := pattern.fullmatch(text):
            return match.expand(fr)
    return text
