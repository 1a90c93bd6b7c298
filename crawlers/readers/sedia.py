"""EU Funding & Tenders portal (SEDIA): the search and the details of single topics."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers import _parties as parties
from crawlers.readers import _values as v
from crawlers.readers.base import Reading, as_list, day_or_none, parse_json, read_records
from crawlers.readers.countries import country_code

_PORTAL = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities"
_BRUSSELS = ZoneInfo("Europe/Brussels")
_KINDS = {"0": "tender", "1": "call", "2": "call", "8": "call", "6": "project"}
_SCREENS = {"0": "tender-details", "8": "competitive-calls-cs"}


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The calls and tenders in *body*; `next` is the following page number."""
    v.not_html(body)
    found = v.envelope(parse_json(body), "SEDIA")
    if "TopicDetails" in found:
        documents, rejected = read_records([found["TopicDetails"]], lambda one: _topic(one, source))
        return Reading(documents, rejected=rejected)
    if "budgetTopicActionMap" in found:
        raise SourceDrift("a budget overview without the call it belongs to")
    results = found.get("results")
    if not isinstance(results, list):
        said = found.get("message") or found.get("error") or ", ".join(sorted(found)[:8])
        raise SourceDrift(f"results: missing; SEDIA says: {str(said)[:200]}")
    total = v.number(found.get("totalResults"))
    return v.numbered_page(found, results, total, lambda one: _result(one, source))


# --- search -------------------------------------------------------------------


def _result(one: dict[str, Any], source: Source) -> DocumentLine:
    """One hit; every value of its metadata is a list of texts, some of them JSON."""
    data = one.get("metadata")
    if not isinstance(data, dict):
        raise ValueError(f"{one.get('reference')}: metadata is missing")
    if data.get("projectId"):
        return _project(data, source)
    kind = _one(data, "type")
    key = _one(data, "identifier") or _one(data, "cftId") or _one(data, "callIdentifier")
    if kind == "8":
        key = key or _one(data, "caId") or _one(data, "ccm2Id")
    if not key:
        raise ValueError(f"{one.get('reference')}: identifier is missing")
    language = v.language_code(one.get("language") or _one(data, "language"))
    return v.record(
        source,
        f"sedia:{key}" + (f":{language}" if language not in ("", "en") else ""),
        kind=_KINDS.get(kind, "call"),
        title=_one(data, "title") or one.get("title") or one.get("summary"),
        text=_text(one, data),
        url=_page(kind, key, data),
        language="en" if language == "en" else "",  # other versions are often left in English
        published=_published(data, key),
        keywords=_keywords(data),
        topics=_topics(data),
        organisations=list(
            parties.organisation(_one(data, "cftLeadContractingAuthorityCode"), role="buyer")
        ),
        funding=v.funding(
            _one(data, "programmePeriod") and _programme(key),
            _budget(_json(_one(data, "budgetOverview")), key),
        ),
        licence=v.CC_BY,
    )


def _published(data: dict[str, Any], key: str) -> date:
    """The day it opened; for a forthcoming call the day the portal first showed it to us.

    Opening days lie ahead, and the search states no day of publication: what we hold is
    public by the day it was indexed.
    """
    fields = ("startDate", "es_SortDate", "esDA_IngestDate", "esDA_QueueDate")
    days = [day for field in fields if (day := day_or_none(_one(data, field)))]
    return v.first([min(days)] if days else [], f"{key}: startDate")


def _text(one: dict[str, Any], data: dict[str, Any]) -> str:
    parts = [_one(data, k) for k in ("descriptionByte", "destinationDetails", "description")]
    if not any(parts):
        parts = [v.words(one.get("summary")), v.words(one.get("content"))]
    return "\n".join(dict.fromkeys(part for part in parts if part))


def _one(data: dict[str, Any], field: str) -> str:
    """The first text of a metadata field."""
    return next(iter(v.text_list(data.get(field))), "").strip()


def _json(text: str) -> Any:
    """JSON inside a text, or None."""
    try:
        return json.loads(text) if text[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None


def _keywords(data: dict[str, Any]) -> list[str]:
    """Keywords and tags, plain or as a JSON list in a text; no identifiers."""
    found: list[str] = []
    for text in v.text_list(data.get("keywords")) + v.text_list(data.get("tags")):
        listed = _json(text)
        found += v.text_list(listed) if isinstance(listed, list) else [text]
    return [one for one in found if not re.fullmatch(r"[A-Z0-9]+(?:-[A-Za-z0-9]+){2,}", one)]


def _topics(data: dict[str, Any]) -> list[dict[str, str]]:
    call = v.topic("call", _one(data, "callIdentifier"), _one(data, "callTitle"))
    found = [call, v.topic("action", _one(data, "typesOfAction"), _one(data, "typesOfAction"))]
    status = _one(data, "status")
    found.append(v.topic("call_status", status, _STATUS.get(status, status)))
    found += [v.topic("cpv", code, code) for code in v.text_list(data.get("mainCpv"))]
    return [topic for topic in found if topic["code"]]


_STATUS = {"31094501": "forthcoming", "31094502": "open", "31094503": "closed"}


def _programme(key: str) -> str:
    """The programme as it stands at the head of an identifier: `HORIZON`, `CEF`, `ERASMUS`."""
    head = key.split("-")[0]
    return head if head.isupper() and head.isalpha() else ""


def _budget(overview: Any, key: str) -> float | None:
    """The call's own budget over all years: the entries whose action names *key*."""
    if not isinstance(overview, dict) or not isinstance(overview.get("budgetTopicActionMap"), dict):
        return None
    entries = [one for each in overview["budgetTopicActionMap"].values() for one in as_list(each)]
    own = [e for e in entries if str(e.get("action", "")).startswith(f"{key} - ")]
    years = [e.get("budgetYearMap") or {} for e in own if isinstance(e, dict)]
    return sum(v.amount(value) or 0 for year in years for value in year.values()) or None


def _page(kind: str, key: str, data: dict[str, Any]) -> str:
    screen = _SCREENS.get(kind, "topic-details")
    shown = _one(data, "cftId") if kind == "0" and _one(data, "cftId") not in ("", "0") else key
    return f"{_PORTAL}/{screen}/{quote(shown)}"


def _project(data: dict[str, Any], source: Source) -> DocumentLine:
    """A funded project of the portal's project index."""
    key = _one(data, "projectId")
    countries = [country_code(one) for one in v.text_list(data.get("countries"))]
    names = v.text_list(data.get("legalEntityNames"))
    paired = countries if len(countries) == len(names) else [""] * len(names)
    return v.record(
        source,
        f"sedia-project:{key}",
        kind="project",
        title=_one(data, "title") or _one(data, "acronym"),
        text=_one(data, "objective") or _one(data, "description"),
        url=f"https://cordis.europa.eu/project/id/{key}",
        published=v.first([day_or_none(_one(data, "startDate"))], f"{key}: startDate"),
        topics=[
            v.topic("call_topic", one, one) for one in v.text_list(data.get("topicAbbreviation"))
        ],
        organisations=[
            found
            for name, country in zip(names, paired, strict=True)
            for found in parties.organisation(name, country=country)
        ],
        funding=v.funding(amount_eu=v.amount(_one(data, "euContributionAmount"))),
        licence=v.CC_BY,
    )


# --- topic details ------------------------------------------------------------


def _topic(one: dict[str, Any], source: Source) -> DocumentLine:
    """`topicDetails/<identifier>.json`, which alone states the day of publication."""
    key = v.words(one.get("identifier"))
    action = next(iter(as_list(one.get("actions"))), None) or {}
    days = (_moment(one.get("publicationDateLong")), _moment(action.get("plannedOpeningDate")))
    kind = v.words(one.get("type"))
    if kind == "0" and not v.number(one.get("cftId")):
        kind = "1"
    overview = one.get("budgetOverviewJSONItem") or _json(v.words(one.get("budgetOverview")))
    programme = one.get("frameworkProgramme") or {}
    parts = [v.words(one.get(k)) for k in ("description", "destinationDetails")]
    divisions = as_list(one.get("programmeDivision"))
    topics = [v.topic("call", one.get("callIdentifier"), one.get("callTitle"))]
    topics += [v.topic("programme", d.get("abbreviation"), d.get("description")) for d in divisions]
    return v.record(
        source,
        f"sedia:{key}",
        language="en",
        kind=_KINDS.get(kind, "call"),
        title=one.get("title") or one.get("callTitle"),
        text="\n".join(part for part in parts if part),
        url=f"{_PORTAL}/{_SCREENS.get(kind, 'topic-details')}/{quote(key)}",
        published=v.first(days, f"{key}: publicationDateLong"),
        keywords=v.text_list(one.get("keywords")),
        topics=[topic for topic in topics if topic["code"]],
        funding=v.funding(v.words(programme.get("abbreviation")), _budget(overview, key)),
        licence=v.CC_BY,
    )


def _moment(value: Any) -> date | None:
    """Milliseconds since 1970 as the day in Brussels, or a day as text (`11 July 2024`)."""
    text = v.words(value).strip()
    if re.fullmatch(r"\d{12,13}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC).astimezone(_BRUSSELS).date()
    for form in ("%d %B %Y", "%b %d, %Y %I:%M:%S %p"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return day_or_none(text)
