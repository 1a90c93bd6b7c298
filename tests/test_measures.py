"""What the benchmarks of themes measure: coherence, diversity, identity, order."""

import pytest

from benchmarks.stability import Seen, going_on, overlap
from benchmarks.themes import diversity, evenly, npmi, standing, taken_apart


def test_words_that_stand_together_are_coherent():
    texts = [{"sea", "ice"}, {"sea", "ice"}, {"hive", "bee"}, {"hive", "bee"}]
    assert npmi([["sea", "ice"]], texts) == pytest.approx(1.0)
    assert npmi([["sea", "hive"]], texts) == -1.0


def test_fewer_topics_repeat_fewer_words():
    topics = [["a", "b"], ["a", "c"], ["a", "d"], ["a", "e"]]
    assert diversity(topics) == pytest.approx(5 / 8)
    assert evenly(topics, 2) == pytest.approx(3 / 4)
    assert evenly(topics, 9) == diversity(topics)


def test_phrases_are_found_where_they_stand_and_taken_apart():
    topics = [["sea ice drift", "sea ice", "radar"]]
    assert standing(["Sea ice, and a radar."], topics) == [{"sea ice", "radar"}]
    assert taken_apart(topics) == [["sea", "ice", "drift", "radar"]]


def test_overlap_weighs_the_top_of_the_list():
    names = [str(number) for number in range(30)]
    assert overlap(names, names) == pytest.approx(1.0)
    assert overlap(names, [f"x{name}" for name in names]) == 0.0
    top = ["1", "0", *names[2:]]
    end = [*names[:-2], "29", "28"]
    assert overlap(names, top) < overlap(names, end) < 1.0
    assert overlap([], []) == 1.0


def test_a_theme_goes_on_when_its_id_still_holds_its_documents():
    before = Seen(
        ["t1", "t2", "t3"],
        {"t1": 9, "t2": 9, "t3": 2},
        {name: frozenset(f"{name}-{n}" for n in range(10)) for name in ("t1", "t2", "t3")},
    )
    moved = {"t1": before.members["t1"] | {"new"}, "t2": frozenset({"t2-1", "other"})}
    assert going_on(before, Seen(["t1", "t2"], {}, moved)) == (1, 2)
    assert going_on(before, before) == (2, 2)
