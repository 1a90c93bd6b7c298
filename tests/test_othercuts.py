"""Whether other cuts of the same documents agree that a theme grows."""

from functools import cache

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from config.models import Gates, Settings, ThemeSettings
from nlp.evidence import Dated
from nlp.othercuts import CUTS, Cut, agreement, growing, other_cuts
from nlp.themes import OUTSIDE, unit

STREAMS = Settings().streams
WEEKS = 104
GROUPS, EACH = 30, 120


@cache
def corpus():
    """Thirty groups of 120 documents, which come evenly; most of the first in the last year."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(GROUPS), EACH)
    vectors = unit(rng.normal(size=(GROUPS, 32))[group] + 0.4 * rng.normal(size=(len(group), 32)))
    age = np.tile(np.arange(EACH) * WEEKS // EACH, GROUPS)
    age[: 4 * EACH // 5] %= WEEKS // 2
    zeros = np.zeros(len(group), dtype=np.int64)
    return group, vectors, Dated(zeros, zeros, age, np.minimum(age, 3))


def agreed(theme, themes, cuts, dated):
    words = csr_matrix((len(theme), 0))
    return agreement(theme, themes, cuts, words, dated, STREAMS, Gates())


def test_other_cuts_find_the_same_groups_by_other_ways():
    group, vectors, _ = corpus()
    cuts = other_cuts(vectors, ThemeSettings())
    assert len(cuts) == CUTS
    for cut in cuts:
        assert (cut.cell == OUTSIDE).mean() < 0.3
        inside = cut.cell != OUTSIDE
        pairs = set(zip(cut.cell[inside].tolist(), group[inside].tolist(), strict=True))
        assert len(pairs) == len(set(cut.cell[inside].tolist()))
    again = other_cuts(vectors, ThemeSettings())
    assert all((a.cell == b.cell).all() for a, b in zip(cuts, again, strict=True))


def test_beyond_what_a_fit_takes_a_sample_is_cut_and_the_rest_admitted():
    _, vectors, _ = corpus()
    for cut in other_cuts(vectors, ThemeSettings(max_documents=1800)):
        assert len(cut.cell) == len(vectors)
        assert (cut.cell == OUTSIDE).mean() < 0.4


def test_a_theme_that_grows_however_it_is_cut_is_agreed_on():
    group, vectors, dated = corpus()
    found = agreed(group, GROUPS, other_cuts(vectors, ThemeSettings()), dated)
    assert found[0] > 0.7
    assert found[1:].max() < 0.2


def test_a_theme_that_only_its_own_borders_make_is_not():
    """It is the recent half of a group that does not grow."""
    group, vectors, dated = corpus()
    theme = np.where((group == 1) & (dated.age < WEEKS // 2), 1, OUTSIDE)
    found = agreed(theme, 2, other_cuts(vectors, ThemeSettings()), dated)
    assert np.isnan(found[0])
    assert found[1] < 0.2


def test_agreement_is_the_mean_share_of_documents_in_growing_cells():
    group, vectors, dated = corpus()
    centroids = unit(np.stack([vectors[group == one].mean(0) for one in range(GROUPS)]))
    whole = Cut(group, centroids)
    none = Cut(np.full(len(group), OUTSIDE), centroids)
    half = Cut(np.where((group == 0) & (np.arange(len(group)) % 2 == 1), OUTSIDE, group), centroids)
    grows = growing(whole, csr_matrix((len(group), 0)), dated, STREAMS, Gates())
    assert grows.tolist() == [True] + [False] * (GROUPS - 1)
    assert agreed(group, GROUPS, [whole], dated)[0] == pytest.approx(1)
    assert agreed(group, GROUPS, [whole, none], dated)[0] == pytest.approx(0.5)
    assert agreed(group, GROUPS, [half, none], dated)[0] == pytest.approx(0.25)


def test_documents_of_no_stream_are_in_no_count():
    group, vectors, dated = corpus()
    nowhere = Dated(dated.stream - 1, dated.source, dated.age, dated.known)
    found = agreed(group, GROUPS, other_cuts(vectors, ThemeSettings()), nowhere)
    assert found.tolist() == [0.0] * GROUPS
