"""Sitemaps: the news in them as documents, and where their other pages and parts are."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine, document_line
from crawlers.readers.base import (
    Reading,
    absolute_url,
    day_or_none,
    one_line,
    parse_day,
    parse_xml,
    read_records,
)

MAX_UNPACKED = 50 * 1024 * 1024  # bytes; what the sitemap protocol allows


@dataclass(frozen=True, slots=True)
class Place:
    """An address in a sitemap, and the day it last changed if the sitemap says so."""

    url: str
    changed: date | None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap lists apart from news."""

    parts: list[Place]  # further sitemaps
    pages: list[Place]  # pages without a title of their own


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The `news:news` entries of a sitemap as documents without text."""
    root = _root(body)

    def document(node: Any) -> DocumentLine:
        news = next(node.iterchildren("{*}news"))
        return document_line(
            source,
            title=one_line(_text(news, "title")),
            published=parse_day(_text(news, "publication_date")),
            url=absolute_url(url, _text(node, "loc")),
            language=_text(news, "language")[:2].lower() or source.language,
            keywords=_text(news, "keywords").split(","),
        )

    listed = [node for node in root.iterchildren("{*}url") if _is_news(node)]
    documents, rejected = read_records(listed, document)
    cut_off = b"</" not in unpacked(body)[-200:]
    return Reading(documents, rejected=rejected, cut_off=cut_off)


def listing(body: bytes, url: str) -> Sitemap:
    """The parts and plain pages of a sitemap; SourceDrift when it is none."""
    root = _root(body)
    parts = [_place(node, url) for node in root.iterchildren("{*}sitemap")]
    pages = [_place(node, url) for node in root.iterchildren("{*}url") if not _is_news(node)]
    return Sitemap([place for place in parts if place.url], [p for p in pages if p.url])


def unpacked(body: bytes) -> bytes:
    """*body*, unzipped when it is a gzip file; SourceDrift when it grows beyond all bounds."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(body, MAX_UNPACKED)
    except zlib.error as exc:
        raise SourceDrift(f"a damaged gzip file ({exc})") from exc
    if unpacker.unconsumed_tail:
        raise SourceDrift(f"a gzip file of more than {MAX_UNPACKED} bytes")
    return content


def _root(body: bytes) -> Any:
    root = parse_xml(unpacked(body).lstrip(), recover=True)
    kind = str(root.tag).rpartition("}")[2]
    if kind not in ("urlset", "sitemapindex"):
        raise SourceDrift(f"a <{kind}> document instead of a sitemap")
    return root


def _children(node: Any, name: str) -> Iterator[Any]:
    return iter(node.iterchildren("{*}" + name))


def _text(node: Any, name: str) -> str:
    return next(("".join(child.itertext()).strip() for child in _children(node, name)), "")


def _is_news(node: Any) -> bool:
    return next(_children(node, "news"), None) is not None


def _place(node: Any, url: str) -> Place:
    return Place(absolute_url(url, _text(node, "loc")), day_or_none(_text(node, "lastmod")))
