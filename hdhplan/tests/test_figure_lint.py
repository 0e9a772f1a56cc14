"""What can be counted of every chart, of the shipped plans and of one that never ends, in both languages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from hdhplan.attribution import attribute
from hdhplan.comparison import compare
from hdhplan.figures import all_figures, burn_up, drawing, projects_up, spent_and_to_come, trend
from hdhplan.figures.bridges import bridges
from hdhplan.figures.scores import score_figures
from hdhplan.figures.versus import bridge, costs, dates
from hdhplan.moved import moved
from hdhplan.reading import load_plan
from hdhplan.scoring import keep_weeks, score
from hdhplan.sensitivity import study
from hdhplan.simulation import simulate
from hdhplan.tests.kept import twelve_weeks
from hdhplan.tests.test_figures import SMALL, drawn, made_from
from hdhplan.weeks import status_folder

pytestmark = pytest.mark.slow  # some hundred and fifty charts, drawn one by one

#: Plans, and the languages that each is drawn in.
PLANS = {
    "base": ("fr", "en"), "evidence": ("fr",), "other_platform": ("en",), "stay_on_azure": ("fr",),
    "never": ("en",),
}  # fmt: skip
#: Charts whose x axis is one of dates, and those whose bars show amounts or effects.
DATED = {
    "joint", "curve_date", "dots_date", "timeline", "waves", "continuity", "exposure", "landed",
    "versus_dates", "moved_date", "trend", "burn_up", "projects_up",
    "spending", "finish_by_week",
}  # fmt: skip
BARS = {"money_by_line", "drivers"}
FROM_ZERO = {
    "landed", "exposure", "money_by_year", "curve_date", "curve_cost", "burn_up", "projects_up",
    "spending", "pit",
}  # fmt: skip
#: Milestones of the weekly page; a chart of it takes half a page in width. [in]
MILESTONES, HALF = ("service_open", "left_azure", "azure_erased", "snds_loaded"), (3.6, 2.6)
#: Charts of the weekly page.
WEEKLY = {"trend", "burn_up", "projects_up", "spending"}
#: Series that one chart may tell apart by colour.
SERIES = 4
NEUTRAL = {drawing.GREY, drawing.INK, drawing.SHADE, "#FFFFFF", "#D9D9D9"}


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    """Every chart, drawn once: plan, language, chart, sheet, texts and their boxes."""
    found = []
    never = SMALL.replace("rewritten_tb_per_day: 1,", "rewritten_tb_per_day: 80,")
    assert never != SMALL
    for name, langs in PLANS.items():
        if name == "never":
            forecast = made_from(never, tmp_path_factory.mktemp("never"), 400)
            assert forecast.share_never("finish_day") == 1
        else:
            forecast = simulate(load_plan(name), 1_000, detail=True)
        studied = study(forecast, 256)
        for lang in langs:
            for figure in all_figures(forecast, studied, lang).values():
                found.append((name, lang, figure, *drawn(figure)))
    return found + list(_compared()) + list(_weekly()) + list(_moved()) + list(_scored())


def _compared():
    plans = [load_plan(name) for name in ("base", "evidence", "stay_on_azure")]
    compared, moved = compare(plans, 300), attribute(plans[0], plans[1], 100)
    for lang in ("fr", "en"):
        made = (dates(compared, range(3), lang), costs(compared, range(3), lang),
                bridge(compared, moved, (0, 1), lang))  # fmt: skip
        for figure in made:
            yield "compared", lang, figure, *drawn(figure)


def _scored():
    plan = load_plan("base", status=status_folder("example"))
    scores = score(plan, keep_weeks(plan, 100), draws=100)
    for lang in ("fr", "en"):
        for figure in score_figures(scores, plan, lang).values():
            yield "scored", lang, figure, *drawn(figure)


def _weekly():
    """Charts of twelve weeks, some with nothing landed yet, at both widths of a page."""
    plan = load_plan("base", status="data/status/example")
    forecast = simulate(plan, 400, as_of=dt.date(2026, 11, 20), detail=True)
    for past in (twelve_weeks(MILESTONES), twelve_weeks(MILESTONES, 2_000.0, 6)):
        for lang in ("fr", "en"):
            made = (trend(past, plan, MILESTONES, lang), burn_up(past, forecast, lang),
                    projects_up(past, forecast, lang), spent_and_to_come(forecast, lang))  # fmt: skip
            for figure in made:
                yield "weekly", lang, figure, *drawn(figure)
                half = dataclasses.replace(figure, height_in=HALF[1])
                yield "weekly, half", lang, half, *drawn(half, HALF[0])


def _moved():
    """The bridge of each example week and of a change of the method, at both widths of a page."""
    plan, last = load_plan("base", status="data/status/example"), None
    for first, then in pairwise(dt.date(2026, 10, 2) + dt.timedelta(7 * i) for i in (0, 1, 6, 7)):
        found = moved(plan, plan, first, then, 64, archived=last)
        last = found.mark
        if then.month == 11:  # as if the code had put dates later last week
            days = [x + 30 for x in last["measures"]["finish_days"]]
            last = last | {"measures": last["measures"] | {"finish_days": days}}
        for lang in ("fr", "en"):
            for figure in bridges(found, lang).values():
                yield f"moved, {then}", lang, figure, *drawn(figure)
                half = dataclasses.replace(figure, height_in=HALF[1])
                yield f"moved, {then}, half", lang, half, *drawn(half, HALF[0])


def test_the_plans_show_every_chart(sheets):
    by_plan = {
        name: {f.key for n, _, f, *_ in sheets if n == name}
        for name in (*PLANS, "compared", "weekly", "weekly, half", "scored")
    }
    assert by_plan["weekly"] == by_plan["weekly, half"] == WEEKLY
    assert len(by_plan["base"]) == 13
    assert by_plan["compared"] == {"versus_dates", "versus_costs", "versus_bridge"}
    assert by_plan["scored"] == {"coverage", "pit", "finish_by_week"}
    assert {"timeline", "continuity", "exposure"} <= by_plan["stay_on_azure"]
    # Without an end there is neither a curve of it nor a cloud.
    assert not {"joint", "curve_date", "dots_date"} & by_plan["never"]
    assert {"timeline", "waves", "continuity", "landed"} <= by_plan["never"]


def test_no_text_is_clipped_or_on_another(sheets):
    for name, lang, figure, sheet, boxes in sheets:
        edge = sheet.bbox
        for i, (text, box) in enumerate(boxes):
            inside = min(box.x0, box.y0) >= -1 and box.x1 <= edge.x1 + 1 and box.y1 <= edge.y1 + 1
            assert inside, (name, lang, figure.key, text)
            for other, that in boxes[:i]:
                apart = (
                    box.x1 <= that.x0 + 1 or that.x1 <= box.x0 + 1
                    or box.y1 <= that.y0 + 1 or that.y1 <= box.y0 + 1
                )  # fmt: skip
                assert apart, (name, lang, figure.key, text, other)


def test_text_is_large_enough_to_read_in_print(sheets):
    from matplotlib.text import Text

    for name, lang, figure, sheet, _ in sheets:
        small = [
            t.get_text() for t in sheet.findobj(Text) if t.get_text().strip() and t.get_size() < 9
        ]
        assert not small, (name, lang, figure.key, small)


def test_every_date_of_an_axis_has_its_year(sheets):
    for name, lang, figure, sheet, _ in sheets:
        if figure.key in DATED:
            labels = [t.get_text() for t in sheet.axes[0].get_xticklabels()]
            assert labels, (name, lang, figure.key)
            assert all(re.search(r"20\d\d", text) for text in labels), (name, figure.key, labels)


def test_a_chart_has_at_most_four_series(sheets):
    for name, lang, figure, sheet, _ in sheets:
        axes = sheet.axes[0]
        colors = [line.get_color() for line in axes.lines if line.get_linestyle() != "None"]
        colors += [line.get_markeredgecolor() for line in axes.lines if line.get_marker() != "None"]
        colors += [patch.get_edgecolor() for patch in axes.patches]
        for spread in axes.collections:
            colors += list(spread.get_facecolor()) + list(spread.get_edgecolor())
        told = {to_hex(color).upper() for color in colors} - NEUTRAL
        assert len(told) <= SERIES, (name, lang, figure.key, told)
        long = [
            line
            for line in axes.lines
            if len(line.get_xdata()) > 10 and line.get_linestyle() != "None"
        ]
        assert len(long) <= SERIES, (name, lang, figure.key)


def test_bars_of_amounts_start_at_zero(sheets):
    for name, lang, figure, sheet, _ in sheets:
        axes = sheet.axes[0]
        if figure.key in BARS:
            bars = [p for p in axes.patches if p.get_width() and p.get_height()]
            assert bars, (name, lang, figure.key)
            assert all(p.get_x() == 0 or p.get_x() + p.get_width() == 0 for p in bars)
            assert min(axes.get_xlim()) <= 0 <= max(axes.get_xlim())
        elif figure.key in FROM_ZERO:
            assert axes.get_ylim()[0] == 0, (name, lang, figure.key)


def test_numbers_of_an_alternative_text_are_in_its_data(sheets):
    for name, lang, figure, *_ in sheets:
        assert 0 < len(figure.alt) <= 200
        assert all(len(row) == len(figure.columns) for row in figure.rows), (name, figure.key)
        cells = " ".join([*figure.columns, *(cell for row in figure.rows for cell in row)])
        missing = set(re.findall(r"\d+", figure.alt)) - set(re.findall(r"\d+", cells))
        assert not missing, (name, lang, figure.key, figure.alt, missing)


def test_dots_are_twenty_and_their_circles_are_the_odds(sheets):
    counted = 0
    for name, _, figure, sheet, _ in sheets:
        if figure.key in ("dots_date", "dots_cost"):
            marks = [
                line.get_marker() for line in sheet.axes[0].lines if line.get_marker() != "None"
            ]
            assert len(marks) == 20
            assert set(marks) <= {"o", "s"}
            places = [(line.get_xdata()[0], line.get_ydata()[0]) for line in sheet.axes[0].lines
                      if line.get_marker() != "None"]  # fmt: skip
            assert len(set(places)) == 20
            told = re.match(r"(\d+)", figure.title)
            assert marks.count("o") == (int(told[1]) if told else 0), (name, figure.title)
            counted += 1
    assert counted >= 6


def test_a_curve_rises_to_what_ends_and_passes_through_its_quantiles(sheets):
    for _, _, figure, sheet, _ in sheets:
        if figure.key in ("curve_date", "curve_cost"):
            lines = sheet.axes[0].lines
            x, y = lines[0].get_data()
            assert (np.diff(x) >= 0).all()
            assert (np.diff(y) > 0).all()
            for line in lines[1:]:
                if line.get_linestyle() == ":":
                    day, top = line.get_xdata()[0], line.get_ydata()[1]
                    # Of many draws some are drawn: between two of them the line is straight.
                    assert np.interp(top, y, x) == pytest.approx(day, abs=0.02 * float(np.ptp(x)))


def test_the_timeline_shows_what_is_critical_the_gates_and_the_freezes(sheets):
    for name, _, figure, sheet, _ in sheets:
        if figure.key == "timeline" and name in ("base", "evidence"):
            axes = sheet.axes[0]
            bars = [p for p in axes.patches if 0 < p.get_height() < 1 and p.get_width() > 0]
            dark = [p for p in bars if to_hex(p.get_facecolor()).upper() == drawing.MAIN]
            assert dark
            assert all(p.get_hatch() for p in bars if p not in dark)
            marks = [line.get_marker() for line in axes.lines]
            assert "v" in marks
            assert "D" in marks
            shaded = [p for p in axes.patches if to_hex(p.get_facecolor()).upper() == drawing.SHADE]
            # Two Christmas breaks, from 20 December to 4 January.
            assert [round(p.get_width()) for p in shaded] == [16, 16]


def contrast(color: str) -> float:
    """Contrast with white, as WCAG defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 1.05 / (np.dot(linear, (0.2126, 0.7152, 0.0722)) + 0.05)


def test_each_colour_stands_out_from_white_and_from_the_others_in_grey_or_by_shape():
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#FFFFFF") == pytest.approx(1)
    for name in ("MAIN", "SECOND", "THIRD", "GREY", "WORSE", "BETTER", "INK"):
        assert round(contrast(getattr(drawing, name)), 1) >= 3, name
    from hdhplan.figures.flows import _STYLES

    assert len({style for _, style in _STYLES}) == len(_STYLES) == SERIES


def test_worse_is_hatched_and_better_is_not(sheets):
    seen = set()
    for _, _, figure, sheet, _ in sheets:
        if figure.key in ("drivers", "moved_date", "moved_cost"):
            for bar in sheet.axes[0].patches:
                seen.add((bar.get_width() > 0, bool(bar.get_hatch())))
    assert seen == {(True, True), (False, False)}
