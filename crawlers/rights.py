"""Whether a rights holder reserved a page from text and data mining.

Article 4 of Directive (EU) 2019/790 lets us mine what is lawfully accessible unless it is
reserved in a machine-readable way. Read are the TDM Reservation Protocol (header, meta tag,
`/.well-known/tdmrep.json`) and, by convention, the robots directives noai and noarchive.
"""

import json
import re
from collections.abc import Iterable

_META = re.compile(rb"<meta\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CLOSED = re.compile(r"\b(?:noai|noimageai|noarchive|noindex|none)\b", re.IGNORECASE)


def reserved_by_headers(reservation: bytes | None, robots: Iterable[bytes] = ()) -> bool:
    """Whether `tdm-reservation` or `X-Robots-Tag` close the page."""
    if reservation is not None and reservation.strip() == b"1":
        return True
    return any(_CLOSED.search(value.decode("latin-1")) for value in robots)


def reserved_by_page(body: bytes) -> bool:
    """Whether a meta tag of the page closes it."""
    for tag in _META.findall(body[:200_000]):
        found = {
            name.lower(): b"".join(values).decode("latin-1").strip()
            for name, *values in _ATTRIBUTE.findall(tag)
        }
        name, content = found.get(b"name", "").lower(), found.get(b"content", "")
        if name == "tdm-reservation" and content == "1":
            return True
        if name == "robots" and _CLOSED.search(content):
            return True
    return False


def reserved_paths(body: bytes) -> list[str]:
    """The path prefixes that a `tdmrep.json` reserves; empty when it is not readable."""
    try:
        rules = json.loads(body)
    except ValueError:
        return []
    return [
        str(rule.get("location", "/"))
        for rule in (rules if isinstance(rules, list) else [])
        if isinstance(rule, dict) and str(rule.get("tdm-reservation")) == "1"
    ]


def reserved_path(path: str, prefixes: Iterable[str]) -> bool:
    """Whether *path* lies under one of the reserved *prefixes* (`*` stands for anything)."""
    return any(
        re.match(re.escape(prefix).replace(r"\*", ".*").removesuffix(r"\$"), path)
        for prefix in prefixes
    )
