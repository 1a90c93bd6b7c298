"""OpenAIRE: the Graph API (v1 to v3) and the older search API, as JSON or XML."""

from collections.abc import Iterator
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers._tree import attribute, every, get, local, said, tree
from crawlers.readers.base import (
    Reading,
    as_list,
    day_or_none,
    is_xml,
    parse_json,
    parse_xml,
    read_records,
)
from crawlers.readers.countries import country_code

_EXPLORE = "https://explore.openaire.eu/search"


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The publications and projects in *body*; `next` is the following cursor."""
    v.not_html(body)
    if is_xml(body):
        root = parse_xml(body)
        return _legacy({local(root): tree(root)}, source)
    found = parse_json(body)
    found = {"results": found} if isinstance(found, list) else v.envelope(found, "OpenAIRE")
    if isinstance(found.get("normalised"), dict):  # as contract tests save answers
        found = found["normalised"]
    if "error" in found or ("code" in found and "message" in found and "results" not in found):
        raise SourceDrift(
            f"OpenAIRE says {found.get('code', '')} {found.get('error', '')}: "
            f"{found.get('message', '')}"[:300]
        )
    if "response" in found or "entity" in {key.rpartition(":")[2] for key in found}:
        return _legacy(found, source)
    if "results" not in found and "id" in found:
        found = {"results": [found]}
    return _graph(found, source)


def _graph(found: dict[str, Any], source: Source) -> Reading:
    """`header` and `results` of the Graph API."""
    results = found.get("results")
    if results is None and v.number(said(found, "header", "numFound")) == 0:
        results = []
    if not isinstance(results, list):
        raise SourceDrift(f"results: missing; it holds {', '.join(sorted(found)[:8])}")
    header = v.envelope(found.get("header") or {}, "header")
    total = v.number(header.get("numFound", header.get("total", found.get("total"))))
    if (v.number(header.get("page", found.get("page"))) or 1) == 1 and not header.get("nextCursor"):
        v.no_rows_for(total, len(results))
    documents, rejected = read_records(results, lambda one: _entity(one, source))
    cursor = header.get("nextCursor")
    return Reading(documents, total, str(cursor) if cursor and results else None, rejected)


def _entity(one: dict[str, Any], source: Source) -> DocumentLine:
    if {"fundings", "granted", "callIdentifier"} & one.keys():
        return _project(one, source)
    if {"legalName", "officialName", "familyName"} & one.keys():
        raise ValueError(f"{one.get('id')}: an organisation, data source or person, no document")
    if "objectIdentifier" in one or "dateofacceptance" in one:
        return _plain(one, source)
    return _product(one, source)


def _product(one: dict[str, Any], source: Source) -> DocumentLine:
    """A research product of the Graph API."""
    key = said(one, "id")
    instances = _listed(one, "instances", "instance")
    dates = [_either(each, "publicationDate", "publicationdate") for each in (one, *instances)]
    pids = [pid for each in (one, *instances) for pid in _listed(each, "pids", "pid")]
    links = [url for each in instances for url in v.text_list(_either(each, "urls", "url"))]
    country = next((said(c, "code") for c in _listed(one, "countries", "country")), "")
    subjects = [get(one, "subject") for one in as_list(one.get("subjects"))]
    return _publication(
        source,
        key,
        title=one.get("mainTitle") or one.get("maintitle") or one.get("title"),
        texts=v.text_list(one.get("descriptions") or one.get("description")),
        dates=dates,
        dois=[said(pid, "value") for pid in pids if said(pid, "scheme").lower() == "doi"],
        links=links,
        language=said(one, "language", "code"),
        keywords=[said(s, "value") for s in subjects if said(s, "scheme").lower() != "fos"],
        topics=[
            v.topic("fos", said(s, "value"), said(s, "value"))
            for s in subjects
            if said(s, "scheme").lower() == "fos"
        ]
        + _grants(one.get("projects")),
        organisations=[
            found
            for organisation in as_list(one.get("organizations"))
            for found in parties.organisation(
                said(organisation, "legalName") or said(organisation, "acronym"),
                country=country_code(said(organisation, "country", "code")),
                role="author",
            )
        ],
        authors=[
            said(author, "fullName") or said(author, "fullname")
            for author in _listed(one, "authors", "author")
        ],
        country=country,
    )


def _either(one: dict[str, Any], *names: str) -> Any:
    """The first of *names* that holds something: dumps spell them in lower case and singular."""
    return next((one[name] for name in names if one.get(name)), None)


def _listed(one: dict[str, Any], *names: str) -> list[Any]:
    return as_list(_either(one, *names))


def _plain(one: dict[str, Any], source: Source) -> DocumentLine:
    """The short form `{objectIdentifier, title, dateofacceptance, dois, creators}`."""
    return _publication(
        source,
        said(one, "objectIdentifier") or said(one, "id"),
        title=one.get("title"),
        texts=v.text_list(one.get("description")),
        dates=[one.get("dateofacceptance"), one.get("publicationDate")],
        dois=v.text_list(one.get("dois") or one.get("doi")),
        authors=v.text_list(one.get("creators")),
    )


def _publication(
    source: Source,
    key: str,
    *,
    title: Any,
    texts: list[str],
    dates: list[Any],
    dois: list[str],
    links: list[str] | None = None,
    language: str = "",
    country: str = "",
    **fields: Any,
) -> DocumentLine:
    """One product, however it was written. Of several descriptions the longest is kept."""
    doi = next((found for one in dois if (found := v.doi(one))), "")
    address = f"https://doi.org/{doi}" if doi else next(iter(links or ()), "")
    topics = fields.pop("topics", [])
    if code := country_code(country):
        topics = [*topics, v.topic("country", code, code)]
    return v.record(
        source,
        f"openaire:{key}",
        kind="publication",
        title=title,
        text=max(texts, key=len, default=""),
        url=address or f"{_EXPLORE}/result?id={key}",
        language=v.language_code(language),
        published=v.first(map(day_or_none, dates), f"{key}: publicationDate"),
        topics=[topic for topic in topics if topic["code"]],
        licence=v.CC_BY,
        **fields,
    )


def _project(one: dict[str, Any], source: Source) -> DocumentLine:
    """A project of the Graph API: dated by its start, the only date it has."""
    key, code = said(one, "id"), said(one, "code")
    funding: Any = next(iter(every(one, "fundings") or every(one, "funding")), {})
    programme = said(funding, "fundingStream", "id") or said(funding, "shortName")
    granted = get(one, "granted") or {}
    in_euro = said(granted, "currency") in ("EUR", "")
    return v.record(
        source,
        f"openaire:{key or code}",
        kind="project",
        title=said(one, "title") or said(one, "acronym"),
        text=said(one, "summary"),
        url=f"{_EXPLORE}/project?projectId={key}",
        published=v.first([day_or_none(said(one, "startDate"))], f"{key or code}: startDate"),
        keywords=said(one, "keywords").split(","),
        topics=_grants([one]),
        organisations=list(_participants(one)),
        funding=v.funding(programme, v.amount(said(granted, "fundedAmount")) if in_euro else None),
        licence=v.CC_BY,
    )


def _participants(one: dict[str, Any]) -> Iterator[dict[str, str]]:
    for link in as_list(one.get("links")):
        if said(link, "header", "relationClass") in ("hasParticipant", ""):
            country = country_code(said(link, "country", "code"))
            name = said(link, "legalname") or said(link, "legalName")
            yield from parties.organisation(name, country=country, role="participant")


def _grants(projects: Any) -> list[dict[str, str]]:
    found = [
        v.topic("grant", said(one, "code"), said(one, "acronym") or said(one, "title"))
        for one in as_list(projects)
    ]
    return [topic for topic in found if topic["code"]]


# --- the older search API -----------------------------------------------------


def _legacy(found: dict[str, Any], source: Source) -> Reading:
    """`response/results/result` or a saved `record`, each with an `oaf:entity`."""
    holder = get(found, "response") or get(found, "record") or found
    if error := said(holder, "error") or said(holder, "exception"):
        raise SourceDrift(f"OpenAIRE says: {error[:200]}")
    results = every(holder, "results", "result") or every(holder, "result")
    if not results and get(holder, "metadata"):
        results = [holder]
    total = v.number(said(holder, "header", "total"))
    if not results and total != 0:
        raise SourceDrift(f"neither results nor a record; it holds {', '.join(sorted(found)[:8])}")
    documents, rejected = read_records(results, lambda one: _oaf(one, source))
    return Reading(documents, total, rejected=rejected)


def _oaf(one: Any, source: Source) -> DocumentLine:
    key = said(one, "header", "objIdentifier")
    entity = get(one, "metadata", "entity")
    if result := get(entity, "result"):
        return _oaf_result(key, result, source)
    if project := get(entity, "project"):
        return _oaf_project(key, project, source)
    raise ValueError(f"{key}: neither oaf:result nor oaf:project in it")


def _oaf_result(key: str, result: Any, source: Source) -> DocumentLine:
    titles = sorted(every(result, "title"), key=lambda t: attribute(t, "classid") != "main title")
    related = every(result, "rels", "rel")
    return _publication(
        source,
        key,
        title=next((said(title) for title in titles if said(title)), ""),
        texts=[said(text) for text in every(result, "description")],
        dates=[said(result, "dateofacceptance"), *map(said, every(result, "relevantdate"))],
        dois=[said(pid) for pid in every(result, "pid") if attribute(pid, "classid") == "doi"],
        links=[said(link) for link in every(result, "children", "instance", "webresource", "url")],
        language=attribute(get(result, "language"), "classid"),
        country=attribute(next(iter(every(result, "country")), None), "classid"),
        keywords=[said(one) for one in every(result, "subject")],
        topics=_grants([one for one in related if _kind(one) == "project"]),
        organisations=[
            found
            for one in related
            if _kind(one) == "organization"
            for found in parties.organisation(
                said(one, "legalname"),
                country=country_code(attribute(get(one, "country"), "classid")),
                role="author",
            )
        ],
        authors=[said(one) for one in every(result, "creator")],
    )


def _kind(relation: Any) -> str:
    return attribute(get(relation, "to"), "type")


def _oaf_project(key: str, project: Any, source: Source) -> DocumentLine:
    tree = every(project, "fundingtree")
    stream = next((n for level in ("2", "1", "0") for t in tree if (n := _stream(t, level))), "")
    partners = [one for one in every(project, "rels", "rel") if _kind(one) == "organization"]
    return v.record(
        source,
        f"openaire:{key}",
        kind="project",
        title=said(project, "title"),
        text=said(project, "summary"),
        url=f"{_EXPLORE}/project?projectId={key}",
        published=v.first([day_or_none(said(project, "startdate"))], f"{key}: startdate"),
        keywords=said(project, "keywords").split(","),
        topics=_grants([project]),
        organisations=[
            found
            for one in partners
            for found in parties.organisation(
                said(one, "legalname"),
                country=country_code(attribute(get(one, "country"), "classid")),
                role="participant",
            )
        ],
        funding=v.funding(stream, v.amount(said(project, "fundedamount"))),
        licence=v.CC_BY,
    )


def _stream(tree: Any, level: str) -> str:
    return said(tree, f"funding_level_{level}", "name")
