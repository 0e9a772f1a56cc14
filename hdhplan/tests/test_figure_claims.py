"""Titles of charts claim only what their data bear out, on whatever a forecast may turn out to be."""

from __future__ import annotations

import dataclasses
import math
import re
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from hdhplan.figures import all_figures
from hdhplan.forecast import Path, end_of_day
from hdhplan.plan import Target
from hdhplan.sensitivity import Study
from hdhplan.tests.test_figures import SMALL, an_effect, made_from
from hdhplan.wording.captions import CAPTIONS
from hdhplan.wording.score_captions import SCORED
from hdhplan.wording.spending import SPENDING_CAPTION
from hdhplan.wording.week_captions import WEEKLY

FORECASTS = 80


@pytest.fixture(scope="module")
def forecasts(tmp_path_factory):
    text = SMALL
    gap = "interruptions:\n  - {id: lapse, from: 2026-12-21, until: B1, projects: 3, source: test, grade: D}\n"
    made = [made_from(t, tmp_path_factory.mktemp("claims"), 600) for t in (text, text + gap)]
    rng = np.random.default_rng(5)
    return [mutated(made[i % 2], rng) for i in range(FORECASTS)]


def mutated(forecast, rng):
    """Another target, other costs, draws that never end, nobody interrupted: as it may turn out."""
    few = rng.random() < 0.1
    draws = 40 if few else forecast.draws
    share = rng.choice([0, 0, 0, 0.15, 0.3, 0.6, 0.97])
    never = rng.permutation(draws) < share * draws
    scale = rng.choice([0.25, 1, 1, 3])

    def change(name, values):
        values = values[:draws]
        if name.endswith("_eur") or name[:3] in ("ae.", "cp."):
            return np.where(never, np.inf, values * scale)
        if "interrupted" in name:
            return values * idle + np.where(never & endless, np.inf, 0)
        if name.startswith("event:") or "without" in name:
            return values
        return np.where(never, np.inf, values)

    idle, endless = rng.choice([0, 1, 1]), rng.choice([False, False, True])
    found = {
        kind: {k: change(k, v) for k, v in getattr(forecast, kind).items()}
        for kind in ("values", "detail")
    }
    found["lines"] = {
        k: np.where(never, np.inf, v[:draws] * scale) for k, v in forecast.lines.items()
    }
    ends = [p <= 1 - share for p in (0.1, 0.5, 0.8, 0.9)]
    found["spread"] = {
        k: {side: tuple(x if e else np.inf for x, e in zip(v, ends[:3], strict=True))
            for side, v in both.items()}
        for k, both in forecast.spread.items()
    }  # fmt: skip
    path = forecast.exposure_path
    lasting = [line if e else np.full_like(line, line[0])
               for line, e in zip((path.p10, path.p50, path.p80, path.p90), ends, strict=True)]  # fmt: skip
    found["exposure_path"] = Path(path.days, path.likely, *lasting)
    return dataclasses.replace(forecast, draws=draws, plan=_asked(forecast.plan, rng), **found)


def _asked(plan, rng):
    target = Target(
        milestone="left",
        finish=plan.start + timedelta(days=int(rng.integers(60, 900)))
        if rng.random() < 0.8
        else None,
        cost_eur=float(rng.choice([1e5, 8e5, 1e6, 2e6, 2e7])) if rng.random() < 0.8 else None,
        vat="HT",
    )
    lines = ("technical_migration", "adaptation")
    given = {k: float(rng.choice([1e5, 4e5, 1e6, 1e8])) for k in lines if rng.random() < 0.7}
    waves = plan.waves if rng.random() < 0.8 else {"w1": plan.waves["w1"]}
    update = {
        "target": target if rng.random() < 0.9 else None,
        "allocations": given,
        "waves": waves,
    }
    return plan.model_copy(update=update)


def random_study(rng):
    """Effects in any order, some of no weight."""
    size = rng.choice([0.2, 30.0])
    days = np.sort(rng.normal(0, size, rng.integers(1, 5)))[:: rng.choice([-1, 1])]
    return Study(
        tuple(an_effect(f"d{i}", float(x), False) for i, x in enumerate(days)), (), 100, 0.0
    )


# What each title claims, in the order of its templates, worked out anew from the draws.


def p_of(values, p):
    """The quantile as it is defined: the smallest value that a share of the draws do not exceed."""
    ordered = np.sort(values)
    return ordered[max(math.ceil(p * len(ordered)) - 1, 0)] if len(ordered) else math.inf


def ended(values):
    return values[np.isfinite(values)]


def day_of(f, p):
    return p_of(f.values["finish_day"], p)


def gap_of(f):
    """Days from the target to the P80 date; None without either."""
    asked, day = f.plan.target and f.plan.target.finish, day_of(f, 0.8)
    return (f.date_of(day) - asked).days if asked and math.isfinite(day) else None


def clear(f):
    return abs(gap_of(f)) >= 2 * f.standard_error("finish_day", 0.8)


def on_time(f):
    return f.values["finish_day"] <= end_of_day(f.plan, f.plan.target.finish)


def in_money(f):
    return f.values["cost_eur"] <= f.plan.envelope_eur


def in_20(title, share):
    """Whether a title's chances in 20 are those of the draws, to half a chance."""
    n = int(re.search(r"(\d+)\schances?\s", title)[1])
    if re.search("plus de|more than", title):
        return share >= 0.975 - 1e-9
    if re.search("moins de|less than", title):
        return share < 0.025
    return abs(20 * share - n) <= 0.5 + 1e-9


def first_number(title):
    return int(re.search(r"\d+", title)[0])


def over_allocation(f):
    shown = {k: p_of(ended(v), 0.8) for k, v in f.lines.items()}
    return {k: v - f.plan.allocations[k] for k, v in shown.items() if k in f.plan.allocations}


def over_envelope(f):
    limit = f.plan.envelope_eur
    return limit is not None and p_of(ended(f.values["cost_eur"]), 0.8) > limit


def committed_over(f):
    limit = f.plan.envelope_eur
    return limit is not None and any(
        p_of(ended(f.by_year("ae")[: i + 1].sum(axis=0)), 0.8) > limit for i in range(len(f.years))
    )


def last_cut(f):
    return max(f.spread[f"{w}.cutover"]["finish"][1] for w in f.plan.waves)


def landed(f, p):
    return p_of(f.detail["landed_day"], p)


def odds_claims(quantity, holds, asks):
    def prudent(f):
        values = f.values[quantity]
        return p_of(ended(values) if quantity == "cost_eur" else values, 0.8)

    curve = (
        lambda f, t: f.draws < 100,
        lambda f, t: asks(f) and in_20(t, np.mean(holds(f))),
        lambda f, t: not asks(f) and math.isfinite(prudent(f)),
        lambda f, t: not asks(f) and math.isinf(prudent(f)),
    )
    dots = (
        lambda f, t: f.draws < 100,
        lambda f, t: not asks(f) and np.mean(np.isinf(f.values[quantity])) <= 0.025,
        lambda f, t: (
            not asks(f) and abs(20 * np.mean(np.isinf(f.values[quantity])) - first_number(t)) <= 0.5
        ),
        lambda f, t: 20 * np.mean(holds(f)) < 0.5,
        lambda f, t: abs(20 * np.mean(holds(f)) - 1) <= 0.5,
        lambda f, t: abs(20 * np.mean(holds(f)) - first_number(t)) <= 0.5,
    )
    return curve, dots


DATE = odds_claims("finish_day", on_time, lambda f: bool(f.plan.target and f.plan.target.finish))
COST = odds_claims("cost_eur", in_money, lambda f: f.plan.envelope_eur is not None)
CLAIMS = {
    "joint": (
        lambda f, t: f.draws < 100,
        lambda f, t: in_20(t, np.mean(on_time(f) & in_money(f))),
        lambda f, t: not (f.plan.target and f.plan.target.finish and f.plan.envelope_eur),
    ),
    "curve_date": DATE[0],
    "curve_cost": COST[0],
    "dots_date": DATE[1],
    "dots_cost": COST[1],
    "timeline": (
        lambda f, t: math.isinf(day_of(f, 0.8)),
        lambda f, t: gap_of(f) is None or gap_of(f) == 0 or not clear(f),
        lambda f, t: gap_of(f) > 0 and clear(f),
        lambda f, t: gap_of(f) < 0 and clear(f),
    ),
    "waves": (
        lambda f, t: math.isinf(last_cut(f)),
        lambda f, t: len(f.plan.waves) == 1,
        lambda f, t: len(f.plan.waves) > 1 and str(f.date_of(last_cut(f)).year) in t,
    ),
    "continuity": (
        lambda f, t: math.isinf(p_of(f.values["project_days_interrupted"], 0.8)),
        lambda f, t: p_of(f.values["project_days_interrupted"], 0.8) == 0,
        lambda f, t: 0 < p_of(f.values["project_days_interrupted"], 0.8) < math.inf,
    ),
    "money_by_line": (
        lambda f, t: over_envelope(f),
        lambda f, t: sum(x > 0 for x in over_allocation(f).values()) == first_number(t) > 1,
        lambda f, t: sum(x > 0 for x in over_allocation(f).values()) == 1,
        lambda f, t: over_allocation(f) and max(over_allocation(f).values()) <= 0,
        lambda f, t: not over_allocation(f),
    ),
    "money_by_year": (lambda f, t: committed_over(f), lambda f, t: not committed_over(f)),
    "exposure": (
        lambda f, t: f.exposure_path.p50[-1] > 0,
        lambda f, t: f.exposure_path.p50[-1] == 0 < f.exposure_path.p80[-1],
        lambda f, t: f.exposure_path.p50[-1] == f.exposure_path.p80[-1] == 0,
    ),
    "landed": (
        lambda f, t: math.isinf(landed(f, 0.5)),
        lambda f, t: landed(f, 0.5) < math.inf == landed(f, 0.8),
        lambda f, t: landed(f, 0.8) < math.inf,
    ),
}  # fmt: skip


def said(key, title, lang):
    """Which of its titles a chart says: of those that fit, the one with the longest own words."""
    fits = {}
    for i, template in enumerate(CAPTIONS[key].titles):
        text = re.sub(r"\s", " ", template.fr if lang == "fr" else template.en)
        pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(text))
        if re.fullmatch(pattern, re.sub(r"\s", " ", title)):
            fits[i] = len(re.sub(r"\{\w+\}", "", text))
    assert fits, (key, title)
    return max(fits, key=fits.get)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_titles_claim_what_the_draws_bear_out_and_every_title_is_said(forecasts, lang):
    heard = {key: set() for key in CLAIMS}
    for made in forecasts:
        for key, figure in all_figures(made, None, lang).items():
            which = said(key, figure.title, lang)
            heard[key].add(which)
            assert CLAIMS[key][which](made, figure.title), (key, figure.title)
    missing = {key: set(range(len(CLAIMS[key]))) - found for key, found in heard.items()}
    # A curve of the cost always has a prudent value: only draws that end are in it.
    missing["curve_cost"] -= {3}
    assert not any(missing.values()), missing


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_tornado_names_its_largest_driver_and_its_direction(forecasts, lang):
    rng, heard = np.random.default_rng(7), set()
    for _ in range(40):
        study = random_study(rng)
        title = all_figures(forecasts[0], study, lang)["drivers"].title
        largest = max(study.drivers, key=lambda e: abs(e.finish_days))
        which = said("drivers", title, lang)
        heard.add(which)
        # One day at least, and two standard errors (half a day each in these).
        assert (which == 0) == (abs(largest.finish_days) < 1)
        if which:
            assert title.startswith(largest.id)
            assert (which == 1) == (largest.finish_days > 0)
    assert heard == {0, 1, 2}


def test_every_chart_that_is_made_has_its_claims():
    # Those of weeks, scores and spending are held to theirs beside their own tests.
    assert {*CLAIMS, "drivers"} == CAPTIONS.keys() - {*WEEKLY, *SCORED, *SPENDING_CAPTION}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_title_that_lies_is_found_out(forecasts, lang):
    """The claims can fail: those of one forecast do not all hold of the next."""
    lies = 0
    for one, other in pairwise(forecasts):
        titles = {k: g.title for k, g in all_figures(one, None, lang).items()}
        for key, title in titles.items():
            try:
                lies += not CLAIMS[key][said(key, title, lang)](other, title)
            except (AttributeError, TypeError):  # it speaks of what the other is not asked
                lies += 1
    assert lies > FORECASTS
