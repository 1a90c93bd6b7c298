import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.clean import MAX_ANALYSED, is_boilerplate, mask
from tests.extraction_samples import HOSTILE


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
def test_hostile_text_is_masked_in_time(text):
    start = time.process_time()
    mask(text)
    assert time.process_time() - start < 3
