"""Finding themes with BERTopic's exact parts on invented documents."""

import numpy as np
import pytest

from config.models import ThemeSettings
from nlp.themes import (
    OUTSIDE,
    Cells,
    _coherent,
    assign,
    find_themes,
    fit_themes,
    how_many,
    join_cells,
    parents,
    seeds,
    too_large,
    unit,
)

TOPICS = {
    "bees": ["honey bee colony", "hive sensors", "pollination service"],
    "ice": ["sea ice drift", "polar radar", "iceberg warning"],
    "glass": ["glass recycling", "melting furnace", "cullet sorting"],
}


def corpus(seed=0, each=40, spread=0.05, dimensions=48):
    """Texts and unit vectors of three well-parted topics, mixed."""
    rng = np.random.default_rng(seed)
    centres = {name: rng.normal(size=dimensions) / 7 for name in TOPICS}
    rows = [
        (name, f"On {TOPICS[name][number % 3]}. The {rng.choice(TOPICS[name])} is measured.")
        for number in range(each)
        for name in TOPICS
    ]
    noise = rng.normal(size=(len(rows), dimensions)) * spread
    vectors = unit(np.array([centres[name] for name, _ in rows]) + noise)
    return [name for name, _ in rows], [text for _, text in rows], vectors


@pytest.fixture(scope="module")
def settings():
    return ThemeSettings()


@pytest.fixture(scope="module")
def fitted(settings):
    names, texts, vectors = corpus()
    return names, vectors, find_themes(texts, vectors, settings)


def test_each_topic_becomes_one_theme(fitted):
    names, _, found = fitted
    groups = {frozenset(names[row] for row in theme.members) for theme in found}
    assert groups == {frozenset({name}) for name in TOPICS}
    assert len(found) == 3


def test_documents_beyond_what_a_fit_takes_join_the_themes_found_in_a_sample():
    names, texts, vectors = corpus(each=120)
    found = fit_themes(texts, vectors, ThemeSettings(max_documents=180))
    assert len(found) == 3
    for theme in found:
        assert len({names[row] for row in theme.members}) == 1
        assert len(set(theme.members.tolist())) == len(theme.similarity) > 96  # of 120


def test_a_theme_is_named_by_a_phrase_of_its_texts(fitted):
    names, _, found = fitted
    for theme in found:
        topic = names[theme.members[0]]
        assert theme.label in TOPICS[topic]
        assert theme.keywords


def test_at_most_a_fifth_of_the_documents_stays_outside(fitted):
    names, _, found = fitted
    assert sum(len(theme.members) for theme in found) >= 0.8 * len(names)


def test_the_same_input_gives_the_same_themes(settings, fitted):
    _, texts, vectors = corpus()
    again = find_themes(texts, vectors, settings)
    for one, other in zip(fitted[2], again, strict=True):
        assert one.members.tolist() == other.members.tolist()
        assert one.keywords == other.keywords
        assert np.array_equal(one.centroid, other.centroid)


def test_a_fit_that_starts_from_known_themes_finds_them_again(settings, fitted):
    _, texts, vectors = corpus(seed=0, each=50)
    known = np.stack([theme.centroid for theme in fitted[2]])
    found = find_themes(texts, vectors, settings, known)
    cosine = np.stack([theme.centroid for theme in found]) @ known.T
    assert (cosine.max(0) > 0.9).all()


class Unreduced:
    """Stands in for the reduction of vectors to a few axes."""

    def transform(self, vectors):
        return vectors


def test_what_grows_within_a_known_theme_is_not_hidden_by_it():
    settings = ThemeSettings(documents_per_theme=10, min_cluster_size=4)
    rng = np.random.default_rng(3)
    small = rng.normal(size=(80, 40)) * 5  # known themes of eight documents each
    two = rng.normal(size=(2, 40)) * 5  # subjects of the one theme that has grown
    centres = np.vstack([np.repeat(small, 8, 0), np.repeat(two, 60, 0)])
    points = (centres + rng.normal(size=centres.shape) * 0.3).astype(np.float32)
    known = np.vstack([small, two.mean(0, keepdims=True)]).astype(np.float32)
    labels = Cells(settings, known, Unreduced()).fit(points).labels_
    first, second = set(labels[640:700].tolist()), set(labels[700:].tolist())
    assert (first & second) <= {OUTSIDE}
    assert np.mean(labels[640:] == OUTSIDE) < 0.05


def test_large_themes_are_split_largest_first_up_to_a_limit():
    settings = ThemeSettings(documents_per_theme=50)
    usual = np.full(100, 45)
    assert list(too_large(np.append(usual, [70, 140, 260]), 103, settings)) == [(102, 4), (101, 2)]
    assert list(too_large(np.append(usual, [70, 140, 260]), 84, settings)) == [(102, 2)]
    assert list(too_large(usual, 100, settings)) == []


def test_themes_of_a_small_corpus_are_not_split_at_a_fit():
    assert list(too_large(np.array([900, 30, 20]), 60, ThemeSettings())) == []


def test_too_few_documents_make_no_theme(settings):
    _, texts, vectors = corpus(each=3)
    assert find_themes(texts, vectors, settings) == []


def test_large_corpora_are_cut_evenly_and_small_ones_finely(settings):
    assert how_many(30_000, settings) == 600
    assert how_many(1500, settings) == 60
    assert how_many(200, settings) == 10


def test_halves_of_one_theme_are_joined_and_different_themes_are_not(settings):
    rng = np.random.default_rng(1)
    centres = np.zeros((2, 8))
    centres[0, 0], centres[1, 1] = 3, 3
    points = np.repeat(centres, 60, axis=0) + rng.normal(size=(120, 8))
    cells = np.arange(120) % 2 + 2 * (np.arange(120) // 60)  # two random halves of each
    joined = join_cells(points.astype(np.float32), cells, settings)
    assert len(set(joined[:60].tolist())) == 1
    assert len(set(joined[60:].tolist())) == 1
    assert joined[0] != joined[60]


def test_a_topic_whose_documents_are_no_more_alike_than_any_is_dropped():
    rng = np.random.default_rng(0)
    centres = unit(rng.normal(size=(6, 32)))
    vectors = unit(np.repeat(centres, 20, axis=0) + rng.normal(size=(120, 32)) * 0.05)
    topics = np.repeat(np.arange(6), 20)
    topics[::20] = 6  # one of each: a mixture
    topics[1] = OUTSIDE
    assert sorted(_coherent(topics, vectors)) == list(range(6))


def test_groups_below_the_smallest_size_are_dropped(settings):
    points = np.concatenate([np.full((30, 3), 5.0), -np.full((4, 3), 5.0)]).astype(np.float32)
    joined = join_cells(points, np.repeat([0, 1], [30, 4]), settings)
    assert set(joined[30:].tolist()) == {OUTSIDE}


def test_cells_follow_the_protocol_that_bertopic_expects(settings):
    points = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    assert len(Cells(settings, None, None).fit(points).labels_) == 60


def test_a_document_joins_the_nearest_theme_that_admits_it():
    centroids = np.eye(3, dtype=np.float32)[:2]
    vectors = unit(np.array([[1, 0.1, 0], [0.1, 1, 0], [0.5, 0.4, 1]]))
    theme, similarity = assign(vectors, centroids, np.array([0.9, 0.9]))
    assert theme.tolist() == [0, 1, OUTSIDE]
    assert similarity[0] == pytest.approx(0.995, abs=0.001)


def test_without_themes_every_document_stays_outside():
    theme, _ = assign(np.eye(2, dtype=np.float32), np.empty((0, 2), np.float32), np.empty(0))
    assert theme.tolist() == [OUTSIDE, OUTSIDE]


def test_a_group_among_the_unassigned_becomes_a_theme_and_scatter_does_not(settings):
    rng = np.random.default_rng(2)
    group = unit(np.eye(64)[0] + rng.normal(size=(14, 64)) * 0.04)
    scatter = unit(rng.normal(size=(30, 64)))
    texts = ["On tide mills. A tide mill turns."] * 14 + [
        f"Story {n} of its own" for n in range(30)
    ]
    [theme] = seeds(texts, np.concatenate([group, scatter]), settings, 0.45)
    assert theme.members.tolist() == list(range(14))
    assert theme.label in ("tide mills", "tide mill")


def test_small_themes_have_the_largest_of_their_neighbourhood_as_parent():
    rng = np.random.default_rng(3)
    near = [unit(np.eye(16)[k] + rng.normal(size=(12, 16)) * 0.03) for k in range(2)]
    sizes = [10 + number for number in range(24)]
    found = parents(np.concatenate(near), sizes)
    assert found[:12] == [11] * 11 + [OUTSIDE]
    assert found[12:] == [23] * 11 + [OUTSIDE]


def test_a_few_themes_have_no_upper_level():
    assert parents(np.eye(5, dtype=np.float32), [1, 2, 3, 4, 5]) == [OUTSIDE] * 5
