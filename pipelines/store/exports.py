"""What `trendscout export` reads: rows of one week, in a fixed order."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from config.weeks import last_day
from pipelines.database import Database
from pipelines.store.asof import MEMBERS, independent
from pipelines.store.enrichment import new_technology_candidates

Row = dict[str, Any]
LEAST_OF_THEME = 2  # documents of a theme that name a new technology


def mentions_until(db: Database, week: str) -> Iterator[Row]:
    """What was found in documents available by the end of *week*, in reading order."""
    sql = """
        SELECT documents.id AS document, "start", "end", mentions.kind, label, concept, score
        FROM documents JOIN mentions ON mentions.text_key = documents.text_key
        WHERE available <= ? ORDER BY documents.id, "start", "end", mentions.kind
    """
    yield from db.query(sql, [last_day(week).isoformat()])


def members_of_week(db: Database, week: str) -> dict[str, list[str]]:
    """Every independent member of each theme at the end of *week*, by id."""
    sql = f"""
        SELECT theme, document FROM ({MEMBERS}) JOIN documents ON documents.id = document
        WHERE available <= :last AND {independent()} ORDER BY theme, document
    """
    found: dict[str, list[str]] = {}
    for theme, document in db.execute(sql, {"week": week, "last": last_day(week).isoformat()}):
        found.setdefault(theme, []).append(document)
    return found


def technologies_of_week(db: Database, week: str) -> dict[str, list[str]]:
    """The technologies in each theme's independent documents, the most frequent first."""
    sql = f"""
        SELECT theme, concept FROM ({MEMBERS}) AS members
        JOIN documents ON documents.id = members.document
        JOIN mentions ON mentions.text_key = documents.text_key
        WHERE available <= :last AND {independent()}
          AND mentions.kind = 'technology' AND concept != ''
        GROUP BY theme, concept ORDER BY theme, count(DISTINCT documents.id) DESC, concept
    """
    found: dict[str, list[str]] = {}
    for theme, concept in db.execute(sql, {"week": week, "last": last_day(week).isoformat()}):
        found.setdefault(theme, []).append(concept)
    return found


def new_technologies_of_week(db: Database, week: str) -> dict[str, list[str]]:
    """The new technology candidates in each theme, those of the most documents first.

    One is a theme's when two of the theme's documents name it.
    """
    themes: dict[str, list[str]] = {}
    for theme, documents in members_of_week(db, week).items():
        for document in documents:
            themes.setdefault(document, []).append(theme)
    found: dict[str, list[str]] = {}
    for one in new_technology_candidates(db, week=week):
        times = Counter(theme for document in one.ids for theme in themes.get(document, ()))
        for theme in sorted(theme for theme, count in times.items() if count >= LEAST_OF_THEME):
            found.setdefault(theme, []).append(one.label)
    return found


def signals_of_week(db: Database, week: str) -> Iterator[Row]:
    """The signal of each theme, as it was computed."""
    sql = "SELECT detail FROM signals WHERE week = ? ORDER BY theme"
    for (detail,) in db.execute(sql, [week]):
        values = json.loads(detail)
        yield values["signal"] | {"cross_sector": values.get("cross_sector") or {}}


def matches_of_week(db: Database, week: str) -> Iterator[Row]:
    """The priorities that themes meet, by region and score."""
    sql = """
        SELECT theme, week, region, priority, score, text, codes, words, reasons FROM matches
        WHERE week = ? ORDER BY region, priority, score DESC, theme
    """
    for row in db.query(sql, [week]):
        yield row | {"reasons": json.loads(row["reasons"] or "[]")}
