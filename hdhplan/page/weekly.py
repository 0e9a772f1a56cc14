"""The page of a week: one sheet for the committee, and behind it what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hdhplan.figures import Figure
from hdhplan.figures.bridges import bridges
from hdhplan.figures.dates import joint
from hdhplan.figures.rising import burn_up, projects_up
from hdhplan.figures.weeks import trend
from hdhplan.kept import KEPT_MIME, archive
from hdhplan.page import Page, weekly_annex, weekly_record
from hdhplan.page.invariants import Result
from hdhplan.page.sections import (
    NOTHING,
    Section,
    figure,
    from_data,
    items,
    prose,
    section,
)
from hdhplan.page.weekly_sheet import (
    MOST_DECISIONS,
    decisions_table,
    height_for,
    next_parts,
    overflow,
    risks_table,
    side_by_side,
    status_line,
    status_table,
)
from hdhplan.status import State
from hdhplan.weekly import Week
from hdhplan.wording.formats import pick
from hdhplan.wording.labels import french
from hdhplan.wording.spending import spending_sentence
from hdhplan.wording.weekly import (
    answers,
    change_mind,
    coming_texts,
    identity,
    letter,
    limits_line,
    missing_text,
    overall_text,
    three_sentences,
)

#: Milestones whose trend is drawn: no more than four lines.
FOLLOWED = ("service_open", "left_azure", "snds_loaded", "azure_erased")


@dataclass(frozen=True)
class KeptForecast:
    """The archived forecast of a week: a table for programs, its size for people."""

    csv: str = field(repr=False)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict:
        return {KEPT_MIME: self.csv, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"{self.csv.count(chr(10)) - 1} rows"


@dataclass(frozen=True)
class WeeklyPage:
    """A week as sections in one language."""

    week: Week
    lang: str = "fr"
    _made: dict[str, Section] = field(default_factory=dict, repr=False, compare=False)

    def _(self, fr: str, en: str) -> str:
        """The text in the language of the page."""
        return pick(self.lang, french(fr), en)

    def _keep(self, made: Section) -> Section:
        """Remember a section, for `as_text`."""
        if made.lines:
            self._made[made.lines[0]] = made
        return made

    def as_text(self) -> str:
        """What the sections made so far say, as text with rounded numbers."""
        return "\n\n".join(map(repr, self._made.values()))

    @cached_property
    def _page(self) -> Page:
        """The forecast as any page shows it."""
        return Page(self.week.forecast, self.week.study, self.lang)

    @cached_property
    def _bridges(self) -> dict[str, Figure]:
        return bridges(self.week.moved, self.lang) if self.week.moved else {}

    @cached_property
    def figures(self) -> dict[str, Figure | None]:
        """The four figures of page one, and what stands behind it."""
        week, lang = self.week, self.lang
        names = [name for name in FOLLOWED if name in week.own.milestones]
        return {
            "bridge": self._bridges.get(self._most),
            "joint": joint(week.forecast, lang),
            "trend": trend(week.weeks, week.plan, names, lang),
            "burn_up": burn_up(week.weeks, week.forecast, lang),
            "projects": projects_up(week.weeks, week.forecast, lang),
        }

    @property
    def _most(self) -> str:
        """The bridge that stands on page one: that which moved most for its error."""
        total = self.week.moved.total if self.week.moved else {}
        keys = {"finish_days": "moved_date", "cost_eur": "moved_cost"}
        found = {keys[m]: move for m, move in total.items() if m in keys}
        return max(found, key=lambda k: abs(found[k].value) / (found[k].se or 1e-9), default="")

    def sheet(self) -> Section:
        """Page one: shall we make it, what changed and why, which decisions are asked for."""
        return self._keep(self._sheet)

    @cached_property
    def _sheet(self) -> Section:
        week, lang, plan = self.week, self.lang, self.week.plan
        sentences, asked = three_sentences(week, lang), answers(week, lang)["decision"]
        overall, missing = overall_text(week, lang), missing_text(week, lang)
        coming, mind = coming_texts(week, lang), change_mind(week, lang)
        money, limits = spending_sentence(week.forecast, lang), limits_line(week, lang)
        small = {**self.figures, "joint": joint(week.forecast, lang, bare=True)}
        drawn = [small[k] for k in ("bridge", "joint", "trend", "burn_up")]
        return section(
            "sheet",
            self._("La semaine en une page", "The week on one page"),
            prose("p", self.banner, style="banner"),
            prose("p", identity(week, lang), style="note"),
            status_line(week, overall, lang),
            items(sentences, style="lead"),
            decisions_table(week.decisions[:MOST_DECISIONS], plan, asked, lang),
            status_table(week, lang),
            side_by_side(drawn, high_in=height_for(week, lang)),
            risks_table(week, lang),
            next_parts(coming, mind, lang),
            prose("p", money, style="money"),
            prose("p", missing, limits, style="note"),
            lines=(identity(week, lang), overall, *sentences, asked, *coming, mind, money, missing),
        )  # fmt: skip

    @cached_property
    def banner(self) -> str:
        """That the status is made up, where it is; else what the plan says of itself."""
        progress, plan = self.week.forecast.progress, self.week.plan
        if progress is not None and progress.state.illustrative:
            return self._(
                "Illustratif : ces semaines de suivi sont inventées pour montrer la page ; ce n'est "
                "pas l'état réel du programme.",
                "Illustrative: these status weeks are invented to show the page; they are not the "
                "programme's real status.",
            )
        return from_data(plan.illustrative.in_(self.lang)) if plan.illustrative else ""

    def changed(self) -> Section:
        """What changed since last week, group by group, and the facts behind it."""
        if self.week.moved is None:
            return NOTHING
        drawn = self._bridges.values()
        return self._keep(weekly_annex.changed(self.week, drawn, self.lang))

    def milestones(self) -> Section:
        """Forecast dates week by week, and the references they are held against."""
        return self._keep(weekly_annex.milestones(self.week, self.figures["trend"], self.lang))

    def landed(self) -> Section:
        """Data landed and verified, projects moved."""
        drawn = self.figures["burn_up"], self.figures["projects"]
        return self._keep(weekly_annex.landed(self.week, drawn, self.lang))

    def cloud(self) -> Section:
        """Date and cost draw by draw."""
        drawn = self.figures["joint"]
        heading = self._("Date et coût ensemble", "Date and cost together")
        made = section(
            "cloud", heading, figure(drawn, self.lang), lines=(drawn.title,) if drawn else ()
        )
        return self._keep(made) if drawn else NOTHING

    def rules(self) -> Section:
        """How statuses are computed."""
        return self._keep(weekly_record.rules_section(self.week, self.lang))

    def decisions(self) -> Section:
        """Every decision: asked, taken, expected and seen effect; and what had no room before."""
        return self._keep(
            weekly_record.decisions(self.week, overflow(self.week.decisions, self.lang), self.lang)
        )

    def earned(self) -> Section:
        """Earned value and schedule beside the forecast."""
        return self._keep(weekly_record.earned(self.week, self.lang))

    def money(self) -> Section:
        """What is committed and paid, and what is to pay, by line and by budget year."""
        return self._keep(weekly_record.money(self.week, self.lang))

    def known(self) -> Section:
        """What was learned, re-estimated and corrected, and what is missing."""
        return self._keep(weekly_record.known(self.week, self.lang))

    def method(self) -> Section:
        """How the numbers came about, and how to make them again."""
        return self._keep(self._page.method())

    def invariants(self) -> tuple[str, ...]:
        """Check what must hold of the forecast, and of the week."""
        return self._checked

    @cached_property
    def _checked(self) -> tuple[str, ...]:
        checked = self._page.invariants()
        flat = " ".join(repr(self._sheet).split())
        for key, text in answers(self.week, self.lang).items():
            plain = " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())
            if plain.rstrip(".").lower() not in flat.lower():
                raise AssertionError(f"page one does not answer {key}: {plain}")
        return (*checked, "page one gives all six answers")

    def result(self) -> Result:
        """All numbers of the page, in no language, with the answers in both."""
        made = self._page.result(**self.week.data)
        year, count = self.week.week[:4], int(self.week.week[6:])
        illustrative = self._state is not None and self._state.illustrative
        label = (
            {"fr": " (illustratif)", "en": " (illustrative)"}
            if illustrative
            else {"fr": "", "en": ""}
        )
        said: dict[str, Any] = {
            "answers": {lang: answers(self.week, lang) for lang in ("fr", "en")},
            "answer": {lang: " ".join(three_sentences(self.week, lang)) for lang in ("fr", "en")},
            "title": {
                "fr": f"Migration PDS : note hebdomadaire, semaine {count} de {year}{label['fr']}",
                "en": f"PDS migration: weekly note, week {count} of {year}{label['en']}",
            },
            "letter": {lang: letter(self.week, lang) for lang in ("fr", "en")},
            "as_of": self.week.day.isoformat(),
            "checked": list(self._checked),
        }
        return Result(made.data | said, tuple(said["checked"]))

    def kept(self) -> KeptForecast:
        """The forecast as it is archived for ever."""
        return KeptForecast(archive(self.week.forecast, self.week.day).csv().decode())

    @property
    def _state(self) -> State | None:
        progress = self.week.forecast.progress
        return progress.state if progress else None
