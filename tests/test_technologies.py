import pytest

from nlp.abbreviations import abbreviations
from nlp.tagger import load_tagger
from nlp.technologies import technologies
from nlp.variants import variants
from tests.extraction_samples import TECHNOLOGIES, tagged


@pytest.fixture(scope="module")
def find():
    nlp = load_tagger()
    known = technologies(nlp, TECHNOLOGIES)
    return lambda text: [(one.label, one.concept) for one in known.find(tagged(nlp, text))]


@pytest.mark.parametrize(
    "written",
    [
        "solid-state battery",
        "Solid-State Batteries",
        "solid state battery",
        "SOLID STATE BATTERIES",
        "solidstate battery",
    ],
)
def test_spellings_of_one_technology_are_found(find, written):
    assert find(f"They build a {written} now.") == [(written, "solid_state_battery")]


def test_the_longest_name_wins(find):
    assert find("A solid-state battery is a battery.") == [
        ("solid-state battery", "solid_state_battery"),
        ("battery", "battery"),
    ]


def test_a_short_form_stands_for_the_longest_name_before_it(find):
    assert find("A solid-state battery (SSB) is safe. The SSB is dear.") == [
        ("solid-state battery", "solid_state_battery"),
        ("SSB", "solid_state_battery"),
        ("SSB", "solid_state_battery"),
    ]


def test_american_spelling_is_understood(find):
    assert find("Drawn optical fibers last.") == [("optical fibers", "optical_fibre")]


def test_a_name_in_capitals_is_matched_by_its_case(find):
    assert find("MEMS are small, mems is a typo.") == [("MEMS", "mems")]


def test_an_ambiguous_short_form_needs_support(find):
    assert find("AR was mentioned.") == []


def test_a_context_word_supports_a_short_form(find):
    assert find("The headset shows AR overlays.") == [("AR", "augmented_reality")]


def test_the_long_form_in_the_text_supports_the_short_one(find):
    assert find("Small modular reactors (SMRs) help. An SMR is small.") == [
        ("Small modular reactors", "small_modular_reactor"),
        ("SMRs", "small_modular_reactor"),
        ("SMR", "small_modular_reactor"),
    ]


def test_a_short_form_explained_as_something_else_is_left_alone(find):
    assert find("Steam methane reforming (SMR): the SMR unit feeds a nuclear plant.") == []


def test_offsets_point_at_the_very_words(find):
    nlp = load_tagger()
    text = "Two  super-capacitors\nand an optical fibre."
    for one in technologies(nlp, TECHNOLOGIES).find(tagged(nlp, text)):
        assert text[one.start : one.end] == one.label


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hidden Markov model (HMM)", {"HMM": "hidden Markov model"}),
        ("solid-oxide fuel cells (SOFCs)", {"SOFC": "solid-oxide fuel cells"}),
        ("a line (see Figure 2)", {}),
        ("heat shock protein 70 (HSP70)", {"HSP70": "heat shock protein 70"}),
        ("nothing fits here (XYZ)", {}),
    ],
)
def test_abbreviations_explained_in_brackets(text, expected):
    found = {short: text[start:end] for short, (start, end) in abbreviations(text).items()}
    assert found == expected


def test_variants_hold_plural_hyphen_and_spelling():
    found = variants("carbon fibre")
    assert {
        "carbon fibre",
        "carbon-fibre",
        "carbon fibres",
        "carbon fiber",
        "carbon-fibers",
    } <= found
