import json
import time

import pytest

from config.errors import ModelError
from nlp import extraction
from nlp.extraction import Text, extract_lines, extractor, extractor_name
from nlp.tagger import load_tagger
from tests.extraction_samples import HOSTILE, TEXT, TITLE, small_configuration

FULL = f"{TITLE}\n{TEXT}"


class Letters:
    """An embedder without a model: texts with the same letters lie close together."""

    name, max_tokens = "letters", 256

    def encode(self, texts):
        import numpy as np

        rows = np.array([[text.lower().count(c) + 0.01 for c in "abcdefghijklmnopqrstuvwxyz"]
                         for text in texts], dtype=np.float32)  # fmt: skip
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def finder():
    return extractor(small_configuration())


@pytest.fixture
def answers(monkeypatch):
    monkeypatch.setattr(extraction, "load_embedder", lambda settings: Letters())
    return lambda *groups: [json.loads(one) for one in extract_lines(groups, small_configuration())]


def test_everything_is_found_at_its_place(finder):
    [found] = finder.extract([Text(FULL, len(TITLE))])
    assert {one.concept for one in found.technologies} >= {"solid_state_battery"}
    assert [one.concept for one in found.places] == ["DED41", "ITC11"]
    assert [one.label for one in found.organisations] == ["University of Turin"]
    assert {one.code for one in found.sectors} >= {"mobility", "recycling"}
    for one in found.mentions:
        assert FULL[one.start : one.end] == one.label


def test_a_technology_that_no_taxonomy_has_is_found_without_concept(finder):
    [found] = finder.extract([FULL])
    assert any(one.concept == "" and one.label.endswith("membrane") for one in found.technologies)


def test_empty_phrases_are_neither_terms_nor_technologies(finder):
    [found] = finder.extract([FULL])
    named = {term.text.lower() for term in found.terms} | {
        one.label.lower() for one in found.technologies
    }
    assert not named & {"project", "approach", "decision makers"}


def test_offsets_hold_in_a_text_with_markup(finder):
    text = "New: <b>solid-state&nbsp;battery</b> and a <i>super-capacitor</i>"
    [found] = finder.extract([text])
    assert [text[one.start : one.end] for one in found.technologies] == [
        "solid-state&nbsp;battery", "super-capacitor"]  # fmt: skip


def test_terms_stand_in_the_text(finder):
    [found] = finder.extract([FULL])
    assert found.terms
    assert all(term.text in FULL.replace("\n", " ") for term in found.terms)


def test_the_same_text_gives_the_same_findings_in_any_company(finder):
    alone = list(finder.extract([FULL]))
    among = list(finder.extract(["Something else.", FULL, ""]))
    assert among[1] == alone[0]


def test_the_name_changes_with_the_taxonomy_and_not_with_the_settings():
    one = small_configuration()
    fewer = small_configuration()
    fewer.technologies.pop("mems")
    assert extractor_name(one) == extractor_name(small_configuration())
    assert extractor_name(one) != extractor_name(fewer)


def test_one_answer_a_line_in_order(answers):
    found = answers([json.dumps({"id": "a", "text": FULL}), json.dumps({"id": 2, "text": ""})])
    assert [one["id"] for one in found] == ["a", 2]
    assert set(found[0]) == {"id", "terms", "technologies", "sectors", "organisations", "places"}
    assert found[1]["terms"] == []


def test_a_bad_line_is_answered_and_the_rest_goes_on(answers):
    found = answers(["{bad", "", "[]", '{"id": 1}', '{"id": 2, "text": 5}',
                     json.dumps({"id": 3, "text": "A battery."})])  # fmt: skip
    assert [one.get("line") for one in found] == [1, 3, 4, 5, None]
    assert "not JSON" in found[0]["error"]
    assert found[3] == {"id": 2, "line": 5, "error": "text: a string is expected"}
    assert found[4]["technologies"][0]["concept"] == "battery"


def test_a_lone_surrogate_can_be_written_out(answers):
    [found] = answers(['{"id": "x", "text": "A \\ud800 battery."}'])
    assert json.dumps(found, ensure_ascii=False).encode("utf-8")


def test_lines_are_numbered_across_groups(answers):
    found = answers(["", "{bad"], ["{bad"])
    assert [one["line"] for one in found] == [2, 3]


def test_answers_come_before_more_is_asked_for(answers, monkeypatch):
    asked = 0

    def endless():
        nonlocal asked
        while True:
            asked += 1
            yield [json.dumps({"id": asked, "text": "A battery."})]

    stream = extract_lines(endless(), small_configuration())
    for number in (1, 2):
        assert (json.loads(next(stream))["id"], asked) == (number, number)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_in_time(finder, text):
    start = time.process_time()
    list(finder.extract([text]))
    assert time.process_time() - start < 20


def test_a_tagger_that_is_not_there_is_named():
    with pytest.raises(ModelError, match="en_not_installed"):
        load_tagger("en_not_installed")
