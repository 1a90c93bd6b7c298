"""TED: the notice search (JSON) and single notices in eForms (XML)."""

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
    is_xml,
    parse_json,
    parse_xml,
    read_records,
)
from crawlers.readers.countries import country_code

_NOTICES = {"ContractNotice", "ContractAwardNotice", "PriorInformationNotice"}
# Fields may be asked for by their short names, and then come under them.
_SHORT = {
    "ND": "publication-number", "PD": "publication-date", "TI": "notice-title",
    "AU": "buyer-name", "CY": "buyer-country", "PC": "classification-cpv",
    "OL": "official-language",
}  # fmt: skip


def read(body: bytes, *, source: Source, url: str = "") -> Reading:
    """The notices in *body*; `next` is the iteration token."""
    v.not_html(body)
    if is_xml(body):
        root = parse_xml(body)
        if local(root) == "BusinessRegistrationInformationNotice":
            raise SourceDrift("the registration of a business, no procurement")
        if local(root) not in _NOTICES:
            raise SourceDrift(f"not an eForms notice: the root element is {local(root)!r}")
        documents, rejected = read_records([root], lambda one: _eform(one, source))
        return Reading(documents, rejected=rejected)
    found = v.envelope(parse_json(body), "TED")
    if {"publication-number", "ND"} & found.keys():
        found = {"notices": [found]}
    notices = found.get("notices")
    if not isinstance(notices, list):
        said = found.get("message") or found.get("error") or ", ".join(sorted(found)[:8])
        raise SourceDrift(f"notices: missing; TED says: {str(said)[:200]}")
    if found.get("timedOut") is True:
        raise SourceDrift("timedOut: the answer is partial")
    total, token = v.number(found.get("totalNoticeCount")), found.get("iterationNextToken")
    documents, rejected = read_records(notices, lambda one: _notice(one, source))
    return Reading(documents, total, str(token) if token and notices else None, rejected)


# --- search -------------------------------------------------------------------


def _notice(one: dict[str, Any], source: Source) -> DocumentLine:
    """A notice of the search. Texts come by language: English first, else the original."""
    one = {_SHORT.get(name, name): value for name, value in one.items()}
    key = v.words(one.get("publication-number"))
    languages = [str(code).lower() for code in as_list(one.get("official-language"))]
    title, language = _chosen(one.get("notice-title"), languages)
    described = one.get("description-lot") or one.get("description-proc")
    text, _ = _chosen(described, [language, *languages])
    buyers, _ = _chosen(one.get("buyer-name"), [language, *languages], many=True)
    countries = [country_code(code) for code in v.text_list(one.get("buyer-country"))]
    places = v.text_list(one.get("place-of-performance-subdiv-lot"))
    currencies = set(v.text_list(one.get("estimated-value-cur-lot")))
    values = [v.amount(value) or 0 for value in v.text_list(one.get("estimated-value-lot"))]
    return v.record(
        source,
        f"ted:{key}",
        kind="tender",
        title=title,
        text=text,
        url=_page(one, key),
        language=v.language_code(language),
        published=v.first(
            [day_or_none(v.words(one.get("publication-date")))], f"{key}: publication-date"
        ),
        topics=_topics(v.text_list(one.get("classification-cpv")), places),
        organisations=parties.distinct(
            found
            for number, name in enumerate(as_list(buyers))
            for found in parties.organisation(
                name, country=(countries[number : number + 1] or countries[:1] or [""])[0],
                role="buyer",
            )
        ),
        funding=v.funding(amount_eu=sum(values) if currencies == {"EUR"} else None),
        licence="reuse with source",
    )  # fmt: skip


def _chosen(value: Any, languages: list[str], *, many: bool = False) -> tuple[Any, str]:
    """The text in English, else in the first of *languages*, else any; and its language.

    With *many* all texts of that language come as a list, otherwise joined.
    """
    if not isinstance(value, dict):
        texts, language = v.text_list(value), next(iter(languages), "")
    else:
        order = ["eng", *languages, *sorted(value)]
        language = next((code for code in order if value.get(code)), "")
        texts = v.text_list(value.get(language))
    texts = list(dict.fromkeys(texts))
    return (texts if many else "\n".join(texts)), language


def _page(one: dict[str, Any], key: str) -> str:
    pages = (one.get("links") or {}).get("html") or {}
    listed = pages.get("ENG") or next(iter(pages.values()), "") if isinstance(pages, dict) else ""
    return str(listed or f"https://ted.europa.eu/en/notice/-/detail/{key}")


def _topics(cpv: list[str], places: list[str]) -> list[dict[str, str]]:
    found = [v.topic("cpv", code, code) for code in dict.fromkeys(cpv)]
    nuts = (v.nuts_code(place) for place in dict.fromkeys(places))
    return found + [v.topic("nuts", code, code) for code in nuts if len(code) > 2]


# --- eForms -------------------------------------------------------------------


def _eform(root: Any, source: Source) -> DocumentLine:
    """One notice in eForms: the published one has a number, a draft its notice id."""
    publication = next(iter(descendants(root, "Publication")), None)
    number = text_at(publication, "NoticePublicationID")
    key = number or text_at(root, "ID")
    code = text_at(root, "NoticeLanguageCode")
    project = child(root, "ProcurementProject")
    if project is None:
        raise ValueError(f"{key}: ProcurementProject is missing")
    parts = [project, *(child(lot, "ProcurementProject") for lot in _lots(root))]
    texts = [_spoken(part, "Description", code) for part in parts if part is not None]
    headings = [_spoken(part, "Name", code) for part in parts if part is not None]
    title = next(filter(None, headings), "")
    total = child(project, "RequestedTenderTotal", "EstimatedOverallContractAmount")
    in_euro = total is not None and total.get("currencyID") == "EUR"
    days = (text_at(publication, "PublicationDate"), text_at(root, "IssueDate"))
    cpv = descendants(project, "ItemClassificationCode")
    places = descendants(project, "CountrySubentityCode")
    return v.record(
        source,
        f"ted:{number}" if number else f"ted-notice:{key}",
        kind="tender",
        title=title,
        text="\n".join(part for part in dict.fromkeys(texts + headings) if part not in ("", title)),
        url=f"https://ted.europa.eu/en/notice/-/detail/{number}" if number else "",
        language=v.language_code(_language(project, code)),
        published=v.first(map(day_or_none, days), f"{key}: IssueDate"),
        topics=_topics([one.text or "" for one in cpv], [one.text or "" for one in places]),
        organisations=parties.distinct(_buyers(root, code)),
        funding=v.funding(amount_eu=v.amount(total.text) if in_euro else None),
        licence="reuse with source",
    )


def _lots(root: Any) -> list[Any]:
    return children(root, "ProcurementProjectLot")


def _language(project: Any, code: str) -> str:
    """English when the notice has it, else its own language."""
    given = {one.get("languageID", "") for one in children(project, "Name")}
    return "ENG" if "ENG" in given or not code else code


def _spoken(element: Any, name: str, code: str) -> str:
    """The child *name* in English, else in the notice's language, else the first."""
    texts = {one.get("languageID", ""): (one.text or "").strip() for one in children(element, name)}
    order = ["ENG", code, *texts]
    return next((texts[language] for language in order if texts.get(language)), "")


def _buyers(root: Any, code: str) -> list[dict[str, str]]:
    """The contracting parties, and the tenderers that it names; no persons."""
    buyers = {
        text_at(party, "Party", "PartyIdentification", "ID")
        for party in children(root, "ContractingParty")
    }
    tenderers = {
        text_at(one, "ID")
        for party in descendants(root, "TenderingParty")
        for one in children(party, "Tenderer")
    }
    found: list[dict[str, str]] = []
    for organisation in descendants(root, "Organization"):
        company = child(organisation, "Company")
        key = text_at(company, "PartyIdentification", "ID")
        if company is None or _is_person(organisation) or key not in buyers | tenderers:
            continue
        address = child(company, "PostalAddress")
        found += parties.organisation(
            _party_name(company, code),
            country=country_code(text_at(address, "Country", "IdentificationCode")),
            nuts=v.nuts_code(text_at(address, "CountrySubentityCode")),
            role="buyer" if key in buyers else "tenderer",
        )
    return found


def _is_person(organisation: Any) -> bool:
    return text_at(organisation, "NaturalPersonIndicator").lower() == "true"


def _party_name(company: Any, code: str) -> str:
    """A party has one PartyName per language."""
    texts = {
        name.get("languageID", ""): (name.text or "").strip()
        for party in children(company, "PartyName")
        for name in children(party, "Name")
    }
    return next((texts[one] for one in ("ENG", code, *texts) if texts.get(one)), "")
