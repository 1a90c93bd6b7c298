"""Pages that list news, read by the CSS selectors of the source's configuration."""

import re
from typing import Any

from config.errors import ConfigError, SourceDrift
from config.models import Source
from crawlers.items import DocumentLine, document_line
from crawlers.readers.base import (
    Reading,
    absolute_url,
    day_in_words,
    day_or_none,
    one_line,
    plain_text,
    read_records,
)

KNOWN = frozenset({"item", "title", "link", "date", "teaser", "next"})
NEEDED = frozenset({"item", "title", "date"})
_GENERIC = re.compile(
    r"(read|learn|show|see|find out) more|more|details|mehr( erfahren| lesen)?|weiterlesen|"
    r"lire la suite|en savoir plus|leer más|saber más|leggi (tutto|di più)|lue lisää|läs mer",
    re.IGNORECASE,
)


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The items of a listing page; `next` is the address of the following page.

    The selector `date` may end in `::attr(datetime)` and the like, as in Scrapy; `link` is the
    first link of the item unless it says otherwise. SourceDrift when no item is found.
    """
    from parsel import Selector

    selectors = _selectors(source)
    page = Selector(body=body, type="html")
    items = page.css(selectors["item"])
    if not items:
        raise SourceDrift(f"{selectors['item']!r} selects nothing on {url}")

    def document(item: Any) -> DocumentLine:
        title = one_line(_one(item, selectors["title"]))
        if _GENERIC.fullmatch(title):
            raise ValueError(f"{title!r} is no title: selectors.title is wrong")
        written = one_line(_one(item, selectors["date"]))
        day = day_or_none(written) or day_in_words(written, source.language)
        if day is None:
            raise ValueError(f"no day in {written!r}")
        return document_line(
            source,
            title=title,
            published=day,
            text=plain_text(_one(item, selectors["teaser"])) if "teaser" in selectors else "",
            url=absolute_url(url, _one(item, selectors.get("link", "a::attr(href)"))),
        )

    documents, rejected = read_records(items, document)
    following = _one(page, selectors["next"]) if "next" in selectors else ""
    return Reading(documents, None, absolute_url(url, following) or None, rejected)


def _selectors(source: Source) -> dict[str, str]:
    given = source.selectors
    if missing := NEEDED - given.keys():
        raise ConfigError(f"{source.name}.yml: selectors: {', '.join(sorted(missing))} missing")
    if unknown := given.keys() - KNOWN:
        raise ConfigError(f"{source.name}.yml: selectors: {', '.join(sorted(unknown))} unknown")
    return given


def _one(node: Any, query: str) -> str:
    """The first value that *query* selects: an attribute, or the markup of an element."""
    return str(node.css(query).get(default="")).strip()
