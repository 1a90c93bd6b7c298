"""Listing pages, read by selectors."""

from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError, SourceDrift
from crawlers.readers.listing import read
from tests.misbehaving import source
from tests.server import Answer, serve
from tests.test_crawl import landed, one

SELECTORS = {
    "item": "article.card",
    "title": "h2",
    "link": "h2 a::attr(href)",
    "date": "time::attr(datetime)",
    "teaser": "p",
    "next": "a[rel=next]::attr(href)",
}


def card(number: int, day: str = "2026-09-03", title: str = "Pilotlinie {} im Cluster") -> str:
    return (
        f'<article class="card"><h2><a href="/news/{number}">{title.format(number)}</a></h2>'
        f'<time datetime="{day}">am {day}</time><p>Ein <b>kurzer</b> Text.</p></article>'
    )


def listing(*cards: str, following: str = "") -> bytes:
    link = f'<a rel="next" href="{following}">weiter</a>' if following else ""
    return f"<html><body><main>{''.join(cards)}{link}</main></body></html>".encode()


def listed(**values: Any) -> Any:
    return source("listed", "https://agency.example", **{"selectors": SELECTORS, **values})


def test_a_card_becomes_a_document() -> None:
    reading = read(listing(card(1), following="?p=2"), source=listed(), url="https://a.example/n")
    [document] = reading.documents
    assert document["title"] == "Pilotlinie 1 im Cluster"
    assert document["text"] == "Ein kurzer Text."
    assert document["url"] == "https://a.example/news/1"
    assert reading.next == "https://a.example/n?p=2"


def test_a_date_in_words_is_read_in_the_language_of_the_source() -> None:
    each = listed(selectors=SELECTORS | {"date": "time"}, language="de")
    body = listing(card(1, "3. September 2026").replace("am 3", "3"))
    assert read(body, source=each).documents[0]["published"] == "2026-09-03"


def test_a_generic_title_or_a_missing_date_costs_the_card() -> None:
    body = listing(card(1), card(2, title="Mehr erfahren"), card(3, day=""))
    reading = read(body, source=listed())
    assert len(reading.documents) == 1
    assert "no title" in reading.rejected[0]
    assert "no day" in reading.rejected[1]


def test_a_page_without_cards_is_drift() -> None:
    with pytest.raises(SourceDrift, match=r"article\.card"):
        read(b"<html><body>New design</body></html>", source=listed())


@pytest.mark.parametrize("selectors", [{}, SELECTORS | {"titel": "h2"}])
def test_selectors_must_be_complete_and_known(selectors: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="selectors"):
        read(listing(card(1)), source=listed(selectors=selectors))


def test_listing_pages_are_followed_until_they_are_old(tmp_path: Path) -> None:
    with serve({}) as site:
        site.routes |= {
            "/feed": Answer(listing(card(1), following="/two"), type="text/html"),
            "/two": Answer(listing(card(2, "2026-08-01"), following="/three"), type="text/html"),
            "/three": Answer(listing(card(3)), type="text/html"),
        }
        each = source("listed", site.url, spider="listing", selectors=SELECTORS)
        result = one(tmp_path, each)
        assert "/three" not in site.paths()
    assert [line["title"] for line in landed(result)] == ["Pilotlinie 1 im Cluster"]
    assert result.complete
