"""Key words and names of themes."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from nlp.labels import Text, association, distinct, says_nothing, usage, wordings

BEES = [
    "The honey bee is at risk. A honey bee colony needs care. Varroa mites spread in a hive.",
    "Honey bees and others. Varroa mites harm each hive. Honey bees. Density functional theory.",
    "A hive with sensors counts every honey bee. Mites of the varroa kind.",
    "Each honey bee colony in a hive of honey bees was watched for varroa.",
]
ICE = [
    "Sea ice drift seen by polar radar. Density functional theory of sea ice.",
    "Polar radar finds sea ice. A ship route in the sea. Density functional theory helps.",
    "Sea ice drift and a polar radar. In density functional theory, water freezes.",
    "A chart of sea ice drift from polar radar. We use density functional theory.",
]
GROUPS = [np.arange(4), np.arange(4, 8)]


@pytest.fixture(scope="module")
def words():
    return wordings(usage(BEES + ICE, 2), GROUPS)


def test_a_name_is_the_phrase_that_finds_the_documents(words):
    assert words[0].label == "honey bee"
    assert words[1].label in {"sea ice", "polar radar", "density functional theory"}


def test_key_words_are_the_theme_s_own(words):
    bees, ice = (set(one.keywords) for one in words)
    assert {"varroa", "hive"} <= bees
    assert {"polar radar", "sea ice"} <= ice
    assert not bees & ice


def test_plural_and_singular_are_one_phrase():
    found = usage(BEES, 2)
    assert "honey bee" in found.names
    assert "honey bees" not in found.names
    column = found.names.index("honey bee")
    assert (np.asarray(found.counts[:, [column]].todense()).ravel() > 0).tolist() == [True] * 4


def test_key_words_hold_no_fragment_of_a_longer_name():
    texts = ["Markov chain monte carlo."] * 6 + ["A chain of shops."] * 6
    [first, _] = wordings(usage(texts, 2), [np.arange(6), np.arange(6, 12)])
    assert "markov chain monte carlo" in first.keywords
    assert "chain monte" not in first.keywords


def test_a_name_is_completed_by_what_mostly_follows_or_precedes():
    lines = [" | density functional theory | ", " | dependent density functional theory | "]
    assert Text(lines * 3).completed("density functional") == ("density functional theory", 1.0)
    ways = Text([" | recommender systems | recommender evaluation | recommender | "] * 4)
    assert ways.completed("recommender") == ("recommender", 1.0)


def test_what_one_document_repeats_completes_no_name():
    text = Text([" | beta turbulence | beta turbulence | beta turbulence | ", " | turbulence | "])
    assert text.completed("turbulence") == ("turbulence", 1.0)


def test_no_name_ends_in_a_word_that_others_always_follow():
    names = ("abacus", "beacon", "candle", "dynamo")
    fill = [f"Semantic {name}. Learning of {name}." for name in names]
    texts = [*fill * 3, *["Learning semantic parsers. Neural parsers."] * 4]
    found = usage(texts, 2)
    assert found.is_name("neural parsers")
    assert not found.is_name("learning semantic")


def test_a_name_says_something():
    assert says_nothing("further comment")
    assert says_nothing("device")
    assert not says_nothing("big data")
    assert not says_nothing("neural network")


def test_names_differ_between_themes():
    texts = ["Sea ice is thin. Sea ice breaks."] * 8
    first, second = wordings(usage(texts, 2), [np.arange(4), np.arange(4, 8)])
    assert first.label == "sea ice"
    assert second.label != "sea ice"


def test_a_name_that_is_taken_is_made_distinct():
    assert distinct("sea ice", ("sea ice", "radar"), set()) == "sea ice"
    assert distinct("sea ice", ("ice", "radar"), {"sea ice"}) == "sea ice: radar"
    assert distinct("sea ice", (), {"sea ice"}) == "sea ice"


def test_themes_without_phrases_still_have_a_name():
    [theme] = wordings(usage(["of the", "and so"], 2), [np.arange(2)])
    assert theme.label == "unnamed theme"
    assert theme.keywords == ()
    assert wordings(usage([], 2), []) == []


def test_association_is_one_for_what_always_stands_together_and_minus_one_for_never():
    present = csr_matrix([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 1]], dtype=float)
    found = association(present)
    assert found[0, 1] == pytest.approx(1.0)
    assert found[0, 2] == -1.0
