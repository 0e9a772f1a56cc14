"""Laws of the levers: spans, projects that share a control, choices, the challenge, refusals in French."""

from __future__ import annotations

import numpy as np
import pytest

from hdhplan.explorer import Session
from hdhplan.explorer_draws import drawn, forecast_of, odds_of
from hdhplan.explorer_notes import note
from hdhplan.explorer_odds import Ask, challenge
from hdhplan.explorer_plans import plan_of
from hdhplan.explorer_state import PRESETS, State, preset, validated
from hdhplan.explorer_texts import file_text, from_file, from_shared, shared_text
from hdhplan.explorer_why import effects, hoped, last_move, why
from hdhplan.levers import BY_KEY, LEVERS
from hdhplan.reading import load_plan
from hdhplan.simulation import draw_values
from hdhplan.wording.answer import ASKED

FEW = 500
SPANNED = [lever for lever in LEVERS if lever.span]


def state_of(**values):
    found = State()
    for key, value in values.items():
        found = found.having(key, validated(key, value))
    return found


def test_the_controls_are_those_of_the_issue():
    assert [lever.key for lever in LEVERS if lever.group == "assumption"] == [
        "volume", "qualification", "efficiency", "effort", "fees",
    ]  # fmt: skip
    assert all(lever.span for lever in LEVERS if lever.group == "assumption")
    assert all(lever.known for lever in LEVERS if lever.group != "target")
    for lever in LEVERS:
        assert lever.known is None or lever.known(load_plan("base")).grade in "ABCD"


@pytest.mark.parametrize("lever", SPANNED, ids=lambda lever: lever.key)
def test_an_assumption_says_its_span_and_stands_on_the_likely_value(lever):
    low, likely, high = lever.span(load_plan("base"))
    assert low <= likely <= high
    assert likely == pytest.approx(lever.read(load_plan("base")))
    assert state_of(**{lever.key: (low, likely, high)}) == State()


@pytest.mark.parametrize("lever", SPANNED, ids=lambda lever: lever.key)
def test_a_span_is_narrowed_as_it_is_typed(lever, tmp_path):
    ends = np.linspace(max(lever.low, lever.high / 4), lever.high / 2, 3)
    text = "/".join(f"{end:g}" for end in ends)
    state = state_of(**{lever.key: text})
    plan = plan_of(state, check=True)
    assert lever.span(plan) == pytest.approx([float(f"{end:g}") for end in ends])
    assert from_shared(shared_text(state)) == state
    path = tmp_path / "mine.yaml"
    path.write_text(file_text(state, "mine"), encoding="utf-8")
    read = from_file(path.read_text(encoding="utf-8"))
    for other in (drawn(read, FEW)[1], draw_values(load_plan(path), FEW)):
        assert np.array_equal(other["cost_eur"], drawn(state, FEW)[1]["cost_eur"])


def test_two_ends_are_a_span_with_its_middle_likely():
    assert validated("volume", "8..14") == validated("volume", "8 à 14") == (8.0, 11.0, 14.0)
    assert validated("volume", "8,5 / 10 / 12") == (8.5, 10.0, 12.0)


def test_a_slider_shifts_a_span_and_keeps_its_proportions():
    low, likely, high = BY_KEY["volume"].span(plan_of(state_of(volume=15)))
    assert (low / likely, high / likely) == pytest.approx((0.8, 1.2))


def test_a_narrower_span_spreads_the_dates_less():
    def spread(span):
        low, high = np.quantile(drawn(state_of(volume=span), 2_000)[1]["cost_eur"], (0.1, 0.9))
        return high - low

    assert spread("9.9/10/10.1") < spread("4/10/16")


def test_not_more_than_all_projects_are_ported_or_frozen():
    state = state_of(frozen=30.0)
    assert (state.stands("projects"), state.stands("frozen")) == (70.0, 30.0)
    state = state.having("projects", 90.0)
    assert (state.stands("projects"), state.stands("frozen")) == (90.0, 10.0)
    session = Session()
    assert not session.load("shared", "hdhplan.explorer/1 frozen=50 projects=80")
    assert "more than all" in session.message
    assert session.state == State()


def test_closing_costs_less_than_freezing_interrupts_and_porting_less_costs_less():
    closed, frozen = state_of(projects=70), state_of(frozen=30)
    days = [drawn(s, FEW)[1]["project_days_interrupted"] for s in (closed, frozen)]
    assert np.all(days[1] > days[0])
    assert np.array_equal(*(drawn(s, FEW)[1]["cost_eur"] for s in (closed, frozen)))
    assert np.mean(drawn(closed, FEW)[1]["cost_eur"]) < np.mean(drawn(State(), FEW)[1]["cost_eur"])


@pytest.mark.parametrize("choice", BY_KEY["waves"].choices)
def test_every_strategy_can_be_taken_from_the_reference(choice):
    plan = plan_of(state_of(waves=choice), check=True)
    assert BY_KEY["waves"].read(plan) == choice


def test_dual_write_for_all_is_zero_interruption_but_for_its_dual_running():
    state = state_of(waves="five_dual")
    known = load_plan("zero_interruption", {"defaults.wave.dual_running": "30/45/75 d"})
    mine, theirs = drawn(state, FEW)[1], draw_values(known, FEW)
    assert all(np.array_equal(mine[key], theirs[key]) for key in theirs)


def test_a_strategy_is_refused_where_the_start_has_another():
    session = Session([preset("fastest")])
    assert not session.set("waves", "one")
    assert "begin with the preset base" in session.message.lower()
    assert "préréglage Référence" in session.refusal("fr")
    assert session.set("waves", "overlapping_rehearsed")


def test_the_challenge_is_open_at_the_start_and_a_lever_meets_it():
    assert odds_of(State(), 2_000)["p_all"] < ASKED
    assert "Challenge met" not in challenge(State(), 2_000, Ask("en"))
    rehearsed = state_of(waves="five_rehearsed")
    assert odds_of(rehearsed, 2_000)["p_all"] >= ASKED
    assert challenge(rehearsed, 2_000, Ask("en")).startswith("Challenge met")
    assert challenge(rehearsed, 2_000, Ask("fr")).startswith("Défi relevé")


def test_more_rehearsals_take_time_and_spare_the_critical_projects():
    once, twice = forecast_of(State(), FEW), forecast_of(state_of(waves="five_rehearsed"), FEW)
    assert np.mean(twice.values["finish_day"]) > np.mean(once.values["finish_day"])
    assert twice.p_continuity > once.p_continuity


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [("link", 41, "1 à 40 Gbit/s"), ("volume", "", "rien"), ("bandwidth", 5, "levier inconnu"),
     ("volume", "12/10/14", "ordre croissant"), ("host", "nobody", "un parmi"),
     ("qualification", 1e9, "jours ouvrés")],
)  # fmt: skip
def test_a_refusal_speaks_french(key, value, says):
    session = Session()
    assert not session.set(key, value)
    assert says in session.refusal("fr").replace("\u00a0", " ")
    assert "explorateur" in session.refusal("fr")
    assert says not in session.message


def test_a_file_that_is_refused_says_line_and_field_in_french():
    session = Session()
    assert not session.load("file", "extends: base\nname: m\nresources: {tool_developer: -3}\n")
    assert "ligne 3" in session.refusal("fr") or "tool_developer" in session.refusal("fr")


def test_presets_are_known_by_their_scenarios():
    assert set(PRESETS) == {"base", "fastest", "cheapest", "zero_interruption",
                            "wait_for_qualification", "evidence", "pessimist"}  # fmt: skip


def test_what_shares_a_control_is_one_reason():
    session = Session()
    assert session.set("frozen", 10)
    found, whole = effects(session.lines, FEW, "en")
    assert [effect.key for effect in found] == ["projects"]
    assert "frozen 10" in found[0].name
    assert found[0].cost.value == pytest.approx(whole.cost.value)


def test_it_is_said_what_was_decided_and_what_is_hoped_for():
    session = Session()
    assert hoped(session.lines, FEW, "fr") == ""
    session.set("volume", 20)
    session.set("link", 25)
    odds = [20 * odds_of(session.lines[key], FEW)["p_both"] for key in session.lines]
    said = hoped(session.lines, FEW, "en").replace("\u2212", "-")
    numbers = [
        float(word) for word in said.replace(",", "").split() if word.lstrip("+-")[0:1].isdigit()
    ]
    assert numbers[1:3] == pytest.approx([odds[2] - odds[1], odds[1] - odds[0]], abs=0.051)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.key)
def test_a_control_says_its_reference_its_grade_and_that_a_moved_assumption_is_hope(lever, lang):
    still, ask = note(lever, State(), Ask(lang)), Ask(lang)
    assert ("réf." if lang == "fr" else "ref.") in still
    assert "data-name=" in still
    if lever.group != "target":
        assert ("preuve" if lang == "fr" else "evidence") in still
        assert "<details>" in still
    hope = "un espoir, pas une décision" if lang == "fr" else "a hope, not a decision"
    assert hope not in still
    if lever.span:
        assert hope in note(lever, State().having(lever.key, lever.high), ask)


def test_the_last_move_is_told_where_it_was_made_and_no_effect_with_its_bottleneck():
    session = Session()
    session.set("volume", 0.9)
    session.set("link", 20)
    session.set("link", 40)
    moved = last_move(session.before, session.state, 2_000, "en")
    assert (moved.key, moved.assumed) == ("link", False)
    assert abs(moved.finish.value) < 1
    said = why(moved, forecast_of(session.state, 2_000), Ask("en"))
    assert "no effect shown" in said
    assert "because the bottleneck is now" in said
    assert session.load("preset", "fastest")
    assert last_move(session.before, session.state, FEW, "en") is None
    session.undo()
    session.set("volume", 12)
    assert last_move(session.before, session.state, FEW, "fr").assumed
