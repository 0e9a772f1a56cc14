"""Laws of the facts: read strictly, folded at a date, contradictions kept side by side."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdhplan.errors import InputError
from hdhplan.facts import COLUMNS, GRADES, UNITS, Facts, data_folder, load_facts
from hdhplan.tables import MAX_BYTES

ROW = {
    "id": "a", "date": "2026-04-23", "subject": "disk", "field": "eur_per_tb", "value": "",
    "low": "", "likely": "10", "high": "", "unit": "EUR/TB", "source": "price list",
    "address": "example.org/prices", "publisher": "Example", "grade": "B", "note": "",
}  # fmt: skip
#: The quantities whose contradictions the issue and the fact base name.
CONTRADICTED = [
    "completion.date", "platform_volume.tb", "scaleway_secnumcloud.status", "budget.eur",
    "projects.count", "scaleway_object_multi_az.eur_per_tb_month", "data_nature.status",
    "scaleway_glacier.eur_per_tb_month", "cost_since_inception.eur", "migration_doctrine.name",
    "azure_account_egress.gbps", "award.date", "azure_procurement.route", "evernote_objects.count",
    "emc2_hospitals.count", "azure_exit.rule", "it_overrun.mean_share", "snds_volume.kind",
    "secnumcloud.created",
]  # fmt: skip
#: What was searched for and not found.
NOT_FOUND = [
    "platform_objects.count", "platform_growth.share_per_year", "scaleway_contract.eur",
    "scaleway_contract.price_schedule", "hdh_budget_current.eur_per_month",
    "interlink.eur_per_month",
    "azure_storage_france_central.eur_per_tb_month", "azure_storage_zrs.eur_per_tb_month",
    "expressroute_france.eur_per_month", "appliance_rental.eur", "appliance.lead_time",
    "outscale_object.eur_per_tb_month", "cloud_temple_object.eur_per_tb_month",
    "s3ns_object.eur_per_tb_month", "bleu_object.eur_per_tb_month",
    "numspot_object.eur_per_tb_month", "day_rate_public_2026.eur_per_day", "esgf_transfer.faults",
    "sren_decree.published_on", "scaleway_secnumcloud.qualified_on", "budget.vat_basis",
    "active_projects.count", "azure_bill.storage_share", "migration_2026.progress",
]  # fmt: skip


def write(folder: Path, *rows: dict[str, str], name: str = "facts.csv") -> Path:
    with (folder / name).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows({**ROW, **row} for row in rows)
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_facts(folder)
    return str(caught.value)


@pytest.fixture(scope="module")
def real() -> Facts:
    return load_facts(data_folder() / "facts")


# ------------------------------------------------------------------ the laws


def test_a_date_without_day_is_the_last_of_its_period(tmp_path):
    dates = ["2024", "2024-02", "2024-02-03"]
    folder = write(tmp_path, *({"id": f"f{i}", "date": day} for i, day in enumerate(dates)))
    last = [dt.date(2024, 12, 31), dt.date(2024, 2, 29), dt.date(2024, 2, 3)]
    assert [fact.date for fact in load_facts(folder)] == last


def test_the_fold_takes_a_fact_on_its_last_day_and_not_before(tmp_path):
    folder = write(tmp_path, {"date": "2026-04"})
    assert len(load_facts(folder, as_of=dt.date(2026, 4, 29))) == 0
    assert len(load_facts(folder, as_of=dt.date(2026, 4, 30))) == 1


@given(st.dates(dt.date(2006, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 2000))
def test_the_fold_is_monotone_and_does_not_care_for_the_order(day, later):
    facts = load_facts(data_folder() / "facts")
    before, after = facts.as_of(day), facts.as_of(day + dt.timedelta(later))
    assert set(before) <= set(after) <= set(facts)
    assert after.as_of(day) == before


def test_the_number_of_a_claim_is_its_likely_value_its_middle_or_its_only_bound(tmp_path):
    cases = [
        (("1", "2", "9"), 2, "1 / 2 / 9 EUR/TB"),
        (("1", "", "2"), 1.5, "1 / 2 EUR/TB"),
        (("200", "", ""), 200, "≥ 200 EUR/TB"),
        (("", "", "8000"), 8000, "≤ 8,000 EUR/TB"),
    ]
    names = ("low", "likely", "high")
    rows = [{"id": f"f{i}", **dict(zip(names, c[0], strict=True))} for i, c in enumerate(cases)]
    for fact, (_, number, text) in zip(load_facts(write(tmp_path, *rows)), cases, strict=True):
        assert (fact.number, fact.text) == (number, text)


def test_the_best_claim_has_the_best_grade_then_the_newest_date_and_unknown_comes_last(tmp_path):
    unknown = {"value": "unknown", "likely": "", "grade": "A", "date": "2026-06-01"}
    folder = write(
        tmp_path,
        {"id": "press", "grade": "D", "date": "2026-05-01"},
        {"id": "old", "grade": "B", "date": "2025-01-01"},
        {"id": "new", "grade": "B", "date": "2026-01-01"},
        {"id": "gap", **unknown},
        {"id": "lone-gap", **unknown, "subject": "tape"},
    )
    facts = load_facts(folder)
    assert facts.best("disk.eur_per_tb").id == "new"
    assert facts.best("tape.eur_per_tb").is_unknown
    assert [f.id for f in facts.of("disk.eur_per_tb")] == ["gap", "press", "new", "old"]


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ({"likely": "11", "publisher": "Other"}, 2),
        ({"likely": "10.005", "publisher": "Other"}, 0),  # within 0.1 %
        ({"likely": "11"}, 0),  # one publisher is one witness
        ({"value": "unknown", "likely": "", "publisher": "Other"}, 0),  # no claim
        ({"low": "5", "likely": "", "high": "15", "publisher": "Other"}, 2),  # same middle
    ],
)
def test_a_contradiction_takes_two_publishers_who_disagree(tmp_path, other, count):
    facts = load_facts(write(tmp_path, {}, {"id": "b", **other}))
    assert len(facts.contradictions().get("disk.eur_per_tb", [])) == count


def test_what_one_publisher_repeats_counts_once(tmp_path):
    names = ["Farm", "farm", "Farm"]
    again = [{"id": f"b{i}", "likely": "20", "publisher": n} for i, n in enumerate(names)]
    claims = load_facts(write(tmp_path, {}, *again)).contradictions()["disk.eur_per_tb"]
    assert sorted(fact.publisher.lower() for fact in claims) == ["example", "farm"]


def test_an_old_price_is_stale_unless_a_newer_one_was_claimed(tmp_path):
    folder = write(
        tmp_path,
        {"id": "old", "date": "2025-01-01"},
        {"id": "new", "date": "2026-11-01"},
        {"id": "tape", "date": "2025-01-01", "subject": "tape"},
        {"id": "size", "date": "2025-01-01", "subject": "size", "unit": "TB"},
    )
    stale = load_facts(folder).stale_prices(dt.date(2026, 11, 20))
    assert [fact.id for fact in stale] == ["tape"]


def test_a_misspelt_name_is_told_its_nearest(real):
    with pytest.raises(KeyError, match="did you mean"):
        real.best("completion.dat")
    with pytest.raises(KeyError, match="did you mean"):
        real.by_id("completion-sed")
    assert real.of("no_such.thing") == []


def test_text_that_looks_like_a_formula_or_a_tag_is_data(tmp_path):
    fact = load_facts(write(tmp_path, {"note": "=1+1", "source": "@SUM <b>"})).by_id("a")
    assert (fact.note, fact.source) == ("=1+1", "@SUM <b>")


def test_lines_are_those_of_the_file_even_after_a_note_of_two_lines(tmp_path):
    facts = load_facts(write(tmp_path, {"note": "one\ntwo"}, {"id": "b"}))
    assert [fact.line for fact in facts] == [2, 4]


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"date": "2026-13-01"}, "date: found '2026-13-01'"),
        ({"date": "20/11/2026"}, "YYYY-MM-DD"),
        ({"date": "2026-02-30"}, "date:"),
        ({"date": "2026-00"}, "date:"),
        ({"date": "0000"}, "date:"),
        ({"grade": "E"}, "grade: found 'E'"),
        ({"grade": "AB"}, "A, B, C or D"),
        ({"likely": "nan"}, "a finite number"),
        ({"likely": "inf"}, "a finite number"),
        ({"likely": "1e400"}, "a finite number"),
        ({"likely": "1 234,5"}, "decimal comma"),
        ({"likely": "10 TB"}, "no unit"),
        ({"likely": "1_000"}, "a finite number"),
        ({"low": "11"}, "low <= likely <= high"),
        ({"low": "12", "likely": "", "high": "11"}, "low <= likely <= high"),
        ({"unit": ""}, "unit: found ''"),
        ({"unit": "EUR/To"}, "did you mean EUR/TB"),
        ({"unit": "date"}, "a number has the unit"),
        ({"source": " "}, "source:"),
        ({"publisher": ""}, "publisher:"),
        ({"value": "ten"}, "value or numbers"),
        ({"value": "ten", "likely": ""}, "is a number"),
        ({"value": "unknown"}, "value or numbers"),
        ({"likely": ""}, "write unknown"),
        ({"value": "soon", "likely": "", "unit": "date"}, "day of the calendar"),
        ({"id": "A b"}, "id: found 'A b'"),
        ({"subject": "a.b"}, "subject:"),
        ({"field": ""}, "field:"),
    ],
)
def test_a_bad_row_is_refused_with_its_file_line_field_and_limit(tmp_path, wrong, said):
    message = refused(write(tmp_path, {"id": "fine"}, wrong))
    assert said.casefold() in message.casefold()
    assert "facts.csv, line 3" in message


def test_all_faults_of_all_files_come_at_once(tmp_path):
    write(tmp_path, {"grade": "Z", "date": "never"}, {"id": "b", "likely": "nan"}, name="one.csv")
    write(tmp_path, {"id": "c", "unit": "", "source": ""}, name="two.csv")
    (tmp_path / "three.csv").write_text("id,dat\n")
    with pytest.raises(InputError) as caught:
        load_facts(tmp_path)
    found = {(Path(f.file).name, f.line, f.field) for f in caught.value.faults}
    assert found == {
        ("one.csv", 2, "grade"), ("one.csv", 2, "date"), ("one.csv", 3, "likely"),
        ("two.csv", 2, "unit"), ("two.csv", 2, "source"), ("three.csv", 1, "dat"),
    }  # fmt: skip


def test_a_duplicate_id_names_both_lines_across_files(tmp_path):
    write(tmp_path, {"id": "b"}, {"id": "a"}, name="one.csv")
    message = refused(write(tmp_path, {"id": "a", "subject": "tape"}, name="two.csv"))
    assert "one.csv, line 3" in message
    assert "two.csv, line 2" in message


def test_one_quantity_in_two_units_is_refused(tmp_path):
    message = refused(write(tmp_path, {}, {"id": "b", "unit": "EUR/TB.month"}))
    assert "disk.eur_per_tb is in EUR/TB in" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "header: not the columns"),
        (b"\xff\xfe", "line 1"),
        (b"id;date;subject\n", "line 1"),
        (",".join(COLUMNS).replace("publisher", "publischer").encode(), "did you mean publisher?"),
        (",".join(COLUMNS[:-1]).encode(), "Add note"),
        (",".join(reversed(COLUMNS)).encode(), "in this order"),
        (",".join(COLUMNS).encode() + b"\na,b\n", "2 cells; 14 columns"),
        (",".join(COLUMNS).encode() + b"\n\nx,\0", "line 3"),
        (",".join(COLUMNS).encode() + b"\n\n\xe9t\xe9\n", "line 3"),
        (",".join(COLUMNS).encode() + b'\n"never closed', "close the quotes"),
    ],
)
def test_a_file_of_the_wrong_form_is_refused(tmp_path, content, said):
    (tmp_path / "facts.csv").write_bytes(content)
    message = refused(tmp_path)
    assert said.casefold() in message.casefold()
    assert "facts.csv, line" in message


def test_a_file_too_big_or_a_folder_without_facts_is_refused(tmp_path):
    assert "no facts found" in refused(tmp_path)
    assert "no facts found" in refused(tmp_path / "nowhere")
    (tmp_path / "facts.csv").write_bytes(b"x" * (MAX_BYTES + 1))
    assert "at most 5,000,000" in refused(tmp_path)


def test_what_cannot_be_opened_is_a_fault_and_no_traceback(tmp_path):
    (tmp_path / "facts.csv").mkdir()
    assert "facts.csv" in refused(tmp_path)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    write(tmp_path, {"note": "été"})
    file = tmp_path / "facts.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_facts(tmp_path).by_id("a").note == "été"


# ------------------------------------------------------------------ the project's own facts


def test_every_fact_says_its_unit_source_publisher_and_grade(real):
    without_address = {"from memory", "planning judgement", "searched, not found"}
    for fact in real:
        assert fact.unit in UNITS
        assert fact.source
        assert fact.publisher
        assert fact.grade in GRADES
        own = fact.source in without_address or fact.source.startswith(("computed", "measured"))
        assert fact.address or own, fact.id


def test_what_is_judged_remembered_or_not_found_is_of_grade_d(real):
    weak = ("from memory", "planning judgement", "searched, not found")
    assert {fact.grade for fact in real if fact.source in weak} == {"D"}
    assert all("to be confirmed" in f.note for f in real if f.source == "from memory")


@pytest.mark.parametrize("key", CONTRADICTED)
def test_named_contradictions_are_kept_side_by_side(real, key):
    claims = real.contradictions()[key]
    assert len({fact.publisher for fact in claims}) >= 2


def test_the_seeds_and_their_sisters_are_one_witness(real):
    claims = real.contradictions()["scaleway_secnumcloud.status"]
    assert len(real.of("scaleway_secnumcloud.status")) > len(claims)
    assert [fact.publisher for fact in claims].count("windowsnews.ai") == 1


def test_volumes_bill_and_press_are_all_there(real):
    claims = {fact.number for fact in real.claims("platform_volume.tb")}
    assert {450, 10_000, 20_000, 8_270} <= claims


@pytest.mark.parametrize("key", NOT_FOUND)
def test_what_was_not_found_is_unknown_and_has_no_number(real, key):
    assert real.best(key).is_unknown
    assert real.best(key).number is None
    assert "whom to ask" in real.best(key).note


def test_a_promise_before_the_award_is_kept_and_does_not_win(real):
    award = real.best("award.date").value
    promises = [fact.value for fact in real.of("completion.date")]
    assert min(promises) < award < real.best("completion.date").value


def test_prices_fall_from_multi_zone_to_one_zone_to_archive(real):
    names = ["object_multi_az", "object_one_zone", "glacier"]
    prices = [real.best(f"scaleway_{name}.eur_per_tb_month").number for name in names]
    assert prices == sorted(prices, reverse=True)


def test_the_average_bill_is_what_was_paid_over_its_months(real):
    bill = real.best("azure_bill.eur_per_month").number
    assert bill == pytest.approx(real.best("azure_paid.eur").number / 75, rel=1e-3)


def test_everything_is_known_at_the_date_of_the_shipped_example(real):
    assert len(real.as_of(dt.date(2026, 11, 20))) == len(real)
