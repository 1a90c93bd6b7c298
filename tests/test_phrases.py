"""Phrases without a tagger."""

from nlp.phrases import phrases, runs, stem


def found(text):
    return list(phrases(runs(text)))


def test_phrases_stand_in_the_text_and_cross_no_border():
    text = "Solid-state batteries, and the recycling of lithium cells (2024)."
    assert "solid-state batteries" in found(text)
    assert "lithium cells" in found(text)
    assert not any("batteries recycling" in one or "of" in one.split() for one in found(text))
    assert all(phrase in text.lower() for phrase in found(text))


def test_phrases_neither_start_nor_end_with_words_that_say_nothing():
    names = found("A novel approach: improved membrane filtration methods")
    assert "membrane filtration" in names
    assert not any(phrase.split()[0] in {"novel", "improved"} for phrase in names)
    assert not any(phrase.endswith("methods") for phrase in names)


def test_runs_end_at_function_words_and_punctuation():
    assert list(runs("Sea ice drift, seen by polar radar.")) == [
        ["sea", "ice", "drift"],
        ["seen"],
        ["polar", "radar"],
    ]


def test_stems_join_singular_and_plural():
    assert stem("batteries") == stem("battery")
    assert stem("cells") == "cell"
    assert stem("glass") == "glass"
