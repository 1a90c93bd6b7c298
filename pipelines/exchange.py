"""The document as it is exchanged: one JSON object a line, closed, checked on the way in.

`import jsonl`, landing files and `export documents` share it (docs/formats.md).
The model is also what every importer builds, so the same checks hold for bulk files.
"""

import codecs
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Annotated, Any, NoReturn

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictStr,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from config.errors import InputError
from config.models import NO_LICENCE, Kind, Model
from crawlers.readers.base import canonical_url
from crawlers.readers.countries import country_code

MAX_TEXT = 2_000_000  # characters; a longer "text" is a whole book or a broken export
MAX_LINE = 64_000_000  # bytes of one line that are read at all

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_ADDRESS = re.compile(r"https?://[^\s/]+(/\S*|\?\S*|#\S*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """The days a document may carry; both ends included."""

    earliest: date
    latest: date


# --- values --------------------------------------------------------------------


def clean(text: str) -> str:
    """*text* without what no screen shows: controls, byte order marks, lone surrogates.

    Line breaks and tabs stay. Each removed character leaves a space, so that words separated
    by a NUL stay two words.
    """
    if not text.isprintable() and _UNPRINTABLE.search(text):  # the first test is the fast one
        text = _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip()


def _one_line(text: str) -> str:
    if text.isprintable() and "  " not in text:  # what nearly all are; the rest is slow
        return text.strip()
    return " ".join(clean(text).split())


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(f"{_shown(value)} is not a day such as 2026-03-31")
    try:
        return date.fromisoformat(value)
    except ValueError as exc:
        raise ValueError(f"{_shown(value)}: {exc}") from exc


def _within(day: date, info: ValidationInfo) -> date:
    limits: Limits | None = info.context
    if limits and day > limits.latest:
        raise ValueError(f"{day} lies in the future")
    if limits and day < limits.earliest:
        raise ValueError(f"{day} is before {limits.earliest}, the earliest day kept")
    return day


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ValueError(f"{len(text):,} characters, more than the {MAX_TEXT:,} that are kept")
    return clean(text)


def _address(text: str) -> str:
    if text and not _ADDRESS.fullmatch(text):
        raise ValueError(f"{_shown(text)} is not an http or https address")
    return text


def _language(text: str) -> str:
    code = text.lower().partition("-")[0]
    if code and not re.fullmatch(r"[a-z]{2,3}", code):
        raise ValueError(f"{_shown(text)} is not a language code such as en")
    return code


def _country(text: str) -> str:
    code = country_code(text) if len(text) == 2 else ""
    if text and not code:
        raise ValueError(f"{_shown(text)} is not a country code such as DE")
    return code


def _nuts(text: str) -> str:
    if text and not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{0,3}", text):
        raise ValueError(f"{_shown(text)} is not a NUTS code such as DED21")
    return text


def _licence(text: str) -> str:
    return text or NO_LICENCE


def _shown(value: Any) -> str:
    return repr(value)[:60]


Day = Annotated[date, BeforeValidator(_day), AfterValidator(_within)]
Text = Annotated[StrictStr, AfterValidator(_short)]
Line = Annotated[StrictStr, AfterValidator(_one_line)]
Name = Annotated[Line, Field(min_length=1, max_length=500)]
Address = Annotated[Line, Field(max_length=4000), AfterValidator(_address)]
Money = Annotated[StrictFloat, Field(ge=0, le=1e12, allow_inf_nan=False)]


class _Part(Model):
    """A closed part of a record; null means the same as leaving the key out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, values: Any) -> Any:
        if isinstance(values, dict) and None in values.values():
            return {key: value for key, value in values.items() if value is not None}
        return values


class Topic(_Part):
    """A code of a classification."""

    scheme: Name = Field(description="the classification, e.g. euroscivoc")
    code: Name = Field(description="its code")
    label: Line = Field(default="", description="its name for readers")


class Participant(_Part):
    """Somebody who takes part in a document."""

    name: Name = Field(description="name as the source writes it")
    country: Annotated[Line, AfterValidator(_country)] = Field(
        default="", description="ISO 3166-1 code; EL and UK are understood"
    )
    nuts: Annotated[Line, AfterValidator(_nuts)] = Field(default="", description="NUTS code")
    role: Annotated[Line, Field(max_length=100)] = Field(default="", description="part it plays")


class Funding(_Part):
    """Public money behind a document."""

    programme: Annotated[Line, Field(max_length=200)] = Field(
        default="", description="programme that pays"
    )
    amount_eu: Money | None = Field(default=None, description="EU contribution in euros")


class Record(_Part):
    """One document as it is exchanged."""

    source: Annotated[Name, Field(max_length=100)] = Field(description="where it was read")
    kind: Kind = Field(description="project, publication, news, call, tender or patent")
    title: Annotated[Name, Field(max_length=2000)] = Field(description="its title")
    published: Day = Field(description="day it was published")
    text: Text = Field(default="", description="empty only when the title has 20 characters")
    available: Day | None = Field(default=None, description="day we could know; else published")
    id: Annotated[Line, Field(max_length=500)] = Field(
        default="", description="stable key; else derived from the address or the content"
    )
    url: Address = Field(default="", description="page a person would open")
    language: Annotated[Line, AfterValidator(_language)] = Field(
        default="", description="ISO 639-1 code, empty when not stated"
    )
    keywords: tuple[Annotated[Line, Field(max_length=500)], ...] = Field(
        default=(), description="the author's keywords"
    )
    topics: tuple[Topic, ...] = Field(default=(), description="codes of classifications")
    organisations: tuple[Participant, ...] = Field(default=(), description="who takes part")
    author_keys: tuple[Annotated[StrictStr, Field(pattern=r"^[0-9a-zA-Z_-]{1,64}$")], ...] = Field(
        default=(), description="one-way keys that tell groups of authors apart"
    )
    funding: Funding = Field(default_factory=Funding, description="public money behind it")
    licence: Annotated[Line, Field(max_length=200), AfterValidator(_licence)] = Field(
        default="", validate_default=True, description="its licence; else `none stated`"
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Record":
        if not self.text and len(self.title) < 20:
            raise ValueError("text is empty and the title has fewer than 20 characters")
        return self

    @property
    def key(self) -> str:
        """The given id, else one derived from the canonical address, else from the content."""
        if self.id:
            return self.id
        address = canonical_url(self.url) if self.url else ""
        content = "\n".join((self.kind, self.title, self.text, self.published.isoformat()))
        return f"{self.source}:{key_of(address or content)}"

    @property
    def known(self) -> date:
        """The day the document was available."""
        return self.available or self.published

    @property
    def full(self) -> str:
        """The text that is analysed, as `Document.full` has it."""
        return f"{self.title}\n{self.text}".strip()


def key_of(text: str) -> str:
    """A short stable key: same text, same key, on every machine and every run."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


# --- lines ---------------------------------------------------------------------


def read_line(line: str | bytes, where: str, limits: Limits | None = None) -> Record:
    """The record in one *line*; InputError names *where* and every key that is wrong."""
    return read_record(_parsed(line, where), where, limits)


def read_record(values: Any, where: str, limits: Limits | None = None) -> Record:
    """The record in *values*, a JSON object; InputError names *where* and the wrong keys."""
    try:
        return Record.model_validate(values, context=limits)
    except ValidationError as exc:
        raise InputError(f"{where}: {complaints(exc)}") from exc


def write_line(record: Record) -> str:
    """*record* as one line of JSON without its newline; what is empty is left out."""
    return json.dumps(as_values(record), ensure_ascii=False)


def as_values(record: Record) -> dict[str, Any]:
    """*record* as the JSON object of the contract, with the id and the day it was available."""
    values = record.model_dump(mode="json", exclude_defaults=True)
    if values.get("funding") == {}:
        del values["funding"]
    head = {"id": record.key} | {key: values.pop(key) for key in ("source", "kind", "title")}
    days = {"published": values.pop("published"), "available": record.known.isoformat()}
    values.pop("available", None)
    return head | {"text": record.text} | days | values


def complaints(error: ValidationError) -> str:
    """What pydantic found, one clause a key, in the words of our readers."""
    return "; ".join(_complaint(one) for one in error.errors(include_url=False))


def _complaint(one: Any) -> str:
    key = ".".join(map(str, one["loc"]))
    if one["type"] == "extra_forbidden":
        return f"{_printable(key)}: unknown key"
    message = str(one["msg"]).removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


def _printable(key: str) -> str:
    return key if key.isprintable() and len(key) <= 60 else repr(key)[:60]


def _parsed(line: str | bytes, where: str) -> Any:
    if isinstance(line, bytes):
        try:
            line = line.removeprefix(codecs.BOM_UTF8).decode()
        except UnicodeDecodeError as exc:
            raise InputError(f"{where}: not UTF-8 at byte {exc.start}") from exc
    try:
        values = _decoder.decode(line)
    except RecursionError as exc:
        raise InputError(f"{where}: nested too deeply") from exc
    except ValueError as exc:
        raise InputError(f"{where}: not JSON: {exc}") from exc
    if not isinstance(values, dict):
        raise InputError(f"{where}: a JSON object is expected, not {type(values).__name__}")
    return values


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"{_printable(key)} is given twice")
        values[key] = value
    return values


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


_decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)
