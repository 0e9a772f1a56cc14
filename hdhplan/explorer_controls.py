"""The explorer's controls: a slider and a typed number, or a choice, each with its note and its way back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hdhplan.explorer_notes import note
from hdhplan.explorer_odds import Ask
from hdhplan.explorer_starts import begun
from hdhplan.explorer_state import State, shifted
from hdhplan.lever_changes import likely
from hdhplan.levers import BY_KEY, TOGETHER, Lever
from hdhplan.wording.formats import pick

if TYPE_CHECKING:
    from ipywidgets import Widget

#: What stands in which box: seven decisions, five assumptions, and what is asked of the plan.
BOXES: dict[str, tuple[tuple[str, str], tuple[str, ...]]] = {
    "lever": (
        ("Leviers : ce que nous décidons", "Levers: what we decide"),
        ("waves", "link", "dual", "team", "projects", "rule", "host"),
    ),
    "assumption": (
        ("Hypothèses : ce que nous ignorons", "Assumptions: what we do not know"),
        ("volume", "qualification", "efficiency", "effort", "fees"),
    ),
    "target": (
        ("La cible et la provision", "The target and the provision"),
        ("finish", "envelope", "provision"),
    ),
}


class Controls:
    """All controls of a page: what is moved goes to ``moved``, what is put back to ``released``."""

    def __init__(
        self, ask: Ask, moved: Callable[[str, Any, bool], None], released: Callable[[str], None]
    ):
        self.ask, self._moved, self._released = ask, moved, released
        self.fields: dict[str, tuple[Widget, Widget | None]] = {}
        self.notes: dict[str, Widget] = {}
        self._state, self._quiet = State(), False

    def box(self, name: str) -> Widget:
        """One box of controls with its title."""
        import ipywidgets as w

        title, keys = BOXES[name]
        head = w.HTML(f'<h2 id="hx-{name}">{pick(self.ask.lang, *title)}</h2>')
        made = [self._control(key) for key in keys]
        return w.VBox([head, *made], _dom_classes=["hx-group", f"hx-{name}"])

    def sync(self, state: State) -> None:
        """Put every control where a state has it."""
        self._quiet, self._state = True, state
        try:
            for key, (main, typed) in self.fields.items():
                value = state.stands(key)
                main.value = _day(value) if key == "finish" else _place(value)
                if typed is not None:
                    main.min, main.max = BY_KEY[key].low, BY_KEY[key].high
                    typed.value = written(value, self.ask.lang)
                self.notes[key].value = note(BY_KEY[key], state, self.ask)
        finally:
            self._quiet = False

    def _control(self, key: str) -> Widget:
        """A control; two levers that share one stand in it together."""
        import ipywidgets as w

        keys: Iterable[str] = (key, TOGETHER[key]) if key in TOGETHER else (key,)
        parts = [part for one in keys for part in self._lever(BY_KEY[one])]
        return w.VBox(parts, _dom_classes=["hx-control", f"hx-k-{key}"])

    def _lever(self, lever: Lever) -> tuple[Widget, Widget]:
        import ipywidgets as w

        pair = self._fields(lever)
        self.fields[lever.key], self.notes[lever.key] = pair, w.HTML()
        pair[0].observe(lambda c: self._heard(lever.key, c.new, True), "value")
        name = lever.name(self.ask.lang)
        tip = pick(self.ask.lang, f"Remettre : {name}", f"Reset: {name}")
        back = w.Button(description="↺", tooltip=tip)
        back.on_click(lambda _: self._released(lever.key))
        row = [widget for widget in pair if widget is not None]
        return w.Box([*row, back], _dom_classes=["hx-row", f"hx-r-{lever.key}"]), self.notes[
            lever.key
        ]

    def _fields(self, lever: Lever) -> tuple[Widget, Widget | None]:
        import ipywidgets as w

        lang, name = self.ask.lang, lever.name(self.ask.lang)
        if lever.choices:
            options = [(pick(lang, c.fr, c.en), key) for key, c in lever.choices.items()]
            return w.Dropdown(options=options, description=name), None
        if lever.key == "finish":
            return w.DatePicker(description=name), None
        from hdhplan.explorer_slider import Slider

        slider = Slider(
            min=lever.low, max=lever.high, step=lever.step, readout=False, description=name
        )
        typed = w.Text(continuous_update=False, description=pick(lang, *lever.unit),
                       _dom_classes=["hx-typed"])  # fmt: skip
        typed.observe(lambda c: self._heard(lever.key, c.new, False), "value")
        return slider, typed

    def _heard(self, key: str, value: Any, dragging: bool) -> None:
        """Pass on what a control says; a span that is dragged is shifted as it is."""
        if self._quiet:
            return
        if isinstance(value, date):
            value = (value - begun("base", "").start).days
        now = self._state.value(key)
        if _same(value, _place(self._state.stands(key))):
            return  # a control that was put back says so, and counts in binary
        if dragging and isinstance(now, tuple):
            value = shifted(BY_KEY[key], now, value)
        self._moved(key, value, dragging)


def written(value: Any, lang: str) -> str:
    """A value as it is typed: a decimal comma in French, a span with its three numbers."""
    parts = value if isinstance(value, tuple) else (value,)
    text = "/".join(f"{part:.10g}" for part in parts)
    return text.replace(".", ",") if lang == "fr" else text


def _place(value: Any) -> Any:
    return likely(value) if isinstance(value, tuple) else value


def _same(a: Any, b: Any) -> bool:
    numbers = isinstance(a, int | float) and isinstance(b, int | float)
    return math.isclose(a, b, abs_tol=1e-9) if numbers else a == b


def _day(value: float) -> date:
    return begun("base", "").start + timedelta(days=int(value))
