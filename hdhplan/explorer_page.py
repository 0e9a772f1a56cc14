"""The explorer's controls: what they say goes through the session, which judges it anew."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from datetime import timedelta
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from hdhplan.errors import InputError
from hdhplan.explorer import Session
from hdhplan.explorer_alarms import warnings
from hdhplan.explorer_charts import VIEWS, bridge, joint, legend
from hdhplan.explorer_draws import DRAGGING, RESTING, forecast_of
from hdhplan.explorer_odds import Ask, challenge, headline, prudent
from hdhplan.explorer_starts import begun
from hdhplan.explorer_state import PRESETS
from hdhplan.explorer_texts import MOST_BYTES, SHARED, file_text, shared_text
from hdhplan.explorer_why import effects, shown, why
from hdhplan.levers import BY_KEY, LEVERS, Lever
from hdhplan.wording.formats import label, pick
from hdhplan.wording.labels import french

if TYPE_CHECKING:
    from ipywidgets import VBox, Widget

#: Seconds without a move after which more is drawn, and the reasons are worked out. [s]
IDLE = 0.5
PRESET_NAMES = {
    "base": ("Référence", "Reference"),
    "fastest": ("Au plus vite", "Fastest"),
    "cheapest": ("Au moins cher", "Cheapest"),
    "zero_interruption": ("Zéro interruption", "Zero interruption"),
    "wait_for_qualification": ("Attendre la qualification", "Wait for the qualification"),
    "evidence": ("Volume d'après les preuves", "Volume by the evidence"),
    "pessimist": (
        "Pessimiste crédible (hypothèses à P80)",
        "Credible pessimist (assumptions at P80)",
    ),
}
_GROUPS = {
    "lever": ("Leviers : ce que nous décidons", "Levers: what we decide"),
    "assumption": ("Hypothèses : ce que nous ignorons", "Assumptions: what we do not know"),
    "target": ("La cible", "The target"),
}


class Explorer:
    """One visitor's page: a session, and the widgets that show it."""

    def __init__(self, lang: str = "fr"):
        self.session, self.ask = Session(), Ask("en" if lang == "en" else "fr")
        self.tab, self._quiet, self._later = "timeline", False, None
        self.parts: dict[str, Widget] = {}
        self.fields: dict[str, tuple[Widget, Widget | None]] = {}
        self.root: VBox | None = None

    def show(self) -> VBox:
        """Return the page as one widget, drawn."""
        import ipywidgets as w

        self.root = w.VBox(_dom_classes=["hx"])
        self._build()
        return self.root

    def check(self) -> str:
        """Assert what must hold of what is shown, and say so."""
        odds = forecast_of(self.session.lines["reference"], RESTING).odds
        assert odds["both"] <= min(odds["date"], odds["budget"])
        assert set(self.fields) == {lever.key for lever in LEVERS}
        return "✓"

    def _say(self, fr: str, en: str) -> str:
        return pick(self.ask.lang, french(fr), en)

    def _build(self) -> None:
        """Make all widgets in the language asked for."""
        import ipywidgets as w

        style = files("hdhplan").joinpath("data/explorer.css").read_text(encoding="utf-8")
        keys = ("headline", "challenge", "message", "joint", "view", "why", "warnings", "link")
        self.parts = {key: w.HTML(_dom_classes=[f"hx-{key}"]) for key in keys}
        self.fields = {}
        head = w.HTML(f"<style>{style}</style>")
        views = self._tabs()
        panes = [self.parts["joint"], w.VBox([self.parts["why"], self.parts["warnings"]]), views]
        groups = [self._group(name) for name in _GROUPS]
        self.root.children = [
            head, self.parts["challenge"], self.parts["headline"], self._toolbar(), self.parts["message"],
            w.Box(panes, _dom_classes=["hx-views"]), w.HTML(legend(self.ask.lang)),
            w.Box([*groups, self._options()], _dom_classes=["hx-groups"]), self._files(),
        ]  # fmt: skip
        self._sync()
        self._draw()

    def _button(self, fr: str, en: str, press: Callable[[], Any], tip: str = "") -> Widget:
        import ipywidgets as w

        button = w.Button(description=self._say(fr, en), tooltip=tip or self._say(fr, en))
        button.on_click(lambda _: press())
        return button

    def _toolbar(self) -> Widget:
        import ipywidgets as w

        names = [(pick(self.ask.lang, *PRESET_NAMES[key]), key) for key in PRESETS]
        choose = w.Dropdown(
            options=[(self._say("choisir…", "choose…"), ""), *names],
            description=self._say("Préréglage", "Preset"), value="",
        )  # fmt: skip
        choose.observe(lambda c: c.new and self._do(self.session.load("preset", c.new)), "value")
        lang = w.ToggleButtons(
            options=["fr", "en"], value=self.ask.lang, tooltips=["français", "English"]
        )
        lang.observe(lambda c: self._speak(c.new), "value")
        session = self.session
        buttons = [
            self._button("Annuler", "Undo", lambda: self._do(session.undo())),
            self._button("Rétablir", "Redo", lambda: self._do(session.redo())),
            self._button("Réinitialiser", "Reset", lambda: self._do(session.reset())),
        ]
        return w.Box([choose, *buttons, lang], _dom_classes=["hx-bar"])

    def _tabs(self) -> Widget:
        import ipywidgets as w

        options = [(pick(self.ask.lang, *name), key) for key, (name, _) in VIEWS.items()]
        tabs = w.ToggleButtons(options=options, value=self.tab, _dom_classes=["hx-tabs"])
        tabs.observe(lambda c: self._turn(c.new), "value")
        return w.VBox([tabs, self.parts["view"]])

    def _group(self, group: str) -> Widget:
        import ipywidgets as w

        title = w.HTML(f"<h2>{self._say(*_GROUPS[group])}</h2>")
        controls = [self._control(lever) for lever in LEVERS if lever.group == group]
        return w.VBox([title, *controls], _dom_classes=["hx-group", f"hx-{group}"])

    def _control(self, lever: Lever) -> Widget:
        """One lever: a slider and a typed number, or a choice; its reference; back to its place."""
        import ipywidgets as w

        name = lever.name(self.ask.lang)
        if lever.choices:
            options = [(pick(self.ask.lang, c.fr, c.en), key) for key, c in lever.choices.items()]
            pair = w.Dropdown(options=options, description=name), None
        elif lever.key == "finish":
            pair = w.DatePicker(description=name), None
        else:
            slider = w.FloatSlider(
                min=lever.low, max=lever.high, step=lever.step, readout=False, description=name,
                continuous_update=True,
            )  # fmt: skip
            unit = pick(self.ask.lang, *lever.unit)
            typed = w.Text(continuous_update=False, description=unit, _dom_classes=["hx-typed"])
            typed.observe(lambda c: self._moved(lever.key, c.new, False), "value")
            pair = slider, typed
        pair[0].observe(lambda c: self._moved(lever.key, c.new, True), "value")
        self.fields[lever.key] = pair
        back = self._button("↺", "↺", lambda: self._do(self.session.release(lever.key)),
                            self._say(f"Remettre : {name}", f"Reset: {name}"))  # fmt: skip
        row = [widget for widget in pair if widget is not None]
        return w.VBox([w.Box([*row, back], _dom_classes=["hx-row"]), w.HTML(self._known(lever))])

    def _known(self, lever: Lever) -> str:
        """Reference, evidence grade, and the source on demand."""
        plan, lang = begun("base", ""), self.ask.lang
        value = lever.read(plan)
        tick = (
            plan.target.finish.isoformat() if lever.key == "finish" else shown(lever, value, lang)
        )
        said = f"{self._say('réf.', 'ref.')} {escape(tick)}"
        if not lever.known:
            return f'<p class="hx-ref">{said}</p>'
        known = lever.known(plan)
        grade = self._say("preuve", "evidence") + f" {known.grade or 'D'}"
        source = escape(label(known.source, 200) + (f" (fact {known.fact})" if known.fact else ""))
        return (
            f'<details class="hx-ref"><summary>{said} · {grade}</summary>{source}: {known.low:g} / '
            f"{known.likely:g} / {known.high:g} {escape(known.unit)}</details>"
        )

    def _options(self) -> Widget:
        """How numbers are shown; nothing in the plan depends on it."""
        import ipywidgets as w

        level = w.ToggleButtons(options=[("P50", 0.5), ("P80", 0.8), ("P90", 0.9)], value=self.ask.p,
                                description=self._say("Prudence", "Prudence"))  # fmt: skip
        taxes = (
            [("HT", "HT"), ("TTC", "TTC")]
            if self.ask.lang == "fr"
            else [("excl. VAT", "HT"), ("incl. VAT", "TTC")]
        )
        tax = w.ToggleButtons(
            options=taxes, value=self.ask.vat, description=self._say("Montants", "Amounts")
        )
        level.observe(lambda c: self._look(p=c.new), "value")
        tax.observe(lambda c: self._look(vat=c.new), "value")
        title = w.HTML(f"<h2>{self._say('Affichage', 'Display')}</h2>")
        return w.VBox([title, level, tax], _dom_classes=["hx-group", "hx-options"])

    def _files(self) -> Widget:
        """Save, load and share."""
        import ipywidgets as w

        name = w.Text(value="explore", description=self._say("Nom", "Name"))
        pasted = w.Textarea(description=self._say("Coller", "Paste"), _dom_classes=["hx-paste"],
                            placeholder=self._say("un texte partagé, ou un fichier de scénario",
                                                  "a shared text, or a scenario file"))  # fmt: skip
        rows = [
            w.Box([name, self._button("Enregistrer", "Save", lambda: self._save(name.value)),
                   self._button("Partager", "Share", self._share)], _dom_classes=["hx-bar"]),
            self.parts["link"],
            w.Box([pasted, self._button("Charger", "Load", lambda: self._paste(pasted.value))],
                  _dom_classes=["hx-bar"]),
        ]  # fmt: skip
        title = w.HTML(
            f"<h2>{self._say('Enregistrer, charger, partager', 'Save, load, share')}</h2>"
        )
        return w.VBox([title, *rows], _dom_classes=["hx-files"])

    def _moved(self, key: str, value: Any, dragging: bool) -> None:
        """Pass on what a control says; a refused value goes back to the last good one."""
        if self._quiet:
            return
        if key == "finish" and value is not None:
            value = (value - begun("base", "").start).days
        self._do(self.session.set(key, value, dragging))

    def _do(self, accepted: bool) -> None:
        self.parts["message"].value = ""
        if self.session.faults:
            said = self._say("Refusé, rien n'a changé", "Refused, nothing has changed")
            lines = "<br>".join(
                escape(text) for text in self.session.refusal(self.ask.lang).split("\n")
            )
            self.parts[
                "message"
            ].value = f'<div role="alert"><strong>{said}</strong><br>{lines}</div>'
        elif accepted:
            self._draw()
        self._sync()

    def _sync(self) -> None:
        """Put every control where the state has it."""
        self._quiet = True
        try:
            state = self.session.state
            plan = begun(state.start, state.own)
            for key, (main, typed) in self.fields.items():
                lever, value = BY_KEY[key], state.value(key)
                value = lever.read(plan) if value is None else value
                main.value = plan.start + timedelta(days=int(value)) if key == "finish" else value
                if typed is not None:
                    text = f"{value:.10g}"
                    typed.value = text.replace(".", ",") if self.ask.lang == "fr" else text
        finally:
            self._quiet = False

    def _draw(self) -> None:
        """Send the headline first, then the views; the reasons once nothing moves any more."""
        self._head(DRAGGING)
        self._show(DRAGGING)
        if self._later is not None:
            self._later.cancel()
            self._later = None
        try:
            self._later = asyncio.get_running_loop().call_later(IDLE, self.settle)
        except RuntimeError:  # no kernel around us
            self.settle()

    def _head(self, draws: int) -> None:
        first, more = headline(self.session.lines, draws, self.ask)
        more = f"{prudent(self.session.state, draws, self.ask)} {more}"
        self.parts["headline"].value = (
            f'<div role="status" aria-live="polite"><strong>{escape(french(first))}</strong> '
            f"{escape(more)}</div>"
        )
        said = escape(french(challenge(self.session.state, draws, self.ask)))
        self.parts["challenge"].value = f"<p>{said}</p>"

    def _show(self, draws: int) -> None:
        lines = {key: forecast_of(state, draws) for key, state in self.session.lines.items()}
        self.parts["joint"].value = joint(lines, self.ask)
        self.parts["view"].value = VIEWS[self.tab][1](lines, self.ask)

    def settle(self) -> None:
        """Draw more, and say what moved the odds and what to be warned of."""
        lines, lang = self.session.lines, self.ask.lang
        self._head(RESTING)
        self._show(RESTING)
        found, whole = effects(lines, RESTING, lang)
        forecast = forecast_of(lines["scenario"], RESTING)
        shown_ = [*found, whole] if found else []
        said = "".join(f"<li>{escape(french(why(e, forecast, self.ask)))}</li>" for e in shown_)
        empty = self._say(
            "Bougez un levier : l'effet sera expliqué ici.",
            "Move a lever: what it does is explained here.",
        )
        self.parts["why"].value = bridge(shown_, self.ask) + (
            f"<ul>{said}</ul>" if said else f"<p>{empty}</p>"
        )
        alarms = warnings(lines["scenario"], forecast, self.ask)
        items = "".join(f"<li>⚠ {escape(french(text))}</li>" for text in alarms)
        title = self._say("À surveiller", "To watch")
        self.parts["warnings"].value = f"<h2>{title}</h2><ul>{items}</ul>" if items else ""

    def _turn(self, tab: str) -> None:
        self.tab = tab if tab in VIEWS else self.tab
        self._draw()

    def _look(self, **asked: Any) -> None:
        """Show numbers another way; what is no way is ignored."""
        if asked.get("p", 0.8) in (0.5, 0.8, 0.9) and asked.get("vat", "HT") in ("HT", "TTC"):
            self.ask = Ask(
                self.ask.lang, asked.get("p", self.ask.p), asked.get("vat", self.ask.vat)
            )
            self._draw()

    def _speak(self, lang: str) -> None:
        if lang in ("fr", "en") and lang != self.ask.lang:
            self.ask = Ask(lang, self.ask.p, self.ask.vat)
            self._build()

    def _save(self, name: str) -> None:
        """Offer the state as a scenario file; it is not written on the server."""
        try:
            text = file_text(self.session.state, name)
        except InputError as error:
            self.session.faults = error.faults
            return self._do(False)
        coded = base64.b64encode(text.encode()).decode()
        said = self._say("Télécharger", "Download")
        self.parts["link"].value = (
            f'<p><a download="{name}.yaml" href="data:text/yaml;base64,{coded}">{said} {name}.yaml</a> · '
            f"<code>python run.py run {name}.yaml</code></p><pre tabindex=0>{escape(text)}</pre>"
        )
        return None

    def _share(self) -> None:
        try:
            text = shared_text(self.session.state)
        except InputError as error:
            self.session.faults = error.faults
            return self._do(False)
        self.parts["link"].value = f"<pre tabindex=0>{escape(text)}</pre>"
        return None

    def _paste(self, text: str) -> None:
        text = str(text)[: MOST_BYTES + 1].strip()
        shared = text.startswith(SHARED.partition("/")[0] + "/") or "extends" not in text
        self._do(self.session.load("shared" if shared else "file", text + ("" if shared else "\n")))
