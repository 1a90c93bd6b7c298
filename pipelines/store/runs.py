"""The ledger: what ran, which landing files were read, how each source did."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from crawlers.results import CrawlResult, Verdict
from pipelines.database import Database

log = logging.getLogger(__name__)
Row = dict[str, Any]


def now() -> str:
    """This second, UTC, as the ledger writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


# --- stages --------------------------------------------------------------------


@contextmanager
def stage(db: Database, run_id: str, name: str, week: str) -> Iterator[Counter[str]]:
    """Record one stage; its body adds to the counter it is handed.

    The row stands there from the start and says `running`; it ends as `done` or `failed`.
    A row that still says `running` after the process has gone is a stage that was killed.
    """
    counts: Counter[str] = Counter()
    row = {"run_id": run_id, "stage": name, "week": week, "started": now(), "status": "running"}
    number: Any = db.table("stage_runs").insert(row, pk="id").last_pk
    status = "failed"
    try:
        yield counts
        status = "done"
    finally:
        if db.conn.in_transaction:
            db.conn.rollback()  # whatever failed half-way is not part of the record
        ended = {"ended": now(), "status": status, "counts": json.dumps(counts, sort_keys=True)}
        db.table("stage_runs").update(number, ended)
        pairs = " ".join(f"{key}={value}" for key, value in sorted(counts.items()))
        log.info("stage=%s week=%s status=%s %s", name, week, status, pairs)


def last_stages(db: Database, *, limit: int = 20) -> list[Row]:
    """The latest stages, newest first."""
    sql = """
        SELECT run_id, stage, week, started, ended, status, coalesce(counts, '{}') AS counts
        FROM stage_runs ORDER BY id DESC LIMIT ?
    """
    return [row | {"counts": json.loads(row["counts"])} for row in db.query(sql, [limit])]


def close_killed(db: Database) -> int:
    """Mark stages of runs that were killed; the caller holds the lock, so none is running."""
    with db.atomic():
        sql = "UPDATE stage_runs SET status = 'killed' WHERE status = 'running'"
        return int(db.conn.execute(sql).rowcount)


# --- landing files -------------------------------------------------------------


def landing_known(db: Database) -> set[str]:
    """Landing files that were read to their end, by path inside the landing folder."""
    return {row["path"] for row in db.query("SELECT path FROM landing_files")}


def save_landing(
    db: Database, path: str, *, source: str, run_id: str, rows: int, rejected: int
) -> None:
    """Remember that a landing file was read to its end."""
    db.table("landing_files").upsert(
        {
            "path": path,
            "source": source,
            "run_id": run_id,
            "ingested": now(),
            "rows": rows,
            "rejected": rejected,
        },
        pk="path",
    )


# --- crawls --------------------------------------------------------------------


def save_crawl(db: Database, run_id: str, result: CrawlResult, verdict: Verdict) -> None:
    """Record one source's crawl; its HTTP state counts only when the crawl did not fail.

    Else a feed that has gone empty would answer "unchanged" next time, and look healthy.
    """
    row = {
        "run_id": run_id,
        "source": result.source,
        "started": result.started,
        "ended": result.ended,
        "since": result.since.isoformat(),
        "until": result.until.isoformat(),
        "complete": int(result.complete),
        "items": result.items,
        "dropped": result.dropped,
        "reported_total": result.reported_total,
        "errors": result.errors,
        "verdict": verdict,
        "reason": result.reason,
        "landing": result.landing,
        "raw": result.raw,
    }
    with db.atomic():
        db.table("crawl_results").upsert(row, pk=("run_id", "source"))
        if result.complete and verdict != "failed" and result.state:
            state = json.dumps(result.state, sort_keys=True)
            db.table("crawl_state").upsert({"source": result.source, "state": state}, pk="source")


def save_ingested(db: Database, run_id: str, source: str, new: int, updated: int) -> None:
    """Add to a crawl's record what its landing file brought into the store."""
    with db.atomic():
        db.conn.execute(
            "UPDATE crawl_results SET new = ?, updated = ? WHERE run_id = ? AND source = ?",
            [new, updated, run_id, source],
        )


def watermarks(db: Database) -> dict[str, date]:
    """The day up to which each source was read without a gap, no window failed.

    A window may fail though it is complete: a source that suddenly lists nothing is read again
    from the last good day once it has recovered.
    A window that begins after the day behind the mark (`--since`) leaves the mark where it is.
    """
    sql = """
        SELECT source, since, until FROM crawl_results WHERE complete AND verdict != 'failed'
        ORDER BY source, ended, rowid
    """
    marks: dict[str, date] = {}
    for row in db.query(sql):
        mark = marks.get(row["source"])
        since, until = date.fromisoformat(row["since"]), date.fromisoformat(row["until"])
        if mark is None or (since <= mark + timedelta(days=1) and until > mark):
            marks[row["source"]] = until
    return marks


def crawl_states(db: Database) -> dict[str, dict[str, Any]]:
    """The HTTP state each source left behind, by URL."""
    return {
        row["source"]: json.loads(row["state"])
        for row in db.query("SELECT source, state FROM crawl_state")
    }


def last_crawls(db: Database, *, with_raw: bool = False) -> dict[str, Row]:
    """Each source's latest crawl (of those with raw answers), with its last good day `success`."""
    raw = "AND raw != ''" if with_raw else ""
    sql = f"""
        SELECT latest.*, (
            SELECT max(until) FROM crawl_results
            WHERE source = latest.source AND complete AND verdict != 'failed'
        ) AS success
        FROM crawl_results AS latest
        WHERE rowid = (
            SELECT rowid FROM crawl_results WHERE source = latest.source {raw}
            ORDER BY ended DESC, rowid DESC LIMIT 1
        )
        ORDER BY source
    """
    return {row["source"]: row for row in db.query(sql)}


def kept_files(db: Database) -> set[str]:
    """What each source's newest crawl, and its newest complete one, left: `source/file`."""
    sql = "SELECT source, complete, landing, raw FROM crawl_results ORDER BY ended, rowid"
    newest: dict[tuple[str, str, bool], str] = {}
    for row in db.query(sql):
        for kind in ("landing", "raw"):
            if row[kind]:
                file = f"{row['source']}/{Path(row[kind]).name}"
                newest[row["source"], kind, False] = file
                newest[row["source"], kind, bool(row["complete"])] = file
    return set(newest.values())


# --- themes in short -------------------------------------------------------------


def theme_counts(db: Database) -> list[Row]:
    """Living themes by what the last judged week says about them."""
    sql = """
        SELECT week || ': ' || class || CASE WHEN flagged THEN ', flagged' ELSE '' END AS class,
               count(*) AS themes
        FROM signals WHERE week = (SELECT max(week) FROM signals)
        GROUP BY class, flagged ORDER BY flagged DESC, themes DESC, class
    """
    return list(db.query(sql))
