"""Who stands for a document as of a day, and how its place in a theme passes on."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from config.weeks import last_day, week_of
from pipelines.database import Database

OPEN = "9999-W99"  # the end of a place that is still held


class Place(NamedTuple):
    """A document's membership of a theme, from one week on until before another."""

    theme: str
    similarity: float
    week: str
    until: str


def leader(db: Database, document: str, day: str) -> str:
    """What stands for the same evidence as *document* at the end of *day*; maybe itself."""
    sql = "SELECT successor FROM signatures WHERE document = ? AND successor != '' AND since <= ?"
    while row := db.execute(sql, [document, day]).fetchone():
        (document,) = row
    return document


def pass_on(db: Database, week: str) -> None:
    """Pass on the places of documents that are duplicates by the end of *week*.

    From the week on in which it became a duplicate a document has no place in a theme. What
    stands for it takes the place in those weeks in which it has none of its own: an original
    that is found after its copies, or an older story that a later document shows to be the same.
    """
    last = last_day(week).isoformat()
    with db.atomic():
        for copy, since in _placed_duplicates(db, last):
            places = places_of(db, copy)
            if all(one.until <= since for one in places):
                continue
            inherit(db, leader(db, copy, last), copy, since)
            kept = [one._replace(until=min(one.until, since)) for one in places if one.week < since]
            keep_places(db, copy, kept)


def inherit(db: Database, heir: str, other: str, since: str) -> None:
    """Give *heir* the places of *other* from the week *since* on, where it has none of its own.

    Within a transaction.
    """
    own = places_of(db, heir)
    taken = [
        one._replace(week=begun, until=ended)
        for one in places_of(db, other)
        for begun, ended in gaps(max(one.week, since), one.until, own)
    ]
    if taken:
        keep_places(db, heir, [*own, *taken])


def _placed_duplicates(db: Database, last: str) -> list[tuple[str, str]]:
    """Duplicates by the day *last* that have or had a place, and the week they became so."""
    found = db.execute(
        """
        SELECT id, duplicate_since FROM documents
        WHERE duplicate_since > '' AND duplicate_since <= ? AND (
            EXISTS (SELECT 1 FROM theme_documents WHERE document = documents.id)
            OR EXISTS (SELECT 1 FROM theme_documents_past WHERE document = documents.id)
        )
        ORDER BY available, id
        """,
        [last],
    )
    return [(copy, week_of(date.fromisoformat(since))) for copy, since in found]


def places_of(db: Database, document: str) -> list[Place]:
    """All places that *document* has and had, oldest first."""
    rows = db.execute(
        """
        SELECT theme, similarity, week, :open FROM theme_documents WHERE document = :document
        UNION ALL
        SELECT theme, similarity, week, until FROM theme_documents_past WHERE document = :document
        ORDER BY 3, 4
        """,
        {"document": document, "open": OPEN},
    )
    return [Place(*row) for row in rows]


def keep_places(db: Database, document: str, places: Iterable[Place]) -> None:
    """Let *places* be all that *document* has and had; within a transaction."""
    for table in ("theme_documents", "theme_documents_past"):
        db.conn.execute(f"DELETE FROM {table} WHERE document = ?", [document])
    for one in places:
        held = (one.theme, document, one.similarity, one.week)
        if one.until == OPEN:
            db.conn.execute(
                "INSERT OR REPLACE INTO theme_documents (theme, document, similarity, week)"
                " VALUES (?, ?, ?, ?)",
                held,
            )
        else:
            db.conn.execute(
                "INSERT OR REPLACE INTO theme_documents_past"
                " (theme, document, similarity, week, until) VALUES (?, ?, ?, ?, ?)",
                (*held, one.until),
            )


def gaps(begun: str, ended: str, taken: Sequence[Place]) -> Iterator[tuple[str, str]]:
    """The parts of the weeks from *begun* to before *ended* in which no place is *taken*.

    *taken* are in the order of their weeks.
    """
    for one in taken:
        if one.week >= ended:
            break
        if one.week > begun:
            yield begun, one.week
        begun = max(begun, one.until)
    if begun < ended:
        yield begun, ended
