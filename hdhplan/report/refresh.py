"""The committed notebooks: each run from first cell to last, and kept as that leaves it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from hdhplan.errors import Fault, InputError, nearest
from hdhplan.report.notebook import RunError, as_bytes, execute, home, tidy
from hdhplan.report.publish import ReportError, write_in_place


def refresh_notebooks(folder: Path | None = None, names: Iterable[str] | None = None) -> list[Path]:
    """Run notebooks with their default parameters and put them in the place of their sources.

    Parameters
    ----------
    folder
        Where they are; ``notebooks`` of the project by default.
    names
        Which ones, with or without ending; all by default.

    Returns
    -------
    list of Path
        Those whose bytes changed. A second run changes none.

    Raises
    ------
    InputError
        For a name that is no notebook.
    ReportError
        If one does not run to its end; it is left as it was.
    """
    folder = Path(folder) if folder else home() / "notebooks"
    known = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    asked = [Path(name).stem for name in names or known]
    if unknown := [name for name in asked if name not in known]:
        fix = nearest(unknown[0], known)
        raise InputError(Fault(str(folder), None, "", f"no notebook {unknown[0]!r}", "", fix))
    return [known[name] for name in asked if _refresh(known[name])]


def _refresh(path: Path) -> bool:
    """Run one notebook; tell whether its file changed."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            node = execute(path, Path(folder) / path.name)
        except RunError as error:
            raise ReportError(f"{path} was left as it was: {error}") from error
    new = as_bytes(tidy(node))
    if new == path.read_bytes():
        return False
    write_in_place(path, new)
    return True
