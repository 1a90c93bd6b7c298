"""The child process of a crawl: all spiders in one engine, one result file per source.

Started by `crawlers.runner` with the folder of a job; a result is written as soon as its
spider has closed, so that a crash costs only what was still running.
"""

import asyncio
import gc
import json
import logging
import os
import signal
import sys
import threading
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.errors import ConfigError, InputError
from config.models import Settings, Source
from crawlers.results import CrawlResult, Window
from crawlers.runner import spider_class
from crawlers.settings import CrawlLimits, scrapy_settings

log = logging.getLogger(__name__)


class _Job:
    """What the child was asked to do."""

    def __init__(self, folder: Path) -> None:
        values = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        self.folder = folder
        self.sources = [Source.model_validate(each) for each in values["sources"]]
        self.windows = {
            name: Window(*(datetime.fromisoformat(day).date() for day in days))
            for name, days in values["windows"].items()
        }
        self.landing = Path(values["landing"])
        self.run_id: str = values["run_id"]
        self.settings = Settings.model_validate(values["settings"])
        self.states: dict[str, Any] = values["states"]
        self.limits = CrawlLimits(**values["limits"])
        self.replay: dict[str, str] = values["replay"]

    def keep(self, result: CrawlResult) -> None:
        """Write *result* where the parent looks, whole or not at all."""
        path = self.folder / f"{result.source}.result.json"
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(result.as_json()), encoding="utf-8")
        partial.replace(path)


async def _crawl_all(job: _Job, runner: Any) -> None:
    """Crawl every source, a few at a time, until the run's time is over."""
    turn = asyncio.Semaphore(job.limits.sources_at_once)
    # Requests to one host go one by one: while one source of it reads, another asks, and more
    # would hold a turn without need, and all end at the same time.
    lanes: dict[Any, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(2))
    over = asyncio.Event()

    async def in_turn(source: Source) -> None:
        address = source.endpoint or source.url
        async with lanes[address.host, address.port], turn:
            if over.is_set():
                window = job.windows[source.name]
                reason = "the run's time was over before its turn"
                state = job.states.get(source.name, {})
                job.keep(_failed(source, window, datetime.now(UTC), reason, state))
                return
            job.keep(await _crawl_one(job, runner, source))

    async def end() -> None:
        await asyncio.sleep(job.limits.run_seconds)
        over.set()
        # Again and again: Scrapy forgets a stop that comes while a crawl is starting.
        while True:
            for crawler in tuple(runner.crawlers):
                with suppress(RuntimeError):  # it has no engine yet
                    if crawler.engine.running:
                        await crawler.stop_async()
            await asyncio.sleep(0.2)

    clock = asyncio.ensure_future(end())
    await asyncio.gather(*(in_turn(source) for source in job.sources))
    clock.cancel()


async def _crawl_one(job: _Job, runner: Any, source: Source) -> CrawlResult:
    """Crawl one source; whatever goes wrong stays with it."""
    from crawlers.archive import Archive, read_archive
    from crawlers.landing import Landing

    window = job.windows[source.name]
    started = datetime.now(UTC)
    folder = job.landing / source.name
    state = job.states.get(source.name, {})
    for left in folder.glob("*.part"):
        left.unlink()  # of a crawl that was killed: its window is read again
    try:
        spider = spider_class(source.spider)
        landing = Landing(folder / f"{job.run_id}.jsonl")
        raw = job.replay.get(source.name)
        replayed = read_archive(Path(raw)) if raw else {}
        kept = folder / f"{job.run_id}.raw.jsonl.gz"
        archive = None if raw else Archive(kept, source, window, state)
    except (ConfigError, InputError, OSError) as exc:
        return _failed(source, window, started, str(exc), state)
    except Exception as exc:
        log.exception("%s: the spider cannot be loaded", source.name)
        return _failed(source, window, started, f"{type(exc).__name__}: {exc}", state)
    crawler = runner.create_crawler(spider)
    broken = ""
    try:
        await runner.crawl(
            crawler, source, window, state, landing=landing, archive=archive, replayed=replayed
        )
    except Exception as exc:
        log.exception("%s: the crawl broke", source.name)
        broken = f"{type(exc).__name__}: {exc}"
    result = _concluded(crawler, source, window, broken, landing, archive)
    times = {"started": _stamp(started), "ended": _stamp(datetime.now(UTC))}
    return CrawlResult.from_json(result.as_json() | times)


_ENDINGS = {
    "closespider_timeout": "its time was over before the list ended",
    "shutdown": "the run's time was over before the list ended",
}


def _concluded(
    crawler: Any, source: Source, window: Window, broken: str, landing: Any, archive: Any
) -> CrawlResult:
    """The result of a crawl that has ended, its files closed."""
    from crawlers.spiders.base import Tally

    tally = crawler.spider.tally if crawler.spider is not None else Tally()
    reasons = [broken] if broken else []
    finish = crawler.stats.get_value("finish_reason") if crawler.stats is not None else None
    if finish in _ENDINGS:
        reasons.append(_ENDINGS[finish])
    elif finish != "finished" and not broken:
        reasons.append(f"ended early: {finish}")
    reasons += tally.failures
    # "Nothing new" is nothing to replay: the answers before it stay the last ones.
    unchanged = bool(tally.unchanged) and not tally.pages
    landed, kept = "", ""
    try:
        landed = landing.close()
        kept = archive.close(keep=not unchanged) if archive is not None else ""
    except OSError as exc:
        reasons.append(f"cannot write the files of this crawl: {exc}")
    if not tally.pages and not tally.unchanged and not reasons:
        reasons.append("nothing was read")
    told = reasons + tally.troubles
    return CrawlResult(
        source.name,
        *window,
        complete=not reasons,
        items=tally.items,
        known=tally.known,
        dropped=tally.dropped,
        reported_total=tally.total,
        errors=len(told),
        reason=_summary(told),
        unchanged=unchanged,
        landing=landed,
        raw=kept,
        state=_next_state(crawler.spider, complete=not reasons),
    )


def _next_state(spider: Any, *, complete: bool) -> dict[str, Any]:
    """The HTTP state that the next crawl is to be given."""
    if spider is None:
        return {}
    if not complete:
        return dict(spider.http_state)
    tally = spider.tally
    state = tally.state if tally.pages else spider.http_state | tally.state
    if tally.later:
        # What lies after the window must be seen again: the list may not be skipped.
        return {url: kept for url, kept in state.items() if "entry" in kept}
    return dict(state)


def _failed(
    source: Source, window: Window, started: datetime, reason: str, state: dict[str, Any]
) -> CrawlResult:
    """The result of a crawl that could not begin."""
    now = _stamp(datetime.now(UTC))
    return CrawlResult(
        source.name,
        *window,
        complete=False,
        errors=1,
        reason=reason,
        started=_stamp(started),
        ended=now,
        state=state,
    )


def _summary(reasons: list[str]) -> str:
    """The first reason on one line, and how many more there are."""
    if not reasons:
        return ""
    first = " ".join(reasons[0].split())[:300]
    return first if len(reasons) == 1 else f"{first} (and {len(reasons) - 1} more)"


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _end_with_parent() -> None:
    """Leave at once when the parent is gone: its end of our standard input closes."""
    while os.read(0, 1024):
        pass
    os._exit(1)


def main(folder: Path) -> None:
    """Work on the job in *folder*: what `crawl` starts in a child process."""
    from scrapy.crawler import AsyncCrawlerRunner
    from scrapy.utils.defer import deferred_from_coro
    from scrapy.utils.log import configure_logging
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    from crawlers.network import GuardedResolver, allow_hosts

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides, and its end is ours
    threading.Thread(target=_end_with_parent, daemon=True).start()
    job = _Job(folder)
    values = scrapy_settings(job.settings, job.limits, replay=bool(job.replay))
    configure_logging(values)
    allow_hosts(job.sources)
    anything: Any = reactor
    GuardedResolver.install(anything)
    runner = AsyncCrawlerRunner(values)
    gc.freeze()  # what was loaded stays: the collector need not go through it again and again
    done = deferred_from_coro(_crawl_all(job, runner))
    done.addErrback(lambda failure: log.critical("the run broke: %s", failure.getTraceback()))
    done.addBoth(lambda _: anything.stop())
    anything.run(installSignalHandlers=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
