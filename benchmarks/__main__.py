"""Run the benchmarks, or the parts of them that are named, and print one table."""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

PARTS = ("engine", "memory", "imports", "report", "draws", "explorer")
#: Long ones, and those that measure no time: only where they are named. Of some a table is kept, by heading.
NAMED = ("figures", "calibration", "weekly")
KEPT = {"calibration": "## Calibration", "weekly": "## Weekly"}
README = Path(__file__).with_name("README.md")
_LAST = "## Last run"


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 if an answer is wrong, else 0, whatever the times are."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # before numpy is imported
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        help=f"of {', '.join(PARTS)} (all of these by default), {', '.join(NAMED)}",
    )
    parser.add_argument("--rounds", type=int, default=7, help="at least 7 (default)")
    kept = f"keep the table in README.md, of all or of {', '.join(KEPT)} alone"
    parser.add_argument("--keep", action="store_true", help=kept)
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - {*PARTS, *NAMED}:
        known = ", ".join((*PARTS, *NAMED))
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {known}")
    heading = KEPT.get(*asked.parts) if len(asked.parts) == 1 else None
    if asked.keep and asked.parts and not heading:
        parser.error(f"--keep keeps the whole table: name no part, or only {' or '.join(KEPT)}")
    rows, checks, tables = [], [], []
    for part in asked.parts or PARTS:
        found = import_module(f"benchmarks.{part}").run(max(asked.rounds, 7), _say)
        rows += found[0]
        checks += found[1]
        tables += found[2:]
    agreed = f" {sum(c.passed for c in checks)} of {len(checks)} answers agree." if checks else ""
    tables += [_table(rows)] if rows else []
    text = "\n\n".join([*tables, f"{date.today().isoformat()}. {_machine()}{agreed}"])
    print(text)
    if asked.keep:
        _keep(text, heading or _LAST)
    return 0 if all(check.passed for check in checks) else 1


def _keep(text: str, heading: str) -> None:
    """Put tables in the place of the last ones under a heading; what is said above these stays."""
    section = re.compile(rf"(?<={re.escape(heading)}\n)(.*?\n)\|.*?(?=\n## |\Z)", re.DOTALL)
    old = README.read_text(encoding="utf-8")
    README.write_text(section.sub(lambda found: f"{found[1]}{text}\n", old), encoding="utf-8")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _table(rows) -> str:
    lines = [
        "| part | what | target | measured: median (least–greatest) | |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(f"| {row.part} | {row.what} | {row.target} | {row.measured} | {row.verdict} |")
    return "\n".join(lines)


def _machine() -> str:
    """The machine without its name."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{_processor()}, {os.cpu_count()} cores{load}; {platform.system()}, "
        f"Python {platform.python_version()}, numpy {version('numpy')}."
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
