"""The teacher of technologies: what it learns, what it says of tokens, and with whom it speaks."""

import random

import numpy as np

from benchmarks import teacher as module
from benchmarks.teacher import Marked, Teacher
from benchmarks.train_technologies import _joint_labels
from nlp.labeller import Labeller, Moves


def marked(text):
    """The text with its words as tokens."""
    tokens, place = [], 0
    for word in text.split():
        place = text.index(word, place)
        tokens.append((place, place + len(word)))
    return Marked(text, tokens)


TEXTS = [marked("we build a laser lattice today"), marked("the laser works and the hall is full")]
LABELS = [(0, 0, 0, 1, 2, 0), (0, 1, 0, 0, 0, 0, 0, 0)]


def test_it_learns_the_labels_it_is_shown(monkeypatch):
    monkeypatch.setattr(module, "EPOCHS", 30)
    taught = Teacher()
    taught.learn(TEXTS, LABELS)
    said = taught.says(TEXTS)
    assert [tuple(one.argmax(1)) for one in said] == LABELS
    assert all(np.allclose(np.exp(one).sum(1), 1, atol=1e-5) for one in said)
    again = taught.says(TEXTS[::-1])[::-1]
    assert all(np.allclose(a, b, atol=1e-4) for a, b in zip(said, again, strict=True))


def test_every_text_is_learnt_once_a_round_among_texts_of_its_length():
    lengths = list(range(100))
    batches = list(module._batches(lengths, random.Random(0)))
    assert sorted(row for batch in batches for row in batch) == lengths
    assert max(map(len, batches)) == module.BATCH


def test_network_and_features_decide_together():
    """What one of them is sure of holds against a slight doubt of the other."""
    labeller = Labeller({"sure": (6.0, 0.0), "doubt": (-1.0, -1.0)}, Moves(0, 0, 0, 0, 0, 0))
    logs = np.log([[0.6, 0.35, 0.05], [0.02, 0.96, 0.02], [0.9, 0.05, 0.05]])
    assert _joint_labels(logs, [["sure"], ["doubt"], ["doubt"]], labeller) == (1, 1, 0)
