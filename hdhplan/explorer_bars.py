"""The explorer's bars: presets, undo and redo, language; which view; how numbers are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hdhplan.explorer import Session
from hdhplan.explorer_charts import VIEWS
from hdhplan.explorer_odds import Ask
from hdhplan.explorer_state import PRESETS
from hdhplan.wording.formats import pick

if TYPE_CHECKING:
    from ipywidgets import Widget

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


def toolbar(
    session: Session, lang: str, done: Callable[[bool], None], speak: Callable[[str], None]
) -> Widget:
    """Presets, undo, redo, reset and the language."""
    import ipywidgets as w

    names = [(pick(lang, *PRESET_NAMES[key]), key) for key in PRESETS]
    choose = w.Dropdown(
        options=[(pick(lang, "choisir…", "choose…"), ""), *names],
        description=pick(lang, "Préréglage", "Preset"), value="",
    )  # fmt: skip

    def chosen(name: str) -> None:
        done(session.load("preset", name))
        choose.value = ""  # so that the same one can be taken again

    choose.observe(lambda c: c.new and chosen(c.new), "value")
    tongue = w.ToggleButtons(
        options=["fr", "en"], value=lang, tooltips=["français", "English"], _dom_classes=["hx-lang"]
    )
    tongue.observe(lambda c: speak(c.new), "value")
    buttons = []
    for fr, en, press in (
        ("Annuler", "Undo", session.undo), ("Rétablir", "Redo", session.redo),
        ("Réinitialiser", "Reset", session.reset),
    ):  # fmt: skip
        button = w.Button(description=pick(lang, fr, en))
        button.on_click(lambda _, press=press: done(press()))
        buttons.append(button)
    return w.Box([choose, *buttons, tongue], _dom_classes=["hx-bar"])


def tabs_of(lang: str, now: str, turn: Callable[[str], None]) -> Widget:
    """Which of the further views is shown."""
    import ipywidgets as w

    options = [(pick(lang, *name), key) for key, (name, *_) in VIEWS.items()]
    tabs = w.ToggleButtons(options=options, value=now, _dom_classes=["hx-tabs"])
    tabs.observe(lambda c: turn(c.new), "value")
    return tabs


def options(ask: Ask, look: Callable[..., None]) -> Widget:
    """How numbers are shown; nothing in the plan depends on it."""
    import ipywidgets as w

    level = w.ToggleButtons(
        options=[("P50", 0.5), ("P80", 0.8), ("P90", 0.9)], value=ask.p,
        description=pick(ask.lang, "Prudence", "Prudence"),
    )  # fmt: skip
    names = pick(ask.lang, "HT;TTC", "excl. VAT;incl. VAT").split(";")
    tax = w.ToggleButtons(
        options=list(zip(names, ("HT", "TTC"), strict=True)), value=ask.vat,
        description=pick(ask.lang, "Montants", "Amounts"),
    )  # fmt: skip
    level.observe(lambda c: look(p=c.new), "value")
    tax.observe(lambda c: look(vat=c.new), "value")
    title = w.HTML(f"<h2>{pick(ask.lang, 'Affichage', 'Display')}</h2>")
    return w.VBox([title, level, tax], _dom_classes=["hx-group", "hx-options"])
