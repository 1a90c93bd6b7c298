"""What every reader shares: the shape of its answer and the normalisers of awkward values."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from html.entities import html5
from typing import Any, Protocol
from urllib.parse import urldefrag, urljoin

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine
from crawlers.readers._markup import one_line as one_line
from crawlers.readers._markup import plain_text as plain_text
from crawlers.readers.countries import country_code as country_code


@dataclass(frozen=True, slots=True)
class Reading:
    """What one response body holds.

    `next` is what the source needs to be asked for the following page (an address, a cursor,
    a page number as text), None at the end of the list. `rejected` says for each record that
    could not be read what was wrong with it.
    """

    documents: list[DocumentLine] = field(default_factory=list)
    total: int | None = None  # what the source says it has for the query
    next: str | None = None
    rejected: list[str] = field(default_factory=list)
    cut_off: bool = False  # the body ends before its own end: what it holds is not all


class Reader(Protocol):
    """`read` of every module in `crawlers/readers`."""

    def __call__(self, body: bytes, *, source: Source, url: str = "") -> Reading:
        """The documents in *body*, fetched from *url*; SourceDrift when it is something else."""
        ...


def read_records(
    records: Iterable[Any], read_one: Callable[[Any], DocumentLine | None]
) -> tuple[list[DocumentLine], list[str]]:
    """Documents and rejections of *records*: one bad record does not cost the others.

    *read_one* returns None for a record that is not meant for us (an obituary in a news list)
    and raises ValueError, KeyError, TypeError, IndexError or AttributeError for a broken one.
    """
    documents, rejected = read_each(records, read_one)
    if rejected and not documents:
        raise SourceDrift(f"none of {len(rejected)} records can be read; {rejected[0]}")
    return documents, rejected


def read_each(
    records: Iterable[Any], read_one: Callable[[Any], DocumentLine | None], first: int = 1
) -> tuple[list[DocumentLine], list[str]]:
    """As `read_records` for a part of the records that may be bad as a whole; *first* is the
    number of its first one."""
    documents, rejected = [], []
    for number, record in enumerate(records, start=first):
        try:
            if record is None or isinstance(record, bool | int | float | str | list):
                raise TypeError(f"a record was expected, not {type(record).__name__}")
            document = read_one(record)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as exc:
            said = str(exc) if type(exc) is ValueError else f"{type(exc).__name__}: {exc}"
            rejected.append(f"record {number}: {said}"[:300])
            continue
        if document is not None:
            documents.append(document)
    return documents, rejected


# --- envelopes ---------------------------------------------------------------

_BEFORE = b"\xef\xbb\xbf \t\r\n"  # a byte order mark and blanks


def is_json(body: bytes) -> bool:
    """Whether *body* begins like JSON."""
    return body.lstrip(_BEFORE)[:1] in (b"{", b"[")


def is_xml(body: bytes) -> bool:
    """Whether *body* begins like XML."""
    return body.lstrip(_BEFORE)[:1] == b"<"


def parse_json(body: bytes) -> Any:
    """The JSON value in *body*; SourceDrift says what came instead."""
    try:
        return json.loads(body.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError) as exc:
        raise SourceDrift(f"not JSON ({exc}); it begins {shown(body)}") from exc


def parse_xml(body: bytes, *, recover: bool = False) -> Any:
    """The root element of *body* (lxml): no entities, no external references, no huge trees.

    HTML's named characters are put in; all other entities are left out, so an entity bomb
    yields empty text.
    SourceDrift when it is not XML.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise SourceDrift(f"not XML ({exc}); it begins {shown(body)}") from exc
    if root is None:
        raise SourceDrift(f"not XML; it begins {shown(body)}")
    if recover or root.getroottree().docinfo.doctype:  # else an unknown entity was an error
        for entity in list(root.iter(etree.Entity)):
            _put_character(entity)
    return root


def _put_character(entity: Any) -> None:
    """Put HTML's character in the place of an entity node; nothing for any other entity."""
    parent, before = entity.getparent(), entity.getprevious()
    text = html5.get(f"{entity.name};", "") + (entity.tail or "")
    entity.tail = None
    if before is not None:
        before.tail = (before.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    parent.remove(entity)


def shown(body: bytes) -> str:
    """The beginning of *body* for a message, printable and short."""
    return repr(body[:60].decode("utf-8", errors="replace").strip())


def as_list(value: Any) -> list[Any]:
    """A list of what is there: APIs give nothing, one thing or a list for the same field."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


# --- days --------------------------------------------------------------------

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?=$|[Tt ]|Z|[+-]\d\d:?\d\d$)")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?=$|T?\d{6})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})(?=$|[日T ])")
_HALF_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) .*[AP]M", re.IGNORECASE)  # American
_SLASHED_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?=$|[ T])")
_CORDIS_DAY = re.compile(r"(\d{1,2}) \{\{month_(\d{2})\}\} (\d{4})")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_NAMED_MONTH = re.compile(
    rf"\b(\d{{1,2}})[ -]({'|'.join(_MONTHS)})(?:uary|ruary|ch|il|e|y|ust|t|t?ember|ober)?"
    r"\.?[ -](\d{4})\b",
    re.IGNORECASE,
)
_LONGEST_DAY = 200  # characters; what is longer is a text
_YEAR = re.compile(r"\d{4}")


def parse_day(value: Any) -> date:
    """The calendar day in *value*, as the publisher wrote it, in any form our sources use.

    ISO days and times with or without zone, `20260501T210000Z`, `20260115`, RFC 822,
    `31/12/2024`, `1 {{month_07}} 2016`, Crossref's `date-parts`, `2026-06` and `2026` (their
    first day). ValueError when there is no day in it.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, dict):
        return _day_of_parts(value.get("date-parts"))
    text = str(value)[:_LONGEST_DAY].strip() if value is not None else ""
    # Before RFC 822's own rules: its weekdays, zones and midnights are often not as they say.
    if text[:1].isalpha() and (found := _NAMED_MONTH.search(text)):
        return _of_named_month(found)
    if found := _ISO_DAY.match(text):
        return date(int(found[1]), int(found[2]), int(found[3] or 1))
    if found := _COMPACT_DAY.match(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _YEAR_FIRST.match(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _HALF_DAY.match(text):
        return date(int(found[3]), int(found[1]), int(found[2]))
    if found := _SLASHED_DAY.match(text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    if found := _CORDIS_DAY.match(text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    if _YEAR.fullmatch(text):
        return date(int(text), 1, 1)
    if not text or not re.search(r"\d", text):
        raise ValueError(f"no day in {text!r}")
    if found := _NAMED_MONTH.search(text):
        return _of_named_month(found)
    try:
        return parsedate_to_datetime(text).date()
    except (TypeError, ValueError, IndexError) as exc:
        raise ValueError(f"no day in {text[:60]!r}") from exc


def _of_named_month(found: re.Match[str]) -> date:
    return date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))


def day_or_none(value: Any) -> date | None:
    """The day in *value*, or None when there is none."""
    try:
        return parse_day(value)
    except ValueError:
        return None


def day_in_words(value: str, language: str) -> date | None:
    """`3. September 2026` and the like; all of day, month and year (four digits) must be there."""
    if not re.search(r"\d{4}", value) or len(value) > 60:
        return None
    import dateparser

    settings = {"DATE_ORDER": "DMY", "STRICT_PARSING": True, "PREFER_DATES_FROM": "past"}
    for known in dict.fromkeys((language, "en")):
        try:
            found = dateparser.parse(value, languages=[known], settings=settings)
        except (ValueError, OverflowError):
            continue
        if found is not None:
            return parse_day(found)
    return None


def _day_of_parts(parts: Any) -> date:
    """Crossref's `[[2026, 6]]`; `[[null]]` means unknown."""
    if not (isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]):
        raise ValueError(f"no day in {parts!r}")
    if parts[0][0] is None:
        raise ValueError("the date parts are empty")
    year, month, day = [*(int(part) for part in parts[0] if part), 1, 1][:3]
    try:
        return date(year, month, day)
    except OverflowError as exc:
        raise ValueError(f"no day in {str(parts)[:60]}") from exc


# --- addresses ---------------------------------------------------------------

# Addresses that are in their canonical form already: most are, and seeing it is cheap.
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::(?!80\b|443\b)\d+)?(?:/(?!\.)[a-zA-Z0-9_~.-]+)+/?")
_SITE = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
_LONGEST_URL = 4000  # characters, as the exchange format has it
_DOUBLED = re.compile(r"^(https?):/{2,}", re.IGNORECASE)


def absolute_url(base: str, link: str | None) -> str:
    """*link* as it stands on the page *base*, in its canonical form; empty when it is none."""
    text = (link or "").strip()
    if len(text) > _LONGEST_URL:
        return ""
    if text.startswith("/") and not text.startswith("//") and (site := _SITE.match(base)):
        text = site[0] + text
    if _PLAIN.fullmatch(text):
        return text
    text = _DOUBLED.sub(r"\1://", text)
    try:
        return canonical_url(urljoin(base, text)) if text else ""
    except ValueError:  # such as "http://[half an address"
        return ""


@lru_cache(maxsize=4096)
def canonical_url(url: str | None) -> str:
    """*url* without tracking parameters, default port and fragment; empty when it is none.

    Only http and https count: a `javascript:` link from a feed must not reach a report.
    """
    text = (url or "").strip()
    if _PLAIN.fullmatch(text):
        return text
    text = _DOUBLED.sub(r"\1://", text)
    if not re.match(r"https?://[^/\s]", text, flags=re.IGNORECASE):
        return ""
    from courlan import clean_url  # takes long to load, and most addresses need no cleaning

    cleaned = clean_url(text)
    return urldefrag(cleaned).url if cleaned else ""
