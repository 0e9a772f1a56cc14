"""The sheet that the explorer draws on: an SVG written by hand, with its numbers in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from numpy.typing import NDArray

from hdhplan.figures.drawing import INK
from hdhplan.wording.formats import pick

#: Size of a chart in its own units, and room for its axes.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BELOW = 400, 250, 44, 10, 10, 24


@dataclass
class Sheet:
    """Marks, and where numbers lie on the sheet."""

    x: tuple[float, float]
    y: tuple[float, float]
    height: float = HEIGHT
    left: float = LEFT
    marks: list[str] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Place of a pair of numbers; what is beyond the edge lies on it."""
        across = min(max((x - self.x[0]) / (self.x[1] - self.x[0]), 0.0), 1.0)
        up = min(max((y - self.y[0]) / (self.y[1] - self.y[0]), 0.0), 1.0)
        return round(self.left + across * self._wide, 1), round(self._low - up * self._tall, 1)

    def places(self, x: NDArray, y: NDArray) -> tuple[NDArray, NDArray]:
        """Places of many pairs of numbers; what is beyond the edge lies on it."""
        across = np.clip((x - self.x[0]) / (self.x[1] - self.x[0]), 0.0, 1.0)
        up = np.clip((y - self.y[0]) / (self.y[1] - self.y[0]), 0.0, 1.0)
        return self.left + across * self._wide, self._low - up * self._tall

    @property
    def _wide(self) -> float:
        return WIDTH - self.left - RIGHT

    @property
    def _tall(self) -> float:
        return self.height - TOP - BELOW

    @property
    def _low(self) -> float:
        return self.height - BELOW

    def line(self, a: tuple, b: tuple, color: str, width: float = 1, dash: str = "") -> None:
        """Draw a line between two places of the sheet."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.marks.append(
            f'<path d="M{a[0]} {a[1]}L{b[0]} {b[1]}" stroke="{color}" stroke-width="{width}"{dashes}/>'
        )

    def text(self, x: float, y: float, said: str, anchor: str = "start", color: str = INK) -> None:
        """Write at a place of the sheet."""
        self.marks.append(
            f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{color}">{escape(said)}</text>'
        )

    def keyed(self, key: str, said: str, since: int) -> None:
        """Put the marks made since a count under one key, so that what has it elsewhere lights up too."""
        marks = "".join(self.marks[since:])
        self.marks[since:] = [
            f'<g data-k="{escape(key)}" tabindex="0" role="img" aria-label="{escape(said)}">'
            f"<title>{escape(said)}</title>{marks}</g>"
        ]

    def axes(self, across: Sequence, up: Sequence) -> None:
        """Draw ticks and a light grid: pairs of a value and its label."""
        for value, said in across:
            x, y = self.at(value, self.y[0])
            self.line((x, y), (x, TOP), "#D9D9D9", 0.8)
            self.text(x, self.height - 8, said, "middle")
        for value, said in up:
            x, y = self.at(self.x[0], value)
            self.line((x, y), (WIDTH - RIGHT, y), "#D9D9D9", 0.8)
            self.text(x - 4, y + 4, said, "end")

    def svg(self, title: str, alt: str) -> str:
        """The sheet as an SVG element: one picture, or a group where parts of it can be reached by key."""
        role = "group" if any("data-k" in mark for mark in self.marks) else "img"
        return (
            f'<svg viewBox="0 0 {WIDTH} {self.height:g}" role="{role}" aria-label="{escape(title)}. '
            f'{escape(alt)}" font-size="11.5" fill="none">{"".join(self.marks)}</svg>'
        )


def short(name: str, most: int) -> str:
    """A name as long as there is room for; its table has it whole."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def view(
    title: str,
    svg: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    lang: str,
    under: str = "",
    keys: Sequence[str] = (),
) -> str:
    """A chart with its title over it; how to read it, its table and its downloads under it.

    ``keys`` are those of the rows: what has the same elsewhere lights up with them.
    """
    named = [f' data-k="{escape(key)}"' if key else "" for key in keys] or [""] * len(rows)
    cells = "".join(
        f"<tr{key}>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>"
        for key, row in zip(named, rows, strict=True)
    )
    heads = "".join(f'<th scope="col">{escape(h)}</th>' for h in head)
    label = pick(lang, "Les nombres", "The numbers")
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>{svg}{under}<details><summary>{label}</summary>"
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table></div>'
        f"</details>{_downloads(title, lang)}</figure>"
    )


def _downloads(title: str, lang: str) -> str:
    """Buttons that hand a figure over as a picture and as numbers; the page's script answers them."""
    label = pick(lang, "Télécharger", "Download")
    kinds = (("svg", pick(lang, "image", "picture")), ("csv", pick(lang, "nombres", "numbers")))
    buttons = " ".join(
        f'<button type="button" class="hx-down" data-as="{kind}" aria-label="{escape(label)}, '
        f'{escape(name)} : {escape(title)}">{escape(name)} ({kind.upper()})</button>'
        for kind, name in kinds
    )
    return f'<p class="hx-downs">{label} {buttons}</p>'
