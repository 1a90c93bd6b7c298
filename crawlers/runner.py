"""Run spiders: one engine start in a process of its own, one CrawlResult per source.

Twisted's reactor starts once per process, so `crawl` works in a child: it can be called
again and again, a crash or a memory leak of a parser ends with the child, and whatever
finished before it is kept.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from config.errors import ConfigError, InputError
from config.models import Settings, Source
from crawlers.results import CrawlResult, Window
from crawlers.settings import CrawlLimits, require_contact, scrapy_settings

log = logging.getLogger(__name__)

States = Mapping[str, dict[str, Any]]
GRACE = 30.0  # seconds between asking the child to stop and stopping it


def crawl(
    sources: Iterable[Source],
    windows: Mapping[str, Window],
    landing: Path,
    *,
    run_id: str,
    settings: Settings,
    states: States | None = None,
    limits: CrawlLimits | None = None,
    replay: Mapping[str, Path] | None = None,
) -> list[CrawlResult]:
    """Crawl *sources*, each over its window, into `landing/<source>/<run_id>.jsonl`.

    *states* are the states of the last complete results (leave them out to read everything
    again); *replay* gives raw archives to read instead of the network. One result per source,
    in the order given. ConfigError when nobody could be asked to complain to.
    """
    chosen = tuple(sources)
    limits = limits or CrawlLimits()
    if not replay:
        require_contact(settings, chosen)
    if not chosen:
        return []
    with tempfile.TemporaryDirectory(prefix="crawl-") as folder:
        job = {
            "sources": [source.model_dump(mode="json") for source in chosen],
            "windows": {s.name: [day.isoformat() for day in windows[s.name]] for s in chosen},
            "landing": str(landing.resolve()),
            "run_id": run_id,
            "settings": settings.model_dump(mode="json"),
            "states": dict(states or {}),
            "limits": asdict(limits),
            "replay": {name: str(path) for name, path in (replay or {}).items()},
        }
        Path(folder, "job.json").write_text(json.dumps(job), encoding="utf-8")
        ended = _run_child(Path(folder), limits.run_seconds + GRACE)
        kept = states or {}
        return [
            _result(Path(folder), s, windows[s.name], ended, kept.get(s.name, {})) for s in chosen
        ]


def replay(
    source: Source, raw: Path, landing: Path, *, run_id: str, settings: Settings
) -> CrawlResult:
    """Read a raw archive again, as if the web gave the same answers: no network is touched.

    The window is the archive's own. InputError when *raw* is not an archive.
    """
    from crawlers.archive import archived_window

    window = archived_window(raw)
    [result] = crawl(
        [source],
        {source.name: window},
        landing,
        run_id=run_id,
        settings=settings,
        replay={source.name: raw},
    )
    return result


def _run_child(folder: Path, seconds: float) -> str:
    """Run the child on the job in *folder*; why it ended, empty when it finished."""
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    command = [sys.executable, "-m", "crawlers.runner", str(folder)]
    # The child ends when its standard input does, so it never outlives us.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    ) as child:
        try:
            code = child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            return f"stopped after {seconds:.0f} s"
        except BaseException:
            child.kill()
            raise
    return f"the crawler process ended with code {code}" if code else ""


def _result(
    folder: Path, source: Source, window: Window, ended: str, state: dict[str, Any]
) -> CrawlResult:
    """What the child wrote about *source*, or that it could not."""
    path = folder / f"{source.name}.result.json"
    if path.exists():
        return CrawlResult.from_json(json.loads(path.read_text(encoding="utf-8")))
    reason = ended or "the crawler process said nothing about it"
    return CrawlResult(source.name, *window, complete=False, errors=1, reason=reason, state=state)


# --- in the child ------------------------------------------------------------


def spider_class(name: str) -> Any:
    """The one spider defined in `crawlers/spiders/<name>.py`; ConfigError when there is none."""
    from crawlers.spiders.base import SourceSpider

    try:
        module = import_module(f"crawlers.spiders.{name}")
    except ModuleNotFoundError as exc:
        raise ConfigError(f"spider {name!r}: there is no crawlers/spiders/{name}.py") from exc
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, SourceSpider)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise ConfigError(f"spider {name!r}: the module defines {len(found)} spiders, not one")
    return found[0]


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
    over = asyncio.Event()

    async def in_turn(source: Source) -> None:
        async with turn:
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
        await runner.stop()

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
        archive = None if raw else Archive(folder / f"{job.run_id}.raw.jsonl.gz", source, window)
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
    if archive is not None and result.complete and result.raw and not result.unchanged:
        _drop_older(folder, Path(result.raw))
    times = {"started": _stamp(started), "ended": _stamp(datetime.now(UTC))}
    return CrawlResult.from_json(result.as_json() | times)


def _concluded(
    crawler: Any, source: Source, window: Window, broken: str, landing: Any, archive: Any
) -> CrawlResult:
    """The result of a crawl that has ended, its files closed."""
    from crawlers.spiders.base import Tally

    tally = crawler.spider.tally if crawler.spider is not None else Tally()
    reasons = [broken] if broken else []
    finish = crawler.stats.get_value("finish_reason") if crawler.stats is not None else None
    if finish == "closespider_timeout":
        reasons.append("its time was over before the list ended")
    elif finish != "finished" and not broken:
        reasons.append(f"ended early: {finish}")
    reasons += tally.failures
    files: dict[str, Any] = {}
    for name, file in (("landing", landing), ("raw", archive)):
        try:
            files[name] = file.close() if file is not None else ""
        except OSError as exc:
            reasons.append(f"cannot write {file.path.name}: {exc}")
    unread = not tally.pages and not tally.unchanged and not reasons
    if unread:
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
        unchanged=bool(tally.unchanged) and not tally.pages,
        state=_next_state(crawler.spider, complete=not reasons),
        **files,
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


def _drop_older(folder: Path, current: Path) -> None:
    """Raw answers are kept for one cycle: the newest complete crawl replaces the others."""
    for path in folder.glob("*.raw.jsonl.gz"):
        if path != current:
            path.unlink(missing_ok=True)


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

    threading.Thread(target=_end_with_parent, daemon=True).start()
    job = _Job(folder)
    values = scrapy_settings(job.settings, job.limits, replay=bool(job.replay))
    configure_logging(values)
    allow_hosts(job.sources)
    anything: Any = reactor
    GuardedResolver(anything, cache_size=1000, timeout=20.0).install_on_reactor()
    runner = AsyncCrawlerRunner(values)
    done = deferred_from_coro(_crawl_all(job, runner))
    done.addErrback(lambda failure: log.critical("the run broke: %s", failure.getTraceback()))
    done.addBoth(lambda _: anything.stop())
    anything.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
