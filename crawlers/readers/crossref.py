"""Crossref: a list of works with its cursor, or one work."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers.base import (
    Reading,
    as_list,
    day_or_none,
    parse_json,
    plain_text,
    read_records,
)

_DATES = ("published", "published-online", "posted", "issued", "published-print", "created")
_FACTS = "metadata without copyright claims"


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The works in *body*; `next` is the cursor, None when the page was not full."""
    v.not_html(body)
    found = parse_json(body)
    found = {"items": found} if isinstance(found, list) else v.envelope(found, "Crossref")
    # DOIs resolved by content negotiation are works without an envelope.
    message = found.get("message", found if {"items", "DOI"} & found.keys() else None)
    kind = str(found.get("message-type") or "")
    if found.get("status") == "failed" or kind.endswith("failure"):
        raise SourceDrift(f"Crossref says {kind}: {_failure(message)}")
    message = v.envelope(message, "message")
    if kind not in ("", "work", "work-list"):
        raise SourceDrift(f"message-type: {kind!r}, not works")
    if kind == "work" or "DOI" in message:
        message = {"items": [message]}
    items = message.get("items")
    if not isinstance(items, list):
        raise SourceDrift(f"message.items: missing; message holds {', '.join(sorted(message)[:8])}")
    total, rows = v.number(message.get("total-results")), v.number(message.get("items-per-page"))
    if rows and ("cursor=*" in url or "cursor=" not in url) and "offset=" not in url:
        v.no_rows_for(total, len(items))
    documents, rejected = read_records(items, lambda one: _document(one, source))
    following = message.get("next-cursor") if items and len(items) >= (rows or 0) else None
    return Reading(documents, total, str(following) if following else None, rejected)


def _failure(message: Any) -> str:
    said = [
        f"{one.get('value')}: {one.get('message')}"
        for one in as_list(message)
        if isinstance(one, dict)
    ]
    return "; ".join(said)[:200] or str(message)[:200]


def _document(work: dict[str, Any], source: Source) -> DocumentLine:
    key = v.doi(work.get("DOI"))
    if not key:
        raise ValueError(f"DOI: {work.get('DOI')!r} is none")
    created = day_or_none(work.get("created"))
    published = _published(work, created, key)
    return v.record(
        source,
        f"doi:{key}",
        kind="publication",
        title=work.get("title") or work.get("short-title"),
        text=_abstract(work.get("abstract")),
        url=f"https://doi.org/{key}",
        language=v.language_code(work.get("language")),
        published=published,
        available=v.later(published, created),
        keywords=v.text_list(work.get("subject")),
        topics=_grants(work),
        organisations=parties.distinct(_organisations(work)),
        authors=[
            f"{one.get('given') or ''} {one['family']}"
            for one in as_list(work.get("author"))
            if one.get("family")
        ],
        licence=v.ABSTRACTS if work.get("abstract") else _FACTS,
    )


def _published(work: dict[str, Any], created: date | None, key: str) -> date:
    """The first date that is stated, but not after the day its DOI was made.

    Issue dates may lie ahead of the paper. Month and day are optional: where they are missing,
    the day the DOI was made is taken if it lies in that month or year, since it is a real day
    of the record, unlike the first of January.
    """
    for field in _DATES:
        day = day_or_none(work.get(field))
        if day is None:
            continue
        known = len([part for part in work[field]["date-parts"][0] if part])
        if created is not None and (created < day or _within(created, day, known)):
            return created
        return day
    raise ValueError(f"{key}: no date in {', '.join(_DATES)}")


def _within(made: date, stated: date, known: int) -> bool:
    """Whether *made* lies in the month or year that *stated* stands for."""
    return known < 3 and (made.year, made.month)[:known] == (stated.year, stated.month)[:known]


def _abstract(fragment: Any) -> str:
    """A JATS fragment without the heading `Abstract`; it may be escaped once more."""
    text = plain_text(v.words(fragment))
    head, _, rest = text.partition("\n")
    return rest if rest and head.strip(" .:").lower() in ("abstract", "summary") else text


def _organisations(work: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Affiliations of the authors, and groups that sign as authors."""
    for author in as_list(work.get("author")):
        for one in as_list(author.get("affiliation")):
            yield from parties.affiliation(one.get("name") if isinstance(one, dict) else one)
        if not author.get("family"):
            yield from parties.organisation(author.get("name"), role="author")


def _grants(work: dict[str, Any]) -> list[dict[str, str]]:
    return [
        v.topic("grant", award, funder.get("name"))
        for funder in as_list(work.get("funder"))
        for award in v.text_list(funder.get("award"))
        if award
    ]
