"""The weekly charts: what their titles claim of the weeks, their lines and tables, what they leave out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from hdhplan.exposure import LANDED
from hdhplan.figures import burn_up, projects_up, trend
from hdhplan.figures.drawing import GREY, date_ticks
from hdhplan.figures.weeks import apart
from hdhplan.tests.kept import kept_weeks, twelve_weeks
from hdhplan.tests.test_figure_claims import said
from hdhplan.tests.test_figures import SMALL, drawn, made_from
from hdhplan.wording.week_captions import WEEKLY

NAMES = ("left", "closed", "A1", "B1")
PASTS = 60


@pytest.fixture(scope="module")
def forecast(tmp_path_factory):
    return made_from(SMALL, tmp_path_factory.mktemp("weeks"), 400)


def random_past(rng):
    """Weeks as they may turn out: dates that come, go, hold or drift; data and projects that move."""
    size, milestones = int(rng.integers(4, 16)), {}
    never = rng.random() < 0.3
    for name in NAMES[: rng.integers(1, 5)]:
        drift = rng.choice([-9.0, -0.3, 0.0, 0.3, 9.0]) if rng.random() < 0.6 else 0.0
        days = 300 + drift * np.arange(size) + rng.uniform(0, 200)
        gone = rng.random(size) < 0.2 if never else np.zeros(size, bool)
        late = gone | (rng.random(size) < 0.2)
        milestones[name] = [(None if g else d, None if h else d + 60)
                            for d, g, h in zip(days, gone, late, strict=True)]  # fmt: skip
    scope = 3_000.0
    landed = np.sort(rng.uniform(0, scope, size)) * rng.choice([0, 1, 1])
    verified = landed * rng.uniform(0, 0.9)
    moved = np.sort(rng.integers(0, 30, size)) * rng.choice([0, 1, 1])
    whole = rng.random() < 0.3
    if whole:  # all of it, and of that all, or not
        landed[-1], moved[-1] = scope + 200, 30
        verified[-1] = rng.choice([1.0, 0.5]) * landed[-1]
    return kept_weeks(milestones, landed, verified, scope, moved, 30)


def slips(past, plan):
    """Days between the first and last shown median date of each milestone; None if it has none now."""
    found = {}
    for name in past[0].milestones:
        known = [w.milestones[name][0] for w in past if w.milestones[name][0] is not None]
        shown = [plan.start + dt.timedelta(int(np.ceil(d - 1e-3)) - 1) for d in known]
        if shown:
            now = past[-1].milestones[name][0] is not None
            found[name] = (shown[-1] - shown[0]).days if now else None
    return found


def on_slips(claim):
    return lambda past, title, plan: claim(list(slips(past, plan).values()), title)


def days_in(title):
    return int(re.search(r"(\d+)\s(?:jour|day)", title)[1])


CLAIMS = {
    "trend": (
        on_slips(lambda s, t: None in s),
        on_slips(lambda s, t: None not in s and max(s) == days_in(t) >= 7),
        on_slips(lambda s, t: None not in s and max(s) < 7 and -min(s) == days_in(t) >= 7),
        on_slips(lambda s, t: None not in s and max(map(abs, s)) < 7),
    ),
    "burn_up": (
        lambda past, t, _: past[-1].landed_tb == 0,
        lambda past, t, _: past[-1].verified_tb >= past[-1].scope_tb,
        lambda past, t, _: past[-1].verified_tb < past[-1].scope_tb <= past[-1].landed_tb,
        lambda past, t, _: 0 < past[-1].landed_tb < past[-1].scope_tb,
    ),
    "projects_up": (
        lambda past, t, _: past[-1].moved == 0,
        lambda past, t, _: past[-1].moved == past[-1].projects,
        lambda past, t, _: 0 < past[-1].moved == int(re.search(r"\d+", t)[0]) < 30,
    ),
}  # fmt: skip


def charts(past, forecast, lang):
    made = (trend(past, forecast.plan, NAMES, lang), burn_up(past, forecast, lang),
            projects_up(past, forecast, lang))  # fmt: skip
    return [figure for figure in made if figure]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_titles_claim_what_the_weeks_bear_out_and_every_title_is_said(forecast, lang):
    rng = np.random.default_rng(3)
    heard = {key: set() for key in CLAIMS}
    for past in [random_past(rng) for _ in range(PASTS)]:
        for figure in charts(past, forecast, lang):
            which = said(figure.key, figure.title, lang)
            heard[figure.key].add(which)
            claim = CLAIMS[figure.key][which]
            assert claim(past, figure.title, forecast.plan), (figure.key, figure.title)
            cells = " ".join([*figure.columns, *(cell for row in figure.rows for cell in row)])
            assert set(re.findall(r"\d+", figure.alt)) <= set(re.findall(r"\d+", cells)), figure.alt
            assert all(len(row) == len(figure.columns) for row in figure.rows)
            assert 0 < len(figure.alt) <= 200
    assert {key: set(range(len(WEEKLY[key].titles))) for key in WEEKLY} == heard


def test_a_trend_shows_each_week_of_at_most_four_milestones_and_leaves_gaps(forecast):
    past = twelve_weeks(NAMES)
    figure = trend(past, forecast.plan, (*NAMES, "w1.cutover"), "en")
    lines = drawn(figure)[0].axes[0].lines
    known = [line for line in lines if len(line.get_xdata()) == 12]
    assert len(known) == 8  # P50 and P80 of four
    for hollow, full in zip(known[::2], known[1::2], strict=True):
        assert hollow.get_marker() == full.get_marker() != "None"
        assert (hollow.get_linestyle(), hollow.get_markerfacecolor()) == ("None", "white")
    assert (
        len({line.get_marker() for line in known})
        == len({to_hex(k.get_color()) for k in known})
        == 4
    )
    closed = known[3].get_ydata()
    assert np.flatnonzero(np.isnan(closed)).tolist() == [2]
    assert closed[[0, 11]].tolist() == [640, 673]
    assert "Weeks without a date (a gap): Closed 1." in figure.lecture
    assert figure.rows[2][3:5] == ("never", "never")
    assert figure.rows[-1] == (
        "slip",
        "+66\u00a0d",
        "",
        "+33\u00a0d",
        "",
        "−22\u00a0d",
        "",
        "−10\u00a0d",
        "",
    )
    # The end of 4 September is day 135 of a plan that starts on 23 April.
    assert known[0].get_xdata()[[0, -1]].tolist() == [135, 135 + 77]


def test_the_reference_in_force_is_a_thin_dotted_line_where_its_week_is_shown(forecast):
    past = twelve_weeks(NAMES)

    def dotted(weeks):
        lines = drawn(trend(weeks, forecast.plan, NAMES, "fr"))[0].axes[0].lines
        return [line.get_ydata()[0] for line in lines
                if line.get_linestyle() == ":" and to_hex(line.get_color()).upper() == GREY]  # fmt: skip

    assert dotted(past) == [330, 640, 760, 180]
    moved = (*past[:-1], dataclasses.replace(past[-1], reference=("R1", past[5].week)))
    assert dotted(moved) == [360, 655, 750, 175]
    assert "R1" in trend(moved, forecast.plan, NAMES, "fr").subtitle
    older = (*past[:-1], dataclasses.replace(past[-1], reference=("R0", "2026-W20")))
    assert dotted(older) == []
    assert "R0" not in trend(older, forecast.plan, NAMES, "fr").subtitle


def test_a_milestone_that_lost_its_date_says_so_at_the_end_of_its_line(forecast):
    past = kept_weeks({"left": [(300, 350)] * 3 + [(None, None)] * 2})
    figure = trend(past, forecast.plan, ("left",), "fr")
    assert "sans date" in [text for text, _ in drawn(figure)[1]]
    assert "sans date" in figure.alt
    assert "jamais" not in figure.lecture


def test_one_week_after_all_has_landed_is_still_drawn(forecast):
    late = [
        dataclasses.replace(week, day=dt.date(2028, 9, 1), landed_tb=3e3, scope_tb=3e3)
        for week in twelve_weeks(NAMES)[:1]
    ]
    for figure in (burn_up(late, forecast, "fr"), projects_up(late, forecast, "fr")):
        texts = drawn(figure, 3.6)[1]
        assert any("2028" in text for text, _ in texts), figure.key


def test_what_there_is_nothing_to_draw_of_is_not_drawn(forecast):
    past = twelve_weeks(NAMES)
    assert trend(past[:3], forecast.plan, NAMES, "fr") is None
    assert trend(past[:4], forecast.plan, NAMES, "fr") is not None
    assert trend(kept_weeks({"left": [(None, None)] * 6}), forecast.plan, ("left",), "fr") is None
    assert trend(past, forecast.plan, ("unheard_of",), "fr") is None
    bare = dataclasses.replace(forecast, landed_paths={}, detail={}, values={})
    assert burn_up(past, bare, "fr") is None
    assert projects_up(past, bare, "fr") is None


def test_the_fan_of_volume_starts_at_what_has_landed_and_ends_with_the_path(forecast):
    past = twelve_weeks(NAMES, landed_tb=500.0)
    axes = drawn(burn_up(past, forecast, "fr"))[0].axes[0]
    median = next(line for line in axes.lines if line.get_label() == "P50")
    assert median.get_linestyle() == "--"
    days, volume = median.get_data()
    assert (days[0], volume[0]) == (212, 0.5)
    path = forecast.landed_paths[LANDED]
    assert volume[1:] == pytest.approx(np.interp(days[1:], path.days, path.p50))
    band = axes.collections[0].get_paths()[0].vertices
    for day in (250, 300):
        at = path.days[np.searchsorted(path.days, day)]
        heights = band[band[:, 0] == at][:, 1]
        i = int(np.flatnonzero(path.days == at)[0])
        assert heights.min() == pytest.approx(path.p10[i])
        assert heights.max() == pytest.approx(path.p90[i])
    scope = next(line for line in axes.lines if line.get_label() == "à déplacer")
    assert sorted(set(scope.get_ydata())) == [9.3, 9.5]


def test_small_volumes_are_in_tb(forecast):
    small = [dataclasses.replace(w, scope_tb=800.0, landed_tb=8.0, verified_tb=2.0)
             for w in twelve_weeks(NAMES)]  # fmt: skip
    figure = burn_up(small, forecast, "en")
    axes = drawn(figure)[0].axes[0]
    assert axes.get_ylabel() == "TB"
    assert next(line for line in axes.lines if line.get_label() == "to move").get_ydata()[0] == 800
    assert figure.rows[0][1:4] == ("8\u00a0TB", "2\u00a0TB", "800\u00a0TB")


def test_projects_rise_by_wave_at_the_quantiles_of_its_cutover(forecast):
    past = [dataclasses.replace(w, projects=30) for w in twelve_weeks(NAMES)]
    figure = projects_up(past, forecast, "en")
    line = next(x for x in drawn(figure)[0].axes[0].lines if x.get_label() == "P50")
    days, count = line.get_data()
    for wave, before, after in (("w1", 0, 10), ("w2", 10, 30)):
        day = forecast.quantile(f"{wave}.cutover", 0.5)
        at = int(np.searchsorted(days, day))
        assert days[at] == pytest.approx(day)
        assert (count[at - 1], count[at]) == (before, after)
    assert [row[2] for row in figure.rows[-2:]] == ["10", "20"]


def test_labels_are_moved_apart_and_keep_their_order():
    rng = np.random.default_rng(1)
    for _ in range(200):
        places = rng.uniform(0, 1, rng.integers(1, 5)).round(1).tolist()
        gap = float(rng.choice([0.05, 0.2, 0.33]))
        found = apart(places, gap)
        assert [found[i] <= found[j] + 1e-9 for i in range(len(places)) for j in range(len(places))
                if places[i] < places[j]].count(False) == 0  # fmt: skip
        assert (np.diff(sorted(found)) >= gap - 1e-9).all()
        assert max(found) <= 1 + 1e-9
        assert min(found) >= -1e-9


@pytest.mark.parametrize("most", [1, 2, 3, 6])
def test_dates_of_an_axis_of_no_length_are_that_day(most):
    for days in (0.0, 0.4, 1.0, 30.0, 59.0, 61.0):
        marks, labels = date_ticks(dt.date(2026, 4, 23), 10.0, 10.0 + days, "fr", most)
        assert len(marks) == len(labels) <= most + 2
        assert days >= 60 or marks[0] == 10
