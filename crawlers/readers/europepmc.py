"""Europe PMC: search results (`core`) as JSON or XML, and the exports of common clients."""

import ast
import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers._tree import child, descendants, every, local, said, text_at, tree
from crawlers.readers.base import (
    Reading,
    day_or_none,
    is_json,
    is_xml,
    parse_json,
    parse_xml,
    read_records,
)

_MAX_CELL = 400_000  # characters of a CSV cell that hold one record


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The papers in *body*; `next` is the following cursor mark."""
    v.not_html(body)
    if is_json(body):
        return _json(parse_json(body), source)
    if is_xml(body):
        return _xml(parse_xml(body), source)
    return _table(body, source)


def _json(found: Any, source: Source) -> Reading:
    if isinstance(found, list):
        return _records(found, source)
    found = v.envelope(found, "Europe PMC")
    if "errCode" in found or "errMsg" in found:
        raise SourceDrift(f"Europe PMC says {found.get('errCode')}: {found.get('errMsg')}")
    if "resultList" in found or "hitCount" in found:
        return _search(found, source)
    if "source" in found and "id" in found:
        return _records([found], source)
    exported = [one for one in found.values() if isinstance(one, dict) and _exported(one)]
    if not exported:
        raise SourceDrift(f"resultList: missing; it holds {', '.join(sorted(found)[:8])}")
    return _records([one.get("full") or one for one in exported], source)


def _exported(one: dict[str, Any]) -> bool:
    """Whether *one* is a record, or holds one under `full` as pygetpapers saves it."""
    return isinstance(one.get("full"), dict) or ("source" in one and "title" in one)


def _search(found: dict[str, Any], source: Source) -> Reading:
    """The envelope of a search. The page after the last one is empty, and that is normal."""
    total = v.number(said(found, "hitCount"))
    if total is None or (total and "resultList" not in found):
        raise SourceDrift("hitCount or resultList: missing")
    results = every(found, "resultList", "result")
    sent, mark = said(found, "request", "cursorMark"), said(found, "nextCursorMark")
    if sent in ("", "*"):
        v.no_rows_for(total, len(results))
    reading = _records(results, source)
    following = mark if results and mark and mark != sent else None
    return Reading(reading.documents, total, following, reading.rejected)


def _xml(root: Any, source: Source) -> Reading:
    if articles := list(root.iter("{*}article")):
        return _records([_from_jats(one) for one in articles], source)
    if local(root) not in ("responseWrapper", "response"):
        raise SourceDrift(f"not an answer of Europe PMC: the root element is {local(root)!r}")
    return _json(tree(root), source)


def _records(records: list[Any], source: Source) -> Reading:
    documents, rejected = read_records(records, lambda one: _document(one, source))
    return Reading(documents, rejected=rejected)


def _document(paper: dict[str, Any], source: Source) -> DocumentLine:
    origin, key = said(paper, "source") or "MED", said(paper, "id")
    if not key:
        raise ValueError("id: missing")
    indexed = day_or_none(said(paper, "firstIndexDate"))
    published = v.first(_days(paper, indexed), f"{key}: dates")
    text = said(paper, "abstractText")
    return v.record(
        source,
        f"europepmc:{origin}/{key}",
        kind="publication",
        title=said(paper, "title"),
        text=text,
        url=f"https://europepmc.org/article/{origin}/{key}",
        language=v.language_code(said(paper, "language")),
        published=published,
        available=v.later(published, indexed),
        keywords=v.text_list(every(paper, "keywordList", "keyword")),
        topics=_topics(paper),
        organisations=parties.distinct(_organisations(paper)),
        authors=_authors(paper),
        licence=said(paper, "license") or v.ABSTRACTS,
    )


_DAYS = (
    ("firstPublicationDate",),
    ("electronicPublicationDate",),
    ("journalInfo", "printPublicationDate"),
    ("bookOrReportDetails", "firstPublicationDate"),
)


def _days(paper: dict[str, Any], indexed: date | None) -> Iterator[date | None]:
    """Days of publication, the best first. A year alone says less than the day it was indexed,
    unless the paper was old by then."""
    yield from (day_or_none(said(paper, *path)) for path in _DAYS)
    year = day_or_none(said(paper, "pubYear") or said(paper, "journalInfo", "yearOfPublication"))
    fresh = indexed and (year is None or indexed.year - year.year in (0, 1))
    yield indexed if fresh else year


def _authors(paper: dict[str, Any]) -> list[str]:
    named = [said(one, "fullName") for one in every(paper, "authorList", "author")]
    return [one for one in named if one] or said(paper, "authorString").rstrip(".").split(", ")


def _organisations(paper: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Affiliations of all authors (the list's name has changed over time), or the first one."""
    lines = [
        said(one, "affiliation") or said(one)
        for author in every(paper, "authorList", "author")
        for kind in ("authorAffiliationDetailsList", "authorAffiliationsList")
        for one in every(author, kind, "authorAffiliation")
    ]
    for line in lines or [said(paper, "affiliation")]:
        yield from parties.affiliation(line)
    for author in every(paper, "authorList", "author"):
        yield from parties.organisation(said(author, "collectiveName"), role="author")


def _topics(paper: dict[str, Any]) -> list[dict[str, str]]:
    headings = [said(m, "descriptorName") for m in every(paper, "meshHeadingList", "meshHeading")]
    found = [v.topic("mesh", heading, heading) for heading in headings]
    for grant in every(paper, "grantsList", "grant"):
        found.append(v.topic("grant", said(grant, "grantId"), said(grant, "agency")))
    return [topic for topic in found if topic["code"]]


# --- what clients save -------------------------------------------------------


def _table(body: bytes, source: Source) -> Reading:
    """A CSV of pygetpapers: its column `full` holds the record as a Python literal."""
    rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig", errors="replace"), newline=""))
    try:
        if "full" not in (rows.fieldnames or ()):
            raise SourceDrift("neither JSON, XML nor a table with the column `full`")
        listed = list(rows)
    except csv.Error as exc:
        raise SourceDrift(f"the table cannot be read: {exc}") from exc
    documents, rejected = read_records(
        listed, lambda row: _document(_literal(row["full"] or ""), source)
    )
    return Reading(documents, rejected=rejected)


def _literal(cell: str) -> dict[str, Any]:
    try:
        found = ast.literal_eval(cell) if len(cell) <= _MAX_CELL else None
    except (ValueError, SyntaxError, MemoryError, RecursionError) as exc:
        raise ValueError(f"full: not a record ({type(exc).__name__})") from exc
    if not isinstance(found, dict):
        raise ValueError("full: not a record")
    return found


def _from_jats(article: Any) -> dict[str, Any]:
    """The fields of a full text (JATS) under the names that the search uses."""
    meta = child(article, "front", "article-meta")
    ids = {
        one.get("pub-id-type", ""): (one.text or "").strip()
        for one in article.iter("{*}article-id")
    }
    if meta is None or not ids:
        raise SourceDrift("a JATS article without article-meta or article-id")
    pmc = next((ids[kind] for kind in ("pmcid", "pmc", "pmcaid") if ids.get(kind)), "")
    dates = sorted(day for one in descendants(meta, "pub-date") if (day := _jats_day(one)))
    title = next(iter(descendants(meta, "article-title")), None)
    abstract = next(iter(descendants(meta, "abstract")), None)
    return {
        "source": "MED" if ids.get("pmid") else "PMC",
        "id": ids.get("pmid") or pmc or ids.get("doi", ""),
        "title": "" if title is None else " ".join("".join(title.itertext()).split()),
        "abstractText": ""
        if abstract is None
        else "\n".join(t.strip() for t in abstract.itertext()),
        "language": article.get("{http://www.w3.org/XML/1998/namespace}lang", ""),
        "firstPublicationDate": dates[0] if dates else "",
        "keywordList": {"keyword": ["".join(k.itertext()) for k in descendants(meta, "kwd")]},
        "affiliation": text_at(next(iter(descendants(meta, "aff")), None)),
    }


def _jats_day(element: Any) -> str:
    """`2026-09-15` of a pub-date, its month and day where they are given."""
    parts = [text_at(element, name) for name in ("year", "month", "day")]
    if not parts[0].isdigit():
        return ""
    known = parts[: 1 if not parts[1].isdigit() else 2 if not parts[2].isdigit() else 3]
    return "-".join(part.zfill(2) for part in known)
