"""A route by fine time steps, straight from the rules: slow, plain, and none of the engine's code.

Rules (DESIGN §3 and §8): on a route one copy goes at a time, in the order of the waves; then its
catch-up; then the next copy. A dataset that was copied keeps the share of the route that its
rewrites need until its wave's freeze; a copy, and a catch-up, run on what the kept shares leave.
Rewrites go on while a copy runs and while it catches up. A wave's freeze begins when all of its
datasets have caught up and its gate is open. A dataset without a wave keeps nothing afterwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Moved:
    """A dataset that moves. [TB], [TB/day], [d]"""

    name: str
    volume_tb: float
    rewritten_tb_per_day: float
    route: str
    wave: str | None
    ready_day: float = 0.0


@dataclass
class Freeze:
    """A wave: the day on which its gate opens and the length of its freeze. [d]"""

    name: str
    gate_day: float
    length: float


def copied(
    data: list[Moved],
    waves: list[Freeze],
    tb_per_day: dict[str, float],
    step: float,
    horizon: float,
) -> dict[str, float]:
    """Finish of each copy, catch-up and cutover; infinite beyond the horizon. [d]"""
    done: dict[str, float] = {}
    frozen: dict[str, float] = {}
    left = {x.name: x.volume_tb for x in data}
    behind = {x.name: 0.0 for x in data}
    queues = {route: [x for x in data if x.route == route] for route in tb_per_day}
    day, number = 0.0, 0
    while day < horizon and len(frozen) + sum(map(len, queues.values())) > len(frozen):
        _freeze(data, waves, queues, frozen, day)
        for route, queue in queues.items():
            _advance(route, queue, data, tb_per_day, frozen, left, behind, done, day, step)
        number += 1
        day = number * step
    _freeze(data, waves, queues, frozen, day)
    for wave in waves:
        waits = any(x.wave == wave.name for queue in queues.values() for x in queue)
        begin = frozen.get(wave.name, math.inf if waits else max(day, wave.gate_day))
        done[f"{wave.name}.cutover"] = begin + wave.length
    for x in data:
        done.setdefault(f"{x.name}.copy", math.inf)
        if x.rewritten_tb_per_day:
            done.setdefault(f"{x.name}.delta", math.inf)
    return done


def _freeze(data, waves, queues, frozen, day) -> None:
    pending = {x.wave for queue in queues.values() for x in queue}
    for wave in waves:
        if wave.name not in pending and wave.name not in frozen and wave.gate_day <= day:
            frozen[wave.name] = day


def _advance(route, queue, data, tb_per_day, frozen, left, behind, done, day, step) -> None:
    """Move the route's bytes of one step."""
    if not queue or queue[0].ready_day > day:
        return
    x, rate = queue[0], tb_per_day[route]
    waiting = {y.name for y in queue}
    kept = sum(
        y.rewritten_tb_per_day
        for y in data
        if y.route == route and y.name not in waiting and y.wave and y.wave not in frozen
    )
    free = max(rate - kept, 0.0)
    if f"{x.name}.copy" not in done:
        left[x.name] -= free * step
        behind[x.name] += x.rewritten_tb_per_day * step
        if left[x.name] <= 1e-9:
            done[f"{x.name}.copy"] = day + step
            if not x.rewritten_tb_per_day:
                queue.pop(0)
        return
    behind[x.name] += (x.rewritten_tb_per_day - free) * step
    if behind[x.name] <= 1e-9:
        done[f"{x.name}.delta"] = day + step
        queue.pop(0)
