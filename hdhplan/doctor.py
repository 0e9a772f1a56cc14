"""What this machine has and lacks: for `hdhplan doctor`."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from hdhplan import __version__
from hdhplan.facts import data_folder
from hdhplan.quality import Findings

#: What each package is for; the report does not work without any of them.
NEEDED = {
    "numpy": "the engine",
    "pydantic": "plan files",
    "ruamel.yaml": "plan files",
    "holidays": "French working days",
    "matplotlib": "charts",
    "papermill": "reports",
    "ipykernel": "reports",
    "jinja2": "pages",
    "nh3": "pages",
    "babel": "French formats",
    "pandas": "tables",
    "jupyterlab": "notebooks",
}
#: Programs that are of use, and what for.
PROGRAMS = {
    "git": "the commit in a report's manifest",
    "soffice": "workbooks recalculated in tests",
}


def examine_machine() -> Findings:
    """Examine Python, packages, programs and folders; not ok where a report could not be made."""
    lines = [f"hdhplan {__version__}, Python {platform.python_version()}, {platform.system()}"]
    packages, missing = {}, []
    for name, purpose in NEEDED.items():
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = None
            missing.append(f"{name} is missing ({purpose}): run `python run.py doctor`")
    lines += [f"  {name} {found}" for name, found in packages.items() if found]
    programs = {name: shutil.which(name) is not None for name in PROGRAMS}
    warnings = [
        f"{name} is not installed: {PROGRAMS[name]} go without"
        for name, there in programs.items()
        if not there
    ]
    reason = _no_pdf() if not missing else "No PDF without the packages that are missing."
    lines.append(f"  report --pdf {'cannot be made' if reason else 'can be made'}")
    warnings += [reason] if reason else []
    folders, unwritable = _folders()
    lines += [f"  {name}/ {state}" for name, state in folders.items()]
    data = {
        "version": __version__,
        "python": platform.python_version(),
        "executable_is_venv": sys.prefix != sys.base_prefix,
        "packages": packages,
        "programs": programs,
        "pdf": not reason,
        "folders": folders,
    }
    return Findings(
        lines, data, missing + unwritable + warnings, {}, ok=not missing and not unwritable
    )


def _no_pdf() -> str:
    # Imported here: the room of reports does not open where its packages are missing.
    from hdhplan.report.printing import why_no_pdf

    return why_no_pdf()


def _folders() -> tuple[dict[str, str], list[str]]:
    """Folders of the project, whether they are there, and whether reports can be written."""
    home = data_folder().parent
    found = {
        name: "there" if (home / name).is_dir() else "missing" for name in ("data", "notebooks")
    }
    reports = home / "reports"
    found["reports"] = "can be written" if _writable(reports) else "cannot be written"
    wrong = [f"{name}/ is missing" for name, state in found.items() if state == "missing"]
    if found["reports"] != "can be written":
        wrong.append("reports/ cannot be written: give --out a folder that can")
    free_mb = shutil.disk_usage(home).free / 1e6
    if free_mb < 100:
        wrong.append(f"{free_mb:.0f} MB free on the disk; a report takes about 5")
    return found, wrong


def _writable(folder: Path) -> bool:
    probe = folder / ".doctor"
    try:
        folder.mkdir(exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError:
        return False
    return True
