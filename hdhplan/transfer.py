"""Transfer: how fast a route moves a dataset, which limit binds, and who gives way to whom.

A copy is work in *route-days*: its volume over the rate at which the route moves that dataset when
it has it to itself. Datasets already copied keep a share of the route for what is rewritten at the
source, until their wave freezes; a copy runs on what they leave. Bytes in are bytes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdhplan.plan import Plan
from hdhplan.quantities import Range
from hdhplan.scope import Route
from hdhplan.units import NEVER_DAY, SECONDS_PER_DAY, TB_PER_DAY_PER_GBPS

#: What may limit a copy, in the order in which ties are named.
LIMITS = (
    "link", "source", "target", "requests", "target_requests", "streams", "movers", "appliance",
)  # fmt: skip
#: Value of a quantity of a route in each draw, by field; None where the plan leaves it out.
Values = Callable[[str], NDArray | None]


def link_tb_per_day(rate_gbps: NDArray, usable_share: NDArray | float = 1.0) -> NDArray:
    """Volume that bulk copies carry over a link in a day. [TB/day]

    Examples
    --------
    >>> link_tb_per_day(10, 1.0)
    108.0
    """
    return rate_gbps * usable_share * TB_PER_DAY_PER_GBPS


def stream_tb_per_day(
    streams: NDArray, stream_gbps: NDArray | None, overhead_s: NDArray, objects_per_tb: float
) -> NDArray:
    """Volume that parallel streams move when each object costs a fixed time besides its bytes. [TB/day]

    A stream spends ``overhead_s`` on each object and carries its bytes at ``stream_gbps``.
    """
    seconds_per_tb = overhead_s * objects_per_tb
    if stream_gbps is not None:
        seconds_per_tb = seconds_per_tb + SECONDS_PER_DAY / link_tb_per_day(stream_gbps)
    with np.errstate(divide="ignore"):  # streams without a rate, objects without an overhead
        return streams * SECONDS_PER_DAY / seconds_per_tb


def limits(value: Values, route: Route, objects: float, requests: float, volume: float) -> dict:
    """Rate that each limit allows for one dataset, by limit. [TB/day]

    Parameters
    ----------
    value
        Quantity of the route by field, an array of draws.
    objects, requests, volume
        Of the dataset at its likely volume, [1], [1] and [TB]; they grow in step.
    """
    found: dict[str, NDArray] = {}
    if route.rate_gbps is not None:
        share = value("usable_share")
        found["link"] = link_tb_per_day(value("rate_gbps"), 1.0 if share is None else share)
    for name in ("source", "target"):
        if (cap := value(f"{name}_gbps")) is not None:
            found[name] = link_tb_per_day(cap)
    per_tb = requests / volume if volume else 0.0
    for name, asked in (
        ("requests", "max_requests_per_s"),
        ("target_requests", "target_requests_per_s"),
    ):
        if (cap := value(asked)) is not None and per_tb:
            found[name] = cap * (SECONDS_PER_DAY / per_tb)
    found |= _machine_limits(value, objects / volume if volume else 0.0)
    if route.appliance_tb is not None:
        found["appliance"] = value("appliance_tb") * route.devices / value("cycle")
    return found


def _machine_limits(value: Values, objects_per_tb: float) -> dict[str, NDArray]:
    """What streams and movers allow. [TB/day]"""
    found = {}
    overhead, stream = value("object_overhead_s"), value("stream_gbps")
    busy = overhead is not None and np.any(overhead * objects_per_tb > 0)
    if busy or stream is not None:
        streams = value("streams")
        overhead = 0.0 if overhead is None else overhead
        streams = 1.0 if streams is None else streams
        found["streams"] = stream_tb_per_day(streams, stream, overhead, objects_per_tb)
    if (each := value("mover_gbps")) is not None:
        movers = value("movers")
        found["movers"] = link_tb_per_day(each) * (1.0 if movers is None else movers)
    return found


def binding(found: Mapping[str, NDArray], draws: int, dtype) -> tuple[NDArray, NDArray]:
    """Rate at which the route moves a dataset, and the limit that binds. [TB/day], index in `LIMITS`"""
    rate = np.full(draws, np.inf, dtype)
    which = np.zeros(draws, np.int8)
    for name in LIMITS:
        if name in found:
            lower = found[name] < rate
            which = np.where(lower, np.int8(LIMITS.index(name)), which)
            np.minimum(rate, found[name], out=rate)
    return rate, which


@dataclass
class Flow:
    """A share of a route that a dataset keeps for its rewrites. [1] and [d]

    ``until`` is the freeze of its wave; None keeps it throughout.
    """

    share: NDArray
    until: NDArray | None


def carried(
    start: NDArray, work: NDArray, flows: list[Flow], own: NDArray | float = 0.0
) -> NDArray:
    """Day on which work that gives way to the reserved flows is carried. [d]

    Parameters
    ----------
    start
        Day from which it runs. [d]
    work
        Route-days.
    flows
        Shares of the route already reserved.
    own
        Share of the work's own rewrites, which go on meanwhile: where the flows leave less than
        that, the backlog grows.
    """
    lasting = [flow.share for flow in flows if flow.until is None]
    free = 1.0 - own - sum(lasting) + np.zeros_like(start)
    ending = [flow for flow in flows if flow.until is not None and np.any(flow.until > start)]
    if not ending:
        return _carry_on(start, work, free)
    until = np.stack([np.maximum(flow.until, start) for flow in ending])
    share = np.stack([np.broadcast_to(flow.share, start.shape) for flow in ending])
    free = free - share.sum(axis=0)
    if np.any(until[1:] < until[:-1]):  # waves cut over in another order in some draws
        order = np.argsort(until, axis=0, kind="stable")
        until = np.take_along_axis(until, order, axis=0)
        share = np.take_along_axis(share, order, axis=0)
    return _step_through(start, work, free, until, share, own)


def _step_through(start, work, free, until, share, own) -> NDArray:
    """Carry the work from one end of a reservation to the next."""
    finish, going = np.empty_like(start), np.ones(start.shape, bool)
    now, left = start, work
    for end, freed in zip(until, share, strict=True):
        # A copy waits where nothing is free; a backlog grows where its own rewrites exceed it.
        speed = np.maximum(free, -own)
        # Sums and differences of shares leave dust in float32: a thousandth of a per mille is none,
        # and what is left over it lasts beyond any end.
        over = now + left / np.where(speed > 1e-6, speed, 1e-12)
        done = going & (over <= end)
        finish = np.where(done, over, finish)
        going &= ~done
        if not going.any():
            return finish
        left = np.maximum(left - speed * (end - now), 0)
        now, free = end, free + freed
    return np.where(going, _carry_on(now, left, free), finish)


def _carry_on(start: NDArray, work: NDArray, free: NDArray) -> NDArray:
    able = free > 1e-6
    finish = start + work / np.where(able, free, 1.0)
    return np.where(able | (work <= 0), np.minimum(finish, NEVER_DAY * 2), NEVER_DAY)


def appliance_days(volume: NDArray, capacity_tb: NDArray, devices: int, cycle: NDArray) -> NDArray:
    """Days that appliances need, a whole number of cycles. [d]

    Examples
    --------
    >>> float(appliance_days(np.float64(1200), np.float64(525), 2, np.float64(42)))
    84.0
    """
    # A volume that fills the devices exactly needs no further cycle for a rounding error.
    return np.ceil(volume / (capacity_tb * devices) - 1e-6) * cycle


def best_tb_per_day(plan: Plan, route: str) -> float:
    """Rate of a link at the most favourable values of its own caps. [TB/day]"""
    spec = plan.routes[route]

    def top(quantity: Range | None, without: float) -> float:
        return quantity.probability_law.greatest if quantity else without

    if spec.rate_gbps is None:
        return top(spec.appliance_tb, 0) * spec.devices / spec.cycle.probability_law.smallest
    link = link_tb_per_day(top(spec.rate_gbps, 0), top(spec.usable_share, 1.0))
    caps = (link_tb_per_day(top(cap, np.inf)) for cap in (spec.source_gbps, spec.target_gbps))
    return float(min(link, *caps))
