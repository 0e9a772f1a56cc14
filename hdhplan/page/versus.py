"""The page of a comparison: three answers, then what they rest on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hdhplan import __version__
from hdhplan.attribution import Bridge, attribute
from hdhplan.attribution import as_data as bridge_data
from hdhplan.choice import Choice, beaten_throughout, choose
from hdhplan.choice import as_data as choice_data
from hdhplan.comparison import Comparison
from hdhplan.comparison import as_data as comparison_data
from hdhplan.differing import PARTS
from hdhplan.figures.versus import bridge as bridge_figure
from hdhplan.figures.versus import costs, dates, decision_order
from hdhplan.page.claims import as_of
from hdhplan.page.invariants import Result, check_invariants
from hdhplan.page.sections import Section, figure, folded, from_data, items, prose, section
from hdhplan.page.versus_choice import levers_table, regret_table, wins_table, worth_table
from hdhplan.page.versus_moves import bridge_table, gains_table, inputs_table
from hdhplan.page.versus_tables import (
    beside_table,
    burden_table,
    decision_table,
    laws_table,
    years_table,
)
from hdhplan.plan import Plan
from hdhplan.result import envelope
from hdhplan.wording.choices import AIMS, answers
from hdhplan.wording.deciding import (
    kept_sentence,
    knowing_sentence,
    lever_sentence,
    regret_sentence,
)
from hdhplan.wording.formats import number, pick, plural
from hdhplan.wording.labels import capital, french
from hdhplan.wording.sentences import AVERAGED

COMPARE_SCHEMA = "hdhplan.compare/1"
#: Draws of each plan of the bridge: its common draws err less than the percentiles themselves.
BRIDGE_DRAWS = 4_000


@dataclass(frozen=True)
class ComparisonPage:
    """Scenarios side by side, as sections in one language."""

    comparison: Comparison
    lang: str = "fr"
    _made: dict[str, Section] = field(default_factory=dict, repr=False, compare=False)

    def _(self, fr: str, en: str) -> str:
        """The text in the language of the page."""
        return pick(self.lang, french(fr), en)

    def _keep(self, name: str, heading: str, *parts: Any, lines: Any = ()) -> Section:
        """Make a section and remember it, for `as_text`."""
        self._made[name] = section(name, heading, *parts, lines=lines)
        return self._made[name]

    def as_text(self) -> str:
        """What the sections made so far say, as text."""
        return "\n\n".join(map(repr, self._made.values()))

    @cached_property
    def choice(self) -> Choice:
        """Which one to choose, and why."""
        return choose(self.comparison)

    @cached_property
    def answers(self) -> dict[str, dict[str, str]]:
        """The three answers, in both languages."""
        return {lang: answers(self.comparison, self.choice, lang) for lang in ("fr", "en")}

    @cached_property
    def order(self) -> list[int]:
        """Scenarios by what is chosen by: one order for the table and the charts."""
        return decision_order(self.comparison, self.choice.criterion)

    @cached_property
    def ends(self) -> tuple[int, int] | None:
        """The first scenario and the chosen one; the best of the others where that is the first."""
        names = self.comparison.names
        for name in (self.choice.scenario, self.choice.rival, *names):
            if name is not None and name != names[0]:
                return 0, names.index(name)
        return None

    @cached_property
    def bridge(self) -> Bridge | None:
        """Why the two differ; nothing where one plan stands alone."""
        if self.ends is None:
            return None
        here, there = (self.comparison.plans[i] for i in self.ends)
        draws = min(self.comparison.draws, BRIDGE_DRAWS)
        return attribute(here, there, draws, self.comparison.seed)

    def answer(self) -> Section:
        """Which scenario, what it gives up, what would change that; and the table behind it."""
        comparison, lang = self.comparison, self.lang
        said = self.answers[lang].values()
        warnings = [from_data(warning.in_(lang)) for warning in comparison.warnings]
        real = [p.illustrative.in_(lang) for p in comparison.plans if p.illustrative]
        note = self._(
            "± erreur type. ★ meilleur : seul en tête au-delà de deux erreurs types ; ★ non battu : "
            "à égalité avec un autre ; sans marque là où tous se valent. sur 20 : chances sur 20.",
            "± standard error. ★ best: alone ahead beyond two standard errors; ★ not beaten: level "
            "with another; no mark where all are level. in 20: chances in 20.",
        )
        if any(row.never == 1 for row in comparison.rows):
            note += self._(
                " Un scénario qui ne finit dans aucun tirage n'est marqué nulle part : son coût "
                "n'achète pas ce qui est demandé.",
                " A scenario that ends in no draw is marked nowhere: its cost does not buy what is "
                "asked for.",
            )
        return self._keep(
            "answer",
            self._("La réponse", "The answer"),
            prose("p", *map(from_data, dict.fromkeys(real)), " · ".join(warnings), style="banner"),
            items(said, style="lead"),
            decision_table(comparison, self.choice, self.order, lang),
            burden_table(comparison, self.order, lang),
            prose("p", note, style="note"),
            *self._beside(),
            lines=(*said, *warnings),
        )

    def _beside(self) -> list[Any]:
        """Folded tables: what is committed each year, what goes with it, which obligations hold."""
        shown = (comparison, order, lang) = self.comparison, self.order, self.lang
        parts = [
            folded(
                self._("Les engagements (AE) de chaque exercice", "Commitments (AE) of each year"),
                years_table(*shown),
            ),
            folded(
                self._(
                    "Coût complet, suite, données en double", "Full cost, afterwards, data twice"
                ),
                beside_table(comparison, order, lang),
            ),
        ]
        if duties := laws_table(comparison, order, lang):
            heading = self._("Les obligations, tenues ou non", "Obligations, met or not")
            parts.append(folded(heading, duties))
        return parts

    def charts(self) -> Section:
        """When each scenario ends and what it costs, on one scale."""
        drawn = [make(self.comparison, self.order, self.lang) for make in (dates, costs)]
        none = self._("Rien de commun à dessiner.", "Nothing in common to draw.")
        return self._keep(
            "charts",
            self._("Dates et coûts", "Dates and costs"),
            *(figure(one, self.lang) for one in drawn),
            prose("p", none) if not any(drawn) else "",
            lines=[one.title for one in drawn if one] or [none],
        )

    def differs(self) -> Section:
        """Only the inputs that differ."""
        found = self.comparison.inputs
        count = plural(len(found), self.lang, "donnée diffère", "input differs",
                       "données diffèrent", "inputs differ")  # fmt: skip
        text = f"{count}." if found else self._("Rien ne diffère.", "Nothing differs.")
        parts: dict[str, int] = {}
        for item in found:
            part = item.path.partition(".")[0]
            parts[part] = parts.get(part, 0) + 1
        listed = [
            f"{capital(pick(self.lang, *PARTS.get(part, (part, part))))} ({n})"
            for part, n in sorted(parts.items(), key=lambda row: -row[1])
        ]
        shown = inputs_table(self.comparison, self.lang) if found else ""
        each = self._("Chacune, dans chaque scénario", "Each one, in each scenario")
        return self._keep(
            "differs",
            self._("Ce qui diffère", "What differs"),
            prose("p", text),
            items(listed) if listed else "",
            folded(each, shown) if shown else "",
            lines=(text, ", ".join(listed)),
        )

    def why(self) -> Section:
        """The way from the first scenario to the chosen one, cause by cause."""
        heading, made = self._("Pourquoi", "Why"), self.bridge
        if made is None or not made.shares:
            none = self._("Aucune cause à partager.", "No cause to share out.")
            return self._keep("why", heading, prose("p", none), lines=(none,))
        drawn = bridge_figure(self.comparison, made, self.ends, self.lang)
        runs, draws = (number(x, self.lang) for x in (made.runs, made.draws))
        orders = made.orders
        how = self._(
            f"Moyenne sur {orders} ordres{'' if made.exact else ' tirés'} : {runs} plans, les "
            f"{draws} premiers tirages, communs à tous. Le reste est imprimé.",
            f"Average over {orders} orders{'' if made.exact else ' drawn'}: {runs} plans, the first "
            f"{draws} draws, common to all. The residual is printed.",
        )
        return self._keep(
            "why",
            heading,
            figure(drawn, self.lang),
            bridge_table(self.comparison, made, self.ends, self.lang),
            prose("p", how, style="note"),
            lines=(drawn.title if drawn else "", how),
        )

    def wins(self) -> Section:
        """Who wins under which assumption."""
        heading = self._("Qui l'emporte sous quelle hypothèse", "Who wins under which assumption")
        text = self.answers[self.lang]["changes"]
        if not self.choice.assumptions:
            return self._keep("wins", heading, prose("p", text), lines=(text,))
        said = [
            say(self.comparison, self.choice, self.lang) for say in (kept_sentence, regret_sentence)
        ]
        how = self._(
            "Hypothèse basse, haute : le cinquième le plus bas, le plus haut de ses tirages ; pour "
            "un événement, absent ou présent. Deux noms : à égalité aux erreurs près. Seuil : la "
            "valeur où l'autre fait jeu égal, entre dixièmes des tirages. Regret : l'écart avec le "
            "meilleur, 0 en deçà de deux erreurs types.",
            "Low, high assumption: the lowest, the highest fifth of its draws; for an event, absent "
            "or present. Two names: level within error. Crossover: the value at which the other "
            "draws level, between tenths of the draws. Regret: the gap to the best, 0 within two "
            "standard errors.",
        )
        return self._keep(
            "wins",
            heading,
            prose("p", said[0], text),
            wins_table(self.comparison, self.choice, self.lang),
            prose("p", said[1]),
            regret_table(self.comparison, self.choice, self.lang) if self.choice.regrets else "",
            prose("p", how, style="note"),
            lines=(said[0], text, said[1]),
        )

    def learn(self) -> Section:
        """What to learn before deciding: what it is worth to know an input, and whom to ask."""
        text = knowing_sentence(self.comparison, self.choice, self.lang)
        how = self._(
            "Ce que gagne en moyenne le meilleur choix si la donnée, que tous les scénarios "
            "partagent, est connue avant de choisir. Les tirages sont rangés par sa valeur en dix "
            "parts ; le gagnant de chacune est lu sur une moitié de ses tirages et compté sur "
            "l'autre, puis l'inverse. En deçà de deux erreurs types, c'est rien.",
            "What the best choice gains on average if the input, which all scenarios share, is "
            "known before choosing. Draws are cut by its value into ten parts; who wins in each is "
            "read from one half of its draws and scored on the other, then the other way round. "
            "Within two standard errors it is nothing.",
        )
        if self.choice.criterion == "finish_p80":
            how += self._(
                " Compté en date moyenne, non en P80.", " Counted by the mean date, not by the P80."
            )
        known = bool(self.choice.worth_knowing)
        return self._keep(
            "learn",
            self._("Que savoir avant de décider", "What to learn before deciding"),
            prose("p", text),
            worth_table(self.comparison, self.choice, self.lang) if known else "",
            prose("p", how, style="note") if self.choice.worths else "",
            lines=(text,),
        )

    def lever(self) -> Section:
        """What each scenario gains on the first, and the cheapest way to gain time."""
        text = lever_sentence(self.comparison, self.choice, self.lang) or self._(
            "Aucun de ces scénarios ne fait gagner du temps sur le premier au-delà des erreurs.",
            "None of these scenarios gains time on the first beyond error.",
        )
        alone = len(self.comparison.rows) < 2
        return self._keep(
            "lever",
            self._("Le levier le moins cher", "The cheapest lever"),
            prose("p", text),
            levers_table(self.comparison, self.choice, self.lang) if self.choice.levers else "",
            "" if alone else gains_table(self.comparison, self.order, self.lang),
            lines=(text,),
        )

    def method(self) -> Section:
        """How the numbers came about, and how to make them again."""
        print_ = self._fingerprint()
        return self._keep(
            "method",
            self._("Méthode et limites", "Method and limits"),
            items(self._method_texts()),
            prose("p", print_, style="fingerprint"),
            lines=(print_,),
        )

    def _method_texts(self) -> list[str]:
        aim = AIMS.get(self.choice.criterion)
        by = pick(self.lang, *aim) if aim else self._("aucun critère commun", "no common criterion")
        return [
            self._(
                f"Choisi par : {by} ; à égalité, par la date, le montant, les P80, l'exposition, "
                "les jours-projets. Jamais un scénario dominé ni aux prix supposés.",
                f"Chosen by: {by}; where level, by date, amount, P80s, exposure, project-days. "
                "Never a scenario that is dominated or whose prices are guesses.",
            ),
            self._(
                "Mêmes tirages pour tous : la chance commune s'annule dans les écarts. Un écart "
                f"compte s'il dépasse deux erreurs types. {pick(self.lang, *AVERAGED)}",
                "The same draws for all: shared luck falls out of the differences. A difference "
                f"counts beyond two standard errors. {pick(self.lang, *AVERAGED)}",
            ),
            self._(
                "Dominé : nulle part meilleur et quelque part battu, sur les seules colonnes de ce "
                "tableau. Ce qu'aucun plan ne chiffre (portée politique, droit) n'y est pas.",
                "Dominated: nowhere better and somewhere beaten, by the columns of this table "
                "alone. What no plan quantifies (politics, law) is not in it.",
            ),
        ]  # fmt: skip

    def _fingerprint(self) -> str:
        """What makes these very numbers again; neither clock nor commit."""
        meta = self._meta()
        made_of = json.dumps(meta["inputs"], sort_keys=True).encode()
        names = ", ".join(from_data(name, 40) for name in self.comparison.names)
        draws = number(self.comparison.draws, self.lang)
        parts = [
            self._(f"Empreinte : {names}", f"Fingerprint: {names}"),
            self._(f"graine {meta['seed']}", f"seed {meta['seed']}"),
            self._(f"{draws} tirages", f"{draws} draws"),
            self._("données ", "data ") + hashlib.sha256(made_of).hexdigest()[:12],
            f"hdhplan {__version__}",
        ]
        changed = [text for settings in meta["overrides"] for text in settings]
        if changed:
            parts.append(self._("modifié : ", "changed: ") + from_data(", ".join(changed)))
        return " · ".join(parts)

    def _meta(self) -> dict[str, Any]:
        origins = [plan.origin for plan in self.comparison.plans]
        return {
            "version": __version__,
            "seed": self.comparison.seed,
            "draws": self.comparison.draws,
            "inputs": inputs_of(self.comparison.plans),
            "overrides": [list(origin.overrides) if origin else [] for origin in origins],
        }

    def invariants(self) -> tuple[str, ...]:
        """Check what must hold of any comparison, and say what was checked."""
        comparison, chosen = self.comparison, self.choice.scenario
        for forecast in comparison.forecasts:
            check_invariants(forecast)
        rows, made = {row.name: row for row in comparison.rows}, self.bridge
        laws = {
            "every scenario holds by itself": True,
            "what is chosen is neither dominated nor guessed nor an assumption": chosen is None
            or not (chosen in comparison.dominated or rows[chosen].guessed or rows[chosen].assumed),
            "what is chosen is not beaten at every criterion shown": chosen is None
            or not beaten_throughout(comparison, comparison.names.index(chosen)),
            "who is best is beaten by no decision of known prices": all(
                not comparison.beats(i, comparison.names.index(name), criterion)
                for criterion, names in comparison.best.items() for name in names
                for i in comparison.leaders(criterion)
            ),
            "the shares of the bridge and its residual add up": made is None or all(
                _adds_up(made, measure) for measure in made.total
            ),
            "three answers are given": all(
                len(said) == 3 and all(said.values()) for said in self.answers.values()
            ),
        }  # fmt: skip
        for what, holds in laws.items():
            if not holds:
                raise AssertionError(f"broken: {what}")
        return tuple(laws)

    def result(self) -> Result:
        """All numbers of the page, in no language, and the answers in both."""
        checked, made = self.invariants(), self.bridge
        data = comparison_data(self.comparison) | {
            "choice": choice_data(self.choice),
            "answers": self.answers,
            "bridge": bridge_data(made) if made else None,
        }
        names = ", ".join(from_data(name, 40) for name in self.comparison.names)
        days = [day for day in map(as_of, self.comparison.plans) if day]
        warnings = [warning.en for warning in self.comparison.warnings]
        extra = {
            "answer": {lang: " ".join(said.values()) for lang, said in self.answers.items()},
            "title": {
                "fr": french(f"Quel scénario choisir ? {names}"),
                "en": f"Which scenario to choose? {names}",
            },
            "as_of": max(days).isoformat() if days else None,
            "checked": list(checked),
        }
        return Result(envelope(COMPARE_SCHEMA, data, warnings, self._meta()) | extra, checked)


def inputs_of(plans: Sequence[Plan]) -> dict[str, str]:
    """Hashes of the inputs of all plans."""
    found: dict[str, str] = {}
    for plan in plans:
        found |= plan.origin.inputs if plan.origin else {}
    return found


def _adds_up(made: Bridge, measure: str) -> bool:
    """Whether shares and residual are the difference; where a side never ends there is none."""
    whole = made.after[measure] - made.before[measure]
    parts = sum(s.moves[measure].value for s in made.shares) + made.residual[measure].value
    return not abs(whole - parts) > 1e-6 * max(1.0, abs(made.before[measure]))
