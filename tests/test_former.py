"""How a theme stands against its share of three years before."""

import math

import numpy as np
import pytest

from nlp.evidence import Tally
from nlp.former import grown

ONE = (1, 1, 2)  # themes, streams, sources


def tally(*rows):
    """(theme, source, weeks of age, documents) of one stream."""
    theme, source, age, documents = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return Tally(theme, np.zeros_like(theme), source, age, age, documents)


def grown_of(now, all_now, then, all_then):
    [found] = grown(tally(*now), tally(*all_now), tally(*then), tally(*all_then), ONE, np.arange(1))
    return found


def test_growth_is_that_of_the_share():
    found = grown_of([(0, 0, 5, 40)], [(-1, 0, 5, 800)], [(0, 0, 9, 10)], [(-1, 0, 9, 400)])
    assert found == pytest.approx(2.0)


def test_only_the_last_year_counts_as_now():
    now = [(0, 0, 5, 40), (0, 0, 60, 500)]
    all_now = [(-1, 0, 5, 800), (-1, 0, 60, 800)]
    assert grown_of(now, all_now, [(0, 0, 9, 10)], [(-1, 0, 9, 400)]) == pytest.approx(2.0)


def test_a_new_source_makes_no_theme_look_smaller():
    now, all_now = [(0, 0, 5, 40), (0, 1, 5, 1)], [(-1, 0, 5, 800), (-1, 1, 5, 9000)]
    assert grown_of(now, all_now, [(0, 0, 9, 10)], [(-1, 0, 9, 400)]) == pytest.approx(2.0)


def test_a_source_that_grew_more_than_others_makes_no_theme_look_larger():
    # One in twenty of the first source and one in ten of the second, then as now.
    now, all_now = [(0, 0, 5, 40), (0, 1, 5, 900)], [(-1, 0, 5, 800), (-1, 1, 5, 9000)]
    then, all_then = [(0, 0, 9, 40), (0, 1, 9, 10)], [(-1, 0, 9, 800), (-1, 1, 9, 100)]
    assert grown_of(now, all_now, then, all_then) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("then", "all_then"),
    [([], []), ([], [(-1, 0, 9, 400)]), ([(0, 0, 9, 2)], [(-1, 0, 9, 400)])],
    ids=["no documents so old", "none of the theme", "too few of the theme"],
)
def test_what_was_not_there_has_grown_without_bound(then, all_then):
    assert grown_of([(0, 0, 5, 40)], [(-1, 0, 5, 800)], then, all_then) == math.inf


def test_what_was_split_off_is_counted_with_what_it_came_from():
    now = tally((0, 0, 5, 30), (1, 0, 5, 10), (2, 0, 5, 40))
    then = tally((0, 0, 9, 10), (2, 0, 9, 10))
    both, all_then = tally((-1, 0, 5, 800)), tally((-1, 0, 9, 400))
    shape = (3, 1, 2)
    apart = grown(now, both, then, all_then, shape, np.arange(3))
    assert apart == pytest.approx([1.5, math.inf, 2.0])
    together = grown(now, both, then, all_then, shape, np.array([0, 0, 1]))
    assert together == pytest.approx([2.0, 2.0, 2.0])
