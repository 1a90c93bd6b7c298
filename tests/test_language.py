import time

import pytest

from nlp.language import detect
from tests.extraction_samples import HOSTILE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The region invests in photonics and in quantum chips for its industry.", "en"),
        ("Die Region investiert in Photonik und in neue Anlagen für die Industrie.", "de"),
        ("La région investit dans la photonique et dans de nouvelles usines.", "fr"),
        ("Regija vlaga v fotoniko in v nove tovarne za svojo industrijo.", "sl"),
        ("Regionas investuoja į fotoniką ir naujas gamyklas savo pramonei.", "lt"),
        ("La regione investe nella fotonica e in nuovi impianti industriali.", "it"),
    ],
)
def test_languages_are_told_apart(text, code):
    found, confidence = detect(text)
    assert found == code
    assert confidence > 0.5


def test_a_text_in_capitals_is_read_like_any_other():
    assert detect("NEW FACTORY FOR HYDROGEN TRAINS OPENS IN THE NORTH OF THE COUNTRY")[0] == "en"


def test_a_short_text_is_believed_to_be_what_its_source_says():
    assert detect("Hydrogen", "en")[0] == "en"


def test_a_long_text_is_not_what_its_source_says():
    german = "Die Region investiert in Photonik und in neue Anlagen für die Industrie. " * 4
    assert detect(german, "en")[0] == "de"


def test_without_letters_there_is_no_language():
    assert detect("12 %, 34!") == ("", 0.0)


def test_without_letters_the_declared_language_stays():
    assert detect("2026", "fr") == ("fr", 0.0)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_told_in_time(text):
    start = time.process_time()
    detect(text, "en")
    assert time.process_time() - start < 2
