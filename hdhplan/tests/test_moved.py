"""Why a week's forecast moved: each cause its share, all together the whole, the method apart."""

import datetime as dt
import json
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest

from hdhplan.between import GROUPS
from hdhplan.errors import InputError
from hdhplan.facts import data_folder
from hdhplan.learning import as_of
from hdhplan.moved import MEASURES, mark_of, moved
from hdhplan.reading import load_plan
from hdhplan.sharing import by_orders, measured
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tests.test_status import DAY, tasks_of, with_status, write

BEFORE, AFTER = DAY("2026-02-01"), DAY("2026-02-08")
DRAWS = 800
#: What was known by the earlier week: A will run for 40 days more, whatever the date.
KNOWN = {"task": "A", "start": "2026-01-05", "remaining": 40, "unit": "d"}


def plan_for(**more):
    """A and then B, a side task that teaches the pace of all, a risk, a price and two targets."""
    parts = {
        "tasks": [
            {"id": "A", "work": range_of(50, 60, 90, "d")},
            {"id": "B", "work": range_of(20, 30, 50, "d"), "after": ["A"]},
            {"id": "side", "work": range_of(9, 10, 11, "d")},
        ],
        "drivers": [
            {"id": "late", "p": 0.5, "delay": "20 d", "on": ["B"]},
            {"id": "pace", "factor": range_of(0.7, 1.0, 1.6), "on": ["B", "side"]},
        ],
        "rates": [{"id": "team", "amount_eur": 1000, "per": "d", "on": ["A", "B"]}],
        "target": {"finish": "2026-04-20", "cost_eur": 100_000, "vat": "HT"},
    }
    return plan_of(**parts | more)


def reported(folder, plan=None):
    """The plan once A was measured in the earlier week."""
    tasks_of(folder, {"id": "first", "date": "2026-01-30", **KNOWN})
    return plan or plan_for()


def shift(folder, before, after=None, **more):
    """The week's change of a small plan."""
    after = with_status(after or before, folder)
    before = with_status(before, folder)
    return moved(before, after, BEFORE, AFTER, DRAWS, **more)


CAUSES = {
    "progress": ("tasks", {"task": "A", "remaining": 50, "unit": "d"}),
    "learning": ("tasks", {"task": "side", "start": "2026-01-15", "finish": "2026-02-03"}),
    "risks": ("risks", {"driver": "late", "state": "closed"}),
    "re-estimates": (
        "estimates",
        {"quantity": "tasks.B.work", "low": 40, "likely": 50, "high": 60, "unit": "d",
         "reason": "more to do"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("group", CAUSES)
def test_a_week_with_one_cause_gives_it_nearly_everything(group, tmp_path):
    plan = reported(tmp_path)
    kind, row = CAUSES[group]
    write(tmp_path, kind, {"id": "new", "date": "2026-02-06", **row})
    found = shift(tmp_path, plan)
    total = found.total["finish_days"]
    assert total.clear
    assert abs(total.value) > 2
    share = found.row(group).moves["finish_days"].value
    assert share == pytest.approx(total.value, rel=0.05)
    (main, *_) = found.row(group).causes
    assert found.first("finish_days") is found.row(group)
    if group != "learning":
        assert main.item.facts == ("new",)
        assert main.moves["finish_days"].value == pytest.approx(share, rel=0.05)
    else:
        assert (main.item.kind, main.item.id) == ("learned", "work")


FILES = {
    "prices": {"rates": [{"id": "team", "amount_eur": 1200, "per": "d", "on": ["A", "B"]}]},
    "assumptions": {
        "drivers": [
            {"id": "late", "p": 0.9, "delay": "20 d", "on": ["B"]},
            {"id": "pace", "factor": range_of(0.7, 1.0, 1.6), "on": ["B", "side"]},
        ]
    },
    "scope": {
        "tasks": [
            {"id": "A", "work": range_of(50, 60, 90, "d")},
            {"id": "B", "work": range_of(20, 30, 50, "d"), "after": ["A"]},
            {"id": "C", "work": "15 d", "after": ["B"]},
            {"id": "side", "work": range_of(9, 10, 11, "d")},
        ]
    },
}


@pytest.mark.parametrize("group", FILES)
def test_a_change_of_the_plan_file_is_told_by_its_own_group(group, tmp_path):
    before = reported(tmp_path)
    after = plan_for(**FILES[group])
    found = shift(tmp_path, before, after)
    measure = "cost_eur" if group == "prices" else "finish_days"
    assert abs(found.total[measure].value) > 2
    share = found.row(group).moves[measure].value
    assert share == pytest.approx(found.total[measure].value, rel=0.05)
    assert {c.item.kind for c in found.row(group).causes} == {"plan"}


def test_a_new_target_moves_the_odds_as_scope_and_no_date(tmp_path):
    before = reported(tmp_path)
    target = {"finish": "2026-05-20", "cost_eur": 100_000, "vat": "HT"}
    found = shift(tmp_path, before, plan_for(target=target))
    assert found.total["p_date"].value > 0.2
    assert found.row("scope").moves["p_date"].value == pytest.approx(found.total["p_date"].value)
    assert found.total["finish_days"].value == 0


def everything(folder):
    """A plan before and after a week in which every group of causes changes."""
    before = reported(folder)
    for kind, row in CAUSES.values():
        name = f"new-{row.get('task', kind)}".lower()
        write(folder, kind, {"id": name, "date": "2026-02-06", **row})
    parts = {k: v for part in FILES.values() for k, v in part.items()}
    return before, plan_for(**parts)


def test_shares_of_all_groups_add_up_to_the_whole(tmp_path):
    found = shift(tmp_path, *everything(tmp_path))
    assert [row.groups for row in found.rows] == [(group,) for group in GROUPS]
    for measure in MEASURES:
        parts = sum(row.moves[measure].value for row in found.rows)
        assert parts + found.residual[measure].value == pytest.approx(found.total[measure].value)
        assert abs(found.residual[measure].value) <= 1e-9 * max(abs(parts), 1)


def test_both_ends_are_the_forecasts_themselves(tmp_path):
    plans = [with_status(plan, tmp_path) for plan in everything(tmp_path)]
    found = moved(*plans, BEFORE, AFTER, DRAWS)
    for plan, day, end in zip(plans, (BEFORE, AFTER), (found.before, found.after), strict=True):
        rows = measured(as_of(plan, day), DRAWS, 1, plans[0].start, MEASURES)
        assert list(end.values()) == [row[0] for row in rows]


def test_the_average_over_orders_favours_no_name_and_gives_nothing_to_what_does_nothing():
    groups = [frozenset([name]) for name in "abcd"]
    rng = np.random.default_rng(2)
    worth = {
        frozenset(some): rng.normal(size=3) for n in range(4) for some in combinations("abc", n)
    }
    of = lambda changed: worth[changed - {"d"}]  # noqa: E731
    shares = by_orders(permutations(groups), of)
    again = by_orders(permutations(groups[::-1]), of)
    assert shares.keys() == again.keys()
    for group, share in shares.items():
        assert share == pytest.approx(again[group])
    whole = of(frozenset("abcd")) - of(frozenset())
    assert np.sum(list(shares.values()), axis=0) == pytest.approx(whole)
    assert not shares[frozenset("d")].any()


def test_a_week_in_which_nothing_changed_moves_nothing(tmp_path):
    plan = with_status(reported(tmp_path), tmp_path)
    found = moved(plan, plan, BEFORE, BEFORE, DRAWS)
    assert found.rows == ()
    assert all(move.value == 0 and not move.clear for move in found.total.values())
    assert found.first("finish_days") is None
    # Days alone pass: A still ends when it was measured to, so nothing moves either.
    quiet = moved(plan, plan, BEFORE, AFTER, DRAWS)
    assert [row.groups for row in quiet.rows] == [("progress",)]
    assert all(move.value == 0 for move in quiet.total.values())


def test_what_was_known_late_counts_in_the_week_in_which_it_became_known(tmp_path):
    plan = reported(tmp_path)
    tasks_of(tmp_path, {"id": "late", "date": "2026-02-06", "task": "side",
                        "start": "2026-01-07", "finish": "2026-01-28"})  # fmt: skip
    with_status(plan, tmp_path)
    last = mark_of(plan, BEFORE, DRAWS)
    found = moved(plan, plan, BEFORE, AFTER, DRAWS, archived=last)
    assert found.total["finish_days"].value > 1
    assert found.row("model").moves["finish_days"].value == 0
    assert "late" not in last["facts"]
    assert "late" in found.mark["facts"]


def test_a_fact_put_into_a_week_that_was_published_counts_in_the_next_one(tmp_path):
    plan = with_status(reported(tmp_path), tmp_path)
    last = mark_of(plan, BEFORE, DRAWS)
    write(tmp_path, "risks", {"id": "x", "date": "2026-01-29", "driver": "late", "state": "closed"})
    found = moved(*[with_status(plan, tmp_path)] * 2, BEFORE, AFTER, DRAWS, archived=last)
    assert found.row("model").moves["finish_days"].value == 0
    assert found.row("risks").moves["finish_days"].value == found.total["finish_days"].value < -2


def test_a_fact_that_was_published_and_is_gone_or_changed_is_refused(tmp_path):
    plan = with_status(reported(tmp_path), tmp_path)
    last = mark_of(plan, BEFORE, DRAWS)
    path = tmp_path / "2026-W05" / "tasks.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("40,d", "41,d"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    changed = {**last, "facts": last["facts"] | {"vanished": "0"}}
    with pytest.raises(InputError) as refused:
        moved(*[with_status(plan, tmp_path)] * 2, BEFORE, AFTER, DRAWS, archived=changed)
    first, second = refused.value.faults
    assert (first.file, first.line, first.found) == (
        str(path),
        2,
        "first is not what was published",
    )
    assert second.found == "vanished is gone"


def test_where_the_old_method_never_ended_the_new_one_does(tmp_path):
    plan = with_status(reported(tmp_path), tmp_path)
    last = mark_of(plan, BEFORE, DRAWS)
    never = {**last["measures"], "finish_days": [None] * 17}
    found = moved(plan, plan, BEFORE, AFTER, DRAWS, archived={**last, "measures": never})
    assert found.before["finish_days"] == np.inf
    assert found.row("model").moves["finish_days"].value == -np.inf
    assert found.row("progress").moves["finish_days"].value == 0
    assert found.as_dict()["move"]["finish_days"]["value"] is None


def test_another_method_is_a_row_of_its_own_and_never_progress(tmp_path):
    plan = reported(tmp_path)
    write(tmp_path, "tasks", {"id": "new", "date": "2026-02-06", **CAUSES["progress"][1]})
    with_status(plan, tmp_path)
    last = json.loads(json.dumps(mark_of(plan, BEFORE, DRAWS)))
    same = moved(plan, plan, BEFORE, AFTER, DRAWS, archived=last)
    # As if the code of last week had put every date five days later.
    then = {**last["measures"], "finish_days": [x + 5 for x in last["measures"]["finish_days"]]}
    found = moved(plan, plan, BEFORE, AFTER, DRAWS, archived={**last, "measures": then})
    assert all(move.value == 0 for move in same.row("model").moves.values())
    assert found.row("model").moves["finish_days"].value == pytest.approx(-5)
    assert found.row("progress") == same.row("progress")
    total = found.total["finish_days"].value
    assert total == pytest.approx(same.total["finish_days"].value - 5, abs=1e-4)
    assert found.before["finish_days"] == pytest.approx(same.before["finish_days"] + 5)


def test_the_method_is_judged_on_the_draws_of_last_week(tmp_path):
    plan = with_status(reported(tmp_path), tmp_path)
    last = mark_of(plan, BEFORE, 400, seed=7)
    found = moved(plan, plan, BEFORE, AFTER, DRAWS, archived=last)
    assert found.row("model").moves["finish_days"].value == 0
    assert found.residual["finish_days"].value == pytest.approx(found.total["finish_days"].value)
    assert not found.total["finish_days"].clear  # other draws, nothing else


def test_before_the_first_fact_the_week_counts_from_the_plan_itself(tmp_path):
    plan = with_status(reported(tmp_path), tmp_path)
    found = moved(plan, plan, DAY("2026-01-23"), BEFORE, DRAWS)
    plain = measured(plan, DRAWS, 1, plan.start, MEASURES)
    assert found.before["finish_days"] == plain[0][0]
    assert found.row("progress").moves["finish_days"].value == found.total["finish_days"].value


def test_changes_of_the_plan_file_that_make_no_sense_alone_are_one_row(tmp_path):
    plan = reported(tmp_path)
    more = [{"id": "C", "work": "15 d", "after": ["B"]}]
    tasks = [*FILES["scope"]["tasks"][:2], *more, FILES["scope"]["tasks"][-1]]
    rates = [*FILES["prices"]["rates"], {"id": "c", "amount_eur": 10, "per": "d", "on": "C"}]
    found = shift(tmp_path, plan, plan_for(tasks=tasks, rates=rates))
    assert [row.groups for row in found.rows][-1] == ("scope", "prices")
    assert found.rows[-1].moves["cost_eur"].value == pytest.approx(found.total["cost_eur"].value)


def test_facts_about_a_task_that_is_new_in_the_plan_file_wait_for_it(tmp_path):
    plan, after = reported(tmp_path), plan_for(**FILES["scope"])
    tasks_of(tmp_path, {"id": "c", "date": "2026-02-06", "task": "C", "start": "2026-02-02",
                        "finish": "2026-02-05"})  # fmt: skip
    after = with_status(after, tmp_path)
    plan._status = after.status
    found = moved(plan, after, BEFORE, AFTER, DRAWS)
    assert {row.groups for row in found.rows} == {("progress",), ("scope",)}
    assert found.residual["finish_days"].value == pytest.approx(0, abs=1e-9)


def test_it_is_plain_values_and_the_same_every_time(tmp_path):
    plan = reported(tmp_path)
    for name in ("risks", "re-estimates"):
        write(
            tmp_path,
            CAUSES[name][0],
            {"id": f"new-{name}", "date": "2026-02-06", **CAUSES[name][1]},
        )
    first, second = (shift(tmp_path, plan).as_dict() for _ in range(2))
    assert json.loads(json.dumps(first, allow_nan=False)) == second
    assert [row["groups"] for row in first["rows"]] == [["progress"], ["risks"], ["re-estimates"]]
    assert first["rows"][1]["causes"][0]["facts"] == ["new-risks"]


def test_weeks_come_in_their_order(tmp_path):
    with pytest.raises(ValueError, match="a week ends after"):
        moved(plan_for(), plan_for(), AFTER, BEFORE, 16)


@pytest.mark.slow
def test_the_example_weeks_are_explained_but_for_a_tenth():
    plan = load_plan("base", status=data_folder() / "status" / "example")
    ends = [dt.date(2026, 9, 4) + dt.timedelta(7 * week) for week in range(12)]
    explained, mark = 0, None
    for before, after in pairwise(ends):
        found = moved(plan, plan, before, after, 256, archived=mark)
        mark = found.mark
        rest = [
            abs(found.residual[m].value) <= 0.1 * abs(found.total[m].value) for m in MEASURES[:3]
        ]
        explained += all(rest)
        rows = measured(as_of(plan, after), 256, 1, plan.start, MEASURES)
        assert list(found.after.values()) == [row[0] for row in rows]
    assert explained >= 9
