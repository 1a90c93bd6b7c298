"""What a spider yields: one document in the exchange format (docs/formats.md)."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from config.letters import without_accents
from config.models import Source

DocumentLine = dict[str, Any]


def document_line(
    source: Source,
    *,
    title: str,
    published: date,
    text: str = "",
    id: str = "",
    kind: str = "",
    url: str = "",
    language: str | None = None,
    available: date | None = None,
    keywords: Iterable[str] = (),
    topics: Iterable[Mapping[str, str]] = (),
    organisations: Iterable[Mapping[str, str]] = (),
    authors: Iterable[str] = (),
    funding: Mapping[str, Any] | None = None,
    licence: str = "",
) -> DocumentLine:
    """One document as a line of a landing file; empty values are left out.

    *id* is the source's own stable key; it is prefixed with the source's name. Without it
    the importer derives one from the URL or the content. *authors* are names: only their
    one-way keys leave this function. Raises ValueError when there is nothing to read.
    """
    title, text = title.strip(), text.strip()
    if not title:
        raise ValueError("no title")
    if not text and len(title) < 20:
        raise ValueError(f"no text, and only a short title: {title!r}")
    line: DocumentLine = {
        "id": f"{source.name}:{id}" if id else "",
        "source": source.name,
        "kind": kind or source.kind,
        "title": title,
        "text": text,
        "url": url,
        "language": source.language if language is None else language,
        "published": published.isoformat(),
        "available": (available or published).isoformat(),
        "keywords": _unique(keywords),
        "topics": [dict(topic) for topic in topics],
        "organisations": [
            {key: value for key, value in organisation.items() if value}
            for organisation in organisations
            if organisation.get("name", "").strip()
        ],
        "author_keys": author_keys(authors),
        "funding": dict(funding or {}),
        "licence": licence or source.licence,
    }
    always = ("source", "kind", "title", "text", "published", "available")
    return {key: value for key, value in line.items() if value or key in always}


def author_keys(names: Iterable[str]) -> list[str]:
    """One-way keys that tell groups of authors apart without storing who they are.

    The same person written `Müller, Anna` and `Anna Müller` gets the same key; anything that
    holds an @ is an address, not a name, and is left out.
    """
    keys = set()
    for name in names:
        if not name or "@" in name:
            continue
        plain = without_accents(name.casefold())
        letters = "".join(c if c.isalnum() else " " for c in plain)
        words = sorted(letters.split())
        if words:
            digest = hashlib.blake2b(" ".join(words).encode(), digest_size=8)
            keys.add(digest.hexdigest())
    return sorted(keys)


def _unique(words: Iterable[str]) -> list[str]:
    """The non-empty *words* in their order, each once."""
    return list(dict.fromkeys(word.strip() for word in words if word and word.strip()))
