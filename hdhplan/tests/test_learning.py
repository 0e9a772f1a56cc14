"""What finished and running work teaches: causes that tasks share, delays that are no slow work."""

import numpy as np
import pytest

from hdhplan.belief import Evidence, believe
from hdhplan.learning import as_of
from hdhplan.simulation import simulate
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tests.test_status import DAY, tasks_of, with_status, write
from hdhplan.wording.progress import progress_sentences

PACE = {"id": "pace", "factor": range_of(0.7, 1.0, 1.6), "on": ["T*"]}
SUNDAY = "2026-01-18"


def team(*drivers, count=8):
    """Tasks of likely ten days that share a pace, and whatever else."""
    tasks = [{"id": f"T{i}", "work": range_of(8, 10, 12, "d")} for i in range(count)]
    return plan_of(tasks=tasks, drivers=[PACE, *drivers])


def finished(folder, days, first=0, end=SUNDAY):
    """Tasks that all ended on one day, each after as many days as it says."""
    last = DAY(end)
    for i, length in enumerate(days, first):
        start = last.fromordinal(last.toordinal() - length + 1).isoformat()
        tasks_of(
            folder,
            {"id": f"t{i}", "date": end, "task": f"T{i}", "start": start, "finish": end},
        )
    return folder


def pace_of(plan, day=SUNDAY):
    """Median of the pace after what was taught, over its likely value. [1]"""
    (found,) = as_of(plan, DAY(day)).progress.learned
    return found.quantile("posterior", 0.5)


def test_a_risk_that_occurred_has_not_slowed_what_ended_before(tmp_path):
    turnover = {"id": "turnover", "p": 0.4, "factor": 1.3, "on": ["T*"]}
    plan = with_status(team(turnover), finished(tmp_path, [10] * 6, end="2026-01-16"))
    before = pace_of(plan)
    write(tmp_path, "risks", {"date": SUNDAY, "driver": "turnover", "state": "occurred"})
    plan = with_status(team(turnover), tmp_path)
    assert pace_of(plan) == pytest.approx(1.0, rel=0.03)  # ten days were ten days' work
    assert pace_of(plan) > before
    # The bad news makes what is left later, not earlier.
    ends = [
        simulate(plan, 4000, as_of=DAY(day)).spread["T7"]["finish"]
        for day in ("2026-01-17", SUNDAY)
    ]
    assert ends[1][1] > ends[0][1] + 1.0


def test_a_risk_that_occurred_has_slowed_what_came_after(tmp_path):
    turnover = {"id": "turnover", "p": 0.4, "factor": 1.3, "on": ["T*"]}
    write(tmp_path, "risks", {"date": "2026-01-05", "driver": "turnover", "state": "occurred"})
    plan = with_status(team(turnover), finished(tmp_path, [13] * 6))
    assert pace_of(plan) == pytest.approx(1.0, rel=0.03)


@pytest.mark.parametrize("stated", [True, False])
def test_a_delay_is_not_slow_work(tmp_path, stated):
    """Ten days of work and a delay of ten: the pace stays, whether the delay was reported or not."""
    stuck = {"id": "stuck", "p": 0.5, "delay": "10 d", "on": ["T0", "T1", "T2"]}
    if stated:
        write(tmp_path, "risks", {"date": "2026-01-05", "driver": "stuck", "state": "occurred"})
    folder = finished(tmp_path, [20, 20, 20], end="2026-01-24")
    plan = with_status(team(stuck), finished(folder, [10] * 3, first=3, end="2026-01-24"))
    assert pace_of(plan, "2026-01-24") == pytest.approx(1.0, rel=0.05)


def test_lateness_that_no_delay_explains_is_slow_work(tmp_path):
    assert pace_of(with_status(team(), finished(tmp_path, [14] * 3))) > 1.3


def test_an_uncertain_delay_says_less_than_none(tmp_path):
    """Where a delay may have struck, slow days say less of the pace."""
    stuck = {"id": "stuck", "p": 0.5, "delay": range_of(1, 4, 9, "d"), "on": ["T*"]}
    folder = finished(tmp_path, [14] * 3)
    assert (
        1.0 < pace_of(with_status(team(stuck), folder)) < pace_of(with_status(team(), folder)) - 0.1
    )


def test_days_spent_waiting_for_another_finish_say_nothing(tmp_path):
    tasks = [
        {"id": "T0", "work": range_of(8, 10, 12, "d")},
        {"id": "T1", "work": range_of(8, 10, 12, "d"), "after": ["T0 FF"]},
        {"id": "T2", "work": range_of(8, 10, 12, "d")},
    ]
    plan = plan_of(tasks=tasks, drivers=[PACE])
    finished(tmp_path, [10, 14])
    (found,) = as_of(with_status(plan, tmp_path), DAY(SUNDAY)).progress.learned
    assert found.observed == pytest.approx([1.0], rel=0.01)


def test_tasks_of_two_teams_teach_one_another_what_they_share(tmp_path):
    """The first team's tasks are slow: the second's get slower too, but less."""
    teams = [
        {"id": name, "factor": range_of(0.8, 1.0, 1.3), "on": on}
        for name, on in (("first", ["T0", "T1", "T2", "T3", "T6"]), ("second", ["T4", "T7"]))
    ]
    plan = with_status(team(*teams), finished(tmp_path, [14] * 4))
    later, before = simulate(plan, 4000, as_of=DAY(SUNDAY)), simulate(plan, 4000)
    ends = {k: later.spread[k]["finish"][1] - 14 for k in ("T6", "T7", "T5")}
    usual = before.spread["T7"]["finish"][1]
    assert ends["T6"] == pytest.approx(14, rel=0.05)
    assert usual + 1 < ends["T7"] < ends["T6"] - 0.5
    assert {one.id for one in later.progress.learned} == {"work.first+pace"}


def test_what_is_learned_of_a_driver_holds_for_all_that_it_acts_on(tmp_path):
    """A cause of slow work that also makes a rate dear: both are seen from the work."""
    pace = PACE | {"on": ["T*", "rates.fee"]}
    fee = {"id": "fee", "amount_eur": 1000, "per": "once", "line": "fees", "on": "T7"}
    tasks = [{"id": f"T{i}", "work": range_of(8, 10, 12, "d")} for i in range(8)]
    plan = with_status(
        plan_of(tasks=tasks, drivers=[pace], rates=[fee]), finished(tmp_path, [14] * 6)
    )
    assert np.median(simulate(plan, 2000).values["cost_eur"]) == pytest.approx(1030, abs=25)
    later = simulate(plan, 2000, as_of=DAY(SUNDAY))
    assert np.median(later.values["cost_eur"]) == pytest.approx(1400, rel=0.03)
    # Without the driver it is as if the plan had not got it, nor learned of it.
    without = simulate(plan, 2000, as_of=DAY(SUNDAY), without=["pace"])
    assert set(without.values["cost_eur"]) == {1000.0}
    assert without.spread["T7"]["finish"][1] == pytest.approx(14 + 10, rel=0.02)


def test_scatter_of_finished_work_widens_the_ranges_of_what_is_to_come(tmp_path):
    tasks = [{"id": f"T{i}", "work": range_of(18, 20, 23, "d")} for i in range(12)]
    plan = plan_of(tasks=tasks)  # no driver: nothing is shared

    def width(folder, days):
        known = with_status(plan, finished(folder, days, end="2026-02-08"))
        later = simulate(known, 4000, as_of=DAY("2026-02-08"))
        low, _, high = later.spread["T11"]["finish"]
        said = [list(progress_sentences(later, DAY("2026-02-08"), lang)) for lang in ("fr", "en")]
        return high - low, [[s for s in some if "élargies" in s or "widened" in s] for some in said]

    wild, said = width(tmp_path / "wild", [13, 28, 14, 29, 15, 30, 16, 20, 26, 31])
    calm, nothing = width(tmp_path / "calm", [20] * 10)
    low, _, high = simulate(plan, 4000).spread["T11"]["finish"]
    assert calm == pytest.approx(high - low, rel=1e-5)
    assert wild > 1.5 * calm
    assert nothing == [[], []]
    assert [len(some) for some in said] == [1, 1]
    assert "jusqu'à 1,7 fois" in said[0][0]
    assert "up to 1.7 times" in said[1][0]


# What is believed of several factors at once


def evidence(logs, slopes, spread, passed=False):
    """Tasks of one reading on standard normal factors, all of them causes."""
    rows, columns = np.shape(slopes)
    return Evidence(
        np.zeros(rows), np.array(slopes, float), np.array(logs, float)[:, None],
        np.zeros((rows, 1)), np.full(rows, spread), np.full(rows, passed),
        np.full(rows, not passed), np.ones(columns, bool),
    )  # fmt: skip


BEFORE = {"a": (0.0, 0.2), "b": (0.1, 0.3)}
FACTORS = {k: np.exp(np.random.default_rng(i).normal(*BEFORE[k], 2000)) for i, k in enumerate("ab")}
BOTH, ONE, OTHER = [0.2, 0.3], [0.2, 0.0], [0.0, 0.3]


def test_what_says_nothing_moves_nothing():
    belief = believe(evidence([0.5, -0.4], [BOTH, ONE], 1e6), BEFORE)
    for name, moved in belief.moved(FACTORS).items():
        assert moved == pytest.approx(FACTORS[name], rel=1e-6)
    assert belief.widening(0.1, 0.2) == 1.0


def test_what_says_everything_leaves_one_value():
    rows = [BOTH] * 300 + [ONE] * 300
    noise = np.tile([0.05, -0.05], 300)
    logs = np.repeat([0.2 * 1.5 + 0.3 * -1.0, 0.2 * 1.5], 300) + noise
    moved = believe(evidence(logs, rows, 0.05), BEFORE).moved(FACTORS)
    for name, normal in (("a", 1.5), ("b", -1.0)):
        middle, spread = BEFORE[name]
        assert np.median(moved[name]) == pytest.approx(np.exp(middle + spread * normal), rel=0.01)
        assert np.ptp(np.log(moved[name])) < 0.06


def test_tasks_that_share_one_cause_teach_the_other_by_what_is_left():
    """Both causes together, then one alone: the rest is the other's."""
    together = evidence([0.3] * 20, [BOTH] * 20, 0.05)
    apart = evidence([0.3] * 20 + [0.0] * 20, [BOTH] * 20 + [ONE] * 20, 0.05)
    first, then = (
        {k: np.median(v) for k, v in believe(e, BEFORE).moved(FACTORS).items()}
        for e in (together, apart)
    )
    assert first["a"] > 1.02
    assert then["a"] == pytest.approx(1.0, abs=0.03)
    assert then["b"] == pytest.approx(np.exp(0.1 + 0.3), rel=0.03)
    # What is known is the product: it is narrow though neither is.
    moved = believe(together, BEFORE).moved(FACTORS)
    assert np.log(moved["a"] * moved["b"]).std() < 0.5 * np.log(moved["a"]).std()


def test_running_tasks_push_up_those_that_have_hardly_begun_do_not():
    quick = evidence([-0.2] * 3, [ONE] * 3, 0.1)
    late, young = (
        Evidence(
            np.zeros(6), np.array([ONE] * 6), np.array([[-0.2]] * 3 + [[log]] * 3),
            np.zeros((6, 1)), np.full(6, 0.1), np.arange(6) > 2, np.arange(6) < 3, np.ones(2, bool),
        )
        for log in (0.3, -2.0)
    )  # fmt: skip
    alone, pushed, left = (
        np.median(believe(e, BEFORE).moved(FACTORS)["a"]) for e in (quick, late, young)
    )
    assert pushed > alone + 0.1
    assert left == pytest.approx(alone, rel=1e-3)


def test_scatter_widens_what_is_to_come_and_calm_does_not_narrow_it():
    slopes, noise = [ONE] * 20, np.tile([1.0, -1.0], 10)
    wild, calm = (
        believe(evidence(scale * noise, slopes, 0.1), BEFORE).widening(0.1, 0.2)
        for scale in (0.4, 0.01)
    )
    assert wild > 1.5
    assert calm == 1.0


def test_a_finished_task_is_taken_exactly_and_rounds_agree_with_it():
    """One running task that is bound to be over: the same as none; readings of one: as one."""
    single = evidence([0.2] * 4, [ONE] * 4, 0.1)
    doubled = Evidence(
        single.offset, single.slopes, np.repeat(single.logs, 2, axis=1),
        np.full((4, 2), -np.log(2)), single.spread, single.passed, single.ranged, single.causes,
    )  # fmt: skip
    found = [believe(e, BEFORE).moved(FACTORS)["a"] for e in (single, doubled)]
    assert found[1] == pytest.approx(found[0], rel=1e-3)
