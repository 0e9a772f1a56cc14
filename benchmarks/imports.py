"""What importing costs, against numpy, each in a fresh process."""

from __future__ import annotations

from benchmarks.measure import Check, Row, child, ratios

_IMPORTS = {
    "numpy": "import numpy",
    "hdhplan": "import hdhplan",
    "engine": "from hdhplan import load_plan, simulate",
}
_RUN = "import time; begun = time.process_time(); {}; print(time.process_time() - begun)"


def run(count: int, say) -> tuple[list[Row], list[Check]]:
    """Measure CPU inside each process, so that starting Python counts for nobody."""
    times: dict[str, list[float]] = {name: [] for name in _IMPORTS}
    for turn in range(count + 1):
        for name, statement in _IMPORTS.items():
            seconds = float(child("-c", _RUN.format(statement)))
            if turn:  # the first one compiles
                times[name].append(seconds)
    light, heavy = ratios(times, "hdhplan", "numpy"), ratios(times, "engine", "numpy")
    say(f"import numpy: {min(times['numpy']) * 1e3:.0f} ms")
    return [
        Row("imports", "import hdhplan, import numpy", light, at_most=3),
        Row("imports", "from hdhplan import load_plan, simulate; import numpy", heavy),
    ], []
