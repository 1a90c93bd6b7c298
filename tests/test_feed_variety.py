"""Feeds of all ages and makers: what each calls a date, a link, a text and a title."""

import base64
import json
from typing import Any

import pytest

from config.errors import SourceDrift
from crawlers.readers.feed import read
from tests.reading import source_of

SOURCE = source_of("feed", kind="news", url="https://unknown.example/", language="en")
TITLE = "A pilot line for solid state cells opens in the valley"
NEWS = f"<title>{TITLE}</title><link>https://a.example/1</link>"
DATED = f"{NEWS}<pubDate>Thu, 03 Sep 2026 16:40:13 +0200</pubDate>"
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
ENTRY = f"<entry><title>{TITLE}</title><updated>2026-09-03T00:00:00Z</updated>{{}}</entry>"


def rss(item: str, *, head: str = '<?xml version="1.0"?>', channel: str = "") -> str:
    return (
        f'{head}<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"'
        ' xmlns:t="http://purl.org/dc/terms/" xmlns:p="http://prismstandard.org/"'
        ' xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0">'
        f"<channel><title>News</title>{channel}<item>{item}</item></channel></rss>"
    )


def only(text: str | bytes, language: str = "en") -> dict[str, Any]:
    body = text.encode() if isinstance(text, str) else text
    source = SOURCE.model_copy(update={"language": language})
    [document] = read(body, source=source).documents
    return document


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("Thur, 03 Sept 2026 10:00 CEST", "en"),
        ("Thu, 03 Sep 2026 24:00:00 GMT", "en"),
        ("Wed, 03-Sep-2026 10:00:00 GMT", "en"),
        ("Thu Sep 03 16:40:13 CEST 2026", "en"),
        ("9/3/2026 4:40:13 PM", "en"),
        ("03/09/2026 16:40", "en"),
        ("2026/09/03 10:00:00", "en"),
        ("20260903100000", "en"),
        ("2026-09-03t10:00:00z", "en"),
        ("2026年9月3日", "en"),
        ("jeu., 03 sept. 2026 16:40:13 +0200", "fr"),
        ("giovedì 3 settembre 2026", "it"),
        ("Czw, 03 Wrz 2026 10:00:00 +0200", "pl"),
    ],
)
def test_a_date_is_read_however_it_is_written(written, language):
    body = rss(f"{NEWS}<pubDate>{written}</pubDate>")
    assert only(body, language)["published"] == "2026-09-03"


@pytest.mark.parametrize("written", ["26-09-03", "Thu, 31 Sep 2026", "0000-00-00", "soon"])
def test_a_date_that_is_none_or_could_be_another_is_not_guessed(written):
    with pytest.raises(SourceDrift, match="no date"):
        only(rss(f"{NEWS}<pubDate>{written}</pubDate>"))


@pytest.mark.parametrize(
    "element",
    ["pubdate", "PubDate", "t:issued", "t:created", "p:publicationDate", "t:modified", "dc:date"],
)
def test_a_date_is_found_under_all_its_names(element):
    """The last of them with a prefix that was never declared."""
    assert only(rss(f"{NEWS}<{element}>2026-09-03</{element}>"))["published"] == "2026-09-03"


def test_what_the_feed_built_is_no_date_of_its_items():
    built = "<lastBuildDate>Thu, 03 Sep 2026 16:40:13 +0200</lastBuildDate>"
    with pytest.raises(SourceDrift, match="no date"):
        only(rss(NEWS, channel=built))


def test_namesakes_of_other_vocabularies_do_not_take_the_place_of_the_items_own():
    item = (
        "<media:title>A picture of somebody who cuts a ribbon</media:title>"
        "<media:description>ribbon</media:description>"
        "<excerpt:encoded>An excerpt</excerpt:encoded>"
        f"{DATED}<content:encoded>The whole text</content:encoded><description>d</description>"
    )
    document = only(rss(item))
    assert (document["title"], document["text"]) == (TITLE, "The whole text")


def test_markup_that_was_not_escaped_keeps_its_blocks():
    described = "<description><p>One block.</p><p>Another</p> tail</description>"
    assert only(rss(DATED + described))["text"] == "One block.\nAnother\ntail"


def test_feedburner_leads_to_the_page_itself():
    item = f"{DATED}<fb:origLink>https://b.example/real</fb:origLink>"
    assert only(rss(item))["url"] == "https://b.example/real"


def test_a_tag_that_was_left_open_does_not_swallow_the_next_item():
    first = f"{DATED}<description><p>One</description></item><item>"
    second = DATED.replace("/1", "/2")
    documents = read(rss(first + second).encode(), source=SOURCE).documents
    assert [one["text"] for one in documents] == ["One", ""]
    assert [one["url"] for one in documents] == ["https://a.example/1", "https://a.example/2"]


@pytest.mark.parametrize(
    "body",
    [
        rss(DATED).replace("<rss", "<RSS").replace("</rss", "</RSS"),
        rss(DATED, head="\n\n "),
        rss(DATED, head="<br />\n<b>Warning</b>: it is late\n"),
        rss(DATED, head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"),
        rss(DATED, head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16-le"),
        f'<?xml version="1.0"?><channel><title>News</title><item>{DATED}</item></channel>',
        "<html><body><pre>" + rss(DATED, head="") + "</pre></body></html>",
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom">'
        f'<a:entry><a:title>{TITLE}</a:title><a:link href="https://a.example/1"/>'
        "<a:updated>2026-09-03T00:00:00Z</a:updated></a:entry></a:feed>",
        '<entry xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{TITLE}</title><id>https://a.example/1</id>"
        "<updated>2026-09-03T00:00:00Z</updated></entry>",
    ],
)
def test_a_feed_is_recognised_in_every_guise(body):
    document = only(body)
    assert (document["url"], document["published"]) == ("https://a.example/1", "2026-09-03")


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("gb2312", "固态电池 中试线 在 山谷 开启 的 消息 与 更多 细节 内容"),
        ("iso-8859-2", "Łódzki przemysł: źródło energii"),
        ("windows-1251", "Аккумуляторы & нового поколения"),
        ("windows-1252", "Größe “ist” alles und mehr"),
    ],
)
def test_declared_encodings_are_believed_also_when_the_feed_is_broken(encoding, title):
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    assert only(rss(DATED.replace(TITLE, title), head=head).encode(encoding))["title"] == title


def test_links_of_atom_are_relative_to_where_the_feed_says_it_is():
    site = '<link rel="self" href="https://f.example/x"/><link href="https://b.example/"/>'
    assert only(ATOM.format(site + ENTRY.format('<link href="/1"/>')))["url"] == (
        "https://b.example/1"
    )


def test_content_elsewhere_is_where_an_entry_without_a_link_is():
    there = '<content src="https://b.example/c" type="text/html"/><summary>Short</summary>'
    document = only(ATOM.format(ENTRY.format(there)))
    assert (document["url"], document["text"]) == ("https://b.example/c", "Short")


@pytest.mark.parametrize("content", ["<p>Hello world</p>", "not base64 at all: %"])
def test_atom_0_3_may_hold_its_content_in_base64(content):
    given = content if "%" in content else base64.b64encode(content.encode()).decode()
    body = (
        f'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>{TITLE}</title>'
        "<created>2026-09-03T08:29:29-04:00</created>"
        f'<content type="text/html" mode="base64">{given}</content></entry></feed>'
    )
    assert only(body)["text"] == ("" if "%" in content else "Hello world")


def test_json_feed_1_0_has_one_author_and_links_are_relative_to_its_home():
    item = {"id": 1, "url": "/1", "title": TITLE, "date_modified": "2026-09-03"}
    feed = {"version": "https://jsonfeed.org/version/1", "home_page_url": "https://b.example/"}
    document = only(json.dumps(feed | {"items": [item | {"author": {"name": "Ana Person"}}]}))
    assert document["url"] == "https://b.example/1"
    assert len(document["author_keys"]) == 1


def test_wordpress_gives_one_post_or_says_why_it_gives_none():
    post = {"link": "https://a.example/1", "title": {"rendered": TITLE}, "content": {}}
    assert only(json.dumps(post | {"date": "2026-09-03T10:00:00"}))["title"] == TITLE
    refusal = {"code": "rest_no_route", "message": "No route was found", "data": {"status": 404}}
    with pytest.raises(SourceDrift, match="rest_no_route: No route"):
        only(json.dumps(refusal))


@pytest.mark.parametrize(
    "text", ["1 jan " * 40_000, "x" + "9-" * 90_000, "1/2/2026 " + "A " * 100_000, "/a.b" * 60_000]
)
def test_hostile_dates_and_links_cost_no_time(text):
    """Quadratic searches would take seconds for each."""
    from time import process_time

    from crawlers.readers.base import absolute_url, day_or_none
    from crawlers.saved import _from_text

    started = process_time()
    day_or_none(text)
    absolute_url("https://a.example/", text)
    _from_text("<?xml" + " " * len(text))
    assert process_time() - started < 0.5
