"""European Commission Press Corner: the search list and single documents."""

from typing import Any
from urllib.parse import quote

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _values as v
from crawlers.readers.base import Reading, as_list, day_or_none, parse_json, read_records

PAGES = "https://ec.europa.eu/commission/presscorner/detail"


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The press material in *body*: teasers of a list, or the full text of one document.

    `next` is the following page number, None on the last page.
    """
    v.not_html(body)
    if not body.strip():
        raise SourceDrift("an empty answer: this reference has no text")
    found = v.envelope(parse_json(body), "Press Corner")
    if "docuLanguageResource" in found or "refCd" in found:
        documents, rejected = read_records([found], lambda one: _document(one, source))
        return Reading(documents, rejected=rejected)
    rows, total = found.get("docuLanguageListResources"), v.number(found.get("totalNumber"))
    if not isinstance(rows, list):
        raise SourceDrift(
            f"docuLanguageListResources: missing; it holds {', '.join(sorted(found)[:8])}"
        )
    return v.numbered_page(found, rows, total, lambda one: _teaser(one, source))


def reference_of(document_id: str) -> str:
    """`IP/26/301` of the document id `presscorner:IP/26/301`."""
    return document_id.split(":")[1]


def _teaser(row: dict[str, Any], source: Source) -> DocumentLine:
    reference = v.words(row.get("refCode")).strip()
    language = v.language_code(row.get("languageCode"))
    return _line(
        source, reference, language, row.get("title"), row.get("leadText"), row.get("docutype"), row
    )


def _document(found: dict[str, Any], source: Source) -> DocumentLine:
    reference = v.words(found.get("refCd") or found.get("refCode")).strip()
    text = found.get("docuLanguageResource")
    if not isinstance(text, dict):
        raise ValueError(f"{reference}: docuLanguageResource is missing")
    language = v.language_code(text.get("language"))
    title, subtitle = v.words(text.get("title")), v.words(text.get("subtitle"))
    body = "\n".join(part for part in (subtitle, v.words(text.get("htmlContent"))) if part)
    return _line(source, reference, language, title, body, found.get("docutypeResource"), found)


def _line(
    source: Source, reference: str, language: str, title: Any, text: Any, kind: Any, found: Any
) -> DocumentLine:
    """One document. Spokespersons (`contactsResource`) stay out of it."""
    event, posted = (day_or_none(found.get(key)) for key in ("eventDate", "publishDate"))
    published = v.first((event, posted), f"{reference}: eventDate")
    topics = [v.topic("press_type", kind.get("code"), kind.get("description"))] if kind else []
    topics += [
        v.topic("eu_policy", one.get("code"), one.get("description"))
        for one in as_list(found.get("policiesResource"))
    ]
    return v.record(
        source,
        f"presscorner:{reference}" + (f":{language}" if language not in ("", "en") else ""),
        kind="news",
        title=title,
        text=text,
        url=page(reference, language or "en"),
        language=language or None,
        published=published,
        available=v.later(published, posted),
        topics=[topic for topic in topics if topic["code"]],
        licence=v.CC_BY,
    )


def page(reference: str, language: str = "en") -> str:
    """The page a person opens: `IP/26/301` is shown at `…/en/ip_26_301`."""
    return f"{PAGES}/{language}/{quote(reference.lower().replace('/', '_'))}"
