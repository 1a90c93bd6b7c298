"""Names of technologies are read off the words, and training finds what it is shown."""

from itertools import product

import numpy as np
import pytest

from benchmarks import crf
from nlp.candidates import runs
from nlp.documents import Mention
from nlp.labeller import REMEMBERED, UNIT, Labeller, Moves, Sums, best_names, labeller
from nlp.tagger import load_tagger
from nlp.tokenfeatures import (
    BREAK,
    LONGEST,
    Surroundings,
    features_of,
    token_slots,
    word_groups,
)
from tests.extraction_samples import tagged

ALONE = Surroundings((), {}, 0)


@pytest.fixture(scope="module")
def nlp():
    return load_tagger()


def slots_of(nlp, text, around=ALONE):
    one = tagged(nlp, text)
    return one.words, token_slots(one, runs(one), around)


# --- features ----------------------------------------------------------------------


def test_every_token_is_described(nlp):
    words, described = slots_of(nlp, "A garnet membrane.")
    assert {len(values) for values in described.values()} == {len(words)}
    features = features_of(described)
    assert {"place=last", "word kind material", "+1 shape sign", "-2 kind none"} <= set(features[2])
    assert "head kind material" in features[1]
    assert {"place=out", "tag-1=NN", "tag1="} <= set(features[3])


def test_what_the_text_says_besides_is_told(nlp):
    text = "Garnet membrane reactor (GMR)"
    known = [Mention(0, 15, "technology", "Garnet membrane", "garnet_membrane", 1.0)]
    words, described = slots_of(nlp, text, Surroundings(known, {"GMR": (0, 23)}, len(text)))
    spelt = dict(zip(words, described["said"], strict=True))
    assert {"known0=start", "known1=on", "explained starts", "title, in"} <= set(spelt["Garnet"])
    assert "known0=on" in spelt["membrane"]
    assert "explained ends" in spelt["reactor"]
    assert "short form" in spelt["GMR"]


def test_pairs_of_words_tell_whether_they_keep_together(nlp):
    text = "New garnet membranes, old garnet membranes: one garnet membrane reactor, one reactor."
    words, described = slots_of(nlp, text)
    spelt = dict(zip(words, features_of(described), strict=True))
    assert {"pair+always", "pair-once, True, True"} <= set(spelt["garnet"])
    assert "pair+once, True, True" in spelt["membrane"]


def test_a_break_of_line_is_a_word_that_a_file_can_hold(nlp):
    _, described = slots_of(nlp, "Garnet membranes\nReactors for all")
    assert described["place"][2] == ("out", BREAK)
    assert described["word"][2] == BREAK


def test_words_that_stand_in_like_places_share_a_group():
    groups = word_groups()
    assert set(groups["microscopy"]) & set(groups["spectroscopy"])
    assert not set(groups["microscopy"]) & set(groups["novel"])
    assert {len(found) for found in groups.values()} == {3}


def test_a_word_without_end_is_cut(nlp):
    _, described = slots_of(nlp, "x" * 100)
    assert described["word"] == ["x" * LONGEST]
    assert not any("x" * (LONGEST + 1) in one for one in features_of(described)[0])


def test_a_text_without_words_has_no_features(nlp):
    assert features_of(slots_of(nlp, "")[1]) == []


# --- labels ------------------------------------------------------------------------


def small(**weights):
    return Labeller(Sums(weights), Moves(-100, -50, -40, -30, -20, -10))


def worth(labels, gains, moves):
    """The sum that a labelling gets, counted the long way; None when it is not allowed."""
    into_first = {(0, 1): moves.enter, (1, 1): moves.again, (2, 1): moves.again}
    into_further = {(1, 2): moves.second, (2, 2): moves.further}
    out = {(0, 0): 0, (1, 0): moves.leave_one, (2, 0): moves.leave}
    table = into_first | into_further | out
    total, before = 0, 0
    for label, (begin, on) in zip((*labels, 0), (*gains, (0, 0)), strict=True):
        if (before, label) not in table:
            return None
        total += table[before, label] + (0, begin, on)[label]
        before = label
    return total


def test_the_best_labelling_is_found():
    draw = np.random.default_rng(0)
    model = small()
    for size in (1, 2, 5):
        gains = draw.normal(0, 1.5 * UNIT, (size, 2)).astype(int).tolist()
        sums = {one: worth(one, gains, model.moves) for one in product(range(3), repeat=size)}
        best = max((one for one in sums if sums[one] is not None), key=lambda one: sums[one])
        names = list(best_names(gains, model.moves))
        labels = [0] * size
        for first, last in names:
            labels[first:last] = [1] + [2] * (last - first - 1)
        assert tuple(labels) == best


def test_a_name_scores_by_what_it_gains():
    model = small(good=(400, 400))
    [(first, last, sure)] = model.names({"said": [("x",), ("good",), ("good",), ("x",)]})
    assert (first, last) == (1, 3)
    assert sure > 0.99
    assert model.names({"said": [("x",)]}) == []
    assert model.names({"said": []}) == []


def test_a_token_gains_by_its_own_features_and_by_those_of_its_neighbours(nlp):
    draw = np.random.default_rng(2)
    _, described = slots_of(nlp, "A garnet membrane reactor ran near Turin, and a garnet pump.")
    features = features_of(described)
    names = sorted({one for token in features for one in token})
    weights = dict(zip(names, draw.integers(-300, 300, (len(names), 2)).tolist(), strict=True))
    for sums in (Sums(weights), forgetful(weights)):
        for _ in range(2):
            assert sums.of(described) == [
                [sum(weights[one][k] for one in token) for k in (0, 1)] for token in features
            ]


def forgetful(weights):
    """Sums that are full, so that they start anew with each text."""
    sums = Sums(weights)
    sums._table.extend([0] * (2 * REMEMBERED + 2))
    return sums


def test_the_packaged_weights_tell_a_technology_from_a_place(nlp):
    text = "We developed a lithium-garnet electrolyte membrane near Turin."
    words, described = slots_of(nlp, text)
    [(first, last, _)] = labeller().names(described)
    assert words[first:last] == ["lithium", "-", "garnet", "electrolyte", "membrane"]


# --- training ----------------------------------------------------------------------


def test_the_slope_is_that_of_the_sum_over_all_labellings():
    draw = np.random.default_rng(1)
    gains, moves = draw.normal(size=(3, 3)), draw.normal(size=(3, 3))
    moves[0, 2] = crf.NEVER
    log, labels, pairs = crf.expectations(gains, moves, np.ones((1, 3), dtype=bool))
    total, seen = 0.0, np.zeros((3, 3))
    for one in product(range(3), repeat=3):
        if one[0] == 2:
            continue
        value = np.exp(sum(gains[i, k] for i, k in enumerate(one)) + moves[one[0], one[1]]
                       + moves[one[1], one[2]])  # fmt: skip
        total += value
        for i, label in enumerate(one):
            seen[i, label] += value
    assert log == pytest.approx(np.log(total))
    assert labels == pytest.approx(seen / total)
    assert pairs.sum() == pytest.approx(2)


def test_what_is_shown_is_learnt():
    texts = [[["a"], ["of"], ["b"], ["c"]], [["of"], ["b"], ["c"]], [["a"], ["a"]]] * 8
    labels = [(0, 0, 1, 2), (0, 1, 2), (0, 0)] * 8
    field = crf.learn(texts, labels, least=1, ridge=0.1)
    weights = dict(zip(field.features, field.weights, strict=True))
    assert weights["b"].argmax() == 1
    assert weights["c"].argmax() == 2
    assert weights["a"].argmax() == 0
