"""The draws behind what is shown: a state is made ready once and drawn once, whatever is asked of it.

The headline asks for dates and money alone, the views for the whole forecast of the same draws.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hdhplan.explorer_plans import plan_of
from hdhplan.explorer_state import State
from hdhplan.forecast import Forecast
from hdhplan.inputs import Sample, draw_whole
from hdhplan.model import Model
from hdhplan.outcome import Outcome, run_block
from hdhplan.paired import held
from hdhplan.plan import Plan
from hdhplan.priority import prepare
from hdhplan.simulation import forecast_of as forecast_from
from hdhplan.simulation import values_of

#: Draws while a lever moves, and once it rests.
DRAGGING, RESTING = 2_000, 10_000
SEED = 1
#: How much of a forecast is worked out: dates and money; budget years and waves too; all of it.
Depth = Literal["dates", "years", "all"]


@lru_cache(maxsize=32)
def ready(state: State) -> Model:
    """Make the plan of a state ready to run."""
    return prepare(plan_of(state))


@lru_cache(maxsize=3)
def _sample(state: State, draws: int) -> Sample:
    """The draws of a state's inputs; the last few are kept, as what is worked out of them is small."""
    known = _last.get(draws)
    _last[draws] = draw_whole(ready(state).inputs, SEED, draws, known)
    return _last[draws]


#: The last sample of as many draws: a move changes few of its inputs.
_last: dict[int, Sample] = {}


@lru_cache(maxsize=3)
def _dates(state: State, draws: int) -> Outcome:
    """What the headline and the timeline are made of."""
    return run_block(ready(state), _sample(state, draws), "bare")


@lru_cache(maxsize=64)
def drawn(state: State, draws: int) -> tuple[Plan, dict[str, NDArray]]:
    """Draw dates, money and interruptions of a state: what the headline needs and nothing else."""
    return ready(state).plan, values_of(ready(state), _dates(state, draws))


@lru_cache(maxsize=32)
def forecast_of(state: State, draws: int, depth: Depth = "all") -> Forecast:
    """Forecast a state from the same draws, as deep as what shows it needs."""
    if depth == "dates":
        outcome = _dates(state, draws)
    else:
        outcome = run_block(ready(state), _sample(state, draws), "detail")
    return forecast_from(ready(state), outcome, SEED, quick=depth != "all")


def odds_of(state: State, draws: int) -> dict[str, float]:
    """Odds of date, budget, both, continuity and all. [1]"""
    plan, values = drawn(state, draws)
    return {name: float(np.mean(which)) for name, which in held(plan, values).items()}
