"""Words that rise elsewhere: whose they are, what moves them, and what a test spends on them."""

import numpy as np
import pytest

from config.models import Settings
from nlp.growth import benjamini_hochberg
from nlp.risingwords import (
    Dates,
    budget,
    dates,
    foremost,
    rising_words,
    standardised,
    word_table,
)

STREAMS = Settings().streams
OLD, NEW = False, True


def corpus(*groups):
    """Texts, themes and dates of (theme, recent, many, words) groups; half of all is due."""
    texts, theme, recent = [], [], []
    for number, late, many, words in groups:
        texts += [words] * many
        theme += [number] * many
        recent += [late] * many
    late = np.array(recent)
    return texts, np.array(theme), Dates(late, np.full(len(late), late.mean()))


def figures(*groups):
    texts, theme, when = corpus(*groups)
    return rising_words(word_table(texts), theme, int(theme.max()) + 1, when)


PLAIN = [(-1, OLD, 60, "common ground stays"), (-1, NEW, 60, "common ground stays")]


def test_a_theme_that_uses_words_rising_elsewhere_comes_first():
    found = figures(
        *PLAIN,
        (-1, NEW, 40, "laser lattice spreads"),
        (0, OLD, 10, "garden bench maker"), (0, NEW, 10, "laser lattice garden"),
        (1, OLD, 10, "garden bench maker"), (1, NEW, 10, "garden bench maker"),
    )  # fmt: skip
    assert found[0] > 2 * found[1]


def test_a_theme_has_no_say_in_which_words_rise():
    """However often its own recent documents use a word that nobody else does."""
    found = figures(
        *PLAIN,
        (0, OLD, 10, "garden bench maker"), (0, NEW, 80, "laser lattice spreads"),
        (1, OLD, 10, "garden bench maker"), (1, NEW, 10, "garden bench maker"),
    )  # fmt: skip
    assert found[0] == pytest.approx(0)
    assert found[1] == pytest.approx(0)


def test_long_texts_have_no_more_than_short_ones_of_the_same_kind():
    """The count is over the root of a text's length, as in a vector of length 1."""
    rare = " ".join(f"padding{number}" for number in range(26))
    found = figures(
        *PLAIN,
        (-1, NEW, 40, "laser lattice spreads"), (-1, OLD, 12, rare), (-1, NEW, 12, rare),
        (0, NEW, 40, "laser lattice spreads"),
        (1, NEW, 40, f"laser lattice spreads {rare}"),
    )  # fmt: skip
    assert found[1] < found[0]


def test_a_new_source_makes_no_word_rise():
    """All its documents are recent, so it has no earlier ones to rise against."""
    week = np.array([*[10, 70] * 60, *[5] * 200, 10, 10])
    source = np.array([*[0] * 120, *[1] * 200, 0, 0])
    texts = [*["common ground stays"] * 120, *["laser lattice spreads"] * 202]
    theme = np.array([-1] * 320 + [0, 0])
    when = dates(week, np.zeros(322, dtype=int), source, STREAMS)
    assert rising_words(word_table(texts), theme, 1, when)[0] == pytest.approx(0)


def test_dates_follow_the_windows_of_each_stream():
    names = list(STREAMS)
    news = names.index("news")
    age = np.array([0, 12, 13, 64, 65, 0, 51, 52, 103, 104, 3])
    stream = np.array([news] * 5 + [0] * 5 + [-1])
    when = dates(age, stream, np.zeros(11, dtype=int), STREAMS)
    assert when.recent.tolist() == [True, True, False, False, False,
                                    True, True, False, False, False, False]  # fmt: skip
    assert when.due[:4] == pytest.approx(0.5)
    assert when.due[5:9] == pytest.approx(0.5)
    assert when.due[[4, 9, 10]].tolist() == [0, 0, 0]


def test_a_young_archive_is_parted_in_the_same_proportion():
    age = np.arange(20)
    when = dates(age, np.zeros(20, dtype=int), np.zeros(20, dtype=int), STREAMS)
    assert when.recent.sum() == 10


def test_texts_without_a_word_in_common_say_nothing():
    table = word_table(["one two", "three four"])
    assert table.shape == (2, 0)
    when = Dates(np.array([True, False]), np.array([0.5, 0.5]))
    assert rising_words(table, np.array([0, 0]), 1, when).tolist() == [0]


# --- what a test spends on them ------------------------------------------------


def test_a_twentieth_of_a_large_corpus_is_foremost_and_nothing_of_a_small_one():
    assert foremost(np.arange(400.0)).sum() == 20
    assert foremost(np.arange(400.0))[-20:].all()
    assert not foremost(np.arange(199.0)).any()
    assert not foremost(np.zeros(400)).any()


def test_words_that_chance_made_rise_make_no_theme_foremost():
    rng = np.random.default_rng(0)
    texts = [" ".join(f"word{n}" for n in rng.integers(0, 300, 30)) for _ in range(4000)]
    recent = rng.random(4000) < 0.5
    when = Dates(recent, np.full(4000, recent.mean()))
    found = rising_words(word_table(texts), rng.integers(0, 250, 4000), 250, when)
    assert found.mean() == pytest.approx(1, abs=0.5)
    assert not foremost(found).any()


def test_a_theme_that_nothing_is_known_of_is_average_and_never_foremost():
    rising = np.append(np.arange(400.0), np.nan)
    assert not foremost(rising)[-1]
    assert standardised(rising)[-1] == 0
    assert standardised(np.full(3, np.nan)).tolist() == [0, 0, 0]


def test_the_budget_has_mean_one():
    given = budget(np.where(np.arange(400) < 20, 4.0, 1.0), 0.9)
    assert given.mean() == pytest.approx(1)
    assert given[0] == pytest.approx(0.9 / 0.05 + 0.1)
    assert given[-1] == pytest.approx(0.1)


def test_what_is_set_aside_for_rising_words_is_not_spent_where_none_rise():
    assert budget(np.ones(400), 0.9) == pytest.approx(np.full(400, 0.1))
    p = np.append(0.001, np.full(399, 0.5))
    spent, saved = benjamini_hochberg(p, np.ones(400)), benjamini_hochberg(p, np.full(400, 0.1))
    assert saved[0] == pytest.approx(min(1.0, 10 * spent[0]))


def test_a_small_corpus_spends_all_alike():
    assert budget(np.full(5, 4.0), 0.9).tolist() == [1] * 5
    assert budget(np.full(400, np.nan), 0.9).tolist() == [1] * 400


def test_an_even_budget_changes_no_q():
    p = np.append(np.random.default_rng(0).random(50) ** 3, np.nan)
    assert benjamini_hochberg(p, np.ones(51)) == pytest.approx(benjamini_hochberg(p), nan_ok=True)


def test_a_budget_that_knows_nothing_keeps_the_false_discovery_rate():
    """Ten growing themes among a thousand, the budget dealt out blindly."""
    from scipy.stats import norm

    false = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        grows = np.arange(1000) < 100
        p = norm.sf(rng.normal(size=1000) + 3 * grows)
        found = benjamini_hochberg(p, budget(rng.uniform(3, 6, 1000), 0.9)) <= 0.1
        false.append((found & ~grows).sum() / max(found.sum(), 1))
    assert np.mean(false) < 0.11
