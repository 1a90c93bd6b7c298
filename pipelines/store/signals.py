"""Counts behind the signals, and the signals themselves, as of a week."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from nlp.documents import CrossSector, Signal
from pipelines.database import Database
from pipelines.store.asof import MEMBERS, independent

Counted = tuple[str, str, str, int, int, int]
"""Theme (empty: all documents), kind, source, weeks since published, since available, count."""

_AGES = """
    CAST((julianday(:last) - julianday(documents.published)) / 7 AS INTEGER) AS age,
    min(CAST((julianday(:last) - julianday(documents.available)) / 7 AS INTEGER), :replay) AS known
"""
_IN_WINDOW = f"""
    documents.available <= :last AND documents.published BETWEEN :first AND :last
    AND {independent()}
"""


def member_counts(db: Database, week: str, first: str, last: str, *, replay: int) -> list[Counted]:
    """Independent documents published between two days, by theme, kind, source and weeks.

    Weeks since available are told apart up to *replay* only.
    """
    return _rows(
        db,
        f"""
        SELECT members.theme, documents.kind, documents.source, {_AGES}, count(*)
        FROM ({MEMBERS}) AS members
        JOIN documents INDEXED BY idx_documents_evidence ON documents.id = members.document
        WHERE {_IN_WINDOW}
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        """,
        {"week": week, "first": first, "last": last, "replay": replay},
    )


def all_counts(
    db: Database, first: str, last: str, *, languages: Sequence[str], replay: int
) -> list[Counted]:
    """Independent documents of a known language, in a theme or not, counted the same way."""
    return _rows(
        db,
        f"""
        SELECT '', documents.kind, documents.source, {_AGES}, count(*)
        FROM documents
        WHERE {_IN_WINDOW} AND language IN (SELECT value FROM json_each(:languages))
        GROUP BY 2, 3, 4, 5 ORDER BY 2, 3, 4, 5
        """,
        {"first": first, "last": last, "languages": json.dumps(list(languages)), "replay": replay},
    )


def _rows(db: Database, sql: str, parameters: Mapping[str, object]) -> list[Counted]:
    return [
        (theme, kind, source, int(age), int(known), int(count))
        for theme, kind, source, age, known, count in db.execute(sql, dict(parameters))
    ]


def members_between(db: Database, week: str, first: str, last: str) -> dict[str, list[str]]:
    """Ids of each theme's independent documents published between two days."""
    rows = db.execute(
        f"""
        SELECT members.theme, members.document FROM ({MEMBERS}) AS members
        JOIN documents INDEXED BY idx_documents_evidence ON documents.id = members.document
        WHERE {_IN_WINDOW} ORDER BY members.theme, members.document
        """,
        {"week": week, "first": first, "last": last},
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for theme, document in rows:
        found[theme].append(document)
    return dict(found)


def birthdays(db: Database, week: str, last: str) -> dict[str, tuple[str, str]]:
    """The days of each theme's first and third independent document, up to the week."""
    rows = db.execute(
        f"""
        SELECT theme, min(published), max(CASE WHEN place <= 3 THEN published END) FROM (
            SELECT members.theme, documents.published,
                   row_number() OVER (
                       PARTITION BY members.theme ORDER BY documents.published, documents.id
                   ) AS place
            FROM ({MEMBERS}) AS members
            JOIN documents INDEXED BY idx_documents_evidence ON documents.id = members.document
            WHERE documents.published <= :last AND {independent()}
        ) GROUP BY theme
        """,
        {"week": week, "last": last},
    )
    return {theme: (first, third) for theme, first, third in rows}


def parties(db: Database, week: str, first: str, last: str) -> dict[str, dict[str, float]]:
    """Organisations behind each theme in the window.

    Per theme: `organisations`, `countries`, `naming` (documents that name any) and
    `variety`, the effective number of organisations (inverse Simpson).
    """
    rows = db.execute(
        f"""
        WITH named AS (
            SELECT members.theme, participations.document, participations.organisation,
                   organisations.country
            FROM participations
            JOIN ({MEMBERS}) AS members ON members.document = participations.document
            JOIN documents INDEXED BY idx_documents_evidence
              ON documents.id = participations.document
            LEFT JOIN organisations ON organisations.id = participations.organisation
            WHERE {_IN_WINDOW}
        ),
        shares AS (
            SELECT theme, count(DISTINCT document) AS n FROM named GROUP BY theme, organisation
        ),
        varieties AS (
            SELECT theme, 1.0 * sum(n) * sum(n) / sum(n * n) AS variety FROM shares GROUP BY theme
        )
        SELECT named.theme, count(DISTINCT organisation), count(DISTINCT nullif(country, '')),
               count(DISTINCT document), max(variety)
        FROM named JOIN varieties ON varieties.theme = named.theme GROUP BY named.theme
        """,
        {"week": week, "first": first, "last": last},
    )
    return {
        theme: {
            "organisations": organisations,
            "countries": countries,
            "naming": naming,
            "variety": variety,
        }
        for theme, organisations, countries, naming, variety in rows
    }


def signatures_of_authors(
    db: Database, week: str, first: str, last: str
) -> dict[str, list[tuple[str, ...]]]:
    """The author keys of each theme's documents in the window, first author first."""
    rows = db.execute(
        f"""
        SELECT members.theme, documents.author_keys
        FROM ({MEMBERS}) AS members JOIN documents ON documents.id = members.document
        WHERE {_IN_WINDOW} AND coalesce(documents.author_keys, '') != ''
        ORDER BY members.theme, documents.id
        """,
        {"week": week, "first": first, "last": last},
    )
    found: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for theme, keys in rows:
        found[theme].append(tuple(keys.split()))
    return dict(found)


def amounts(db: Database, week: str, first: str, last: str) -> dict[str, float]:
    """EU contribution behind each theme's documents in the window, in euro."""
    rows = db.execute(
        f"""
        SELECT members.theme, sum(documents.amount_eu)
        FROM documents JOIN ({MEMBERS}) AS members ON members.document = documents.id
        WHERE {_IN_WINDOW} AND documents.kind = 'project' AND documents.amount_eu > 0
        GROUP BY members.theme
        """,
        {"week": week, "first": first, "last": last},
    )
    return {theme: float(amount) for theme, amount in rows}


def save_signals(db: Database, week: str, signals: Iterable[tuple[Signal, CrossSector]]) -> None:
    """All signals of *week*, in place of those it had, in one transaction."""
    rows = [
        (s.theme, s.week, s.theme_class, int(s.flagged), s.score, s.growth.ratio, s.growth.low,
         s.growth.high, s.growth.q, s.documents, s.recent, s.organisations, int(cross.flagged),
         cross.score,
         json.dumps({"signal": asdict(s), "cross_sector": asdict(cross)}, sort_keys=True))
        for s, cross in signals
    ]  # fmt: skip
    with db.atomic():
        db.conn.execute("DELETE FROM signals WHERE week = ?", [week])
        db.conn.executemany(
            """
            INSERT INTO signals (theme, week, class, flagged, score, ratio, low, high, q,
                documents, recent, organisations, cross_flagged, cross_score, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            rows,
        )


def weeks_with_signals(db: Database) -> set[str]:
    """Weeks that were judged already."""
    return {week for (week,) in db.execute("SELECT DISTINCT week FROM signals")}
