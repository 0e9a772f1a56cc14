"""The weekly routine: many weeks on end, the whole command killed, its cost over an empty notebook."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import ROOT, Check, Row, child, child_cpu, ratios
from benchmarks.report import empty_notebook

WEEKS, KILLS, DRAWS = 200, 60, 200
#: How often the last week is made again, with nothing new: what memory grows by then is lost.
AGAIN = 20
#: Weeks after which everything is loaded and every cache is warm.
WARM = 10
FIRST = dt.date(2018, 1, 1)  # through W53 of 2020
PROC = Path("/proc")
_SOAK = "from benchmarks.weekly import soak; soak({folder!r}, {weeks})"


def run(count: int, say, weeks: int = WEEKS, kills: int = KILLS) -> tuple[list[Row], list[Check]]:
    """Measure: weeks in one process, kills of fresh processes, CPU of the tree of processes."""
    rows, checks = [], []
    for part in (
        lambda: _soaked(weeks, say),
        lambda: _killed(kills, say),
        lambda: _cost(count, say),
    ):
        found = part()
        rows += found[0]
        checks += found[1]
    return rows, checks


# --- many weeks


def soak(folder: str, weeks: int) -> None:
    """Make so many weeks in this process and print, a line each, memory, open files, time and size.

    Then the last one again and again.
    """
    from hdhplan.report.weeks import Routine, make_weeks
    from hdhplan.tests.programme import plan_file, report_week, without_papermill

    place = Path(folder)
    plan = plan_file(place, FIRST, weeks)
    routine = Routine(plan, place / "weeks", draws=DRAWS, out=place / "reports")
    with without_papermill():
        for number in range(weeks + AGAIN):
            if number < weeks:
                day = report_week(place / "weeks", FIRST, weeks, number)
            begun = time.process_time()
            (made,) = make_weeks(routine, day, force=number >= weeks)
            took, size = time.process_time() - begun, (made / "report.html").stat().st_size
            print(made.name, _resident_mb(), len(_open_files()), took, size, flush=True)


def _resident_mb() -> float:
    """Memory that this process holds now; its peak where a system does not tell. [MB]"""
    if (PROC / "self" / "status").exists():
        lines = (PROC / "self" / "status").read_text().splitlines()
        return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmRSS"))
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _open_files() -> list[Path]:
    return list((PROC / "self" / "fd").iterdir()) if PROC.exists() else []


def _soaked(weeks: int, say) -> tuple[list[Row], list[Check]]:
    from hdhplan.status import week_of

    with tempfile.TemporaryDirectory() as folder:
        lines = child("-c", _SOAK.format(folder=folder, weeks=weeks)).splitlines()
        names = sorted(p.name for p in (Path(folder) / "reports").glob("weeks-*"))
        whole = sum(map(_whole, (Path(folder) / "reports").glob("weeks-*")))
    told = [line.split() for line in lines]
    memory, files, took, size = (tuple(float(x[i]) for x in told) for i in (1, 2, 3, 4))
    say(f"weekly: {weeks} weeks, {sum(took[:weeks]):.0f} s CPU")
    wanted = [f"weeks-{week_of(FIRST + dt.timedelta(7 * n))}" for n in range(weeks)]
    rows = [
        *_grown("memory held", memory[:weeks], "MB"), *_grown("open files", files[:weeks], ""),
        *_grown("CPU of a week", took[:weeks], "s"),
        *_grown("size of a page", tuple(x / 1e3 for x in size[:weeks]), "kB"),
        _lost("memory held", memory[weeks:], "MB", 5.0), _lost("open files", files[weeks:], "", 0.0),
    ]  # fmt: skip
    checks = [
        Check("weeks published, in order", names == wanted, True, 0),
        Check("weeks whole", whole, weeks, 0),
    ]
    return rows, checks


def _grown(what: str, values: tuple[float, ...], unit: str):
    """First, last and greatest of what is measured a week, once warm."""
    warm = values[min(WARM, len(values) - 1) :]
    yield Row("weekly", f"{what}, week {len(values) - len(warm) + 1}", (warm[0],), unit)
    yield Row("weekly", f"{what}, week {len(values)}", (warm[-1],), unit)
    yield Row("weekly", f"{what}, greatest", (max(warm),), unit)


def _lost(what: str, values: tuple[float, ...], unit: str, most: float) -> Row:
    """What grows from the middle on while one and the same week is made again and again."""
    late = values[len(values) // 2 :]
    named = f"{what}, the last week {len(late)} times again: last less first"
    return Row("weekly", named, (late[-1] - late[0],), unit, at_most=most)


def _whole(folder: Path) -> bool:
    """Whether a report holds what its manifest names, byte for byte."""
    try:
        named = json.loads((folder / "manifest.json").read_text("utf-8"))["outputs"]
        found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in named}
    except (OSError, ValueError, KeyError):
        return False
    return named == found


# --- kills


def _killed(kills: int, say) -> tuple[list[Row], list[Check]]:
    """Kill the whole command at random moments; every published week is looked at after each."""
    from hdhplan.tests.programme import plan_file, report_week

    luck, torn, lost, pids = random.Random(6), 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        place, out = Path(folder), Path(folder) / "reports"
        plan, days = plan_file(place, FIRST, 12), []
        for number in range(3):
            days.append(report_week(place / "weeks", FIRST, 12, number))
        _command(plan, place, days[1]).wait()
        begun = time.monotonic()
        last = _command(plan, place, days[2]).wait()
        span, there = time.monotonic() - begun, {p.name for p in out.glob("weeks-*")}
        for number in range(kills):
            if number % 2:  # the week comes new
                shutil.rmtree(out / max(there), ignore_errors=True)
            standing = {p.name for p in out.glob("weeks-*")}
            run = _command(plan, place, days[2])
            time.sleep(luck.uniform(0, 1.1 * span))
            run.kill()
            run.wait()
            pids.append(run.pid)
            lost += len(standing - {p.name for p in out.glob("weeks-*")})
            torn += sum(not _whole(path) for path in out.glob("weeks-*"))
            if number % 10 == 9 or number == kills - 1:
                last += _command(plan, place, days[2]).wait()
        strays = [
            p.name for p in out.iterdir() if p.name.startswith((".partial", ".old", ".index."))
        ]
        names = {p.name for p in out.glob("weeks-*")}
    time.sleep(5)
    say(f"weekly: {kills} kills within {span:.1f} s each")
    return [Row("weekly", f"{kills} kills of the command: reports lost or torn", (lost + torn,), "",
                at_most=0)], [
        Check("reports lost", lost, 0, 0), Check("reports torn", torn, 0, 0),
        Check("exit codes of the runs after kills", last, 0, 0),
        Check("weeks at the end", names == there, True, 0),
        Check("files that kills left behind", len(strays), 0, 0),
        Check("kernels that outlive their command", len(_orphans(pids)), 0, 0),
    ]  # fmt: skip


def _command(plan: Path, place: Path, day: dt.date) -> subprocess.Popen:
    return subprocess.Popen(
        [
            sys.executable, "-m", "hdhplan", "weekly", "--scenario", str(plan), "--status",
            str(place / "weeks"), "--out", str(place / "reports"), "--draws", str(DRAWS),
            "--as-of", str(day), "--force",
        ],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _orphans(parents: list[int]) -> list[str]:
    """Kernels that still run though the process that started them is gone."""
    wanted, found = {f"JPY_PARENT_PID={pid}".encode() for pid in parents}, []
    for path in PROC.glob("[0-9]*/environ"):
        try:
            if wanted & set(path.read_bytes().split(b"\0")):
                found.append(path.parent.name)
        except OSError:  # gone meanwhile, or another user's
            continue
    return found


# --- cost


def _cost(count: int, say) -> tuple[list[Row], list[Check]]:
    """The last shipped week, the eleven before it published, against an empty notebook."""
    with tempfile.TemporaryDirectory() as folder:
        empty = empty_notebook(Path(folder))
        weekly = ("-m", "hdhplan", "weekly", "--out", folder + "/reports", "--as-of", "2026-11-20")
        child(*weekly)  # catches up
        commands = {
            "empty": ("-m", "papermill", "--no-progress-bar", str(empty), str(empty) + ".out"),
            "weekly": (*weekly, "--force"),
        }
        cpu: dict[str, list[float]] = {name: [] for name in commands}
        wall: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(count):
            for name, command in commands.items():
                seconds, waited = child_cpu(*command)
                cpu[name].append(seconds)
                wall[name].append(waited)
        made = sum(map(_whole, Path(folder, "reports").glob("example-*")))
    for name in commands:
        say(f"{name}: {min(cpu[name]):.1f} s CPU, {min(wall[name]):.1f} s")
    what = "a week, 65,536 draws, one language, eleven before it; empty notebook, pandas and matplotlib"
    return [
        Row("weekly", f"{what}, CPU", ratios(cpu, "weekly", "empty"), at_most=5),
        Row("weekly", "the same, wall time", ratios(wall, "weekly", "empty")),
    ], [Check("weeks of the example, whole", made, 12, 0)]  # fmt: skip
