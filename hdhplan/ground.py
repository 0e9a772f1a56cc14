"""Write ``environment.yml``, the conda route, from ``pyproject.toml``.

Run ``python -m hdhplan.ground`` after a change of dependencies; a test keeps the two equal.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE_PYTHON = "3.13"
CONDA_NAMES = {
    "matplotlib": "matplotlib-base",  # without the Qt toolkit
    "playwright": "playwright-python",  # conda-forge's `playwright` is the JavaScript one
}
HEADER = """\
# Written by `python -m hdhplan.ground` from pyproject.toml: change it there.
# conda env create -f environment.yml && conda activate hdhplan
"""


def conda_spec(requirement: str) -> str:
    """Turn a plain requirement of pyproject into a conda spec.

    >>> conda_spec("matplotlib>=3.10,<4")
    'matplotlib-base>=3.10,<4'
    """
    found = re.fullmatch(r"([A-Za-z0-9._-]+)((?:[<>=!~]=?[0-9][0-9.]*,?)*)", requirement)
    if not found:
        raise ValueError(f"{requirement}: only a name and bounds have a conda spelling")
    name, bounds = found.groups()
    return CONDA_NAMES.get(name.lower(), name.lower()) + bounds


def environment(root: Path = ROOT) -> str:
    """Return the text of ``environment.yml``: Python, run-time needs, tools, the project."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    runtime = sorted(conda_spec(line) for line in project["dependencies"])
    tools = sorted(conda_spec(line) for line in project["optional-dependencies"]["dev"])
    lines = [
        f"name: {project['name']}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python={REFERENCE_PYTHON}",
        *(f"  - {spec}" for spec in runtime),
        "  # tests and style",
        *(f"  - {spec}" for spec in tools),
        "  - pip",
        "  - pip:",
        "      - -e .",
    ]
    return HEADER + "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment(), encoding="utf-8", newline="\n")
