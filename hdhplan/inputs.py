"""Inputs of a plan: its quantities and drivers, drawn by name or at their likely values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from hdhplan.belief import Belief
from hdhplan.errors import Fault, InputError, nearest
from hdhplan.network import Network
from hdhplan.plan import Driver, Plan
from hdhplan.quantities import Range
from hdhplan.uncertainty import SUPER_BLOCK, Law, Stream, occurs, quantile_table, values_of

#: Draws computed at once: the tables of a block stay in the processor's cache.
BLOCK = 8_192
#: Ending of the path of the longest of several draws of a quantity.
LONGEST = ".longest"
KINDS = ("tasks", "datasets", "routes", "rates")
#: Caps of a route that a driver may lower, and what a cap is where the route has none.
CAPS = dict.fromkeys(("usable_share", "streams", "movers"), 1.0) | dict.fromkeys(
    ("rate_gbps", "source_gbps", "target_gbps", "stream_gbps", "mover_gbps",
     "max_requests_per_s", "target_requests_per_s"), np.inf,
)  # fmt: skip


#: Drivers that scale a thing, with their exposures.
Shared = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Effect:
    """What a driver acts on: a kind of thing, its id and the exposure. [1]"""

    driver: str
    kind: str
    id: str
    exposure: float


@dataclass(frozen=True)
class Inputs:
    """What is drawn for a plan, by name, and what is certain.

    ``laws`` are the uncertain quantities, ``events`` the drivers that may or may not happen,
    ``certain`` the quantities with one value, ``active`` the drivers that are not switched off.
    """

    laws: dict[str, Law]
    events: dict[str, float]
    certain: dict[str, float]
    likely: dict[str, float]
    active: dict[str, Driver]
    effects: tuple[Effect, ...]
    learned: Belief | None = None
    """What tasks that have begun teach about the drivers on them."""

    @cached_property
    def _by_thing(self) -> dict[tuple[str, str], list[Effect]]:
        found: dict[tuple[str, str], list[Effect]] = {}
        for effect in self.effects:
            found.setdefault((effect.kind, effect.id), []).append(effect)
        return found

    def on(self, kind: str, name: str) -> list[Effect]:
        """Effects on one thing, in the order of the drivers' ids."""
        return self._by_thing.get((kind, name), [])

    @cached_property
    def scaling(self) -> dict[tuple[str, str], tuple[tuple[str, float], ...]]:
        """Drivers that scale each thing, with their exposures, in the order of their ids."""
        scales = {
            thing: tuple((e.driver, e.exposure) for e in effects if self.active[e.driver].factor)
            for thing, effects in self._by_thing.items()
        }
        return {thing: found for thing, found in scales.items() if found}

    def without(self, names: Iterable[str]) -> Inputs:
        """What is left where some drivers are switched off: as if the plan had not got them."""
        off = set(names)

        def left(values: dict) -> dict:
            return {
                path: value for path, value in values.items()
                if not path.startswith("drivers.") or path.split(".")[1] not in off
            }  # fmt: skip

        return Inputs(
            left(self.laws),
            {k: p for k, p in self.events.items() if k not in off},
            left(self.certain),
            left(self.likely),
            {k: driver for k, driver in self.active.items() if k not in off},
            tuple(effect for effect in self.effects if effect.driver not in off),
            self.learned,
        )


def gather(
    plan: Plan,
    network: Network,
    without: Iterable[str] = (),
    estimates: Mapping[str, Range] | None = None,
) -> Inputs:
    """Gather what a plan draws; drivers in ``without`` or of p = 0 are left out altogether.

    ``estimates`` are newer ranges by path.
    """
    effects = tuple(_effects(plan, network))
    off = set(without)
    active = {k: d for k, d in sorted(plan.drivers.items()) if d.p > 0 and k not in off}
    laws, certain, likely = {}, {}, {}
    used = {node.path: node.quantity for node in network.nodes.values() if node.quantity}
    for path, quantity in sorted({**dict(plan.ranges()), **used}.items()):
        if path.startswith("drivers.") and path.split(".")[1] not in active:
            continue
        if path.startswith("capabilities.") and path not in used:
            continue  # part of the work of a task that the plan has anyway
        if estimates and path in estimates:
            quantity = estimates[path].model_copy(update={"count": quantity.count})
        law = quantity.probability_law
        likely[path] = law.likely_total
        if law.certain:
            certain[path] = law.likely_total
        else:
            laws[path] = law
    for path, law in _longest(plan, laws).items():
        laws[path], likely[path] = law, law.likely_total
    events = {k: d.p for k, d in active.items() if d.p < 1}
    kept = tuple(e for e in effects if e.driver in active)
    return Inputs(laws, events, certain, likely, active, kept)


def _longest(plan: Plan, laws: Mapping[str, Law]) -> dict[str, Law]:
    """Longest of the dual writes of a wave's critical projects: each has hours of its own."""
    found = {}
    for w, wave in plan.waves.items():
        path = dual_write_path(plan, w)
        if path in laws and wave.critical_projects > 1:
            law = replace(laws[path], largest_of=wave.critical_projects)
            found[f"{path}{LONGEST}"] = law
    return found


def dual_write_path(plan: Plan, wave: str) -> str:
    """Path of the hours for which a dual write interrupts a critical project; empty for a freeze."""
    cutover = plan.waves[wave].cutover
    if cutover.critical:
        return f"waves.{wave}.cutover.dual_write"
    return f"waves.{wave}.cutover.work" if cutover.mode == "dual_write" else ""


def _effects(plan: Plan, network: Network) -> Iterator[Effect]:
    """Resolve what each driver is on; refuse what is unknown, all at once."""
    faults = []
    things = {
        "tasks": tuple(network.nodes),
        "datasets": tuple(plan.datasets),
        "routes": tuple(plan.routes),
        "rates": tuple(plan.rates),
    }
    found: dict[tuple[str, str, str], Effect] = {}
    for driver in sorted(plan.drivers.values(), key=lambda d: d.id):
        faults += _idle(plan, driver)
        for asked, exposure in driver.on.items():
            hits = _hits(tuple(things.items()), asked)
            if not hits:
                everything = [name for names in things.values() for name in names]
                fix = nearest(asked, everything)
                where = f"drivers.{driver.id}.on"
                unknown = f"unknown task, dataset, route or rate {asked!r}"
                faults.append(Fault(f"plan {plan.name}", None, where, unknown, "", fix))
            for kind, name in hits:  # what several names match counts once, by the first
                effect = Effect(driver.id, kind, name, exposure)
                found.setdefault((driver.id, kind, name), effect)
            faults += _misfits(plan, driver, asked, hits)
    if faults:
        raise InputError(faults)
    yield from found.values()


def drivers_on(plan: Plan, kind: str, name: str) -> Iterator[tuple[Driver, float]]:
    """Yield the drivers on a task that the plan names, a dataset, route or rate, with exposures. [1]

    As `gather` resolves them: by the first of `on` that names it, and the first kind it names.
    """
    things = {group: tuple(getattr(plan, group)) for group in KINDS}
    for driver in plan.drivers.values():
        for asked, exposure in driver.on.items():
            if (kind, name) in _matches(things, asked):
                yield driver, exposure
                break


def _idle(plan: Plan, driver: Driver) -> Iterator[Fault]:
    """A driver that can change nothing."""
    where = f"plan {plan.name}", None, f"drivers.{driver.id}"
    acts = driver.factor or driver.delay or driver.limit
    switches = {t.only_if for t in plan.tasks.values()}
    switches |= {c.unless for c in plan.capabilities.values()}
    if not acts and not driver.cost and driver.id not in switches:
        limit = "a factor, delay, cost or limit, or a task with `only_if`"
        yield Fault(*where, "a driver without effect", limit, "give it one, or delete it")
    elif acts and not driver.on:
        found, limit = "an effect on nothing", "`on` names tasks, datasets, routes or rates"
        yield Fault(*where, found, limit, "add `on:`")


@lru_cache(maxsize=2_048)
def _hits(
    things: tuple[tuple[str, tuple[str, ...]], ...], asked: str
) -> tuple[tuple[str, str], ...]:
    """What `_matches` finds: plans that differ in numbers alone ask for the same again and again."""
    return tuple(_matches(dict(things), asked))


def _matches(things: dict[str, tuple[str, ...]], asked: str) -> Iterator[tuple[str, str]]:
    """Things that an id, a pattern or a path such as ``routes.azure`` names.

    Tasks made of another thing have a dot, and only a pattern with one is after them: else the
    datasets ``lake_*`` would be hidden by their own copies.
    """
    kind, _, rest = asked.partition(".")
    if kind in KINDS and rest:
        yield from ((kind, name) for name in things[kind] if fnmatchcase(name, rest))
        return
    for kind in KINDS:
        hits = [
            (kind, name)
            for name in things[kind]
            if fnmatchcase(name, asked) and (kind != "tasks" or ("." in name) == ("." in asked))
        ]
        if hits:
            yield from hits
            return


def _misfits(plan: Plan, driver: Driver, asked: str, hits: Sequence) -> Iterator[Fault]:
    kinds = {kind for kind, _ in hits}
    where = f"drivers.{driver.id}"
    for name, allowed in (("delay", {"tasks"}), ("limit", {"routes"})):
        if getattr(driver, name) and kinds - allowed:
            found = f"a {name} on {asked!r}"
            limit = f"a {name} acts on {' and '.join(allowed)}"
            yield Fault(f"plan {plan.name}", None, f"{where}.on", found, limit)
    boxes = [x for kind, x in hits if kind == "routes" and plan.routes[x].appliance_tb is not None]
    if driver.factor and boxes:
        found = f"a factor on route {boxes[0]}, which carries appliances"
        limit = "a factor scales the usable share of a link"
        fix = "put it on the copies, as `x.copy`"
        yield Fault(f"plan {plan.name}", None, f"{where}.on", found, limit, fix)
    for name in sorted(driver.limit.keys() - set(CAPS)):
        yield Fault(
            f"plan {plan.name}", None, f"{where}.limit.{name}", f"unknown cap {name!r}",
            "a cap of a route", nearest(name, CAPS),
        )  # fmt: skip


@dataclass
class Sample:
    """Values of every quantity in one block of draws, and which drivers happen in it."""

    inputs: Inputs
    size: int
    dtype: type
    values: dict[str, NDArray]
    happens: dict[str, NDArray]
    _products: dict[tuple, NDArray] = field(default_factory=dict)

    def __getitem__(self, path: str) -> NDArray:
        """Value of a quantity: an array of draws, or a scalar if it is certain."""
        if path in self.values:
            return self.values[path]
        return self.dtype(self.inputs.certain[path])

    def get(self, path: str) -> NDArray | None:
        """Value of a quantity, None where the plan leaves it out."""
        known = path in self.values or path in self.inputs.certain
        return self[path] if known else None

    def only(self, i: int) -> Sample:
        """One of the draws, in float64."""
        values = {k: v[i : i + 1].astype(np.float64) for k, v in self.values.items()}
        happens = {k: v[i : i + 1] for k, v in self.happens.items()}
        return Sample(self.inputs, 1, np.float64, values, happens)

    def at(self, inputs: Inputs, chosen: NDArray) -> Sample:
        """Some of the draws, of what other inputs of the same plan draw."""
        values = {path: self.values[path][chosen] for path in inputs.laws}
        happens = {name: self.happens[name][chosen] for name in inputs.events}
        return Sample(inputs, len(chosen), self.dtype, values, happens)

    def full(self, value) -> NDArray:
        """An array of draws of one value."""
        return np.full(self.size, value, self.dtype)

    def factor(self, kind: str, name: str) -> NDArray | None:
        """Product of the factors of all drivers on a thing; None where there is none. [1]"""
        scaling = self.inputs.scaling.get((kind, name))
        # What a route teaches is learned of the route itself.
        return self.product(scaling, kind != "routes") if scaling else None

    def product(self, scaling: Shared, learned: bool = True) -> NDArray:
        """Product of factors, by driver and exposure: worked out once for all they act on alike. [1]

        Parameters
        ----------
        learned
            Whether what was learned of the drivers counts.
        """
        key = (scaling, learned)
        if key not in self._products:
            *before, (driver, exposure) = scaling
            one = self.dtype(1.0)
            factor = self._learned[driver] if learned and driver in self._learned else None
            factor = self[f"drivers.{driver}.factor"] if factor is None else factor
            value = one + self.dtype(exposure) * (factor - one)
            if driver in self.happens:
                value = np.where(self.happens[driver], value, one)
            self._products[key] = self.product(tuple(before), learned) * value if before else value
        return self._products[key]

    @cached_property
    def _learned(self) -> dict[str, NDArray]:
        """Factors of the drivers of which something was learned. [1]"""
        if self.inputs.learned is None:
            return {}
        known = self.inputs.learned.before.keys() & self.inputs.active.keys()
        return self.inputs.learned.moved({k: self[f"drivers.{k}.factor"] for k in known})

    def delays(self, task: str, past: Collection[str] = ()) -> list[tuple[NDArray, str]]:
        """Delays of all drivers on a task but those that are ``past``, with their units. [d] or [wd]"""
        found = []
        for effect in self.inputs.on("tasks", task):
            delay = self.inputs.active[effect.driver].delay
            if delay is None or effect.driver in past:
                continue
            value = self[f"drivers.{effect.driver}.delay"] * self.dtype(effect.exposure)
            if effect.driver in self.happens:
                value = np.where(self.happens[effect.driver], value, self.dtype(0))
            found.append((value + self.full(0), delay.unit))
        return found

    def happened(self, driver: str) -> NDArray:
        """Draws in which a driver happens; none if it is switched off. [bool]"""
        if driver not in self.inputs.active:
            return np.zeros(self.size, bool)
        return self.happens.get(driver, np.ones(self.size, bool))

    def capped(self, route: str, name: str, value: NDArray | None) -> NDArray | None:
        """A cap of a route, lower in the draws in which a driver limits it; None if none does."""
        for effect in self.inputs.on("routes", route):
            limit = self.inputs.active[effect.driver].limit.get(name)
            if limit is not None:
                value = self.full(CAPS[name]) if value is None else value
                lower = np.minimum(value, self.dtype(limit))
                value = np.where(self.happened(effect.driver), lower, value)
        return value


def likely_sample(inputs: Inputs) -> Sample:
    """The plan itself: likely values, drivers of p = 1 on, the others off."""
    values = {path: np.array([inputs.likely[path]]) for path in inputs.laws}
    happens = {name: np.zeros(1, bool) for name in inputs.events}
    return Sample(inputs, 1, np.float64, values, happens)


def draw(inputs: Inputs, seed: int, super_block: int, draws: int, block: int = BLOCK):
    """Yield samples of ``block`` draws each, the first ``draws`` of a super-block.

    The values depend on seed, names and super-block alone, never on the size of a block. Each sample
    is written over the one before it; `draw_whole` gives one to keep.
    """
    if block % 4 or not 0 < draws <= SUPER_BLOCK:
        raise ValueError(f"blocks of {block} draws, {draws} of a super-block of {SUPER_BLOCK}")
    tables = {
        path: quantile_table(law)
        for path, law in inputs.laws.items()
        if not law.values or law.count > 1 or law.largest_of > 1
    }
    # The longest of several goes with the luck of one.
    streams = {name: Stream(seed, name.removesuffix(LONGEST), super_block) for name in inputs.laws}
    events = {name: Stream(seed, f"drivers.{name}.p", super_block) for name in inputs.events}
    buffer = np.empty((len(tables), min(block, draws)), np.float32)
    for begin in range(0, draws, block):
        size = min(block, draws - begin)
        values = {
            path: values_of(table, streams[path].ranks(size), buffer[row, :size])
            for row, (path, table) in enumerate(tables.items())
        }
        for path in inputs.laws.keys() - tables.keys():
            values[path] = _choose(inputs.laws[path], streams[path].words(size))
        happens = {name: occurs(p, events[name].words(size)) for name, p in inputs.events.items()}
        yield Sample(inputs, size, np.float32, values, happens)


def draw_whole(inputs: Inputs, seed: int, draws: int, known: Sample | None = None) -> Sample:
    """Draw the first ``draws`` of the first super-block as one sample, to keep.

    What is as in a ``known`` sample of as many draws of the same seed is taken from there.
    """
    block = -(-draws // 4) * 4
    if known is None or known.size != draws:
        (sample,) = draw(inputs, seed, 0, draws, block)
        return sample
    laws = {k: law for k, law in inputs.laws.items() if known.inputs.laws.get(k) != law}
    events = {k: p for k, p in inputs.events.items() if known.inputs.events.get(k) != p}
    (new,) = draw(replace(inputs, laws=laws, events=events), seed, 0, draws, block)
    values = {path: (new if path in laws else known).values[path] for path in inputs.laws}
    happens = {name: (new if name in events else known).happens[name] for name in inputs.events}
    return Sample(inputs, draws, np.float32, values, happens)


def _choose(law: Law, words: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Values of a choice by their weights."""
    weights = np.asarray(law.weights or np.ones(len(law.values)))
    order = np.argsort(law.values, kind="stable")
    edges = np.cumsum(weights[order]) / weights.sum() * 2**32
    return np.asarray(law.values, np.float32)[order][np.searchsorted(edges[:-1], words, "right")]
