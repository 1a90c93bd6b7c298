"""What the API readers share beyond `base`: records, languages, amounts."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from config.errors import SourceDrift
from config.models import Source
from crawlers.items import DocumentLine, document_line
from crawlers.readers.base import Reading, as_list, one_line, plain_text, read_records, shown

CC_BY = "CC-BY-4.0"
CC0 = "CC0-1.0"
ABSTRACTS = "abstract belongs to the publisher"

# --- documents ---------------------------------------------------------------

# Every repetition has a bound, so that no text makes the search slow.
_ADDRESS = re.compile(r"[ \t]?(?:mailto:)?[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}")


def record(
    source: Source, id: str, *, title: Any, text: Any = "", url: Any = "", **fields: Any
) -> DocumentLine:
    """`document_line` under the id of the API's own namespace (`arxiv:1612.00001`).

    The same record keeps its id whichever source of ours finds it. Title and text lose their
    markup and every e-mail address. ValueError when there is no id or nothing to read.
    """
    if not id.rpartition(":")[2]:
        raise ValueError("id: missing")
    heading = without_addresses(one_line(words(title)))
    if heading.count("\ufffd") * 5 > len(heading):
        raise ValueError(f"{id}: title: its letters were lost before it reached us")
    body = without_addresses(plain_text(words(text)))
    try:
        return {"id": id} | document_line(
            source, title=heading, text=body, url=web_address(url), **fields
        )
    except ValueError as exc:
        raise ValueError(f"{id}: {exc}") from exc


def web_address(value: Any) -> str:
    """*value* when it is an http address without gaps, else nothing: other links lead nowhere."""
    text = words(value).strip()
    return text if re.fullmatch(r"https?://[^\s/]\S{1,4000}", text, re.I) else ""


def words(value: Any) -> str:
    """*value* as text: the first filled one of a list, nothing for None; TypeError otherwise."""
    if isinstance(value, list):
        return next((words(one) for one in value if one), "")
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError(f"a text was expected, not {type(value).__name__}")
    return str(value)


def without_addresses(text: str) -> str:
    """*text* without e-mail addresses: they name persons and help no analysis."""
    return _ADDRESS.sub("", text) if "@" in text else text


def later(published: date, seen: date | None) -> date:
    """The day a document could be had: *seen* by the index, when that follows publication.

    More than a year apart means that an old text was indexed afresh: it was public before.
    """
    if seen is None or not 0 <= (seen - published).days <= 366:
        return published
    return seen


def first(values: Iterable[date | None], field: str) -> date:
    """The first day that is known; ValueError names the *field* that should have had it."""
    for value in values:
        if value is not None:
            return value
    raise ValueError(f"{field}: no date")


# --- envelopes ---------------------------------------------------------------


def envelope(value: Any, what: str) -> dict[str, Any]:
    """*value* as a JSON object; SourceDrift says what was expected."""
    if not isinstance(value, dict):
        raise SourceDrift(f"{what}: a JSON object was expected, not {type(value).__name__}")
    return value


def no_rows_for(total: int | None, rows: int, url: str = "") -> None:
    """Raise SourceDrift when the source reports hits and none is in the answer."""
    if total and not rows:
        raise SourceDrift(f"{total} hits are reported and the answer holds none {url}".rstrip())


def numbered_page(
    found: dict[str, Any],
    rows: list[Any],
    total: int | None,
    read_one: Callable[[Any], DocumentLine | None],
) -> Reading:
    """One page of an answer that counts its pages in `pageNumber` and `pageSize`."""
    page, size = number(found.get("pageNumber")) or 1, number(found.get("pageSize"))
    if page == 1:
        no_rows_for(total, len(rows))
    documents, rejected = read_records(rows, read_one)
    more = total is not None and rows and page * (size or len(rows)) < total
    return Reading(documents, total, str(page + 1) if more else None, rejected)


def number(value: Any) -> int | None:
    """A whole number, also when it comes as text; None when there is none."""
    try:
        return int(str(value).strip())
    except ValueError:
        return None


def is_web_page(body: bytes) -> bool:
    """Whether *body* begins like HTML."""
    head = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<!doctype html", b"<html"))


def not_html(body: bytes) -> None:
    """SourceDrift when *body* is a web page: sites answer 200 with their HTML shell."""
    if is_web_page(body):
        raise SourceDrift(f"a web page came instead of data; it begins {shown(body)}")


# --- values ------------------------------------------------------------------

_LANGUAGES = {
    "bul": "bg", "ces": "cs", "cze": "cs", "dan": "da", "deu": "de", "ger": "de", "ell": "el",
    "gre": "el", "eng": "en", "est": "et", "fin": "fi", "fra": "fr", "fre": "fr", "gle": "ga",
    "hrv": "hr", "hun": "hu", "ita": "it", "lav": "lv", "lit": "lt", "mlt": "mt", "nld": "nl",
    "dut": "nl", "nor": "no", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "slk": "sk",
    "slo": "sk", "slv": "sl", "spa": "es", "swe": "sv", "rus": "ru", "ukr": "uk", "zho": "zh",
    "chi": "zh", "jpn": "ja", "kor": "ko", "tur": "tr", "ara": "ar", "isl": "is", "ice": "is",
    "cat": "ca", "english": "en", "german": "de", "french": "fr", "spanish": "es",
    "italian": "it", "portuguese": "pt", "polish": "pl", "dutch": "nl",
}  # fmt: skip


def language_code(value: Any) -> str:
    """ISO 639-1 for `en`, `EN`, `en-GB`, `eng` or `English`; empty when it is unknown."""
    text = str(value or "").strip().lower()
    text = text if text in _LANGUAGES else re.split(r"[-_]", text)[0]
    if text in _LANGUAGES:
        return _LANGUAGES[text]
    return text if re.fullmatch(r"[a-z]{2}", text) else ""


def amount(value: Any) -> float | None:
    """An amount of money, with decimal point or comma.

    None for 0, which means unknown, and for sums beyond all budgets.
    """
    text = re.sub(r"[\s\u00a0]", "", str(value if value is not None else ""))
    if "," in text and "." not in text:
        text = text.replace(",", ".", 1) if text.count(",") == 1 else text.replace(",", "")
    elif "," in text:
        decimal = max(text.rfind(","), text.rfind("."))
        whole = re.sub(r"[.,]", "", text[:decimal])
        text = f"{whole}.{text[decimal + 1 :]}"
    if not re.fullmatch(r"\d{1,15}(?:\.\d*)?", text):
        return None
    money = float(text)
    return money if 0 < money < 1e12 else None


def funding(programme: str = "", amount_eu: float | None = None) -> dict[str, Any]:
    """The exchange format's `funding`, with what is known of it."""
    known: dict[str, Any] = {"programme": programme[:200]} if programme else {}
    return known | ({"amount_eu": amount_eu} if amount_eu else {})


def topic(scheme: str, code: Any, label: Any = "") -> dict[str, str]:
    """One topic of the exchange format."""
    return {"scheme": scheme, "code": words(code).strip(), "label": one_line(words(label))}


def nuts_code(value: Any) -> str:
    """A NUTS code of 2 to 5 characters, as the source gave it; empty when it is none."""
    text = str(value or "").strip().upper()
    return text if re.fullmatch(r"[A-Z]{2}[A-Z0-9]{0,3}", text) else ""


def doi(value: Any) -> str:
    """A bare DOI in lower case; empty when it is none."""
    found = re.search(r"10\.\d{4,9}/\S+", str(value or ""))
    return found[0].lower() if found else ""


def text_list(value: Any) -> list[str]:
    """The texts in a field that holds nothing, one or a list of them."""
    return [words(one) for one in as_list(value) if isinstance(one, str | int | float)]
