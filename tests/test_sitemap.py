"""Sites that are read by their sitemaps."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from config.errors import SourceDrift
from crawlers.readers import sitemap
from crawlers.results import Window
from crawlers.runner import crawl
from tests.misbehaving import LIMITS, SETTINGS, source
from tests.server import Answer, page, serve
from tests.test_crawl import ARTICLE, one

NAMES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)
NEWS = (
    "<url><loc>{url}</loc><news:news><news:publication><news:name>News</news:name>"
    "<news:language>en</news:language></news:publication>"
    "<news:publication_date>2026-09-03T14:00:00+02:00</news:publication_date>"
    "<news:title>Hydrogen valley opens</news:title></news:news></url>"
)


def urlset(*urls: str) -> bytes:
    return f'<?xml version="1.0"?><urlset {NAMES}>{"".join(urls)}</urlset>'.encode()


def test_the_news_of_a_sitemap_are_documents() -> None:
    body = urlset(NEWS.format(url="https://agency.example/a1"))
    [document] = sitemap.read(body, source=source("news", "https://agency.example")).documents
    assert document["title"] == "Hydrogen valley opens"
    assert document["published"] == "2026-09-03"
    assert document["url"] == "https://agency.example/a1"


def test_another_document_is_no_sitemap() -> None:
    with pytest.raises(SourceDrift, match="<html>"):
        sitemap.listing(b"<html/>", "https://agency.example")


def test_a_packed_sitemap_may_not_grow_without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MAX_UNPACKED", 1000)
    with pytest.raises(SourceDrift, match="more than 1000 bytes"):
        sitemap.unpacked(gzip.compress(b" " * 5000))


def test_news_in_a_part_is_seen_though_its_index_stays_the_same(tmp_path: Path) -> None:
    with serve({}) as site:
        index = f"<sitemapindex {NAMES}><sitemap><loc>{site.url}/part.xml</loc></sitemap>"
        site.routes["/feed"] = Answer(f"{index}</sitemapindex>".encode())
        each = source("indexed", site.url, spider="sitemap")
        news, results = [], []
        for number in (1, 2):
            news.append(NEWS.format(url=f"{site.url}/{number}"))
            site.routes["/part.xml"] = Answer(urlset(*news))
            states = {each.name: results[-1].state} if results else {}
            results.append(one(tmp_path, each, run_id=f"r{number}", states=states))
    assert [result.items for result in results] == [1, 2]


def test_an_index_leads_to_its_parts_and_the_changed_pages(tmp_path: Path) -> None:
    dated = '<meta property="article:published_time" content="2026-09-02T08:00:00+02:00">'
    with serve({}) as site:
        place = f"<loc>{site.url}/{{0}}</loc><lastmod>{{1}}</lastmod>"
        parts = [("part.xml.gz", "2026-09-04"), ("old.xml", "2025-01-01")]
        site.routes["/feed"] = Answer(
            f"<sitemapindex {NAMES}>".encode()
            + b"".join(f"<sitemap>{place.format(*part)}</sitemap>".encode() for part in parts)
            + b"</sitemapindex>"
        )
        days = {"news/1": 2026, "news/2": 2025, "shop/3": 2026, "news/reserved/4": 2026}
        places = [(path, f"{year}-09-03") for path, year in days.items()]
        site.routes["/.well-known/tdmrep.json"] = Answer(
            b'[{"location": "/news/reserved/", "tdm-reservation": 1}]'
        )
        pages = [f"<url>{place.format(*each)}</url>" for each in places]
        site.routes["/part.xml.gz"] = Answer(gzip.compress(urlset(*pages)))
        site.routes["/news/1"] = Answer(page(ARTICLE, dated), type="text/html")
        each = source("mapped", site.url, spider="sitemap", full_text=True, queries=("/news/",))
        window = Window(date(2026, 9, 1), date(2026, 9, 7))
        [result] = crawl(
            [each], {"mapped": window}, tmp_path, run_id="r", settings=SETTINGS, limits=LIMITS
        )
        paths = site.paths()
    assert result.complete, result.reason
    [line] = Path(result.landing).read_text("utf-8").splitlines()
    document = json.loads(line)
    assert (document["published"], document["title"]) == ("2026-09-02", "Article")
    assert "machine 7 reads heat" in document["text"]
    assert not {"/old.xml", "/news/2", "/shop/3", "/news/reserved/4"} & set(paths)
