"""Who takes part in a document: organisations, never recognisable persons."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crawlers.readers._values import without_addresses, words
from crawlers.readers.base import one_line
from crawlers.readers.countries import country_code

_TITLED = re.compile(
    r"(?:mr|mrs|ms|miss|mme|herr|frau|sig|sra?|pan|pani|dr|prof(?:essor)?|ing|dipl)\b\.?", re.I
)
_PERSON = re.compile(
    r"natural person|physical person|private individual|nat[uü]rliche person|privatperson|"
    r"personne physique|persona f[ií]sica|pessoa singular|osoba fizyczna|fyzick[áa] osoba|"
    r"fizi[cč]na oseba|fizi[cč]ka osoba|fizinis asmuo|fizisk[āa] persona|luonnollinen henkil|"
    r"anonymi[sz]ed|\*{3}",
    re.I,
)
_SURNAME_FIRST = re.compile(
    r"[^\W\d_][\w'\u2019-]+, ?[^\W\d_][\w'\u2019.-]*(?: [^\W\d_][\w'\u2019.-]*)?"
)
_BODY = re.compile(
    r"\b(?:ltd|limited|llc|inc|corp|gmbh|ag|kg|e\.?v|se|sa|s\.a|sas|sarl|srl|s\.r\.l|spa|s\.p\.a|"
    r"s\.?l|bv|b\.v|nv|oy|oyj|ab|as|aps|a/s|uab|doo|d\.o\.o|sp|kft|zrt|s\.?r\.?o|a\.?s|"
    r"plc|asbl|vzw|eeig|universit\w*|institut\w*|\w*gesellschaft|\w*schule|college|"
    r"cent(?:re|er|rum|ro)|agency|association|foundation|fondation|stiftung|verein|company|"
    r"group|research|technolog\w*|laborator\w*|hospital|clinic|klinik\w*|council|ministry|"
    r"municipality|city|department|faculty|school|academy)\b",
    re.I,
)


def natural_person(name: str) -> bool:
    """Whether *name* is recognisably a human being's and not an organisation's.

    Only sure signs count (a form of address, `Surname, Given`, the words for a natural
    person): a wrong guess would cost an organisation its place in the evidence.
    """
    if _PERSON.search(name):
        return True
    if _BODY.search(name):
        return False
    return bool(_TITLED.match(name) or _SURNAME_FIRST.fullmatch(name.strip()))


def organisation(
    name: Any, *, country: str = "", nuts: str = "", role: str = ""
) -> Iterator[dict[str, str]]:
    """One participant of the exchange format, or none for an empty name or a natural person."""
    plain = without_addresses(one_line(words(name)))[:300].strip()
    if plain and not natural_person(plain):
        yield {"name": plain, "country": country, "nuts": nuts, "role": role}


def distinct(organisations: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """*organisations*, each name and role once, in their order."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for one in organisations:
        key = (one.get("name", "").casefold(), one.get("role", ""))
        kept = found.setdefault(key, dict(one))
        kept.update({k: v for k, v in one.items() if v and not kept.get(k)})
    return list(found.values())


# What names an institution within an affiliation line, the surest sign first.
_INSTITUTIONS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"universi|h[oö]gskol|hochschul|politec|polytech|institute of (?:science|technology)",
        r"\b(?:gmbh|ltd|inc|llc|corp|ag|s\.?p\.?a|s\.?a\.?s|s\.?r\.?l|b\.?v|a/s|oyj?|ab|plc)\b",
        r"hospital|klinik|clinic|college|academ|[eé]cole|gesellschaft|cnrs|inserm",
        r"institut|cent(?:re|er|rum|ro)\b|agency|laborator|council|foundation|ministry",
    )
)


def affiliation(value: Any, role: str = "author") -> Iterator[dict[str, str]]:
    """The institutions of a paper's affiliation line, with the country its last part names.

    Of `School of Reed, Example University, Lyon, France` the university stays: departments
    of one institution are not organisations of their own. Several lines are split at `;`.
    """
    text = without_addresses(one_line(words(value)))
    for line in re.sub(r"(?i)\belectronic address:?", ";", text).split(";"):
        parts = [part.strip(" .,") for part in line.split(",")]
        signs = (p for sign in _INSTITUTIONS for p in reversed(parts) if sign.search(p))
        name = next(signs, ", ".join(part for part in parts if part))
        yield from organisation(name, country=country_code(parts[-1]), role=role)
