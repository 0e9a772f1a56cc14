"""Kept forecasts: nothing is lost in their file, and a file that is not whole is refused by line."""

import datetime as dt
import hashlib
import json
import math

import pytest

from hdhplan.errors import InputError
from hdhplan.forecast import PROBABILITIES
from hdhplan.kept import COLUMNS, LEVELS, archive, of_result
from hdhplan.kept_files import read_forecast, read_kept
from hdhplan.result import bundle
from hdhplan.simulation import simulate
from hdhplan.tests.small import plan_of, range_of
from hdhplan.tests.test_status import tasks_of, with_status

DAY = dt.date.fromisoformat


def small(**more):
    """Three tasks, the last of which may never end, a price, a target and a promise."""
    tasks = [
        {"id": "A", "work": range_of(5, 10, 20, "d")},
        {"id": "B", "work": range_of(2, 4, 9, "d"), "after": ["A"]},
        {"id": "C", "work": range_of(2, 4, 9, "d"), "after": ["B"]},
        {"id": "M", "work": "0 d", "after": ["B"]},
    ]
    rates = [{"id": "team", "amount_eur": 1000, "per": "d", "on": ["A", "B"], "line": "team"}]
    target = {"milestone": "M", "finish": "2026-01-20", "cost_eur": 14_000, "vat": "HT"}
    promises = [{"id": "soon", "milestone": "A", "by": "2026-01-15"}]
    return plan_of(tasks=tasks, rates=rates, target=target, promises=promises, **more)


@pytest.fixture(scope="module")
def kept():
    return archive(simulate(small(), 500, detail=True), DAY("2026-01-04"))


def published(folder, kept, name="2026-W01"):
    """A week's folder with the forecast and the manifest that names it."""
    week = folder / name
    week.mkdir(parents=True)
    (week / "forecast.csv").write_bytes(kept.csv())
    digest = hashlib.sha256(kept.csv()).hexdigest()
    (week / "manifest.json").write_text(json.dumps({"outputs": {"forecast.csv": digest}}))
    return week


def test_there_are_twenty_one_levels_and_those_of_every_report_are_among_them(kept):
    assert len(LEVELS) == 21
    assert list(LEVELS) == sorted(LEVELS)
    assert set(PROBABILITIES) <= set(LEVELS)
    assert kept.levels == LEVELS


def test_a_kept_forecast_holds_every_quantity_and_task_to_the_last_bit(kept):
    forecast = simulate(small(), 500, detail=True)
    assert {"finish_day", "cost_eur", "line.team", "A", "B", "C", "M"} <= kept.quantiles.keys()
    for name, values in kept.quantiles.items():
        assert values == tuple(forecast.quantile(name, p) for p in LEVELS)
        assert list(values) == sorted(values)
    # Of tasks that are kept in no other way: the whiskers of the page, and more between them.
    assert kept.quantiles["B"][LEVELS.index(0.8)] == forecast.spread["B"]["finish"][2]
    assert len(set(kept.quantiles["B"])) == 21
    assert kept.units == kept.units | {"A": "day", "cost_eur": "EUR", "finish_day": "day"}
    assert kept.odds["both"].value == forecast.p_both
    assert kept.odds["both"].event == "finish_day <= 2026-01-20 & cost_eur <= 14000.0"
    assert kept.odds["soon"].event == "A <= 2026-01-15"


def test_what_is_read_back_is_what_was_kept(kept, tmp_path):
    published(tmp_path, kept)
    assert read_kept(tmp_path) == (kept,)
    assert kept.csv().decode().splitlines()[0] == ",".join(COLUMNS)


def test_a_finished_task_is_no_forecast_and_the_data_date_is_that_of_the_status(tmp_path):
    tasks_of(
        tmp_path,
        {"date": "2026-01-16", "task": "A", "start": "2026-01-05", "finish": "2026-01-14"},
    )
    plan = with_status(small(), tmp_path)
    late = archive(simulate(plan, 300, as_of=DAY("2026-01-16")))
    assert late.as_of == DAY("2026-01-16")
    assert "A" not in late.quantiles
    assert "B" in late.quantiles
    # A was to take ten days and took ten; ten planned days are earned in twelve.
    assert late.spi_t == pytest.approx(10 / 12, rel=1e-3)
    assert late.odds["soon"].value == 1.0


def test_what_may_never_happen_is_kept_as_such(tmp_path):
    plan = plan_of(
        routes={"l": {"rate_gbps": range_of(0.5, 1, 2)}},
        datasets=[{"id": "x", "volume_tb": 9, "route": "l", "rewritten_tb_per_day": 12}],
    )
    kept = archive(simulate(plan, 300), DAY("2026-01-04"))
    values = kept.quantiles["x.delta"]
    assert 0 < kept.never["x.delta"] < 1
    assert math.isfinite(values[0])
    assert math.isinf(values[-1])
    published(tmp_path, kept)
    assert read_kept(tmp_path) == (kept,)


def test_a_report_is_kept_in_the_same_form(tmp_path):
    forecast = simulate(small(), 500, detail=True)
    kept = of_result(bundle(forecast))
    path = tmp_path / "forecast.csv"
    path.write_bytes(kept.csv())
    assert read_forecast(path) == kept
    assert kept.levels == PROBABILITIES
    whole = archive(forecast)
    assert kept.odds == whole.odds
    assert kept.quantiles["A"][1] == whole.quantiles["A"][LEVELS.index(0.5)]


def test_weeks_come_in_the_order_of_their_dates_and_other_reports_are_passed_over(kept, tmp_path):
    later = archive(simulate(small(), 50), DAY("2026-12-31"))
    published(tmp_path, later, "example-2026-W53")
    published(tmp_path, kept, "example-2026-W02")
    published(tmp_path, kept, "base")
    (tmp_path / "index.html").write_text("…")
    assert [one.as_of for one in read_kept(tmp_path)] == [DAY("2026-01-04"), DAY("2026-12-31")]


def damage(kept, old, new, line):
    """The file with something else in one line."""
    lines = kept.csv().decode().splitlines(keepends=True)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return "".join(lines).encode()


def complaint(folder, raw):
    path = folder / "forecast.csv"
    path.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        read_forecast(path)
    return [str(fault).removeprefix(str(path)) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("quantity", "quantitee", 1, ", line 1: quantitee: not its columns; the columns"),
        (",0.1,", ",0.1,,", 4, ", line 4: 11 cells; 10 columns"),
        (",0.1,", ",0.l,", 4, ", line 4: p: found '0.l'; a finite number"),
        (",0.1,", ",1.1,", 4, ", line 4: p: found '1.1'; more than 0, less than 1"),
        (",0.1,", ",0.04,", 4, ", line 4: p: found '0.04'; levels of finish_day ascend"),
        (",0.1,1", ",0.1,0", 4, ", line 4: value: found"),
        (",day,", ",days,", 4, ", line 4: unit: found 'days'; one of day, d, EUR"),
        (",day,0.0,", ",day,1.5,", 4, ", line 4: share_never: found '1.5'; a share"),
        (",2026-01-05", ",2026-13-05", 4, ", line 4: start: found '2026-13-05'; a day"),
        (",2026-01-04,", ",2026-01-05,", 4, ", line 4: as_of: found '2026-01-05'; '2026-01-04'"),
        (",2026-01-1", ",2026-02-1", 4, ", line 4: date: found '2026-02-1"),
        ("finish_day", "finish_dat", 4, ", line 22: finish_day: 20 rows, the last of level 0.99; 21 as of"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_with_its_line(old, new, line, said, kept, tmp_path):
    found = complaint(tmp_path, damage(kept, old, new, line))
    assert any(text.startswith(said) for text in found), found


@pytest.mark.parametrize("keep", [0.999, 0.7, 0.31])
def test_a_torn_file_is_refused(keep, kept, tmp_path):
    raw = kept.csv()
    found = complaint(tmp_path, raw[: int(keep * len(raw))])
    last = raw[: int(keep * len(raw))].count(b"\n") + 1
    assert any(f"line {last}: " in text for text in found), (last, found)


def test_odds_that_are_none_are_refused(kept, tmp_path):
    raw = kept.csv().decode()
    line = raw[: raw.index("odds.date")].count("\n") + 1
    for old, new, said in (
        ("finish_day <= 2026-01-20", "finish_day < soon", "event: found 'finish_day < soon'"),
        ("odds.date,,", "odds.date,,1", "value: found '1"),
        ("odds.date", "odd", "quantity: found 'odd'"),
    ):
        found = complaint(tmp_path, damage(kept, old, new, line))
        assert any(f", line {line}: {said}" in text for text in found), found


def test_a_file_that_is_well_formed_but_another_is_refused(kept, tmp_path):
    week = published(tmp_path, kept)
    other = archive(simulate(small(), 500, seed=2, detail=True), DAY("2026-01-04"))
    (week / "forecast.csv").write_bytes(other.csv())
    with pytest.raises(InputError, match=r"forecast\.csv: not the file that manifest\.json names"):
        read_kept(tmp_path)
    (week / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json: outputs: does not name forecast\.csv"):
        read_kept(tmp_path)
    (week / "forecast.csv").unlink()
    with pytest.raises(InputError, match=r"forecast\.csv"):
        read_kept(tmp_path)


def test_a_file_cut_at_the_end_of_a_line_is_refused(kept, tmp_path):
    week = published(tmp_path, kept)
    lines = kept.csv().splitlines(keepends=True)
    (week / "forecast.csv").write_bytes(b"".join(lines[:-1]))
    with pytest.raises(InputError, match="not the file that manifest"):
        read_kept(tmp_path)


def test_all_that_is_wrong_in_all_weeks_is_said_at_once(kept, tmp_path):
    for name in ("2026-W01", "2026-W02"):
        week = published(tmp_path, kept, name)
        (week / "forecast.csv").write_bytes(damage(kept, ",day,", ",jour,", 4))
    with pytest.raises(InputError) as caught:
        read_kept(tmp_path)
    text = str(caught.value)
    assert "2026-W01" in text
    assert "2026-W02" in text
