"""The order of the stages, and nothing else.

Each stage asks the store what is left to do, so a run that was killed is simply
started again: finished work costs nothing, unfinished work goes on where it stopped.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path

from config.configuration import Configuration
from config.weeks import week_of
from pipelines.database import Database
from pipelines.store import open_store
from pipelines.store.runs import stage

log = logging.getLogger(__name__)

Stage = Callable[..., None]

# Named, not imported: each stage pulls in heavy libraries that the others do not need.
ANALYSIS = ("enrich", "embed", "themes", "signals", "matches")
SPREAD = {"enrich", "embed"}  # text by text, so that several machines can share them


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    week: str
    reports: tuple[Path, ...] = ()
    silent_sources: tuple[str, ...] = field(default=())  # not heard from: a person should look


def analyse(db: Database, configuration: Configuration, *, run_id: str, week: str) -> None:
    """Everything between the documents and the report, stage by stage."""
    for name in ANALYSIS:
        function = stage_of(name, configuration.settings.workers)
        with stage(db, run_id, name, week) as counts:
            function(db, configuration, counts, week=week)


def stage_of(name: str, workers: str) -> Stage:
    """The function of the stage *name*, or its counterpart for the workers that are set."""
    if workers == "ray" and name in SPREAD:
        found: Stage = getattr(import_module("pipelines.spread"), f"spread_{name}")
    else:
        found = getattr(import_module(f"pipelines.{name}"), name)
    return found


def run_week(
    data: Path,
    configuration: Configuration,
    week: str,
    *,
    today: date,
    run_id: str,
    collect: bool = True,
    regions: Sequence[str] | None = None,
    clusters: Sequence[str] | None = None,
    deliver: bool = False,
) -> Outcome:
    """Collect, analyse and report *week*; the caller holds the lock of *data*."""
    db = open_store(data)
    try:
        silent = _collect(db, data, configuration, run_id=run_id, today=today) if collect else ()
        analyse(db, configuration, run_id=run_id, week=week)
        reports = _report(db, data, configuration, run_id, week, regions, clusters, deliver)
    finally:
        db.close()
    return Outcome(week, reports, silent)


def _collect(
    db: Database, data: Path, configuration: Configuration, *, run_id: str, today: date
) -> tuple[str, ...]:
    """Crawl and ingest; returns the sources that were not heard from."""
    from pipelines.collect import collect

    with stage(db, run_id, "collect", week_of(today)) as counts:
        verdicts = collect(db, data, configuration, counts, run_id=run_id, today=today)
    return tuple(sorted(name for name, verdict in verdicts.items() if verdict == "failed"))


def _report(
    db: Database,
    data: Path,
    configuration: Configuration,
    run_id: str,
    week: str,
    regions: Sequence[str] | None,
    clusters: Sequence[str] | None,
    deliver: bool,
) -> tuple[Path, ...]:
    from pipelines.report import report_week

    with stage(db, run_id, "report", week) as counts:
        paths = report_week(
            db, data, configuration, week, regions=regions, clusters=clusters, deliver=deliver
        )
        counts["reports"] = len(paths)
    return tuple(paths)
