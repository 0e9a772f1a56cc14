"""What a plan is about: tasks and their links, datasets, routes, waves, capabilities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    model_validator,
)

from hdhplan.quantities import (
    MOST_COUNT,
    MOST_LETTERS,
    Amount,
    Certain,
    CertainDays,
    CutoverWork,
    Cycle,
    Day,
    Days,
    Id,
    Positive,
    Range,
    Rate_,
    Share,
    StepWork,
    Strict,
    Text,
    UncertainDate,
    UsableShare,
    Volume,
    Work,
    WorkingDays,
    refuse,
)

#: Share by which the bins of an inventory may miss the volume.
SIZES_SLACK = 0.01
_AFTER = re.compile(
    r"([A-Za-z0-9_*?.-]+)(?:\s+(FS|SS|FF|SF))?(?:\s*([+-])\s*([\d._]+)\s*([A-Za-z]*))?\Z"
)


@dataclass(frozen=True)
class Link:
    """A dependency on a task: kind, and a lag whose unit decides its clock. [d] or [wd]"""

    task: str
    kind: str = "FS"
    lag: float = 0.0
    unit: str = "d"

    def __str__(self) -> str:
        lag = f"{self.lag:+g} {self.unit}" if self.lag else ""
        return f"{self.task} {self.kind}{lag}"


def _links(value: Any) -> tuple[Link, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)):
        raise refuse(f"{value!r} is not a list of tasks", "after: [A, B SS+1 d]")
    return tuple(item if isinstance(item, Link) else _link(item) for item in items)


def _link(text: Any) -> Link:
    # Short enough that no pattern can be made to search long.
    match = _AFTER.match(str(text)[:MOST_LETTERS].strip())
    if match is None or len(str(text)) > MOST_LETTERS:
        raise refuse(f"{str(text)[:80]!r}", "ID [FS|SS|FF|SF][±lag unit]", "e.g. `B SS+1 d`")
    task, kind, sign, lag, unit = match.groups()
    if lag is None:
        return Link(task, kind or "FS")
    if unit not in ("d", "wd"):
        found = f"lag {lag} {unit}" if unit else f"lag {lag} has no unit"
        raise refuse(found, "a lag in d (elapsed) or wd (working days)", f"write {lag} d")
    try:
        return Link(task, kind or "FS", float(sign + lag.replace("_", "")), unit)
    except ValueError:
        raise refuse(f"lag {lag!r}", "a number of d or wd") from None


Links = Annotated[
    tuple[Link, ...], BeforeValidator(_links, json_schema_input_type=str | tuple[str, ...])
]


def _step(value: Any) -> Any:
    return value if isinstance(value, (dict, BaseModel)) else {"work": value}


class Step(Strict):
    """Work that a dataset or a wave brings with it."""

    work: StepWork
    calendar: Id | None = None
    after: Links = ()
    uses: dict[str, Annotated[int, Field(ge=1)]] = {}


AnyStep = Annotated[Step, BeforeValidator(_step, json_schema_input_type=Step | str)]


class Task(Strict):
    """Work on a calendar; a milestone is a task of no work, a span hangs between two events."""

    id: Id
    name: Text | None = None
    work: Work | None = None
    """Work, or for a milestone nothing. [d], [wd] or [TB]"""
    calendar: Id | None = None
    after: Links = ()
    uses: dict[str, Annotated[int, Field(ge=1)]] = {}
    """Whole units seized, by resource."""
    span: tuple[str, str] | None = None
    """A hammock: from the start of one task to the finish of another."""
    route: Id | None = None
    """Route of a work in TB."""
    unsplit: bool = False
    """It starts only where it fits whole into its calendar."""
    only_if: Id | None = None
    """The driver that switches it on; off, it has no work and passes logic through."""
    fixed: Day | None = None
    """A date that is not ours to move: the task does not start before it."""
    phase: str = ""
    gate: bool = False
    ask: Text | None = None

    @model_validator(mode="after")
    def _hangs(self) -> Task:
        if self.span and (self.work or self.after or self.uses or self.fixed or self.only_if):
            limit = "it hangs between two events and has nothing of its own"
            raise refuse("a span with work, links, demands or a date", limit, "leave them out")
        return self

    @model_validator(mode="after")
    def _hauls(self) -> Task:
        in_tb = self.work is not None and self.work.unit == "TB"
        if in_tb and self.calendar:
            limit = "a work in TB runs on the calendar of its route"
            raise refuse(
                f"calendar {self.calendar!r}", limit, "leave it out, or give the route one"
            )
        if self.route and not in_tb:
            limit = "only a work in TB has a route"
            raise refuse(f"route {self.route!r}", limit, "leave it out, or give the work in TB")
        return self


class SizeBin(Strict):
    """Objects of about one size."""

    objects: float = Field(gt=0)
    volume_tb: float = Field(ge=0)


class Tiers(Strict):
    """Shares of the volume by tier. [1]"""

    hot: float = Field(default=0, ge=0, le=1)
    cool: float = Field(default=0, ge=0, le=1)
    archive: float = Field(default=0, ge=0, le=1)

    @model_validator(mode="after")
    def _whole(self) -> Tiers:
        total = self.hot + self.cool + self.archive
        if abs(total - 1) > 1e-6:
            raise refuse(f"tiers add up to {total:g}", "1")
        return self


class Verify(Strict):
    """A second read at the target, which overlaps the copy."""

    rate_share: UsableShare
    """Rate of the second read, as a share of the copy's own rate. [1]"""
    start_lag: CertainDays | None = None
    finish_lag: CertainDays | None = None


class Dataset(Strict):
    """What moves, or why it does not."""

    id: Id
    name: Text | None = None
    volume_tb: Volume
    objects: Certain | None = None
    size_spread: float = Field(default=0, ge=0, le=5)
    """Standard deviation of the logarithm of object sizes; 0 puts all at the mean. [1]"""
    sizes: tuple[SizeBin, ...] = ()
    """Size histogram of a real inventory; it replaces `objects` and `size_spread`."""
    tiers: Tiers | None = None
    growth_tb_per_year: Amount | None = None
    rewritten_tb_per_day: Amount | None = None
    sensitive: bool = False
    route: Id | None = None
    wave: Id | None = None
    erased_with: Id | None = None
    """Wave after which the source is erased; its own by default."""
    excluded: Text | None = None
    """Why it does not move; it is erased at the source all the same."""
    at_source: bool = True
    """Whether it is at the source today, readable under its law."""
    after: Links = ()
    prepare: AnyStep | None = None
    verify: Verify | None = None
    repair_share: Share | None = None
    ask: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Dataset:
        total, likely = sum(size.volume_tb for size in self.sizes), self.volume_tb.likely
        if self.sizes and abs(total - likely) > SIZES_SLACK * likely:
            limit = f"the volume_tb of {likely:g} TB, within {SIZES_SLACK:.0%}"
            raise refuse(f"sizes add up to {total:g} TB", limit)
        return self


class Route(Strict):
    """How data moves: a link or appliances, and every limit that may bind."""

    name: Text | None = None
    rate_gbps: Rate_ | None = None
    usable_share: UsableShare | None = None
    calendar: Id | None = None
    """Transfer windows and maintenance; continuous by default."""
    object_overhead_s: Amount | None = None
    streams: Positive | None = None
    stream_gbps: Positive | None = None
    movers: Positive | None = None
    mover_gbps: Positive | None = None
    source_gbps: Positive | None = None
    target_gbps: Positive | None = None
    max_requests_per_s: Positive | None = None
    target_requests_per_s: Positive | None = None
    part_size_mb: Certain | None = None
    """Objects above this size go in parts, one request each."""
    max_parts: int = Field(default=1000, ge=1)
    rehydrate_tb_per_day: Positive | None = None
    appliance_tb: Positive | None = None
    devices: int = Field(default=1, ge=1)
    cycle: Cycle | None = None
    after: Links = ()
    """What every copy on the route waits for."""
    sensitive_after: Links = ()
    """What every copy of sensitive data waits for besides."""

    @model_validator(mode="after")
    def _moves(self) -> Route:
        if (self.rate_gbps is None) == (self.appliance_tb is None):
            raise refuse("neither or both of rate_gbps and appliance_tb", "one of them")
        if self.appliance_tb is not None and self.cycle is None:
            raise refuse("appliances without a cycle", "cycle: 30/42/60 d")
        return self


class Porting(Strict):
    """Central support of the projects that port their tools themselves."""

    work: WorkingDays
    """Person-days of support that one project needs; projects are independent. [wd]"""
    calendar: Id | None = None
    after: Links = ()
    uses: dict[str, Annotated[int, Field(ge=1)]] = {}


class Cutover(Strict):
    """How a wave goes over: read-only for a while, or written to both sides."""

    mode: Literal["freeze", "dual_write"] = "freeze"
    work: CutoverWork = Range(low=0, likely=0, high=0, unit="d", law="fixed")
    """Length of the freeze, or of the interruption of a dual write. [d]"""
    critical: Literal["dual_write"] | None = None
    """Critical projects go over by dual write."""
    dual_write: Days | None = None
    """Interruption of a dual write; none if left out. [d]"""
    extra_porting: float = Field(default=0, ge=0, le=10)
    """More porting work of a project that goes over by dual write. [1]"""
    calendar: Id | None = None


def check_critical(critical: int, projects: int) -> None:
    """Refuse more critical projects than there are projects."""
    if critical > projects:
        raise refuse(f"{critical} critical of {projects} projects", "at most all")


class Wave(Strict):
    """Datasets and projects that cut over together."""

    id: Id
    name: Text | None = None
    projects: int = Field(default=0, ge=0, le=MOST_COUNT)
    critical_projects: int = Field(default=0, ge=0)
    after: Links = ()
    """Gates of the go/no-go."""
    follows: Literal["cutover"] | None = None
    """Wait for the cutover of the wave before."""
    port: Porting | None = None
    train: AnyStep | None = None
    rehearsal: AnyStep | None = None
    cutover: Cutover = Cutover()
    hypercare: AnyStep | None = None
    dual_running: Days | None = None
    erase: Days | None = None
    certificate: AnyStep | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Wave:
        check_critical(self.critical_projects, self.projects)
        return self


def ported_extra(wave: Wave) -> float:
    """Further projects that the extra porting of dual writes amounts to. [1]"""
    whole = wave.cutover.mode == "dual_write"
    dual = wave.projects if whole else wave.critical_projects * bool(wave.cutover.critical)
    return wave.cutover.extra_porting * dual


#: Projects, numbered from 1 through the waves in their order: ranges, both ends included.
Numbers = tuple[tuple[int, int], ...]
_NUMBERS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


def _numbers(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    text = str(value)
    if text.strip() == "all":
        return ((1, MOST_COUNT),)
    found = []
    for part in text.replace(",", " ").split():
        match = _NUMBERS.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= MOST_COUNT:
            limit = f"`all`, or numbers and ranges from 1 to {MOST_COUNT:,}"
            raise refuse(f"{part[:40]!r}", limit, "write 1-3 9 27-40")
        found.append((first, last))
    return tuple(found)


Projects = Annotated[Numbers, BeforeValidator(_numbers, json_schema_input_type=str | int)]


class Capability(Strict):
    """What a project needs and the source gives today, and what the target answers."""

    id: Id
    name: Text | None = None
    today: Text | None = None
    """The service that gives it today."""
    target: Text | None = None
    """The target's answer."""
    gap: Literal["none", "partial", "none_yet"] = "none"
    effort: StepWork | None = None
    """Work that closes the gap: a task of its own, or part of that of `closed_by`."""
    closed_by: Id | None = None
    """Task that closes the gap."""
    projects: Projects = ()
    """Who needs it."""
    holds_data: bool = False
    """Whether data lies in it: what it holds is unqualified until it is qualified."""
    qualified_on: UncertainDate | None = None
    """When the target's service is qualified, if later than what `qualified_after` names."""
    qualified_after: Links = ()
    """What qualifies it, by the plan's own tasks."""
    unless: Id | None = None
    """The driver in whose draws `qualified_on` does not count: another host is used."""
    calendar: Id | None = None
    after: Links = ()
    """What the work that closes the gap waits for."""
    uses: dict[str, Annotated[int, Field(ge=1)]] = {}
    fact: str = ""
    source: str = ""
    grade: Literal["A", "B", "C", "D", ""] = ""
    ask: Text | None = None

    @model_validator(mode="after")
    def _closes(self) -> Capability:
        if self.gap != "none" and self.effort is None and self.closed_by is None:
            found = f"gap {self.gap} that no task closes"
            limit = "a gap has a task that closes it"
            raise refuse(found, limit, "name it in `closed_by`, or give the `effort` of its own")
        if self.grade not in ("", "D") and not (self.source or self.fact):
            limit = "without one, only D"
            raise refuse(f"grade {self.grade} without a source", limit, "add `source:` or `fact:`")
        return self

    @property
    def is_open(self) -> bool:
        """Whether the target has no full equivalent today."""
        return self.gap != "none"

    @property
    def closing(self) -> str:
        """Task that closes its gap."""
        return self.closed_by or f"{self.id}.close"
