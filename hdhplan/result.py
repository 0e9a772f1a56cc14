"""The numbers of a forecast as one JSON-safe value: what the command line and a report give out."""

from __future__ import annotations

import math
from dataclasses import asdict, fields
from typing import Any

from hdhplan import __version__
from hdhplan.budget import as_data
from hdhplan.crossing import crossings, standstills, turn_back
from hdhplan.earned import earned_value
from hdhplan.forecast import Forecast
from hdhplan.kept import events
from hdhplan.plan import Plan
from hdhplan.ranks import RankEffect, sum_of_shares
from hdhplan.sensitivity import OutsideView, Study
from hdhplan.sovereignty import HELD, duties, refusals, services, wave_gates
from hdhplan.spending import as_data as spending
from hdhplan.spread import Spread
from hdhplan.tooling import closed, gaps

#: Kind of output in which a notebook hands its result over.
RESULT_MIME = "application/vnd.hdhplan.result+json"
RESULT_SCHEMA = "hdhplan.report/1"
#: Odds of the frontier that is given out, and its points at most.
FRONTIER, FRONTIER_POINTS = 0.7, 12
#: Spreads that are no instants.
_LENGTHS = ("length", "last_open")


def bundle(forecast: Forecast, study: Study | None = None) -> dict[str, Any]:
    """Every number of a forecast; infinite ones are None.

    Parameters
    ----------
    study
        What drives it, where it was worked out.
    """
    data = {
        "name": forecast.plan.name,
        "start": forecast.plan.start.isoformat(),
        "target": _target(forecast),
        "plan": _likely(forecast),
        "quantiles": {q: forecast.summary(q) for q in forecast.quantities},
        "dates": _dates(forecast),
        "odds": forecast.odds | {"se": _odds_errors(forecast)},
        "events": events(forecast.plan),
        "provision": {"suffices": forecast.p_provision},
        "bottleneck": forecast.bottleneck,
        "criticality": forecast.criticality,
        "tasks": forecast.spread,
        "lines": {"likely": forecast.likely_lines, "allocated": dict(forecast.plan.allocations)},
        "money_to_add_eur": {"odds_14_in_20": forecast.money_to_reach(0.7)},
        "correlation_date_cost": forecast.correlation,
        "frontier": _frontier(forecast),
    } | as_data(forecast)
    if forecast.detail:
        data |= {
            "sovereignty": _sovereignty(forecast),
            "tools": _tools(forecast),
            "continuity": _continuity(forecast),
        }
    if forecast.progress is not None:
        data["status"] = _status(forecast)
    if study is not None:
        data |= _study(study)
    return safe(data)


def _status(forecast: Forecast) -> dict[str, Any]:
    """What had happened by the data date and what it taught; ratios are to the likely value."""
    plan, progress = forecast.plan, forecast.progress
    state, probabilities = progress.state, {"p10": 0.1, "p50": 0.5, "p90": 0.9}
    return {
        "as_of": state.day,
        "illustrative": state.illustrative,
        "missing": state.missing,
        "done": sorted(progress.done),
        "running": sorted(progress.running.keys() & state.of("tasks").keys()),
        "closed": sorted(progress.closed),
        "occurred": sorted(progress.occurred),
        "estimates": sorted(progress.estimates),
        "landed": {name: asdict(at) for name, at in sorted(progress.landed.items())},
        "committed_eur": state.spent_eur("committed_eur"),
        "paid_eur": state.spent_eur("paid_eur"),
        "learned": {
            found.id: {"observed": found.observed}
            | {
                which: {k: found.quantile(which, p) for k, p in probabilities.items()}
                for which in ("prior", "posterior")
            }
            for found in progress.learned
        },
        "widened": progress.work.widened if progress.work else {},
        "earned": _earned(plan),
        "spending": spending(forecast),
    }


def _earned(plan: Plan) -> dict[str, Any] | None:
    """Earned value in all and by line, and shares of the planned days."""
    found = earned_value(plan)
    return found and {
        "planned_share": found.planned_share,
        "earned_share": found.earned_share,
        "programme": found.programme.data,
        "lines": {line: earned.data for line, earned in found.lines.items()},
    }


def meta(forecast: Forecast) -> dict[str, Any]:
    """What made a forecast: version, seed, draws and the hashes of its inputs."""
    return made_of(forecast.plan, forecast.draws, forecast.seed)


def made_of(plan: Plan, draws: int, seed: int) -> dict[str, Any]:
    """What makes the numbers of a plan: version, seed, draws and the hashes of its inputs."""
    origin = plan.origin
    return {
        "version": __version__,
        "seed": seed,
        "draws": draws,
        "inputs": dict(origin.inputs) if origin else {},
        "overrides": list(origin.overrides) if origin else [],
    }


def warnings_of(forecast: Forecast) -> list[str]:
    """What a program that reads the numbers should know about them."""
    shares = {name: forecast.share_never(name) for name in forecast.values}
    found = [f"{q} never comes in {share:.1%} of the draws" for q, share in shares.items() if share]
    if forecast.draws < 2_000:
        found.append(f"{forecast.draws} draws: standard errors are large")
    return found


def envelope(schema: str, data: Any, warnings: list[str], meta: dict, ok: bool = True) -> dict:
    """The one envelope of everything that ``--json`` prints."""
    return {"schema": schema, "ok": ok, "data": safe(data), "warnings": warnings, "meta": meta}


def safe(value: Any) -> Any:
    """Make a value JSON-safe: no infinite or missing number, plain types only."""
    if isinstance(value, dict):
        return {str(key): safe(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [safe(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _target(forecast: Forecast) -> dict | None:
    target = forecast.plan.target
    if target is None:
        return None
    return {
        "milestone": target.milestone,
        "finish": target.finish,
        "cost_eur": target.cost_eur,
        "vat": target.vat,
        "critical_limit_d": target.critical_limit.likely if target.critical_limit else None,
    }


def _likely(forecast: Forecast) -> dict:
    """The likely plan: its quantities, its dates and its tasks."""
    tasks = {}
    for name, task in forecast.tasks.items():
        slack = task.slack
        tasks[name] = {
            "kind": task.kind,
            "early_start": task.early_start,
            "early_finish": task.early_finish,
            "late_start": slack.late_start if slack else None,
            "late_finish": slack.late_finish if slack else None,
            "total_float": slack.total_float if slack else None,
            "free_float": slack.free_float if slack else None,
            "start_date": forecast.date_of(task.early_start + 1),
            "finish_date": forecast.date_of(task.early_finish),
        }
    finish = forecast.date_of(forecast.likely["finish_day"])
    return {**forecast.likely, "finish_date": finish, "tasks": tasks}


def _dates(forecast: Forecast) -> dict:
    """Dates of the quantiles of every instant."""
    instants = [q for q in forecast.values if q == "finish_day" or q in forecast.tasks]
    return {
        name: {f"p{round(p * 100)}": forecast.date_of(forecast.quantile(name, p)) for p in (0.1, 0.5, 0.8, 0.9)}
        for name in instants
    }  # fmt: skip


def _odds_errors(forecast: Forecast) -> dict:
    return {k: forecast.odds_error(p) for k, p in forecast.odds.items() if p is not None}


def _frontier(forecast: Forecast) -> dict:
    """Pairs of date and cost that hold together at one confidence."""
    pairs = forecast.frontier(FRONTIER)
    few = pairs[:: max(1, -(-len(pairs) // FRONTIER_POINTS))]
    points = [{"day": day, "date": forecast.date_of(day), "cost_eur": money} for day, money in few]
    return {"odds": FRONTIER, "points": points}


def _sovereignty(forecast: Forecast) -> dict:
    """Gates of the waves, services, refusals and obligations, by their ids. [d], [1]"""
    found = {
        "gates": _by_id(forecast, wave_gates(forecast), "wave"),
        "services": _by_id(forecast, services(forecast), "id"),
        "refusals": _by_id(forecast, refusals(forecast), "driver"),
        "obligations": _by_id(forecast, duties(forecast), "id"),
    }
    for name, duty in found["obligations"].items():
        known = forecast.plan.obligations[name]
        duty |= {"by": known.by, "fact": known.fact}
    return found | {q: forecast.summary(q) for q in HELD if q in forecast.values}


def _tools(forecast: Forecast) -> dict:
    """Gaps by their ids, services without one, and who goes over without a tool. [1], [d]"""
    asked = ("projects_without_tool", "project_days_without_tool")
    return {
        "gaps": _by_id(forecast, gaps(forecast), "id"),
        "without_gap": list(closed(forecast)),
        **{q: forecast.summary(q) for q in asked if q in forecast.values},
    }


def _continuity(forecast: Forecast) -> dict:
    """Odds, crossings by wave, standstills, and the last day to turn back. [1], [d]"""
    back = turn_back(forecast)
    return {
        "odds": {k: forecast.odds[k] for k in ("continuity", "all")},
        "waves": _by_id(forecast, crossings(forecast), "wave"),
        "standstills": _by_id(forecast, standstills(forecast), "id"),
        "turn_back": _plain(forecast, "day", back) if back else None,
    }


def _by_id(forecast: Forecast, things: tuple, key: str) -> dict:
    """Things as plain values by what names them."""
    return {
        getattr(thing, key): {
            f.name: _plain(forecast, f.name, getattr(thing, f.name))
            for f in fields(thing)
            if f.name != key
        }
        for thing in things
    }


def _plain(forecast: Forecast, name: str, value: Any) -> Any:
    """A spread as numbers, of an instant with its dates; anything else as it is."""
    if not isinstance(value, Spread):
        return value
    numbers = asdict(value)
    if name in _LENGTHS:
        return numbers
    return numbers | {"dates": {p: forecast.date_of(numbers[p]) for p in ("p10", "p50", "p80")}}


def _study(study: Study) -> dict:
    drivers = {
        effect.id: {
            "p": effect.p,
            "lever": effect.lever,
            "grade": effect.grade,
            "p80_finish_days": effect.finish_days,
            "p80_cost_eur": effect.cost_eur,
            "p_both_gained_without": effect.p_both,
            "se": {"p80_finish_days": effect.finish_se, "p80_cost_eur": effect.cost_se},
        }
        for effect in study.drivers
    }
    checks = [
        {k: v for k, v in asdict(check).items() if k != "name"}
        | {"ask": check.ask.model_dump() if check.ask else None}
        for check in study.checks[:20]
    ]
    return {
        "drivers": drivers,
        "check_first": checks,
        "study_draws": study.draws,
        "backfill_gap_days": study.backfill_gap_days,
        "inputs": {effect.path: _input(effect) for effect in study.inputs},
        "inputs_sum": _sums(study.inputs),
        "outside_view": _outside_view(study.outside_view),
    }


def _input(effect: RankEffect) -> dict:
    row, errors = {}, {}
    for outcome, alone in (("finish", effect.finish), ("cost", effect.cost)):
        row |= {f"spearman_{outcome}": alone.spearman, f"share_{outcome}": alone.share}
        errors[f"spearman_{outcome}"] = alone.spearman_se
        errors[f"share_{outcome}"] = alone.share_se
    return row | {"se": errors}


def _sums(inputs: tuple[RankEffect, ...]) -> dict:
    """What all inputs explain one by one; the rest is interaction."""
    finish, cost = (sum_of_shares([getattr(e, q) for e in inputs]) for q in ("finish", "cost"))
    errors = {"share_finish": finish[1], "share_cost": cost[1]}
    return {"share_finish": finish[0], "share_cost": cost[0], "se": errors}


def _outside_view(view: OutsideView | None) -> dict | None:
    """The plan with its outside view and without, and with minus without."""
    if view is None:
        return None
    moves = {"p80_finish_days": view.finish, "p80_cost_eur": view.cost, "odds": view.odds}
    known = {name: move for name, move in moves.items() if move is not None}
    difference = {name: move.value for name, move in known.items()}
    difference["se"] = {name: move.se for name, move in known.items()}
    return {
        "drivers": view.drivers,
        "with": view.on,
        "without": view.off,
        "difference": difference,
    }
