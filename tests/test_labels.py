"""Phrases and names."""

from nlp.labels import choose, label, phrases, stem


def test_phrases_stand_in_the_text_and_cross_no_border():
    text = "Solid-state batteries, and the recycling of lithium cells (2024)."
    found = list(phrases(text))
    assert "solid-state batteries" in found
    assert "lithium cells" in found
    assert not any("batteries recycling" in phrase or "of" in phrase.split() for phrase in found)
    assert all(phrase in text.lower() for phrase in found)


def test_phrases_neither_start_nor_end_with_words_that_say_nothing():
    found = list(phrases("A novel approach: improved membrane filtration methods"))
    assert "membrane filtration" in found
    assert not any(phrase.split()[0] in {"novel", "improved"} for phrase in found)
    assert not any(phrase.endswith("methods") for phrase in found)


def test_a_name_is_a_phrase_where_there_is_one():
    assert label([("learning", 1.0), ("reinforcement learning", 0.7)]) == "reinforcement learning"
    assert label([("blockchain", 1.0), ("ledger size", 0.1)]) == "blockchain"


def test_a_name_that_is_taken_is_made_distinct():
    candidates = [("sea ice", 1.0), ("polar radar", 0.8)]
    assert label(candidates, frozenset({"sea ice"})) == "polar radar"
    assert label(candidates, frozenset({"sea ice", "polar radar"})) == "sea ice and polar radar"


def test_a_theme_without_phrases_still_has_a_name():
    assert label([]) == "unnamed theme"


def test_chosen_phrases_do_not_repeat_each_other():
    candidates = [("honey bee", 1.0), ("honey bees", 0.9), ("hive sensors", 0.5)]
    assert choose(candidates, 2) == ["honey bee", "hive sensors"]


def test_stems_join_singular_and_plural():
    assert stem("batteries") == stem("battery")
    assert stem("cells") == "cell"
    assert stem("glass") == "glass"
