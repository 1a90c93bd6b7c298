"""The body of a news page, or only its teaser."""

import json
import warnings
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple, cast

from crawlers.items import DocumentLine
from crawlers.readers._markup import elements

MAX_PAGE = 1_000_000  # bytes of HTML worth extracting from; extraction is costly
MIN_TEXT = 250  # characters; less is a cookie banner or a login page
TEASER = 1_000  # characters that we keep where only a teaser is ours to keep


def article_text(body: bytes, url: str) -> str:
    """The main text of an HTML page; empty when it is short, paid for, or none is found."""
    if _is_paid(body):
        return ""
    found = _extraction()(body, url=url, include_comments=False, with_metadata=False)
    text = str(found.text or "").strip() if found is not None else ""
    return text if len(text) >= MIN_TEXT else ""


class Page(NamedTuple):
    """What a page says of itself, where no feed speaks for it."""

    title: str
    text: str
    day: date


def article_page(body: bytes, url: str, until: date) -> Page | None:
    """Title, text and original date of an article; None when one of them is missing.

    *until* is the last day that can be meant, so that no date is guessed from the future.
    """
    if len(body) > MAX_PAGE or _is_paid(body):
        return None
    dates = {"original_date": True, "max_date": until.isoformat(), "extensive_search": False}
    found = _extraction()(
        body, url=url, include_comments=False, with_metadata=True, date_extraction_params=dates
    )
    if found is None or not found.title or not found.date:
        return None
    text = str(found.text or "").strip()
    if len(text) < MIN_TEXT:
        return None
    return Page(str(found.title).strip(), text, date.fromisoformat(str(found.date)))


def teaser(document: DocumentLine) -> DocumentLine:
    """*document* with no more of its text than a teaser, cut between words."""
    text = str(document["text"])
    if len(text) <= TEASER:
        return document
    return {**document, "text": text[:TEASER].rpartition(" ")[0] + "…"}


def _extraction() -> Callable[..., Any]:
    """trafilatura's extractor; importing it warns of proxies that we do not use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from trafilatura import bare_extraction
    return cast(Callable[..., Any], bare_extraction)


def _is_paid(body: bytes) -> bool:
    """Whether the page's JSON-LD says `isAccessibleForFree: false`, or it cannot be looked at."""
    try:
        scripts = elements(body, "script")
    except ValueError:
        return True
    for script in scripts:
        if "application/ld+json" not in script.get("type", "").lower():
            continue
        try:
            value = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        if any(_says_paid(each) for each in _nodes(value)):
            return True
    return False


def _nodes(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON-LD block: one, a list, or a graph."""
    if isinstance(value, dict):
        value = value.get("@graph", [value])
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _says_paid(node: dict[str, Any]) -> bool:
    return str(node.get("isAccessibleForFree", "")).strip().lower() == "false"
