"""Documents per second of the collector beside a bare Scrapy spider, on one loopback server.

    python -m benchmarks.crawling [--sources 20] [--pages 50] [--items 20] [--rounds 3]

Each source is a feed of so many pages of so many items. The bare spider downloads the same
pages of all of them, follows the same links and only counts bytes. Ours is
the stage `collect`: it reads the feed, cleans every text, tells repetitions apart, writes
landing and raw files, checks each document and brings it into a fresh database with its
search index. Both are measured as a user meets them: a process of their own, from start to end.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import fields
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import perf_counter
from typing import Any

from config.configuration import Configuration
from config.models import Settings, Source
from crawlers.results import Window
from pipelines.collect import collect
from pipelines.store import using_store

WINDOW = Window(date(2026, 9, 1), date(2026, 9, 7))
TEASER = "A pilot line for cells opens in the region, and the cluster invites its partners. " * 6
ENVELOPE = '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{}</channel></rss>'
BARE = """
import re, sys, scrapy
from scrapy.crawler import AsyncCrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    bytes_read = 0

    async def start(self):
        for number in range(int(sys.argv[2])):
            yield scrapy.Request(f"{sys.argv[1]}/{number}/1")

    def parse(self, response):
        self.bytes_read += len(response.body)
        if following := re.search(rb'rel="next" href="([^"]+)"', response.body):
            yield response.follow(following[1].decode())

process = AsyncCrawlerProcess(
    {"LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False}
)
process.crawl(Bare)
process.start()
"""


def page(feed: int, number: int, pages: int, items: int) -> bytes:
    """One page of a feed, with a link to the next unless it is the last."""
    following = f'<link rel="next" href="/{feed}/{number + 1}"/>' if number < pages else ""
    entries = (
        f"<item><title>Pilot line {number}.{n} opens</title><link>/{feed}/news/{number}-{n}</link>"
        f"<guid>story-{number}-{n}</guid><pubDate>Thu, 03 Sep 2026 16:40:13 +0200</pubDate>"
        f"<description>&lt;p&gt;{TEASER}&lt;/p&gt;</description></item>"
        for n in range(items)
    )
    return ENVELOPE.format(following + "".join(entries)).encode()


def serve(sources: int, pages: int, items: int) -> ThreadingHTTPServer:
    """A server of so many *sources*, whose *pages* are made beforehand."""
    bodies = {
        f"/{feed}/{number}": page(feed, number, pages, items)
        for feed in range(sources)
        for number in range(1, pages + 1)
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 20  # headers and body in one packet, or the kernel waits 40 ms

        def do_GET(self) -> None:
            body = bodies.get(self.path, b"")
            self.send_response(200 if body else 404)
            # Without it Scrapy looks at every byte to guess a type: a handicap of both sides.
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """The benchmark prints its own lines."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def source(url: str, number: int, pages: int) -> Source:
    """One of the benchmark's feeds, without a delay."""
    return Source.model_validate(
        {
            "name": f"benchmark_{number}",
            "title": "Benchmark feed",
            "summary": "A feed on loopback that is as long as the benchmark wants it to be.",
            "kind": "news",
            "url": url,
            "endpoint": f"{url}/{number}/1",
            "delay": 0,
            "max_requests": pages + 1,
        }
    )


def cpu_of_children() -> float:
    """Processor seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, alternating, and print the best of all rounds: least time, least processor."""
    parser = argparse.ArgumentParser(description="Documents per second of the collector.")
    for name, default in (("sources", 20), ("pages", 50), ("items", 20), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--ours", metavar="URL", help="internal")
    chosen = parser.parse_args()
    if chosen.ours:
        run_ours(chosen.ours, chosen.sources, chosen.pages, chosen.items)
        return
    server = serve(chosen.sources, chosen.pages, chosen.items)
    url = f"http://127.0.0.1:{server.server_port}"
    sizes = [f"--{name}={getattr(chosen, name)}" for name in ("sources", "pages", "items")]
    commands = {
        "bare": ["-c", BARE, url, str(chosen.sources)],
        "ours": ["-m", "benchmarks.crawling", "--ours", url, *sizes],
    }
    best: dict[str, tuple[float, float]] = {}
    for _ in range(chosen.rounds):
        for name in ("bare", "ours"):
            begun, used = perf_counter(), cpu_of_children()
            subprocess.run([sys.executable, *commands[name]], check=True)
            took = (perf_counter() - begun, cpu_of_children() - used)
            wall, cpu = best.get(name, took)
            best[name] = min(wall, took[0]), min(cpu, took[1])
    documents = chosen.sources * chosen.pages * chosen.items
    for name, (wall, cpu) in best.items():
        print(f"{name}: {documents / wall:,.0f} documents/s ({wall:.2f} s, {cpu:.2f} s of CPU)")
    wall, cpu = (bare / ours for bare, ours in zip(best["bare"], best["ours"], strict=True))
    print(f"ours / bare: {wall:.2f} by the clock (target 0.60), {cpu:.2f} by processor time")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of the crawling processes: {peak:.0f} MB")


def run_ours(url: str, sources: int, pages: int, items: int) -> None:
    """One run of the collector; every document must have reached the database."""
    nothing: dict[str, Any] = {field.name: {} for field in fields(Configuration)}
    feeds = [source(url, number, pages) for number in range(sources)]
    known = {"settings": Settings(streams={}), "sources": {one.name: one for one in feeds}}
    documents = sources * pages * items
    configuration = Configuration(**(nothing | known))
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, using_store(Path(folder)) as db:
        collect(
            db, Path(folder), configuration, counts, run_id="benchmark",
            today=WINDOW.until, since=WINDOW.since,
        )  # fmt: skip
        if (stored := db.table("documents").count) != documents:
            raise SystemExit(f"{stored} of {documents} documents: {counts}")


if __name__ == "__main__":
    main()
