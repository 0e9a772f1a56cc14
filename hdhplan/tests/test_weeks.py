"""Weeks of status files: what is refused, all at once, with file and line; the shipped example."""

import json
import re
import shutil

import numpy as np
import pytest

from hdhplan.cli import DONE, REFUSED, USAGE, main
from hdhplan.facts import data_folder
from hdhplan.fitting import misfits
from hdhplan.network import expand
from hdhplan.reading import load_plan
from hdhplan.simulation import simulate
from hdhplan.status import FORMS, monday, said, weeks
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tests.test_status import DAY, EXAMPLE, write
from hdhplan.weeks import columns, read_status, read_weeks

WEEK = "2026-W04"  # 19 to 25 January
ON = {"date": "2026-01-23"}


@pytest.fixture(scope="module")
def plan():
    """Two tasks, a copy of 1,000 TB at most, a risk and a rate."""
    return plan_of(
        tasks=[
            {"id": "design", "work": range_of(5, 10, 20, "d")},
            {"id": "build", "work": "4 d", "after": ["design"]},
        ],
        datasets=[{"id": "claims", "volume_tb": 1000, "route": "link", "wave": "w"}],
        routes={"link": {"rate_gbps": 10, "usable_share": 1.0}},
        waves=[{"id": "w", "cutover": {"work": "1 d"}}],
        drivers=[{"id": "late", "p": 0.3, "delay": "5 d", "on": ["build"]}],
        rates=[{"id": "team", "amount_eur": 100, "per": "d", "on": "build", "line": "people"}],
    )


def faults_of(plan, folder):
    """All faults of a folder, as `load_plan` finds them."""
    status, faults = read_weeks(folder)
    found = [*faults, *misfits(plan, expand(plan), status)]
    return sorted(found, key=lambda fault: (fault.file, fault.line or 0))


ROWS = [
    ("tasks", {"task": "desing", "start": "2026-01-20"}, "task", "unknown task 'desing'"),
    ("tasks", {"task": "design", "start": "2026-01-21", "finish": "2026-01-20"}, "finish", "01-20"),
    ("tasks", {"task": "design", "start": "2026-01-24"}, "start", "2026-01-24"),
    ("tasks", {"task": "design", "start": "2025-12-01"}, "start", "2025-12-01"),
    ("tasks", {"task": "design", "finish": "2026-01-20"}, "start", "design has none"),
    ("tasks", {"task": "design", "start": "2026-01-20", "percent": 101}, "percent", "101"),
    ("tasks", {"task": "design", "start": "2026-01-20", "percent": -1}, "percent", "-1"),
    ("tasks", {"task": "design", "start": "2026-01-20", "remaining": 3}, "unit", "''"),
    ("tasks", {"task": "design", "remaining": 3, "unit": "wd"}, "unit", "'wd'"),
    ("tasks", {"task": "claims.copy", "percent": 3}, "percent", "a measure of claims.copy"),
    ("tasks", {"task": "design", "start": "20/01/2026"}, "start", "'20/01/2026'"),
    ("tasks", {"task": "design"}, "start", "''"),
    ("datasets", {"dataset": "claim", "landed_tb": 1}, "dataset", "unknown dataset 'claim'"),
    ("datasets", {"dataset": "claims", "landed_tb": 1}, "landed_tb", "has not started"),
    ("datasets", {"dataset": "claims", "landed_tb": 1001}, "landed_tb", "1001 TB"),
    ("datasets", {"dataset": "claims", "verified_tb": 9}, "verified_tb", "9 TB"),
    ("datasets", {"dataset": "claims", "landed_tb": '"9,5"'}, "landed_tb", "'9,5'"),
    ("invoices", {"line": "people", "paid_eur": 9, "currency": "USD", "vat": "HT"}, "currency", "USD"),
    ("invoices", {"line": "people", "paid_eur": 9, "currency": "EUR"}, "vat", "''"),
    ("invoices", {"line": "poeple", "paid_eur": 9, "currency": "EUR", "vat": "HT"}, "invoice", "line"),
    ("risks", {"driver": "latte", "state": "closed"}, "risk", "'latte'"),
    ("risks", {"driver": "late", "state": "over"}, "state", "'over'"),
    ("estimates", {"quantity": "tasks.build", "low": 1, "likely": 2, "high": 3, "unit": "d",
                   "reason": "x"}, "estimate", "unknown quantity"),
    ("estimates", {"quantity": "tasks.build.work", "low": 3, "likely": 2, "high": 3, "unit": "d",
                   "reason": "x"}, "likely", "'2'"),
    ("estimates", {"quantity": "tasks.build.work", "low": 1, "likely": 2, "high": 3, "unit": "wd",
                   "reason": "x"}, "unit", "'wd'"),
    ("estimates", {"quantity": "tasks.build.work", "low": 1, "likely": 2, "high": 3, "unit": "d"},
     "reason", "''"),
    ("estimates", {"quantity": "drivers.late.delay", "low": 1, "likely": 2, "high": 1e9,
                   "unit": "d", "reason": "x"}, "likely", ""),
    ("estimates", {"quantity": "routes.link.usable_share", "low": 0.5, "likely": 0.9, "high": 1.5,
                   "reason": "x"}, "likely", "1.5"),
    ("decisions", {"decision": "x", "what": "y"}, "state", "''"),
    ("decisions", {"decision": "x", "state": "asked", "due": "2026-01-22"}, "due", "01-22"),
    ("decisions", {"decision": "x", "state": "asked", "due": "30/01/2026"}, "due", "30/01"),
    ("decisions", {"decision": "x", "state": "asked", "what": "un || "}, "what", "un ||"),
    ("decisions", {"decision": "x", "state": "asked", "what": "a || b || c"}, "what", "a || b"),
    ("standings", {"row": "date", "colour": "green", "by": "me"}, "reason", "''"),
    ("standings", {"row": "date", "colour": "green", "reason": "so"}, "by", "''"),
    ("standings", {"row": "date", "reason": "so", "by": "me"}, "colour", "''"),
    ("standings", {"row": "dates", "colour": "red", "reason": "so", "by": "me"}, "row", "dates"),
    ("standings", {"row": "cost", "colour": "rouge", "reason": "so", "by": "me"}, "colour", "rouge"),
    ("standings", {"row": "cost", "colour": "red", "reason": "so", "by": "me",
                   "until": "2026-01-01"}, "until", "2026-01-01"),
    ("references", {"reference": "R1", "week": "2026-W04", "approved_by": "me", "reason": "so"},
     "reference", "R1"),
    ("references", {"reference": "R0", "week": "2025-W53", "approved_by": "me", "reason": "so"},
     "week", "2025-W53"),
    ("references", {"reference": "R0", "week": "2026-W05", "approved_by": "me", "reason": "so"},
     "week", "2026-W05"),
    ("references", {"reference": "R0", "week": "2026-W04", "reason": "so"}, "approved_by", "''"),
    ("invoices", {"line": "people", "committed_eur": 8, "paid_eur": 9, "currency": "EUR",
                  "vat": "HT"}, "paid_eur", "9.00 EUR paid"),
    ("tasks", {"task": "design", "start": "2026-01-20", "percent": '"12,5"'}, "percent", "'12,5'"),
    ("tasks", {"task": "design", "start": "2026-13-01"}, "start", "2026-13-01"),
    ("risks", {"driver": "late", "state": "open", "illustrative": ""}, "illustrative", "''"),
    ("risks", {"driver": "late", "state": "open", "source": ""}, "source", "''"),
    ("risks", {"driver": "late", "state": "open", "corrects": "nothing"}, "corrects", "'nothing'"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "row", "field", "found"), ROWS)
def test_a_wrong_row_is_refused_with_its_line(plan, tmp_path, kind, row, field, found):
    write(tmp_path, kind, ON | row)
    faults = faults_of(plan, tmp_path)
    hits = [fault for fault in faults if fault.field == field and found in fault.found]
    assert hits, faults
    assert hits[0].line == 2
    assert hits[0].file.endswith(f"{WEEK}/{kind}.csv")


def test_a_name_that_is_unknown_comes_with_the_nearest(plan, tmp_path):
    write(tmp_path, "tasks", ON | {"task": "desing", "start": "2026-01-20"})
    assert faults_of(plan, tmp_path)[0].fix == "did you mean design?"


def test_everything_is_told_at_once(plan, tmp_path):
    write(tmp_path, "tasks", ON | {"task": "design", "start": "2026-01-24", "percent": 101})
    write(tmp_path, "risks", ON | {"driver": "late", "state": "over", "illustrative": "perhaps"})
    told = {(fault.file.rpartition("/")[2], fault.field) for fault in faults_of(plan, tmp_path)}
    assert told == {
        ("tasks.csv", "start"), ("tasks.csv", "percent"), ("risks.csv", "state"),
        ("risks.csv", "illustrative"),
    }  # fmt: skip


def two(plan, folder, kind, first, second):
    """Faults of two facts of one file, the second a week later unless it says when."""
    write(folder, kind, {"id": "first"} | ON | first)
    write(folder, kind, {"id": "second", "date": "2026-01-30"} | second)
    return faults_of(plan, folder)


def copy_started(folder):
    write(folder, "tasks", ON | {"id": "copying", "task": "claims.copy", "start": "2026-01-19"})


def test_what_has_landed_may_only_fall_by_a_correction(plan, tmp_path):
    copy_started(tmp_path)
    rows = ({"dataset": "claims", "landed_tb": 90}, {"dataset": "claims", "landed_tb": 60})
    (fault,) = two(plan, tmp_path, "datasets", *rows)
    assert (fault.line, fault.field) == (2, "landed_tb")
    assert "60, after 90 on 2026-01-23" in str(fault)
    other = tmp_path / "corrected"
    copy_started(other)
    assert not two(plan, other, "datasets", rows[0], rows[1] | {"corrects": "first"})


def test_one_id_names_one_fact(plan, tmp_path):
    row = {"task": "design", "start": "2026-01-20"}
    (fault,) = two(plan, tmp_path, "tasks", row, row | {"id": "first"})
    assert "already used" in fault.limit


def test_a_correction_is_about_the_same_thing_and_comes_later(plan, tmp_path):
    row = {"task": "design", "start": "2026-01-20"}
    (fault,) = two(plan, tmp_path, "tasks", row, {"task": "build", "start": "2026-01-29",
                                                 "corrects": "first"})  # fmt: skip
    assert "about design" in fault.limit
    (fault,) = two(plan, tmp_path / "x", "tasks", row | {"corrects": "second"}, row)
    assert "before" in fault.limit


def test_two_files_that_contradict_each_other_for_one_day(plan, tmp_path):
    rows = ({"task": "design", "start": "2026-01-20"}, {"task": "design", "start": "2026-01-21"})
    (fault,) = two(plan, tmp_path, "tasks", rows[0], rows[1] | ON)
    assert fault.field == "start"
    assert "2026-01-20" in fault.limit


def test_invoices_of_one_day_add_up(plan, tmp_path):
    row = {"line": "people", "committed_eur": 100, "paid_eur": 100, "currency": "EUR", "vat": "HT"}
    assert not two(plan, tmp_path, "invoices", row, row | ON | {"paid_eur": 50})
    state = read_status(tmp_path).as_of(DAY("2026-01-23"))
    assert state.spent_eur("paid_eur") == {"people HT": 150.0}


@pytest.mark.parametrize("name", ["2025-W53", "2026-W54", "2026-W00", "2026-47", "W47", "2026-w47"])
def test_a_folder_that_is_no_iso_week_is_refused(plan, tmp_path, name):
    write(tmp_path, "risks", ON | {"driver": "late", "state": "open"})
    (tmp_path / WEEK).rename(tmp_path / name)
    (fault,) = faults_of(plan, tmp_path)
    assert fault.file.endswith(name)


def test_week_53_is_a_week_where_the_year_has_it():
    assert str(monday("2026-W53")) == "2026-12-28"
    assert "2020-W53" in weeks("2020-W52", "2021-W01")
    assert "2025-W53" not in weeks("2025-W52", "2026-W01")


def test_a_fact_lies_in_the_week_in_which_it_was_known(plan, tmp_path):
    write(tmp_path, "risks", ON | {"driver": "late", "state": "open"})
    (tmp_path / WEEK).rename(tmp_path / "2026-W05")
    (fault,) = faults_of(plan, tmp_path)
    assert fault.field == "date"
    assert "from 2026-01-26 to 2026-02-01" in fault.limit


HEADER = ",".join(columns(FORMS["risks"]))
GOOD = f"{HEADER}\na,2026-01-23,late,open,,yes,a test,\n"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (GOOD.replace(",", ";").encode(), "semicolons"),
        (GOOD.replace("a test", "écrit").encode("cp1252"), "not text in UTF-8"),
        (GOOD.encode("utf-16"), "not text in UTF-8"),
        (GOOD.replace("driver", "risk").encode(), "not the columns"),
        (GOOD.encode() + b"b,2026-01-23,la", "the last line is torn: 3 cells"),
        (GOOD.encode() + b"b,2026-01-23,late,open,,yes\n", "6 cells"),
        (GOOD.replace(",", "\t").encode(), "tabulators"),
        (b"sep=;\n" + GOOD.encode(), "semicolons"),
        (GOOD.encode() + b'b,2026-01-23,"la', "unexpected end of data"),
        (b"", "nothing in it"),
    ],
)
def test_files_of_another_form_are_refused_never_misread(plan, tmp_path, raw, said):
    (tmp_path / WEEK).mkdir()
    (tmp_path / WEEK / "risks.csv").write_bytes(raw)
    faults = faults_of(plan, tmp_path)
    assert any(said in fault.found for fault in faults), faults


def test_a_byte_order_mark_and_windows_lines_are_read(plan, tmp_path):
    (tmp_path / WEEK).mkdir()
    raw = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    (tmp_path / WEEK / "risks.csv").write_bytes(raw)
    assert not faults_of(plan, tmp_path)
    assert len(read_status(tmp_path).facts) == 1


def test_a_file_of_an_unknown_name_and_an_empty_folder_are_refused(plan, tmp_path):
    assert "no weeks" in faults_of(plan, tmp_path)[0].found
    assert "no such folder" in faults_of(plan, tmp_path / "nowhere")[0].found
    (tmp_path / WEEK).mkdir()
    (tmp_path / WEEK / "task.csv").write_text(GOOD, encoding="utf-8")
    assert "did you mean tasks?" in faults_of(plan, tmp_path)[0].fix


@pytest.mark.parametrize(
    ("name", "fix"),
    [(f"{WEEK}/risks.xlsx", "save it as .csv"), (f"{WEEK}/RISKS.CSV", "save it as .csv"),
     ("risks.csv", "")],
)  # fmt: skip
def test_a_sheet_that_would_be_passed_over_in_silence_is_refused(plan, tmp_path, name, fix):
    write(tmp_path, "risks", ON | {"driver": "late", "state": "open"})
    (tmp_path / name).write_text(GOOD, encoding="utf-8")
    (fault,) = faults_of(plan, tmp_path)
    assert fault.file.endswith(name)
    assert fault.fix == fix


def test_made_up_weeks_and_hidden_folders_beside_the_real_ones_are_passed_over(plan, tmp_path):
    write(tmp_path, "risks", ON | {"driver": "late", "state": "open"})
    for name in ("example", ".ipynb_checkpoints"):
        (tmp_path / name / "2026-W04").mkdir(parents=True)
    assert list(read_status(tmp_path).files) == [WEEK]


def test_weeks_that_have_not_begun_are_no_reason_to_refuse_a_folder(tmp_path):
    write(tmp_path, "risks", ON | {"driver": "late", "state": "open"})
    status = read_status(tmp_path, until=DAY("2026-01-18"))
    assert (status.facts, status.files) == ((), {})


def test_a_decimal_comma_that_is_not_quoted_moves_no_cell(plan, tmp_path):
    (tmp_path / WEEK).mkdir()
    head = ",".join(columns(FORMS["invoices"]))
    row = "a,2026-01-23,people,1200,50,1000,25,EUR,HT,,yes,a test,"
    (tmp_path / WEEK / "invoices.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    (fault,) = faults_of(plan, tmp_path)
    assert (fault.line, fault.found) == (2, "13 cells")


# Files that contradict each other


def copied(folder, landed, verified):
    """Tasks that say the copy and its second read are finished, and what datasets say."""
    done = {"start": "2026-01-19", "finish": "2026-01-22"}
    for task in ("copy", "verify"):
        row = {"id": task, "task": f"claims.{task}", "start": "2026-01-19"}
        write(folder, "tasks", ON | row | (done if landed is not None else {}))
    rows = {"landed_tb": landed or 900, "verified_tb": verified}
    return write(folder, "datasets", ON | {"id": "measured", "dataset": "claims"} | rows)


def test_a_copy_is_not_finished_while_less_has_landed_than_there_is(tmp_path):
    verify = {"rate_share": 0.5}
    claims = {"id": "claims", "volume_tb": range_of(800, 1000, 1200), "route": "link"}
    plan = plan_of(datasets=[claims | {"verify": verify}], routes={"link": {"rate_gbps": 10}})
    (fault,) = faults_of(plan, copied(tmp_path / "a", 700, 700))
    assert (fault.file.rpartition("/")[2], fault.line, fault.field) == ("tasks.csv", 2, "finish")
    assert "700 TB landed in" in fault.found
    assert "datasets.csv, line 2" in fault.found
    (fault,) = faults_of(plan, copied(tmp_path / "b", 900, 800))
    assert (fault.line, fault.found.partition(",")[0]) == (3, "claims.verify finished")
    assert not faults_of(plan, copied(tmp_path / "c", 900, 900))
    assert not faults_of(plan, copied(tmp_path / "d", None, 800))


def test_a_risk_is_not_closed_and_occurred_on_one_day(plan, tmp_path):
    rows = ({"driver": "late", "state": "closed"}, {"driver": "late", "state": "occurred"})
    (fault,) = two(plan, tmp_path, "risks", rows[0], rows[1] | ON)
    assert (fault.field, fault.line) == ("state", 3)
    assert not two(plan, tmp_path / "x", "risks", *rows)  # a week later it may


def test_the_first_reference_is_kept(plan, tmp_path):
    row = {"reference": "R0", "week": WEEK, "approved_by": "me", "reason": "so"}
    (fault,) = two(plan, tmp_path, "references", row, row)
    assert fault.fix == "name it current"
    assert not two(plan, tmp_path / "x", "references", row, row | {"corrects": "first"})
    assert not two(plan, tmp_path / "y", "references", row, row | {"reference": "current"})


def test_payments_of_two_bases_are_compared_in_the_plans_own(tmp_path):
    rates = [{"id": "team", "amount_eur": 100, "per": "d", "on": "A", "line": "people"}]
    plan = plan_of(
        tasks=[{"id": "A", "work": "4 d"}], rates=rates, vat_rate=0.2,
        target={"cost_eur": 1000, "vat": "HT"},
    )  # fmt: skip
    order = {"line": "people", "committed_eur": 100, "currency": "EUR", "vat": "HT"}
    paid = {"line": "people", "paid_eur": 120, "currency": "EUR", "vat": "TTC"}
    assert not two(plan, tmp_path, "invoices", order, paid)
    (fault,) = two(plan, tmp_path / "x", "invoices", order, paid | {"paid_eur": 121})
    assert "100.83 EUR paid" in fault.found


def test_a_refused_row_raises_no_doubt_about_others(plan, tmp_path):
    write(tmp_path, "tasks", ON | {"id": "a", "task": "claims.copy", "start": "19/01/2026"})
    write(tmp_path, "datasets", ON | {"id": "b", "dataset": "claims", "landed_tb": 30})
    write(tmp_path, "tasks", ON | {"id": "c", "task": "design", "finish": "2026-01-20"})
    assert [(f.line, f.field) for f in faults_of(plan, tmp_path)] == [(2, "start"), (3, "start")]


def test_a_text_of_one_or_two_languages():
    assert [said("Copie || Copy", lang) for lang in ("fr", "en")] == ["Copie", "Copy"]
    assert [said("COPIL", lang) for lang in ("fr", "en")] == ["COPIL", "COPIL"]


# The shipped weeks


@pytest.fixture(scope="module")
def base():
    return load_plan("base", status=EXAMPLE)


def test_every_shipped_fact_says_that_it_is_illustrative(base):
    assert len(base.status.facts) > 60
    assert all(fact.illustrative for fact in base.status.facts)
    assert all("illustrative" in columns(form) for form in FORMS.values())


def test_the_shipped_weeks_are_those_of_the_plan(base):
    assert list(base.status.files) == list(weeks("2026-W36", "2026-W47"))
    assert base.status.as_of(DAY("2026-11-20")).missing == ("2026-W44/invoices.csv",)
    state = base.status.as_of(DAY("2026-11-20"))
    assert len(state.facts) == len(state.live) + 1  # one correction
    assert {f.kind for f in state.live} == set(FORMS)
    states = {known["state"].value for known in state.of("risks").values()}
    assert states == {"open", "closed", "occurred"}


def test_base_before_its_first_fact_is_base_bit_for_bit(base):
    plain, early = simulate(load_plan("base"), 300), simulate(base, 300, as_of=DAY("2026-08-31"))
    assert all(np.array_equal(v, early.values[k]) for k, v in plain.values.items())


def test_base_as_of_its_last_week(base):
    forecast = simulate(base, 600, as_of=DAY("2026-11-20"), detail=True)
    now, state = forecast.progress.now, forecast.progress.state
    reported = state.of("tasks")
    network = expand(base).nodes
    for task, (starts, finishes) in ((k, v.values()) for k, v in forecast.spread.items()):
        if task in forecast.progress.done:
            assert finishes[0] == finishes[2] == forecast.progress.done[task][1]
        elif task in reported:
            assert finishes[0] >= now
        elif not network[task].is_milestone and network[task].kind != "qualified":
            assert starts[0] >= now - 1e-3, task
    assert forecast.values["left_azure"].min() > now


def test_workers_and_blocks_change_no_bit_of_a_forecast_as_of_a_date(base):
    day = DAY("2026-11-20")
    one, other = (simulate(base, 500, as_of=day, block=block) for block in (64, 8192))
    assert all(np.array_equal(v, other.values[k]) for k, v in one.values.items())


def test_base_done_altogether_has_no_spread(tmp_path):
    plan = load_plan("base")
    rows = [
        {"id": f"t{i}", "date": "2029-01-05", "task": task, "start": "2028-01-03",
         "finish": "2028-12-29"}
        for i, task in enumerate(k for k, node in expand(plan).nodes.items() if not node.span)
    ]  # fmt: skip
    write(tmp_path, "tasks", *rows)
    done = simulate(load_plan("base", status=tmp_path), 300, as_of=DAY("2029-01-05"), detail=True)
    assert np.ptp(done.values["finish_day"]) == 0
    assert done.values["closed"][0] == done.progress.done["closed"][1]


def test_every_file_and_column_of_a_week_is_explained():
    text = (data_folder() / "README.md").read_text(encoding="utf-8").partition("\n## 6. ")[2]
    told = set(re.findall(r"`([^`]+)`", text))
    for kind, form in FORMS.items():
        assert {f"{kind}.csv", *columns(form)} <= told
        words = [*form.among, *form.fields.get("state", "").split("|")]
        words += form.fields.get("colour", "").split("|")
        assert set(filter(None, words)) <= told


# The commands


def test_check_reads_the_weeks_and_names_what_is_missing(capsys):
    assert main(["check", "base", "--status", str(EXAMPLE)]) == DONE
    said = capsys.readouterr()
    assert "12 weeks" in said.out
    assert "illustrative" in said.out
    assert "2026-W44/invoices.csv is missing" in said.err


def test_run_says_data_date_missing_files_and_illustrative(capsys):
    run = ["run", "base", "--status", str(EXAMPLE), "--as-of", "2026-11-20", "--draws", "300"]
    assert main(run) == DONE
    first, second, *_ = capsys.readouterr().out.split("\n")
    assert first.replace("\xa0", " ").startswith("Au 20 novembre 2026 : 24 tâches finies")
    assert "Illustratif" in first
    assert second.replace("\xa0", " ") == "Fichiers manquants : 2026-W44/invoices.csv."
    assert main([*run, "--json"]) == DONE
    data = json.loads(capsys.readouterr().out)["data"]["status"]
    assert data["as_of"] == "2026-11-20"
    assert data["illustrative"] is True
    assert data["learned"]["routes.azure"]["posterior"]["p50"] < 0.8


def test_run_before_the_first_fact_says_so(capsys):
    run = ["run", "base", "--status", str(EXAMPLE), "--as-of", "2026-08-01", "--draws", "100"]
    assert main([*run, "--lang", "en"]) == DONE
    assert "no status fact known by then" in capsys.readouterr().out


def test_a_data_date_and_status_files_go_together(capsys):
    assert main(["run", "base", "--as-of", "2026-11-20"]) == USAGE
    assert main(["run", "base", "--status", str(EXAMPLE)]) == USAGE
    assert main(["run", "base", "--status", str(EXAMPLE), "--as-of", "20/11/2026"]) == USAGE
    capsys.readouterr()


def spoil(folder, name, old, new):
    """Replace a text of the shipped weeks that stands there once."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (name, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


#: What is spoilt: file, old text, new text; then the line and what is said of it.
SPOILT = [
    (
        "2026-W36/tasks.csv",
        "C6,2026-07-13,,,,80",
        "C6,2026-07-13,,,,180",
        19,
        "percent: found '180'",
    ),
    ("2026-W37/tasks.csv", "C3,2026-09-03", "C3,03/09/2026", 2, "start: found '03/09/2026'"),
    ("2026-W38/tasks.csv", "2026-09-16", "2026-06-16", 3, "finish: found 2026-06-16"),
    ("2026-W40/tasks.csv", "E1,,2026-09-30", "E1,,2026-10-30", 2, "finish: found '2026-10-30'"),
    ("2026-W40/decisions.csv", "second_movers", "second_mover", 2, "mean second_movers?"),
    ("2026-W45/tasks.csv", ",B5,", ",B55,", 3, "unknown task 'B55'"),
    ("2026-W42/invoices.csv", "EUR", "USD", 2, "currency: found 'USD'"),
    ("2026-W43/estimates.csv", "45,62,95", "45,62", 2, "11 cells; 12 columns"),
    ("2026-W45/risks.csv", "yes,", "yes;", 2, "7 cells; 8 columns"),
    (
        "2026-W46/invoices.csv",
        "310000",
        '"310000,00"',
        2,
        "1234.5: no unit, space or decimal comma",
    ),
    ("2026-W47/datasets.csv", "4050000,31", "4050000,61", 3, "at most the 50.6 TB landed"),
    ("2026-W47/invoices.csv", "120000,,", ",9000000,", 2, "EUR committed"),
]


def test_all_that_is_wrong_in_twelve_weeks_is_said_at_once_with_file_and_line(tmp_path, capsys):
    folder = tmp_path / "weeks"
    shutil.copytree(EXAMPLE, folder)
    for name, old, new, *_ in SPOILT:
        spoil(folder, name, old, new)
    (folder / "2025-W53").mkdir()
    assert main(["check", "base", "--status", str(folder)]) == REFUSED
    told = capsys.readouterr().err
    for name, _, _, line, said_ in SPOILT:
        lines = [text for text in told.split("\n") if f"{folder / name}, line {line}:" in text]
        assert any(said_ in text for text in lines), (name, line, said_, told)
    assert "2025 has the weeks W01 to W52" in told
    assert f"{len(SPOILT) + 1} things to mend" in told


def test_a_wrong_week_is_refused_by_the_commands(tmp_path, capsys):
    shutil.copytree(EXAMPLE, tmp_path / "weeks")
    path = tmp_path / "weeks" / "2026-W47" / "tasks.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("C10", "C100"), encoding="utf-8")
    assert main(["check", "base", "--status", str(tmp_path / "weeks")]) == REFUSED
    assert "unknown task 'C100'" in capsys.readouterr().err
