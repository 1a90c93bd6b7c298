"""The small decisions behind the crawl: who is private, what is reserved, how long to wait."""

import asyncio
import socket
from datetime import UTC, date, datetime
from time import monotonic, process_time
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.settings import Settings as ScrapySettings

from config.models import Expectation, Settings
from crawlers import network
from crawlers.addresses import is_private
from crawlers.article import TEASER, article_text, teaser
from crawlers.items import author_keys, document_line
from crawlers.middlewares import seconds_to_wait
from crawlers.network import GuardedResolver, HostGate, leads_inside
from crawlers.readers import reader, reader_names
from crawlers.readers.base import (
    canonical_url,
    country_code,
    parse_day,
    parse_xml,
    plain_text,
)
from crawlers.results import CrawlResult
from crawlers.rights import (
    reserved_by_headers,
    reserved_by_page,
    reserved_path,
    reserved_paths,
)
from crawlers.settings import CrawlLimits, scrapy_settings, user_agent
from tests.misbehaving import WINDOW, source
from tests.server import page
from tests.test_crawl import ARTICLE


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "[::1]",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fec0::1",
        "ff02::1",
        "127.0.0.1.",
        "224.0.0.1",
        "100.64.0.1",
        "localhost",
        "x.localhost",
        "LOCALHOST.",
    ],
)
def test_addresses_inside_are_private(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize(
    "host",
    ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822", "2002:5db8:d822::1",
     "::ffff:93.184.216.34", "agency.example"],
)  # fmt: skip
def test_addresses_outside_are_not(host: str) -> None:
    assert not is_private(host)


def test_a_name_that_resolves_inside_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_KNOWN", {})

    def answers(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    assert asyncio.run(leads_inside("inside.example"))


def test_dns_answers_that_lead_inside_are_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even when the look before it saw others: such names change their answers."""
    answers = ["127.0.0.1", "93.184.216.34", "::1", "2606:4700::1111", "::ffff:10.0.0.1"]

    class Inner:
        def resolveHostName(self, receiver: Any, name: str, port: int) -> None:
            receiver.resolutionBegan(None)
            for answer in answers:
                receiver.addressResolved(SimpleNamespace(host=answer))
            receiver.resolutionComplete()

    def resolved(name: str) -> list[str]:
        found: list[str] = []
        receiver = SimpleNamespace(
            resolutionBegan=lambda _: None,
            addressResolved=lambda address: found.append(address.host),
            resolutionComplete=lambda: found.append("end"),
        )
        GuardedResolver(Inner()).resolveHostName(receiver, name, 80)
        return found

    monkeypatch.setattr(GuardedResolver, "allowed", frozenset({"intranet.example"}))
    assert resolved("rebound.example") == ["93.184.216.34", "2606:4700::1111", "end"]
    assert resolved("intranet.example") == [*answers, "end"]


def test_a_host_is_not_asked_again_before_its_delay() -> None:
    async def twice() -> float:
        gate = HostGate()
        gate.slow_down("host", 0.05)
        await gate.wait("host", 0.01)
        begun = monotonic()
        await gate.wait("host", 0.01)
        gate.hold("host", 0.1)
        await gate.wait("host", 0.01)
        return monotonic() - begun

    assert asyncio.run(twice()) >= 0.15


NOW = datetime(2026, 9, 3, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"7", 7.0),
        (b"Thu, 03 Sep 2026 12:00:30 GMT", 30.0),
        (b"Thu, 03 Sep 2026 11:00:00 GMT", 0.0),
        (b"soon", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: bytes | None, seconds: float | None) -> None:
    assert seconds_to_wait(value, NOW) == seconds


@pytest.mark.parametrize(
    ("reserved", "closed"),
    [
        (reserved_by_headers(b"1"), True),
        (reserved_by_headers(b"0"), False),
        (reserved_by_headers(None, [b"noai, nosnippet"]), True),
        (reserved_by_headers(None, [b"nosnippet"]), False),
        (reserved_by_page(b"<META content='1' NAME=tdm-reservation>"), True),
        (reserved_by_page(b'<meta name="tdm-reservation" content="0">'), False),
        (reserved_by_page(b'<meta name="robots" content="index, noarchive">'), True),
        (reserved_by_page(b'<meta name="robots" content="index, follow">'), False),
        (reserved_path("/news/1", ["/news/"]), True),
        (reserved_path("/about", ["/news/"]), False),
        (reserved_path("/de/news/1", ["/*/news"]), True),
        (reserved_path("/de/other/1", ["/*/news", "/en*"]), False),
        (reserved_path("/news/1.html", ["*.html$"]), True),
    ],
)
def test_reservations_are_recognised(reserved: bool, closed: bool) -> None:
    assert reserved is closed


def test_a_reservation_file_names_its_paths() -> None:
    body = b'[{"location":"/a","tdm-reservation":1},{"location":"/b","tdm-reservation":0},7]'
    assert reserved_paths(body) == ["/a"]
    assert reserved_paths(b"<html>") == []


@pytest.mark.parametrize(
    "body",
    [b"<meta " * 30_000, b"<meta " + b"a" * 190_000, b"<meta " + b"a = " * 40_000,
     b"<script " * 100_000, b"<script type=application/ld+json>" * 30_000,
     b"<script " + b"application/ld+json" * 50_000, b"<div>" * 200_000,
     b"<meta " + b" ".join(b"a%d=1" % number for number in range(100_000)) + b">"],
)  # fmt: skip
def test_a_hostile_page_does_not_slow_the_look_at_its_rights(body: bytes) -> None:
    start = process_time()
    reserved_by_page(body)
    article_text(body, "https://agency.example/1")
    assert process_time() - start < 3


def test_a_long_image_in_a_page_costs_it_nothing() -> None:
    image = b"<img src='data:image/png;base64," + b"iVBORw0KGgo" * 9_000 + b"'>"
    assert not reserved_by_page(image + b'<meta name="robots" content="index">')
    assert reserved_by_page(image + b'<meta name="robots" content="noai">')


def test_a_hostile_reservation_file_is_read_in_time() -> None:
    start = process_time()
    assert not reserved_path("/" + "a" * 3_000, ["/" + "*a" * 500 + "b"])
    assert reserved_path("/" + "a" * 3_000, ["/" + "*a" * 500])
    assert reserved_paths(b"[" * 200_000) == []
    assert reserved_paths(b" " * 600_000 + b"[]") == ["/"]
    assert process_time() - start < 1


def test_an_article_is_read_without_its_furniture() -> None:
    text = article_text(page(ARTICLE), "https://agency.example/1")
    assert "machine 3 reads heat" in text
    assert "cookies" not in text


def test_a_page_that_must_be_paid_for_gives_no_text() -> None:
    paid = '<script type="application/ld+json">{"isAccessibleForFree": "False"}</script>'
    assert article_text(page(ARTICLE, paid), "https://agency.example/1") == ""


def test_a_short_page_gives_no_text() -> None:
    assert article_text(page("Accept cookies."), "https://agency.example/1") == ""


def test_a_teaser_is_cut_between_words() -> None:
    long = {"text": "word " * 1000}
    assert len(teaser(long)["text"]) <= TEASER + 1
    assert teaser(long)["text"].endswith("word…")
    assert teaser({"text": "short"}) == {"text": "short"}


def test_the_same_person_has_one_key_and_addresses_have_none() -> None:
    assert author_keys(["Müller, Anna"]) == author_keys(["Anna MULLER"])
    assert author_keys(["a@b.example", "", "--"]) == []


def test_a_document_needs_a_text_or_a_long_title() -> None:
    each = source("made", "https://agency.example")
    day = date(2026, 9, 3)
    assert document_line(each, title="A title of more than twenty signs", published=day)
    with pytest.raises(ValueError, match="short title"):
        document_line(each, title="Short", published=day)
    with pytest.raises(ValueError, match="no title"):
        document_line(each, title=" ", text="text", published=day)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-09-30", "2026-09-30"),
        ("2026-09-30T17:59:14Z", "2026-09-30"),
        ("2025-05-21 17:08:40", "2025-05-21"),
        ("2023-03-02Z", "2023-03-02"),
        ("2016-11-23+01:00", "2016-11-23"),
        ("2024-04-18T19:00:00.000+0200", "2024-04-18"),
        ("20260501T210000Z", "2026-05-01"),
        ("20260115", "2026-01-15"),
        ("Thu, 03 Sep 2026 16:40:13 +0200", "2026-09-03"),
        ({"date-parts": [[2026, 6]]}, "2026-06-01"),
        ("1 {{month_07}} 2016", "2016-07-01"),
        ("31/12/2024", "2024-12-31"),
        ("2026-06", "2026-06-01"),
        ("2026", "2026-01-01"),
    ],
)
def test_days_are_read_in_every_form_of_our_sources(value: Any, day: str) -> None:
    assert parse_day(value).isoformat() == day


@pytest.mark.parametrize(
    "value", [None, "", "soon", "2026-13-01", "99", {"date-parts": [[None]]}, {}, "0000-00-00"]
)
def test_what_is_no_day_is_an_error(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_day(value)


@pytest.mark.parametrize(
    ("value", "code"),
    [("EL", "GR"), ("UK", "GB"), ("DEU", "DE"), ("Germany", "DE"), ("XK", "XK"), ("Oz", "")],
)
def test_countries_are_known_by_code_and_name(value: str, code: str) -> None:
    assert country_code(value) == code


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One &amp; two</p><p>three<br>four</p>", "One & two\nthree\nfour"),
        ("&lt;p&gt;escaped &amp;amp; twice&lt;/p&gt;", "escaped & twice"),
        ("<script>x()</script>words<style>p{}</style>", "words"),
        ("a < b and c > d", "a < b and c > d"),
        ("<jats:p>One.</jats:p><jats:p>Two.</jats:p>", "One.\nTwo."),
        ("<div>" * 5000 + "deep", "deep"),
        (None, ""),
    ],
)
def test_markup_becomes_plain_text(markup: str | None, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("For $n<k$ and $a<b$ we show x>y", "For $n<k$ and $a<b$ we show x>y"),
        ("&lt;p&gt;For $a&amp;lt;b$ and c&amp;gt;d&lt;/p&gt;", "For $a<b$ and c>d"),
        ("if a<b and c>d then", "if a<b and c>d then"),
        ("if i<j then <S_z> is <b>bold</b>", "if i<j then <S_z> is bold"),
        ("p<0.05 at AT&T", "p<0.05 at AT&T"),
        ("a < b <i>and</i> c > d", "a < b and c > d"),
        ("<p class='x'>One</p><p>two &amp;lt; three</p>", "One\ntwo < three"),
        ('<a href="https://x.example">link</a> <br/> end', "link\nend"),
        ('<img alt="a<b" src=x>seen <td nowrap>cell</td>', "seen\ncell"),
        ('cut off <a href="https://x.exa', "cut off"),
        ("<jats:p>CO<jats:sub>2</jats:sub></jats:p>", "CO2"),
        ("<o:x>Word</o:x> <x-player src='y'>plays</x-player>", "Word plays"),
        ("<!-- said aside --><script>alert(1)</script>Text", "Text"),
    ],
)
def test_formulas_keep_their_signs_and_markup_goes(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    "text",
    ["<p " * 200_000, "<p" + " a=b" * 100_000, "<" * 500_000, '<p a="' * 100_000,
     "<script>" * 100_000, "<" + "a" * 500_000, "<a" + " " * 500_000, "a<b and c " * 50_000],
)  # fmt: skip
def test_hostile_markup_does_not_slow_the_reading(text: str) -> None:
    start = process_time()
    plain_text(text)
    assert process_time() - start < 3


@pytest.mark.parametrize("value", ["=b", "", "='>'"])
def test_a_tag_of_very_many_attributes_is_left_out_in_time(value: str) -> None:
    attributes = " ".join(f"a{number}{value}" for number in range(100_000))
    start = process_time()
    assert plain_text(f"<p {attributes}>words").endswith("words")
    assert process_time() - start < 3


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://E.eu:443/a/?b=1&utm_source=x&a=2#f", "https://e.eu/a/?a=2&b=1"),
        ("https:////host.example/x", "https://host.example/x"),
        ("javascript:alert(1)", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_addresses_have_one_form(url: str | None, canonical: str) -> None:
    assert canonical_url(url) == canonical


def test_entities_are_put_in_or_left_out_but_never_expanded() -> None:
    root = parse_xml(
        b'<!DOCTYPE r SYSTEM "x.dtd" [<!ENTITY own "secret">]><r>caf&eacute; &own;<b/>&own;!</r>'
    )
    assert "".join(root.itertext()) == "caf\N{LATIN SMALL LETTER E WITH ACUTE} !"


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"complete": True, "items": 3}, "healthy"),
        ({"complete": True, "items": 1, "known": 2}, "healthy"),
        ({"complete": True, "items": 0, "unchanged": True}, "healthy"),
        ({"complete": True, "items": 1}, "failed"),
        ({"complete": True, "items": 11}, "unusual"),
        ({"complete": True, "items": 3, "errors": 1}, "unusual"),
        ({"complete": False, "items": 3}, "failed"),
    ],
)
def test_a_verdict_follows_from_what_a_crawl_came_to(values: Any, verdict: str) -> None:
    result = CrawlResult("x", *WINDOW, **values)
    assert result.verdict(Expectation(min_items=3, max_items=10)) == verdict
    assert CrawlResult.from_json(result.as_json()) == result


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"items": 3}, ""),
        ({"items": 0, "unchanged": True}, ""),
        ({"items": 1, "known": 1}, "2 documents, at least 3 expected"),
        ({"items": 11}, "11 documents, at most 10 expected"),
        ({"items": 1, "errors": 1, "reason": "HTTP 404 at /7"}, "HTTP 404 at /7"),
    ],
)
def test_an_unexpected_number_of_documents_is_said(values: Any, why: str) -> None:
    result = CrawlResult("x", *WINDOW, **{"complete": True, **values})
    assert result.why(Expectation(min_items=3, max_items=10)) == why


def test_our_user_agent_says_where_to_complain() -> None:
    assert user_agent("a@b.example").endswith("(+mailto:a@b.example)")
    assert user_agent("https://b.example/bot").endswith("(+https://b.example/bot)")


def test_settings_open_no_door_and_trust_no_certificate_blindly() -> None:
    values = scrapy_settings(Settings(streams={}), CrawlLimits())
    assert values["DOWNLOAD_VERIFY_CERTIFICATES"]
    assert values["DOWNLOAD_HANDLERS"]["file"] is None
    extensions = ScrapySettings(values).get_component_priority_dict_with_base("EXTENSIONS")
    names = sorted(one.rpartition(".")[2] for one in extensions)
    assert names == ["CloseSpider", "CoreStats"]  # no console


@pytest.mark.parametrize("name", reader_names())
def test_every_reader_can_be_loaded(name: str) -> None:
    assert callable(reader(name))
