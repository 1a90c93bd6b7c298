"""Documents and who takes part in them."""

import json
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from nlp.documents import Document, Organisation
from pipelines.database import Database
from pipelines.exchange import Record, Topic, key_of, write_line

BATCH = 2000  # documents a transaction: what a kill can lose
Row = dict[str, Any]

_COLUMNS = (
    *("id", "source", "kind", "title", "text", "text_key", "url", "language"),
    *("published", "available", "collected", "licence", "keywords", "topics"),
    *("duplicate_of", "duplicate_since", "programme", "amount_eu", "author_keys", "content_hash"),
)
# A changed text may no longer be anybody's duplicate, so the mark is cleared with it. What
# language a text was found to be in stands as long as the text does.
_SAVE = f"""
    INSERT INTO documents ({", ".join(_COLUMNS)})
    VALUES ({", ".join("?" * len(_COLUMNS))})
    ON CONFLICT (id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:] if column != "language")},
    language = CASE documents.text_key WHEN excluded.text_key THEN documents.language
               ELSE excluded.language END
"""
# The search index holds no text of its own: a row leaves it by the words that it has now. Rows
# come in their order: FTS5 writes out what it has gathered whenever one lies before the last.
_IN_ORDER = """
    rowid, title, text FROM documents
    WHERE rowid IN (SELECT rowid FROM documents WHERE id IN ({})) ORDER BY rowid
"""
_UNSEARCH = (
    f"INSERT INTO documents_fts (documents_fts, rowid, title, text) SELECT 'delete', {_IN_ORDER}"
)
_SEARCH = f"INSERT INTO documents_fts (rowid, title, text) SELECT {_IN_ORDER}"
# Spellings and seats differ between documents. Which one is kept must not depend on the order
# they came in: the last spelling of the alphabet (capitals come first), the finest seat.
_FINER = "(length(excluded.nuts), organisations.nuts) > (length(organisations.nuts), excluded.nuts)"
_SAVE_ORGANISATION = f"""
    INSERT INTO organisations (id, name, country, nuts) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        name = max(organisations.name, excluded.name),
        nuts = CASE WHEN {_FINER} THEN excluded.nuts ELSE organisations.nuts END
    WHERE excluded.name > organisations.name OR {_FINER}
"""


# --- writing -------------------------------------------------------------------


class Prepared(NamedTuple):
    """A record as the tables hold it: all that can be worked out without them."""

    row: Row
    organisations: list[tuple[str, str, str, str]]  # key, name, country, seat
    participations: list[tuple[str, str, str, str]]  # document, organisation's key, role, seat


def save_documents(
    db: Database, records: Iterable[Record], *, collected: date, keep_available: bool = False
) -> Counter[str]:
    """Add and refresh documents in batches; counts `new`, `updated` and `unchanged`.

    A replaced version goes to `document_versions`. With *keep_available* a known document
    keeps the earlier day it was available: reading it again does not make it younger.
    """
    counts: Counter[str] = Counter()
    stream = (prepared(record, collected) for record in records)
    while batch := list(islice(stream, BATCH)):
        counts += save_batch(db, batch, keep_available=keep_available)
    return counts


def save_batch(
    db: Database,
    batch: Iterable[Prepared],
    *,
    keep_available: bool = False,
    meanwhile: Callable[[], object] = lambda: None,
) -> Counter[str]:
    """`save_documents` for one batch, in one transaction.

    *meanwhile* is called when only the search index is left to fill, which is most of the
    time: SQLite does that in one go, and another thread of ours can work until it is done.
    """
    counts: Counter[str] = Counter()
    changed: list[str] = []
    with db.atomic():
        for group in _unrepeated(batch):
            _search(db.conn, changed)
            found, changed = _save(db, group, keep_available)
            counts += found
        meanwhile()
        _search(db.conn, changed)
    return counts


def prepared(record: Record, collected: date) -> Prepared:
    """*record* as it is saved; *collected* is the day it was read."""
    key = record.key
    organisations, participations = [], []
    for one in record.organisations:
        organisation = organisation_key(one.name, one.country)
        organisations.append((organisation, one.name, one.country, one.nuts))
        participations.append((key, organisation, one.role, one.nuts))
    return Prepared(_row(key, record, collected.isoformat()), organisations, participations)


def _unrepeated(batch: Iterable[Prepared]) -> Iterator[dict[str, Prepared]]:
    """*batch* by id, cut where an id comes again, so that the later one finds the earlier."""
    group: dict[str, Prepared] = {}
    for one in batch:
        key = one.row["id"]
        if key in group:
            yield group
            group = {}
        group[key] = one
    if group:
        yield group


def _save(
    db: Database, group: Mapping[str, Prepared], keep_available: bool
) -> tuple[Counter[str], list[str]]:
    """Counts, and the ids of what changed, which the search index does not have yet."""
    conn = db.conn
    known = _known(conn, list(group))
    counts: Counter[str] = Counter()
    changed: list[Prepared] = []
    for key, one in group.items():
        if key not in known:
            counts["new"] += 1
            changed.append(one)
            continue
        row = one.row
        old_hash, old_available = known[key]
        if keep_available:
            row["available"] = min(row["available"], old_available)
        if (row["content_hash"], row["available"]) == (old_hash, old_available):
            counts["unchanged"] += 1
        else:
            counts["updated"] += 1
            changed.append(one)
    rows = [one.row for one in changed]
    again = [row for row in rows if row["id"] in known]
    updated = [row["id"] for row in again]
    _keep_versions(db, again)
    _look_at_again(conn, [row["id"] for row in again if row["available"] != known[row["id"]][1]])
    conn.execute(_UNSEARCH.format(_marks(updated)), updated)
    conn.executemany(_SAVE, [tuple(row.values()) for row in rows])
    _forget_versions(conn, again)
    _save_participations(conn, changed, updated)
    return counts, [row["id"] for row in rows]


def _search(conn: sqlite3.Connection, ids: list[str]) -> None:
    if ids:
        conn.execute(_SEARCH.format(_marks(ids)), ids)


def _known(conn: sqlite3.Connection, ids: list[str]) -> dict[str, tuple[str, str]]:
    sql = f"SELECT id, content_hash, available FROM documents WHERE id IN ({_marks(ids)})"
    return {key: (digest, available) for key, digest, available in conn.execute(sql, ids)}


def _row(key: str, record: Record, collected: str) -> Row:
    """A row of the table: all of `_COLUMNS`, in their order."""
    return {
        "id": key,
        "source": record.source,
        "kind": record.kind,
        "title": record.title,
        "text": record.text,
        "text_key": key_of(record.full),
        "url": record.url,
        "language": record.language,
        "published": record.published.isoformat(),
        "available": record.known.isoformat(),
        "collected": collected,
        "licence": record.licence,
        "keywords": _as_json(record.keywords) if record.keywords else "[]",
        "topics": f"[{', '.join(map(_topic, record.topics))}]",
        "duplicate_of": "",
        "duplicate_since": "",
        "programme": record.funding.programme,
        "amount_eu": record.funding.amount_eu,
        "author_keys": " ".join(record.author_keys),
        "content_hash": _content_hash(record),
    }


_as_json = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(50_000)  # most come again and again
def _topic(topic: Topic) -> str:
    return _as_json({"scheme": topic.scheme, "code": topic.code, "label": topic.label})


def _content_hash(record: Record) -> str:
    """Of everything but the day it was available, which is not the publisher's content."""
    return key_of(record.model_dump_json(exclude={"id", "available"}, exclude_defaults=True))


def _keep_versions(db: Database, rows: list[Row]) -> None:
    """Keep what *rows* replace."""
    if not rows:
        return
    replaced = {row["id"]: row["collected"] for row in rows}
    hashes = {key: digest for key, (digest, _) in _known(db.conn, list(replaced)).items()}
    db.conn.executemany(
        "INSERT OR REPLACE INTO document_versions (document, content_hash, replaced, record) "
        "VALUES (?, ?, ?, ?)",
        [
            (record.key, hashes[record.key], replaced[record.key], write_line(record))
            for record in records(db, list(replaced))
        ],
    )


def _look_at_again(conn: sqlite3.Connection, moved: Sequence[str]) -> None:
    """Let the groups of near-duplicates of *moved* be found anew: another may come first now."""
    conn.executemany(
        "UPDATE enrichments SET text_key = '' WHERE document = ?", [(key,) for key in moved]
    )


def _forget_versions(conn: sqlite3.Connection, rows: list[Row]) -> None:
    """The current content is no old version, even when it was one before."""
    conn.executemany(
        "DELETE FROM document_versions WHERE document = :id AND content_hash = :content_hash",
        rows,
    )


def _save_participations(
    conn: sqlite3.Connection, changed: list[Prepared], updated: list[str]
) -> None:
    conn.executemany("DELETE FROM participations WHERE document = ?", [(key,) for key in updated])
    # Most organisations come again and again.
    organisations = {each for one in changed for each in one.organisations}
    conn.executemany(_SAVE_ORGANISATION, sorted(organisations))
    conn.executemany(
        "INSERT OR IGNORE INTO participations (document, organisation, role, nuts) "
        "VALUES (?, ?, ?, ?)",
        [each for one in changed for each in one.participations],
    )


@lru_cache(100_000)
def organisation_key(name: str, country: str) -> str:
    """One key for the spellings `ACME  GmbH` and `Acme GmbH` of the same country."""
    return key_of(f"{' '.join(unicodedata.normalize('NFKC', name).casefold().split())}|{country}")


# --- reading -------------------------------------------------------------------


def records_until(db: Database, day: date) -> Iterator[Record]:
    """Documents available by *day* as they are exchanged, oldest first, then by id."""
    for rows in _pages(db, day):
        yield from _as_records(db, rows)


def documents(db: Database, ids: Sequence[str]) -> list[Document]:
    """The documents with these *ids*, in that order; unknown ids are left out."""
    return list(_with_organisations(db, _rows(db, ids)))


def records(db: Database, ids: Sequence[str]) -> list[Record]:
    """The records with these *ids*, in that order; unknown ids are left out."""
    return list(_as_records(db, _rows(db, ids)))


def document_counts(db: Database) -> list[Row]:
    """How many documents per kind, source and language, with their first and last day."""
    sql = """
        SELECT kind, source, coalesce(nullif(language, ''), '?') AS language,
               count(*) AS documents, sum(duplicate_of != '') AS duplicates,
               min(published) AS first, max(published) AS last
        FROM documents GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """
    return list(db.query(sql))


def _pages(db: Database, day: date) -> Iterator[list[Row]]:
    """Pages by key, not by cursor, so that a stage may write between two pages."""
    sql = f"""
        SELECT * FROM documents
        WHERE available <= ? AND (available, id) > (?, ?)
        ORDER BY available, id LIMIT {BATCH}
    """
    last = ("", "")
    while rows := list(db.query(sql, [day.isoformat(), *last])):
        yield rows
        last = (rows[-1]["available"], rows[-1]["id"])


def _rows(db: Database, ids: Sequence[str]) -> list[Row]:
    found: dict[str, Row] = {}
    for start in range(0, len(ids), BATCH):
        part = list(ids[start : start + BATCH])
        sql = f"SELECT * FROM documents WHERE id IN ({_marks(part)})"
        found |= {row["id"]: row for row in db.query(sql, part)}
    return [found[key] for key in ids if key in found]


def _participants(db: Database, ids: Sequence[str]) -> dict[str, list[Row]]:
    """Who takes part in the documents *ids*, in the order they were saved."""
    found: dict[str, list[Row]] = {}
    for start in range(0, len(ids), BATCH):
        part = list(ids[start : start + BATCH])
        sql = f"""
            SELECT document, name, country, role, coalesce(participations.nuts, '') AS nuts,
                   coalesce(organisations.nuts, '') AS seat
            FROM participations JOIN organisations ON organisations.id = organisation
            WHERE document IN ({_marks(part)}) ORDER BY participations.rowid
        """
        for row in db.query(sql, part):
            found.setdefault(row.pop("document"), []).append(row)
    return found


def _with_organisations(db: Database, rows: list[Row]) -> Iterator[Document]:
    participants = _participants(db, [row["id"] for row in rows])
    for row in rows:
        # Where this document does not say where a participant sits, another one may.
        taking_part = (
            Organisation(one["name"], one["country"], one["nuts"] or one["seat"], one["role"])
            for one in participants.get(row["id"], ())
        )
        yield Document(
            id=row["id"],
            source=row["source"],
            kind=row["kind"],
            title=row["title"],
            text=row["text"],
            published=date.fromisoformat(row["published"]),
            available=date.fromisoformat(row["available"]),
            language=row["language"] or "",
            url=row["url"] or "",
            organisations=tuple(taking_part),
            author_keys=tuple((row["author_keys"] or "").split()),
            duplicate_of=row["duplicate_of"] or "",
        )


def _as_records(db: Database, rows: list[Row]) -> Iterator[Record]:
    participants = _participants(db, [row["id"] for row in rows])
    for row in rows:
        names = ("id", "source", "kind", "title", "text", "url", "language", "licence")
        taking_part = [
            {key: one[key] for key in ("name", "country", "nuts", "role")}
            for one in participants.get(row["id"], ())
        ]
        yield Record.model_validate(
            {name: row[name] or "" for name in names}
            | {
                "published": row["published"],
                "available": row["available"],
                "keywords": json.loads(row["keywords"]),
                "topics": json.loads(row["topics"]),
                "organisations": taking_part,
                "author_keys": (row["author_keys"] or "").split(),
                "funding": {"programme": row["programme"] or "", "amount_eu": row["amount_eu"]},
            }
        )


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
