"""CORDIS bulk files: the official zips, or a folder with their CSV or JSON members.

Organisations, topics and fields of science are read first and kept as four bytes a row beside
one copy of each distinct one, so that all of Horizon Europe fits in some tens of megabytes.

A project is published, and available, on the day the grant was signed; without that day, on
its start or the last change of its page, whichever was earlier. The weekly crawl of CORDIS
dates and keys projects the same way.
"""

import json
import re
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.errors import InputError
from crawlers.readers.base import day_or_none, plain_text
from crawlers.readers.countries import country_code
from pipelines.exchange import Limits, Participant, Topic
from pipelines.importing.rows import Folder, Read, Reject, checked
from pipelines.importing.tables import Cells, read_table

SHARED = {"source": "cordis", "kind": "project", "language": "en", "licence": "CC-BY-4.0"}
SITE = "https://cordis.europa.eu/project/id/"

_NUTS = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")
_PROJECTS = re.compile(r"(?:cordis-.*)?projects?\.(?:csv|json)")

PROJECT = (
    *("acronym", "objective", "keywords", "frameworkprogramme", "ecmaxcontribution"),
    *("ecsignaturedate", "startdate", "contentupdatedate"),
)

Part = tuple[str, str, str, str, str]  # what it adds to, and the fields of that
PartOf = Callable[[Cells], Part | None]


def read(path: Path, limits: Limits) -> Iterator[Read]:
    """Records and rejects of one zip, folder, or `project.csv` with its neighbours."""
    if path.is_file() and path.suffix.lower() in (".csv", ".json"):
        yield from _read(path.parent, limits)
        return
    if path.is_dir() and (zips := sorted(path.glob("*.zip"))):
        for one in zips:
            yield from _read(one, limits)
        return
    yield from _read(path, limits)


def _read(path: Path, limits: Limits) -> Iterator[Read]:
    parts = Parts()
    with Folder(path) as folder:
        projects = folder.find(lambda name: bool(_PROJECTS.fullmatch(name)))
        if not projects:
            raise InputError(f"{path}: no project.csv or project.json in it")
        for stem in PARTS:
            member = folder.find(lambda name, stem=stem: name in (f"{stem}.csv", f"{stem}.json"))  # type: ignore[misc]
            if member:
                yield from _collect(parts, folder, member, stem)
        yield from _projects(parts, folder, projects, limits)


# --- what belongs to a project -----------------------------------------------------


class Parts:
    """Participants and topics by project, in the order they came."""

    def __init__(self) -> None:
        self._numbers: dict[Part, int] = {}  # each distinct part, and its place in `_built`
        self._built: list[Participant | Topic | None] = []
        self._of: dict[int, array[int]] = {}

    def add(self, project: int, part: Part) -> None:
        """Let *part* belong to *project*; one of nothing but unprintable signs does not."""
        number = self._numbers.setdefault(part, len(self._built))
        if number == len(self._built):
            self._built.append(_built(part))
        if project not in self._of:
            self._of[project] = array("I")
        self._of[project].append(number)

    def of(self, project: int) -> tuple[list[Participant], list[Topic]]:
        """Who takes part in *project*, and its topics."""
        found = [self._built[number] for number in self._of.get(project, ())]
        return (
            [one for one in found if isinstance(one, Participant)],
            [one for one in found if isinstance(one, Topic)],
        )


def _built(part: Part) -> Participant | Topic | None:
    adds, a, b, c, d = part
    try:
        if adds == "organisations":
            return Participant(name=a, country=b, nuts=c, role=d)
        return Topic(scheme=a, code=b, label=c)
    except ValidationError:  # a name of nothing but unprintable signs
        return None


def _collect(parts: Parts, folder: Folder, member: str, stem: str) -> Iterator[Reject]:
    """Put the rows of *member* aside; yields those that belong to no project."""
    columns, part_of = PARTS[stem]
    with folder.open(member) as stream:
        for where, row in read_table(stream, folder.name(member), ("projectid",), columns):
            if isinstance(row, Reject):
                yield row
                continue
            number = row.get("projectid", "")
            if not _is_number(number):
                yield Reject(where, f"projectID: {number[:60]!r} is no number", str(row))
            elif part := part_of(row):
                parts.add(int(number), part)


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 12


@lru_cache(5000)
def _nuts(text: str) -> str:
    return text if _NUTS.fullmatch(text) else ""


def _organisation(row: Cells) -> Part | None:
    name = row.get("name") or row.get("shortname") or ""
    country, nuts = country_code(row.get("country", "")), _nuts(row.get("nutscode", ""))
    role = row.get("role", "")[:100]
    return ("organisations", name[:500], country, nuts, role) if name else None


def _topic(scheme: str, code: str, label: str) -> tuple[tuple[str, str], PartOf]:
    """The columns that are read, and how they become a topic."""

    def part_of(row: Cells) -> Part | None:
        found = row.get(code, "")
        return ("topics", scheme, found[:500], row.get(label, ""), "") if found else None

    return (code, label), part_of


PARTS: dict[str, tuple[tuple[str, ...], PartOf]] = {
    "organization": (("name", "shortname", "country", "nutscode", "role"), _organisation),
    "euroscivoc": _topic("euroscivoc", "euroscivoccode", "euroscivoctitle"),
    "topics": _topic("call_topic", "topic", "title"),
    "legalbasis": _topic("legal_basis", "legalbasis", "title"),
}


# --- projects ----------------------------------------------------------------------


def _projects(parts: Parts, folder: Folder, member: str, limits: Limits) -> Iterator[Read]:
    with folder.open(member) as stream:
        for where, row in read_table(stream, folder.name(member), ("id", "title"), PROJECT):
            yield row if isinstance(row, Reject) else _project(row, parts, where, limits)


def _project(row: Cells, parts: Parts, where: str, limits: Limits) -> Read:
    number = row.get("id", "")
    if not _is_number(number):
        return Reject(where, f"id: {number[:60]!r} is no number", json.dumps(row))
    organisations, topics = parts.of(int(number))
    title = _plain(row.get("title", "")) or row.get("acronym", "")
    values: dict[str, Any] = SHARED | {
        "id": f"cordis:{number}",
        "title": title,
        "text": _plain(row.get("objective", "")),
        "url": f"{SITE}{number}",
        "keywords": [one[:500] for one in re.split(r"\s*[,;]\s*", row.get("keywords", "")) if one],
        "topics": topics,
        "organisations": organisations,
        "funding": {
            "programme": row.get("frameworkprogramme", ""),
            "amount_eu": amount(row.get("ecmaxcontribution", "")),
        },
    }
    if day := _day(row):
        values["published"] = day
    return checked(values, where, limits, row)


def _plain(text: str) -> str:
    """*text* without markup; nearly none has any, and looking is cheaper than reading."""
    return plain_text(text) if "<" in text or "&" in text else text


def _day(row: Cells) -> Any:
    """See the module: signature, else the earlier of start and last change."""
    if signed := day_or_none(row.get("ecsignaturedate", "")):
        return signed
    known = (day_or_none(row.get(key, "")) for key in ("startdate", "contentupdatedate"))
    return min((day for day in known if day), default=None)


def amount(text: str) -> float | None:
    """Euros from `2073781,25`, `528340.97` or `1.234,5`; None for nothing and for 0 (unknown)."""
    plain = text.replace(" ", "").replace("\u00a0", "")
    if "," in plain and "." in plain:
        thousands = "." if plain.rindex(",") > plain.rindex(".") else ","
        plain = plain.replace(thousands, "")
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        return None
    return value if 0 < value < 1e12 else None
