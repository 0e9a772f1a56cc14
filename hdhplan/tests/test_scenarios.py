"""Every shipped scenario runs, says what it is, and differs from base in the direction it claims."""

from __future__ import annotations

import math
import re
from functools import lru_cache

import numpy as np
import pytest

from hdhplan.facts import data_folder
from hdhplan.forecast import Forecast
from hdhplan.model import Model
from hdhplan.plan import Plan
from hdhplan.priority import prepare
from hdhplan.reading import load_plan
from hdhplan.report import make_report
from hdhplan.report.rendering import faults_of
from hdhplan.simulation import simulate

FOLDER = data_folder() / "scenarios"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
ALONE = {"base", "stay_on_azure", "other_platform"}
VARIANTS = sorted(set(NAMES) - ALONE)
#: Scenarios that PLAN asks for.
ASKED = {
    "base", "evidence", "stress", "heavy_tail", "accelerated", "frugal", "zero_interruption",
    "wait_for_qualification", "big_bang", "ovhcloud", "outscale", "stay_on_azure",
    "other_platform",
}  # fmt: skip
#: Enough for a P80 within some ten days; scenarios share their draws, so differences are surer.
DRAWS = 1_600
_HEALTH = (
    "health|santé|patient|hospital|hôpital|hopital|medic|médic|clinic|cliniq|disease|malad|care\\b"
    "|soin|snds|cnam|hds|emc2|pmsi|eds\\b|dicom|genom|génom|imaging|imagerie|epidem|épidém|drug"
    "|pharma|insee|inserm|cnil|azure|scaleway"
)


@lru_cache(maxsize=32)
def shipped(name: str, *settings: str) -> Plan:
    return load_plan(name, list(settings))


@lru_cache(maxsize=32)
def model_of(name: str) -> Model:
    return prepare(shipped(name))


@lru_cache(maxsize=32)
def run(name: str, *settings: str) -> Forecast:
    return simulate(shipped(name, *settings), DRAWS, detail=True)


def p80(name: str, quantity: str = "left_azure") -> float:
    return run(name).quantile(quantity, 0.8)


def storage_eur(name: str, *settings: str) -> float:
    """Median cost of the stock at the target: what the plan costs less what it costs without."""
    free = [
        f"rates.{key}.amount_eur=0"
        for key, rate in shipped(name).rates.items()
        if rate.per == "TB_month" or key == "archive_restore"
    ]
    whole, without = run(name, *settings), run(name, *settings, *free)
    return float(np.median(whole.values["cost_eur"] - without.values["cost_eur"]))


# All of them


def test_all_scenarios_are_shipped():
    assert set(NAMES) == ASKED


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_runs_and_its_money_is_finite(name: str):
    forecast = simulate(shipped(name), 400)
    assert forecast.draws == 400
    for p in (0.1, 0.5, 0.8):
        assert forecast.quantile("cost_eur", p) > 0
    assert np.isfinite(forecast.values["cost_eur"]).all()
    assert np.isfinite(forecast.values["exposure_pb_days"]).all()
    assert forecast.share_never("finish_day") == (1 if name == "stay_on_azure" else 0)


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_says_what_it_is_in_both_languages(name: str):
    plan = shipped(name)
    for text in (plan.title, plan.description, plan.illustrative):
        assert text is not None
        assert text.fr.strip()
        assert text.en.strip()
        assert text.fr != text.en


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_has_words_of_its_own_and_says_why(name: str):
    base, plan = shipped("base"), shipped(name)
    assert (plan.title, plan.description) != (base.title, base.description)
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("#")
    assert re.search(r"(?m)^extends: base$", text)
    assert plan.target == base.target


@pytest.mark.parametrize("name", VARIANTS)
def test_what_a_variant_adds_has_a_name_in_both_languages(name: str):
    base, plan = shipped("base"), shipped(name)
    for kind in ("tasks", "waves", "datasets", "routes", "drivers", "rates"):
        known = getattr(base, kind)
        for key, thing in getattr(plan, kind).items():
            if key not in known:
                assert thing.name.fr, (kind, key)
                assert thing.name.en, (kind, key)


# Draws stay comparable


@pytest.mark.parametrize("name", sorted(set(VARIANTS) - {"big_bang"}))
def test_a_variant_keeps_the_order_of_base(name: str):
    assert order_of("base", common_with=name) == order_of(name, common_with="base")


def test_big_bang_keeps_the_order_of_base_as_far_as_its_one_wave_allows():
    # Its rehearsal waits for the last copy, which base's order puts after the rehearsal of wave 1.
    one, other = (
        order_of("base", "big_bang", people=True),
        order_of("big_bang", "base", people=True),
    )
    assert [task for task in one if task != "w1.rehearsal"] == [
        task for task in other if task != "w1.rehearsal"
    ]


def order_of(name: str, common_with: str, people: bool = False) -> list[str]:
    """Order of the tasks that two scenarios share; of those that seize people, if asked."""
    model, other = model_of(name), model_of(common_with)
    shared = set(model.schedule.order) & set(other.schedule.order)
    if people:
        shared = {task for task in shared if model.network.nodes[task].uses}
    return [task for task in model.schedule.order if task in shared]


# Expected directions, on common draws


def test_accelerated_is_earlier():
    assert p80("accelerated") < p80("base") - 30
    assert p80("accelerated", "service_open") < p80("base", "service_open")


def test_accelerated_opens_first_with_its_first_sensitive_wave():
    forecast = run("accelerated")
    dates = forecast.values | forecast.detail
    for wave in ("w2", "w3", "w4", "w5"):
        assert np.all(dates["w1.cutover"] < dates[f"{wave}.cutover"])
    last = np.max([dates[f"w{n}.cutover"] for n in (1, 2, 3, 4)], axis=0)
    assert np.array_equal(last, dates["left_azure"])
    # Waves do overlap: in some draws a later one is over first.
    assert np.any(dates["w2.cutover"] > dates["w3.cutover"])


def test_accelerated_pays_for_what_it_adds():
    base, faster = shipped("base").rates, shipped("accelerated").rates
    assert faster["tools_rest"].quantity > base["tools_rest"].quantity
    assert faster["interconnect"].amount_eur.likely > base["interconnect"].amount_eur.likely
    assert {"second_mover_team"} == faster.keys() - base.keys()


def test_frugal_stores_for_less_but_few_hands_cost_more_than_they_save():
    hands = (
        "resources.tool_developer=6", "defaults.wave.port.uses.tool_developer=3",
        "rates.tools_first.quantity=3", "rates.tools_rest.quantity=3",
    )  # fmt: skip
    # Fewer and cheaper bytes, as long as they are not held for longer; with four hands they are.
    assert 0 < storage_eur("frugal", *hands) < 0.7 * storage_eur("base")
    assert run("frugal", *hands).quantile("cost_eur", 0.5) < run("base").quantile("cost_eur", 0.5)
    assert storage_eur("frugal") > storage_eur("frugal", *hands)
    assert p80("frugal", "cost_eur") > p80("base", "cost_eur")
    assert p80("frugal") > p80("base")


def test_waiting_for_the_qualification_is_never_earlier():
    base, waiting = run("base").values, run("wait_for_qualification").values
    assert p80("wait_for_qualification") >= p80("base")
    assert np.mean(waiting["left_azure"] >= base["left_azure"] - 0.01) == 1


def test_waiting_keeps_every_sensitive_byte_behind_the_qualification():
    forecast = run("wait_for_qualification")
    network = model_of("wait_for_qualification").network
    for name, data in forecast.plan.datasets.items():
        if data.sensitive and data.route and not data.excluded:
            gates = {link.task for link in network.nodes[f"{name}.copy"].links}
            assert {"B1", "B8"} <= gates


def test_stress_is_later_dearer_and_longer_exposed():
    for quantity in ("left_azure", "cost_eur", "exposure_pb_days"):
        assert p80("stress", quantity) > p80("base", quantity)
    assert np.all(run("stress").values["left_azure"] >= run("base").values["left_azure"] - 0.01)


def test_stress_is_the_first_that_never_converges_on_a_thin_link():
    # At 10 Gbit/s neither ever fails to catch up with what is rewritten; at 2.5 they do.
    thin = "routes.azure.rate_gbps=2.5"
    base, stress = (run(name, thin).share_never("left_azure") for name in ("base", "stress"))
    assert stress > base + 0.05


def test_the_heavy_tail_is_the_one_of_the_facts():
    factor = shipped("heavy_tail").drivers["it_overrun"].factor
    values, weights = np.array(factor.values), np.array(factor.weights) / sum(factor.weights)
    facts = shipped("base").facts
    share, alpha = (facts.by_id(name).number for name in ("it-tail-share", "it-tail-alpha"))
    assert math.isclose(weights[values > 1.5].sum(), share, abs_tol=1e-3)
    assert math.isclose(weights[values == 6].sum(), share * (1.5 / 6) ** alpha, abs_tol=1e-3)
    for cut in (2.0, 3.0, 5.0):
        tail = share * (1.5 / cut) ** alpha
        assert abs(weights[values > cut].sum() - tail) < 0.011
    body = values[values < 1.5]
    assert abs(np.log(body).std() - facts.by_id("it-body-sigma").number) < 0.02
    assert 0.95 <= np.exp(np.log(body).mean()) <= 1.0


def test_the_heavy_tail_multiplies_days_and_euros_alike():
    one, two = (run("heavy_tail", f"drivers.it_overrun.factor={r}") for r in (1, 2))
    for quantity in ("left_azure", "cost_eur"):
        assert 1.75 < two.quantile(quantity, 0.5) / one.quantile(quantity, 0.5) < 2.1


def test_the_heavy_tail_has_the_worst_tenth():
    heavy, base = run("heavy_tail"), run("base")
    for quantity in ("left_azure", "cost_eur"):
        assert heavy.quantile(quantity, 0.9) > base.quantile(quantity, 0.9)
    assert heavy.p_both < base.p_both


def test_zero_interruption_interrupts_almost_nobody_and_costs_more():
    assert p80("zero_interruption", "project_days_interrupted") < 0.1 * p80(
        "base", "project_days_interrupted"
    )
    assert p80("zero_interruption", "cost_eur") > p80("base", "cost_eur")
    assert p80("zero_interruption") >= p80("base")


def test_no_big_bang_fits_into_the_exit_credit():
    forecast = run("big_bang")
    window = forecast.plan.facts.by_id("exit-window").number
    spread = forecast.spread
    shortest = spread["genomics.copy"]["finish"][0] - spread["snds_extracts.copy"]["start"][2]
    assert shortest > window
    span = forecast.tasks["exit_window"]
    assert span.early_finish - span.early_start > 4 * window


def test_a_big_bang_opens_the_service_last_and_risks_its_end():
    assert np.array_equal(
        run("big_bang").values["service_open"], run("big_bang").values["left_azure"]
    )
    assert p80("big_bang", "service_open") > p80("base", "service_open") + 90
    assert p80("big_bang") > p80("base")


@pytest.mark.parametrize("name", ["ovhcloud", "outscale"])
def test_another_host_is_a_guess_that_its_words_admit(name: str):
    plan = shipped(name)
    assert run(name).likely["cost_eur"] > run("base").likely["cost_eur"]
    assert plan.tasks["B1"].work.high == 0
    assert p80(name, "service_open") <= p80("base", "service_open")
    for key in ("storage", "storage_archive"):
        assert plan.rates[key].amount_eur.grade == "D"
    premium = plan.drivers["qualified_premium"].factor
    assert (premium.low, premium.high, premium.grade) == (1.2, 2.0, "D")
    assert "best" in plan.description.en
    assert "meilleur" in plan.description.fr


def test_staying_leaves_nothing_and_exposes_everything():
    stay, base = run("stay_on_azure"), run("base")
    assert stay.share_never("left_azure") == 1
    assert stay.p_date == 0
    for quantity in ("exposure_pb_days", "project_days_interrupted"):
        assert stay.quantile(quantity, 0.8) > base.quantile(quantity, 0.8)
    bill = stay.plan.rates["azure_bill"].amount_eur
    assert bill == base.plan.rates["azure_before"].amount_eur.model_copy(update={"ask": bill.ask})


def test_staying_names_the_laws_that_it_breaks():
    plan = shipped("stay_on_azure")
    text = (FOLDER / "stay_on_azure.yaml").read_text(encoding="utf-8")
    cited = ("circular-6519", "sren-law", "emc2-lapses", "doctrine-2021", "foreign-law")
    for fact in cited:
        assert f"({fact}" in text
        assert plan.facts.by_id(fact)
    for language in (plan.description.fr, plan.description.en):
        assert {"6519/SG", "SREN", "EMC2"} <= set(re.findall(r"[\w/]+", language))


def test_another_platform_is_a_short_file_without_health():
    text = (FOLDER / "other_platform.yaml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    assert re.findall(_HEALTH, text, flags=re.IGNORECASE) == []
    forecast = run("other_platform")
    assert forecast.plan.origin.root is None
    assert 0.3 < forecast.p_both < 0.95


@pytest.mark.slow
def test_another_platform_has_a_report_like_any_other(tmp_path):
    folder = make_report("other_platform", ("fr", "en"), 2_000, out=tmp_path)
    for name in ("report.html", "report.en.html"):
        assert faults_of((folder / name).read_text(encoding="utf-8")) == []
    french = (folder / "report.html").read_text(encoding="utf-8")
    assert "Observatoire des routes" in french or "observatoire des routes" in french
    for heading in ("Les outils", "La souveraineté"):  # it says nothing of these
        assert f">{heading}</h2>" not in french
