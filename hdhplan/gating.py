"""Gating: what qualifies the services of each wave, and whether that sets its go/no-go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from hdhplan.capabilities import gates
from hdhplan.network import Network, Node
from hdhplan.plan import Plan
from hdhplan.scope import Link
from hdhplan.timeline import Dates, bound
from hdhplan.units import NEVER_DAY


def gate_links(plan: Plan, network: Network, wave: str) -> tuple[Link, ...]:
    """Links of a wave's go/no-go to what qualifies its services, patterns replaced by tasks."""
    asked = gates(plan, wave)
    return tuple(
        link for link in network.nodes[f"{wave}.go"].links if any(_is(link, a) for a in asked)
    )


def matching(names: Iterable[str], nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """Tasks that names or patterns stand for."""
    found = (
        task
        for name in names
        for task in ([name] if name in nodes else [k for k in nodes if fnmatchcase(k, name)])
    )
    return tuple(dict.fromkeys(found))


def _is(link: Link, asked: Link) -> bool:
    same = (link.kind, link.lag, link.unit) == (asked.kind, asked.lag, asked.unit)
    return same and (link.task == asked.task or fnmatchcase(link.task, asked.task))


def gating(
    plan: Plan, network: Network, dates: Dates, works: Mapping[str, NDArray]
) -> dict[str, NDArray]:
    """Work out when all services of each wave are qualified, and whether that sets its go/no-go.

    Returns
    -------
    dict
        ``w.gate``, a day; ``event:w.gated``, 1 in the draws in which nothing else that the go/no-go
        waits for comes later, by exact equality. [d], [1]
    """
    found = {}
    for w in plan.waves:
        links, node = gate_links(plan, network, w), network.nodes[f"{w}.go"]
        if links:
            day = bound(dates, node, links[0], works)
            for link in links[1:]:
                day = np.maximum(day, bound(dates, node, link, works))
            found[f"{w}.gate"] = day
            # What comes never is not held up by a gate.
            found[f"event:{w}.gated"] = (day == dates.start[node.id]) & (day < NEVER_DAY / 2)
    return found
