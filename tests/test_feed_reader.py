"""Feeds as they come: every format, and every way of being broken that we know of."""

import json
from typing import Any

import pytest

from config.errors import SourceDrift
from config.models import Source
from crawlers.readers.base import Reading
from crawlers.readers.feed import read

SOURCE = Source(
    name="agency",
    title="Agency news",
    summary="An invented agency whose feed is broken in every way that feeds are.",
    kind="news",
    url="https://agency.example/news",
    endpoint="https://agency.example/feed.xml",
    language="de",
)
ITEM = (
    "<item><title>Cluster eröffnet Pilotlinie &amp; Labor</title>"
    "<link>https://agency.example/news/1?utm_source=rss</link>"
    '<guid isPermaLink="false">news-1</guid>'
    "<pubDate>Thu, 03 Sep 2026 16:40:13 +0200</pubDate>"
    "<dc:creator>Redaktion</dc:creator><category>Batterien</category>"
    "<description>&lt;p&gt;Kurztext&lt;/p&gt;</description>"
    "<content:encoded><![CDATA[<p>Volltext</p><p>Zweiter Absatz</p>]]></content:encoded></item>"
)


def rss(items: str = ITEM, declaration: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return (
        f'{declaration}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Agency news</title>'
        f"<link>https://agency.example/</link><language>de-AT</language>{items}</channel></rss>"
    )


def reading(text: str | bytes) -> Reading:
    return read(text.encode() if isinstance(text, str) else text, source=SOURCE)


def only(text: str | bytes) -> dict[str, Any]:
    [document] = reading(text).documents
    return document


def test_an_rss_item_is_read_with_all_its_parts() -> None:
    document = only(rss())
    assert document.pop("author_keys")
    assert document == {
        "id": "agency:news-1",
        "source": "agency",
        "kind": "news",
        "title": "Cluster eröffnet Pilotlinie & Labor",
        "text": "Volltext\nZweiter Absatz",
        "url": "https://agency.example/news/1",
        "language": "de",
        "published": "2026-09-03",
        "available": "2026-09-03",
        "keywords": ["Batterien"],
        "licence": "none stated",
    }


def test_an_atom_entry_resolves_its_base_and_keeps_the_blocks_of_xhtml() -> None:
    document = only(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://agency.example/blog/">'
        '<title>Blog</title><entry xml:lang="fr"><id>urn:uuid:1</id>'
        '<link rel="edit" href="edit/1"/><link href="posts/1"/>'
        '<title type="html">Une &lt;b&gt;ligne&lt;/b&gt; pilote</title>'
        "<updated>2026-09-04T10:00:00Z</updated><published>2026-09-03T23:30:00+02:00</published>"
        '<category term="h2" label="Hydrogène"/><author><name>A. Auteur</name></author>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un</p><p>Deux</p>'
        "</div></content></entry></feed>"
    )
    assert document["url"] == "https://agency.example/blog/posts/1"
    assert (document["title"], document["text"]) == ("Une ligne pilote", "Un\nDeux")
    assert (document["published"], document["language"]) == ("2026-09-03", "fr")
    assert document["keywords"] == ["Hydrogène"]


def test_an_rdf_feed_is_read() -> None:
    document = only(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="https://agency.example/"><link>https://agency.example/</link>'
        '</channel><item rdf:about="https://agency.example/n/1"><title>Neue Pilotlinie</title>'
        "<link>https://agency.example/n/1</link><description>Kurz</description>"
        "<dc:date>2026-09-03T10:00:00+02:00</dc:date><dc:subject>Energie</dc:subject>"
        "</item></rdf:RDF>"
    )
    assert (document["published"], document["keywords"]) == ("2026-09-03", ["Energie"])
    assert "id" not in document  # the address says it all


def test_a_json_feed_and_its_next_page_are_read() -> None:
    item = {
        "id": "7",
        "url": "https://agency.example/7",
        "title": "Pilot line",
        "content_html": "<p>Text</p>",
        "date_published": "2026-09-03T10:00:00Z",
        "tags": ["cells"],
        "authors": [{"name": "An Author"}],
    }
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [item],
        "next_url": "/feed.json?page=2",
    }
    found = reading(json.dumps(feed))
    assert found.next == "https://agency.example/feed.json?page=2"
    assert found.documents[0]["id"] == "agency:7"


def test_wordpress_posts_are_read() -> None:
    post = {
        "id": 3,
        "date_gmt": "2026-09-03T10:00:00",
        "link": "https://agency.example/3",
        "title": {"rendered": "Pilot &#8211; line"},
        "content": {"rendered": "<p>Text</p>"},
    }
    document = only(json.dumps([post]))
    assert (document["title"], document["published"]) == ("Pilot \N{EN DASH} line", "2026-09-03")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("text before the declaration", "<!-- cached -->\n  " + rss()),
        ("a byte order mark", b"\xef\xbb\xbf" + rss().encode()),
        ("UTF-16", rss(declaration="").encode("utf-16")),
        ("a bare ampersand", rss().replace("&amp;", "&")),
        ("HTML entities without a DTD", rss().replace("ö", "&ouml;")),
        ("a public DTD", rss().replace("<rss", "<!DOCTYPE rss SYSTEM 'x.dtd'><rss", 1)),
        (
            "HTML entities with a public DTD",
            rss().replace("<rss", "<!DOCTYPE rss SYSTEM 'x.dtd'><rss", 1).replace("ö", "&ouml;"),
        ),
        ("Latin-1 declared as UTF-8", rss().encode("latin-1")),
        (
            "UTF-8 declared as Latin-1",
            rss(declaration='<?xml version="1.0" encoding="iso-8859-1"?>').encode(),
        ),
        ("control characters", rss().replace("Pilotlinie", "\x0bPilotlinie")),
        ("text after the end", rss() + "<!-- served by 7 --><script>x()</script>"),
        ("an unclosed tag", rss().replace("<category>", "<category><b>")),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_a_broken_feed_is_read_all_the_same(name: str, body: str | bytes) -> None:
    document = only(body)
    assert document["title"] == "Cluster eröffnet Pilotlinie & Labor", name
    assert document["published"] == "2026-09-03"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html><html><body>Sorry</body></html>", "HTML page"),
        (b"Service unavailable", "something else"),
        (b'<?xml version="1.0"?><html><body/></html>', "<html>"),
        (b'{"error": "no"}', "JSON, but neither"),
        (b'{"items": ', "not JSON"),
        (rss("").replace("channel", "chanel").encode(), "without a channel"),
    ],
)
def test_something_else_than_a_feed_is_refused_with_its_reason(body: bytes, message: str) -> None:
    with pytest.raises(SourceDrift, match=message):
        reading(body)


def test_a_channel_without_items_is_an_empty_feed() -> None:
    assert reading(rss("")).documents == []


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("3. September 2026", "2026-09-03"),
        ("Do, 03 Sep 2026 16:40:13 +0200", "2026-09-03"),
        ("2026-09-03", "2026-09-03"),
        ("Thu, 03 Sep 26 16:40:13 CEST", "2026-09-03"),
    ],
)
def test_dates_are_read_in_the_forms_of_the_wild(written: str, day: str) -> None:
    assert only(rss().replace("Thu, 03 Sep 2026 16:40:13 +0200", written))["published"] == day


def test_a_missing_date_is_taken_from_the_address_or_costs_the_entry() -> None:
    undated = ITEM.replace("<pubDate>Thu, 03 Sep 2026 16:40:13 +0200</pubDate>", "")
    dated = undated.replace("/news/1", "/2026/09/02/pilot")
    found = reading(rss(ITEM + undated + dated))
    assert [line["published"] for line in found.documents] == ["2026-09-03", "2026-09-02"]
    assert "no date" in found.rejected[0]


def test_a_feed_without_any_date_is_drift_not_an_empty_feed() -> None:
    with pytest.raises(SourceDrift, match="no date"):
        reading(rss(ITEM.replace("pubDate", "whenever")))


def test_a_key_that_entries_share_is_no_key() -> None:
    other = ITEM.replace("/news/1", "/news/2")
    found = reading(rss(ITEM + other))
    assert ["id" in line for line in found.documents] == [False, False]


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/news/2#top", "https://agency.example/news/2"),
        ("https:////agency.example/news/2", "https://agency.example/news/2"),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_links_are_made_absolute_and_only_web_links_count(link: str, url: str | None) -> None:
    body = rss().replace("https://agency.example/news/1?utm_source=rss", link)
    assert only(body).get("url") == url


def test_a_guid_that_is_an_address_stands_in_for_a_missing_link() -> None:
    item = ITEM.replace("<link>https://agency.example/news/1?utm_source=rss</link>", "")
    assert only(rss(item.replace("news-1", "https://agency.example/p/9")))["url"] == (
        "https://agency.example/p/9"
    )


def test_addresses_of_people_are_not_kept() -> None:
    document = only(rss(ITEM.replace("Redaktion", "press@agency.example")))
    assert "author_keys" not in document


def test_a_bomb_of_entities_yields_no_text() -> None:
    bomb = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10 if n else "boom"}">' for n in range(10))
    body = rss().replace("<rss", f"<!DOCTYPE rss [{bomb}]><rss", 1).replace("Kurztext", "&x9;")
    assert "boom" not in json.dumps(only(body.replace("Volltext", "&x9;")))


def test_an_external_entity_is_not_fetched(tmp_path: Any) -> None:
    (tmp_path / "secret").write_text("secret words")
    entity = f'<!DOCTYPE rss [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    body = rss().replace("<rss", entity + "<rss", 1).replace("Pilotlinie", "&e;Pilotlinie")
    assert "secret" not in json.dumps(only(body))


def test_a_feed_that_is_cut_off_says_so_and_loses_its_last_entry() -> None:
    whole = rss(ITEM + ITEM.replace("news-1", "news-2").replace("/news/1", "/news/2"))
    found = reading(whole[: whole.rindex("<description>") + 20])
    assert found.cut_off
    assert [line["id"] for line in found.documents] == ["agency:news-1"]
