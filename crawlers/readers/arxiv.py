"""arXiv: the query API (Atom), the daily feeds (RSS and Atom) and OAI-PMH."""

import re
from collections import Counter
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers._tree import child, children, descendants, local, text_at
from crawlers.readers.base import Reading, day_or_none, parse_xml, read_records

_ID = re.compile(
    r"(?:^|abs/|[oO]ai:arXiv\.org:|arXiv:)([a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})"
)
_NEW = {"new", "cross", ""}


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The papers in *body*; `next` is the following start, or the OAI resumption token."""
    v.not_html(body)
    root = parse_xml(body)
    readers = {"feed": _atom, "rss": _rss, "RDF": _rss, "OAI-PMH": _oai}
    if local(root) not in readers:
        raise SourceDrift(f"neither a feed nor OAI-PMH: the root element is {local(root)!r}")
    return readers[local(root)](root, source)


# --- query API and daily feeds -----------------------------------------------


def _atom(root: Any, source: Source) -> Reading:
    """Atom. An error comes as an entry called `Error`, also with status 200."""
    entries = children(root, "entry")
    for entry in entries:
        if "/api/errors" in text_at(entry, "id"):
            raise SourceDrift(f"arXiv says: {text_at(entry, 'summary')[:200]}")
    total = v.number(text_at(root, "totalResults"))
    start = v.number(text_at(root, "startIndex")) or 0
    if total and not entries and start < total:
        raise SourceDrift(f"an empty page at {start} of {total} results")
    fresh, rejected = _announced_new(entries)
    documents, refused = read_records(fresh, lambda entry: _entry(entry, source))
    end = start + len(entries)
    following = str(end) if total is not None and entries and end < total else None
    return Reading(documents, total, following, rejected + refused)


def _rss(root: Any, source: Source) -> Reading:
    """A daily list. Weekend editions are empty; replacements are not new papers."""
    if not descendants(root, "channel"):
        raise SourceDrift("rss: no channel in it")
    fresh, rejected = _announced_new(descendants(root, "item"))
    documents, refused = read_records(fresh, lambda item: _entry(item, source))
    return Reading(documents, rejected=rejected + refused)


def _announced_new(entries: list[Any]) -> tuple[list[Any], list[str]]:
    """*entries* without replacements of older papers, and a line that counts those."""
    kinds = Counter(text_at(entry, "announce_type") for entry in entries)
    skipped = {kind: count for kind, count in kinds.items() if kind not in _NEW}
    fresh = [entry for entry in entries if text_at(entry, "announce_type") in _NEW]
    return fresh, [f"{n} announced as {kind}: not new" for kind, n in sorted(skipped.items())]


def _entry(entry: Any, source: Source) -> DocumentLine:
    """One entry of either feed."""
    key = _key(text_at(entry, "id") or text_at(entry, "guid") or text_at(entry, "link"))
    terms = [one.get("term") or (one.text or "").strip() for one in children(entry, "category")]
    primary = child(entry, "primary_category")
    if primary is not None:
        terms.insert(0, primary.get("term", ""))
    people = [text_at(one, "name") for one in children(entry, "author")]
    people += [p for one in children(entry, "creator") for p in (one.text or "").split(",")]
    days = (day_or_none(text_at(entry, name)) for name in ("published", "pubDate", "updated"))
    summary = text_at(entry, "summary") or text_at(entry, "description")
    return v.record(
        source,
        f"arxiv:{key}",
        kind="publication",
        title=text_at(entry, "title"),
        text=summary.partition("Abstract:")[2] if "Announce Type:" in summary else summary,
        url=f"https://arxiv.org/abs/{key}",
        published=v.first(days, f"{key}: published"),
        topics=_categories(terms),
        organisations=parties.distinct(
            found
            for one in descendants(entry, "affiliation")
            for found in parties.affiliation(one.text)
        ),
        authors=people,
        licence=v.CC0,
    )


def _key(text: str) -> str:
    """The identifier without version: `2609.40353`, `quant-ph/0201082`."""
    found = _ID.search(text.strip())
    if not found:
        raise ValueError(f"id: {text[:60]!r} is not arXiv's")
    return found[1]


def _categories(terms: list[str]) -> list[dict[str, str]]:
    return [v.topic("arxiv", term, term) for term in dict.fromkeys(terms) if term]


# --- OAI-PMH -----------------------------------------------------------------


def _oai(root: Any, source: Source) -> Reading:
    """ListRecords or GetRecord in the formats arXiv, arXivRaw and oai_dc."""
    error = child(root, "error")
    if error is not None and error.get("code") == "noRecordsMatch":
        return Reading(total=0)
    if error is not None:
        raise SourceDrift(f"OAI-PMH says {error.get('code')}: {(error.text or '').strip()}")
    records = descendants(root, "record")
    token = next(iter(descendants(root, "resumptionToken")), None)
    if not records and token is None:
        raise SourceDrift("OAI-PMH: neither records nor an error in it")
    kept = [one for one in records if _status(one) != "deleted"]
    documents, rejected = read_records(kept, lambda one: _oai_record(one, source))
    if len(kept) < len(records):
        rejected.append(f"{len(records) - len(kept)} marked as deleted")
    following = (token.text or "").strip() if token is not None else ""
    total = v.number(token.get("completeListSize")) if token is not None else None
    return Reading(documents, total, following or None, rejected)


def _status(record: Any) -> str:
    header = child(record, "header")
    return "" if header is None else header.get("status", "")


def _oai_record(record: Any, source: Source) -> DocumentLine:
    metadata = child(record, "metadata")
    if metadata is None or not len(metadata):
        raise ValueError("metadata: missing")
    paper = metadata[0]
    key = _key(text_at(paper, "id") or text_at(record, "header", "identifier"))
    versions = [text_at(one, "date") for one in children(paper, "version")]
    stated = [text_at(one) for name in ("created", "date") for one in children(paper, name)]
    days = sorted(day for one in stated + versions if (day := day_or_none(one)))
    terms = text_at(paper, "categories").split() or [
        (one.text or "") for one in children(paper, "subject")
    ]
    return v.record(
        source,
        f"arxiv:{key}",
        kind="publication",
        title=text_at(paper, "title"),
        text=text_at(paper, "abstract") or text_at(paper, "description"),
        url=f"https://arxiv.org/abs/{key}",
        published=v.first(days[:1], f"{key}: created"),
        topics=_categories(terms),
        authors=_oai_authors(paper),
        licence=v.CC0,
    )


def _oai_authors(paper: Any) -> list[str]:
    """Names in any of the three formats; only their one-way keys are kept."""
    people = [
        f"{text_at(one, 'forenames')} {text_at(one, 'keyname')}"
        for one in descendants(paper, "author")
    ]
    people += [one.text or "" for one in children(paper, "creator")]
    if not people:
        people = re.split(r",| and ", text_at(paper, "authors"))
    return people
