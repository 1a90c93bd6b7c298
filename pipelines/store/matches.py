"""Matches of themes with priorities, and what they are made from."""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from config.weeks import last_day
from nlp.documents import Match
from nlp.matching import ThemeProfile
from pipelines.database import Database
from pipelines.store.asof import MEMBERS, as_of_week, independent

Codes = dict[str, dict[str, float]]  # scheme -> code -> weight

# Every theme's independent documents as they stood at the end of :week.
_MEMBERS = f"""
    ({MEMBERS}) AS members JOIN documents ON documents.id = members.document
        AND documents.available <= :last AND {independent()}
"""


def profiles_of_week(
    db: Database, week: str, fields: Mapping[str, Sequence[str]]
) -> list[ThemeProfile]:
    """All themes that have a signal in *week*, by id, with what their documents carry.

    *fields* maps technology ids to the ids of their fields. Weights are sums over the
    documents, scaled so that the largest of each scheme is 1.
    """
    rows = db.execute(
        f"""
        SELECT themes.id, themes.label, {as_of_week("keywords")}, {as_of_week("centroid")}
        FROM themes JOIN signals ON signals.theme = themes.id
        WHERE signals.week = :week ORDER BY themes.id
        """,
        {"week": week},
    ).fetchall()
    sectors = _sectors(db, week)
    technologies = _technologies(db, week, fields)
    return [
        ThemeProfile(
            id=theme,
            label=label,
            keywords=tuple(json.loads(keywords or "[]")),
            centroid=np.frombuffer(centroid, dtype=np.float32),
            codes={
                scheme: _largest_is_one(weights)
                for scheme, weights in (
                    *sectors.get(theme, {}).items(),
                    ("technology", technologies.get(theme, {})),
                )
                if weights
            },
        )
        for theme, label, keywords, centroid in rows
    ]


def weeks_without_matches(db: Database, week: str) -> list[str]:
    """Weeks before *week* that have signals and no match, oldest first."""
    sql = """
        SELECT DISTINCT week FROM signals
        WHERE week < ? AND week NOT IN (SELECT week FROM matches) ORDER BY week
    """
    return [due for (due,) in db.execute(sql, [week])]


def save_matches(db: Database, week: str, matches: Sequence[Match]) -> None:
    """The matches of *week*, in place of what was there, in one transaction."""
    with db.atomic():
        db.conn.execute("DELETE FROM matches WHERE week = ?", [week])
        db.conn.executemany(
            """
            INSERT INTO matches
                (theme, week, region, priority, score, text, codes, words, reasons)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                (one.theme, week, one.region, one.priority, one.score, one.text, one.codes,
                 one.words, json.dumps(one.reasons, ensure_ascii=False))
                for one in matches
            ],
        )  # fmt: skip


def matches_of_week(db: Database, week: str, region: str = "") -> list[Match]:
    """Matches of *week*, best first; of one *region* (NUTS code) when given."""
    rows = db.execute(
        """
        SELECT theme, region, priority, score, text, codes, words, reasons FROM matches
        WHERE week = :week AND (:region = '' OR region = :region)
        ORDER BY score DESC, theme, priority
        """,
        {"week": week, "region": region},
    )
    return [
        Match(theme, nuts, priority, score, text, codes, words, tuple(json.loads(reasons)))
        for theme, nuts, priority, score, text, codes, words, reasons in rows
    ]


def _sectors(db: Database, week: str) -> dict[str, Codes]:
    """Summed weights by theme, scheme and code, for ecosystems and NACE divisions."""
    found: dict[str, Codes] = {}
    for theme, scheme, sector, weight in db.execute(
        f"""
        SELECT members.theme, scheme, sector, sum(weight) FROM {_MEMBERS}
        JOIN document_sectors ON document_sectors.document = members.document
        WHERE scheme IN ('ecosystem', 'nace')
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        {"week": week, "last": last_day(week).isoformat()},
    ):
        found.setdefault(theme, {}).setdefault(scheme, {})[sector] = weight
    return found


def _technologies(
    db: Database, week: str, fields: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """How many documents of each theme name a technology of each field."""
    found: dict[str, dict[str, float]] = {}
    for theme, concept, documents in db.execute(
        f"""
        SELECT members.theme, mentions.concept, count(DISTINCT members.document)
        FROM {_MEMBERS}
        JOIN mentions ON mentions.text_key = documents.text_key
        WHERE mentions.kind = 'technology' AND mentions.concept != ''
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        {"week": week, "last": last_day(week).isoformat()},
    ):
        for field in fields.get(concept, ()):
            weights = found.setdefault(theme, {})
            weights[field] = weights.get(field, 0.0) + documents
    return found


def _largest_is_one(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights relative to the largest; those under a tenth of it are left out as noise."""
    largest = max(weights.values())
    return {
        code: round(weight / largest, 4)
        for code, weight in weights.items()
        if weight >= 0.1 * largest
    }
