"""Intervals that respect fields, probabilities and what they are worth."""

import numpy as np
import pytest

from nlp.skill import (
    brier,
    fields_of,
    interval,
    precision_draws,
    precision_interval,
    probability_of,
    reliability,
)
from nlp.themes import unit


def centroids(fields, each, seed):
    """Unit vectors in *fields* bundles of *each*; the bundles are the same for every seed."""
    middles = np.random.default_rng(0).normal(size=(fields, 32))
    noise = np.random.default_rng(seed).normal(size=(fields * each, 32)) * 0.1
    return unit(np.repeat(middles, each, axis=0) + noise)


def test_a_subject_has_one_field_at_all_cut_offs():
    first, second = fields_of([centroids(4, 12, 1), centroids(4, 12, 2)])
    assert first.tolist() == second.tolist()
    assert len(set(first.tolist())) == 4


def test_themes_of_a_small_corpus_are_fields_of_their_own():
    [found, none] = fields_of([centroids(3, 2, 1), centroids(0, 0, 1)])
    assert len(set(found.tolist())) == 6
    assert len(none) == 0


def test_flags_of_one_field_count_as_one_piece_of_luck():
    # Twenty flags, half of them right: in twenty fields, and in four whole ones.
    flags = np.ones(20, dtype=bool)
    success = np.repeat([True, False, True, False], 5)
    apart = interval(precision_draws(flags, success, np.arange(20)))
    together = interval(precision_draws(flags, success, np.repeat(np.arange(4), 5)))
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])
    assert apart[0] < 0.5 < apart[1]


def test_the_interval_of_independent_flags_is_the_binomial_one():
    rng = np.random.default_rng(1)
    success = rng.random(400) < 0.6
    low, high = interval(precision_draws(np.ones(400, dtype=bool), success, np.arange(400)))
    half = 1.645 * np.sqrt(success.mean() * (1 - success.mean()) / 400)
    assert low == pytest.approx(success.mean() - half, abs=0.01)
    assert high == pytest.approx(success.mean() + half, abs=0.01)


def test_no_interval_is_told_of_flags_in_four_fields():
    flags = np.array([True] * 5 + [False] * 15)
    success = np.arange(20) % 2 == 0
    assert precision_interval(flags, success, np.arange(20)) is not None
    assert precision_interval(flags, success, np.minimum(np.arange(20), 3)) is None
    assert precision_interval(~flags & flags, success, np.arange(20)) is None


def test_two_sets_of_flags_are_compared_draw_by_draw():
    success = np.arange(40) % 3 == 0
    some, more = success.copy(), success.copy()
    more[1] = True
    fields = np.arange(40)
    difference = precision_draws(some, success, fields) - precision_draws(more, success, fields)
    assert (difference >= 0).all()


def test_a_probability_learnt_from_scores_is_calibrated_and_has_skill():
    rng = np.random.default_rng(2)
    scores = rng.uniform(0, 100, 4000)
    success = rng.random(4000) < 1 / (1 + np.exp(-(scores - 50) / 10))
    probability = probability_of(scores[:2000], success[:2000])(scores[2000:])
    for said, was, number in reliability(probability, success[2000:]):
        assert said == pytest.approx(was, abs=0.06)
        assert number == 400
    score, skill = brier(probability, success[2000:])
    assert score < 0.15
    assert skill > 0.4


def test_the_base_rate_has_no_skill_and_noise_has_less():
    success = np.arange(100) % 4 == 0
    assert brier(np.full(100, 0.25), success)[1] == pytest.approx(0)
    assert brier(np.random.default_rng(0).random(100), success)[1] < 0


def test_where_nothing_succeeded_the_probability_is_none():
    learnt = probability_of(np.arange(5.0), np.zeros(5, dtype=bool))
    assert learnt(np.arange(3.0)).tolist() == [0, 0, 0]
