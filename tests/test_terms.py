import math

import pytest

from nlp.background import background
from nlp.candidates import Candidate, candidates, runs
from nlp.tagger import load_tagger
from nlp.terms import c_values, rank, ranks
from nlp.words import plural, singular
from tests.extraction_samples import tagged


@pytest.fixture(scope="module")
def nlp():
    return load_tagger()


def candidates_in(nlp, text):
    one = tagged(nlp, text)
    return candidates(one, runs(one))


def phrases(nlp, text):
    return [one.text for one in candidates_in(nlp, text)]


def candidate(key, times):
    return Candidate(key, tuple(key.split()), tuple((i, i + 1) for i in range(times)), key)


def test_noun_phrases_become_candidates(nlp):
    found = phrases(nlp, "The ceramic separator protects the lithium anode.")
    assert found == ["ceramic separator", "lithium anode"]


def test_hyphenated_words_stay_whole(nlp):
    assert "solid-state battery" in phrases(nlp, "We sell the solid-state battery.")


@pytest.mark.parametrize(
    "text",
    [
        "The project was a success.",
        "This approach is the way.",
        "A research group met decision makers.",
        "The novel approach has several important advantages.",
    ],
)
def test_phrases_that_say_nothing_never_appear(nlp, text):
    assert phrases(nlp, text) == []


def test_empty_modifiers_are_trimmed(nlp):
    assert phrases(nlp, "A novel ceramic separator was drawn.") == ["ceramic separator"]


def test_no_candidate_is_longer_than_five_words(nlp):
    text = "The high energy heavy duty long distance truck engine oil pump failed."
    assert all(len(one.words) <= 5 for one in candidates_in(nlp, text))


def test_a_phrase_and_its_plural_count_together(nlp):
    text = "A glass anode broke. Two glass anodes held."
    [one] = [one for one in candidates_in(nlp, text) if one.key == "glass anode"]
    assert len(one.places) == 2


def test_c_value_of_the_published_kind_of_example():
    # Nested in two longer phrases: its frequency less the mean frequency of those.
    found = [candidate("soft contact lens", 5), candidate("contact lens", 3),
             candidate("hard contact lens", 1)]  # fmt: skip
    values = dict(zip((one.key for one in found), c_values(found), strict=True))
    assert values["soft contact lens"] == pytest.approx(math.log2(4) * 5)
    assert values["contact lens"] == pytest.approx(math.log2(3) * (9 - 6 / 2))


def test_equal_values_share_their_rank():
    assert ranks([3.0, 1.0, 3.0]).tolist() == [1.5, 3.0, 1.5]


def test_at_most_thirty_terms_best_first(nlp):
    text = " ".join(f"The x{i} membrane y{i} valve z{i} runs." for i in range(60))
    found = rank(candidates_in(nlp, text), background())
    assert len(found) == 30
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_everyday_words_alone_are_no_terms(nlp):
    assert rank(candidates_in(nlp, "The people saw water."), background()) == []


def test_closeness_to_the_text_lifts_a_term():
    found = [candidate("steel anode", 1), candidate("glass cathode", 1)]
    first = rank(found, background(), closeness=lambda texts: [0.0, 1.0])
    assert [one.key for one in first] == ["glass cathode", "steel anode"]


@pytest.mark.parametrize(
    ("one", "many"), [("battery", "batteries"), ("process", "processes"), ("laser", "lasers"),
                      ("photonics", "photonics"), ("analysis", "analyses"), ("series", "series")]
)  # fmt: skip
def test_singular_of_a_plural(one, many):
    assert singular(many) == one
    assert singular(one) == one


def test_plural_of_a_singular():
    assert [plural(word) for word in ("battery", "process", "coating", "photonics")] == [
        "batteries", "processes", "coatings", "photonics"]  # fmt: skip
