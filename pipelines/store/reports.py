"""What a report reads from the store, and the record of what was published and sent."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from nlp.documents import CrossSector, Growth, Match, SectorPair, Signal
from pipelines.database import Database
from pipelines.store.asof import MEMBERS, as_of_week, independent
from pipelines.store.themes import followed, heirs

Row = dict[str, Any]

# An organisation's finest seat of all that documents named by the day :last.
_SEAT = """(
    SELECT elsewhere.nuts FROM participations AS elsewhere
    JOIN documents AS telling ON telling.id = elsewhere.document
    WHERE elsewhere.organisation = organisations.id AND elsewhere.nuts != ''
      AND telling.available <= :last
    ORDER BY length(elsewhere.nuts) DESC, elsewhere.nuts LIMIT 1
)"""
_MEMBERS = f"(SELECT * FROM ({MEMBERS}) WHERE theme = :theme) AS members"


@dataclass(frozen=True, slots=True)
class ThemeState:
    """A theme with all that one week says about it."""

    theme: str
    label: str
    keywords: tuple[str, ...]
    parent: str  # the largest theme of its neighbourhood, empty for none
    signal: Signal
    cross: CrossSector


# --- themes and what the week says of them -----------------------------------


def states_of_week(db: Database, week: str) -> list[ThemeState]:
    """Every theme that has a signal in *week*, by id."""
    sql = f"""
        SELECT signals.theme, signals.detail, themes.label,
            {as_of_week("keywords")} AS keywords, {as_of_week("parent")} AS parent
        FROM signals JOIN themes ON themes.id = signals.theme
        WHERE signals.week = :week ORDER BY signals.theme
    """
    return [_state(row) for row in db.query(sql, {"week": week})]


def _state(row: Row) -> ThemeState:
    detail = json.loads(row["detail"])
    signal, cross = detail["signal"], detail.get("cross_sector") or {}
    return ThemeState(
        row["theme"],
        row["label"],
        tuple(json.loads(row["keywords"] or "[]")),
        row["parent"] or "",
        Signal(
            **{
                **signal,
                "growth": Growth(**signal["growth"]),
                "sparkline": tuple(signal["sparkline"]),
                "doubts": tuple(signal.get("doubts", ())),
            }
        ),
        CrossSector(
            **{**cross, "pairs": tuple(SectorPair(**pair) for pair in cross.get("pairs", ()))}
        ),
    )


def was_analysed(db: Database, week: str) -> bool:
    """Whether signals of *week* were computed, even if there was no theme to speak of."""
    sql = """
        SELECT 1 FROM signals WHERE week = :week
        UNION ALL
        SELECT 1 FROM stage_runs WHERE week = :week AND stage = 'signals' AND status = 'done'
        LIMIT 1
    """
    return any(db.query(sql, {"week": week}))


def previous_week(db: Database, week: str) -> str | None:
    """The last week before *week* that has signals; None for the first one."""
    [row] = db.query("SELECT max(week) AS week FROM signals WHERE week < ?", [week])
    return row["week"] or None


def labels(db: Database) -> dict[str, str]:
    """Every theme's label, also of those that ended."""
    return {row["id"]: row["label"] for row in db.query("SELECT id, label FROM themes")}


def matches_of_week(db: Database, week: str) -> list[Match]:
    """All pairs of themes and priorities kept in *week*, best first."""
    sql = """
        SELECT theme, region, priority, score, text, codes, words, reasons FROM matches
        WHERE week = ? ORDER BY score DESC, theme, region, priority
    """
    return [
        Match(**{**row, "reasons": tuple(json.loads(row["reasons"] or "[]"))})
        for row in db.query(sql, [week])
    ]


def theme_events(db: Database, week: str) -> list[Row]:
    """Splits, merges, births and ends decided in *week*."""
    sql = """
        SELECT theme, event, other, detail FROM theme_events
        WHERE week = ? ORDER BY theme, event, other
    """
    return list(db.query(sql, [week]))


def judgements_until(db: Database, day: date) -> list[Row]:
    """What readers said by the end of *day*, oldest first."""
    sql = "SELECT theme, verdict, region, note FROM judgements WHERE substr(judged, 1, 10) <= ?"
    return list(db.query(f"{sql} ORDER BY judged, id", [day.isoformat()]))


# --- evidence of one theme ---------------------------------------------------


def theme_evidence(db: Database, theme: str, week: str, day: date) -> list[Row]:
    """Independent documents of *theme* available by *day*, closest to the theme first."""
    sql = f"""
        SELECT documents.id, documents.title, documents.url, documents.source, documents.kind,
               documents.published, documents.available, members.similarity
        FROM {_MEMBERS} JOIN documents ON documents.id = members.document
        WHERE documents.available <= :last AND {independent()}
        ORDER BY members.similarity DESC, documents.published DESC, documents.id
    """
    return list(db.query(sql, {"theme": theme, "week": week, "last": day.isoformat()}))


def theme_participants(db: Database, theme: str, week: str, day: date) -> list[Row]:
    """Who takes part in the theme's documents: organisation, place, document; by name."""
    sql = f"""
        SELECT organisations.id AS organisation, organisations.name, organisations.country,
               coalesce(nullif(participations.nuts, ''), {_SEAT}, '') AS nuts,
               participations.role, documents.id, documents.title, documents.url,
               documents.source, documents.kind, documents.published
        FROM {_MEMBERS}
        JOIN documents ON documents.id = members.document
        JOIN participations ON participations.document = documents.id
        JOIN organisations ON organisations.id = participations.organisation
        WHERE documents.available <= :last AND {independent()}
        ORDER BY organisations.name, organisations.id, documents.published DESC, documents.id
    """
    return list(db.query(sql, {"theme": theme, "week": week, "last": day.isoformat()}))


def theme_technologies(db: Database, theme: str, week: str, day: date) -> dict[str, int]:
    """Documents of *theme* by technology concept."""
    sql = f"""
        SELECT mentions.concept, count(DISTINCT documents.id) AS documents
        FROM {_MEMBERS}
        JOIN documents ON documents.id = members.document
        JOIN mentions ON mentions.text_key = documents.text_key
        WHERE documents.available <= :last AND {independent()}
          AND mentions.kind = 'technology' AND mentions.concept != ''
        GROUP BY mentions.concept
    """
    rows = db.query(sql, {"theme": theme, "week": week, "last": day.isoformat()})
    return {row["concept"]: row["documents"] for row in rows}


def theme_carries(db: Database, theme: str, week: str, day: date, scheme: str) -> dict[str, int]:
    """Documents of *theme* by the code of *scheme* that they carry, such as `value_chain`."""
    sql = f"""
        SELECT sector, count(*) AS documents FROM {_MEMBERS}
        JOIN documents ON documents.id = members.document
        JOIN document_sectors ON document_sectors.document = documents.id
        WHERE documents.available <= :last AND {independent()} AND scheme = :scheme
        GROUP BY sector ORDER BY sector
    """
    values = {"theme": theme, "week": week, "last": day.isoformat(), "scheme": scheme}
    return {row["sector"]: row["documents"] for row in db.query(sql, values)}


# --- the corpus --------------------------------------------------------------


def counts_between(db: Database, column: str, first: date, last: date) -> dict[str, int]:
    """Independent documents available in those days, by `kind`, `source` or `language`."""
    if column not in {"kind", "source", "language"}:
        raise ValueError(column)
    sql = f"""
        SELECT coalesce({column}, '') AS value, count(*) AS documents FROM documents
        WHERE available BETWEEN :first AND :last AND {independent()} GROUP BY 1 ORDER BY 1
    """
    rows = db.query(sql, {"first": first.isoformat(), "last": last.isoformat()})
    return {row["value"]: row["documents"] for row in rows}


def count_until(db: Database, day: date) -> int:
    """Independent documents available by the end of *day*."""
    sql = f"SELECT count(*) AS n FROM documents WHERE available <= :last AND {independent()}"
    [row] = db.query(sql, {"last": day.isoformat()})
    return int(row["n"])


def crawls_of_days(db: Database, first: date, last: date) -> list[Row]:
    """Crawls whose window meets those days, in the order they ended."""
    sql = """
        SELECT source, until, complete, verdict, reason FROM crawl_results
        WHERE until >= ? AND since <= ? ORDER BY ended, run_id, source
    """
    return list(db.query(sql, [first.isoformat(), last.isoformat()]))


# --- how earlier flags turned out --------------------------------------------


def flagged_in(db: Database, week: str, *, now: str) -> list[str]:
    """Themes flagged in *week*, each once as it is called in the week *now*.

    One that was merged since, be it more than once, stands under its last heir.
    """
    rows = db.execute("SELECT theme FROM signals WHERE week = ? AND flagged", [week])
    merged = heirs(db, now)
    return sorted({followed(merged, theme) for (theme,) in rows})


def theme_count(db: Database, theme: str, week: str, first: date, last: date) -> int:
    """Independent documents of *theme* that became available in those days."""
    sql = f"""
        SELECT count(*) AS n FROM {_MEMBERS} JOIN documents ON documents.id = members.document
        WHERE documents.available BETWEEN :first AND :last AND {independent()}
    """
    days = {"first": first.isoformat(), "last": last.isoformat()}
    [row] = db.query(sql, {"theme": theme, "week": week, **days})
    return int(row["n"])


def count_between(
    db: Database, first: date, last: date, *, languages: Sequence[str] | None = None
) -> int:
    """Independent documents of those days; with *languages* only those in one of them."""
    sql = f"""
        SELECT count(*) AS n FROM documents
        WHERE available BETWEEN :first AND :last AND {independent()}
    """
    if languages is not None:
        sql += " AND language IN (SELECT value FROM json_each(:languages))"
    days = {"first": first.isoformat(), "last": last.isoformat()}
    [row] = db.query(sql, {**days, "languages": json.dumps(list(languages or ()))})
    return int(row["n"])


# --- published and sent ------------------------------------------------------


def save_reports(db: Database, week: str, published: Iterable[tuple[str, str, str]]) -> None:
    """Record (audience, path, created) of what was published; delivery marks stay."""
    sql = """
        INSERT INTO reports (week, audience, path, created) VALUES (?, ?, ?, ?)
        ON CONFLICT (week, audience) DO UPDATE
        SET path = excluded.path, created = excluded.created
    """
    with db.atomic():
        db.conn.executemany(sql, [(week, *one) for one in published])


def is_delivered(db: Database, week: str, audience: str) -> bool:
    """Whether this report went out before."""
    sql = "SELECT 1 FROM reports WHERE week = ? AND audience = ? AND coalesce(delivered, '') != ''"
    return any(db.query(sql, [week, audience]))


def mark_delivered(db: Database, week: str, audience: str, moment: str) -> None:
    """Remember that a report went out, so that it is not sent again."""
    with db.atomic():
        db.conn.execute(
            "UPDATE reports SET delivered = ? WHERE week = ? AND audience = ?",
            [moment, week, audience],
        )
