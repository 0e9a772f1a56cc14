"""Peak memory of a million draws of the base plan, in a process of its own."""

from __future__ import annotations

from benchmarks.measure import Check, Row, child

DRAWS = 1_000_000
_RUN = """
import hdhplan, sys
forecast = hdhplan.simulate(hdhplan.load_plan("base"), {draws})
assert forecast.draws == {draws} and 0 < forecast.p_both < 1
try:  # of this very process: what getrusage gives begins with its parent's peak
    with open("/proc/self/status") as status:
        print(*(int(line.split()[1]) / 1e3 for line in status if line.startswith("VmHWM")))
except OSError:
    from resource import RUSAGE_SELF, getrusage
    print(getrusage(RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))
"""


def run(count: int, say) -> tuple[list[Row], list[Check]]:
    """Measure once, besides a run of a thousand draws: what the libraries take by themselves."""
    del count
    found = []
    for draws, limit in ((1_000, None), (DRAWS, 250.0)):
        peak = float(child("-c", _RUN.format(draws=draws)))
        what = f"{draws:,} draws of the base plan, peak"
        found.append(Row("memory", what, (peak,), "MB", at_most=limit))
    return found, []
