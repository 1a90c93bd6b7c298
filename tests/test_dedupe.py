import random
import time

import pytest

from nlp.dedupe import DuplicateIndex, Known, Mark, likeness, signature
from tests.extraction_samples import HOSTILE, bridged

WORDS = [f"word{i}" for i in range(500)]


def story(seed: int, length: int = 120) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def known(identity: str, text: str, day: int = 100, kind: str = "news") -> Known:
    return Known(identity, kind, day, signature(text))


def test_the_same_words_give_the_same_signature():
    assert (signature("Rails, again!") == signature("rails again")).all()


def test_likeness_estimates_the_share_of_common_runs():
    one, other = story(1), story(2)
    half = " ".join(one.split()[:60] + other.split()[:60])
    assert 0.15 < likeness(signature(one), signature(half)[None, :])[0] < 0.6


def test_unrelated_texts_stand_alone():
    index = DuplicateIndex()
    assert added(index, known("a", story(1)), known("b", story(2))) == {"a": "", "b": ""}


def test_one_press_release_on_three_sites_counts_once():
    text = story(3)
    index = DuplicateIndex()
    found = added(
        index, known("a", text), known("b", f"{text} read more here"), known("c", f"Site C. {text}")
    )
    assert found == {"a": "", "b": "a", "c": "a"}


def test_the_earliest_available_stands_for_the_group_even_when_it_arrives_last():
    text = story(4)
    index = DuplicateIndex()
    index.add([known("b", text, day=200), known("c", text, day=210)])
    assert added(index, known("a", text, day=150)) == {"a": "", "b": "a", "c": "a"}


def test_kinds_are_kept_apart():
    text = story(5)
    index = DuplicateIndex()
    found = added(index, known("a", text), known("b", text, kind="project"))
    assert found == {"a": "", "b": ""}


def test_a_story_told_again_after_years_is_news():
    text = story(6)
    index = DuplicateIndex(window_days=365)
    assert added(index, known("a", text, day=1), known("b", text, day=1000)) == {"a": "", "b": ""}


def test_a_document_that_comes_again_is_not_its_own_duplicate():
    index = DuplicateIndex()
    index.add([known("a", story(7))])
    assert added(index, known("a", story(7))) == {"a": ""}


@pytest.mark.parametrize("seed", range(5))
def test_groups_do_not_depend_on_the_order_or_the_batches(seed):
    documents = []
    for group in range(8):
        base = story(100 + group).split()
        for copy in range(4):
            words = base.copy()
            words[copy * 7] = f"edit{copy}"
            documents.append(known(f"{group}-{copy}", " ".join(words), day=100 + copy))
    expected = groups_of(documents, len(documents))
    shuffled = random.Random(seed).sample(documents, len(documents))
    assert groups_of(shuffled, 1 + seed * 3) == expected


def test_a_seeded_index_goes_on_like_the_one_before():
    text = story(8)
    first = [known("a", text, day=10), known("b", text, day=20)]
    index = DuplicateIndex()
    marks = index.add(first)
    again = DuplicateIndex()
    again.seed(first, {name: (m.successor, m.since) for name, m in marks.items() if m.successor})
    assert again.add([known("c", text, day=30)]) == {
        "a": Mark(),
        "b": Mark("a", "a", 20),
        "c": Mark("a", "a", 30),
    }


def test_two_stories_are_one_from_the_day_on_that_a_third_shows_it():
    one, other, both = bridged()
    index = DuplicateIndex()
    assert added(index, known("a", one, day=10), known("b", other, day=20)) == {"a": "", "b": ""}
    assert index.add([known("c", both, day=30)]) == {
        "a": Mark(),
        "b": Mark("a", "a", 30),
        "c": Mark("a", "a", 30),
    }


def added(index, *documents):
    """Id -> representative, after *documents* were added."""
    return {name: mark.representative for name, mark in index.add(documents).items()}


def test_a_notice_of_every_day_is_one_group_for_years():
    same = signature(story(9))
    days = [Known(f"d{day:04d}", "news", day, same) for day in range(0, 900, 3)]
    index = DuplicateIndex()
    for one in days:
        index.add([one])
    *_, last = days
    marks = index.add(days)
    assert marks[last.id] == Mark("d0000", "d0000", last.day)
    again = DuplicateIndex()
    again.seed(days, {name: (m.successor, m.since) for name, m in marks.items() if m.successor})
    assert again.add([Known("new", "news", 903, same)])["new"] == Mark("d0000", "d0000", 903)


def test_texts_without_words_are_nobodys_duplicates():
    index = DuplicateIndex()
    assert added(index, known("a", "!!!"), known("b", "???")) == {"a": "", "b": ""}


def groups_of(documents, batch):
    index, found = DuplicateIndex(), {}
    for i in range(0, len(documents), batch):
        found.update(index.add(documents[i : i + batch]))
    return {name: (mark.representative, mark.since) for name, mark in found.items()}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_gets_a_signature_in_time(text):
    start = time.process_time()
    signature(text)
    assert time.process_time() - start < 2
