"""Every chart: nothing clipped or overlapping, bars from zero, years on dates, alt in the data."""

from __future__ import annotations

import dataclasses
import itertools
import re
import xml.etree.ElementTree as ET
from datetime import date

import numpy as np
import pytest

from hdhplan.figures import all_figures, house_style, to_svg
from hdhplan.figures.drawing import compose, date_ticks
from hdhplan.plan import Target
from hdhplan.quantities import Bilingual
from hdhplan.reading import load_plan
from hdhplan.sensitivity import DriverEffect, Study
from hdhplan.simulation import simulate
from hdhplan.wording.formats import twenty

SMALL = """
schema: hdhplan.plan/1
name: medium
start: 2026-04-23
judgement: "test, 2026-11-02"
target: {milestone: left, finish: 2027-06-30, cost_eur: 4000000, vat: HT}
promises: [{milestone: service_open, by: 2027-03-31, source: "press, 2026-04-23", grade: C}]
allocations: {technical_migration: 2500000, adaptation: 1000000, provision: 500000}
tasks:
  - {id: A1, phase: A, work: 20/40/65 wd,
     name: {fr: "Équipe en place, avec un nom vraiment très long", en: "Team in place"}}
  - {id: B1, phase: B, gate: true, work: 60/120/200 wd, after: [A1],
     name: {fr: "Qualification du socle", en: "Qualification"}}
  - {id: C1, phase: C, work: 40/60/95 wd, after: [A1],
     name: {fr: "Zone d'accueil", en: "Landing zone"}}
  - {id: left, name: {fr: "Azure quitté", en: "Azure left"}, after: [w2.cutover]}
  - {id: closed, name: {fr: "Clos", en: "Closed"}, after: ["w*.erase"]}
routes:
  link: {rate_gbps: 10, usable_share: 0.25/0.45/0.75, after: [C1]}
datasets:
  - {id: claims, name: {fr: "Remboursements", en: "Claims"}, wave: w1,
     volume_tb: 800/1080/1500, objects: 1000000, rewritten_tb_per_day: 0.5, route: link}
  - {id: images, volume_tb: 1500/2400/3000, objects: 900000000, rewritten_tb_per_day: 1,
     route: link, wave: w2}
waves:
  - {id: w1, projects: 10, after: [B1], cutover: {work: 1/2/4 d}, dual_running: 30 d,
     erase: 10/20/40 d}
  - {id: w2, projects: 20, follows: cutover, cutover: {work: 1/2/4 d}, dual_running: 30 d,
     erase: 10/20/40 d}
drivers:
  - {id: late, name: {fr: "Retard", en: "Late"}, p: 0.3, delay: 20/45/90 d, on: [B1]}
rates:
  - {id: team, amount_eur: 3000/4000/6000, per: wd, on: [A1, closed], line: technical_migration}
  - {id: tools, amount_eur: 900/1200/2000, per: wd, on: [A1, left], line: adaptation}
"""
PLAIN = """
schema: hdhplan.plan/1
name: plain
start: 2026-04-23
tasks: [{id: A, work: 3 d}, {id: B, work: 4 d, after: [A]}]
"""


def made_from(text, folder, draws=1500):
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return simulate(load_plan(str(path)), draws, detail=True)


def an_effect(name, days, lever):
    return DriverEffect(
        name, Bilingual(fr=name, en=name), 0.3, lever, days, 0.5, 0.0, 0.0, 0.1, "D", None
    )


def study_of(*names):
    effects = [an_effect(n, (-1) ** i * (40.0 - 3 * i), i % 2 == 0) for i, n in enumerate(names)]
    return Study(tuple(effects), (), 1000, backfill_gap_days=0.0)


STUDY = study_of("late", "Un facteur au nom long mais encore lisible", *"cdefghi")


@pytest.fixture(scope="module")
def forecast(tmp_path_factory):
    return made_from(SMALL, tmp_path_factory.mktemp("medium"))


def charts(forecast):
    both = {lang: all_figures(forecast, STUDY, lang) for lang in ("fr", "en")}
    return [(lang, figure) for lang, found in both.items() for figure in found.values()]


def drawn(figure, width=7.2):
    """Lay a chart out, and the boxes of its visible texts."""
    with house_style(figure.key):
        sheet = compose(figure, width, figure.height_in)
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        canvas = FigureCanvasAgg(sheet)
        canvas.draw()
        texts = [t for t in _texts(sheet) if t.get_visible() and t.get_text().strip()]
        return sheet, [(t.get_text(), t.get_window_extent(canvas.get_renderer())) for t in texts]


def _texts(sheet):
    from matplotlib.text import Text

    axes = sheet.axes[0]
    ticks = [tick for axis in (axes.xaxis, axes.yaxis) for tick in axis.get_major_ticks()]
    hidden = {id(tick.label2) for tick in ticks}
    shown = {id(t) for axis in (axes.xaxis, axes.yaxis) for t in _shown_ticks(axis)}
    labels = {id(tick.label1) for tick in ticks}
    return [
        t for t in sheet.findobj(Text)
        if id(t) not in hidden and (id(t) not in labels or id(t) in shown)
    ]  # fmt: skip


def _shown_ticks(axis):
    low, high = sorted(axis.get_view_interval())
    return [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]


def test_every_chart_is_there(forecast):
    keys = ["joint", "curve_date", "curve_cost", "dots_date", "dots_cost", "timeline", "waves"]
    keys += ["continuity", "money_by_line", "money_by_year", "drivers", "exposure", "landed"]
    assert list(all_figures(forecast, STUDY, "fr")) == keys


def test_no_text_is_outside_or_on_another(forecast):
    for lang, figure in charts(forecast):
        sheet, boxes = drawn(figure, 6.3)  # at 7.2 inches: test_figure_lint, on five plans
        edge = sheet.bbox
        for text, box in boxes:
            inside = min(box.x0, box.y0) >= -1
            inside &= bool(box.x1 <= edge.x1 + 1 and box.y1 <= edge.y1 + 1)
            assert inside, (lang, figure.key, text)
        for i, (text, box) in enumerate(boxes):
            for other, that in boxes[:i]:
                apart = (
                    box.x1 <= that.x0 + 1 or that.x1 <= box.x0 + 1
                    or box.y1 <= that.y0 + 1 or that.y1 <= box.y0 + 1
                )  # fmt: skip
                assert apart, (lang, figure.key, text, other)


def test_bars_start_at_zero(forecast):
    for _, figure in charts(forecast):
        if figure.key in ("money_by_line", "drivers"):
            axes = drawn(figure)[0].axes[0]
            limits = axes.get_xlim()
            bars = [p for p in axes.patches if p.get_width() and p.get_height()]
            assert bars
            assert min(limits) == 0 or figure.key == "drivers"
            assert min(limits) <= 0 < max(limits)
            assert all(0 in (p.get_x(), p.get_y()) for p in bars)


def test_years_go_up_from_zero_and_nothing_is_paid_before_it_is_committed(forecast):
    for lang in ("fr", "en"):
        axes = drawn(all_figures(forecast, STUDY, lang)["money_by_year"])[0].axes[0]
        assert axes.get_ylim()[0] == 0
        paid = next(line for line in axes.lines if len(line.get_xdata()) > 2).get_ydata()
        steps = [patch.get_data().values for patch in axes.patches]
        assert len(steps) == 2
        assert paid[0] == 0
        assert (np.diff(paid) >= 0).all()
        assert (steps[0] >= paid[1:] - 1e-6).all()
        assert (steps[1] >= steps[0]).all()
        # The end of all years is the cost, and the envelope is drawn and named.
        assert steps[0][-1] == pytest.approx(forecast.quantile("cost_eur", 0.5), rel=0.01)
        named = [t.get_text() for t in axes.texts]
        assert any(w in named[0] for w in ("enveloppe", "envelope"))
        assert any(set(line.get_ydata()) == {4e6} for line in axes.lines)


@pytest.mark.parametrize(("money", "over"), [(5e5, True), (1e9, False)])
def test_the_title_of_the_years_agrees_with_the_envelope(forecast, money, over):
    plan = forecast.plan.model_copy(update={"target": Target(cost_eur=money, vat="HT")})
    made = dataclasses.replace(forecast, plan=plan)
    for lang, words in (("fr", "dépassent l'enveloppe"), ("en", "exceed the envelope")):
        assert (words in all_figures(made, None, lang)["money_by_year"].title) == over


def test_one_budget_year_is_told_in_the_table_only(tmp_path):
    made = made_from(PLAIN + "rates: [{id: r, amount_eur: 1000, per: d, line: x}]\n", tmp_path)
    assert made.years == (2026,)
    assert "money_by_year" not in all_figures(made, None, "fr")


@pytest.mark.parametrize("length", [3, 20, 90, 400, 1500, 6000])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_dates_have_their_year_and_are_few(length, lang):
    marks, labels = date_ticks(date(2026, 4, 23), 0, length, lang)
    assert 1 <= len(marks) <= 8
    assert all(re.search(r"20\d\d", text) for text in labels)
    assert all(0 <= mark <= length for mark in marks)


def test_alt_texts_are_short_and_their_numbers_are_in_the_data(forecast):
    for lang, figure in charts(forecast):
        assert 0 < len(figure.alt) <= 200
        for text in (figure.title, figure.subtitle, figure.lecture):
            assert text
        assert all(len(row) == len(figure.columns) for row in figure.rows), figure.key
        cells = " ".join([*figure.columns, *(cell for row in figure.rows for cell in row)])
        known = set(re.findall(r"\d+", cells))
        assert set(re.findall(r"\d+", figure.alt)) <= known, (lang, figure.key, figure.alt)


def test_an_svg_is_the_same_twice_whole_and_alone(forecast):
    ids = set()
    for figure in all_figures(forecast, STUDY, "fr").values():
        svg = to_svg(figure)
        assert svg == to_svg(figure)
        root = ET.fromstring(svg)
        assert root.get("role") == "img"
        kinds = [child.tag.rpartition("}")[2] for child in root][:2]
        assert kinds == ["title", "desc"]
        assert root[1].text == figure.alt
        assert not svg.startswith("<?xml")
        own = [e.get("id") for e in root.iter() if e.get("id")]
        assert len(own) == len(set(own))
        assert all(i.startswith(figure.key.replace("_", "-")) for i in own)
        assert not ids & set(own)
        ids |= set(own)
        used = re.findall(r'(?:href="|url\()#?([^")]*)', svg)
        assert all(u.lstrip("#") in own for u in used)
        named = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        assert set(re.findall(r'https?://[^"\s]*', svg)) <= named
        assert "<script" not in svg
        assert len(svg) < 150_000


HOSTILE = [
    "$x^2$ $", "<script>alert(1)</script>", "a = b & c", "line\nbreak\r\n\u2028", "\u202egnp.exe",
    "long " * 100, "x" * 500, "{braces} %s \\frac{1}{2}", "\x1b[2J\x00", "_hidden", "漢字 🎉",
]  # fmt: skip


def _named(things, names):
    """The same things under other names, one after the other."""
    texts = (Bilingual(fr=name, en=name) for name in itertools.cycle(names))
    return {k: thing.model_copy(update={"name": next(texts)}) for k, thing in things.items()}


@pytest.mark.parametrize("start", range(0, len(HOSTILE), 4))
@pytest.mark.filterwarnings("ignore:Glyph")
def test_hostile_names_are_drawn_as_text(forecast, start):
    names = HOSTILE[start : start + 4]
    plan = forecast.plan
    tasks, waves = _named(plan.tasks, names), _named(plan.waves, names[::-1])
    plan = plan.model_copy(update={"tasks": tasks, "waves": waves})
    lines = dict.fromkeys(names, forecast.lines["technical_migration"])
    hostile = dataclasses.replace(forecast, plan=plan, lines=lines)
    plain = all_figures(forecast, STUDY, "fr")
    bearing = [f for f in all_figures(hostile, study_of(*names), "fr").values()
               if (f.title, f.rows) != (plain[f.key].title, plain[f.key].rows)]  # fmt: skip
    assert {"timeline", "waves", "money_by_line", "drivers"} <= {f.key for f in bearing}
    for figure in bearing:
        svg = to_svg(figure)
        ET.fromstring(svg)
        assert "<script>" not in svg
        assert not re.search("[\u202e\x1b\x00\u2028]", svg)
        sheet, boxes = drawn(figure)
        out = [t for t, b in boxes if b.x0 < -1 or b.x1 > sheet.bbox.x1 + 1]
        assert not out, (figure.key, out)


@pytest.mark.parametrize(("draws", "lang"), [(1, "fr"), (50, "en")])
@pytest.mark.parametrize("text", [SMALL, PLAIN, PLAIN.replace(", work: 3 d", "")])
def test_any_plan_draws(tmp_path, text, draws, lang):
    for figure in all_figures(made_from(text, tmp_path, draws), None, lang).values():
        ET.fromstring(to_svg(figure))


@pytest.mark.parametrize(("share", "lang"), [(0.1, "fr"), (0.6, "en"), (1.0, "fr")])
def test_draws_that_never_end(forecast, share, lang):
    never = np.arange(forecast.draws) < share * forecast.draws
    values = {k: np.where(never, np.inf, v) for k, v in forecast.values.items()}
    lines = {k: np.where(never, np.inf, v) for k, v in forecast.lines.items()}
    detail = {k: np.where(never, np.inf, v) for k, v in forecast.detail.items()}
    spread = {
        k: {side: (a, b if share < 0.5 else np.inf, np.inf) for side, (a, b, _) in v.items()}
        for k, v in forecast.spread.items()
    }
    made = dataclasses.replace(forecast, values=values, lines=lines, detail=detail, spread=spread)
    found = all_figures(made, STUDY, lang)
    assert ("joint" in found) == (share < 1)
    for figure in found.values():
        ET.fromstring(to_svg(figure))
        assert len(figure.alt) <= 200


@pytest.mark.parametrize(
    ("finish", "word"), [(date(2026, 6, 1), "après la cible"), (date(2035, 6, 1), "avant la cible")]
)
def test_titles_do_not_contradict_the_target(forecast, finish, word):
    target = Target(milestone="left", finish=finish, cost_eur=4e6, vat="HT")
    plan = forecast.plan.model_copy(update={"target": target})
    found = all_figures(dataclasses.replace(forecast, plan=plan), STUDY, "fr")
    assert word in found["timeline"].title
    late = finish.year == 2026
    assert ("pratiquement exclu" in found["joint"].title) == late


def test_money_titles_agree_with_allocations(forecast):
    top = forecast.quantile("line.technical_migration", 0.8)
    for allocated, over in ((top - 1e6, True), (top + 1e6, False)):
        allocations = {"technical_migration": allocated, "adaptation": 1e9}
        target = Target(milestone="left", cost_eur=1e10, vat="HT")
        plan = forecast.plan.model_copy(update={"allocations": allocations, "target": target})
        found = all_figures(dataclasses.replace(forecast, plan=plan), None, "en")
        title = found["money_by_line"].title
        assert ("above its allocation" in title) == over
        assert ("No line exceeds" in title) != over


def test_the_quadrants_are_the_odds(forecast):
    rows = dict(all_figures(forecast, None, "en")["joint"].rows)
    corners = ("both held", "amount alone", "date alone", "neither")
    texts = [rows[corner].removesuffix("\xa0in\xa020") for corner in corners]
    assert texts[0] == twenty(forecast.p_both)
    ends = {"<\xa01": 0, ">\xa019": 20}
    assert sum(ends[text] if text in ends else int(text) for text in texts) == 20
    assert not any("%" in text for text in rows.values())
