"""Laws of the explorer: a state is a plan file, what is refused changes nothing, undo undoes."""

from __future__ import annotations

import json
import math

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hdhplan.cli import main
from hdhplan.errors import InputError
from hdhplan.explorer import Session
from hdhplan.explorer_alarms import warnings
from hdhplan.explorer_charts import VIEWS
from hdhplan.explorer_cloud import bridge, joint
from hdhplan.explorer_draws import DRAGGING, drawn, forecast_of, odds_of
from hdhplan.explorer_odds import Ask, challenge, headline, prudent, to_add
from hdhplan.explorer_plans import plan_of
from hdhplan.explorer_state import PRESETS, State, preset, validated
from hdhplan.explorer_texts import file_text, from_file, from_shared, shared_text
from hdhplan.explorer_why import effects, why
from hdhplan.forecast import end_of_day
from hdhplan.levers import BY_KEY, LEVERS, TOGETHER
from hdhplan.reading import load_plan
from hdhplan.report.notebook import as_bytes, home, tidy
from hdhplan.simulation import draw_values, simulate

FEW = 500
#: One value of each lever that is not its place in the reference.
ELSEWHERE = {
    "waves": "one", "link": 25.0, "dual": 30.0, "team": 10.0, "projects": 80.0, "rule": "wait",
    "frozen": 20.0, "provision": 10.0, "host": "outscale", "volume": 20.0, "qualification": 200.0,
    "efficiency": 85.0, "effort": 10.0, "fees": 40.0, "finish": 700.0, "envelope": 18.0,
}  # fmt: skip


def state_of(**values):
    found = State()
    for key, value in values.items():
        found = found.having(key, validated(key, value))
    return found


def same(a, b):
    assert a.keys() == b.keys()
    assert all(np.array_equal(a[key], b[key]) for key in a)


@pytest.fixture(scope="module")
def lines():
    session = Session()
    assert session.set("link", 25)
    assert session.set("volume", 14)
    return session.lines


def test_every_lever_is_moved_below():
    assert set(ELSEWHERE) == {lever.key for lever in LEVERS}


def test_nothing_moved_is_the_reference():
    same(drawn(State(), FEW)[1], draw_values(load_plan("base"), FEW))


@pytest.mark.parametrize("key", ELSEWHERE)
def test_a_lever_stands_where_it_was_put(key):
    state = state_of(**{key: ELSEWHERE[key]})
    plan, read = plan_of(state, check=True), BY_KEY[key].read
    if BY_KEY[key].choices:
        assert read(plan) == ELSEWHERE[key]
    else:
        assert read(plan) == pytest.approx(ELSEWHERE[key], rel=1e-9)
    base = load_plan("base")
    assert read(base) != ELSEWHERE[key]
    others = [lever for lever in LEVERS if lever.key not in (key, TOGETHER.get(key))]
    if not BY_KEY[key].choices:
        for lever in others:
            assert lever.read(plan) == pytest.approx(lever.read(base)), lever.key


@pytest.mark.parametrize(
    "state",
    [*({key: value} for key, value in ELSEWHERE.items()), ELSEWHERE],
    ids=[*ELSEWHERE, "all"],
)
def test_a_saved_state_is_read_back_to_the_same_draws(state, tmp_path):
    state = state_of(**state)
    path = tmp_path / "mine.yaml"
    path.write_text(file_text(state, "mine"), encoding="utf-8")
    same(draw_values(load_plan(path), FEW), drawn(state, FEW)[1])
    same(drawn(from_file(path.read_text(encoding="utf-8")), FEW)[1], drawn(state, FEW)[1])


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_read_back_to_the_same_draws(name, tmp_path):
    state = preset(name)
    path = tmp_path / "mine.yaml"
    path.write_text(file_text(state), encoding="utf-8")
    same(draw_values(load_plan(path), FEW), drawn(state, FEW)[1])
    assert from_shared(shared_text(state)) == state


@pytest.mark.parametrize(
    ("name", "scenario"),
    [("fastest", "accelerated"), ("cheapest", "frugal"), ("zero_interruption",) * 2,
     ("wait_for_qualification",) * 2, ("evidence",) * 2],
)  # fmt: skip
def test_a_preset_is_the_scenario_of_its_name(name, scenario):
    same(drawn(preset(name), FEW)[1], draw_values(load_plan(scenario), FEW))


@pytest.mark.parametrize(("key", "scenario"), [("waves", "big_bang"), ("host", "outscale")])
def test_a_choice_is_the_scenario_that_it_takes_over(key, scenario):
    state = state_of(**{key: ELSEWHERE[key]})
    same(drawn(state, FEW)[1], draw_values(load_plan(scenario), FEW))


def test_a_wider_link_costs_what_the_accelerated_scenario_pays():
    wide, known = plan_of(state_of(link=25)), load_plan("accelerated")
    mine, theirs = (plan.rates["interconnect"].amount_eur for plan in (wide, known))
    assert (mine.low, mine.likely, mine.high) == (theirs.low, theirs.likely, theirs.high)


def test_the_command_line_says_the_same_numbers(tmp_path, capsys):
    state = state_of(link=20, volume=12.3, envelope=17.5)
    path = tmp_path / "mine.yaml"
    path.write_text(file_text(state, "mine"), encoding="utf-8")
    assert main(["run", str(path), "--draws", str(DRAGGING), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["data"]
    known = forecast_of(state, DRAGGING)
    assert {k: v for k, v in said["odds"].items() if k != "se"} == known.odds
    for quantity in ("finish_day", "cost_eur", "exposure_pb_days", "project_days_interrupted"):
        assert said["quantiles"][quantity] == known.summary(quantity)
    assert known.odds["both"] == odds_of(state, DRAGGING)["p_both"]


def test_what_is_drawn_first_is_what_is_drawn_in_full():
    state = state_of(link=40)
    quick, whole = drawn(state, FEW)[1], forecast_of(state, FEW)
    same(quick, {key: whole.values[key] for key in quick})
    same(quick, {key: simulate(plan_of(state), FEW).values[key] for key in quick})


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_view_is_the_same_from_as_much_of_a_forecast_as_it_asks_for(lines, lang):
    whole = {key: forecast_of(state, FEW) for key, state in lines.items()}
    for _, draw, depth in VIEWS.values():
        part = {key: forecast_of(state, FEW, depth) for key, state in lines.items()}
        assert draw(part, Ask(lang)) == draw(whole, Ask(lang))
        assert joint(part, Ask(lang)) == joint(whole, Ask(lang))


def test_what_is_drawn_does_not_depend_on_what_was_drawn_before():
    state = state_of(link=33, volume=7, waves="five_dual")
    plan = plan_of(state)
    drawn(state_of(effort=9, host="ovhcloud"), FEW)
    after, fresh = drawn(state, FEW)[1], draw_values(plan, FEW)
    same(after, {key: fresh[key] for key in after})


VALUES = {
    lever.key: st.sampled_from(list(lever.choices))
    if lever.choices
    else st.integers(round(lever.low / lever.step), round(lever.high / lever.step)).map(
        lambda n, step=lever.step: round(n * step, 6)
    )
    for lever in LEVERS
    if lever.key not in ("waves", "host", "frozen")
}  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional=VALUES))
def test_shared_text_gives_the_state_back(values):
    session = Session()
    for key, value in values.items():
        session.set(key, value)
    assert not session.message, session.message
    assert from_shared(shared_text(session.state)) == session.state
    assert len(shared_text(session.state)) < 400


@settings(max_examples=6, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["link", "team", "volume"]), st.integers(5, 15)), max_size=6)
)
def test_undo_goes_back_and_redo_forward(moves):
    session = Session()
    for key, value in moves:
        session.set(key, value)
    seen = list(session.states)
    while session.undo():
        pass
    assert session.state == seen[0] == State()
    assert not session.undo()
    while session.redo():
        pass
    assert session.state == seen[-1]


def test_a_move_after_undo_forgets_what_was_undone():
    session = Session()
    for value in (20, 30):
        session.set("link", value)
    session.undo()
    session.set("team", 8)
    assert not session.redo()
    assert dict(session.state.values) == {"link": 20, "team": 8}
    assert session.reset()
    assert session.state == State()
    assert session.undo()
    assert dict(session.state.values) == {"link": 20, "team": 8}


def test_a_drag_is_one_step_to_undo():
    session = Session()
    session.set("team", 8)
    for value in (11, 15, 20):
        session.set("link", value, dragging=True)
    session.undo()
    assert dict(session.state.values) == {"team": 8}


def test_a_lever_back_in_its_place_is_not_moved():
    assert state_of(link=25).having("link", 10.0) == State()
    session = Session([state_of(link=25, team=8)])
    session.release("link")
    assert dict(session.state.values) == {"team": 8}


@pytest.mark.parametrize(
    ("key", "value"),
    [("link", 41), ("link", 0.5), ("link", 1e9), ("link", math.nan), ("link", math.inf), ("link", ""),
     ("link", None), ("link", "ten"), ("link", "1e1"), ("link", True), ("link", [5]), ("bandwidth", 5),
     (["link"], 5), ("host", "nobody"), ("host", 3), ("rule", ""), ("finish", 10), ("envelope", -1),
     ("link", "9" * 400), ("link", "5/10/15"), ("volume", "12/10/14"),
     ("volume", "5..99"), ("volume", "a/b/c")],
)  # fmt: skip
def test_what_is_refused_leaves_the_last_good_state(key, value, monkeypatch):
    session = Session()
    session.set("team", 8)
    kept = session.state, len(session.states)
    monkeypatch.setattr("hdhplan.explorer.drawn", lambda *_: pytest.fail("computed from it"))
    assert not session.set(key, value)
    assert session.message
    assert (session.state, len(session.states)) == kept


def test_a_slider_that_counts_in_binary_is_heard_right():
    assert 0.1 * 3 != 0.3
    assert validated("volume", 0.1 * 3) == 0.3


def test_typed_numbers_may_be_french():
    assert validated("volume", "12,5") == 12.5
    assert validated("volume", " 12.5\u202f") == 12.5


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [("shared", "", "nothing"), ("shared", "hdhplan.explorer/2 link=5", "begins with"),
     ("shared", "hdhplan.explorer/1 bandwidth=5", "unknown lever"),
     ("shared", "hdhplan.explorer/1 link=5 link=6", "twice"),
     ("shared", "hdhplan.explorer/1 link=99", "1 to 40"),
     ("shared", "hdhplan.explorer/1 start=/etc/passwd", "start"),
     ("shared", "hdhplan.explorer/1 link", "nothing"),
     ("file", "name: mine\n", "builds on base"), ("file", "extends: ../../x\nname: m\n", "builds on"),
     ("file", "extends: stay_on_azure\nname: m\n", "builds on base"),
     ("file", "extends: base\nname: m\nresources: {tool_developer: -3}\n", "tool_developer"),
     ("file", "extends: base\nname: m\nnonsense: 3\n", "unknown key"),
     ("file", "extends: [", "file"), ("file", "x" * 300_000, "too long"),
     ("preset", "best", "preset")],
)  # fmt: skip
def test_a_text_that_is_refused_says_why_and_changes_nothing(kind, text, says):
    session = Session()
    session.set("team", 8)
    before = session.state
    assert not session.load(kind, text)
    assert says in session.message
    assert session.state == before


def test_a_loaded_file_can_be_moved_and_saved_again(tmp_path):
    session = Session()
    assert session.load("file", file_text(state_of(link=25, volume=12), "mine"))
    assert session.set("team", 9)
    path = tmp_path / "again.yaml"
    path.write_text(file_text(session.state, "again"), encoding="utf-8")
    same(draw_values(load_plan(path), FEW), drawn(state_of(link=25, volume=12, team=9), FEW)[1])
    with pytest.raises(InputError, match="Save it"):
        shared_text(session.state)


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65, "é", None, '"><script>'])
def test_a_file_has_a_plain_name(name):
    with pytest.raises(InputError, match="name"):
        file_text(State(), name)


@pytest.mark.parametrize(
    ("key", "low", "high"), [("volume", 5, 20), ("effort", 3, 20), ("qualification", 60, 300)]
)
def test_a_worse_assumption_never_ends_earlier(key, low, high):
    before, after = (drawn(state_of(**{key: v}), FEW)[1]["left_azure"] for v in (low, high))
    assert np.all(after >= before - 0.01)
    assert after.mean() >= before.mean()


def test_better_copies_never_end_later():
    slow, fast = (drawn(state_of(efficiency=v), FEW)[1]["left_azure"] for v in (25, 70))
    assert np.all(fast <= slow + 0.01)


def test_fees_cost_and_delay_nothing():
    free, dear = (drawn(state_of(fees=v), FEW)[1] for v in (0, 60))
    assert np.array_equal(free["finish_day"], dear["finish_day"])
    assert np.all(dear["cost_eur"] >= free["cost_eur"])


def test_more_time_and_more_money_never_lower_the_odds():
    odds = [odds_of(state_of(finish=f, envelope=e), FEW)["p_both"]
            for f, e in ((600, 14), (700, 14), (700, 18), (900, 25))]  # fmt: skip
    assert odds == sorted(odds)


def test_the_provision_changes_no_odds_and_the_lines_add_up():
    base, none = State(), state_of(provision=0)
    assert odds_of(base, FEW) == odds_of(none, FEW)
    for state in (none, state_of(provision=7, envelope=13.3)):
        plan = plan_of(state, check=True)
        assert sum(plan.allocations.values()) == pytest.approx(plan.envelope_eur, abs=1e-6)


def test_what_is_to_be_added_is_just_enough():
    state = state_of(finish=600, envelope=19)
    days, money = to_add(state, FEW)
    plan, values = drawn(state, FEW)
    due, most = end_of_day(plan, plan.target.finish), plan.envelope_eur

    def both(more_days, more_money):
        held = (values["finish_day"] <= due + more_days) & (values["cost_eur"] <= most + more_money)
        return held.mean()

    assert both(days, 0) >= 0.7 > both(days - 1.001, 0)
    assert both(0, 0) < 0.7
    assert math.isinf(money) or both(0, money) >= 0.7


def test_the_three_lines(lines):
    assert lines["reference"] == State()
    assert lines["assumed"] == state_of(volume=14)
    assert preset("evidence").only("target", "assumption").start == "evidence"
    assert preset("fastest").only("target", "assumption").start == "base"


def test_the_target_is_the_same_on_all_lines():
    session = Session()
    session.set("finish", 600)
    assert {plan_of(s).target.finish for s in session.lines.values()} == {load_plan("base").start.fromordinal(
        load_plan("base").start.toordinal() + 600)}  # fmt: skip


def test_the_headline_counts_in_twenty(lines):
    now, before, hoped = (
        odds_of(lines[k], FEW)["p_both"] for k in ("scenario", "reference", "assumed")
    )
    first, _ = headline(lines, FEW, Ask("en"))
    assert f"{math.floor(20 * now + 0.5)}\u00a0chances\u00a0in\u00a020" in first
    assert f"reference: {math.floor(20 * before + 0.5)}, " in first
    assert first.endswith(f"assumptions: {math.floor(20 * hoped + 0.5)}.")
    assert "chances\u00a0sur\u00a020" in headline(lines, FEW, Ask("fr"))[0]
    assert challenge(lines["scenario"], FEW, Ask("fr"))


def test_the_prudent_date_and_cost_are_those_of_the_forecast(lines):
    known = forecast_of(lines["scenario"], FEW)
    said = prudent(lines["scenario"], FEW, Ask("en", p=0.8))
    assert str(known.date_of(known.quantile("finish_day", 0.8)).year) in said
    assert (
        abs(float(said.split("€")[1].split("M")[0]) - known.quantile("cost_eur", 0.8) / 1e6) <= 0.51
    )
    assert "P50" in prudent(lines["scenario"], FEW, Ask("fr", p=0.5))


def test_effects_are_measured_one_by_one_and_together(lines):
    found, whole = effects(lines, FEW, "en")
    assert {effect.key for effect in found} == {"link", "volume"}
    by_key = {effect.key: effect for effect in found}
    assert by_key["volume"].assumed
    assert not by_key["link"].assumed
    now, before = (odds_of(lines[k], FEW)["p_both"] for k in ("scenario", "reference"))
    assert whole.both.value == pytest.approx(now - before)


def test_no_effect_is_said_with_its_bottleneck():
    session = Session()
    session.set("provision", 5)
    before = state_of(link=39)
    found = {
        e.key: e
        for e in effects({"reference": before, "scenario": state_of(link=40)}, FEW, "en")[0]
    }
    said = why(found["link"], forecast_of(state_of(link=40), FEW), Ask("en"))
    assert "no effect shown" in said
    assert "the copy is limited by" in said
    provision = next(e for e in effects(session.lines, FEW, "en")[0] if e.key == "provision")
    assert "set aside" in why(provision, forecast_of(session.state, FEW), Ask("en"))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_warnings_name_what_is_too_late_or_too_early(lang):
    wide = state_of(link=25)
    said = warnings(wide, forecast_of(wide, FEW), Ask(lang))
    base = warnings(State(), forecast_of(State(), FEW), Ask(lang))
    assert len(said) == len(base) + 1  # the wider link should have been ordered before today
    late = state_of(qualification=400)
    assert any(
        "qualification" in text for text in warnings(late, forecast_of(late, FEW), Ask(lang))
    )


def test_a_cutover_that_forgets_the_freezes_is_warned_of():
    text = "extends: base\nname: m\ndefaults: {wave: {cutover: {calendar: continuous}}}\n"
    state = from_file(text)
    said = " ".join(warnings(state, forecast_of(state, FEW), Ask("en")))
    assert "day of freeze" in said
    assert "day of freeze" not in " ".join(warnings(State(), forecast_of(State(), FEW), Ask("en")))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_view_has_its_numbers_beside_it(lines, lang):
    known, ask = {k: forecast_of(s, FEW) for k, s in lines.items()}, Ask(lang)
    found, whole = effects(lines, FEW, lang)
    made = [
        joint(known, ask),
        bridge([*found, whole], ask),
        *(view(known, ask) for _, view, _ in VIEWS.values()),
    ]
    for html in made:
        assert html.count("<svg") >= 1
        assert 'role="img" aria-label="' in html
        assert "<table>" in html
        assert "nan" not in html
        assert "http" not in html


def test_amounts_change_their_basis_and_nothing_else(lines):
    known = {k: forecast_of(s, FEW) for k, s in lines.items()}
    assert Ask("en", vat="TTC").eur(known["scenario"].plan, 100.0) == pytest.approx(120.0)
    assert "HT" in joint(known, Ask("fr"))
    assert "TTC" in joint(known, Ask("fr", vat="TTC"))


def test_the_notebook_is_three_short_cells():
    path = home() / "notebooks" / "explorer.ipynb"
    node = nbformat.read(path, as_version=4)
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    assert len(code) == 3
    assert sum(len(cell.source.splitlines()) for cell in code) <= 12
    assert [cell.metadata.get("tags") for cell in code] == [["parameters"], ["live"], None]
    assert not any(cell.outputs for cell in code)
    assert as_bytes(tidy(node)) == path.read_bytes()
