"""The notebooks as anyone runs them: from a shell, twice, and with a damaged model."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from hdhplan.reading import load_plan
from hdhplan.report.notebook import displayed, home, kernel_environment
from hdhplan.report.refresh import refresh_notebooks
from hdhplan.result import RESULT_MIME
from hdhplan.simulation import simulate

pytestmark = pytest.mark.slow

BOOKS = home() / "notebooks"
MEMOS = ("1_volumes", "2_transfer", "3_costs", "4_timeline", "5_risk")


def test_anyone_runs_a_memo_as_the_readme_says(tmp_path):
    """`papermill` by itself, from another folder than the project's."""
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", str(BOOKS / "5_risk.ipynb"), str(out)]
    asked = ["-p", "scenario", "frugal", "-p", "draws", "5000"]
    done = subprocess.run(
        [*command, *asked], env=kernel_environment(), cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (result,) = displayed(nbformat.read(out, as_version=4), RESULT_MIME)
    wanted = simulate(load_plan("frugal"), 5000, 1)
    assert result["data"]["odds"]["date"] == wanted.p_date


def test_refreshing_the_notebooks_twice_gives_the_same_bytes(tmp_path):
    for name in MEMOS:
        text = (BOOKS / f"{name}.ipynb").read_text(encoding="utf-8")
        fewer = re.sub(r"draws: int = \d+", "draws: int = 200", text)
        assert fewer != text
        (tmp_path / f"{name}.ipynb").write_text(fewer, encoding="utf-8")
    first = refresh_notebooks(tmp_path)
    assert [path.stem for path in first] == list(MEMOS)
    once = {path: path.read_bytes() for path in first}
    assert refresh_notebooks(tmp_path) == []
    assert {path: path.read_bytes() for path in first} == once


def compared(root: Path, name: str) -> tuple[int, str]:
    """Exit code and words of the comparing plugin on a notebook of a copied project."""
    lax = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "120"]
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(root)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *lax, *quiet, str(root / "notebooks" / f"{name}.ipynb")],
        env=kernel_environment() | {"PYTHONPATH": str(root)},
        cwd=root, capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", ["2_transfer"])
def test_a_damaged_constant_does_not_go_unnoticed(name, tmp_path):
    """A copy of the project passes; with one constant wrong by a tenth it fails, and says where."""
    for folder in ("hdhplan", "data"):
        skipped = shutil.ignore_patterns("tests", "__pycache__")
        shutil.copytree(home() / folder, tmp_path / folder, ignore=skipped)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(BOOKS / f"{name}.ipynb", tmp_path / "notebooks")
    whole, said = compared(tmp_path, name)
    assert whole == 0, said[-2000:]
    units = tmp_path / "hdhplan" / "units.py"
    damaged = units.read_text(encoding="utf-8").replace(
        "TB_PER_DAY_PER_GBPS = 10.8", "TB_PER_DAY_PER_GBPS = 11.88"
    )
    assert damaged != units.read_text(encoding="utf-8")
    units.write_text(damaged, encoding="utf-8")
    failed, said = compared(tmp_path, name)
    assert failed == 1
    assert "1 failed" in said
    assert "# NBVAL_CHECK_OUTPUT" in said
