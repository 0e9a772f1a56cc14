"""The routes in one block of draws: how fast each dataset moves, and who has reserved what."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from hdhplan.inputs import Sample
from hdhplan.model import Model
from hdhplan.timeline import Dates
from hdhplan.transfer import Flow, appliance_days, binding, carried, limits
from hdhplan.units import DAYS_PER_YEAR
from hdhplan.volumes import grown


class Hauling:
    """The routes in one block of draws: how fast each dataset moves, and who has reserved what."""

    def __init__(self, model: Model, sample: Sample, works: dict[str, NDArray]):
        self.model, self.sample, self.works = model, sample, works
        self.progress = model.progress
        self.volume: dict[str, NDArray] = {}
        self.rewritten: dict[str, NDArray] = {}
        self.growth: dict[str, NDArray] = {}
        self.rate: dict[str, NDArray] = {}
        self.binds: dict[str, NDArray] = {}
        self.landed: dict[str, NDArray] = {}
        self._kept: dict[str, NDArray] = {}
        for name in sorted(model.plan.datasets):
            self._size(name)
        for name in sorted(model.counts):
            self._speed(name)
        for route in self.progress.routes if self.progress else ():
            self._learned_speed(route)

    def _size(self, name: str) -> None:
        """Volume, growth and rewrites of a dataset; what scales the volume scales them all."""
        sample, path = self.sample, f"datasets.{name}"
        factor = sample.factor("datasets", name)
        factor = sample.dtype(1) if factor is None else factor
        self.volume[name] = sample[f"{path}.volume_tb"] * factor + sample.full(0)
        if self.progress is not None:
            self.volume[name] = self.progress.volume(name, self.volume[name])
        for kind, into in (
            ("rewritten_tb_per_day", self.rewritten),
            ("growth_tb_per_year", self.growth),
        ):
            value = sample.get(f"{path}.{kind}")
            into[name] = sample.dtype(0) if value is None else value * factor

    def _speed(self, name: str) -> None:
        """Rate at which its route moves a dataset that has it to itself. [TB/day]"""
        plan, sample = self.model.plan, self.sample
        data = plan.datasets[name]
        objects, requests = self.model.counts[name]
        found = self._limits(data.route, objects, requests, data.volume_tb.likely)
        self.rate[name], self.binds[name] = binding(found, sample.size, sample.dtype)

    def _learned_speed(self, route: str) -> None:
        """Scale the rates of a route so that its speed has the rank it had, in what was learned."""
        name, likely, learned = self.progress.routes[route]
        ratio = self.net_tb_per_day(name) / self.sample.dtype(likely)
        gain = learned.moved(ratio) / ratio
        for other in self.model.network.copies[route]:
            self.rate[other] = self.rate[other] * gain

    def net_tb_per_day(self, name: str) -> NDArray:
        """Rate at which a dataset lands when it has its route to itself, drivers included. [TB/day]"""
        return self.rate[name] / self.scaled(f"{name}.copy", self.sample.full(1))

    def _limits(self, route: str, objects: float, requests: float, volume: float) -> dict:
        sample, path = self.sample, f"routes.{route}"
        factor = sample.factor("routes", route)

        def value(name: str) -> NDArray | None:
            found = sample.get(f"{path}.{name}")
            if name == "usable_share" and factor is not None:
                found = np.minimum((sample.dtype(1) if found is None else found) * factor, 1)
            return sample.capped(route, name, found)

        return limits(value, self.model.plan.routes[route], objects, requests, volume)

    def haul_tb_per_day(self, route: str) -> NDArray:
        """Rate at which a route moves bytes that are not objects. [TB/day]"""
        found = self._limits(route, 0.0, 0.0, 0.0)
        return binding(found, self.sample.size, self.sample.dtype)[0]

    def move(self, dates: Dates, task: str, start: NDArray) -> NDArray:
        """Finish of a copy or a catch-up that starts on a day. [d]"""
        name, _, kind = task.rpartition(".")
        return self._copy(dates, name, start) if kind == "copy" else self._delta(dates, name, start)

    def _copy(self, dates: Dates, name: str, start: NDArray) -> NDArray:
        plan = self.model.plan
        data = plan.datasets[name]
        route = plan.routes[data.route]
        volume = grown(self.volume[name], self.growth[name], start)
        self.landed[name] = volume
        work = volume / self.rate[name]
        self._second_read(name, work)
        if route.appliance_tb is not None:
            path = f"routes.{data.route}"
            capacity, cycle = self.sample[f"{path}.appliance_tb"], self.sample[f"{path}.cycle"]
            work = appliance_days(volume, capacity, route.devices, cycle)
        work = self.scaled(f"{name}.copy", work)
        if self.progress is None:
            return self._carry(dates, name, start, work)
        return self._resumed(f"{name}.copy", start, work, partial(self._carry, dates, name))

    def _resumed(self, task: str, start: NDArray, work: NDArray, carry) -> NDArray:
        """Finish of a copy or a catch-up once it has started: what has landed is off its work. [d]"""
        name, _, kind = task.rpartition(".")
        if task in self.progress.done:
            return self.sample.full(self.progress.done[task][1])
        if task not in self.progress.running:
            return carry(start, work)
        if kind == "copy" and (at := self.progress.landed.get(name)):
            left = 1 - self.sample.dtype(at.tb) / self.landed[name]
            start, work = self.sample.full(at.day), work * np.maximum(left, 0)
        return np.maximum(carry(start, work), self.sample.dtype(self.progress.now))

    def _second_read(self, name: str, alone: NDArray) -> None:
        """Set the work of verification and repair, from the days the copy would take alone."""
        data, path = self.model.plan.datasets[name], f"datasets.{name}"
        if data.verify:
            share = self.sample[f"{path}.verify.rate_share"]
            self.works[f"{name}.verify"] = self.scaled(f"{name}.verify", alone / share)
        if data.repair_share:
            again = alone * self.sample[f"{path}.repair_share"]
            self.works[f"{name}.repair"] = self.scaled(f"{name}.repair", again)
        for kind in ("verify", "repair") if self.progress else ():
            task = f"{name}.{kind}"
            if task in self.works:
                node = self.model.network.nodes[task]
                self.works[task] = self.progress.settle_read(
                    node, self.sample, self.works[task], self.landed[name]
                )

    def scaled(self, task: str, work: NDArray) -> NDArray:
        """Work of a task times the factors of the drivers on it."""
        factor = self.sample.factor("tasks", task)
        return work if factor is None else work * factor

    def _delta(self, dates: Dates, name: str, start: NDArray) -> NDArray:
        """Catch up what was rewritten during the copy, and the route's time for repairs."""
        took = start - dates.start_day(f"{name}.copy")
        work = self.scaled(f"{name}.delta", took * self.kept(name))
        if f"{name}.repair" in self.works:
            work = work + self.works[f"{name}.repair"]
        own = self.kept(name)
        if self.progress is None:
            return self._carry(dates, name, start, work, own)
        carry = partial(self._carry, dates, name, own=own)
        return self._resumed(f"{name}.delta", start, work, carry)

    def kept(self, name: str) -> NDArray:
        """Share of its route that a dataset's rewrites and growth take up. [1]"""
        if name not in self._kept:
            flow = self.rewritten[name] + self.growth[name] / self.sample.dtype(DAYS_PER_YEAR)
            self._kept[name] = flow / self.rate[name]
        return self._kept[name]

    def _carry(self, dates: Dates, name: str, start, work, own=0.0) -> NDArray:
        """Carry work over the route on its own clock, past the flows that others reserved."""
        route = self.model.plan.datasets[name].route
        clock = self._clock(route)
        if clock.continuous:
            return carried(start, work, self._flows(dates, name, 1.0), own)
        # On a route with windows, rewrites that go on day and night take up more of what is open.
        duty = self.sample.dtype(clock.duty)
        flows = self._flows(dates, name, duty)
        done = carried(clock.worked(start), work, flows, own / duty)
        return clock.day(done)

    def _clock(self, route: str):
        calendar = self.model.plan.routes[route].calendar or "continuous"
        return self.model.calendars[calendar]

    def _flows(self, dates: Dates, name: str, duty) -> list[Flow]:
        """Shares kept by datasets copied before, added up by the cutover that ends them."""
        clock = self._clock(self.model.plan.datasets[name].route)
        kept: dict[str | None, NDArray] = {}
        for earlier, cutover in self.model.freezes[name].items():
            share = self.kept(earlier) / duty
            if np.any(share > 0):
                kept[cutover] = kept[cutover] + share if cutover in kept else share
        return [
            Flow(share, None if cutover is None else clock.worked(dates.start_day(cutover)))
            for cutover, share in kept.items()
        ]
