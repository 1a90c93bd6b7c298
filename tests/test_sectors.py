import pytest

from nlp.background import background
from nlp.extraction import labels_of
from nlp.sectors import LEAST_WEIGHT, sectors
from nlp.tagger import load_tagger
from tests.extraction_samples import small_configuration


@pytest.fixture(scope="module")
def find():
    nlp = load_tagger()
    known = sectors(nlp, labels_of(small_configuration()), background())
    return lambda text, title_end=0: known.find(nlp(text), text, title_end)


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
    assert all(LEAST_WEIGHT <= one.weight <= 1 for one in found)


def test_more_evidence_gives_more_weight(find):
    [little] = [
        one for one in find("An electric vehicle left the railway.") if one.code == "mobility"
    ]
    more = find("An electric vehicle with a traction motor beside the railway.")
    assert next(one for one in more if one.code == "mobility").weight > little.weight


def test_a_common_term_said_once_makes_no_ecosystem(find):
    assert codes(find("An electric vehicle.")) == []
    assert codes(find("An electric vehicle.", 20)) == ["mobility"]


def test_a_term_in_the_title_weighs_more(find):
    text = "A railway line\nopens tomorrow in the valley."
    plain, titled = find(text), find(text, 14)
    assert titled[0].weight > (plain[0].weight if plain else 0)


def test_a_term_in_a_long_text_weighs_less(find):
    short = find("A traction motor and a railway.")
    long = find("A traction motor and a railway. " + "The choir sang in the hall. " * 400)
    assert short
    assert sum(one.weight for one in long) < sum(one.weight for one in short)
