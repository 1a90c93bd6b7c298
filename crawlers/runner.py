"""Run spiders: one engine start in a process of its own, one CrawlResult per source.

Twisted's reactor starts once per process, so `crawl` works in a child: it can be called
again and again, a crash or a memory leak of a parser ends with the child, and whatever
finished before it is kept.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from config.errors import ConfigError
from config.models import Settings, Source
from crawlers.results import CrawlResult, Window
from crawlers.settings import CrawlLimits, require_contact

log = logging.getLogger(__name__)

States = Mapping[str, dict[str, Any]]
GRACE = 30.0  # seconds between asking the child to stop and stopping it
LOOK = 0.2  # seconds between looks for what the child has finished


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
    ready: Callable[[CrawlResult], None] = lambda result: None,
) -> list[CrawlResult]:
    """Crawl *sources*, each over its window, into `landing/<source>/<run_id>.jsonl`.

    *states* are the states of the last complete results (leave them out to read everything
    again); *replay* gives raw archives to read instead of the network. One result per source,
    in the order given; *ready* gets each as soon as it is there, while others are still read.
    ConfigError when nobody could be asked to complain to.
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
        longest = limits.run_seconds + limits.request_seconds  # the last one is waited for
        kept = states or {}
        results: dict[str, CrawlResult] = {}

        def look(ended: str | None = None) -> None:
            """Hand out what is there; once the child has *ended*, what it did not write too."""
            for one in chosen:
                path = Path(folder, f"{one.name}.result.json")
                if one.name not in results and (ended is not None or path.exists()):
                    state = kept.get(one.name, {})
                    results[one.name] = _result(path, one, windows[one.name], ended or "", state)
                    ready(results[one.name])

        look(_run_child(Path(folder), longest + GRACE, look))
        return [results[one.name] for one in chosen]


def replay(
    source: Source, raw: Path, landing: Path, *, run_id: str, settings: Settings
) -> CrawlResult:
    """Read a raw archive again, as if the web gave the same answers: no network is touched.

    Window and HTTP state are the archive's own, so that what was known then is not asked for
    now. InputError when *raw* is not an archive.
    """
    from crawlers.archive import archived_crawl

    window, state = archived_crawl(raw)
    [result] = crawl(
        [source],
        {source.name: window},
        landing,
        run_id=run_id,
        settings=settings,
        states={source.name: state},
        replay={source.name: raw},
    )
    return result


def _run_child(folder: Path, seconds: float, meanwhile: Callable[[], None]) -> str:
    """Run the child on the job in *folder*; why it ended, empty when it finished.

    *meanwhile* is called again and again until then.
    """
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    command = [sys.executable, "-m", "crawlers.worker", str(folder)]
    # The child ends when its standard input does, so it never outlives us.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    ) as child:
        over = time.monotonic() + seconds
        code = None
        try:
            while code is None:
                if time.monotonic() > over:
                    child.kill()
                    return f"stopped after {seconds:.0f} s"
                with suppress(subprocess.TimeoutExpired):
                    code = child.wait(timeout=LOOK)
                meanwhile()
        except BaseException:
            child.kill()
            raise
    return f"the crawler process ended with code {code}" if code else ""


def _result(
    path: Path, source: Source, window: Window, ended: str, state: dict[str, Any]
) -> CrawlResult:
    """What the child wrote about *source* to *path*, or that it could not."""
    if path.exists():
        return CrawlResult.from_json(json.loads(path.read_text(encoding="utf-8")))
    reason = ended or "the crawler process said nothing about it"
    return CrawlResult(source.name, *window, complete=False, errors=1, reason=reason, state=state)


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
