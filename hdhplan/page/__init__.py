"""The sections of a page, in the order in which a steering committee reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markupsafe import Markup

from hdhplan.figures import Figure, all_figures
from hdhplan.forecast import Forecast
from hdhplan.page.claims import as_of, facts_parts
from hdhplan.page.continuity import continuity_parts
from hdhplan.page.explained import inputs_table, outside_view_table
from hdhplan.page.headlines import (
    context,
    fingerprint,
    headlines,
    method_texts,
)
from hdhplan.page.invariants import Result, check_invariants
from hdhplan.page.money_tables import (
    cover_table,
    money_by_line_table,
    money_by_year_table,
    perimeters_table,
    price_table,
)
from hdhplan.page.sections import (
    NOTHING,
    Section,
    figure,
    folded,
    from_data,
    items,
    key_figures,
    prose,
    section,
)
from hdhplan.page.sovereignty import sovereignty_parts
from hdhplan.page.tables import (
    bottlenecks_table,
    checks_list,
    drivers_table,
    milestones_table,
    promises_table,
    wave_lines,
    waves_table,
)
from hdhplan.page.tools import tools_parts
from hdhplan.result import RESULT_SCHEMA, bundle, envelope, meta, safe, warnings_of
from hdhplan.sensitivity import Study
from hdhplan.wording.answer import answer
from hdhplan.wording.explained import alone_sentence, outside_view_sentence, sums_sentence
from hdhplan.wording.formats import number, pick
from hdhplan.wording.labels import french
from hdhplan.wording.money import (
    closings_sentence,
    cover_sentence,
    drawn_sentence,
    provision_sentence,
)
from hdhplan.wording.sentences import (
    AVERAGED,
    bottleneck_sentence,
    check_first_sentence,
    drivers_sentence,
    exposure_sentence,
    other_promises,
    promise_sentences,
)


@dataclass(frozen=True)
class Page:
    """A forecast and what drives it, as sections in one language.

    Without a study there is nothing to say of drivers and of what to check.
    """

    forecast: Forecast
    study: Study | None = None
    lang: str = "fr"
    _made: dict[str, Section] = field(default_factory=dict, repr=False, compare=False)

    def _(self, fr: str, en: str) -> str:
        """The text in the language of the page."""
        return pick(self.lang, french(fr), en)

    @cached_property
    def _figures(self) -> dict[str, Figure]:
        return all_figures(self.forecast, self.study, self.lang)

    def _keep(self, name: str, heading: str, *parts: Any, lines: Any = ()) -> Section:
        """Make a section and remember it, for `as_text`."""
        self._made[name] = section(name, heading, *parts, lines=lines)
        return self._made[name]

    def _keep_if(self, name: str, heading: str, found: tuple[list, list]) -> Section:
        """Make a section of parts and lines; nothing at all where there are none."""
        parts, lines = found
        return self._keep(name, heading, *parts, lines=lines) if parts else NOTHING

    def also(self, made: Section) -> Section:
        """Show a section that was made elsewhere, and remember it, for `as_text`.

        The first one says what is not real before anything else.
        """
        plan = self.forecast.plan
        if plan.illustrative and not self._made:
            said = prose("p", from_data(plan.illustrative.in_(self.lang)), style="banner")
            heading, end, rest = made.html.partition("</h2>")
            made = Section(heading + Markup(end) + said + rest, made.lines)
        self._made[made.lines[0]] = made
        return made

    def as_text(self) -> str:
        """What the sections made so far say, as text with rounded numbers."""
        return "\n\n".join(map(repr, self._made.values()))

    def answer(self) -> Section:
        """What is asked, answered in three sentences and four numbers."""
        plan = self.forecast.plan
        sentences = answer(self.forecast, self.lang)
        promised = other_promises(self.forecast, self.lang)
        banner = plan.illustrative.in_(self.lang) if plan.illustrative else ""
        return self._keep(
            "answer",
            self._("La réponse", "The answer"),
            prose("p", from_data(banner), style="banner"),
            prose("p", context(self.forecast, self.lang), style="note"),
            items(sentences, style="lead"),
            prose("p", *(self._("Promis : ", "Promised: ") + text for text in promised)),
            key_figures(headlines(self.forecast, self.lang)),
            lines=(*sentences, *promised),
        )

    def cloud(self) -> Section:
        """Date and cost together, draw by draw."""
        drawn = self._figures.get("joint")
        text = provision_sentence(self.forecast, self.lang)
        return self._keep(
            "cloud",
            self._("Date et coût ensemble", "Date and cost together"),
            figure(drawn, self.lang),
            prose("p", text),
            self._odds(),
            lines=(_title(drawn), text),
        )

    def _odds(self) -> Markup | str:
        """Date and cost by themselves, each as a curve and as twenty dots; folded."""
        keys = "curve_date", "dots_date", "curve_cost", "dots_cost"
        drawn = [figure(self._figures.get(key), self.lang) for key in keys]
        summary = self._("La date seule, le coût seul", "The date alone, the cost alone")
        return folded(summary, *drawn) if any(drawn) else ""

    def check_first(self) -> Section:
        """The three inputs whose checking is worth most."""
        text = check_first_sentence(self.study, self.lang)
        how = self._(
            "Effet : de combien les chances de tenir date et montant bougeraient, en écart type, si la "
            "valeur était connue. "
            "Faiblesse : 0,1 pour une preuve A (mesurée ou signée), 0,3 pour B (source première), "
            "0,6 pour C (source seconde), 1 pour D (presse ou jugement).",
            "Effect: how far the odds of holding date and amount would move (standard deviation) if "
            "the value were known. "
            "Weakness: 0.1 for evidence A (measured or signed), 0.3 for B (primary source), "
            "0.6 for C (secondary source), 1 for D (press or judgement).",
        )
        first = [f"{c.path}: {number(20 * c.product, self.lang, 1)}" for c in self.study.checks[:3]]
        return self._keep(
            "check-first",
            self._("Que vérifier d'abord", "What to check first"),
            prose("p", text),
            checks_list(self.study, self.lang),
            prose("p", how, style="note"),
            lines=(text, *first),
        )

    def timeline(self) -> Section:
        """The plan over time, the dates that were promised, the milestones."""
        drawn = self._figures.get("timeline")
        texts = promise_sentences(self.forecast, self.lang)
        return self._keep(
            "timeline",
            self._("Le calendrier", "The timeline"),
            figure(drawn, self.lang),
            promises_table(self.forecast, self.lang) if texts else "",
            milestones_table(self.forecast, self.lang),
            lines=(_title(drawn), *texts),
        )

    def waves(self) -> Section:
        """When each wave goes over."""
        heading = self._("Les vagues", "The waves")
        if not self.forecast.plan.waves:
            none = self._("Le plan n'a pas de vague.", "The plan has no wave.")
            return self._keep("waves", heading, prose("p", none), lines=(none,))
        drawn = self._figures.get("waves")
        return self._keep(
            "waves",
            heading,
            figure(drawn, self.lang),
            waves_table(self.forecast, self.lang),
            lines=(_title(drawn), *wave_lines(self.forecast, self.lang)),
        )

    def continuity(self) -> Section:
        """Who is interrupted and for how long, how waves go over, how long all can turn back."""
        heading = self._("La continuité", "Continuity")
        drawn = figure(self._figures.get("continuity"), self.lang)
        found = continuity_parts(self.forecast, self.lang, drawn)
        return self._keep_if("continuity", heading, found)

    def sovereignty(self) -> Section:
        """What waits for qualification, what the law asks for, where data is meanwhile."""
        heading = self._("La souveraineté", "Sovereignty")
        return self._keep_if("sovereignty", heading, sovereignty_parts(self.forecast, self.lang))

    def tools(self) -> Section:
        """Who goes over without an equivalent of a tool, and which gap weighs most."""
        heading = self._("Les outils", "The tools")
        return self._keep_if("tools", heading, tools_parts(self.forecast, self.lang))

    def money(self) -> Section:
        """What it costs: by line and what covers it, by budget year, by perimeter, a terabyte."""
        heading = self._("L'argent", "The money")
        forecast, lang = self.forecast, self.lang
        if not forecast.lines:
            none = self._("Le plan ne chiffre rien.", "The plan prices nothing.")
            return self._keep("money", heading, prose("p", none), lines=(none,))
        by_line = self._figures.get("money_by_line")
        by_year = self._figures.get("money_by_year")
        texts = cover_sentence(forecast, lang), drawn_sentence(forecast, lang)
        note = self._(
            "Périmètre : l'enveloppe, jusqu'à la clôture. Moyennes et plan probable s'ajoutent, "
            "pas les P50 ni les P80, car tout ne va pas mal à la fois.",
            "Perimeter: the envelope, until closure. Means and the likely plan add up, P50s and "
            "P80s do not, as not everything goes wrong at once.",
        )
        return self._keep(
            "money",
            heading,
            figure(by_line, lang),
            money_by_line_table(forecast, lang),
            prose("p", note, style="note"),
            prose("p", *texts),
            cover_table(forecast, lang),
            figure(by_year, lang),
            money_by_year_table(forecast, lang),
            prose("p", closings_sentence(forecast.plan, lang), style="note"),
            perimeters_table(forecast, lang),
            price_table(forecast.plan, lang),
            lines=(_title(by_line), *texts, _title(by_year)),
        )

    def drivers(self) -> Section:
        """What moves the answer, and what of it we can act on."""
        study, lang = self.study, self.lang
        text, alone = drivers_sentence(study, lang), alone_sentence(study, lang)
        view = outside_view_sentence(self.forecast, study, lang)
        few = number(study.draws, lang)
        note = self._(
            f"Sur les {few} premiers tirages, les mêmes avec et sans le facteur. {AVERAGED[0]}",
            f"Over the first {few} draws, the same with and without the driver. {AVERAGED[1]}",
        )
        independent = self._(
            "Les incertitudes sont tirées indépendamment ; une cause commune à plusieurs choses en "
            "est une seule : leurs parts s'ajoutent donc.",
            "The uncertainties are drawn independently; a cause that several things share is one "
            "of them: so their shares add up.",
        )
        seen = study.outside_view
        return self._keep(
            "drivers",
            self._("Ce qui pèse", "What drives it"),
            prose("p", text),
            figure(self._figures.get("drivers"), lang),
            drivers_table(self.forecast, study, lang) if study.drivers else "",
            prose("p", note if study.drivers else "", style="note"),
            prose("p", view),
            outside_view_table(self.forecast, seen, lang) if seen else "",
            prose("p", alone),
            inputs_table(study, lang),
            prose(
                "p", " ".join(filter(None, (independent, sums_sentence(study, lang)))), style="note"
            ),
            lines=(text, view, alone),
        )

    def exposure(self) -> Section:
        """Data still readable under extra-European law, and what limits the copies."""
        heading = self._("Exposition et copies", "Exposure and copies")
        texts = (
            exposure_sentence(self.forecast, self.lang),
            bottleneck_sentence(self.forecast, self.lang),
        )
        if not self.forecast.plan.datasets:
            return self._keep("exposure", heading, prose("p", *texts), lines=texts)
        drawn = self._figures.get("exposure")
        return self._keep(
            "exposure",
            heading,
            prose("p", texts[0]),
            figure(drawn, self.lang),
            prose("p", texts[1]),
            figure(self._figures.get("landed"), self.lang),
            bottlenecks_table(self.forecast, self.lang),
            lines=texts,
        )

    def facts(self) -> Section:
        """What the plan takes for true, what was claimed against it, what nobody knows."""
        parts, lines = facts_parts(self.forecast.plan, self.lang)
        return self._keep("facts", self._("Les faits", "The facts"), *parts, lines=lines)

    def method(self) -> Section:
        """How the numbers came about, what they leave out, and how to make them again."""
        forecast, lang = self.forecast, self.lang
        print_ = fingerprint(forecast, lang)
        return self._keep(
            "method",
            self._("Méthode et limites", "Method and limits"),
            items(method_texts(forecast, self.study, lang)),
            prose("p", print_, style="fingerprint"),
            lines=(print_,),
        )

    def invariants(self) -> tuple[str, ...]:
        """Check what must hold of any forecast, and say what was checked."""
        return check_invariants(self.forecast)

    def result(self, **more: Any) -> Result:
        """All numbers of the page, in no language, and more of them by name."""
        forecast, plan, checked = self.forecast, self.forecast.plan, self.invariants()
        numbers, warnings = bundle(forecast, self.study) | safe(more), warnings_of(forecast)
        day, title = as_of(plan), plan.title
        extra = {
            "answer": {lang: " ".join(answer(forecast, lang)) for lang in ("fr", "en")},
            "title": {
                lang: from_data(title.in_(lang) if title else plan.name) for lang in ("fr", "en")
            },
            "as_of": day.isoformat() if day else None,
            "checked": list(checked),
        }
        return Result(envelope(RESULT_SCHEMA, numbers, warnings, meta(forecast)) | extra, checked)


def _title(drawn: Figure | None) -> str:
    return drawn.title if drawn else ""
