from itertools import pairwise

import pytest

from nlp.abbreviations import abbreviations
from nlp.candidates import runs
from nlp.documents import Mention
from nlp.kinds import kind_of
from nlp.labeller import labeller
from nlp.linking import linker
from nlp.opennames import is_short_for_another, other_things, technologies_in, whole
from nlp.tagger import load_tagger
from nlp.technologies import technologies
from tests.extraction_samples import TECHNOLOGIES, tagged


@pytest.fixture(scope="module")
def nlp():
    return load_tagger()


@pytest.fixture(scope="module")
def mentions(nlp):
    known = technologies(nlp, TECHNOLOGIES)

    def find(text):
        one = tagged(nlp, text)
        return technologies_in(
            one,
            runs(one),
            known.find(one),
            title_end=0,
            linker=linker(TECHNOLOGIES),
            labeller=labeller(),
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


def test_a_known_technology_is_widened_to_the_words_that_say_which_kind(mentions):
    [found] = mentions("They sell the sodium-sulphur solid-state battery.")
    assert found.label == "sodium-sulphur solid-state battery"
    assert found.concept == "solid_state_battery"


def test_a_name_keeps_the_concept_of_the_technology_inside_it(mentions):
    [found] = mentions("We built a solid-state battery separator.")
    assert (found.label, found.concept) == ("solid-state battery separator", "solid_state_battery")


def test_an_accepted_name_is_found_wherever_it_stands(mentions):
    text = "We developed a garnet electrolyte membrane. Garnet electrolyte membranes break."
    found = labels(mentions(text))
    assert found == ["garnet electrolyte membrane", "Garnet electrolyte membranes"]


def test_the_abbreviation_of_a_new_technology_is_one_too(mentions):
    text = "We built a garnet electrolyte membrane (GEM). Two GEMs failed."
    assert labels(mentions(text)) == ["garnet electrolyte membrane", "GEM", "GEMs"]


def test_the_abbreviation_of_something_else_is_none():
    text = "The staff canteen (SC) has a garnet membrane (GM). An SC, two GMs, a QX."
    explained = abbreviations(text)
    at = text.index("garnet")
    found = [Mention(at, at + 15, "technology", "garnet membrane")]
    others = other_things(explained, found)
    left_out = {
        label: is_short_for_another(Mention(0, 0, "technology", label), explained, others)
        for label in ("SC", "SCs", "GM", "GMs", "QX")
    }
    assert left_out == {"SC": True, "SCs": True, "GM": False, "GMs": False, "QX": False}
    known = Mention(0, 0, "technology", "SC", "supercapacitor")
    assert not is_short_for_another(known, explained, others)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("garnet membrane", "garnet membrane"),
        ("garnet membrane (GM) reactor", "garnet membrane (GM) reactor"),
        ("garnet membrane (GM", "garnet membrane"),
        ("GM) reactor", "GM"),
        ("garnet membrane\nReactors", "garnet membrane"),
        (", garnet membrane -", "garnet membrane"),
        (") (", ""),
    ],
)
def test_a_name_ends_where_its_line_or_its_bracket_does(nlp, text, expected):
    one = tagged(nlp, text)
    first, last = whole(one.words, 0, len(one))
    assert one.doc[first:last].text == expected


def test_a_generic_word_alone_is_no_technology(mentions):
    assert mentions("We use the device and deploy systems with software.") == []


def test_mentions_do_not_overlap_and_stand_in_order(mentions):
    text = "A garnet membrane reactor, a garnet membrane, and a battery with a garnet membrane."
    found = mentions(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
