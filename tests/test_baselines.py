"""Published detectors, each held against its formula worked out by hand."""

import numpy as np
import pytest

from nlp.baselines import DETECTORS

YEARS = np.full(10, 100.0)


def judged(name, counts, totals):
    score, flagged = DETECTORS[name](np.array(counts, dtype=float), np.array(totals, dtype=float))
    return score, flagged.tolist()


@pytest.mark.parametrize("name", sorted(set(DETECTORS) - {"random", "size", "BERTrend strong"}))
def test_a_published_detector_ranks_growth_above_decline(name):
    months = np.arange(36)
    rising, falling = 2 + months**2 / 60, 2 + (35 - months) ** 2 / 60
    flat = np.full((8, 36), 8.0)
    counts = np.concatenate([np.stack([rising, falling]).round(), flat])
    score, _ = judged(name, counts, np.full(36, 400.0))
    assert score[0] > score[1]


def test_random_is_the_same_draw_each_time_and_flags_a_tenth():
    counts = np.ones((40, 36))
    score, flagged = judged("random", counts, np.full(36, 40.0))
    assert sorted(score) == list(range(40))
    assert score.tolist() != sorted(score)
    assert sum(flagged) == 4
    assert score.tolist() == judged("random", counts, np.full(36, 40.0))[0].tolist()


def test_size_flags_the_largest_tenth():
    score, flagged = judged("size", [[k, k] for k in range(1, 11)], [110, 110])
    assert score.tolist() == [2 * k for k in range(1, 11)]
    assert flagged == [False] * 9 + [True]


def test_last_year_is_a_ratio_of_shares():
    twice, flat, corpus = [1] * 12 + [2] * 12, [4] * 24, [100] * 12 + [200] * 12
    assert judged("last-year ratio", [twice, flat], [100] * 24)[0] == pytest.approx([2, 1])
    assert judged("last-year ratio", [twice, flat], [100] * 24)[1] == [True, False]
    assert judged("last-year ratio", [twice, flat], corpus)[1] == [False, False]


def test_holt_is_the_slope_over_the_mean_share():
    straight = [1] * 3 + [2] * 3 + [3] * 3  # shares 0.1, 0.2, 0.3: the slope stays 0.1
    score, _ = judged("Holt", [straight, [2] * 9], [10] * 9)
    assert score == pytest.approx([0.1 / 0.2, 0])


def test_escore_and_its_gate():
    years = [1, 1, 1, 1, 2, 3, 4, 5, 6, 7]
    score, flagged = judged("EScore, 1.5 gate", [years], YEARS)
    active, recent, slope = (18 - 6) / 30, 10 * (13 - 9) / 20, 10 * (7 - 4) / 10 / 3
    assert score == pytest.approx([2 * active + recent + slope])
    assert flagged == [True]
    grown = 100 * np.array(years)  # the whole corpus grew as much
    assert judged("EScore, 1.5 gate", [years], grown)[1] == [False]
    assert judged("EScore, 1.5 gate", [years], [10] * 3 + [100] * 7)[1] == [False]


def test_a_burst_must_last_to_the_end():
    lasting, over = [1] * 30 + [10] * 6, [1] * 15 + [10] * 6 + [1] * 15
    score, flagged = judged("Kleinberg", [lasting, over, [2] * 36], [100] * 36)
    assert flagged == [True, False, False]
    assert score[0] > 0 >= score[1]


def test_a_weak_signal_of_yoon_is_seldom_and_grows():
    up, down = [1, 1, 1, 1, 2, 2, 2, 3], [3, 2, 2, 2, 1, 1, 1, 1]
    many_up, many_down = ([10 * n for n in one] for one in (up, down))
    score, flagged = judged("Yoon maps", [up, many_up, down, many_down], [500] * 8)
    assert flagged == [True, False, False, False]
    assert score[0] == pytest.approx((3.5 / (1.5 * 0.65)) ** (1 / 7))


def test_popularity_decays_while_a_theme_is_silent():
    score, _ = judged("BERTrend strong", [[2, 0, 0, 3], [1, 1, 1, 1]], [9] * 4)
    assert score == pytest.approx([2 * np.exp(-0.01 - 0.04) + 3, 4])


def test_percentiles_always_find_weak_and_strong_signals():
    counts = np.tile(np.arange(1, 21)[:, None], (1, 36))  # nothing grows faster than another
    weak = judged("BERTrend weak", counts, np.full(36, 210.0))[1]
    strong = judged("BERTrend strong", counts, np.full(36, 210.0))[1]
    assert [weak[0], weak[5], weak[19]] == [False, True, False]
    assert [strong[0], strong[5], strong[19]] == [False, False, True]
