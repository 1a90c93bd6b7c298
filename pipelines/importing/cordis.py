"""CORDIS bulk files: the official zips, or a folder with their CSV or JSON members.

Organisations, topics and fields of science are staged in a scratch database on disk and looked
up a few hundred projects at a time, so memory does not grow with the file.

A project is published, and available, on the day the grant was signed; without that day, on
its start or the last change of its page, whichever was earlier. The weekly crawl of CORDIS
dates and keys projects the same way.
"""

import json
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.errors import InputError
from crawlers.readers.base import day_or_none, plain_text
from crawlers.readers.countries import country_code
from pipelines.exchange import Limits, Participant, Topic
from pipelines.importing.rows import Folder, Read, Reject, checked
from pipelines.importing.tables import Cells, Placed, read_table

BATCH = 400
SHARED = {"source": "cordis", "kind": "project", "language": "en", "licence": "CC-BY-4.0"}
SITE = "https://cordis.europa.eu/project/id/"

_NUTS = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")
_PROJECTS = re.compile(r"(?:cordis-.*)?projects?\.(?:csv|json)")

PROJECT = (
    *("acronym", "objective", "keywords", "frameworkprogramme", "ecmaxcontribution"),
    *("ecsignaturedate", "startdate", "contentupdatedate"),
)

Part = tuple[str, str, str, str]  # the fields of a Participant; a Topic has an empty fourth
PartOf = Callable[[Cells], Part | None]
_country = lru_cache(1000)(country_code)


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
    with (
        Folder(path) as folder,
        tempfile.TemporaryDirectory(prefix="trendscout-") as scratch,
        closing(_scratch(Path(scratch) / "parts.db")) as parts,
    ):
        projects = folder.find(lambda name: bool(_PROJECTS.fullmatch(name)))
        if not projects:
            raise InputError(f"{path}: no project.csv or project.json in it")
        for stem in PARTS:
            member = folder.find(lambda name, stem=stem: name in (f"{stem}.csv", f"{stem}.json"))  # type: ignore[misc]
            if member:
                yield from _stage(parts, folder, member, stem)
        parts.execute("CREATE INDEX by_project ON parts (project)")
        yield from _projects(parts, folder, projects, limits)


# --- what belongs to a project -----------------------------------------------------


def _scratch(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=OFF")  # thrown away afterwards
    db.execute("PRAGMA synchronous=OFF")
    db.execute("CREATE TABLE parts (project INTEGER, adds TEXT, a TEXT, b TEXT, c TEXT, d TEXT)")
    return db


def _stage(parts: sqlite3.Connection, folder: Folder, member: str, stem: str) -> Iterator[Reject]:
    """Put the rows of *member* aside; yields those that belong to no project."""
    rejects: list[Reject] = []
    columns, _ = PARTS[stem]
    with folder.open(member) as stream:
        rows = read_table(stream, folder.name(member), ("projectid",), columns)
        staged = _staged(rows, stem, rejects)
        while batch := list(islice(staged, 5000)):
            parts.execute("BEGIN")
            parts.executemany("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?)", batch)
            parts.execute("COMMIT")
            yield from rejects
            rejects.clear()
    yield from rejects


def _staged(rows: Iterable[Placed], stem: str, rejects: list[Reject]) -> Iterator[tuple[Any, ...]]:
    part_of = PARTS[stem][1]
    adds = "organisations" if stem == "organization" else "topics"
    for where, row in rows:
        if isinstance(row, Reject):
            rejects.append(row)
            continue
        number = row.get("projectid", "")
        if not _is_number(number):
            rejects.append(Reject(where, f"projectID: {number[:60]!r} is no number", str(row)))
        elif part := part_of(row):
            yield int(number), adds, *part


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 12


@lru_cache(5000)
def _nuts(text: str) -> str:
    return text if _NUTS.fullmatch(text) else ""


def _organisation(row: Cells) -> Part | None:
    name = row.get("name") or row.get("shortname") or ""
    place = (_country(row.get("country", "")), _nuts(row.get("nutscode", "")))
    return (name[:500], *place, row.get("role", "")[:100]) if name else None


def _topic(scheme: str, code: str, label: str) -> tuple[tuple[str, str], PartOf]:
    """The columns that are read, and how they become a topic."""

    def part_of(row: Cells) -> Part | None:
        found = row.get(code, "")
        return (scheme, found[:500], row.get(label, ""), "") if found else None

    return (code, label), part_of


PARTS: dict[str, tuple[tuple[str, ...], PartOf]] = {
    "organization": (("name", "shortname", "country", "nutscode", "role"), _organisation),
    "euroscivoc": _topic("euroscivoc", "euroscivoccode", "euroscivoctitle"),
    "topics": _topic("call_topic", "topic", "title"),
    "legalbasis": _topic("legal_basis", "legalbasis", "title"),
}


@lru_cache(100_000)  # the same few thousand organisations and topics come again and again
def _built(adds: str, a: str, b: str, c: str, d: str) -> Participant | Topic | None:
    try:
        if adds == "organisations":
            return Participant(name=a, country=b, nuts=c, role=d)
        return Topic(scheme=a, code=b, label=c)
    except ValidationError:  # a name of nothing but unprintable signs
        return None


# --- projects ----------------------------------------------------------------------


def _projects(
    parts: sqlite3.Connection, folder: Folder, member: str, limits: Limits
) -> Iterator[Read]:
    with folder.open(member) as stream:
        rows = read_table(stream, folder.name(member), ("id", "title"), PROJECT)
        while batch := list(islice(rows, BATCH)):
            found = _parts_of(parts, [row for _, row in batch])
            for where, row in batch:
                yield row if isinstance(row, Reject) else _project(row, found, where, limits)


def _parts_of(parts: sqlite3.Connection, rows: list[Cells | Reject]) -> dict[str, Any]:
    """The staged parts of these projects, by id and by what they add to."""
    ids = [row.get("id", "") for row in rows if not isinstance(row, Reject)]
    numbers = [int(one) for one in ids if _is_number(one)]
    sql = f"""
        SELECT project, adds, a, b, c, d FROM parts
        WHERE project IN ({", ".join("?" * len(numbers))}) ORDER BY rowid
    """
    found: dict[str, Any] = {}
    for project, adds, *part in parts.execute(sql, numbers):
        if (one := _built(adds, *part)) is not None:
            found.setdefault(str(project), {}).setdefault(adds, []).append(one)
    return found


def _project(row: Cells, found: dict[str, Any], where: str, limits: Limits) -> Read:
    number = row.get("id", "")
    if not _is_number(number):
        return Reject(where, f"id: {number[:60]!r} is no number", json.dumps(row))
    mine = found.get(number, {})
    title = _plain(row["title"]) or row.get("acronym", "")
    values: dict[str, Any] = SHARED | {
        "id": f"cordis:{number}",
        "title": title,
        "text": _plain(row.get("objective", "")),
        "url": f"{SITE}{number}",
        "keywords": [one[:500] for one in re.split(r"\s*[,;]\s*", row.get("keywords", "")) if one],
        "topics": mine.get("topics", []),
        "organisations": mine.get("organisations", []),
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
