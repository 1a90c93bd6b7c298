import json
from pathlib import Path

import pytest

from nlp.background import background
from nlp.extraction import labels_of
from nlp.sectors import LEAST_PROBABILITY, LEAST_WEIGHT, MOST_EVIDENCE, Label, best, sectors
from nlp.tagger import load_tagger
from tests.extraction_samples import small_configuration, tagged


@pytest.fixture(scope="module")
def find():
    nlp = load_tagger()
    known = sectors(nlp, labels_of(small_configuration()), background())
    return lambda text, title_end=0: known.find(tagged(nlp, text), title_end)


def codes(found, scheme="ecosystem"):
    return [one.code for one in found if one.scheme == scheme]


def test_a_text_can_belong_to_several_sectors(find):
    found = find("Electric vehicles and railway seats use a textile of recycled yarn.")
    assert set(codes(found)) == {"mobility", "textiles"}


def test_a_text_can_belong_to_none(find):
    assert find("The choir sang in the old town hall.") == []


def test_evidence_is_quoted_as_it_stands(find):
    [one] = [one for one in find("Electric Vehicles roll.") if one.code == "29"]
    assert one.evidence == ("Electric Vehicles",)


def test_challenges_and_value_chain_steps_are_labels_too(find):
    found = find("Decarbonisation and carbon neutrality ask for disassembly and recycling.")
    assert codes(found, "challenge") == ["climate"]
    assert codes(found, "value_chain") == ["recycling"]


def test_weights_lie_between_the_least_and_one(find):
    found = find("railway railway railway electric vehicle traction motor " * 20)
    assert found
    assert all(min(LEAST_WEIGHT, LEAST_PROBABILITY) <= one.weight <= 1 for one in found)


def test_more_evidence_gives_more_weight(find):
    measured = "Researchers measured proteins in cells at the railway"
    [little] = [one for one in find(f"{measured}.") if one.code == "mobility"]
    more = find(f"{measured}, beside an electric vehicle with a traction motor.")
    assert next(one for one in more if one.code == "mobility").weight > little.weight


def test_words_that_are_no_terms_speak_for_an_ecosystem_and_are_its_evidence(find):
    text = "Passengers of trams and buses, drivers of cars: how traffic and transport flow."
    [found] = [one for one in find(text) if one.scheme == "ecosystem"]
    assert found.code == "mobility"
    assert 1 < len(found.evidence) <= MOST_EVIDENCE
    assert all(word in text for word in found.evidence)


def test_an_ecosystem_that_the_word_model_does_not_know_goes_by_its_terms():
    nlp = load_tagger()
    known = sectors(nlp, [Label("ecosystem", "toys", ("spinning top", "doll"))], background())
    text = "Passengers of trams buy a spinning top and a doll."
    [found] = known.find(tagged(nlp, text))
    assert (found.code, set(found.evidence)) == ("toys", {"spinning top", "doll"})


def test_evidence_does_not_repeat_part_of_itself():
    parts = [(2.0, "Traction motor"), (1.0, "motor"), (0.5, "rail"), (0.4, "rail")]
    assert best(parts) == ("Traction motor", "rail")


def test_no_text_that_was_labelled_to_learn_from_is_in_the_gold_set():
    folder = Path(__file__).parent.parent / "benchmarks" / "gold"
    ids = [
        [json.loads(line)["id"] for line in (folder / name).read_text("utf-8").splitlines()]
        for name in ("sectors.jsonl", "gold.jsonl")
    ]
    assert len(set(ids[0])) == len(ids[0]) > 400
    assert not set(ids[0]) & set(ids[1])


def test_a_term_in_the_title_weighs_more(find):
    text = "A railway line\nopens tomorrow in the valley."
    plain, titled = find(text), find(text, 14)
    assert titled[0].weight > (plain[0].weight if plain else 0)


def test_a_term_in_a_long_text_weighs_less(find):
    short = find("A traction motor and a railway.")
    long = find("A traction motor and a railway. " + "The choir sang in the hall. " * 400)
    assert short
    assert sum(one.weight for one in long) < sum(one.weight for one in short)
