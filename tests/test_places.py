import pytest

from benchmarks.towns import can_be_told, report, town_name, towns, with_towns
from nlp.nuts import changes, level_2, lies_in, names, table, to_2024
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


def test_towns_are_found_with_and_without_accents(nlp):
    text = "Two mills, one in Malmö and one in Malmo, work for a laboratory in Gif-sur-Yvette."
    found = gazetteer(nlp).find_places(tagged(nlp, text))
    assert [(one.label, one.concept) for one in found] == [
        ("Malmö", "SE224"), ("Malmo", "SE224"), ("Gif-sur-Yvette", "FR104")]  # fmt: skip


def test_names_of_places_are_clean_and_lie_in_regions_in_force():
    listed = table("places")
    assert all(name == " ".join(name.split()) for name in listed)
    assert {code for code in listed.values() if len(code) > 2} <= names().keys()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("GIF-SUR-YVETTE CEDEX", "Gif-sur-Yvette"),
        ("Bruxelles / Brussel", "Bruxelles"),
        ("PENDIK, ISTANBUL", "Pendik"),
        ("Las Palmas De Gran Canaria", "Las Palmas de Gran Canaria"),
        ("AARHUS C", "Aarhus"),
        ("8000 Town", "8000 Town"),
        ("", ""),
    ],
)
def test_the_town_of_an_address(written, expected):
    assert town_name(written) == expected


def test_a_town_lies_where_nearly_all_its_seats_say():
    seats = [
        *[("Veldhoven", "NL414")] * 2,
        *[("Webstadt", "DED41")] * 2, *[("Webstadt", "DED42")],  # one NUTS-2 region
        *[("Twintown", "DED41"), ("Twintown", "FR104")],
        ("Lonely", "DED41"),
        *[("Springfield", "US")] * 3,
        *[("Split", "HR035")] * 3,  # a common word
    ]  # fmt: skip
    assert towns(seats) == {"Veldhoven": "NL414", "Webstadt": "DED4"}
    assert not can_be_told("Martin")


def test_a_town_does_not_displace_a_place_under_another_spelling():
    assert with_towns({"Malmö": "SE224"}, {"Malmo": "SE110", "Solna": "SE110"}) == {
        "Malmö": "SE224", "Solna": "SE110"}  # fmt: skip


def test_half_of_the_seats_is_judged_by_the_towns_of_the_other():
    seats = [("Veldhoven", "NL414")] * 4 + [("Chemnitz", "DED41")] * 4
    assert report(seats, {"Chemnitz": "DED41"}).splitlines() == [
        "without towns: 50.0% of 4 seats found, 100.0% of them in their NUTS-2 region",
        "with towns: 100.0% of 4 seats found, 100.0% of them in their NUTS-2 region",
    ]


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
