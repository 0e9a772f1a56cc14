"""A visit to the explorer: states one behind the other, and nothing computed from what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hdhplan.errors import Fault, InputError
from hdhplan.explorer_draws import DRAGGING, RESTING, drawn
from hdhplan.explorer_refusals import said
from hdhplan.explorer_state import State, preset, validated
from hdhplan.explorer_texts import from_file, from_shared
from hdhplan.levers import BY_KEY


@dataclass
class Session:
    """A visitor's states, one behind the other; what is refused leaves the last good one."""

    states: list[State] = field(default_factory=lambda: [State()])
    at: int = 0
    faults: list[Fault] = field(default_factory=list)
    draws: int = RESTING
    moving: str = ""

    @property
    def message(self) -> str:
        """What was refused last, in English."""
        return self.refusal("en")

    def refusal(self, lang: str) -> str:
        """What was refused last, in a language; empty if nothing was."""
        return said(self.faults, lang)

    @property
    def state(self) -> State:
        """The state that holds."""
        return self.states[self.at]

    @property
    def before(self) -> State:
        """The state before the last move; the same where there is none."""
        return self.states[max(self.at - 1, 0)]

    @property
    def lines(self) -> dict[str, State]:
        """The three that are shown: the reference, with changed assumptions, the scenario."""
        now = self.state
        return {
            "reference": now.only("target"),
            "assumed": now.only("target", "assumption"),
            "scenario": now,
        }

    def set(self, key: str, value: Any, dragging: bool = False) -> bool:
        """Move a lever; tell whether it was accepted."""
        return self._enter(lambda: self.state.having(key, validated(key, value)), key, dragging)

    def release(self, key: str) -> bool:
        """Put one lever back where the start has it."""
        known = key in BY_KEY
        return self._enter(lambda: self.state.having(key if known else validated(key, None), None))

    def take(self, state: State) -> bool:
        """Take over a whole state: a preset, a loaded file, a shared text."""
        return self._enter(lambda: state)

    def load(self, kind: str, text: str) -> bool:
        """Take over a preset by its name, a file or a shared text."""
        made = {"preset": preset, "file": from_file, "shared": from_shared}[kind]
        return self._enter(lambda: made(text))

    def undo(self) -> bool:
        """Go back by one state."""
        return self._go(-1)

    def redo(self) -> bool:
        """Go forward again."""
        return self._go(1)

    def reset(self) -> bool:
        """Go back to the reference, as a further step."""
        return self.take(State())

    def _go(self, by: int) -> bool:
        if not 0 <= self.at + by < len(self.states):
            return False
        self.at, self.faults, self.moving = self.at + by, [], ""
        return True

    def _enter(self, made: Callable[[], State], key: str = "", dragging: bool = False) -> bool:
        """Judge a state before it holds; a lever that is dragged is one step to undo."""
        try:
            state = made()
            drawn(state, DRAGGING)
        except InputError as error:
            self.faults = error.faults
            return False
        same = dragging and key and key == self.moving
        before = self.states[: self.at if same and self.at else self.at + 1]
        if not before or state != before[-1]:
            before.append(state)
        self.states, self.at = before, len(before) - 1
        self.faults, self.moving = [], key if dragging else ""
        self.draws = DRAGGING if dragging else RESTING
        return True
