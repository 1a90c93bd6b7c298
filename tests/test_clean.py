import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.clean import MAX_ANALYSED, clean, is_boilerplate, mask
from tests.extraction_samples import HOSTILE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fuel&nbsp;cells &amp; <b>hydrogen</b>", "Fuel cells & hydrogen"),
        ("one\n\n\n  two \n", "one\ntwo"),
        ("soft\u00adhyphen and\u200b joiner", "softhyphen and joiner"),
        (r"A \emph{thin} film of $x$ nm~\cite{key}", "A thin film of x nm~"),
        ("cafe\u0301", "caf\u00e9"),
        ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
    ],
)
def test_text_is_made_readable(text, expected):
    assert clean(text) == expected


def test_lines_that_only_ask_for_something_are_dropped():
    assert clean("News of the day\nSubscribe to our newsletter\nMore news") == (
        "News of the day\nMore news"
    )


def test_a_long_line_is_never_boilerplate():
    assert not is_boilerplate("Subscribe " + "to the idea that rails carry more " * 5)


def test_masking_blanks_markup_in_place():
    text = "A <i>thin</i> film"
    assert mask(text) == "A    thin     film"


def test_masking_blanks_boilerplate_lines():
    text = "New loom\nRead more\nIt weaves."
    assert mask(text) == "New loom\n         \nIt weaves."


def test_masking_joins_a_sentence_broken_over_lines():
    assert mask("a fuel\ncell\nThe end") == "a fuel cell\nThe end"


def test_masking_blanks_addresses():
    text = "See https://example.org/a?b=c now"
    assert mask(text).split() == ["See", "now"]


@given(st.text(max_size=400))
def test_masking_keeps_the_length(text):
    assert len(mask(text)) == len(text)


@given(st.text(alphabet="a<>&;\\{}$ \n/", max_size=300))
def test_masking_keeps_letters_in_their_place(text):
    masked = mask(text)
    assert all(new in {old, " ", ";", "<", ">", "&"} for old, new in zip(text, masked, strict=True))


def test_a_huge_text_is_cut():
    assert len(mask("word " * 1_000_000)) == MAX_ANALYSED


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_cleaned_in_time(text):
    start = time.process_time()
    mask(text)
    clean(text[:200_000])
    assert time.process_time() - start < 3
