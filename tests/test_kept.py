"""A store taken through all weeks between two cut-offs, judged at both."""

import numpy as np

from benchmarks.kept import kept
from config.loader import load_configuration
from config.weeks import first_day, shift
from nlp.hindcast import Corpus
from nlp.themes import unit

START, WEEKS = "2014-W01", 110
SUBJECTS = ("moon glass", "talking spoon", "bee hive")


def corpus():
    """Every week two documents on each subject, which lie apart."""
    rng = np.random.default_rng(0)
    subject = np.tile(np.repeat(np.arange(len(SUBJECTS)), 2), WEEKS)
    week = np.repeat(np.arange(WEEKS), 2 * len(SUBJECTS))
    days = np.array([first_day(shift(START, int(one))).toordinal() for one in week])
    zeros = np.zeros(len(days), dtype=np.int64)
    return Corpus(
        ids=[f"{number}-{kind}" for number, kind in enumerate(subject)],
        texts=[f"On a {SUBJECTS[kind]}. The {SUBJECTS[kind]} is new." for kind in subject],
        vectors=unit(np.eye(3, 48)[subject] + rng.normal(scale=0.05, size=(len(days), 48))),
        published=days,
        available=days,
        streams=zeros,
        sources=zeros,
        authors=[()] * len(days),
    )


def test_a_kept_store_is_judged_at_each_cut_off_with_its_members():
    cutoffs = (shift(START, 60), shift(START, 63))
    found = list(kept(corpus(), load_configuration(), cutoffs))
    assert [one.prediction.week for one in found] == list(cutoffs)
    for one, weeks in zip(found, (61, 64), strict=True):
        known = one.prediction.documents
        assert len(known) == 6 * weeks
        assert len(one.prediction.signals) == len(one.prediction.themes) == len(SUBJECTS)
        for theme in one.prediction.themes:
            kinds = {corpus().ids[int(known[row])][-1] for row in theme.members}
            assert len(kinds) == 1


def test_a_part_of_a_corpus_keeps_its_documents_together():
    whole = corpus()
    part = whole.taken([5, 0])
    assert part.ids == [whole.ids[5], whole.ids[0]]
    assert part.texts == [whole.texts[5], whole.texts[0]]
    assert part.vectors.tolist() == whole.vectors[[5, 0]].tolist()
    assert part.published.tolist() == [whole.published[5], whole.published[0]]
