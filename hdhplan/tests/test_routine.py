"""Weeks one after the other, from files to published pages, with all that goes wrong on a Monday."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import threading
import time
from pathlib import Path

import nbformat
import pytest

from hdhplan import report as reporting
from hdhplan.cli import main
from hdhplan.errors import InputError
from hdhplan.past import read_past
from hdhplan.report import ReportError
from hdhplan.report.weeks import Routine, make_weeks
from hdhplan.status import week_of, weeks
from hdhplan.tests import programme
from hdhplan.tests.programme import (
    one_cell,
    plan_file,
    publish_replayed,
    replayed,
    report_week,
    run_here,
    without_papermill,
)
from hdhplan.tests.test_report import nth_fails
from hdhplan.tests.test_status import write

FIRST = dt.date(2026, 3, 2)  # W10 of a year that has a W53
DRAWS = 200
OPEN_FILES = Path("/proc/self/fd")


def friday(number: int, first: dt.date = FIRST) -> dt.date:
    """Data date of a week of a programme, counted from 0."""
    return first + dt.timedelta(7 * number + 4)


def stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    """What tells whether a file was written again, of every file below a folder but the locks."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size, path.stat().st_ino)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "lock" not in path.name
    }  # fmt: skip


def texts(folder: Path) -> dict[str, bytes]:
    """Bytes of every file of a report."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def strays(out: Path) -> list[str]:
    """Files that only a run that was killed leaves behind."""
    return [p.name for p in out.iterdir() if p.name.startswith((".partial", ".old", ".index.html"))]


def is_whole(folder: Path) -> bool:
    """Whether a report holds all files that its manifest names, byte for byte, and no other."""
    there = texts(folder)
    named = json.loads(there.pop("manifest.json"))["outputs"]
    return named == {name: hashlib.sha256(data).hexdigest() for name, data in there.items()}


# --- many weeks


@pytest.mark.slow
def test_sixty_weeks_each_read_the_past_back_and_leave_it_alone(tmp_path, undrawn):
    """Through W53 and both changes of the clock, with a week nobody reported and one nobody ran."""
    count, unreported, not_run = 60, 22, 41
    status, out = tmp_path / "status", tmp_path / "out"
    plan = plan_file(tmp_path, FIRST, count)
    routine = Routine(plan, status, draws=DRAWS, out=out)
    sizes, last, handles = [], {}, []
    with without_papermill():
        for number in range(count):
            if number != unreported:
                report_week(status, FIRST, count, number)
            if number == not_run:
                continue
            made = make_weeks(routine, friday(number))
            caught_up = [not_run] if number == not_run + 1 else []
            assert [p.name for p in made] == [week_of(friday(n)) for n in (*caught_up, number)]
            now = stamps(out)
            assert {k: now[k] for k in last if k != "index.html"} == {
                k: v for k, v in last.items() if k != "index.html"
            }
            last = now
            sizes.append((made[-1] / "result.json").stat().st_size)
            handles.append(len([*OPEN_FILES.iterdir()]) if OPEN_FILES.exists() else 0)
    past = read_past(out, status, "9999-W01")
    assert [kept.week for kept in past] == list(weeks("2026-W10", "2027-W16"))
    assert [kept.day for kept in past] == [friday(n) for n in range(count)]
    assert "2026-W53" in {kept.week for kept in past}
    assert past[18].landed_tb > past[19].landed_tb  # the correction
    assert past[59].landed_tb > 70
    result = json.loads((out / week_of(friday(unreported)) / "result.json").read_text("utf-8"))
    lacks = result["data"]["status"]["missing"]
    assert lacks == [f"{week_of(friday(unreported))}/{kind}.csv" for kind in
                     ("tasks", "datasets", "invoices", "risks", "estimates", "decisions")]  # fmt: skip
    # A page records its past in a few lines a week, and nothing else grows.
    assert (sizes[-1] - sizes[30]) / (len(sizes) - 31) < 2_500
    assert handles[-1] <= handles[2]
    assert strays(out) == []


@pytest.mark.slow
def test_a_last_week_again_writes_nothing_and_by_force_the_same_bytes(started, tmp_path, undrawn):
    plan, status, out = started(tmp_path)
    said: list[str] = []
    routine = Routine(plan, status, ("fr", "en"), draws=DRAWS, out=out, say=said.append)
    with without_papermill():
        (made,) = make_weeks(routine, friday(2))
        before, before_bytes = stamps(out), texts(made)
        assert make_weeks(routine, friday(2)) == []
        assert stamps(out) == before
        assert "published already" in said[-1]
        assert "changed" not in said[-1]
        assert make_weeks(routine, friday(2), force=True) == [made]
    assert texts(made) == before_bytes
    assert stamps(out) != before


@pytest.mark.slow
def test_weeks_are_caught_up_through_the_53rd_of_2020_and_refused_where_there_is_none(
    tmp_path, undrawn
):
    first = dt.date(2020, 12, 14)
    status, out = tmp_path / "weeks", tmp_path / "out"
    plan = plan_file(tmp_path, first, 12)
    for number in range(5):
        report_week(status, first, 12, number)
    sunday, monday = friday(4, first) + dt.timedelta(2), friday(4, first) + dt.timedelta(3)
    with without_papermill():
        made = make_weeks(Routine(plan, status, draws=DRAWS, out=out), sunday)
        names = ["2020-W51", "2020-W52", "2020-W53", "2021-W01", "2021-W02"]
        assert [p.name for p in made] == [f"weeks-{name}" for name in names]
        # A Monday is of the next week, of which nothing is there yet.
        made = make_weeks(Routine(plan, status, draws=DRAWS, out=out), monday)
        assert [p.name for p in made] == ["weeks-2021-W03"]
        (status / "2021-W53").mkdir()
        with pytest.raises(InputError, match="2021 has the weeks W01 to W52"):
            make_weeks(Routine(plan, status, draws=DRAWS, out=out), monday)
    assert [k.day for k in read_past(out, status, "2021-W03")] == [
        sunday - dt.timedelta(7 * n) for n in (4, 3, 2, 1, 0)
    ]


def test_a_week_caught_up_early_in_the_next_knows_all_of_its_facts(tmp_path, undrawn):
    status = tmp_path / "weeks"
    plan = plan_file(tmp_path, FIRST, 12)
    for number in (0, 1):
        report_week(status, FIRST, 12, number)
    tuesday = friday(2) - dt.timedelta(3)
    with without_papermill():
        make_weeks(Routine(plan, status, draws=DRAWS, out=tmp_path / "out"), tuesday)
    days = [kept.day for kept in read_past(tmp_path / "out", status, "9999-W01")]
    assert days == [friday(0), friday(1), tuesday]


@pytest.mark.slow
def test_five_weeks_through_papermill_say_what_the_same_weeks_say_without(tmp_path):
    first = dt.date(2026, 12, 14)  # W51, W52, W53, W01, W02
    status = tmp_path / "weeks"
    plan = plan_file(tmp_path, first, 12)
    for number in range(5):
        report_week(status, first, 12, number)
    made = make_weeks(Routine(plan, status, draws=DRAWS, out=tmp_path / "a"), friday(4, first))
    assert [p.name[-8:] for p in made] == [
        "2026-W51",
        "2026-W52",
        "2026-W53",
        "2027-W01",
        "2027-W02",
    ]
    with without_papermill():
        other = make_weeks(Routine(plan, status, draws=DRAWS, out=tmp_path / "b"), friday(4, first))
    for one, two in zip(made, other, strict=True):
        assert is_whole(one)
        for name in ("result.json", "forecast.csv"):
            assert (one / name).read_bytes() == (two / name).read_bytes(), (one.name, name)


# --- kills and faults, of the publishing step


@pytest.fixture(scope="module")
def began(tmp_path_factory):
    """Three weeks of a programme, the first two of them published; nobody writes here."""
    folder = tmp_path_factory.mktemp("began")
    plan = plan_file(folder, FIRST, 12)
    for number in range(3):
        report_week(folder / "weeks", FIRST, 12, number)
    with without_papermill():
        make_weeks(Routine(plan, folder / "weeks", draws=DRAWS, out=folder / "out"), friday(1))
    return folder


@pytest.fixture
def started(began):
    """Copies it into a folder: the plan file, the status and the reports."""

    def copy(to: Path) -> tuple[Path, Path, Path]:
        shutil.copytree(began, to, dirs_exist_ok=True)
        return to / "small.yaml", to / "weeks", to / "out"

    return copy


@pytest.fixture(scope="module")
def executed(began, tmp_path_factory):
    """A notebook of one cell that papermill ran for the third week, to be published many times."""
    folder = tmp_path_factory.mktemp("executed")
    notebook = one_cell(folder / "one_cell.ipynb")
    routine = Routine(
        began / "small.yaml", began / "weeks", draws=DRAWS, out=folder / "out", notebook=notebook
    )
    found, real = [], reporting._run

    def run(*given):
        found.append(real(*given))
        return found[-1]

    shutil.copytree(began / "out", folder / "out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "_run", run)
        make_weeks(routine, friday(2))
    path = folder / "executed.ipynb"
    nbformat.write(found[0], path)
    return path


def marked(folder: Path) -> str:
    """Which of many runs published a report."""
    return (folder / "report.html").read_text("utf-8").partition("Run number ")[2].partition(".")[0]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_thirty_kills_lose_and_tear_no_report(started, executed, tmp_path):
    """Killed at random moments while the week comes new, in exchange, or by two renames."""
    plan, status, out = started(tmp_path)
    week, early = out / "weeks-2026-W12", texts(out / "weeks-2026-W10")
    process = multiprocessing.get_context("forkserver")
    process.set_forkserver_preload([programme.__name__])
    luck, seen = random.Random(6), {"absent": 0, "old": 0, "new": 0}

    def start(run: int, exchanges: bool):
        ours, theirs = process.Pipe()
        given = (plan, status, out, executed, friday(2), str(run), theirs, exchanges)
        child = process.Process(target=publish_replayed, args=given)
        child.start()
        theirs.close()  # so that a child that died is heard of
        assert ours.recv() == "publishing"
        return child, ours

    child, heard = start(0, True)
    begun = time.monotonic()
    assert heard.recv() == "published"
    span = time.monotonic() - begun
    child.join(60)
    for run in range(1, 31):
        if run % 3 == 0 and week.exists():
            shutil.rmtree(week)
        there = marked(week) if week.exists() else "absent"
        child, _ = start(run, exchanges=run % 3 != 1)
        time.sleep(luck.uniform(0, 1.2 * span))
        child.kill()
        child.join(60)
        aside = list(out.glob(".old-*"))
        if week.exists():
            assert is_whole(week), run
            assert marked(week) in (there, str(run))
            seen["new" if marked(week) == str(run) else "old"] += 1
        elif there != "absent":  # between two renames: it stands aside, whole
            assert [marked(path) for path in aside] == [there]
            seen["old"] += 1
        else:
            seen["absent"] += 1
        with replayed(executed, f"{run} again"):
            assert make_weeks(Routine(plan, status, draws=DRAWS, out=out), friday(2), True) == [
                week
            ]
        assert is_whole(week)
        assert marked(week) == f"{run} again"
        assert strays(out) == []
        assert texts(out / "weeks-2026-W10") == early
    assert min(seen["old"], seen["new"]) > 3, seen


@pytest.mark.slow
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_whatever_write_fails_no_week_is_lost_and_the_next_run_succeeds(
    code, started, executed, tmp_path, monkeypatch
):
    plan, status, out = started(tmp_path)
    week, early = out / "weeks-2026-W12", texts(out / "weeks-2026-W10")
    routine = Routine(plan, status, draws=DRAWS, out=out, eml=True)
    with replayed(executed, "before"):
        make_weeks(routine, friday(2))
    there, refused = "before", 0
    for n in range(1, 200):
        with monkeypatch.context() as patch, replayed(executed, str(n)):
            calls, failed = nth_fails(patch, n, code), ""
            try:
                make_weeks(routine, friday(2), force=True)
            except ReportError as error:
                failed = str(error)
        if failed:
            assert os.strerror(code) in failed
            assert marked(week) == there, (n, calls[-1])
            refused += 1
        there = marked(week)
        assert is_whole(week), (n, calls[-1])
        assert texts(out / "weeks-2026-W10") == early
        if len(calls) < n:
            break
    assert there == str(n)
    assert refused > 15
    assert strays(out) == []


@pytest.mark.slow
def test_a_second_run_waits_and_then_finds_the_week_published(started, executed, tmp_path):
    plan, status, out = started(tmp_path)
    go, inside, said = threading.Event(), threading.Event(), []

    def held(*given):
        inside.set()
        assert go.wait(60)
        return programme.replay(executed, "first", given[1])

    results: dict[str, list[Path]] = {}

    def run(name: str, say) -> None:
        routine = Routine(plan, status, draws=DRAWS, out=out, say=say)
        results[name] = make_weeks(routine, friday(2))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "_run", held)
        one = threading.Thread(target=run, args=("one", lambda text: None))
        one.start()
        assert inside.wait(60)
        two = threading.Thread(target=run, args=("two", said.append))
        two.start()
        while not said:
            time.sleep(0.02)
        go.set()
        one.join(60)
        two.join(60)
    assert results == {"one": [out / "weeks-2026-W12"], "two": []}
    assert "waiting for it" in said[0]
    assert "published already" in said[1]


# --- the command


@pytest.fixture
def weekly(started, tmp_path, capsys, undrawn, monkeypatch):
    """The command on a programme of three weeks, two of them published, without papermill."""
    plan, status, out = started(tmp_path)

    def run(*more: str, number: int | None = 2) -> tuple[int, str, str]:
        given = ["--scenario", str(plan), "--status", str(status), "--out", str(out)]
        given += ["--as-of", str(friday(number))] if number is not None else []
        capsys.readouterr()
        code = main(["weekly", *given, "--draws", str(DRAWS), *more])
        return code, *capsys.readouterr()

    # By the one that tests patch with too: two that undo each other's work leave a patch behind.
    monkeypatch.setattr(reporting, "_run", run_here)
    return run


def test_a_week_is_published_once_then_stays_then_is_made_again_by_force(weekly, tmp_path):
    out = tmp_path / "out"
    code, said, _ = weekly()
    assert code == 0
    assert said.splitlines()[-1] == str(out / "weeks-2026-W12" / "report.html")
    before, whole = stamps(out), texts(out / "weeks-2026-W12")
    code, again, talk = weekly()
    assert (code, again) == (0, said)
    assert "it stays. --force" in talk
    assert stamps(out) == before
    assert weekly(number=None)[:2] == (0, said)  # the latest fact is of that day
    assert weekly("--force")[0] == 0
    assert texts(out / "weeks-2026-W12") == whole
    assert main(["weekly", "--as-of", "yesterday"]) == 2


def test_a_late_file_is_told_but_changes_no_published_week(weekly, tmp_path):
    write(tmp_path / "weeks", "invoices", {"id": "late-1", "line": "migration", "paid_eur": 1,
          "currency": "EUR", "vat": "HT"}, day=str(friday(1)))  # fmt: skip
    before = stamps(tmp_path / "out")
    code, _, talk = weekly(number=1)
    assert code == 0
    assert "Since then changed: status/2026-W11/invoices.csv." in talk
    assert stamps(tmp_path / "out") == before


def test_a_damaged_week_is_refused_until_it_is_published_again(weekly, tmp_path):
    result = tmp_path / "out" / "weeks-2026-W11" / "result.json"
    whole = result.read_bytes()
    for damaged in (whole[:2_000], b"", b"[]", whole.replace(b'"2026-W11"', b'"2026-W10"'), None):
        result.unlink() if damaged is None else result.write_bytes(damaged)
        for number in (1, 2):
            code, _, talk = weekly(number=number)
            assert code == 3, damaged
            assert "weeks-2026-W11/result.json" in talk
            assert "publish the week again with --force" in talk
    assert weekly("--force", number=1)[0] == 0
    assert result.read_bytes() == whole
    assert weekly()[0] == 0


def test_what_a_published_week_knew_cannot_be_rewritten(weekly, tmp_path):
    tasks = tmp_path / "weeks" / "2026-W10" / "tasks.csv"
    tasks.write_text(tasks.read_text("utf-8").replace("2026-03-03", "2026-03-04"), "utf-8")
    code, _, talk = weekly()
    assert code == 3
    assert "w0-tasks-0 is not what was published" in talk
    assert "put it back; a later fact corrects it".capitalize()[3:] in talk
    assert not (tmp_path / "out" / "weeks-2026-W12").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--as-of", "2026-02-20"], "nothing known by 2026-02-20"),
        (["--as-of", "2062-03-20"], "2062-03-20 is 1879 weeks after the last files, of 2026-W12"),
        (["--status", "no-such-folder"], "there is no such folder"),
        (["--new", "2027-W53"], "2027 has the weeks W01 to W52"),
        (["--scenario", "bas"], "Did you mean base"),
        (["--set", "routes.link.rate=1"], "unknown key 'rate'"),
    ],
)
def test_what_makes_no_week_is_refused_and_nothing_is_written(more, said, weekly, tmp_path):
    shutil.rmtree(tmp_path / "out")
    code, out, talk = weekly(*more)
    assert (code, out) == (3, "")
    assert said in talk
    assert not (tmp_path / "out").exists()


def test_all_that_is_wrong_in_the_files_of_weeks_is_refused_at_once(weekly, tmp_path):
    (tmp_path / "weeks" / "2027-W53").mkdir()
    (tmp_path / "weeks" / "2026-W12" / "task.csv").write_text("", "utf-8")
    code, out, talk = weekly("--json")
    assert code == 3
    faults = json.loads(out)["data"]["faults"]
    assert len(faults) == 2
    assert "2027 has the weeks W01 to W52" in talk
    assert "Did you mean tasks" in talk


def test_a_status_asked_for_ends_the_run_with_4_published_already_or_not(weekly, tmp_path):
    dear = ["--set", "target.cost_eur=1000", "--fail-on", "action"]
    code, _, talk = weekly(*dear)
    assert code == 4
    assert "(--fail-on action)" in talk
    assert is_whole(tmp_path / "out" / "weeks-2026-W12")
    assert weekly(*dear)[0] == 4
    assert weekly()[0] == 0
    assert weekly("--fail-on", "panic")[0] == 2


def test_a_missing_file_is_said_and_the_page_stands(weekly, tmp_path):
    (tmp_path / "weeks" / "2026-W12" / "invoices.csv").unlink()
    for _ in range(2):
        code, said, talk = weekly()
        assert code == 5
        assert "the week lacks 2026-W12/invoices.csv" in talk
        assert said.splitlines()[-1].endswith("report.html")
    code, _, talk = weekly(number=3)  # a week of which there is no folder at all
    assert code == 5
    assert talk.count("2026-W13/") == 6
    code, said, _ = weekly("--json", number=3)
    envelope = json.loads(said)
    assert (code, envelope["schema"], envelope["ok"]) == (5, "hdhplan.weekly/1", True)
    assert len(envelope["data"]["result"]["status"]["missing"]) == 7
    assert envelope["data"]["made"] == []


def test_weeks_without_any_fact_are_a_page_that_says_so(weekly, tmp_path):
    shutil.rmtree(tmp_path / "out")
    for path in (tmp_path / "weeks").rglob("*.csv"):
        path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    assert weekly(number=None)[0] == 3
    code, _, talk = weekly(number=0)
    assert code == 0, talk


@pytest.mark.slow
def test_a_notebook_that_fails_is_6_and_the_last_weeks_stand(
    started, tmp_path, capsys, monkeypatch
):
    plan, status, out = started(tmp_path)
    (tmp_path / "poison").mkdir()
    (tmp_path / "poison" / "matplotlib.py").write_text("raise ImportError('no charts today')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "poison"))
    before = {name: texts(out / name) for name in ("weeks-2026-W10", "weeks-2026-W11")}
    given = ["--scenario", str(plan), "--status", str(status), "--out", str(out), "--draws", "200"]
    assert main(["weekly", *given, "--as-of", str(friday(2))]) == 6
    talk = capsys.readouterr().err
    assert "ImportError: no charts today" in talk
    assert "The report weeks-2026-W12 was not published" in talk
    assert {name: texts(out / name) for name in before} == before
    assert not (out / "weeks-2026-W12").exists()
    assert strays(out) == []
    assert (out / "failed" / "weeks-2026-W12.ipynb").exists()


def test_a_place_where_nothing_can_be_written_is_6_not_a_defect(weekly, tmp_path):
    shutil.rmtree(tmp_path / "out")
    (tmp_path / "out").write_text("a file")
    code, _, talk = weekly()
    assert code == 6
    assert f"No report can be written below {tmp_path / 'out'}" in talk


def test_ctrl_c_in_the_second_of_two_weeks_leaves_the_first(weekly, tmp_path, monkeypatch):
    report_week(tmp_path / "weeks", FIRST, 12, 3)
    real = reporting._run

    def run(*given):
        if (tmp_path / "out" / "weeks-2026-W12").exists():
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(reporting, "_run", run)
    code, _, talk = weekly(number=3)
    assert code == 130
    assert "What was published stands; nothing else was." in talk
    assert is_whole(tmp_path / "out" / "weeks-2026-W12")
    assert not (tmp_path / "out" / "weeks-2026-W13").exists()
    assert strays(tmp_path / "out") == []


def test_a_week_before_the_last_is_refused_without_force(weekly, tmp_path):
    assert weekly()[0] == 0
    shutil.rmtree(tmp_path / "out" / "weeks-2026-W11")
    code, _, talk = weekly(number=1)
    assert code == 3
    assert "2026-W11 is not published, but 2026-W12 is" in talk
    assert weekly("--force", number=1)[0] == 0
    assert is_whole(tmp_path / "out" / "weeks-2026-W11")


def test_a_week_that_turns_up_before_the_first_published_one_is_not_made_after_it(weekly, tmp_path):
    shutil.rmtree(tmp_path / "out" / "weeks-2026-W10")
    result = tmp_path / "out" / "weeks-2026-W11" / "result.json"
    told = json.loads(result.read_text("utf-8"))
    told["data"]["past"] = []
    result.write_text(json.dumps(told), "utf-8")
    assert weekly()[0] == 0
    assert not (tmp_path / "out" / "weeks-2026-W10").exists()


def test_forms_are_written_once_and_all_or_none(weekly, tmp_path, monkeypatch):
    def full(path, mode="r", **options):
        if path.name == "invoices.csv" and mode == "x":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, mode, **options)

    real = Path.open
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        code, _, talk = weekly("--new", "2026-W13")
    assert code == 3
    assert "No space left on device" in talk
    assert not (tmp_path / "weeks" / "2026-W13").exists()
    code, said, _ = weekly("--new", "2026-W13")
    assert code == 0
    assert [Path(line).name for line in said.splitlines()] == [
        "tasks.csv", "datasets.csv", "invoices.csv", "risks.csv", "estimates.csv", "decisions.csv",
    ]  # fmt: skip
    before = stamps(tmp_path / "weeks")
    code, _, talk = weekly("--new", "2026-W13")
    assert code == 3
    assert "nothing was overwritten" in talk.lower()
    assert stamps(tmp_path / "weeks") == before


def test_the_first_forms_of_all_need_no_week_before_them_but_a_folder(weekly, tmp_path):
    given = ["--new", "2026-W10", "--status", str(tmp_path / "mine"), "--json"]
    assert weekly(*given)[0] == 3
    (tmp_path / "mine").mkdir()
    code, said, _ = weekly(*given)
    assert code == 0
    assert len(json.loads(said)["data"]["written"]) == 6


def test_kept_forecasts_are_scored_where_there_are_some(weekly, tmp_path):
    code, said, _ = weekly("--score", "--json")
    assert code == 0
    assert json.loads(said)["schema"] == "hdhplan.score/1"
    code, said, _ = weekly("--score", "--lang", "en")
    assert code == 0
    assert said
    code, said, talk = weekly("--score", "--out", str(tmp_path / "nowhere"))
    assert (code, said) == (5, "")
    assert "nothing to score" in talk


@pytest.mark.slow
def test_a_folder_of_any_name_given_in_any_way_is_one_and_the_same(weekly, tmp_path, monkeypatch):
    odd = tmp_path / "où" / "Suivi d'été [2] {x} #1"
    shutil.copytree(tmp_path / "weeks", odd)
    monkeypatch.chdir(tmp_path)
    name = "suivi-d-ete-2-x-1-2026-W12"
    ways = {"one": f"où/{odd.name}/", "two": str(odd), "three": f"./out/../où/./{odd.name}"}
    for out, way in ways.items():
        for code in (weekly("--status", way, "--out", out)[0] for _ in range(2)):
            assert code == 0
    assert len(list((tmp_path / "one").glob("suivi-*"))) == 3
    made = [texts(tmp_path / out / name) for out in ways]
    assert made[0] == made[1] == made[2]
    past = json.loads(made[0]["result.json"])["data"]["past"]
    assert [week["week"] for week in past] == ["2026-W10", "2026-W11"]
    for file, data in made[0].items():
        for leak in (str(tmp_path), "où/", "o\\xf9/"):
            assert leak not in data.decode("utf-8"), (file, leak)
