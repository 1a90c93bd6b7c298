import pytest

from nlp.nuts import changes, level_2, lies_in, names, to_2024
from nlp.places import gazetteer
from nlp.tagger import load_tagger
from tests.extraction_samples import tagged


@pytest.fixture(scope="module")
def nlp():
    return load_tagger()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("DED41", "DED41"),
        ("NL31", "NL35"),  # Utrecht, renumbered
        ("FR24", "FRB0"),  # Centre, coded anew in 2016
        ("ded4", "DED4"),
        ("GR30", "EL30"),
        ("UKD3", ""),  # no code in 2024
        ("", ""),
        ("XX99", ""),
    ],
)
def test_codes_of_every_edition_become_those_of_2024(code, expected):
    assert to_2024(code) == expected


def test_a_code_that_was_split_becomes_the_region_around_it():
    assert to_2024("PT17").startswith("PT1")


def test_every_target_of_a_change_is_in_force():
    assert set(changes().values()) <= names().keys()
    assert not changes().keys() & names().keys()


def test_the_second_level_of_a_code():
    assert (level_2("DED41"), level_2("DED"), level_2("LT")) == ("DED4", "", "")


@pytest.mark.parametrize(
    ("code", "members", "expected"),
    [
        ("DED13", ("DED",), True),
        ("FR241", ("FRB0",), True),  # Eure-et-Loir before 2016
        ("FI131", ("FI1D",), True),  # Etelä-Savo before 2010
        ("FRB0", ("FRF",), False),
        ("XX12", ("XX1",), True),
        ("", ("DED",), False),
    ],
)
def test_a_code_of_any_edition_lies_in_its_region(code, members, expected):
    assert lies_in(code, members) is expected


def test_places_carry_their_code(nlp):
    text = "The line near Chemnitz supplies a factory in Turin and one in Slovenia."
    found = gazetteer(nlp).find_places(tagged(nlp, text))
    assert [(one.label, one.concept) for one in found] == [
        ("Chemnitz", "DED41"), ("Turin", "ITC11"), ("Slovenia", "SI")]  # fmt: skip


def test_a_common_word_is_no_place(nlp):
    text = "It was a nice split between the centre and the west."
    assert gazetteer(nlp).find_places(tagged(nlp, text)) == []


def test_known_participants_are_found(nlp):
    text = "A loom from Webwerk Nordtal runs day and night."
    found = gazetteer(nlp, ["Webwerk Nordtal"]).find_organisations(tagged(nlp, text))
    assert [one.label for one in found] == ["Webwerk Nordtal"]


def test_an_organisation_says_what_it_is(nlp):
    text = "They asked the University of Turin and later Nordtal Maschinen GmbH for help."
    found = gazetteer(nlp).find_organisations(tagged(nlp, text))
    assert [one.label for one in found] == ["University of Turin", "Nordtal Maschinen GmbH"]


def test_capitalised_words_alone_are_no_organisation(nlp):
    text = "We met Anna Berg as planned in New Town."
    assert gazetteer(nlp).find_organisations(tagged(nlp, text)) == []
