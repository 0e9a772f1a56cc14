"""What became known between two weeks, by group of causes, and the plans in between.

A week is a plan and what was known of it by a day. In between, some groups of causes are as in the
later week and the others as in the earlier one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations

import numpy as np

from hdhplan.differing import causes, hybrid
from hdhplan.errors import Fault, InputError
from hdhplan.learning import laid_over, taught
from hdhplan.network import Network, expand
from hdhplan.plan import Plan
from hdhplan.progress import Progress, Taught, progress_of
from hdhplan.status import FORMS, State, StatusFact

#: Kinds of fact that make a group of causes.
KINDS = {
    "progress": ("tasks", "datasets", "invoices"),
    "risks": ("risks",),
    "re-estimates": ("estimates",),
}
#: Parts of a plan file that make a group of causes; all other parts are assumptions.
PARTS = {
    "scope": ("tasks", "datasets", "waves", "capabilities", "interruptions", "start", "target"),
    "prices": ("rates", "vat_rate"),
    "assumptions": (),
}
#: All groups, in the order in which they are told.
GROUPS = ("progress", "learning", *list(KINDS)[1:], *PARTS)


@dataclass(frozen=True)
class Item:
    """One thing of a group of causes that differs between two weeks, and the new facts about it.

    Kinds: ``task``, ``dataset``, ``line``, ``driver``, ``quantity`` (a path); ``time``
    for the days that have passed; ``learned`` for ``work``, or ``routes`` and a route; ``plan`` for a
    cause of `differing`.
    """

    kind: str
    id: str
    facts: tuple[str, ...] = ()

    def holds(self, fact: StatusFact) -> bool:
        """Whether a fact is about this thing."""
        return (FORMS[fact.kind].subject, fact.subject) == (self.kind, self.id)


@dataclass(frozen=True)
class Week:
    """A plan and what was known of it by a day."""

    plan: Plan
    state: State


def known_by(plan: Plan, day: dt.date, published: Mapping[str, str] | None = None) -> Week:
    """A plan and all facts about it until a day, or of those only the ones that were `published`.

    Parameters
    ----------
    published
        Fingerprint of each by its id, as `fingerprints` gives them.

    Raises
    ------
    InputError
        If one of these is gone or says something else: status is append-only.
    """
    state = plan.status.as_of(day) if plan.status else State(day, (), ())
    if published is None:
        return Week(plan, state)
    now, faults = fingerprints(state), []
    for name, print_ in published.items():
        if now.get(name) != print_:
            where = next(
                ((f.file, f.line) for f in state.facts if f.id == name), (_folder(plan), None)
            )
            found = f"{name} is not what was published" if name in now else f"{name} is gone"
            limit = f"every fact of the forecast of {day}, as it was"
            fix = "put it back; a later fact corrects it"
            faults.append(Fault(*where, "id", found, limit, fix))
    if faults:
        raise InputError(faults)
    return Week(plan, replace(state, facts=tuple(f for f in state.facts if f.id in published)))


def fingerprints(state: State) -> dict[str, str]:
    """What the facts that make a forecast say, shortly, by their ids."""
    kinds = [kind for group in KINDS.values() for kind in group]
    found = {}
    for fact in state.facts:
        if fact.kind in kinds:
            says = (
                fact.kind,
                str(fact.date),
                fact.subject,
                fact.corrects,
                sorted(fact.given.items()),
            )
            found[fact.id] = hashlib.sha256(repr(says).encode()).hexdigest()[:12]
    return found


def _folder(plan: Plan) -> str:
    return plan.status.folder if plan.status else "status"


def group_of(cause: str) -> str:
    """Group of a cause of the plan file."""
    part = cause.partition(".")[0]
    return next((group for group, parts in PARTS.items() if part in parts), "assumptions")


class Between:
    """Two weeks, what differs between them, and the plans in between."""

    def __init__(self, before: Week, after: Week):
        self.before, self.after = before, after
        self._taught: dict[tuple, Progress] = {}
        self._networks: dict[int, tuple[Plan, Network]] = {}
        self._files: dict[frozenset, Plan] = {frozenset(): before.plan}

    @cached_property
    def items(self) -> dict[str, tuple[Item, ...]]:
        """What differs, by group, in the order of the groups; only those in which something does."""
        found = {
            "progress": tuple(self._reported()),
            "learning": tuple(self._learned()),
            "risks": tuple(self._changed("risks")),
            "re-estimates": tuple(self._changed("estimates")),
        }
        found |= {group: tuple(Item("plan", c) for c in self._causes(group)) for group in PARTS}
        return {group: found[group] for group in GROUPS if found[group]}

    @cached_property
    def groups(self) -> tuple[frozenset[str], ...]:
        """Groups that differ; those of the plan file are one where some make no sense alone."""
        found = [frozenset([group]) for group in self.items]
        files = [group for group in found if group <= PARTS.keys()]
        some = chain.from_iterable(combinations(files, n) for n in range(1, len(files)))
        if all(self._makes_sense(frozenset().union(*groups)) for groups in some):
            return tuple(found)
        return (*(group for group in found if group not in files), frozenset().union(*files))

    def plan(self, changed: Collection[str], but: Item | None = None) -> Plan:
        """The plan as of its day with some groups as in the later week, all ``but`` one thing in them.

        Raises
        ------
        InputError
            If these changes of the plan file make no sense without the others.
        """
        changed = frozenset(changed)
        if not changed and not self.before.state.facts:
            return self.before.plan
        plan = self._file(changed, but)
        late = ("learning" if "learning" in self.items else "progress") in changed
        evidence = self._evidence(plan, changed, late, but)
        if but and but.kind == "learned":
            older = self._evidence(plan, changed, False, None)
            evidence = older.learning_from(evidence, {but.id})
        return self._laid(plan, self._state(changed, but), evidence)

    def passed(self) -> Plan:
        """The earlier week's plan once the days have passed and nothing more is known."""
        plan, nothing = self.before.plan, frozenset()
        state = replace(self._state(nothing, None), day=self.after.state.day)
        return self._laid(plan, state, self._evidence(plan, nothing, False, None))

    def _laid(self, plan: Plan, state: State, evidence: Progress) -> Plan:
        """A plan as of a day, with what another state teaches."""
        progress = progress_of(plan, self._network(plan), self._fitting(plan, state))
        return laid_over(progress.learning_from(evidence))

    def _fitting(self, plan: Plan, state: State) -> State:
        """The facts about what is in a plan: in between, some tasks are not there yet, or no more."""
        things = {
            "tasks": self._network(plan).nodes, "datasets": plan.datasets, "risks": plan.drivers,
        }  # fmt: skip
        fits = (f for f in state.facts if f.kind not in things or f.subject in things[f.kind])
        return replace(state, facts=tuple(fits))

    def _network(self, plan: Plan) -> Network:
        known = self._networks.get(id(plan))
        if known is None:  # the plan is kept beside it, so that its id stays its own
            known = self._networks[id(plan)] = (plan, expand(plan))
        return known[1]

    def _side(self, late: bool) -> State:
        """What was known; before the first fact, as of the eve of the plan's start."""
        if late or self.before.state.facts:
            return (self.after if late else self.before).state
        return replace(self.before.state, day=self.before.plan.start - dt.timedelta(1))

    def _state(self, changed: frozenset, but: Item | None) -> State:
        """Facts of the groups that changed from the later week, all others from the earlier one."""
        facts: list[StatusFact] = []
        for group, kinds in KINDS.items():
            new, old = self._side(group in changed).facts, self._side(False).facts
            facts += [f for f in new if f.kind in kinds and not (but and but.holds(f))]
            facts += [f for f in old if f.kind in kinds and but and but.holds(f)]
        return State(self._side("progress" in changed).day, tuple(facts), self.after.state.missing)

    def _evidence(
        self, plan: Plan, changed: frozenset, late: bool, but: Item | None
    ) -> Progress:  # fmt: skip
        """What work and landings of a week teach, read with risks, ranges and plan as they changed."""
        read = changed - {"progress", "learning"} | ({"progress"} if late else frozenset())
        but = but if but and but.kind in ("driver", "quantity", "plan") else None
        key = (read, but)
        if key not in self._taught:
            self._taught[key] = taught(plan, self._fitting(plan, self._state(read, but)))
        return self._taught[key]

    def _file(self, changed: frozenset, but: Item | None = None) -> Plan:
        """The plan file with some groups changed."""
        files = changed & PARTS.keys()
        if files >= self.items.keys() & PARTS.keys() and not (but and but.kind == "plan"):
            return self.after.plan
        wanted = frozenset(item.id for group in files for item in self.items[group])
        wanted -= {but.id} if but and but.kind == "plan" else set()
        if wanted not in self._files:
            self._files[wanted] = hybrid(self.before.plan, self.after.plan, wanted)
        return self._files[wanted]

    def _makes_sense(self, changed: frozenset) -> bool:
        try:
            self._file(changed)
        except InputError:
            return False
        return True

    def _causes(self, group: str) -> Iterator[str]:
        """Causes of the plan files that differ and belong to a group."""
        plans = [self.before.plan, self.after.plan]
        differ = () if plans[0] is plans[1] else causes(plans)
        if plans[0].target != plans[1].target:
            differ = (*differ, "target")
        return (cause for cause in differ if group_of(cause) == group)

    def _reported(self) -> Iterator[Item]:
        """Work, landings and invoices of which something new is known, and the days that have passed."""
        if self.after.state.facts and self.before.state.day != self.after.state.day:
            yield Item("time", "")
        for kind in KINDS["progress"]:
            yield from self._changed(kind)

    def _changed(self, kind: str) -> Iterator[Item]:
        """Things of a kind about which other facts are live than before."""
        old, new = _live(self.before.state, kind), _live(self.after.state, kind)
        for subject, ids in new.items():
            known = old.get(subject, [])
            if ids != known:
                fresh = tuple(one for one in ids if one not in known)
                yield Item(FORMS[kind].subject, subject, fresh)

    def _learned(self) -> Iterator[Item]:
        """Shared factors of which the later week teaches something else than the earlier one."""
        plan, nothing = self.before.plan, frozenset()
        if not self.after.state.facts:
            return
        older, newer = (self._evidence(plan, nothing, late, None) for late in (False, True))
        if _said(older.work) != _said(newer.work):
            yield Item("learned", "work")
        known = {learned.id: learned for _, _, learned in older.routes.values()}
        for _, _, learned in newer.routes.values():
            other = known.get(learned.id)
            if other is None or not np.array_equal(learned.posterior, other.posterior):
                yield Item("learned", learned.id)


def _live(state: State, kind: str) -> dict[str, list[str]]:
    """Ids of the live facts of a kind by what they are about."""
    found: dict[str, list[str]] = {}
    for fact in state.live:
        if fact.kind == kind:
            found.setdefault(fact.subject, []).append(fact.id)
    return found


def _said(work: Taught | None) -> tuple:
    """What work teaches, to be compared."""
    if work is None:
        return ()
    belief = work.belief
    return belief.before, belief.mean.tolist(), belief.root.tolist(), work.widened
