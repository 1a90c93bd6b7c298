"""What the language stages found, and what is left for them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from config.weeks import last_day
from nlp.background import background
from nlp.dedupe import Known, Mark
from nlp.documents import Mention, SectorWeight
from nlp.newness import Candidate, Seen, new_technologies
from pipelines.database import Database
from pipelines.store.asof import independent
from pipelines.store.sectors import replace_sectors

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Enriched:
    """The findings for one document."""

    id: str
    text_key: str
    language: str
    mentions: tuple[Mention, ...] = ()
    sectors: tuple[SectorWeight, ...] = field(default=())


# A document is done when this model has seen the text it has now.
_LEFT = """
    FROM documents LEFT JOIN enrichments ON enrichments.document = documents.id
    WHERE documents.available <= :until
      AND (enrichments.document IS NULL OR enrichments.model != :model
           OR enrichments.text_key != documents.text_key)
"""


def documents_to_enrich(db: Database, model: str, *, week: str, limit: int) -> list[Row]:
    """The next documents *model* has not seen, the earliest available first.

    Rows have `id, kind, title, text, text_key, language, available`.
    """
    sql = f"""
        SELECT id, kind, title, text, documents.text_key, language, available {_LEFT}
        ORDER BY available, id LIMIT :limit
    """
    return list(db.query(sql, {"model": model, "until": _until(week), "limit": limit}))


def left_to_enrich(db: Database, model: str, *, week: str) -> tuple[int, str]:
    """How many documents *model* has not seen, and the day the earliest became available."""
    sql = f"SELECT count(*), coalesce(min(documents.available), '') {_LEFT}"
    count, first = db.conn.execute(sql, {"model": model, "until": _until(week)}).fetchone()
    return int(count), str(first)


def dissolve_groups(db: Database) -> list[tuple[Known, str, str]]:
    """Dissolve the groups of documents whose text changed, which are to be enriched again.

    Returns the others of those groups, each with what stood for it and since which day (both
    empty for those that stood for themselves): their marks are gone until they are added to an
    index again. Within a transaction.
    """
    changed = db.conn.execute("""
        SELECT documents.id FROM documents
        JOIN enrichments ON enrichments.document = documents.id
        WHERE enrichments.text_key != documents.text_key ORDER BY documents.id
    """)
    left = [document for (document,) in changed]
    if not left:
        return []
    sql = """
        WITH left AS (SELECT value AS document FROM json_each(:left)),
        groups AS (
            SELECT coalesce(nullif(representative, ''), document) FROM signatures
            WHERE document IN left
        )
        SELECT document, kind, day, signature, coalesce(representative, ''), coalesce(since, '')
        FROM signatures
        WHERE (document IN groups OR representative IN groups) AND document NOT IN left
        ORDER BY day, document
    """
    others = [
        (_known(*known), other, since)
        for *known, other, since in db.conn.execute(sql, {"left": json.dumps(left)})
    ]
    for document in [*left, *(one.id for one, _, _ in others)]:
        db.conn.execute("DELETE FROM signatures WHERE document = ?", [document])
        db.conn.execute(
            "UPDATE documents SET duplicate_of = '', duplicate_since = '' WHERE id = ?", [document]
        )
    for document in left:
        db.conn.execute("DELETE FROM enrichments WHERE document = ?", [document])
    return others


def restore_marks(db: Database) -> None:
    """Give new versions that kept their text the mark back that saving cleared."""
    db.conn.execute("""
        UPDATE documents
        SET duplicate_of = signatures.representative, duplicate_since = signatures.since
        FROM signatures
        WHERE signatures.document = documents.id AND signatures.representative > ''
          AND coalesce(documents.duplicate_of, '') != signatures.representative
    """)


def signatures_since(db: Database, first: int) -> tuple[list[Known], dict[str, tuple[str, int]]]:
    """Signatures of day *first* (an ordinal) and later, with the whole groups they are in.

    And what took the place of those that do not stand for themselves, since which day.
    """
    groups = "SELECT representative FROM signatures WHERE day >= :first AND representative != ''"
    sql = f"""
        SELECT document, kind, day, signature, successor, since FROM signatures
        WHERE day >= :first OR document IN ({groups}) OR representative IN ({groups})
        ORDER BY day, document
    """
    known: list[Known] = []
    successors: dict[str, tuple[str, int]] = {}
    for *columns, other, since in db.conn.execute(sql, {"first": first}):
        known.append(_known(*columns))
        if other:
            successors[known[-1].id] = (other, ordinal(since))
    return known, successors


def _known(document: str, kind: str, day: int, packed: bytes) -> Known:
    return Known(document, kind, day, np.frombuffer(packed, dtype=np.uint32))


def save_enriched(
    db: Database,
    model: str,
    found: Sequence[Enriched],
    signatures: Iterable[Known],
    marks: Mapping[str, Mark],
) -> None:
    """Findings of a batch, in one transaction; the mark that says "done" is written last."""
    with db.atomic():
        conn = db.conn
        conn.executemany(
            "UPDATE documents SET language = ? WHERE id = ? AND coalesce(language, '') != ?",
            [(one.language, one.id, one.language) for one in found],
        )
        save_marks(db, signatures, marks)
        conn.executemany(
            "DELETE FROM mentions WHERE text_key = ?", [(one.text_key,) for one in found]
        )
        conn.executemany(
            "INSERT OR REPLACE INTO mentions (text_key, start, end, kind, label, concept, score) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (one.text_key, m.start, m.end, m.kind, m.label, m.concept, m.score)
                for one in found
                for m in one.mentions
            ],
        )
        replace_sectors(db, {one.id: one.sectors for one in found})
        conn.executemany(
            "INSERT OR REPLACE INTO enrichments (document, text_key, model) VALUES (?, ?, ?)",
            [(one.id, one.text_key, model) for one in found],
        )


def save_marks(db: Database, signatures: Iterable[Known], marks: Mapping[str, Mark]) -> None:
    """Keep *signatures* of new documents, and who stands for whom; within a transaction."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO signatures (document, kind, day, signature) VALUES (?, ?, ?, ?)",
        [(one.id, one.kind, one.day, one.signature.tobytes()) for one in signatures],
    )
    found = sorted(marks.items())
    db.conn.executemany(
        "UPDATE documents SET duplicate_of = ?, duplicate_since = ? WHERE id = ?",
        [(mark.representative, _iso(mark.since), document) for document, mark in found],
    )
    db.conn.executemany(
        "UPDATE signatures SET representative = ?, successor = ?, since = ? WHERE document = ?",
        [
            (mark.representative, mark.successor, _iso(mark.since), document)
            for document, mark in found
        ],
    )


def participant_names(db: Database) -> list[str]:
    """Names of all organisations that take part in something, in order."""
    return [
        name for (name,) in db.conn.execute("SELECT DISTINCT name FROM organisations ORDER BY 1")
    ]


def new_technology_candidates(db: Database, *, week: str) -> list[Candidate]:
    """The new technology candidates in what was available by the end of *week*.

    A group is the first organisation, or the first author's key where a document names none.
    """
    sql = f"""
        SELECT DISTINCT mentions.label, documents.id, coalesce(
            (SELECT min(organisation) FROM participations WHERE document = documents.id),
            nullif(substr(author_keys || ' ', 1, instr(author_keys || ' ', ' ') - 1), ''),
            documents.id
        ), documents.available
        FROM mentions JOIN documents ON documents.text_key = mentions.text_key
        WHERE mentions.kind = 'technology' AND mentions.concept = ''
          AND documents.available <= :last AND {independent()}
    """
    rows = db.conn.execute(sql, {"last": _until(week)})
    seen = (Seen(*map(str, row)) for row in rows)
    return new_technologies(seen, background(), until=last_day(week))


def _until(week: str) -> str:
    return last_day(week).isoformat()


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat() if day else ""


def ordinal(day: str) -> int:
    """An ISO day as a number, so that days can be subtracted."""
    return date.fromisoformat(day).toordinal()
