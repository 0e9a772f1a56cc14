"""Gates, obligations, gaps and crossings by hand, and the polarity of what is said of them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from hdhplan.capabilities import needing
from hdhplan.crossing import crossings, standstills, turn_back
from hdhplan.page.continuity import continuity_parts
from hdhplan.page.sovereignty import sovereignty_parts
from hdhplan.page.tools import tools_parts
from hdhplan.quantities import Range
from hdhplan.result import bundle
from hdhplan.simulation import simulate
from hdhplan.sovereignty import Gate, Refusal, duties, refusals, services, wave_gates
from hdhplan.spread import Spread, spread_of
from hdhplan.summary import lines
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tooling import closed, closing_one, gaps
from hdhplan.wording.answer import answer, answer_numbers
from hdhplan.wording.continuity import (
    continuity_sentence,
    tools_sentence,
    turn_back_sentence,
    weight_sentence,
)
from hdhplan.wording.sovereignty import duties_sentences, gates_sentence, refusal_sentence

DAY_OF_OWN_DATE = 37.0  # 2026-02-10 is over 37 days after 2026-01-05 begins


def gated(core="20 d", volume=10, p=0.0, interim="30 d", **more):
    """One wave of three projects, a core of two services and one with a date of its own."""
    parts = {
        "tasks": [
            {"id": "core", "work": core},
            {"id": "interim", "work": interim, "only_if": "refused", "after": ["core"]},
            {"id": "left", "after": ["w1.cutover"]},
        ],
        "routes": {"link": {"rate_gbps": 10}},
        "datasets": [
            {"id": "x", "volume_tb": volume, "route": "link", "wave": "w1", "sensitive": True}
        ],
        "waves": [{"id": "w1", "projects": 3, "cutover": {"work": "1 d"}}],
        "drivers": [{"id": "refused", "p": p, "cost": 1_000_000, "on": ["interim"]}],
        "capabilities": {
            "store": {"projects": "all", "qualified_after": ["core", "interim"]},
            "keys": {"projects": "1", "qualified_after": ["core", "interim"]},
            "late": {
                "projects": "2-3",
                "qualified_on": "2026-02-10",
                "qualified_after": ["core", "interim"],
                "unless": "refused",
            },
            "idle": {"projects": "9", "qualified_on": "2030-01-01"},
        },
        "target": {"milestone": "left", "finish": "2026-06-01"},
    }
    return simulate(plan_of(**(parts | more)), 400, detail=True)


def test_the_gate_of_a_wave_by_hand():
    (gate,) = wave_gates(gated())
    assert gate.services == ("store", "keys", "late")
    assert (gate.day.p10, gate.day.p80) == (DAY_OF_OWN_DATE, DAY_OF_OWN_DATE)
    assert gate.cutover.p50 == pytest.approx(DAY_OF_OWN_DATE + 1)
    assert (gate.last, gate.last_share, gate.sets_go) == ("late.qualified", 1.0, 1.0)


def test_a_date_of_its_own_before_the_core_is_the_cores():
    (gate,) = wave_gates(gated(core="50 d"))
    assert (gate.last, gate.day.p50, gate.sets_go) == ("core", 50.0, 1.0)


def test_a_slow_copy_takes_the_go_from_the_gate():
    (gate,) = wave_gates(gated(volume=10_000))  # 10 Gbit/s carry 108 TB a day: 93 days
    assert gate.sets_go == 0
    assert gate.cutover.p50 > 90
    assert "hardly ever" in gates_sentence(gated(volume=10_000), (gate,), "en")


def test_services_name_the_waves_they_gate_and_nobody_gates_without_need():
    found = {service.id: service for service in services(gated())}
    assert found.keys() == {"store", "keys", "late"}
    assert found["late"].day.p50 == DAY_OF_OWN_DATE
    assert found["store"].day.p50 == 20.0
    assert all(service.waves == ("w1",) for service in found.values())


def test_no_gate_without_sensitive_data():
    data = [{"id": "x", "volume_tb": 10, "route": "link", "wave": "w1"}]
    assert wave_gates(gated(datasets=data)) == ()


@pytest.mark.parametrize(("interim", "days"), [("30 d", 13.0), ("5 d", -12.0)])
def test_a_refusal_by_hand(interim, days):
    """The core takes 20 days, then the interim host; the own date no longer counts."""
    forecast = gated(p=0.5, interim=interim)
    (refusal,) = refusals(forecast)
    assert refusal.instead == ("interim",)
    assert 120 < refusal.draws < 280
    assert refusal.goal.p50 - refusal.goal_without.p50 == pytest.approx(days, abs=0.01)
    said = {lang: refusal_sentence(forecast, refusal, lang) for lang in ("fr", "en")}
    assert ("later" in said["en"]) == ("plus tard" in said["fr"]) == (days > 0)
    assert ("earlier" in said["en"]) == ("plus tôt" in said["fr"]) == (days < 0)
    assert "10\u00a0chances\u00a0sur\u00a020" in said["fr"]
    assert "1.0M" in said["en"]


def flat(value: float, error: float = 0.1) -> Spread:
    return Spread(value, value, value, error, error, error, float(math.isinf(value)))


@pytest.mark.parametrize(
    ("then", "otherwise", "draws", "word"),
    [
        (100.0, 100.5, 200, "detectably"),
        (math.inf, 100.0, 200, "no median date"),
        (100.0, math.inf, 200, "none without it"),
        (100.0, 50.0, 99, "too few"),
        (100.0, 50.0, 200, "later"),
        (50.0, 100.0, 200, "earlier"),
    ],
)
def test_what_is_said_of_a_refusal(then, otherwise, draws, word):
    refusal = Refusal("refused", 0.5, ("interim",), draws, flat(then), flat(otherwise))
    assert word in refusal_sentence(gated(p=0.5), refusal, "en")


def test_a_refusal_that_cannot_be_is_not_said():
    forecast = gated(p=0.0)
    assert [refusal_sentence(forecast, r, "fr") for r in refusals(forecast)] == [""]


def test_the_sentence_on_gates_names_the_wave_that_waits_most():
    forecast = gated()
    gate = wave_gates(forecast)[0]
    assert "20" in gates_sentence(forecast, (gate,), "fr")
    seldom = Gate("w1", (), gate.day, gate.cutover, 0.02, "core", 0.5, "D")
    assert "presque jamais" in gates_sentence(forecast, (seldom,), "fr")
    assert "presque jamais" not in gates_sentence(forecast, (seldom, gate), "fr")
    assert gates_sentence(forecast, (), "fr") == ""


def test_patterns_qualify_too():
    services_ = {"store": {"projects": "all", "qualified_after": ["cor*"], "holds_data": True}}
    forecast = gated(capabilities=services_)
    assert wave_gates(forecast)[0].last == "core"
    assert forecast.quantile("unqualified_pb_days", 0.5) > 0


def obliged(by=None, milestone="done", **more):
    duty = {"name": "Law", "clause": "A clause", "fact": "f", "milestone": milestone, "by": by}
    tasks = [
        {"id": "work", "work": "10 d"},
        {"id": "done", "after": ["work"]},
        {"id": "stuck", "work": "2 d", "calendar": "mondays", "unsplit": True},
        {"id": "never", "after": ["stuck"]},
    ]
    closed_ = {"closed_weekdays": ["tue", "wed", "thu", "fri", "sat", "sun"]}
    plan = plan_of(tasks=tasks, calendars={"mondays": closed_}, obligations={"law": duty}, **more)
    return simulate(plan, 200, detail=True)


@pytest.mark.parametrize(("by", "odds"), [("2026-01-14", 1.0), ("2026-01-13", 0.0), (None, None)])
def test_the_odds_of_an_obligation_count_its_whole_day(by, odds):
    (duty,) = duties(obliged(by))
    assert duty.odds == odds
    assert duty.day.p50 == 10.0
    said = duties_sentences(obliged(by), (duty,), "en")
    assert len(said) == (by is not None)
    assert all("breaks" not in text for text in said)


def test_an_obligation_that_is_never_met_is_said_broken():
    forecast = obliged("2026-01-14", "never")
    (duty,) = duties(forecast)
    assert (duty.day.never, duty.odds) == (1.0, 0.0)
    assert duties_sentences(forecast, (duty,), "en") == (
        "This plan breaks or leaves unmet, in all draws: Law.",
    )
    parts, _ = sovereignty_parts(forecast, "fr")
    assert "jamais" in "".join(map(str, parts))


def tooled(**gap_b):
    """Three projects that cut over on day 1; a is closed on day 100, b on day 200."""
    plan = plan_of(
        tasks=[{"id": "left", "after": ["w1.cutover"]}],
        waves=[{"id": "w1", "projects": 3, "cutover": {"work": "1 d"}}],
        capabilities={
            "a": {"projects": "1-2", "gap": "partial", "effort": "100 d"},
            "b": {"projects": "2-3", "gap": "none_yet", "effort": "200 d"} | gap_b,
            "c": {"projects": "all"},
            "d": {"projects": "8", "gap": "partial", "effort": "500 d"},
        },
    )
    return simulate(plan, 120, detail=True)


def test_what_closing_one_gap_changes_by_hand():
    forecast = tooled()
    assert forecast.quantile("projects_without_tool", 0.5) == 3
    projects, days = closing_one(forecast, "a")["w1"]
    assert set(projects) == {1.0}  # project 1; project 2 still lacks b
    assert days == pytest.approx(99.0)
    projects, days = closing_one(forecast, "b")["w1"]
    assert set(projects) == {1.0}
    assert days == pytest.approx(199.0 + 100.0)  # project 2 waits for a only
    assert not closing_one(forecast, "d")["w1"][0].any()
    assert not closing_one(forecast, "c")["w1"][0].any()
    assert [(g.id, g.projects) for g in gaps(forecast)] == [("b", 2), ("a", 2)]
    assert closed(forecast) == ("c",)


def random_gaps(seed: int):
    rng = np.random.default_rng(seed)
    needs = {
        f"g{i}": {
            "projects": " ".join(map(str, 1 + np.flatnonzero(rng.random(9) < 0.4))) or "99",
            "gap": "partial",
            "effort": range_of(5, 20 + 10 * i, 120, "d"),
        }
        for i in range(4)
    }
    waves = [
        {"id": w, "projects": n, "cutover": {"work": range_of(1, 20, 90, "d")}}
        for w, n in (("w1", 4), ("w2", 5))
    ]
    return {"waves": waves, "capabilities": needs}


@pytest.mark.parametrize("seed", range(4))
def test_closing_a_gap_changes_exactly_its_projects(seed):
    """Against project-by-project counting, and against a plan that has no such gap."""
    parts = random_gaps(seed)
    plan = plan_of(**parts)
    forecast = simulate(plan, 300, detail=True)
    first = {"w1": 1, "w2": 5}
    for gap, c in plan.capabilities.items():
        changed = closing_one(forecast, gap)
        without = parts["capabilities"] | {
            gap: {"projects": parts["capabilities"][gap]["projects"]}
        }
        other = simulate(plan_of(**(parts | {"capabilities": without})), 300, detail=True)
        for w, wave in plan.waves.items():
            cutover, count = forecast.detail[f"{w}.cutover"], np.zeros(300)
            for project in range(first[w], first[w] + wave.projects):
                late = {
                    k: forecast.detail[f"{k}.close"] > cutover
                    for k, x in plan.capabilities.items()
                    if project in needing(plan, x, w)
                }
                if gap in late:
                    others = [v for k, v in late.items() if k != gap]
                    count += late[gap] & ~np.logical_or.reduce([np.zeros(300, bool), *others])
            assert np.array_equal(changed[w][0], count)
            assert changed[w][0].max(initial=0) <= len(needing(plan, c, w))
            key = f"{w}.without_tool"
            left = other.detail.get(key, np.zeros(300))
            assert np.array_equal(forecast.detail.get(key, np.zeros(300)) - left, count)


def test_what_is_said_of_tools():
    forecast = tooled()
    assert "3\u00a0projects (P50)" in tools_sentence(forecast, "en")
    assert weight_sentence(forecast, gaps(forecast), "en").startswith(
        "The gap that weighs most: b;"
    )
    none = {"gap": "none", "effort": "1 d"}
    both = simulate(
        plan_of(
            waves=[{"id": "w1", "projects": 3, "cutover": {"work": "300 d"}}],
            capabilities={"a": {"projects": "all", "gap": "partial", "effort": "9 d"}},
        ),
        120,
        detail=True,
    )
    assert "No project" in tools_sentence(both, "en")
    assert "Aucun projet" in tools_sentence(both, "fr")
    assert weight_sentence(both, gaps(both), "fr") == ""
    assert len(gaps(tooled(**none))) == 1


def crossed(erase="5 d", limit=None, **more):
    target = {"milestone": "left", "finish": "2026-12-31", "cost_eur": 100, "vat": "HT"}
    cutover = {"work": "4 d", "critical": "dual_write", "dual_write": "0.1 d", "extra_porting": 0.5}
    wave = {"id": "w1", "projects": 4, "critical_projects": 2, "cutover": cutover}
    wave |= {"dual_running": "30 d"} | ({"erase": erase} if erase else {})
    plan = plan_of(
        tasks=[{"id": "A", "work": "20 d"}, {"id": "left", "after": ["w1.cutover"]}],
        waves=[wave | {"after": ["A"]}],
        target=target | ({"critical_limit": limit} if limit else {}),
        **more,
    )
    return simulate(plan, 200, detail=True)


def test_a_crossing_by_hand():
    forecast = crossed()
    (crossing,) = crossings(forecast)
    assert (crossing.mode, crossing.critical_mode) == ("freeze", "dual_write")
    assert crossing.extra_projects == 1.0
    assert crossing.rollback.p50 == 54.0  # 20 d, freeze of 4 d, 30 d on both sides
    assert turn_back(forecast).p10 == 54.0
    assert "27\u00a0February\u00a02026" in turn_back_sentence(forecast, turn_back(forecast), "en")
    assert "18\u00a0draws\u00a0in\u00a020" in turn_back_sentence(
        forecast, turn_back(forecast), "en"
    )


def test_where_nothing_is_erased_all_can_always_go_back():
    forecast = crossed(erase=None)
    assert turn_back(forecast).never == 1
    assert "always" in turn_back_sentence(forecast, turn_back(forecast), "en")
    assert turn_back_sentence(forecast, None, "en") == ""


@pytest.mark.parametrize(
    ("never", "word"), [(0.05, "until"), (0.6, "without end"), (0.95, "at most")]
)
def test_what_is_said_where_some_draws_erase_nothing(never, word):
    draws = np.arange(1000.0)
    back = spread_of(np.where(draws < 1000 * never, np.inf, draws))
    assert word in turn_back_sentence(crossed(), back, "en")


@pytest.mark.parametrize(
    ("start", "length", "avoided"), [("2026-01-10", 15.0, 0), ("2026-02-01", 0, 1)]
)
def test_a_standstill_by_hand(start, length, avoided):
    gap = {"from": start, "until": "A", "projects": 3, "source": "a test", "grade": "D"}
    (found,) = standstills(crossed(interruptions={"lapse": gap}))
    assert (found.length.p50, found.avoided, found.over.p50) == (length, avoided, 20.0)


@pytest.mark.parametrize(("limit", "odds"), [("0.1 d", "more than 19"), ("0.05 d", "less than 1")])
def test_the_answer_gives_the_odds_of_all_three(limit, odds):
    forecast = crossed(limit=limit)
    hold, _, money = answer(forecast, "en")
    assert "continuity:" in hold
    assert odds in hold.replace("\u00a0", " ")
    assert ("continuity is missing" in money) == (odds == "less than 1")
    assert "nothing to add" not in money or odds == "more than 19"
    said = continuity_sentence(forecast, "en").replace("\u00a0", " ")
    assert said.count(odds) == 2
    for lang in ("fr", "en"):
        assert all(len(sentence.split(" ")) <= 27 for sentence in answer(forecast, lang))


def test_without_a_limit_or_anybody_critical_continuity_is_not_asked():
    assert "continuity" not in answer(crossed(), "en")[0]
    assert continuity_sentence(crossed(), "fr") == ""
    plan = plan_of(
        tasks=[{"id": "A", "work": "20 d"}],
        target={"finish": "2026-12-31", "cost_eur": 1, "vat": "HT", "critical_limit": "1 d"},
    )
    forecast = simulate(plan, 200, detail=True)
    assert answer_numbers(forecast).p_all is None
    assert "continuity" not in answer(forecast, "en")[0]


def test_a_plan_without_any_of_it_shows_nothing():
    forecast = simulate(plan_of(tasks=[{"id": "A", "work": "20 d"}]), 200, detail=True)
    for parts_of in (sovereignty_parts, tools_parts, continuity_parts):
        assert parts_of(forecast, "fr") == ([], [])
    data = bundle(forecast)
    assert (
        data["tools"]["gaps"] == data["sovereignty"]["gates"] == data["continuity"]["waves"] == {}
    )


def test_the_numbers_of_programs_are_those_of_the_page():
    forecast = gated()
    data = bundle(forecast)["sovereignty"]
    assert data["gates"]["w1"]["last"] == "late.qualified"
    assert data["gates"]["w1"]["day"]["dates"]["p50"] == "2026-02-10"
    assert data["refusals"]["refused"]["goal"]["p50"] is None  # it never is in these draws
    tools = bundle(tooled())["tools"]
    assert tools["gaps"]["b"]["days_gained"] == pytest.approx(299.0)
    assert tools["without_gap"] == ["c"]
    assert bundle(crossed(limit="0.1 d"))["continuity"]["odds"] == {"continuity": 1.0, "all": 1.0}


def test_a_terminal_tells_each_in_one_line():
    for forecast in (gated(), tooled(), crossed(limit="0.1 d")):
        told = lines(forecast, None, "en")
        assert len(told[: told.index("")]) <= 3 + 3
        assert not any(text.strip().startswith(("late.qualified", "a.close")) for text in told)


def test_every_percentile_of_the_sections_has_its_error():
    widened = Range(low=5, likely=20, high=60, unit="d", source="a test", grade="D")
    forecast = gated(tasks=[
        {"id": "core", "work": widened}, {"id": "interim", "only_if": "refused", "after": ["core"]},
        {"id": "left", "after": ["w1.cutover"]},
    ])  # fmt: skip
    html = str(sovereignty_parts(forecast, "en")[0][1])
    assert html.count("±") == 3 * len(wave_gates(forecast))


def test_events_have_no_quantiles():
    forecast = gated(p=0.5)
    assert set(np.unique(forecast.detail["event:w1.gated"])) <= {0.0, 1.0}
    assert not any(name.startswith("event:") for name in forecast.quantities)
    assert dataclasses.is_dataclass(wave_gates(forecast)[0])
