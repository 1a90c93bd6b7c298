"""Names of technologies are read off the words, and training finds what it is shown."""

from itertools import product

import numpy as np
import pytest

from benchmarks import crf
from nlp.candidates import runs
from nlp.documents import Mention
from nlp.labeller import Labeller, Moves, best_names, labeller
from nlp.tagger import load_tagger
from nlp.tokenfeatures import BREAK, LONGEST, Surroundings, expanded, token_keys, word_groups

ALONE = Surroundings((), {}, 0)


@pytest.fixture(scope="module")
def nlp():
    return load_tagger()


def keys_of(nlp, text, around=ALONE):
    doc = nlp(text)
    return doc, token_keys(doc, list(runs(doc)), around)


# --- features ----------------------------------------------------------------------


def test_every_token_is_described(nlp):
    doc, described = keys_of(nlp, "A garnet membrane.")
    assert len(described) == len(doc)
    features = [{one for key in keys for one in expanded(key)} for keys in described]
    assert {"place=last", "word kind material", "+1 shape sign"} <= features[2]
    assert "head kind material" in features[1]
    assert "place=out" in features[3]


def test_what_the_text_says_besides_is_told(nlp):
    text = "Garnet membrane reactor (GMR)"
    known = [Mention(0, 15, "technology", "Garnet membrane", "garnet_membrane", 1.0)]
    doc, described = keys_of(nlp, text, Surroundings(known, {"GMR": (0, 23)}, len(text)))
    spelt = dict(zip((token.text for token in doc), described, strict=True))
    assert {"known0=start", "known1=on", "explained starts", "title, in"} <= set(spelt["Garnet"])
    assert "known0=on" in spelt["membrane"]
    assert "explained ends" in spelt["reactor"]
    assert "short form" in spelt["GMR"]


def test_pairs_of_words_tell_whether_they_keep_together(nlp):
    text = "New garnet membranes, old garnet membranes: one garnet membrane reactor, one reactor."
    doc, described = keys_of(nlp, text)
    features = ([one for key in keys for one in expanded(key)] for keys in described)
    spelt = dict(zip((token.text for token in doc), features, strict=True))
    assert {"pair+always", "pair-once, True, True"} <= set(spelt["garnet"])
    assert "pair+once, True, True" in spelt["membrane"]


def test_a_break_of_line_is_a_word_that_a_file_can_hold(nlp):
    _, described = keys_of(nlp, "Garnet membranes\nReactors for all")
    assert ("out", BREAK) in described[2]
    assert ("+1", BREAK) in described[1]


def test_words_that_stand_in_like_places_share_a_group():
    groups = word_groups()
    assert set(groups["microscopy"]) & set(groups["spectroscopy"])
    assert not set(groups["microscopy"]) & set(groups["novel"])
    assert {len(found) for found in groups.values()} == {3}


def test_a_word_without_end_is_cut(nlp):
    _, described = keys_of(nlp, "x" * 100)
    assert any("x" * LONGEST in key for key in described[0])
    assert not any("x" * (LONGEST + 1) in part for key in described[0] for part in key)


# --- labels ------------------------------------------------------------------------


def small(**weights):
    return Labeller(weights, Moves(-1.0, -0.5, -0.4, -0.3, -0.2, -0.1))


def worth(labels, gains, moves):
    """The sum that a labelling gets, counted the long way; None when it is not allowed."""
    into_first = {(0, 1): moves.enter, (1, 1): moves.again, (2, 1): moves.again}
    into_further = {(1, 2): moves.second, (2, 2): moves.further}
    out = {(0, 0): 0.0, (1, 0): moves.leave_one, (2, 0): moves.leave}
    table = into_first | into_further | out
    total, before = 0.0, 0
    for label, (begin, on) in zip((*labels, 0), (*gains, (0.0, 0.0)), strict=True):
        if (before, label) not in table:
            return None
        total += table[before, label] + (0.0, begin, on)[label]
        before = label
    return total


def test_the_best_labelling_is_found():
    draw = np.random.default_rng(0)
    model = small()
    for size in (1, 2, 5):
        gains = [(float(a), float(b)) for a, b in draw.normal(0, 1.5, (size, 2))]
        sums = {one: worth(one, gains, model.moves) for one in product(range(3), repeat=size)}
        best = max((one for one in sums if sums[one] is not None), key=lambda one: sums[one])
        names = list(best_names(gains, model.moves))
        labels = [0] * size
        for first, last in names:
            labels[first:last] = [1] + [2] * (last - first - 1)
        assert tuple(labels) == best


def test_a_name_scores_by_what_it_gains():
    model = small(good=(4.0, 4.0))
    [(first, last, sure)] = model.names([["x"], ["good"], ["good"], ["x"]])
    assert (first, last) == (1, 3)
    assert sure > 0.99
    assert model.names([["x"]]) == []
    assert model.names([]) == []


def test_the_packaged_weights_tell_a_technology_from_a_place(nlp):
    doc, described = keys_of(nlp, "We developed a lithium-garnet electrolyte membrane near Turin.")
    found = [doc[first:last].text for first, last, _ in labeller().names(described)]
    assert found == ["lithium-garnet electrolyte membrane"]


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
