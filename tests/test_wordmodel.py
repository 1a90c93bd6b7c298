from collections import Counter

import numpy as np
import pytest

from config.loader import load_configuration
from nlp.background import background
from nlp.tagger import load_tagger
from nlp.wordmodel import LONGEST, parsed, plain, vector, word_model
from tests.extraction_samples import tagged

LINES = ["word\tmobility\ttextiles", "*\t-100\t-200", "train\t300\t-50", "yarn\t0\t400"]


@pytest.fixture(scope="module")
def read():
    nlp = load_tagger()
    return lambda text: parsed(LINES).read(tagged(nlp, text))


def test_a_file_gives_codes_bias_and_weights():
    model = parsed(LINES)
    assert model.codes == ("mobility", "textiles")
    assert model.bias.tolist() == [-1.0, -2.0]
    assert model.weights.tolist() == [[3.0, -0.5], [0.0, 4.0]]


def test_words_count_as_they_stand_whatever_their_form(read):
    words, says = read("Trains run, and a train stops.")
    assert words == ["Trains"]
    assert says.tolist() == [[3.0, -0.5]]


def test_a_text_without_known_words_says_nothing(read):
    words, says = read("The choir sang.")
    assert words == []
    assert says.shape == (0, 2)
    assert says.sum(axis=0).tolist() == [0.0, 0.0]


def test_a_vector_has_length_one_and_more_of_what_is_said_more_often():
    shares = vector(Counter(train=3, yarn=1), background())
    assert np.linalg.norm(list(shares.values())) == pytest.approx(1)
    assert vector(Counter(train=1, yarn=1), background())["train"] < shares["train"]


@pytest.mark.parametrize("word", ["the", "of", "3d", "co2", "-", "a" * (LONGEST + 1), ""])
def test_what_says_nothing_is_not_looked_up(word):
    assert plain(word) == ""


def test_the_packaged_model_knows_the_configured_ecosystems():
    model = word_model()
    configured = load_configuration().sectors.values()
    assert set(model.codes) == {one.code for one in configured if one.scheme == "ecosystem"}
    assert len(model.rows) == len(model.weights) > 1000
    assert all(word.isalpha() and word == word.lower() for word in model.rows)
