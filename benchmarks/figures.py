"""All figures on one sheet, in French, in English and in grey, for those who look at them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import ROOT, Check, Row

if TYPE_CHECKING:
    from PIL.Image import Image

    from hdhplan.figures import Figure
    from hdhplan.scoring import Scores
    from hdhplan.weekly import Week

SHEET = ROOT / "docs" / "figures.png"
#: Enough draws for figures to look as in a report.
DRAWS, STUDIED, COMPARED = 65_536, 8_192, 4_096
#: Scenarios of the figures of a comparison, the reference first.
SCENARIOS = ("base", "accelerated", "frugal", "evidence")
#: Width of a figure [in], dots an inch, colours of the file, space between figures [px].
_WIDE, _DOTS, _COLOURS, _GAP = 7.2, 80, 256, 14
#: The file is kept with the project: it stays small. [bytes]
LARGEST = 2_000_000


def run(count: int, say, into: Path = SHEET) -> tuple[list[Row], list[Check]]:
    """Draw every figure of the base plan, of a comparison and of a week, and write the sheet."""
    found = dict(_figures())
    sheet = contact_sheet(found["fr"], found["en"])
    into.parent.mkdir(exist_ok=True)
    sheet.save(into, optimize=True)
    size = into.stat().st_size
    say(f"{into.relative_to(ROOT) if into.is_relative_to(ROOT) else into.name}: "
        f"{len(found['fr'])} figures, {size / 1e3:.0f} kB")  # fmt: skip
    return [], [Check("figures in both languages", float(len(found["fr"])), float(len(found["en"])), 0),
                Check("kB of the sheet over its limit", max(size - LARGEST, 0) / 1e3, 0.0, 0)]  # fmt: skip


def _figures() -> Iterator[tuple[str, list[Figure]]]:
    """Figures of the base plan, those of a comparison, those of the sample's week, by language."""
    from hdhplan.attribution import attribute
    from hdhplan.comparison import compare
    from hdhplan.figures import all_figures, spent_and_to_come
    from hdhplan.figures.bridges import bridges
    from hdhplan.figures.scores import score_figures
    from hdhplan.figures.versus import bridge, costs, dates
    from hdhplan.page.weekly import WeeklyPage
    from hdhplan.reading import load_plan
    from hdhplan.sensitivity import study
    from hdhplan.simulation import simulate

    plans, order = [load_plan(name) for name in SCENARIOS], range(len(SCENARIOS))
    forecast = simulate(plans[0], DRAWS, detail=True)
    studied = study(forecast, STUDIED)
    compared, shared = compare(plans, COMPARED), attribute(plans[0], plans[1], COMPARED)
    week, scores = _week()
    for lang in ("fr", "en"):
        made = [*all_figures(forecast, studied, lang).values()]
        made += [dates(compared, order, lang), costs(compared, order, lang)]
        made.append(bridge(compared, shared, (0, 1), lang))
        behind = {
            k: v for k, v in WeeklyPage(week, lang).figures.items() if k not in ("bridge", "joint")
        }
        made += [*bridges(week.moved, lang).values(), *behind.values()]
        made += [
            spent_and_to_come(week.forecast, lang),
            *score_figures(scores, week.plan, lang).values(),
        ]
        yield lang, [figure for figure in made if figure]


def _week() -> tuple[Week, Scores]:
    """The last of the made-up weeks, as the sample in `reports` counts from the one before; its scores."""
    from hdhplan.gathered import this_week
    from hdhplan.scoring import keep_weeks, score
    from hdhplan.weeks import status_folder

    week = this_week("base", status_folder("example"), "2026-11-20", ROOT / "reports", COMPARED)
    return week, score(week.plan, keep_weeks(week.plan, COMPARED), draws=COMPARED)


def contact_sheet(french: list[Figure], english: list[Figure]) -> Image:
    """A row a figure: French, English, and French in grey, as a printer gives it."""
    from PIL import Image

    rows = [[_picture(a), _picture(b)] for a, b in zip(french, english, strict=True)]
    wide = max(picture.width for row in rows for picture in row)
    tall = [max(picture.height for picture in row) for row in rows]
    sheet = Image.new("RGB", (3 * wide + 4 * _GAP, sum(tall) + _GAP * (len(rows) + 1)), "#D9D9D9")
    y = _GAP
    for (left, middle), height in zip(rows, tall, strict=True):
        grey = left.convert("L").convert("RGB")
        for column, picture in enumerate((left, middle, grey)):
            sheet.paste(picture, (_GAP + column * (wide + _GAP), y))
        y += height + _GAP
    return sheet.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def _picture(figure: Figure) -> Image:
    """A figure as it is drawn, in dots."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    from hdhplan.figures import house_style
    from hdhplan.figures.drawing import compose

    # Glyphs as wide as they are made: on a screen's grid some lines would be too wide for the sheet.
    with house_style(figure.key), rc_context({"text.hinting": "none"}):
        drawn = compose(figure, _WIDE, figure.height_in)
        drawn.set_dpi(_DOTS)
        out = io.BytesIO()
        FigureCanvasAgg(drawn).print_png(out, metadata={"Software": None})
    return Image.open(out).convert("RGB")
