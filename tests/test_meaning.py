"""Names that mean the same: by hand-made vectors, so that every limit can be met or missed."""

import numpy as np
import pytest

from nlp.meaning import LEAST, forms, meanings
from tests.extraction_samples import technology

KNOWN = (
    technology("autonomous_driving", "self-driving car"),
    technology("gpu_computing", "GPU computing"),
    technology("clustering", "data clustering algorithm"),
    technology("wireless_charging", "wireless charging"),
    technology("electrochemical_sensor", "electrochemical sensor"),
    technology("lifelong", "lifelong learning algorithm"),
    technology("robot", "industrial robot"),
    technology("ai", "AI"),
)
OTHERS = tuple(
    technology(f"{front}_{kind}", f"{front} {kind}")
    for front in ("garden", "harbour", "winter", "mountain", "village", "castle", "forest", "isle")
    for kind in ("printer", "antenna", "camera", "telescope", "valve", "motor", "kiln", "crane")
)
LIKE = {"vehicle": "car", "computation": "computing", "biosensor": "sensor", "wired": "wireless"}


class Synonyms:
    """An embedder to which words that are alike are the same and others have nothing in common."""

    name, max_tokens = "synonyms", 256

    def encode(self, texts):
        rows = np.zeros((len(texts), 4096), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[sum(ord(c) * 31**i for i, c in enumerate(LIKE.get(word, word))) % 4096] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def link(*labels, known=(*KNOWN, *OTHERS)):
    return {
        label: concept for label, (concept, _) in meanings(known).link(labels, Synonyms()).items()
    }


def test_a_name_that_means_the_same_is_linked():
    labels = ("self-driving vehicles", "GPU computation", "data clustering method")
    assert link(*labels) == dict(
        zip(labels, ("autonomous_driving", "gpu_computing", "clustering"), strict=True)
    )


@pytest.mark.parametrize(
    "label",
    [
        "wired charging",  # the opposite
        "electrochemical biosensor",  # a kind of it
        "vehicle",  # a single word
        "self-driving car simulation",  # one word more
        "driving self car",  # another order
        "electrical sensor",  # another word before the same head
        "lifelong learning",  # the taxonomy means a method of that name
        "gas computing",  # another meaning
        "GPU8 computing",  # a number
        "",
    ],
)
def test_another_thing_is_not_linked(label):
    assert link(label) == {}


def test_a_small_taxonomy_cannot_tell():
    assert link("GPU computation", known=KNOWN) == {}


def test_the_limits_are_read_off_different_concepts():
    found = meanings((*KNOWN, *OTHERS))
    apart = [one for concept, own in found.names for one in found.pairs(" ".join(own))
             if one.concept != concept]  # fmt: skip
    assert len(apart) / 2 >= LEAST
    of_names, of_words = found.limits(Synonyms())
    assert of_names == pytest.approx(0.5)
    assert of_words == pytest.approx(0.0)


def test_a_head_that_says_how_is_the_same_as_any_other_or_none():
    assert forms("Data-clustering algorithms") == [("data", "clustering", "method"),
                                                   ("data", "clustering")]  # fmt: skip
    assert forms("methods") == [("method",)]
