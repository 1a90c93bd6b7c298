"""RSS 0.9x to 2.0, RSS 1.0 (RDF), Atom, JSON Feed and WordPress JSON, as broken as they come.

A broken entry costs itself, never the feed.
"""

import re
from collections import Counter
from datetime import date

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine, document_line
from crawlers.readers._entry import Entry
from crawlers.readers._feed_json import json_entries
from crawlers.readers._feed_xml import is_cut_off, xml_entries
from crawlers.readers.base import (
    Reading,
    absolute_url,
    canonical_url,
    day_in_words,
    day_or_none,
    one_line,
    parse_day,
    parse_json,
    plain_text,
    read_records,
)

_DAY_IN_URL = re.compile(r"/(20\d\d)[/-](\d\d)[/-](\d\d)(?:[/-]|$)")


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The entries of a feed; `next` is the address of the following page of a paged feed."""
    stripped = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not stripped:
        raise SourceDrift("the feed is empty")
    url = url or str(source.endpoint or source.url)
    if stripped[:1] in b"{[":
        entries, following = json_entries(parse_json(stripped), url)
    else:
        entries, following = xml_entries(body, url)
    cut_off = is_cut_off(stripped)
    if cut_off:
        entries = entries[:-1]  # it may lack its second half, and will be read again
    keys = Counter(entry.key for entry in entries)

    def document(entry: Entry) -> DocumentLine:
        return _document(entry, source, url, shared=keys[entry.key] > 1)

    documents, rejected = read_records(entries, document)
    return Reading(documents, None, following, rejected, cut_off)


def _document(entry: Entry, source: Source, url: str, *, shared: bool) -> DocumentLine:
    """The document of *entry*; *shared*: other entries have the same key, so it is none."""
    link = absolute_url(url, entry.link)
    if not link and re.match(r"https?://", entry.key.strip()):
        link = canonical_url(entry.key)
    text = plain_text(entry.text)
    title = one_line(entry.title) or _first_words(text)
    # A key that is the address again adds nothing: without it the same page in two feeds
    # is one document.
    key = "" if shared or canonical_url(entry.key) else entry.key.strip()
    return document_line(
        source,
        id=key,
        title=title,
        text=text,
        url=link,
        published=_published(entry, link, source),
        language=_language(entry.language) or source.language,
        keywords=[one_line(category) for category in entry.categories],
        authors=[_name(author) for author in entry.authors],
        licence=one_line(entry.licence),
    )


def _first_words(text: str, length: int = 120) -> str:
    """A title for an entry without one: the beginning of its first line."""
    line = text.partition("\n")[0]
    return line if len(line) <= length else line[:length].rpartition(" ")[0] + "…"


def _published(entry: Entry, link: str, source: Source) -> date:
    """The day of *entry*: its own, in its language or English, or the one in its address."""
    language = _language(entry.language) or source.language
    for value in entry.days:
        if day := day_or_none(value) or day_in_words(value, language):
            return day
    if found := _DAY_IN_URL.search(link):
        return parse_day("-".join(found.groups()))
    raise ValueError(f"no date in {list(entry.days)!r}" if entry.days else "no date")


def _language(value: str) -> str:
    found = re.match(r"[a-z]{2}(?=$|[-_])", value.strip().lower())
    return found[0] if found else ""


def _name(author: str) -> str:
    """The name in RSS's `mail@host (Name)`."""
    found = re.search(r"\(([^)]+)\)", author)
    return found[1] if found and "@" in author else author
