"""Differences on common draws: what is averaged around P80 is P80, without the hops of its steps."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from hdhplan.paired import PARTS, around_p80, difference, in_parts, p80

LUCK = np.random.default_rng(5).random((400, 1_024))


def stepped(days):
    """Days on which something ends that ends on Mondays only. [d]"""
    return np.ceil(days / 7) * 7


def test_what_is_certain_is_exact():
    for draws in (1, 2, 7, 20, 1_000, 65_536):
        assert around_p80(np.full(draws, 663.8839, np.float32)) == np.float32(663.8839)


def test_few_draws_have_the_plain_p80():
    for draws in range(1, 20):
        assert around_p80(LUCK[0, :draws]) == p80(LUCK[0, :draws])


def test_a_uniform_law_has_its_own_p80():
    assert around_p80(np.arange(10_000.0)) == p80(np.arange(10_000.0))


def test_on_a_bell_curve_it_is_nearer_to_p80_than_a_comparison_can_tell():
    bell, draws = NormalDist(), 10_000
    values = np.array([bell.inv_cdf((i + 0.5) / draws) for i in range(draws)])
    standard_error = math.sqrt(0.8 * 0.2 / draws) / bell.pdf(bell.inv_cdf(0.8))
    assert abs(around_p80(values) - p80(values)) < standard_error / 3


def test_draws_that_are_nowhere_earlier_have_no_earlier_p80():
    for luck, more in zip(LUCK[:200], LUCK[200:], strict=True):
        assert around_p80(luck + 0.1 * more**8) >= around_p80(luck)


def test_order_counts_for_nothing_and_a_shift_for_itself():
    days = np.floor(100 * LUCK[0])
    assert around_p80(days[::-1]) == around_p80(days)
    assert around_p80(days + 10) == pytest.approx(around_p80(days) + 10, abs=1e-9)


@pytest.mark.parametrize("never", [0.201, 0.5, 1.0])
def test_what_a_fifth_of_the_draws_never_reach_is_infinite(never):
    days = np.sort(100 * LUCK[0])
    days[len(days) - math.ceil(never * len(days)) :] = np.inf
    assert around_p80(days) == p80(days) == math.inf


@pytest.mark.parametrize("never", [0.0, 0.1, 0.18, 0.19, 0.199])
def test_what_fewer_never_reach_is_finite_and_near_its_p80(never):
    days = np.arange(10_000.0)
    days[len(days) - int(never * len(days)) :] = np.inf
    assert around_p80(days) == p80(days) == 7_999


def test_the_hops_of_weekly_steps_fall_out_of_a_difference():
    # The work is 3 days shorter in every draw; what it ends on is a Monday.
    days = [200 + 90 * luck for luck in LUCK]
    moves = {
        of: np.array([of(stepped(d - 3)) - of(stepped(d)) for d in days])
        for of in (p80, around_p80)
    }
    assert set(moves[p80]) == {-7, 0}  # never what it is
    assert abs(moves[around_p80].mean() + 3) < 0.5
    assert moves[around_p80].std() < moves[p80].std() / 2


def test_the_error_of_a_difference_is_what_it_varies_by():
    found = []
    for first, second in zip(LUCK[:200], LUCK[200:], strict=True):
        before = stepped(200 + 90 * first + 30 * second)
        after = stepped(200 + 90 * first + 20 * second)
        found.append(difference(*(in_parts(v, around_p80) for v in (after, before))))
    values = np.array([move.value for move in found])
    errors = np.array([move.se for move in found])
    assert np.median(errors) == pytest.approx(values.std(), rel=0.3)
    assert np.mean(np.abs(values - values.mean()) < 2 * errors) > 0.85


def test_parts_are_the_whole_first_and_then_its_sixteen():
    days = 100 * LUCK[0]
    parts = in_parts(days, around_p80)
    assert len(parts) == PARTS + 1
    assert parts[0] == around_p80(days)
    assert parts[1] == around_p80(days[: len(days) // PARTS])
