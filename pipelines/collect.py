"""Stage: crawl the sources that are due, record how each did, ingest what they landed."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from config.configuration import Configuration
from config.errors import UsageError
from config.models import Source
from config.weeks import week_of
from crawlers.results import GONE, CrawlResult, Verdict, Window
from pipelines.database import Database
from pipelines.ingest import ingest
from pipelines.store.runs import (
    crawl_states,
    kept_files,
    landing_known,
    last_crawls,
    now,
    save_crawl,
    stage,
    watermarks,
)

log = logging.getLogger(__name__)

PERIOD = {"daily": 1, "weekly": 6}  # days; six, so that a weekly run an hour early still reads


def collect(
    db: Database,
    data: Path,
    configuration: Configuration,
    counts: Counter[str],
    *,
    run_id: str,
    today: date,
    names: Sequence[str] = (),
    since: date | None = None,
    replay: bool = False,
) -> dict[str, Verdict]:
    """Read the sources that are due, or those in *names*, and ingest every landing file.

    *since* replaces the beginning of every window. With *replay* the raw answers of each
    source's last crawl are read again instead of the network. Returns the verdict on each
    source that was read. UsageError for an unknown name.

    A source is recorded and its documents are stored as soon as it was read, while others
    still are: a kill costs only those, and the second core has something to do.
    """
    sources = choose(configuration.sources, names)
    verdicts: dict[str, Verdict] = {}
    stored: Counter[str] = Counter()

    def record(result: CrawlResult) -> None:
        expect = configuration.sources[result.source].expect
        verdict = result.verdict(expect)
        result = replace(result, reason=result.why(expect))
        save_crawl(db, run_id, result, verdict)
        verdicts[result.source] = verdict
        counts[verdict] += 1
        counts["items"] += result.items
        if verdict != "healthy":
            log.warning("source=%s verdict=%s %s", result.source, verdict, result.reason)
        ingest(db, data, configuration.settings, stored, today=today, only=result.source)

    if replay:
        for result in _replayed(db, data, configuration, sources, run_id):
            record(result)
    else:
        marks = watermarks(db)
        if not names and since is None:
            sources = [source for source in sources if is_due(source, marks, today)]
        windows = {one.name: window(one, marks.get(one.name), today, since) for one in sources}
        _crawl(db, data, configuration, sources, windows, run_id, record, fresh=since is None)
    with stage(db, run_id, "ingest", week_of(today)) as ingested:
        ingested.update(stored)
        ingest(db, data, configuration.settings, ingested, today=today)  # what a kill left
    _tidy(db, data / "landing", verdicts)
    return verdicts


def _tidy(db: Database, landing: Path, names: Iterable[str]) -> None:
    """Remove what no replay needs: raw answers and ingested files of crawls that were followed
    by a complete one."""
    kept, ingested = kept_files(db), landing_known(db)
    for name in names:
        for path in (landing / name).glob("*.jsonl*"):
            file = f"{name}/{path.name}"
            if file not in kept and (file in ingested or path.name.endswith(".raw.jsonl.gz")):
                path.unlink()


def choose(sources: Mapping[str, Source], names: Iterable[str]) -> list[Source]:
    """The sources *names* (paused ones too, when asked for), or all that are not paused."""
    wanted = list(dict.fromkeys(names))
    if unknown := [name for name in wanted if name not in sources]:
        raise UsageError(f"no source {', '.join(unknown)}; `trendscout status` lists them")
    if wanted:
        return [sources[name] for name in wanted]
    return [source for _, source in sorted(sources.items()) if source.crawl != "paused"]


def is_due(source: Source, marks: Mapping[str, date], today: date) -> bool:
    """Whether its last good window is old enough; a failed window leaves it due."""
    mark = marks.get(source.name)
    return mark is None or (today - mark).days >= PERIOD[source.crawl]


def is_gone(source: Source, crawl: Mapping[str, Any] | None) -> bool:
    """Whether its last answer was 410 at the address it still has: only a person can mend it."""
    address = str(source.endpoint or source.url)
    said = crawl["reason"] if crawl else ""
    return said.startswith(GONE) and address in said.split()


def window(source: Source, mark: date | None, today: date, since: date | None) -> Window:
    """From the last good day, less the overlap in which late records arrive, until today."""
    if since is None:
        back = source.history_days if mark is None else source.overlap_days
        since = (mark or today) - timedelta(days=back)
    if since > today:
        raise UsageError(f"{since} lies in the future")
    return Window(since, today)


def _crawl(
    db: Database,
    data: Path,
    configuration: Configuration,
    sources: Sequence[Source],
    windows: Mapping[str, Window],
    run_id: str,
    record: Callable[[CrawlResult], None],
    *,
    fresh: bool,
) -> None:
    """Crawl *sources*, but those that are gone for good; *record* gets each result."""
    from crawlers.runner import crawl  # starts a process, so it is loaded when there is work

    known = last_crawls(db) if fresh else {}
    left = [one for one in sources if is_gone(one, known.get(one.name))]
    asked = [one for one in sources if one not in left]
    for one in left:
        record(
            CrawlResult(
                one.name, *windows[one.name], complete=False, errors=1,
                started=now(), ended=now(), reason=known[one.name]["reason"],
            )
        )  # fmt: skip
    if not asked:
        return
    crawl(
        asked,
        windows,
        data / "landing",
        run_id=run_id,
        settings=configuration.settings,
        # Without its state a source is read in full, which an earlier `since` asks for.
        states=crawl_states(db) if fresh else None,
        ready=record,
    )


def _replayed(
    db: Database,
    data: Path,
    configuration: Configuration,
    sources: Sequence[Source],
    run_id: str,
) -> list[CrawlResult]:
    """The last raw answers of *sources* that still have some, read by the present readers."""
    from crawlers.runner import replay

    crawls = last_crawls(db, with_raw=True)
    raws = {
        source.name: Path(crawls[source.name]["raw"])
        for source in sources
        if source.name in crawls and Path(crawls[source.name]["raw"]).is_file()
    }
    if not raws:
        raise UsageError("no raw answers are kept for these sources; collect first")
    return [
        replay(
            source,
            raws[source.name],
            data / "landing",
            run_id=run_id,
            settings=configuration.settings,
        )
        for source in sources
        if source.name in raws
    ]
