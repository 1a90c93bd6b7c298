"""Sites that misbehave, each in its own way, read in one crawl; and the table of what came.

    python -m tests.misbehaving

prints for every site how it behaves, the verdict on it, and the reason an operator is given.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from config.models import Expectation, Settings, Source
from crawlers.results import CrawlResult, Window
from crawlers.runner import crawl
from crawlers.settings import CrawlLimits
from tests.measured import largest_child
from tests.server import (
    Answer,
    Route,
    Site,
    drip,
    endless,
    entity_bomb,
    first_then,
    gzip_bomb,
    hang,
    lie_about_length,
    page,
    paged,
    rss,
    serve,
    slowly,
    stories,
    story,
)

WINDOW = Window(date(2026, 9, 1), date(2026, 9, 7))
SETTINGS = Settings(streams={})
LIMITS = CrawlLimits(
    run_seconds=60,
    source_seconds=30,
    request_seconds=2,
    body_bytes=2_000_000,
    sources_at_once=50,
    retries=1,
    retry_backoff=0.05,
    retry_after_cap=1.5,
)
HEALTHY = Answer(stories(5))


def source(name: str, url: str, **values: Any) -> Source:
    return Source(
        name=name,
        title=name.replace("_", " ").title(),
        summary="A source of the tests, which behaves in the way that its name says.",
        kind="news",
        url=url,
        **{"endpoint": f"{url}/feed", "delay": 0, **values},
    )


# Name of the source -> its routes, the verdict, and a word of the reason.
EXTERNAL = "http://169.254.169.254/latest/meta-data"
CASES: dict[str, tuple[dict[str, Route], str, str]] = {
    "fine": ({"/feed": HEALTHY}, "healthy", ""),
    "fine_too": ({"/feed": HEALTHY}, "healthy", ""),
    "forbidden": ({"/feed": Answer(status=403)}, "failed", "HTTP 403"),
    "missing": ({"/feed": Answer(status=404)}, "failed", "HTTP 404"),
    "gone": ({"/feed": Answer(status=410)}, "failed", "gone for good (HTTP 410)"),
    "moved": (
        {"/feed": Answer(status=301, headers={"Location": "/new"}), "/new": HEALTHY},
        "unusual",
        "/new into endpoint",
    ),
    "moved_for_today": (
        {"/feed": Answer(status=302, headers={"Location": "/new"}), "/new": HEALTHY},
        "healthy",
        "",
    ),
    "asks_for_a_better_plan": (
        {"/feed": Answer(b'{"message": "Plan upgrade required"}', status=429)},
        "failed",
        "HTTP 429",
    ),
    "busy_for_long": (
        {"/feed": Answer(status=429, headers={"Retry-After": "3600"})},
        "failed",
        "HTTP 429",
    ),
    "busy_for_a_second": (
        {"/feed": first_then(Answer(status=429, headers={"Retry-After": "1"}), HEALTHY)},
        "healthy",
        "",
    ),
    "error": ({"/feed": Answer(status=500)}, "failed", "HTTP 500"),
    "error_once": ({"/feed": first_then(Answer(status=500), HEALTHY)}, "healthy", ""),
    "unavailable": ({"/feed": Answer(status=503)}, "failed", "HTTP 503"),
    "hangs": ({"/feed": hang}, "failed", "imeout"),
    "drips": ({"/feed": drip}, "failed", "imeout"),
    "truncated": ({"/feed": lie_about_length(stories(5), 9000)}, "failed", "Loss"),
    "too_short": ({"/feed": lie_about_length(stories(5), 1000)}, "failed", "cut off"),
    "wrong_type": ({"/feed": Answer(stories(5), type="image/png")}, "healthy", ""),
    "html_shell": (
        {"/feed": Answer(page("Please enable scripts."), type="text/html")},
        "failed",
        "HTML page",
    ),
    "empty": ({"/feed": Answer(b"")}, "failed", "empty"),
    "loops": (
        {"/feed": Answer(status=302, headers={"Location": "/feed"})},
        "failed",
        "redirect",
    ),
    "points_inside": (
        {"/feed": Answer(status=302, headers={"Location": EXTERNAL})},
        "failed",
        "private network",
    ),
    "gzip_bomb": ({"/feed": gzip_bomb(300)}, "failed", "DOWNLOAD_MAXSIZE"),
    "claims_two_gigabytes": (
        {"/feed": lie_about_length(b"<rss>", 2_000_000_000)},
        "failed",
        "larger than we take",
    ),
    "never_ends": ({"/feed": endless}, "failed", "larger than we take"),
    "broken_utf8": (
        {"/feed": Answer(rss(story(1)).replace(b"Pilot", b"Pil\xf6t\x00") + b"\xff\xfe\x80")},
        "healthy",
        "",
    ),
    "entity_bomb": ({"/feed": entity_bomb()}, "failed", "record"),
    "repeats": ({"/feed": paged(lambda number: stories(3))}, "failed", "repeats"),
    "endless_pages": (
        {"/feed": paged(lambda number: stories(2, first=2 * number))},
        "failed",
        "does not end",
    ),
    "robots_forbids": (
        {"/feed": HEALTHY, "/robots.txt": Answer(b"User-agent: *\nDisallow: /\n")},
        "failed",
        "robots.txt forbids",
    ),
    "robots_slow": (
        {"/feed": HEALTHY, "/robots.txt": slowly(1, Answer(b"User-agent: *\nDisallow: /x\n"))},
        "healthy",
        "",
    ),
    "robots_hangs": ({"/feed": HEALTHY, "/robots.txt": hang}, "failed", "cannot be read"),
    "robots_error": (
        {"/feed": HEALTHY, "/robots.txt": Answer(status=500)},
        "failed",
        "answers 500",
    ),
    "old_news": (
        {"/feed": Answer(stories(3).replace(b"Sep 2026", b"Apr 2026"))},
        "failed",
        "at least 1 expected",
    ),
}


@dataclass(frozen=True)
class Run:
    """What came of all sites."""

    sites: dict[str, Site]
    results: dict[str, CrawlResult]
    memory: int  # bytes, peak of the crawling process


@contextmanager
def crawled(folder: Path) -> Iterator[Run]:
    """All cases in one engine start; landing files go into *folder*."""
    with ExitStack() as stack:
        sites = {name: stack.enter_context(serve(routes)) for name, (routes, _, _) in CASES.items()}
        sources = [source(name, site.url, max_requests=6) for name, site in sites.items()]
        results, memory = largest_child(
            crawl,
            sources,
            {each.name: WINDOW for each in sources},
            folder,
            run_id="r1",
            settings=SETTINGS,
            limits=LIMITS,
        )
        yield Run(sites, {result.source: result for result in results}, memory)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, crawled(Path(folder)) as run:
        lines = [f"{'site':<24}{'verdict':<10}{'landed':>6}{'requests':>10}  reason"]
        for name, result in run.results.items():
            verdict = result.verdict(Expectation())
            asked = len(run.sites[name].asked)
            reason = result.why(Expectation()).replace(run.sites[name].url, "")[:70]
            lines.append(f"{name:<24}{verdict:<10}{result.items:>6}{asked:>10}  {reason}")
        lines.append(f"peak memory of the crawling process: {run.memory / 1e6:.0f} MB")
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
