"""EPO Open Patent Services: bibliographic data and abstracts, as XML or its JSON rendering."""

import re
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers._tree import child, children, descendants, local, text_at
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

_COUNTRY = re.compile(r"\s*\[([A-Z]{2})\]\s*$")


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """One patent per family; `next` is the first number of the following range.

    "No results found" is an answer and comes as a fault with status 404.
    """
    v.not_html(body)
    root = _from_json(parse_json(body)) if is_json(body) else parse_xml(body)
    if local(root) == "fault":
        message = text_at(root, "message")
        if "no results found" in message.lower():
            return Reading(total=0)
        raise SourceDrift(f"EPO says {text_at(root, 'code')}: {message[:200]}")
    if local(root) not in ("world-patent-data", "exchange-documents", "exchange-document"):
        raise SourceDrift(f"not patent data: the root element is {local(root)!r}")
    search = next(iter(descendants(root, "biblio-search")), None)
    found = descendants(root, "exchange-document")
    total = v.number(search.get("total-result-count")) if search is not None else None
    shown = child(search, "range")
    end = v.number(shown.get("end")) if shown is not None else None
    v.no_rows_for(total, len(found))
    patents, rejected = read_records(found, lambda one: _patent(one, source))
    documents = list({patent["id"]: patent for patent in reversed(patents)}.values())[::-1]
    if len(documents) < len(patents):
        rejected.append(f"{len(patents) - len(documents)} of a family that is here already")
    following = str(end + 1) if total and end and end < min(total, 2000) else None
    return Reading(documents, total, following, rejected)


def _from_json(found: Any) -> Any:
    """The XML behind a JSON answer: attributes under `@name`, text under `$`."""
    from lxml import etree

    holder = etree.Element("json")
    stack = [(holder, v.envelope(found, "EPO"))]
    try:
        while stack:
            element, values = stack.pop()
            for key, value in values.items():
                name = key.rpartition(":")[2].lstrip("@")
                if key == "$":
                    element.text = v.words(value)
                elif key.startswith("@"):
                    element.set(name, v.words(value))
                else:
                    for one in as_list(value):
                        inner = etree.SubElement(element, name)
                        stack.append((inner, one if isinstance(one, dict) else {"$": one}))
    except (ValueError, TypeError) as exc:  # names and signs that XML has not
        raise SourceDrift(f"not EPO's JSON: {exc}") from exc
    return next(iter(holder), holder)


def _patent(one: Any, source: Source) -> DocumentLine:
    number = "".join(one.get(key, "") for key in ("country", "doc-number", "kind"))
    if one.get("status") == "not found":
        raise ValueError(f"{number}: not found")
    data = child(one, "bibliographic-data")
    references = children(child(data, "publication-reference"), "document-id")
    days = (day_or_none(text_at(reference, "date")) for reference in references)
    title, language = _chosen(children(data, "invention-title"))
    abstract, _ = _chosen(children(one, "abstract"))
    return v.record(
        source,
        f"epo:{one.get('family-id') or number}",
        kind="patent",
        title=title,
        text=abstract,
        url=f"https://worldwide.espacenet.com/patent/search?q=pn%3D{number}",
        language=language,
        published=v.first(days, f"{number}: publication date"),
        topics=_classes(data),
        organisations=parties.distinct(
            found for applicant in _applicants(data) for found in _applicant(applicant)
        ),
        licence="EPO terms of use",
    )


def _chosen(elements: list[Any]) -> tuple[str, str]:
    """The English text, else the first, and its language."""
    elements = sorted(elements, key=lambda one: one.get("lang") != "en")
    if not elements:
        return "", ""
    text = "\n".join(part.strip() for part in elements[0].itertext() if part.strip())
    return text, v.language_code(elements[0].get("lang"))


def _classes(data: Any) -> list[dict[str, str]]:
    """IPC and CPC symbols in their usual spelling: `H01M 10/0562`."""
    codes = []
    for one in descendants(child(data, "classifications-ipcr"), "text"):
        found = re.match(r"\s*([A-H]\d{2}[A-Z])\s*(\d+)/\s*(\d+)", one.text or "")
        if found:
            codes.append(("ipc", f"{found[1]} {found[2]}/{found[3]}"))
    for one in descendants(child(data, "patent-classifications"), "patent-classification"):
        parts = [text_at(one, name) for name in ("section", "class", "subclass")]
        group, sub = text_at(one, "main-group"), text_at(one, "subgroup")
        if all(parts) and group and sub:
            codes.append(("cpc", f"{''.join(parts)} {group}/{sub}"))
    return [v.topic(scheme, code, code) for scheme, code in dict.fromkeys(codes)]


def _applicants(data: Any) -> list[Any]:
    """Applicants in the epodoc spelling, which carries the country; never inventors."""
    listed = children(child(data, "parties", "applicants"), "applicant")
    return [one for one in listed if one.get("data-format") == "epodoc"] or listed


def _applicant(applicant: Any) -> list[dict[str, str]]:
    name = text_at(applicant, "applicant-name", "name").rstrip(",")
    country = _COUNTRY.search(name)
    return list(
        parties.organisation(
            _COUNTRY.sub("", name).strip(" ,"),
            country=country_code(country[1]) if country else "",
            role="applicant",
        )
    )
