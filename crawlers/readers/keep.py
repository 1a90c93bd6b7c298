"""Keep.eu, Interreg projects: the open-data file, the public list and single projects."""

from collections.abc import Iterator
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers.base import Reading, as_list, day_or_none, parse_json, read_records
from crawlers.readers.countries import country_code

_SITE = "https://keep.eu/projects"
_ROLES = {"lead": "coordinator", "partner": "participant"}


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The projects in *body*, at whatever depth; `next` is not told by this source."""
    v.not_html(body)
    found = parse_json(body)
    if isinstance(found, dict) and not found.get("project_id"):
        said = found.get("detail") or found.get("error") or found.get("message")
        if said:
            raise SourceDrift(f"Keep.eu says: {str(said)[:200]}")
    projects = list(_projects(found))
    total = v.number(found.get("count")) if isinstance(found, dict) else None
    if not projects and not _is_empty_list(found):
        raise SourceDrift("no project (project_id) anywhere in it")
    v.no_rows_for(total, len(projects))
    documents, rejected = read_records(projects, lambda one: _document(one, source))
    return Reading(documents, total, rejected=rejected)


def _is_empty_list(found: Any) -> bool:
    """Whether the envelope is there with nothing in it."""
    if isinstance(found, dict):
        return any(found.get(key) == [] for key in ("results", "projects", "Projects"))
    return bool(found == [])


def _projects(found: Any) -> Iterator[dict[str, Any]]:
    """Every object with a `project_id`, without recursion; programmes hold their projects."""
    stack: list[tuple[Any, dict[str, Any]]] = [(found, {})]
    while stack:
        node, programme = stack.pop()
        if isinstance(node, list):
            stack += [(one, programme) for one in reversed(node)]
        elif isinstance(node, dict) and node.get("project_id"):
            yield {"programme": programme, **node}
        elif isinstance(node, dict):
            title = node.get("title") or node.get("programme_name") or node.get("name")
            inner = {"title": title} if isinstance(title, str) else programme
            stack += [(one, inner) for one in reversed(list(node.values()))]


def _document(one: dict[str, Any], source: Source) -> DocumentLine:
    key = v.words(one["project_id"])
    programme = one.get("programme")
    named = programme.get("title") if isinstance(programme, dict) else programme
    days = (day_or_none(_said(one, *names)) for names in (("start_date",), ("project_start_date",)))
    return v.record(
        source,
        f"keep:{key}",
        kind="project",
        title=_said(one, "name", "project_name", "name_en", "title", "acronym"),
        text=_said(one, "description", "project_description", "description_en", "summary"),
        url=f"{_SITE}/{key}/",
        published=v.first(days, f"{key}: start_date"),
        keywords=v.text_list(one.get("thematics")) + _labels(one.get("themes")),
        organisations=parties.distinct(_partners(one)),
        funding=v.funding(v.words(named), v.amount(_said(one, "eu_funding", "total_eu_funding"))),
        licence="reuse with attribution to keep.eu",
    )


def _said(one: dict[str, Any], *names: str) -> str:
    """The first filled field of *names*; a text with translations gives the English one."""
    for name in names:
        value = one.get(name)
        if isinstance(value, dict):
            given = value.get("translations")
            inner = given if isinstance(given, dict) else value
            value = inner.get("en") or value.get("name") or value.get("text")
        if isinstance(value, str | int | float) and str(value).strip():
            return str(value).strip()
    return ""


def _labels(value: Any) -> list[str]:
    """Names of themes, given as texts or as objects."""
    return [
        _said(one, "name", "title", "label") if isinstance(one, dict) else v.words(one)
        for one in as_list(value)
    ]


def _partners(one: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Partnerships: each holds a partner, its country and whether it leads."""
    for each in as_list(one.get("partnerships") or one.get("partners")):
        partner = each.get("partner", each)
        name = _said(partner, "name") if isinstance(partner, dict) else v.words(partner)
        country = _said(each, "country") or (
            _said(partner, "country") if isinstance(partner, dict) else ""
        )
        kind = _said(each, "type", "role").lower()
        if "private person" in _said(each, "legal_status").lower():
            continue
        yield from parties.organisation(
            name,
            country=country_code(country),
            nuts=v.nuts_code(_said(each, "nuts3", "nuts_3", "nuts")),
            role=_ROLES.get(kind, kind),
        )


def identifiers(body: bytes) -> list[str]:
    """The project ids of a list page, newest first; SourceDrift when there is no list."""
    found = parse_json(body)
    projects = list(_projects(found))
    if not projects and not _is_empty_list(found):
        raise SourceDrift("no project (project_id) anywhere in the list")
    return [v.words(one["project_id"]) for one in projects]
