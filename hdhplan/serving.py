"""The explorer as a page: Voilà on this machine's own address, with a token, and nothing else served."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from hdhplan.report.notebook import home, kernel_environment

#: Port on which Voilà answers by itself.
PORT = 8866
#: How Voilà is set up: loopback, files closed, extensions denied, kernels culled.
CONFIGURATION = Path(__file__).with_name("data")
NOTEBOOK = "explorer.ipynb"
#: Seconds that a server has to end its kernels. [s]
_GRACE = 15


def command(folder: Path, port: int, base_url: str) -> list[str]:
    """Return the command that serves the one notebook in a folder, at the root of its port.

    ``base_url`` is where a proxy shows it: its links begin there. Voilà answers there itself too,
    unless told the root; but then a login is asked for for ever, as it forgets the login's path.
    """
    return [
        sys.executable, "-m", "voila", str(folder / NOTEBOOK), f"--port={port}",
        f"--base_url={base_url}", "--Voila.server_url=/", f"--Voila.root_dir={folder}",
        f"--Voila.config_file_paths={CONFIGURATION}", "--Voila.port_retries=0",
    ]  # fmt: skip


def environment(folder: Path, token: str) -> dict[str, str]:
    """Return what the server sees: an allowed few, no settings of the user's, and the token.

    A command line can be read by everybody on a machine, an environment by its owner alone.
    """
    own = {"JUPYTER_CONFIG_DIR": str(folder / "none"), "JUPYTER_RUNTIME_DIR": str(folder / "run")}
    own |= {"JUPYTER_TOKEN": token, "PYTHONWARNINGS": "ignore"}
    return kernel_environment() | own | {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_NO_CONFIG": "1"}


def serve(port: int, base_url: str, lang: str, say: Callable[[str], None]) -> int:
    """Serve the explorer until it is told to end; return the server's exit code."""
    token = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="hdhplan-") as root:
        folder = Path(root) / "served"
        folder.mkdir()
        text = (home() / "notebooks" / NOTEBOOK).read_text(encoding="utf-8")
        # The folder that is served holds this one file, and it is gone with the server.
        served = folder / NOTEBOOK
        served.write_text(
            text.replace('lang: str = \\"fr\\"', f'lang: str = \\"{lang}\\"'), "utf-8"
        )
        shutil.copymode(home() / "notebooks" / NOTEBOOK, served)
        say(f"Explorer: http://127.0.0.1:{port}/  token: {token}")
        if base_url != "/":
            say(f"To be reached through a proxy that passes {base_url} on to this address.")
        say("Only this machine reaches it. Ctrl-C ends it.")
        child = subprocess.Popen(
            command(folder, port, base_url), env=environment(Path(root), token), cwd=folder,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        try:
            return child.wait()
        except KeyboardInterrupt:
            return _ended(child)


def _ended(child: subprocess.Popen) -> int:
    """End a server that the terminal may have told already."""
    try:
        child.wait(timeout=_GRACE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        child.terminate()
        child.wait(timeout=_GRACE)
    return 0 if os.name != "nt" else child.returncode
