"""The explorer's page: the headline first, then the views, and the reasons once nothing moves any more."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from hdhplan.explorer import Session
from hdhplan.explorer_bars import options, tabs_of, toolbar
from hdhplan.explorer_charts import VIEWS
from hdhplan.explorer_cloud import joint
from hdhplan.explorer_controls import BOXES, Controls
from hdhplan.explorer_draws import DRAGGING, RESTING, forecast_of
from hdhplan.explorer_files import Files
from hdhplan.explorer_lines import legend
from hdhplan.explorer_odds import Ask, challenge, headline, prudent
from hdhplan.explorer_reasons import alarms, reasons
from hdhplan.wording.formats import pick
from hdhplan.wording.labels import french

if TYPE_CHECKING:
    from ipywidgets import VBox, Widget

#: Seconds without a move after which more is drawn, and the reasons are worked out. [s]
IDLE = 0.5
#: Seconds between two pieces of that work, in which a move is heard. [s]
_BREATH = 0.01
_PARTS = ("headline", "challenge", "message", "joint", "view", "why", "warnings", "live")


class Explorer:
    """One visitor's page: a session, and the widgets that show it."""

    def __init__(self, lang: str = "fr"):
        self.session, self.ask = Session(), Ask("en" if lang == "en" else "fr")
        self.tab = "timeline"
        self.parts: dict[str, Widget] = {}
        self.controls: Controls | None = None
        self.root: VBox | None = None
        self._later: asyncio.Task | None = None

    def show(self) -> VBox:
        """Return the page as one widget, drawn; in a notebook its script goes before it."""
        import ipywidgets as w
        from IPython import get_ipython
        from IPython.display import HTML, display

        if get_ipython() is not None:
            script = files("hdhplan").joinpath("data/explorer.js").read_text(encoding="utf-8")
            display(HTML(f"<script>{script}</script>"))
        self.root = w.VBox(_dom_classes=["hx"])
        self._build()
        if get_ipython() is not None:
            _collect_when_idle()
        return self.root

    def check(self) -> str:
        """Assert what must hold of what is shown, and say so."""
        odds = forecast_of(self.session.lines["reference"], RESTING).odds
        assert odds["both"] <= min(odds["date"], odds["budget"])
        assert {"waves", "volume", "finish"} <= set(self.controls.fields)
        return "✓"

    def _say(self, fr: str, en: str) -> str:
        return pick(self.ask.lang, french(fr), en)

    def _build(self) -> None:
        """Make all widgets in the language asked for."""
        import ipywidgets as w

        style = files("hdhplan").joinpath("data/explorer.css").read_text(encoding="utf-8")
        self.parts = {key: w.HTML(_dom_classes=[f"hx-{key}"]) for key in _PARTS}
        self.controls = Controls(self.ask, self._moved, lambda k: self._do(self.session.release(k)))
        head = w.HTML(f"<style>{style}</style>{self._skip()}")
        views = w.VBox([tabs_of(self.ask.lang, self.tab, self._turn), self.parts["view"]])
        reasons_ = w.VBox([self.parts["why"], self.parts["warnings"]])
        panes = [self.parts["joint"], reasons_, views]
        *boxes, asked = (self.controls.box(name) for name in BOXES)
        boxes.append(w.VBox([asked, options(self.ask, self._look)], _dom_classes=["hx-asked"]))
        bar = toolbar(self.session, self.ask.lang, self._do, self._speak)
        self.root.children = [
            head, self.parts["challenge"], self.parts["headline"], self.parts["live"], bar,
            self.parts["message"], w.Box(panes, _dom_classes=["hx-views"]), w.HTML(legend(self.ask.lang)),
            w.Box(boxes, _dom_classes=["hx-groups"]),
            Files(self.session, self.ask.lang, self._do).panel(),
        ]  # fmt: skip
        self.root.add_class(f"hx-{self.ask.lang}")
        self.root.remove_class("hx-en" if self.ask.lang == "fr" else "hx-fr")
        self._draw()
        self.controls.sync(self.session.state)

    def _skip(self) -> str:
        said = self._say("Aller aux leviers", "Go to the levers")
        return f'<a class="hx-skip" href="#hx-lever">{said}</a>'

    def _moved(self, key: str, value: Any, dragging: bool) -> None:
        """Pass on what a control says; a refused value goes back to the last good one."""
        self._do(self.session.set(key, value, dragging))

    def _do(self, accepted: bool) -> None:
        said = ""
        if self.session.faults:
            title = self._say("Refusé, rien n'a changé", "Refused, nothing has changed")
            lines = escape(self.session.refusal(self.ask.lang)).replace("\n", "<br>")
            said = f'<div role="alert"><strong>{title}</strong><br>{lines}</div>'
        elif accepted:
            self._draw()
        self.parts["message"].value = said
        self.controls.sync(self.session.state)

    def _draw(self) -> None:
        """Send the headline first, then the views; the rest once nothing moves any more."""
        if self._later is not None:
            self._later.cancel()
        self._head(DRAGGING)
        self._show(DRAGGING)
        try:
            self._later = asyncio.get_running_loop().create_task(self._settle())
        except RuntimeError:  # no kernel around us
            self.settle()

    def _head(self, draws: int) -> None:
        first, more = headline(self.session.lines, draws, self.ask)
        more = f"{prudent(self.session.state, draws, self.ask)} {more}"
        self.parts[
            "headline"
        ].value = f"<p><strong>{escape(french(first))}</strong> {escape(more)}</p>"
        said = escape(french(challenge(self.session.state, draws, self.ask)))
        self.parts["challenge"].value = f"<p>{said}</p>"

    def _show(self, draws: int) -> None:
        depth = VIEWS[self.tab][2] if draws == DRAGGING else "all"
        states = self.session.lines
        lines = {key: forecast_of(state, draws, depth) for key, state in states.items()}
        self.parts["joint"].value = joint(lines, self.ask)
        self.parts["view"].value = VIEWS[self.tab][1](lines, self.ask)

    async def _settle(self) -> None:
        """Do the rest piece by piece, so that a move is heard between two; it cancels what is left."""
        await asyncio.sleep(IDLE)
        for piece in self._pieces():
            piece()
            await asyncio.sleep(_BREATH)

    def settle(self) -> None:
        """Draw more, and say what moved the odds and what to be warned of, at once."""
        for piece in self._pieces():
            piece()

    def _pieces(self) -> Iterator[Callable[[], None]]:
        yield lambda: self._head(RESTING)
        yield self._announce
        yield from (lambda s=s: forecast_of(s, RESTING) for s in self.session.lines.values())
        yield lambda: self._show(RESTING)
        yield self._warn
        yield self._explain
        yield lambda: gc.collect(1)

    def _announce(self) -> None:
        """Tell those who do not see the page what the headline is, once it rests."""
        self.parts["live"].value = escape(
            french(headline(self.session.lines, RESTING, self.ask)[0])
        )

    def _explain(self) -> None:
        self.parts["why"].value = reasons(self.session, self.ask)

    def _warn(self) -> None:
        self.parts["warnings"].value = alarms(self.session, self.ask)

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


def _collect_when_idle() -> None:
    """Leave what the page is made of out of garbage collection, which costs a move 60 ms now and then.

    What moves leave behind is collected once nothing moves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
