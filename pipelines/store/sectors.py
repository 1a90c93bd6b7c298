"""Which ecosystems and technologies documents carry."""

import json
from collections.abc import Sequence
from datetime import date

from sqlite_utils import Database

from nlp.sectorcorpus import DocumentSectors


def document_sectors(db: Database, documents: Sequence[str]) -> list[DocumentSectors]:
    """Ecosystem weights and technologies of *documents* (ids), sorted by id.

    Unknown ids are left out; a document without sectors comes with empty weights.
    """
    return _read(
        db,
        "documents.id IN (SELECT value FROM json_each(:documents))",
        {"documents": json.dumps(sorted(set(documents)))},
    )


def sectors_between(db: Database, since: str, until: str) -> list[DocumentSectors]:
    """The same for all documents available from *since* to *until* (days, inclusive) that
    are nobody's duplicate: what a week's `sector_corpus` is made of."""
    return _read(
        db,
        "documents.available BETWEEN :since AND :until AND coalesce(duplicate_of, '') = ''",
        {"since": since, "until": until},
    )


def _read(db: Database, condition: str, arguments: dict[str, str]) -> list[DocumentSectors]:
    """Two passes, since one join of both would multiply sectors with technologies."""
    weights: dict[str, dict[str, float]] = {}
    for document, sector, weight in db.execute(
        f"""
        SELECT document, sector, weight FROM document_sectors
        WHERE scheme = 'ecosystem' AND weight > 0
        AND document IN (SELECT id FROM documents WHERE {condition})
        """,
        arguments,
    ):
        weights.setdefault(document, {})[sector] = weight
    technologies: dict[str, set[str]] = {}
    for key, concept in db.execute(
        f"""
        SELECT DISTINCT text_key, concept FROM mentions
        WHERE kind = 'technology' AND concept != ''
        AND text_key IN (SELECT text_key FROM documents WHERE {condition})
        """,
        arguments,
    ):
        technologies.setdefault(key, set()).add(concept)
    return [
        DocumentSectors(
            id=document,
            available=date.fromisoformat(available),
            weights=weights.get(document, {}),
            technologies=tuple(sorted(technologies.get(key, ()))),
        )
        for document, available, key in db.execute(
            f"SELECT id, available, text_key FROM documents WHERE {condition} ORDER BY id",
            arguments,
        )
    ]
