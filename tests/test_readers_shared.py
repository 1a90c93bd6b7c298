"""What holds for every API reader, whatever its source."""

import json

import pytest

from config.errors import SourceDrift
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers import reader_names
from pipelines.exchange import read_record
from tests.reading import PAYLOADS, read

API_READERS = [
    "arxiv", "cordis", "crossref", "epo", "europepmc", "keep", "kohesio", "openaire",
    "openalex", "press_corner", "sedia", "ted",
]  # fmt: skip
GOOD = [
    path
    for path in sorted(PAYLOADS.glob("*/*"))
    if path.parent.name in API_READERS and path.stem not in ("error", "failed", "fault")
]
ALLOWED = {
    "id", "source", "kind", "title", "text", "url", "language", "published", "available",
    "keywords", "topics", "organisations", "funding", "licence", "author_keys",
}  # fmt: skip


def test_there_is_a_reader_for_every_name_of_the_parse_command():
    assert set(reader_names()) >= {*API_READERS, "feed"}


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_documents_have_the_exchange_format(path):
    reading = read(path.parent.name, path.read_bytes())
    assert reading.documents
    for line in reading.documents:
        assert set(line) <= ALLOWED
        assert line["id"].rpartition(":")[2]
        assert line["source"] == path.parent.name
        assert len(line["published"]) == len(line["available"]) == 10
        assert line["licence"]
        assert all(set(topic) == {"scheme", "code", "label"} for topic in line.get("topics", []))
        assert all(len(one.get("country", "DE")) == 2 for one in line.get("organisations", []))
        assert not {one.get("country") for one in line.get("organisations", [])} & {"EL", "UK"}


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_documents_pass_the_checks_of_the_import(path):
    for line in read(path.parent.name, path.read_bytes()).documents:
        assert read_record(line, line["id"]).title == line["title"]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_person_and_no_address_reaches_a_document(path):
    text = json.dumps(read(path.parent.name, path.read_bytes()).documents, ensure_ascii=False)
    assert "@" not in text
    for name in ("Ana Person", "Person, Ana", "Jane", "Karl", "Hans", "Spokes", "Ñandú"):
        assert name.casefold() not in text.casefold()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_is_dropped_silently(path):
    """Records that are in the payload become documents or a line that says why not."""
    reading = read(path.parent.name, path.read_bytes())
    counts = {
        "cordis/search.json": (2, 1), "cordis/stubs.json": (1, 1), "openalex/works.json": (2, 2),
        "arxiv/atom.xml": (2, 1), "arxiv/rss.xml": (1, 1), "arxiv/oai.xml": (2, 1),
        "europepmc/search.json": (2, 1), "crossref/works.json": (3, 1),
        "openaire/products.json": (1, 2), "openaire/legacy.json": (2, 0),
        "press_corner/search.json": (1, 1), "kohesio/projects.csv": (2, 2),
        "keep/list.json": (1, 1), "sedia/search.json": (2, 1), "ted/search.json": (1, 1),
        "epo/search.xml": (1, 2),
    }  # fmt: skip
    expected = counts.get(f"{path.parent.name}/{path.name}", (1, 0))
    assert (len(reading.documents), len(reading.rejected)) == expected, reading.rejected


@pytest.mark.parametrize("name", API_READERS)
@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><head><title>CORDIS</title></head><body></body></html>",
        b"\n <html lang='en'><body>Just a moment</body></html>",
        b"",
        b"Rate exceeded.",
        b"{}",
        b"[1, 2]",
        b'"text"',
        b"null",
        b"{",
        b"<unknown/>",
        b"<a><b></a>",
        b"\xff\xfe\x00\x01",
        b'{"error": "Service is unavailable", "message": "try later", "code": 503}',
        b'{"results": {"no": "list"}, "meta": 1, "message": "x", "list": 3, "notices": {}}',
    ],
)
def test_what_is_no_answer_is_refused_with_a_reason(name, body):
    with pytest.raises(SourceDrift) as caught:
        read(name, body)
    assert str(caught.value)


@pytest.mark.parametrize("name", API_READERS)
def test_deeply_nested_json_is_refused(name):
    with pytest.raises(SourceDrift):
        read(name, b'{"a":' * 100_000)


@pytest.mark.parametrize("name", ["cordis", "arxiv", "epo", "openaire", "ted", "europepmc"])
def test_entities_of_a_document_are_not_expanded(name):
    bomb = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">'
        b'<!ENTITY f SYSTEM "file:///etc/passwd">]><project><id>1</id><title>&b;&f;</title></project>'
    )
    with pytest.raises(SourceDrift):
        read(name, bomb)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2073781,25", 2073781.25), ("528340.97", 528340.97), ("123819.00", 123819.0), (5, 5.0),
     ("1.234.567,89", 1234567.89), ("1,234,567.89", 1234567.89), ("0", None), ("", None),
     (None, None), ("n/a", None), ("1e400", None), ("1 000", 1000.0), ("999999999999999", None)],
)  # fmt: skip
def test_amounts_in_every_spelling(value, expected):
    assert v.amount(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("en", "en"), ("EN", "en"), ("eng", "en"), ("English", "en"), ("en-GB", "en"),
     ("deu", "de"), ("und", ""), ("", ""), (None, ""), ("xyz", "")],
)  # fmt: skip
def test_languages_in_every_spelling(value, expected):
    assert v.language_code(value) == expected


@pytest.mark.parametrize(
    "name",
    ["Mrs Jane Reedcutter", "Dr. Hans Rohr", "Müller, Anna", "Natural person", "Fyzická osoba",
     "*** ***", "Prof. Ana Person"],
)  # fmt: skip
def test_natural_persons_are_recognised(name):
    assert parties.natural_person(name)


@pytest.mark.parametrize(
    "name",
    ["UNIVERSITEIT GENT", "Siemens AG", "Dr. Oetker GmbH", "Robert Bosch", "Stadt Zittau",
     "Ministry of Health, Lisbon", "FITOPLANCTON MARINO, S.L.", "Max-Planck-Gesellschaft",
     "Prof. Weiss Research Institute", "MRC Laboratory", "Dresden"],
)  # fmt: skip
def test_organisations_are_not_taken_for_persons(name):
    assert not parties.natural_person(name)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500_000 + "@",
        "<p a='" * 100_000,
        "<p " * 200_000,
        "<p" + " a=b" * 100_000,
        "a@" * 250_000,
        "a.b-" * 100_000 + "@x.",
    ],
)
def test_hostile_text_does_not_slow_the_search_for_addresses(text):
    from time import process_time

    start = process_time()
    v.without_addresses(text)
    assert process_time() - start < 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("School of Reed, Example University, Lyon, France", [("Example University", "FR")]),
        ("Institute of Physics, University of Pécs, Hungary.", [("University of Pécs", "HU")]),
        ("Fenland Carbon Ltd, Ely, UK; Rohr GmbH, Zittau, Germany",
         [("Fenland Carbon Ltd", "GB"), ("Rohr GmbH", "DE")]),
        ("Somewhere by the sea", [("Somewhere by the sea", "")]),
        ("Gwangju Institute of Science and Technology, Gwangju, South Korea",
         [("Gwangju Institute of Science and Technology", "KR")]),
        ("Electronic address: x@y.example.", []),
        ("", []),
        (None, []),
    ],
)  # fmt: skip
def test_an_affiliation_line_gives_its_institution_and_country(line, expected):
    assert [(one["name"], one["country"]) for one in parties.affiliation(line)] == expected


def test_a_title_whose_letters_are_lost_is_refused():
    with pytest.raises(ValueError, match="x:1: title"):
        v.record(None, "x:1", title="\ufffd\ufffd\ufffd COVID", text="t")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("https://example.org/a?b=1", "https://example.org/a?b=1"), ("javascript:alert(1)", ""),
     ("ftp://example.org/x", ""), ("https://exa mple.org", ""), ("www.example.org", ""),
     (None, ""), ("https://", ""), ("http:///x", "")],
)  # fmt: skip
def test_only_web_addresses_become_links(value, expected):
    assert v.web_address(value) == expected


def test_an_old_text_indexed_afresh_was_available_before():
    from datetime import date

    day = date(2016, 1, 5)
    assert v.later(day, date(2026, 1, 1)) == day
    assert v.later(day, date(2016, 1, 20)) == date(2016, 1, 20)
    assert v.later(day, date(2015, 12, 1)) == day
    assert v.later(day, None) == day
