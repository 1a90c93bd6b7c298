"""Whether a rights holder reserved a page from text and data mining.

Article 4 of Directive (EU) 2019/790 lets us mine what is lawfully accessible unless it is
reserved in a machine-readable way. Read are the TDM Reservation Protocol (header, meta tag,
`/.well-known/tdmrep.json`) and, by convention, the robots directives noai and noarchive.
"""

import json
import re
from collections.abc import Iterable

from crawlers.readers._markup import elements

MAX_RULES = 512 * 1024  # bytes of a `tdmrep.json`, as of a robots.txt

_CLOSED = re.compile(r"\b(?:noai|noimageai|noarchive|noindex|none)\b", re.IGNORECASE)


def reserved_by_headers(reservation: bytes | None, robots: Iterable[bytes] = ()) -> bool:
    """Whether `tdm-reservation` or `X-Robots-Tag` close the page."""
    if reservation is not None and reservation.strip() == b"1":
        return True
    return any(_CLOSED.search(value.decode("latin-1")) for value in robots)


def reserved_by_page(body: bytes) -> bool:
    """Whether a meta tag of the page closes it; a page that hides its tags is closed."""
    try:
        tags = elements(body[:200_000], "meta")
    except ValueError:
        return True
    for tag in tags:
        name, content = tag.get("name", "").strip().lower(), tag.get("content", "").strip()
        if name == "tdm-reservation" and content == "1":
            return True
        if name == "robots" and _CLOSED.search(content):
            return True
    return False


def reserved_paths(body: bytes) -> list[str]:
    """The path prefixes that a `tdmrep.json` reserves; empty when it is not readable.

    Whoever has more to say than fits into MAX_RULES is taken to reserve everything.
    """
    if len(body) > MAX_RULES:
        return ["/"]
    try:
        rules = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return [
        str(rule.get("location", "/"))
        for rule in (rules if isinstance(rules, list) else [])
        if isinstance(rule, dict) and str(rule.get("tdm-reservation")) == "1"
    ]


def reserved_path(path: str, prefixes: Iterable[str]) -> bool:
    """Whether *path* lies under one of the reserved *prefixes* (`*` stands for anything)."""
    return any(_begins_like(path, prefix.removesuffix("$")) for prefix in prefixes)


def _begins_like(path: str, pattern: str) -> bool:
    """Whether *path* begins with the parts of *pattern* in turn: no pattern takes long."""
    first, *parts = pattern.split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for part in parts:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
