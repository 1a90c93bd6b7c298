from itertools import pairwise

import pytest

from nlp.background import background
from nlp.candidates import MOST_NAME, candidates
from nlp.linking import linker
from nlp.names import kind_of, name_within
from nlp.newness import WEIGHTS, Surroundings, features
from nlp.opennames import names_of, technologies_in
from nlp.tagger import load_tagger
from nlp.technologies import technologies
from tests.extraction_samples import TECHNOLOGIES


@pytest.fixture(scope="module")
def nlp():
    return load_tagger()


@pytest.fixture(scope="module")
def mentions(nlp):
    known = technologies(nlp, TECHNOLOGIES)

    def find(text):
        doc = nlp(text)
        return technologies_in(
            doc,
            text,
            candidates(doc, text, MOST_NAME),
            known.find(doc, text),
            title_end=0,
            linker=linker(TECHNOLOGIES),
            background=background(),
        )

    return find


def labels(found):
    return [mention.label for mention in found]


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("We developed a lithium-garnet electrolyte membrane.", "electrolyte membrane", True),
        ("We saw the evening market square.", "market square", False),
        ("The regional board policy changed.", "board policy", False),
        ("The project and its approach pleased the decision makers.", "", False),
    ],
)
def test_technologies_are_told_by_their_words(mentions, text, phrase, expected):
    assert any(one.endswith(phrase) for one in labels(mentions(text))) == expected


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("turbine", "device"),
        ("hydrogel", "material"),
        ("lithography", "process"),
        ("ellipsometry", "technique"),
        ("system", "generic_technology"),
        ("cathetometer", "device"),
        ("diameter", ""),
        ("geography", ""),
        ("analysis", "generic_technology"),
        ("policy", ""),
    ],
)
def test_heads_are_of_a_kind_by_list_or_by_form(head, kind):
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("low-cost garnet membrane", "garnet membrane"),
        ("stolen smart card", "smart card"),
        ("garnet membrane properties", "garnet membrane"),
        ("high quality garnet membranes", "garnet membranes"),
        ("full-waveform inversion", "full-waveform inversion"),
        ("robust", None),
    ],
)
def test_a_name_is_read_without_judgement_and_without_a_head_that_is_none(nlp, phrase, name):
    doc = nlp(phrase)
    found = name_within(doc, 0, len(doc))
    assert (found and doc[found.first : found.last].text) == name


def test_a_known_technology_is_widened_to_the_words_that_say_which_kind(mentions):
    [found] = mentions("They sell the sodium-sulphur solid-state battery.")
    assert found.label == "sodium-sulphur solid-state battery"
    assert found.concept == "solid_state_battery"


def test_an_accepted_name_is_found_wherever_it_stands(mentions):
    text = "We built a garnet membrane. The garnet membrane thickness matters."
    assert labels(mentions(text)) == ["garnet membrane", "garnet membrane"]


def test_the_abbreviation_of_a_new_technology_is_one_too(mentions):
    text = "We built a garnet electrolyte membrane (GEM). Two GEMs failed."
    assert labels(mentions(text)) == ["garnet electrolyte membrane", "GEM", "GEMs"]


def test_a_generic_word_alone_is_no_technology(mentions):
    assert mentions("We use the device and deploy systems with software.") == []


def test_mentions_do_not_overlap_and_stand_in_order(mentions):
    text = "A garnet membrane reactor, a garnet membrane, and a battery with a garnet membrane."
    found = mentions(text)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_every_feature_has_a_weight(nlp):
    text = "A garnet membrane."
    doc = nlp(text)
    [one] = names_of(doc, candidates(doc, text))
    around = Surroundings(0, frozenset(), 0)
    assert set(features(one.name, one.places, doc, around, background())) == set(WEIGHTS)
