"""The forms of a new week: what they are prefilled with, and that nobody can leave them untouched."""

import csv
import datetime as dt
import io

import pytest

from hdhplan.errors import InputError
from hdhplan.fitting import misfits
from hdhplan.forms import new_forms
from hdhplan.network import expand
from hdhplan.reading import load_plan
from hdhplan.status import FORMS
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tests.test_status import EXAMPLE, write
from hdhplan.weeks import columns, read_status

WEEK, FRIDAY = "2026-W05", "2026-01-30"


@pytest.fixture(scope="module")
def plan():
    """Two tasks, two datasets of 1,000 TB at most, a risk and a rate."""
    return plan_of(
        tasks=[
            {"id": "design", "work": range_of(5, 10, 20, "d")},
            {"id": "build", "work": "4 d"},
        ],
        datasets=[
            {"id": name, "volume_tb": 1000, "route": "link", "verify": {"rate_share": 0.5}}
            for name in ("claims", "images")
        ],
        routes={"link": {"rate_gbps": 10, "usable_share": 1.0}},
        drivers=[
            {"id": name, "p": 0.3, "delay": "5 d", "on": ["build"]} for name in ("late", "sick")
        ],
        rates=[{"id": "team", "amount_eur": 100, "per": "d", "on": "build", "line": "people"}],
        vat_rate=0.2,
    )


@pytest.fixture
def folder(tmp_path):
    """A week in which much goes on."""
    write(tmp_path, "tasks", {"task": "design", "start": "2026-01-05", "finish": "2026-01-20"},
          {"task": "build", "start": "2026-01-21", "percent": 10},
          {"task": "claims.copy", "start": "2026-01-08"}, day="2026-01-23")  # fmt: skip
    write(tmp_path, "datasets", {"dataset": "claims", "landed_tb": 12.5, "landed_objects": 4050000},
          day="2026-01-23")  # fmt: skip
    write(tmp_path, "invoices", {"line": "people", "committed_eur": 900, "currency": "EUR", "vat": "HT"},
          {"line": "people", "paid_eur": 300, "currency": "EUR", "vat": "HT"},
          {"line": "people", "committed_eur": 12, "currency": "EUR", "vat": "TTC"},
          day="2026-01-23")  # fmt: skip
    write(tmp_path, "risks", {"driver": "late", "state": "open"}, {"driver": "sick", "state": "closed"},
          day="2026-01-23")  # fmt: skip
    write(tmp_path, "decisions",
          {"decision": "more", "state": "asked", "what": '"Deux, trois || Two, three"',
           "due": "2026-01-29", "owner": "COPIL"},
          {"decision": "late", "state": "asked", "what": "Later", "due": "2026-02-20"},
          {"decision": "done", "state": "taken", "what": "Done"}, day="2026-01-23")  # fmt: skip
    return tmp_path


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def filled(text, **cells):
    """A form with every source filled in, and other cells where they are asked for."""
    rows = rows_of(text)
    out = io.StringIO()
    writer = csv.DictWriter(out, text.splitlines()[0].split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | {"source": "project office"} | cells for row in rows)
    return out.getvalue()


def put(folder, forms):
    (folder / WEEK).mkdir(exist_ok=True)
    for name, text in forms.items():
        (folder / WEEK / name).write_text(text, encoding="utf-8")


def said(row):
    """The cells of a row that say something, but for what every row has."""
    return {k: v for k, v in row.items() if v and k not in ("id", "date", "illustrative")}


def test_a_form_holds_a_row_for_all_that_goes_on(plan, folder):
    forms = {name: rows_of(text) for name, text in new_forms(folder, WEEK, plan).items()}
    assert {name: [said(row) for row in rows] for name, rows in forms.items()} == {
        "tasks.csv": [
            {"task": "build", "start": "2026-01-21"},
            {"task": "claims.copy", "start": "2026-01-08"},
        ],
        "datasets.csv": [{"dataset": "claims", "landed_tb": "12.5", "landed_objects": "4050000"}],
        "invoices.csv": [
            {"line": "people", "currency": "EUR", "vat": "HT"},
            {"line": "people", "currency": "EUR", "vat": "TTC"},
        ],
        "risks.csv": [{"driver": "late", "state": "open"}],
        "estimates.csv": [],
        "decisions.csv": [
            # It was due before the day of the form.
            {"decision": "more", "state": "asked", "what": "Deux, trois || Two, three",
             "owner": "COPIL"},
            {"decision": "late", "state": "asked", "what": "Later", "due": "2026-02-20"},
        ],
    }  # fmt: skip
    rows = [row for found in forms.values() for row in found]
    assert {row["date"] for row in rows} == {FRIDAY}
    assert [row["id"] for row in forms["tasks.csv"]] == ["w05-tasks-1", "w05-tasks-2"]
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_form_that_was_filled_in_is_read_and_says_the_same_again(plan, folder):
    before = read_status(folder).as_of(dt.date(2026, 1, 25))
    forms = {name: filled(text) for name, text in new_forms(folder, WEEK, plan).items()}
    forms["invoices.csv"] = filled(forms["invoices.csv"], committed_eur="50")
    put(folder, forms)
    status = read_status(folder)
    assert not misfits(plan, expand(plan), status)
    state = status.as_of(dt.date(2026, 1, 30))
    assert state.missing == ()
    assert len(state.facts) == len(before.facts) + 8
    for kind in ("tasks", "datasets", "risks", "decisions"):
        values = [
            {k: {f: v.value for f, v in known.items()} for k, known in at.of(kind).items()}
            for at in (before, state)
        ]
        assert values[0] == values[1], kind
    assert state.spent_eur("committed_eur") == {"people HT": 950.0, "people TTC": 62.0}


def test_a_row_that_was_left_untouched_is_refused_with_its_file_and_line(plan, folder):
    forms = new_forms(folder, WEEK, plan)
    put(folder, forms)
    with pytest.raises(InputError) as error:
        read_status(folder)
    empty = [fault for fault in error.value.faults if fault.field == "source"]
    expected = {
        (str(folder / WEEK / name), line)
        for name, text in forms.items()
        for line in range(2, len(text.splitlines()) + 1)
    }
    assert {(fault.file, fault.line) for fault in empty} == expected
    assert len(expected) == 8
    assert {fault.fix for fault in empty} == {"fill it or delete the row"}


def test_an_invoice_without_an_amount_is_refused(plan, folder):
    put(folder, {name: filled(text) for name, text in new_forms(folder, WEEK, plan).items()})
    with pytest.raises(InputError) as error:
        read_status(folder)
    assert [(fault.line, fault.field) for fault in error.value.faults] == [
        (2, "paid_eur"), (3, "paid_eur"),
    ]  # fmt: skip


def test_rows_that_were_deleted_leave_nothing_to_report(plan, folder):
    forms = new_forms(folder, WEEK, plan)
    put(folder, {name: text.splitlines()[0] + "\n" for name, text in forms.items()})
    status = read_status(folder)
    assert len(status.files[WEEK]) == 6
    assert all(fact.date < dt.date(2026, 1, 26) for fact in status.facts)


def test_a_week_that_has_files_is_refused_by_their_names_and_nothing_is_made(plan, folder):
    put(folder, {"tasks.csv": "mine\n", "note.txt": "mine\n"})
    with pytest.raises(InputError, match=r"note\.txt, tasks\.csv there already"):
        new_forms(folder, WEEK, plan)
    (folder / WEEK / "tasks.csv").unlink()
    (folder / WEEK / "note.txt").rename(folder / WEEK / ".note")
    assert new_forms(folder, WEEK, plan)


@pytest.mark.parametrize(
    ("week", "says"),
    [
        ("2027-W53", "2027 has the weeks W01 to W52"),
        ("2026-W54", "2026 has the weeks W01 to W53"),
        ("2026-w48", "an ISO week such as 2026-W47"),
        ("../2026-W48", "an ISO week such as 2026-W47"),
        ("", "an ISO week such as 2026-W47"),
        ("0000-W01", "0000 has the weeks W01 to W52"),
    ],
)
def test_a_week_that_does_not_exist_is_refused(plan, folder, week, says):
    with pytest.raises(InputError, match=says):
        new_forms(folder, week, plan)


def test_w53_is_a_week_of_2026(plan, folder):
    forms = new_forms(folder, "2026-W53", plan)
    assert rows_of(forms["tasks.csv"])[0]["date"] == "2027-01-01"


def test_ids_of_the_same_week_of_another_year_are_not_used_again(plan, folder):
    forms = new_forms(folder, "2027-W05", plan)
    assert rows_of(forms["risks.csv"])[0]["id"] == "w05-risks-1"
    write(folder, "risks", {"id": "w05-risks-1", "driver": "sick", "state": "open"}, day=FRIDAY)
    forms = new_forms(folder, "2027-W05", plan)
    assert [row["id"] for row in rows_of(forms["risks.csv"])] == [
        "w05-2027-risks-1", "w05-2027-risks-2",
    ]  # fmt: skip


def test_what_became_known_later_is_not_in_an_earlier_week(plan, folder):
    write(folder, "tasks", {"task": "build", "finish": "2026-02-03"}, day="2026-02-06")
    assert "build" in [row["task"] for row in rows_of(new_forms(folder, WEEK, plan)["tasks.csv"])]
    later = rows_of(new_forms(folder, "2026-W07", plan)["tasks.csv"])
    assert [row["task"] for row in later] == ["claims.copy"]


def test_the_first_week_has_headers_alone_and_is_not_made_up(plan, tmp_path):
    forms = new_forms(tmp_path, WEEK, plan)
    required = {kind: form for kind, form in FORMS.items() if not form.optional}
    assert forms == {
        f"{kind}.csv": ",".join(columns(form)) + "\n" for kind, form in required.items()
    }
    with pytest.raises(InputError, match="no such folder"):
        new_forms(tmp_path / "nowhere", WEEK, plan)


def test_weeks_that_are_wrong_or_fit_no_plan_are_refused_first(plan, folder):
    write(folder, "tasks", {"task": "paint", "start": "2026-01-20"}, day="2026-01-22")
    with pytest.raises(InputError, match="unknown task 'paint'"):
        new_forms(folder, WEEK, plan)


def test_the_example_goes_on_as_made_up_and_reality_as_real(plan, folder):
    forms = new_forms(EXAMPLE, "2026-W48", load_plan("base"))
    rows = [row for text in forms.values() for row in rows_of(text)]
    assert len(rows) > 8
    assert {row["illustrative"] for row in rows} == {"yes"}
    assert [said(row) for row in rows_of(forms["datasets.csv"])] == [
        {"dataset": "catalogue_registries", "landed_tb": "50.6", "landed_objects": "4050000",
         "verified_tb": "31"},
    ]  # fmt: skip
    write(
        folder, "risks", {"driver": "sick", "state": "open", "illustrative": "no"}, day="2026-01-24"
    )
    rows = rows_of(new_forms(folder, WEEK, plan)["risks.csv"])
    assert {row["illustrative"] for row in rows} == {"no"}
