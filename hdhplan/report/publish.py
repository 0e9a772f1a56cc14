"""Publishing: a reader sees the old report or the new one, whatever fails and whenever."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: [s] a second run of one report waits this long for the first.
PATIENCE = 600


class ReportError(Exception):
    """A report was not published; what was published before is untouched."""


@contextmanager
def workshop(root: Path, name: str, say: Callable[[str], None]) -> Iterator[Path]:
    """Lend an empty folder to make the report ``name`` in, to one process at a time.

    It is gone afterwards, and so are those that dead processes left.
    """
    root.mkdir(parents=True, exist_ok=True)
    with only_one(root / f".lock-{name}", say, name):
        _sweep(root, name)
        made = root / f".partial-{name}-{os.getpid()}"
        made.mkdir()
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


@contextmanager
def only_one(path: Path, say: Callable[[str], None], name: str) -> Iterator[None]:
    """Let one process through; the system frees the lock when its holder dies."""
    with path.open("a+b") as handle:
        started = time.monotonic()
        told = False
        while not _locked(handle):
            if not told:
                say(f"Another run is making the report {name}: waiting for it.")
                told = True
            if time.monotonic() - started > PATIENCE:
                raise ReportError(
                    f"Another run has been making the report {name} for {PATIENCE // 60} minutes.\n"
                    "Wait for it or stop it, then try again. Nothing was changed."
                )
            time.sleep(0.1)
        yield


def _locked(handle) -> bool:
    if os.name == "nt":
        import msvcrt

        try:
            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(root: Path, name: str) -> None:
    """Clear what runs of this report left when they were killed: we hold their lock, so they are.

    A report that was killed between the two renames of `_replace` stands aside: it comes back.
    """
    for aside in sorted(root.glob(f".old-{name}-*")):
        if re.fullmatch(rf"\.old-{name}-\d+", aside.name):
            if not (root / name).exists():
                aside.replace(root / name)
            shutil.rmtree(aside, ignore_errors=True)
    for partial in root.glob(f".partial-{name}-*"):
        if re.fullmatch(rf"\.partial-{name}-\d+", partial.name):
            shutil.rmtree(partial)


def write(path: Path, data: bytes) -> None:
    """Write a file to the disk itself, not only to the system's memory of it."""
    with path.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


def write_in_place(path: Path, data: bytes) -> None:
    """Replace a file by a whole one."""
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        write(beside, data)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def publish(made: Path, place: Path) -> None:
    """Put a finished folder in the place of the published one."""
    _sync(made)
    if not place.exists():
        made.replace(place)
    elif not exchange(made, place):
        _replace(made, place)
    with suppress(OSError):  # it is published: the disk may learn of the names a little later
        _sync(place.parent)


def _replace(made: Path, place: Path) -> None:
    """Rename twice where nothing can be exchanged; the old one comes back if the new one fails."""
    aside = place.with_name(f".old-{place.name}-{os.getpid()}")
    place.replace(aside)
    try:
        made.replace(place)
    except BaseException:
        aside.replace(place)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders at one stroke; say whether this system can."""
    if sys.platform != "linux":
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    if rename is None:
        return False
    if rename(here, os.fsencode(one), here, os.fsencode(other), swap) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def _sync(folder: Path) -> None:
    """Make renames and names in a folder durable, where a folder can be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
