"""Figures of themes that stand from fit to fit, and the dated texts they are counted in."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipelines.database import Database
from pipelines.store.asof import independent

TABLES = ("rising_words", "agreement")


class DatedText(NamedTuple):
    """An independent document's text, and what its windows depend on."""

    id: str
    kind: str
    source: str
    published: str
    available: str
    text: str


def dated_texts(
    db: Database, first: str, last: str, *, languages: Sequence[str]
) -> list[DatedText]:
    """Independent documents published between two days and known by then, by id."""
    rows = db.execute(
        f"""
        SELECT id, kind, source, published, available, title || '. ' || text FROM documents
        WHERE available <= :last AND published BETWEEN :first AND :last
          AND {independent()}
          AND language IN (SELECT value FROM json_each(:languages))
        ORDER BY id
        """,
        {"first": first, "last": last, "languages": json.dumps(list(languages))},
    )
    return [DatedText(*row) for row in rows]


def figures(db: Database, table: str, week: str) -> dict[str, float] | None:
    """What was counted for each theme after the fit of *week*; None when nothing was yet.

    *table* is one of `TABLES`.
    """
    row = db.execute(f"SELECT figures FROM {table} WHERE week = ?", [week]).fetchone()
    return json.loads(row[0]) if row else None


def save(db: Database, table: str, week: str, found: Mapping[str, float]) -> None:
    """Keep the figures of *week*."""
    db.table(table).insert(
        {"week": week, "figures": json.dumps(found, sort_keys=True)}, replace=True
    )
