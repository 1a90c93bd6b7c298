"""The exchange format: what is read, what is refused and in which words."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import InputError
from pipelines.exchange import (
    MAX_TEXT,
    Limits,
    Record,
    clean,
    read_line,
    write_line,
)

LIMITS = Limits(date(1990, 1, 1), date(2026, 11, 20))
GOOD = {
    "source": "sample",
    "kind": "news",
    "title": "A pilot line opens",
    "text": "Cells are made here.",
    "published": "2026-03-03",
}


def line(**changes: object) -> str:
    return json.dumps({key: value for key, value in (GOOD | changes).items() if value != "absent"})


def complaint(text: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        read_line(text, "docs.jsonl line 7", LIMITS)
    return str(caught.value)


def test_what_is_not_given_is_derived():
    record = read_line(line(), "here", LIMITS)
    assert record.known == date(2026, 3, 3)
    assert record.key.startswith("sample:")
    assert record.key == read_line(line(), "there", LIMITS).key


def test_id_follows_the_canonical_address():
    plain = read_line(line(url="https://e.example/a"), "here")
    tracked = read_line(line(url="https://e.example/a?utm_source=x#top", title="Other"), "here")
    assert plain.key == tracked.key


def test_null_means_not_given():
    assert read_line(line(url=None, funding={"amount_eu": None}), "here").url == ""


def test_a_licence_is_always_said():
    for said in ("absent", None, " "):
        record = read_line(line(licence=said), "here")
        assert record.licence == json.loads(write_line(record))["licence"] == "none stated"


def test_country_codes_of_the_commission_are_understood():
    record = read_line(line(organisations=[{"name": "N", "country": "EL"}]), "here")
    assert record.organisations[0].country == "GR"


def test_long_title_may_stand_alone():
    assert read_line(line(text="", title="A title of more than twenty"), "here").text == ""


def test_what_no_screen_shows_is_taken_out():
    record = read_line(line(text="one\x00two \ud800 three\nfour"), "here", LIMITS)
    assert record.text == "one two   three\nfour"


def test_byte_order_mark_is_no_error():
    assert read_line(b"\xef\xbb\xbf" + line().encode(), "here").title == GOOD["title"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"titel": "x"}, "titel: unknown key"),
        ({"organisations": [{"name": "N", "nam": 1}]}, "organisations.0.nam: unknown key"),
        ({"source": "absent"}, "source: Field required"),
        ({"kind": "blog"}, "kind: "),
        ({"title": ""}, "title: "),
        ({"title": "short", "text": ""}, "fewer than 20 characters"),
        ({"title": 5}, "title: Input should be a valid string"),
        ({"published": "absent"}, "published: Field required"),
        ({"published": "2026-02-30"}, "published: '2026-02-30': day is out of range"),
        ({"published": "03/03/2026"}, "published: '03/03/2026' is not a day"),
        ({"published": 20260303}, "published: 20260303 is not a day"),
        ({"published": "2026-11-21"}, "published: 2026-11-21 lies in the future"),
        ({"available": "2027-01-01"}, "available: 2027-01-01 lies in the future"),
        ({"published": "1989-12-31"}, "published: 1989-12-31 is before 1990-01-01"),
        ({"url": "javascript:alert(1)"}, "url: "),
        ({"language": "english!"}, "language: "),
        ({"keywords": "one"}, "keywords: "),
        ({"topics": [{"scheme": "x"}]}, "topics.0.code: Field required"),
        ({"organisations": [{"name": "N", "country": "Nowhere"}]}, "organisations.0.country: "),
        ({"organisations": [{"name": "N", "nuts": "Saxony"}]}, "organisations.0.nuts: "),
        ({"funding": {"amount_eu": "12"}}, "funding.amount_eu: "),
        ({"funding": {"amount_eu": -1}}, "funding.amount_eu: "),
        ({"author_keys": ["anna@example.org"]}, "author_keys.0: "),
        ({"text": "x" * (MAX_TEXT + 1)}, "text: 2,000,001 characters"),
    ],
)
def test_refusal_names_place_and_key(changes, words):
    message = complaint(line(**changes))
    assert message.startswith("docs.jsonl line 7: ")
    assert words in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1]", "a JSON object is expected, not list"),
        ('{"source": NaN}', "NaN is not a JSON number"),
        ('{"source": "a", "source": "b"}', "source is given twice"),
        ("[" * 200_000, "nested too deeply"),
        (b'{"source": "\xe4"}', "not UTF-8 at byte 12"),
        ("1" * 5000, "not JSON"),
    ],
)
def test_line_that_is_no_object_says_why(text, words):
    message = complaint(text)
    assert message.startswith("docs.jsonl line 7: ")
    assert words in message


def test_every_wrong_key_is_named_at_once():
    message = complaint(line(kind="blog", titel="x", published="never"))
    assert all(word in message for word in ("kind:", "titel:", "published:"))


texts = st.text(max_size=60)
titles = texts.map(lambda text: clean(f"Title {text} with some words"))
days = st.dates(LIMITS.earliest, LIMITS.latest)
records = st.builds(
    Record,
    source=st.sampled_from(["arxiv", "some source"]),
    kind=st.sampled_from(["project", "news", "patent"]),
    title=titles,
    text=texts,
    published=days,
    available=st.none() | days,
    id=st.sampled_from(["", "a:1"]),
    url=st.sampled_from(["", "https://e.example/ä?x=1"]),
    language=st.sampled_from(["", "en", "DE-at"]),
    keywords=st.lists(texts, max_size=3),
    topics=st.lists(
        st.fixed_dictionaries({"scheme": titles, "code": titles, "label": texts}), max_size=2
    ),
    organisations=st.lists(
        st.fixed_dictionaries(
            {"name": titles, "country": st.sampled_from(["", "DE", "UK"]), "nuts": st.just("DED")}
        ),
        max_size=2,
    ),
    funding=st.fixed_dictionaries(
        {"programme": texts, "amount_eu": st.none() | st.floats(0, 1e12)}
    ),
)


@settings(max_examples=150, deadline=None)
@given(records)
def test_what_is_written_is_read_again(record):
    text = write_line(record)
    assert "\n" not in text
    again = read_line(text.encode(), "here", LIMITS)
    assert write_line(again) == text
    assert again == record.model_copy(update={"id": record.key, "available": record.known})


values = texts | st.none() | st.integers() | st.lists(texts) | st.floats()


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*GOOD, "x", "url"]), values, max_size=6))
def test_anything_is_read_or_refused_in_our_words(changes):
    text = json.dumps(GOOD | changes)
    refused = ""
    try:
        read_line(text, "here", LIMITS)
    except InputError as error:
        refused = str(error)
    assert not refused or refused.startswith("here: ")
