"""Which ecosystems and technologies documents carry."""

from datetime import date

from nlp.sectorcorpus import DocumentSectors
from pipelines.database import Database

_THERE = "documents.available BETWEEN :since AND :until AND coalesce(duplicate_of, '') = ''"
_CARRIES = "scheme = 'ecosystem' AND weight > 0"


def sectors_between(db: Database, since: str, until: str) -> list[DocumentSectors]:
    """Documents that carry an ecosystem, by id: what a week's `sector_corpus` is made of.

    All those available from *since* to *until* (days, inclusive) that are nobody's duplicate.
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
