"""OpenAlex works: a list with its cursor, or one work."""

from collections.abc import Iterator
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers.base import Reading, as_list, day_or_none, parse_json, read_records
from crawlers.readers.countries import country_code

_ENTITIES = {
    "A": "author", "S": "source", "I": "institution", "C": "concept", "T": "topic",
    "F": "funder", "P": "publisher", "K": "keyword", "G": "grant",
}  # fmt: skip
_MAX_WORDS = 20_000  # positions of an inverted index beyond this are no abstract


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The works in *body*; `next` is the cursor of the following page."""
    v.not_html(body)
    found = parse_json(body)
    if isinstance(found, list):
        found = {"meta": {}, "results": found}
    found = v.envelope(found, "OpenAlex")
    if "error" in found:
        raise SourceDrift(f"OpenAlex says: {found['error']}: {found.get('message', '')}"[:300])
    if "results" not in found and "id" in found:
        if other := _other_entity(found):
            raise SourceDrift(other)
        found = {"meta": {}, "results": [found]}
    meta, results = found.get("meta"), found.get("results")
    if not results and found.get("group_by"):
        raise SourceDrift("counts of groups (group_by), no works")
    if not isinstance(results, list) or not isinstance(meta, dict):
        raise SourceDrift(f"meta or results: missing; it holds {', '.join(sorted(found)[:8])}")
    total, cursor = v.number(meta.get("count")), meta.get("next_cursor")
    if _is_first_page(url):
        v.no_rows_for(total, len(results))
    documents, rejected = read_records(results, lambda one: _document(one, source))
    return Reading(documents, total, str(cursor) if cursor and results else None, rejected)


def _is_first_page(url: str) -> bool:
    """Later pages of a cursor may be empty: that is how the list ends."""
    return "cursor=*" in url or "cursor=%2A" in url or "cursor=" not in url


def _other_entity(entity: dict[str, Any]) -> str:
    """What *entity* is when it is no work; empty for a work."""
    path = str(entity.get("id") or "").rpartition("openalex.org/")[2]
    key = path.rpartition("/")[2]
    if path.startswith("keywords/"):
        return f"{key}: an OpenAlex keyword, not a work"
    if key[:1] in _ENTITIES:
        return f"{key}: an OpenAlex {_ENTITIES[key[0]]}, not a work"
    return "" if key.startswith("W") else f"id: {entity.get('id')!r} is not a work's"


def _document(work: dict[str, Any], source: Source) -> DocumentLine:
    key = str(work.get("id") or "").rpartition("/")[2]
    if other := _other_entity(work):
        raise ValueError(other)
    if work.get("is_retracted") is True:
        raise ValueError(f"{key}: retracted")
    published = v.first(
        (day_or_none(work.get("publication_date")), day_or_none(work.get("publication_year"))),
        f"{key}: publication_date",
    )
    location = work.get("primary_location") or {}
    return v.record(
        source,
        f"openalex:{key}",
        kind="publication",
        title=work.get("title") or work.get("display_name"),
        text=_abstract(work.get("abstract_inverted_index")) or v.words(work.get("abstract")),
        url=work.get("doi") or location.get("landing_page_url") or f"https://openalex.org/{key}",
        language=v.language_code(work.get("language")),
        published=published,
        available=v.later(published, day_or_none(work.get("created_date"))),
        keywords=[_keyword(one) for one in as_list(work.get("keywords"))],
        topics=_topics(work),
        organisations=parties.distinct(_organisations(work)),
        authors=[_author(one) for one in as_list(work.get("authorships"))],
        licence=v.CC0,
    )


def _abstract(index: Any) -> str:
    """The text of an inverted index `{word: [positions]}`; gaps and duplicates occur."""
    if not isinstance(index, dict):
        return ""
    if "InvertedIndex" in index:  # older records wrap it
        return _abstract(index["InvertedIndex"])
    pairs = sorted(
        (position, word)
        for word, positions in index.items()
        for position in as_list(positions)
        if isinstance(position, int)
    )
    return " ".join(word for _, word in pairs[:_MAX_WORDS])


def _keyword(one: Any) -> str:
    """Older records have plain words, or call the name `keyword`."""
    if isinstance(one, dict):
        return v.words(one.get("display_name") or one.get("keyword"))
    return v.words(one)


def _author(authorship: Any) -> str:
    author = authorship.get("author") or {}
    return str(author.get("display_name") or authorship.get("raw_author_name") or "")


def _topics(work: dict[str, Any]) -> list[dict[str, str]]:
    """The work's topics, the field of the first, and the grants behind it."""
    kinds = ("topics", "primary_topic", "concepts")  # the last only of older records
    listed = next(filter(None, (as_list(work.get(kind)) for kind in kinds)), [])
    found = [v.topic("openalex", _key(one), one.get("display_name")) for one in listed]
    field = (work.get("primary_topic") or {}).get("field") or {}
    found.append(v.topic("openalex_field", _key(field), field.get("display_name")))
    for award in as_list(work.get("awards")) + as_list(work.get("grants")):
        code = award.get("funder_award_id") or award.get("award_id")
        found.append(v.topic("grant", code, award.get("funder_display_name")))
    return [topic for topic in found if topic["code"]]


def _key(entity: dict[str, Any]) -> str:
    return str(entity.get("id") or "").rpartition("/")[2]


def _organisations(work: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Institutions that were recognised, and raw affiliations that were not.

    An affiliation without institution is typically a young company: worth keeping.
    """
    for authorship in as_list(work.get("authorships")):
        for one in as_list(authorship.get("institutions")):
            country = country_code(one.get("country_code"))
            yield from parties.organisation(one.get("display_name"), country=country, role="author")
        lines = [
            one.get("raw_affiliation_string")
            for one in as_list(authorship.get("affiliations"))
            if one.get("institution_ids") == []
        ]
        if not authorship.get("institutions") and not authorship.get("affiliations"):
            lines = v.text_list(authorship.get("raw_affiliation_strings"))
        for line in lines:
            yield from parties.affiliation(line, "affiliation")
