"""CORDIS: search results, search stubs and single records, as JSON or XML."""

import re
from datetime import date
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers._tree import attribute, every, get, said, tree
from crawlers.readers.base import (
    Reading,
    as_list,
    day_or_none,
    is_json,
    parse_json,
    parse_xml,
    read_records,
)
from crawlers.readers.countries import country_code

SITE = "https://cordis.europa.eu"
_KINDS = {"project": "project", "article": "news", "result": "publication"}
_OTHERS = {"programme", "event", "organization"}
_CHANGED = ("contentUpdateDate", "sourceUpdateDate", "lastUpdateDate")
_REFERENCE = re.compile(r"https?://\S{1,2000} \(([^()]{1,200})\)")


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The projects, articles and results in *body*; `total` is the search's count of hits."""
    v.not_html(body)
    if is_json(body):
        found = parse_json(body)
        # The bulk files are lists of flat projects.
        found = {"project": found} if isinstance(found, list) else v.envelope(found, "CORDIS")
    else:
        root = parse_xml(body)
        name = root.tag.rpartition("}")[2]
        found = {name: tree(root)} if name in {*_KINDS, *_OTHERS} else v.envelope(tree(root), name)
    return _reading(found, source)


def _reading(found: dict[str, Any], source: Source) -> Reading:
    if "payload" in found:
        return _stubs(found, source)
    if said(found, "result", "header", "totalHits") or "hits" in found:
        return _search(found, source)
    records = _typed(found)
    if not records and found.get("title"):
        records = [("project" if "objective" in found else "article", found)]
    if not records:
        raise SourceDrift(f"neither a CORDIS search nor a record; it holds {_keys(found)}")
    documents, rejected = read_records(records, lambda one: _record(one[0], one[1], source))
    return Reading(documents, rejected=rejected)


def _search(found: dict[str, Any], source: Source) -> Reading:
    """Path A: `result.header` and `hits.hit`, an object when there is one hit."""
    total = v.number(said(found, "result", "header", "totalHits"))
    if total is None:
        raise SourceDrift("result.header.totalHits: missing")
    hits = every(found, "hits", "hit") or every(found, "result", "hits", "hit")
    v.no_rows_for(total, len(hits))
    documents, rejected = read_records(hits, lambda hit: _hit(hit, source))
    return Reading(documents, total, rejected=rejected)


def _hit(hit: Any, source: Source) -> DocumentLine:
    records = _typed(hit)
    if not records:
        raise ValueError(f"hit: no record in it, only {_keys(hit)}")
    return _record(*records[0], source)


def _stubs(found: dict[str, Any], source: Source) -> Reading:
    """Path B: short entries whose dates hold unrendered template markers."""
    payload = found["payload"]
    if not isinstance(payload, dict) or not isinstance(payload.get("results"), list):
        raise SourceDrift(f"payload.results: missing; payload is {str(payload)[:80]!r}")
    total = v.number(payload.get("total"))
    v.no_rows_for(total, len(payload["results"]))
    documents, rejected = read_records(
        payload["results"],
        lambda stub: _record(said(stub, "contentType") or "project", stub, source),
    )
    return Reading(documents, total, rejected=rejected)


def _typed(node: Any) -> list[tuple[str, Any]]:
    """The records under the keys that name their content type."""
    return [
        (name, record)
        for name in (*_KINDS, *sorted(_OTHERS))
        for record in as_list(get(node, name))
        if isinstance(record, dict) and said(record, "title")
    ]


def _record(name: str, record: dict[str, Any], source: Source) -> DocumentLine:
    if name not in _KINDS:
        raise ValueError(f"{said(record, 'id')}: a CORDIS {name} is not a document")
    if name == "project":
        return _project(record, source)
    return _article(name, record, source)


def _project(record: dict[str, Any], source: Source) -> DocumentLine:
    """Published when it was signed; without that day, when its start or its page was known."""
    number = said(record, "id") or said(record, "reference")
    signed, created = _day(record, "ecSignatureDate"), _day(record, "contentCreationDate")
    known = [d for k in ("startDate", *_CHANGED) if (d := _day(record, k))]
    earliest = min(known) if known else None
    return v.record(
        source,
        _id("project", record),
        kind="project",
        title=said(record, "title"),
        text=said(record, "objective") or said(record, "teaser"),
        url=f"{SITE}/project/id/{number}",
        language=v.language_code(said(record, "language")) or None,
        published=v.first((signed, earliest, created), "startDate"),
        available=v.first((created, signed, earliest), "startDate"),
        keywords=_keywords(record),
        topics=_topics(record),
        organisations=[
            one for node in every(record, "relations", "associations", "organization")
            for one in _organisation(node)
        ],
        funding=v.funding(_programme(record), v.amount(said(record, "ecMaxContribution"))),
        licence=v.CC_BY,
    )  # fmt: skip


def _article(name: str, record: dict[str, Any], source: Source) -> DocumentLine:
    """News, Results in Brief (`article`) and deliverables or reports (`result`)."""
    number = said(record, "rcn") or said(record, "id")
    published = v.first(
        (_day(record, field) for field in ("contentCreationDate", *_CHANGED)),
        "contentCreationDate",
    )
    return v.record(
        source,
        _id(name, record),
        kind=_KINDS[name],
        title=said(record, "title"),
        text=_body(record),
        url=f"{SITE}/{name}/id/{number}",
        language=v.language_code(said(record, "language")) or None,
        published=published,
        keywords=_keywords(record),
        topics=_topics(record),
        licence=v.CC_BY,
    )


def _body(record: dict[str, Any]) -> str:
    """Teaser and sections as one text, inline references `https://… (label)` as their label."""
    parts = [said(record, "teaser"), said(record, "description")]
    if isinstance(record.get("body"), str):
        parts.append(record["body"])
    for section in every(record, "body", "section"):
        parts += [said(section, "sectionTitle"), said(section, "sectionBody")]
    return _REFERENCE.sub(r"\1", "\n".join(dict.fromkeys(part for part in parts if part)))


def _day(record: dict[str, Any], field: str) -> date | None:
    return day_or_none(said(record, field))


def _keywords(record: dict[str, Any]) -> list[str]:
    return re.split(r"\s*[,;]\s*", said(record, "keywords"))


def _topics(record: dict[str, Any]) -> list[dict[str, str]]:
    """Fields of science and domains of the record itself, its call, topic and project."""
    relations = get(record, "relations")
    found = []
    for category in every(relations, "categories", "category"):
        code, label = said(category, "code"), said(category, "title")
        scheme = attribute(category, "classification")
        if scheme == "euroSciVoc":
            found.append(v.topic("euroscivoc", code, label))
        elif scheme == "applicationDomain":
            found.append(v.topic("cordis_domain", code.lstrip("/"), label))
    links = get(relations, "associations")
    for call in every(links, "call"):
        if attribute(call, "type") == "relatedSubCall":
            code = said(call, "identifier") or said(call, "title")
            found.append(v.topic("call", code, said(call, "title")))
    for programme in every(links, "programme"):
        if attribute(programme, "type") == "relatedTopic":
            found.append(v.topic("call_topic", said(programme, "code"), said(programme, "title")))
    for project in every(links, "project"):
        label = said(project, "acronym") or said(project, "title")
        found.append(v.topic("cordis_project", said(project, "id"), label))
    return [topic for topic in found if topic["code"]]


def _programme(record: dict[str, Any]) -> str:
    """The framework programme of the legal basis; of several, the one marked as unique."""
    bases = [
        one
        for one in every(record, "relations", "associations", "programme")
        if attribute(one, "type") == "relatedLegalBasis"
    ]
    bases.sort(key=lambda one: attribute(one, "uniqueProgrammePart") != "true")
    names = [said(one, "frameworkProgramme") or said(one, "code") for one in bases]
    return next(iter(names), "") or said(record, "frameworkProgramme") or said(record, "programme")


def _organisation(node: Any) -> list[dict[str, str]]:
    regions = every(node, "relations", "regions", "region")
    regions.sort(key=lambda region: attribute(region, "type") != "relatedNutsCode")
    codes = [v.nuts_code(said(region, "nutsCode")) for region in regions]
    return list(
        parties.organisation(
            said(node, "legalName") or said(node, "shortName"),
            country=country_code(said(node, "address", "country")),
            nuts=next((code for code in codes if len(code) > 2), ""),
            role=attribute(node, "type"),
        )
    )


def _keys(node: Any) -> str:
    return ", ".join(sorted(node)[:8]) if isinstance(node, dict) else type(node).__name__


def changes(body: bytes) -> dict[str, date]:
    """When each record of a search, or the record in *body*, last changed, by document id.

    Records that do not say it are left out.
    """
    try:
        if is_json(body):
            found = parse_json(body)
        else:
            root = parse_xml(body)
            found = {root.tag.rpartition("}")[2]: tree(root)}
    except SourceDrift:
        return {}
    records = [one for hit in every(found, "hits", "hit") for one in _typed(hit)] or _typed(found)
    days = {_id(name, one): _day(one, "contentUpdateDate") for name, one in records}
    return {key: day for key, day in days.items() if day}


def _id(name: str, record: dict[str, Any]) -> str:
    """`cordis:101190685`, `cordis-article:451044`."""
    if name == "project":
        return f"cordis:{said(record, 'id') or said(record, 'reference')}"
    return f"cordis-{name}:{said(record, 'rcn') or said(record, 'id')}"
