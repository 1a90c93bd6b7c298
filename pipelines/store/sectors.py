"""Which sectors and technologies documents carry."""

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from nlp.documents import SectorWeight
from nlp.sectorcorpus import LABEL_SHARE, DocumentSectors, Pair
from pipelines.database import Database
from pipelines.store.asof import independent

_THERE = f"documents.available BETWEEN :since AND :until AND {independent(':until')}"
_CARRIES = "scheme = 'ecosystem' AND weight > 0"


def sectors_between(db: Database, since: str, until: str) -> list[DocumentSectors]:
    """Documents that carry an ecosystem, by id: what a week's `sector_corpus` is made of.

    All those available from *since* to *until* (days, inclusive) that are nobody's duplicate then.
    """
    days = {"since": since, "until": until}
    # Two passes, since one join of both would multiply sectors with technologies.
    technologies: dict[str, list[str]] = {}
    for key, concept in db.execute(
        f"""
        SELECT DISTINCT text_key, concept FROM mentions
        WHERE kind = 'technology' AND concept != '' AND text_key IN (
            SELECT text_key FROM documents WHERE {_THERE} AND EXISTS (
                SELECT 1 FROM document_sectors WHERE document = documents.id AND {_CARRIES}
            )
        )
        ORDER BY text_key, concept
        """,
        days,
    ):
        technologies.setdefault(key, []).append(concept)
    weights: dict[tuple[str, str, str], dict[str, float]] = {}
    for document, available, key, sector, weight in db.execute(
        f"""
        SELECT documents.id, available, text_key, sector, weight
        FROM documents JOIN document_sectors ON document = documents.id
        WHERE {_THERE} AND {_CARRIES} ORDER BY documents.id, sector
        """,
        days,
    ):
        weights.setdefault((document, available, key), {})[sector] = weight
    return [
        DocumentSectors(document, date.fromisoformat(day), found, tuple(technologies.get(key, ())))
        for (document, day, key), found in weights.items()
    ]


def first_together(
    db: Database, pairs: Iterable[Pair], sectors: Container[str], *, before: str
) -> dict[Pair, str]:
    """The day on which each of *pairs* first met in a document available before the day *before*.

    A pair is two of the *sectors*, or a technology and a sector. Pairs that had not met are left
    out. Documents are walked through from the oldest, up to the first one with both: little
    work for sectors that meet often.
    """
    found = {}
    for first, second in pairs:
        sql = f"""
            SELECT available FROM documents
            WHERE available < :before AND {independent(":before")}
              AND {_LABELLED.format("second")}
              AND {_LABELLED.format("first") if first in sectors else _NAMED.format("first")}
            ORDER BY available LIMIT 1
        """
        values = {"first": first, "second": second, "before": before, "share": LABEL_SHARE}
        for (day,) in db.execute(sql, values):
            found[first, second] = str(day)
    return found


# As `DocumentSectors` has it: the sector holds enough of the document's weight.
_LABELLED = f"""EXISTS (
    SELECT 1 FROM document_sectors WHERE document = documents.id AND {_CARRIES}
      AND sector = :{{}} AND weight >= :share * (
        SELECT sum(weight) FROM document_sectors WHERE document = documents.id AND {_CARRIES}
    )
)"""
_NAMED = """text_key IN (
    SELECT text_key FROM mentions WHERE kind = 'technology' AND concept = :{}
)"""


def replace_sectors(db: Database, found: Mapping[str, Sequence[SectorWeight]]) -> None:
    """Give documents the sectors *found*, in place of those they had; within a transaction."""
    db.conn.executemany(
        "DELETE FROM document_sectors WHERE document = ?", [(document,) for document in found]
    )
    db.conn.executemany(
        "INSERT INTO document_sectors (document, scheme, sector, weight, evidence) "
        "VALUES (?, ?, ?, ?, ?)",
        [
            (document, s.scheme, s.code, s.weight, json.dumps(s.evidence, ensure_ascii=False))
            for document, some in found.items()
            for s in some
        ],
    )


def documents_to_judge(db: Database, model: str, *, until: str) -> list[str]:
    """Documents whose sectors were not judged by the vector that *model* gave their text.

    Those that were available by the day *until* and are enriched, in order.
    """
    sql = """
        SELECT documents.id FROM documents
        JOIN enrichments ON document = documents.id AND enrichments.text_key = documents.text_key
        WHERE available <= :until AND coalesce(sectors_by, '') != :model AND EXISTS (
            SELECT 1 FROM embeddings
            WHERE embeddings.text_key = documents.text_key AND embeddings.model = :model
        )
        ORDER BY documents.id
    """
    return [id for (id,) in db.conn.execute(sql, {"model": model, "until": until})]


def texts_to_judge(db: Database, documents: Sequence[str]) -> list[dict[str, Any]]:
    """Rows `id, title, text, text_key, language` of *documents*, by id."""
    sql = """
        SELECT id, title, text, text_key, language FROM documents
        WHERE id IN (SELECT value FROM json_each(:documents)) ORDER BY id
    """
    return list(db.query(sql, {"documents": json.dumps(list(documents))}))


def save_judged(
    db: Database,
    model: str,
    documents: Sequence[str],
    found: Mapping[str, Sequence[SectorWeight]],
) -> None:
    """Mark *documents* as judged by vectors of *model*, and keep the sectors *found*."""
    with db.atomic():
        replace_sectors(db, found)
        db.conn.executemany(
            "UPDATE enrichments SET sectors_by = ? WHERE document = ?",
            [(model, document) for document in documents],
        )
