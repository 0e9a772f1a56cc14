"""Notebooks: run one with papermill in this very Python, judge the run, tidy what it left."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hdhplan.errors import Fault, InputError, nearest

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: [s]
START_TIMEOUT, CELL_TIMEOUT = 60, 900
#: All that a kernel gets to see of the environment: no credential is among them.
_ALLOWED = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "COMSPEC",
    "PATHEXT", "APPDATA", "LOCALAPPDATA", "USERPROFILE", "PROGRAMDATA", "LD_LIBRARY_PATH",
    "OMP_NUM_THREADS", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "XDG_RUNTIME_DIR", "MPLCONFIGDIR",
)  # fmt: skip
#: Words of the two errors that jupyter_client raises when a kernel does not even start.
_NOT_STARTED = ("Kernel died before replying", "Kernel didn't respond")
#: Tag of a cell whose output is controls, new in every run: it is kept without them.
LIVE = "live"
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class RunError(Exception):
    """A notebook did not run to its end; the message names the cell and why, in a line or two."""


def home() -> Path:
    """The project's directory: what the kernel runs in, and finds this package in."""
    return Path(__file__).resolve().parents[2]


def check_parameters(notebook: Path, given: dict[str, Any]) -> None:
    """Refuse parameters that a notebook does not have, or of another type: papermill only logs.

    Raises
    ------
    InputError
    """
    from papermill import inspect_notebook

    known = inspect_notebook(_brace(notebook))
    faults = []
    for name, value in given.items():
        if name not in known:
            found = f"{notebook.name} has no such parameter"
            faults.append(Fault("parameters", None, name, found, "", nearest(name, known)))
            continue
        wanted, found = known[name]["inferred_type_name"], type(value).__name__
        inner = {type(item).__name__ for item in value} if type(value) is list else set()
        if found != wanted or inner - {"str"}:
            found = " of ".join([found, *sorted(inner)])
            faults.append(Fault("parameters", None, name, f"a {found}", f"a {wanted}"))
    if faults:
        raise InputError(faults)


def _brace(path: Path) -> str:
    """Escape a path for papermill, which reads it as a format string."""
    return str(path).replace("{", "{{").replace("}", "}}")


def execute(notebook: Path, output: Path, parameters: dict[str, Any] | None = None) -> NotebookNode:
    """Run a notebook and return it executed; ``output`` holds what there is, whatever happens.

    Raises
    ------
    RunError
        Also where papermill is content: a notebook counts as run when every cell was.
    """
    import nbformat

    if parameters:
        check_parameters(notebook, parameters)
    for attempt in (1, 2):
        begun: list[NotebookNode] = []
        try:
            with _kept(begun, output):
                node = _papermill(notebook, output, parameters or {}, begun)
            break
        except RuntimeError as error:
            # Ports are chosen before they are bound: another process may take one meanwhile.
            if attempt == 2 or not str(error).startswith(_NOT_STARTED):
                raise RunError(_reason(error, output)) from error
        except Exception as error:
            if isinstance(error, OSError) and not _timed_out(error):
                raise  # the disk, not the notebook
            if getattr(error, "ename", "") == "KeyboardInterrupt":
                raise KeyboardInterrupt from None
            raise RunError(_reason(error, output)) from error
    for number, cell in enumerate(_code(node), 1):
        if cell.source.strip() and not cell.execution_count:
            raise RunError(f"cell {number} was never run")
    nbformat.validate(node)
    return node


def _timed_out(error: Exception) -> bool:
    return type(error).__name__ == "CellTimeoutError"  # itself an OSError, through TimeoutError


@contextmanager
def _kept(begun: list[NotebookNode], output: Path) -> Iterator[None]:
    """Write what there is of a run that papermill leaves unwritten: once, not at every cell."""
    import nbformat

    try:
        yield
    except BaseException:
        if begun and not output.exists():
            nbformat.write(begun[0], output)
        raise


def _papermill(
    notebook: Path, output: Path, parameters: dict[str, Any], begun: list[NotebookNode]
) -> NotebookNode:
    """Run a notebook; what has begun to run is put in a list."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # papermill's own dependencies talk on stderr
        import papermill
        from traitlets.config import Config

        return papermill.execute_notebook(
            _brace(notebook),
            _brace(output),
            parameters,
            kernel_name="python3",
            kernel_manager_class=_kernel_manager(),
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            shutdown_kernel="immediate",  # it holds nothing, and would complain of the signal
            cwd=str(home()),
            progress_bar=False,
            log_output=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            on_notebook_start=lambda notebook: begun.append(notebook),
            start_timeout=START_TIMEOUT,
            execution_timeout=CELL_TIMEOUT,
        )


def _kernel_manager() -> type:
    """Make a manager whose kernel is this Python, whatever is installed, with few variables.

    Without directories to search, jupyter_client falls back on the kernel that ipykernel makes of
    ``sys.executable``.
    """
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager
    from traitlets import default

    class OwnKernel(AsyncKernelManager):
        @default("kernel_spec_manager")
        def _own_specs(self) -> KernelSpecManager:
            return KernelSpecManager(kernel_dirs=[])

        async def start_kernel(self, **options: Any) -> None:
            await super().start_kernel(**options, env=kernel_environment())

    return OwnKernel


def kernel_environment() -> dict[str, str]:
    """Environment of a kernel: an allowed few, and this package before any other of its name."""
    kept = {name: os.environ[name] for name in _ALLOWED if name in os.environ}
    paths = [str(home()), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(str(Path(path).resolve()) for path in paths),
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
        "PYTHONUTF8": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _reason(error: Exception, output: Path) -> str:
    """Say in a line or two where a run stopped and why."""
    if hasattr(error, "evalue"):
        text = "\n".join(_ANSI.sub("", str(error.evalue)).strip().splitlines()[:4])
        line = next((x for x in error.source.splitlines() if x and not x.startswith("#")), "")
        return f"cell {error.exec_count}, {line.strip()[:60]}: {error.ename}: {text}"[:600]
    kind, where = type(error).__name__, _reached(output)
    if kind == "DeadKernelError":
        return f"{where}: the calculation was killed (out of memory? fewer draws need less)"
    if _timed_out(error):
        return f"{where}: not done after {CELL_TIMEOUT} s"
    return f"{where}: {kind}: {str(error).strip().splitlines()[0] if str(error) else ''}"[:300]


def _reached(output: Path) -> str:
    """Name the first cell without a number: the one that was running."""
    import nbformat

    try:
        cells = list(_code(nbformat.read(output, as_version=4)))
    except (OSError, ValueError):
        return "before the first cell"
    done = sum(1 for cell in cells if cell.execution_count)
    return f"cell {min(done + 1, len(cells))}"


def _code(node: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in node.cells if cell.cell_type == "code")


def question(node: NotebookNode) -> tuple[str, str]:
    """What a notebook asks in its heading, in French and in English."""
    heading = next(cell.source for cell in node.cells if cell.cell_type == "markdown")
    french, _, english = heading.partition("\n")[0].removeprefix("# ").partition(" · ")
    return french.strip(), english.strip()


def displayed(node: NotebookNode, mime: str) -> list[Any]:
    """All that a notebook displayed in one format, in order."""
    return [
        output["data"][mime]
        for cell in _code(node)
        for output in cell.outputs
        if mime in output.get("data", {})
    ]


def tidy(node: NotebookNode) -> NotebookNode:
    """Take out what differs from run to run or tells of the machine: equal runs, equal bytes."""
    node.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    node.nbformat, node.nbformat_minor = 4, 5
    for number, cell in enumerate(node.cells):
        cell["id"] = f"cell-{number:02d}"
        tags = cell.metadata.get("tags")
        cell.metadata = {"tags": list(tags)} if tags else {}
        if "outputs" in cell and LIVE in (tags or ()):
            cell.outputs = []
        if "outputs" in cell:
            # Warnings name files of the machine; a failure is an error, not a stream.
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
        for output in cell.get("outputs", ()):
            if "metadata" in output:
                output["metadata"] = {}
    return node


def as_bytes(node: NotebookNode) -> bytes:
    """A notebook as the bytes of its file."""
    import nbformat

    return (nbformat.writes(node, version=4).rstrip("\n") + "\n").encode("utf-8")
