"""Scores, against their closed forms."""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdhplan.kept import LEVELS
from hdhplan.verification import binomial_band, brier, crps, histogram, pit, skill

FINE = tuple((np.arange(4_000) + 0.5) / 4_000)


def normal_quantile(levels):
    return np.array([NormalDist().inv_cdf(p) for p in levels])


def normal_crps(y):
    """Gneiting and Raftery 2007: z(2Φ(z) − 1) + 2φ(z) − 1/√π."""
    cumulated = (1 + math.erf(y / math.sqrt(2))) / 2
    density = math.exp(-y * y / 2) / math.sqrt(2 * math.pi)
    return y * (2 * cumulated - 1) + 2 * density - 1 / math.sqrt(math.pi)


@pytest.mark.parametrize("y", [-2.0, 0.0, 0.3, 1.0, 2.5])
def test_the_crps_of_a_normal_law_is_its_closed_form(y):
    assert crps(FINE, normal_quantile(FINE), y) == pytest.approx(normal_crps(y), abs=1e-3)
    # Twenty-one levels lose little of it.
    coarse = crps(LEVELS, normal_quantile(LEVELS), y)
    assert coarse == pytest.approx(normal_crps(y), rel=0.02)


@pytest.mark.parametrize("y", [-1.0, 0.0, 0.25, 0.5, 1.0, 3.0])
def test_the_crps_of_a_uniform_law_is_its_closed_form(y):
    inside = min(max(y, 0.0), 1.0)
    expected = (inside**3 + (1 - inside) ** 3) / 3 + abs(y - inside)
    assert crps((0.0, 1.0), (0.0, 1.0), y) == pytest.approx(expected, abs=1e-12)
    # Where more levels of the same law are given, nothing changes.
    levels = (0.0, *LEVELS, 1.0)
    assert crps(levels, levels, y) == pytest.approx(expected, abs=1e-12)


def test_a_forecast_that_was_certain_and_right_scores_nothing():
    assert crps(LEVELS, [7.0] * 21, 7.0) == 0.0
    assert crps(LEVELS, [7.0] * 21, 9.5) == pytest.approx(2.5)
    assert crps(LEVELS, [*[7.0] * 20, math.inf], 7.0) == math.inf


@given(st.lists(st.floats(-100, 100), min_size=21, max_size=21), st.floats(-120, 120))
def test_the_crps_is_the_integral_of_its_definition(values, y):
    q = np.sort(values)
    x = np.linspace(-121, 121, 48_401)
    step = x[1] - x[0]
    odds = np.array([pit(LEVELS, q, v) for v in x[::100]])
    assert np.all(np.diff(odds) >= 0)
    whole = np.interp(x, q, LEVELS, left=0.0, right=1.0)
    ties = np.concatenate([[True], np.diff(q) > 1e-9])
    if ties.all():
        expected = np.sum((whole - (x >= y)) ** 2) * step
        assert crps(LEVELS, q, y) == pytest.approx(expected, abs=0.02)


def test_the_expected_crps_is_least_for_the_truth():
    truth = normal_quantile(FINE)[::40]

    def mean(shift, scale):
        q = scale * normal_quantile(LEVELS) + shift
        return np.mean([crps(LEVELS, q, y) for y in truth])

    best = mean(0.0, 1.0)
    assert all(best < mean(*other) for other in ((0.3, 1.0), (-0.3, 1.0), (0.0, 0.6), (0.0, 1.6)))


def test_pits_of_the_truth_are_even():
    q = normal_quantile(LEVELS)
    rng = np.random.default_rng(3)
    found = np.array([pit(LEVELS, q, y) for y in rng.standard_normal(4_000)])
    counts, _ = np.histogram(found, 10, (0, 1))
    # A standard deviation is 19: the outer levels hold what lies beyond them.
    assert np.abs(counts - 400).max() < 4 * 19
    assert pit(LEVELS, q, -9.0) == 0.0
    assert pit(LEVELS, q, 9.0) == 1.0


def test_what_is_known_to_the_day_has_the_pit_of_the_whole_day():
    assert pit((0.1, 0.9), (10.0, 18.0), 14.0, since=13.0) == pytest.approx(0.45)
    assert pit((0.1, 0.9), (10.0, 10.0), 10.0, since=9.0) == 0.5
    assert pit((0.1, 0.9), (10.0, math.inf), 14.0) == pytest.approx(0.1)


def test_the_brier_score_is_the_mean_square():
    assert brier([0.8, 0.8, 0.8, 0.8, 0.8], [True, True, True, True, False]) == pytest.approx(0.16)
    assert brier([1, 0], [True, False]) == 0.0


@pytest.mark.parametrize("n", [1, 2, 7, 20, 60])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.8, 0.9])
def test_the_band_is_that_of_the_binomial_law(n, p):
    low, high = binomial_band(n, p)
    exact = Fraction(p)
    law = [math.comb(n, k) * exact**k * (1 - exact) ** (n - k) for k in range(n + 1)]
    tail = Fraction(25, 1000)
    assert sum(law[: low + 1]) >= tail > sum(law[:low])
    assert sum(law[: high + 1]) >= 1 - tail > sum(law[:high])


def test_bands_that_a_table_of_the_binomial_law_gives():
    # scipy 1.14: binom.interval(0.95, n, p)
    assert binomial_band(15, 0.8) == (9, 15)
    assert binomial_band(100, 0.5) == (40, 60)
    assert binomial_band(30, 0.1) == (0, 7)


def test_skill_is_one_less_the_ratio():
    assert skill(1.0, 4.0) == 0.75
    assert skill(6.0, 4.0) == -0.5
    assert skill(0.0, 0.0) is None


def test_what_is_still_open_is_spread_over_what_is_left():
    known, left = histogram(np.array([0.05, 0.95]), np.ones(2), np.array([0.5, 1.0]), np.ones(2), 4)
    assert known.tolist() == [1, 0, 0, 1]
    assert left == pytest.approx([0, 0, 0.5, 1.5])
