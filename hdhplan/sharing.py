"""A difference shared out among its causes: on average over the orders in which they may change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from hdhplan.paired import around_p80, held, in_parts, p80_of_ended, share
from hdhplan.plan import Plan
from hdhplan.simulation import draw_values


def by_orders(
    orders: Iterable[Sequence[frozenset]], of: Callable[[frozenset], NDArray]
) -> dict[frozenset, NDArray]:
    """Average effect of each group of causes over the orders in which they change, one after another.

    Over all orders this is the value of Shapley: the effects add up to the whole difference.

    Parameters
    ----------
    of
        Measures once some causes have changed; asked for each set of causes many times.

    Examples
    --------
    >>> a, b = frozenset("a"), frozenset("b")
    >>> worth = lambda changed: np.array(float(len(changed) ** 2))
    >>> [float(x) for x in by_orders([(a, b), (b, a)], worth).values()]
    [2.0, 2.0]
    """
    given: dict[frozenset, list[NDArray]] = {}
    for order in orders:
        changed: frozenset = frozenset()
        for group in order:  # what never comes on both sides has no difference: nan
            given.setdefault(group, []).append(of(changed | group) - of(changed))
            changed |= group
    return {group: np.mean(moves, axis=0) for group, moves in given.items()}


def measured(
    plan: Plan, draws: int, seed: int, since: date, measures: Sequence[str]
) -> NDArray:  # fmt: skip
    """Measures of a plan, a row each: over all draws, then over each of their parts.

    ``finish_days`` is the P80 date, averaged around P80 [d since a date], ``cost_eur`` the P80 cost
    [EUR], ``p_both`` and the like odds [1]; nan where the plan asks for none.
    """
    values = draw_values(plan, draws, seed)
    odds = held(plan, values)
    nothing = np.full(draws, np.nan)
    found = {
        "finish_days": in_parts(values["finish_day"] + (plan.start - since).days, around_p80),
        "cost_eur": in_parts(values["cost_eur"], p80_of_ended),
    }
    return np.array(
        [found[m] if m in found else in_parts(odds.get(m, nothing), share) for m in measures]
    )
