"""A report against an empty papermill notebook, ten scenarios compared against a report: fresh processes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.measure import Check, Row, child_cpu, ratios

#: The scenarios compared, the reference first.
TEN = (
    "base", "accelerated", "frugal", "zero_interruption", "big_bang", "wait_for_qualification",
    "ovhcloud", "outscale", "evidence", "stress",
)  # fmt: skip


def run(count: int, say) -> tuple[list[Row], list[Check]]:
    """Measure CPU of the whole tree of processes; wall time stands beside it."""
    with tempfile.TemporaryDirectory() as folder:
        empty = empty_notebook(Path(folder))
        commands = {
            "empty": ("-m", "papermill", "--no-progress-bar", str(empty), str(empty) + ".out"),
            "report": ("-m", "hdhplan", "report", "base", "--out", str(Path(folder) / "reports")),
            "ten": ("-m", "hdhplan", "compare", *TEN, "--json", "--draws", "10000"),
        }
        cpu: dict[str, list[float]] = {name: [] for name in commands}
        wall: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(count + 1):
            for name, command in commands.items():
                seconds, waited = child_cpu(*command)
                if turn:  # the first one compiles
                    cpu[name].append(seconds)
                    wall[name].append(waited)
        check = _check(Path(folder) / "reports" / "base")
    say(str(check))
    for name in commands:
        say(f"{name}: {min(cpu[name]):.1f} s CPU, {min(wall[name]):.1f} s")
    what = "base, 262,144 draws, one language; empty notebook, pandas and matplotlib"
    return [
        Row("report", f"{what}, CPU", ratios(cpu, "report", "empty"), at_most=3),
        Row("report", "the same, wall time", ratios(wall, "report", "empty")),
        Row("report", "ten scenarios compared, 10,000 draws; one report, CPU",
            ratios(cpu, "ten", "report"), at_most=4),
    ], [check]  # fmt: skip


def empty_notebook(folder: Path) -> Path:
    """Write a notebook that does nothing but import what every report needs."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    cells = [new_code_cell("import pandas"), new_code_cell("import matplotlib.pyplot")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / "empty.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def _check(folder: Path) -> Check:
    """The report's draws are those of a run of the engine."""
    from hdhplan.reading import load_plan
    from hdhplan.simulation import simulate

    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    forecast = simulate(load_plan("base"), result["meta"]["draws"], result["meta"]["seed"])
    told = result["data"]["odds"]["both"]
    return Check("P(date and budget) of the report", float(told), float(forecast.p_both), 1e-3)
