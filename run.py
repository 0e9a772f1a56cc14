"""Run hdhplan on a machine that has nothing but Python 3.11, 3.12 or 3.13.

    python run.py report         the report of the base programme, in French and English
    python run.py test           the tests, the notebooks, the style
    python run.py weekly         this week on one page; on the shipped, made-up weeks
    python run.py explore        the explorer as a page: move a lever, see the odds
    python run.py lint           the style alone
    python run.py check base     this, and any other hdhplan command

The first run makes .venv from requirements.lock, every file checked against its hash; later
runs find it ready. Installing talks on stderr, stdout belongs to the command.
"""

# Kept readable by Python 3.8: an old Python must get a sentence, not a SyntaxError.
from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST, TOO_NEW = (3, 11), (3, 14)
BASE_REPORT = ["report", "base", "--lang", "fr", "--lang", "en"]
INTERRUPTED = 130
CTRL_C_ON_WINDOWS = 0xC000013A


class NotInstalledError(Exception):
    """The environment could not be made; the message says why."""


def wrong_python(version):
    """Say why this Python will not do; say nothing when it will."""
    if OLDEST <= tuple(version[:2]) < TOO_NEW:
        return ""
    found = ".".join(str(part) for part in version[:3])
    return (
        f"hdhplan needs Python 3.11, 3.12 or 3.13; {sys.executable} is Python {found}.\n"
        "Install one of them and name it, for example: python3.13 run.py report"
    )


def program(root, name):
    """Return the path of a program of the environment."""
    folder = root / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    return str(folder / (name + ".exe" if os.name == "nt" else name))


def fingerprint(root):
    """Hash all that an environment depends on; a moved or copied tree needs its own."""
    digest = hashlib.sha256(repr((str(root), sys.version_info[:2], sys.platform)).encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def ready(root):
    """Tell whether the environment was made to its end, from these very files."""
    try:
        stamp = (root / ".venv" / "hdhplan.stamp").read_text(encoding="utf-8")
    except OSError:
        return False
    return stamp == fingerprint(root) and Path(program(root, "python")).exists()


@contextmanager
def only_one(path):
    """Let one process through at a time; the system frees the lock when its holder dies."""
    with path.open("a+") as handle:
        told = False
        while not _locked(handle):
            if not told:
                print("Another run is installing: waiting for it.", file=sys.stderr)
                told = True
            time.sleep(0.2)
        yield handle


def _locked(handle):
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


def installer(root):
    """Return the commands that make the environment: with uv where it answers, else with pip."""
    base = getattr(sys, "_base_executable", None) or sys.executable  # may itself run in .venv
    make = [base, "-m", "venv", str(root / ".venv")]
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        make.insert(3, "--without-pip")
        install = [uv, "pip", "install", "--python", program(root, "python")]
    else:
        install = [program(root, "python"), "-m", "pip", "install", "--no-input"]
    lock = ["--require-hashes", "-r", str(root / "requirements.lock")]
    itself = ["--no-deps", "--no-build-isolation", "-e", str(root)]
    return [make, [*install, *lock], [*install, *itself]]


def prepare(root):
    """Make the environment unless it is there; remake one that is half made or out of date."""
    if ready(root):
        return
    with only_one(root / ".venv.lock") as held:
        if ready(root):  # the other run made it
            return
        if (root / ".venv").exists():
            shutil.rmtree(root / ".venv")
        lock = (root / "requirements.lock").read_text(encoding="utf-8")
        count = len(set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)))
        label = f"Installing {count} packages, this once: "
        print(label, end="", file=sys.stderr, flush=True)
        started = time.monotonic()
        for command in installer(root):
            _install(command, root, held, lambda: _elapsed(label, started))
        print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
        (root / ".venv" / "hdhplan.stamp").write_text(fingerprint(root), encoding="utf-8")


def _elapsed(label, started):
    if sys.stderr.isatty():
        text = f"\r{label}{time.monotonic() - started:.0f} s\r{label}"
        print(text, end="", file=sys.stderr, flush=True)


def _install(command, root, held, tick):
    # The child keeps the lock: should this process be killed, nobody builds beside its child.
    keep = {"pass_fds": (held.fileno(),)} if os.name == "posix" else {}
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(command, cwd=root, stdout=log, stderr=log, **keep)
        try:
            while child.poll() is None:
                time.sleep(0.1)
                tick()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
        if child.returncode:
            log.seek(0)
            said = log.read().decode("utf-8", "replace").strip().splitlines()[-15:]
            reason = "\n".join(f"  {line}" for line in said)
            raise NotInstalledError(f"failed.\n{reason}\nNothing was run. Mend this and try again.")


def follow(command, **options):
    """Run a command to its end and return its exit code, as a shell would."""
    child = subprocess.Popen(command, **options)
    try:
        code = child.wait()
    except KeyboardInterrupt:
        try:  # the terminal told the child as well: let it tidy up
            child.wait(timeout=20)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            child.terminate()
            child.wait()
        return INTERRUPTED
    if code == CTRL_C_ON_WINDOWS:
        return INTERRUPTED
    return 128 - code if code < 0 else code


def become(command):
    """Run a command in the place of this process, so that signals reach it and no other."""
    if os.name == "nt":  # where exec returns to the shell at once
        return follow(command)
    return os.execv(command[0], command)


def checks(root, arguments):
    """Return the named steps of the test command; arguments are for pytest alone."""
    pytest = [program(root, "python"), "-m", "pytest"]
    steps = {"tests": [*pytest, "-n", "2", "--dist", "loadfile", *arguments]}
    if arguments:
        return steps
    if any((root / "notebooks").glob("*.ipynb")):
        lax = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "120"]
        steps["notebooks"] = [*pytest, *lax, "-p", "no:cacheprovider", "notebooks"]
    return {**steps, **style(root)}


def style(root):
    """Return the named steps that read the code without running it."""
    ruff = program(root, "ruff")
    return {"ruff check": [ruff, "check", "."], "ruff format": [ruff, "format", "--check", "."]}


def run_all(steps, root):
    """Run every step, sum up, and return the exit code of the first that failed."""
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    first, lines = 0, []
    for name, command in steps.items():
        started = time.monotonic()
        code = follow(command, cwd=root, env=environment)
        if code == INTERRUPTED:
            return code
        verdict = f"failed ({code})" if code else "passed"
        lines.append(f"  {name:<12} {verdict:<12} {time.monotonic() - started:4.0f} s")
        first = first or code
    print("\n".join(["", *lines]), file=sys.stderr, flush=True)
    return first


def main(arguments, version=None):
    """Make the environment if need be, run what is asked and return its exit code."""
    problem = wrong_python(version or sys.version_info)
    if problem or not arguments:
        print(problem or __doc__.strip(), file=sys.stderr)
        return 2
    try:
        prepare(ROOT)
    except KeyboardInterrupt:
        print("interrupted.", file=sys.stderr)
        return INTERRUPTED
    except (NotInstalledError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1
    if arguments[0] == "test":
        return run_all(checks(ROOT, arguments[1:]), ROOT)
    if arguments == ["lint"]:
        return run_all(style(ROOT), ROOT)
    asked = BASE_REPORT if arguments == ["report"] else arguments
    return become([program(ROOT, "hdhplan"), *asked])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
