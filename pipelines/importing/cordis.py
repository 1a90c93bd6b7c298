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
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.errors import InputError
from crawlers.readers.base import day_or_none, plain_text
from crawlers.readers.countries import country_code
from pipelines.exchange import Limits, Participant, Topic
from pipelines.importing.rows import Folder, Read, Reject, checked
from pipelines.importing.tables import read_table

SHARED = {"source": "cordis", "kind": "project", "language": "en", "licence": "CC-BY-4.0"}
SITE = "https://cordis.europa.eu/project/id/"

_NUTS = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")
_PROJECTS = re.compile(r"(?:cordis-.*)?projects?\.(?:csv|json)")

PROJECT = (
    *("id", "title", "acronym", "objective", "keywords", "frameworkprogramme", "ecmaxcontribution"),
    *("ecsignaturedate", "startdate", "contentupdatedate"),
)

PartOf = Callable[..., Participant | Topic | None]  # of the cells behind the project's number


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
                yield from parts.collect(folder, member, stem)
        yield from _projects(parts, folder, projects, limits)


# --- what belongs to a project -----------------------------------------------------


class Parts:
    """Participants and topics by project, in the order they came."""

    def __init__(self) -> None:
        self._built: list[Participant | Topic] = []  # each distinct one
        # Places in `_built` by project.
        self._of: defaultdict[int, array[int]] = defaultdict(lambda: array("I"))

    def collect(self, folder: Folder, member: str, stem: str) -> Iterator[Reject]:
        """Put the rows of *member* aside; yields those that belong to no project."""
        columns, part_of = PARTS[stem]
        places: dict[str, int | None] = {}  # by the row's text: most come again and again
        with folder.open(member) as stream:
            for where, cells in read_table(stream, folder.name(member), columns, ("projectid",)):
                if isinstance(cells, Reject):
                    yield cells
                    continue
                number, *rest = cells
                if not _is_number(number):
                    row = json.dumps(dict(zip(columns, cells, strict=True)))
                    yield Reject(where, f"projectID: {number[:60]!r} is no number", row)
                    continue
                text = "\0".join(rest)
                if text not in places:
                    places[text] = self._place(part_of(*rest))
                if (place := places[text]) is not None:
                    self._of[int(number)].append(place)

    def _place(self, part: Participant | Topic | None) -> int | None:
        if part is None:
            return None
        self._built.append(part)
        return len(self._built) - 1

    def of(self, project: int) -> tuple[list[Participant], list[Topic]]:
        """Who takes part in *project*, and its topics."""
        found = [self._built[place] for place in self._of.get(project, ())]
        return (
            [one for one in found if isinstance(one, Participant)],
            [one for one in found if isinstance(one, Topic)],
        )


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 12


def _organisation(name: str, short: str, country: str, nuts: str, role: str) -> Participant | None:
    try:
        return Participant(
            name=(name or short)[:500],
            country=country_code(country),
            nuts=nuts if _NUTS.fullmatch(nuts) else "",
            role=role[:100],
        )
    except ValidationError:  # no name, or one of nothing but unprintable signs
        return None


def _topic(scheme: str) -> PartOf:
    def part_of(code: str, label: str) -> Topic | None:
        try:
            return Topic(scheme=scheme, code=code[:500], label=label)
        except ValidationError:
            return None

    return part_of


# The columns that are read of each member, and what becomes of those behind the first.
PARTS: dict[str, tuple[tuple[str, ...], PartOf]] = {
    "organization": (
        ("projectid", "name", "shortname", "country", "nutscode", "role"),
        _organisation,
    ),
    "euroscivoc": (("projectid", "euroscivoccode", "euroscivoctitle"), _topic("euroscivoc")),
    "topics": (("projectid", "topic", "title"), _topic("call_topic")),
    "legalbasis": (("projectid", "legalbasis", "title"), _topic("legal_basis")),
}


# --- projects ----------------------------------------------------------------------


def _projects(parts: Parts, folder: Folder, member: str, limits: Limits) -> Iterator[Read]:
    with folder.open(member) as stream:
        for where, cells in read_table(stream, folder.name(member), PROJECT, ("id", "title")):
            if isinstance(cells, Reject):
                yield cells
            else:
                row = dict(zip(PROJECT, cells, strict=True))
                yield _project(row, parts, where, limits)


def _project(row: dict[str, str], parts: Parts, where: str, limits: Limits) -> Read:
    number = row["id"]
    if not _is_number(number):
        return Reject(where, f"id: {number[:60]!r} is no number", json.dumps(row))
    organisations, topics = parts.of(int(number))
    title = _plain(row["title"]) or row["acronym"]
    values: dict[str, Any] = SHARED | {
        "id": f"cordis:{number}",
        "title": title,
        "text": _plain(row["objective"]),
        "url": f"{SITE}{number}",
        "keywords": [one[:500] for one in re.split(r"\s*[,;]\s*", row["keywords"]) if one],
        "topics": topics,
        "organisations": organisations,
        "funding": {
            "programme": row["frameworkprogramme"],
            "amount_eu": amount(row["ecmaxcontribution"]),
        },
    }
    if day := _day(row):
        values["published"] = day
    return checked(values, where, limits, row)


def _plain(text: str) -> str:
    """*text* without markup; nearly none has any, and looking is cheaper than reading."""
    return plain_text(text) if "<" in text or "&" in text else text


def _day(row: dict[str, str]) -> Any:
    """See the module: signature, else the earlier of start and last change."""
    if signed := day_or_none(row["ecsignaturedate"]):
        return signed
    known = (day_or_none(row[key]) for key in ("startdate", "contentupdatedate"))
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
