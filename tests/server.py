"""A real web site on loopback for the crawl tests: it notes every request and misbehaves.

Each site is a server of its own, so that one that hangs does not hold up the others.
"""

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Answer:
    """A plain answer."""

    body: bytes = b""
    status: int = 200
    type: str = "application/rss+xml"
    headers: Mapping[str, str] = field(default_factory=dict)


class Asked(NamedTuple):
    """One request that reached a site."""

    path: str  # with the query
    at: float  # monotonic seconds
    headers: dict[str, str]


Visitor = BaseHTTPRequestHandler
Route = Answer | Callable[[Any], None]
ROBOTS = Answer(b"User-agent: *\nAllow: /\n", type="text/plain")


class Site:
    """A running server with its log."""

    def __init__(self, routes: Mapping[str, Route], host: str = "127.0.0.1") -> None:
        self.routes: dict[str, Route] = {"/robots.txt": ROBOTS, **routes}
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append(Asked(self.path, time.monotonic(), dict(self.headers)))
                route = site.routes.get(urlsplit(self.path).path)
                try:
                    if callable(route):
                        route(self)
                    else:
                        send(self, route or Answer(b"no such page", 404, "text/plain"))
                except OSError:
                    self.close_connection = True  # the visitor had enough

            def do_POST(self) -> None:
                """As GET; a route reads what was sent from `sent`."""
                self.sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                """Tests read `Site.asked` instead."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

            def handle_error(self, *_: Any) -> None:
                """A visitor that hangs up is part of the tests."""

        self.server = Server((host, 0), Handler)
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self.server.server_port}"

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]

    def gaps(self) -> list[float]:
        """Seconds between one request and the next."""
        times = [asked.at for asked in self.asked]
        return [later - earlier for earlier, later in pairwise(times)]


@contextmanager
def serve(routes: Mapping[str, Route], host: str = "127.0.0.1") -> Iterator[Site]:
    """A site with *routes* (and an open robots.txt), up for the length of the block."""
    site = Site(routes, host)
    thread = threading.Thread(target=site.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
        thread.join()


def send(visitor: Any, answer: Answer) -> None:
    """Send *answer* with the right length."""
    visitor.send_response(answer.status)
    visitor.send_header("Content-Type", answer.type)
    for name, value in answer.headers.items():
        visitor.send_header(name, value)
    visitor.send_header("Content-Length", str(len(answer.body)))
    visitor.end_headers()
    visitor.wfile.write(answer.body)


# --- contents ----------------------------------------------------------------


def story(number: int, link: str = "https://agency.example") -> str:
    """One RSS item of our own."""
    return (
        f"<item><title>Pilot line number {number} opens for the cluster</title>"
        f"<link>{link}/news/{number}</link><guid isPermaLink='false'>story-{number}</guid>"
        f"<pubDate>Thu, 03 Sep 2026 {number % 24:02d}:40:13 +0200</pubDate>"
        f"<description>&lt;p&gt;Teaser of story {number} &amp;amp; more.&lt;/p&gt;</description>"
        "</item>"
    )


def rss(*items: str, head: str = "") -> bytes:
    """A channel of *items*; *head* stands before them."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Agency news</title>'
        f"<link>https://agency.example/</link>{head}{''.join(items)}</channel></rss>"
    ).encode()


def stories(count: int, first: int = 1, link: str = "https://agency.example") -> bytes:
    """A feed of *count* stories."""
    return rss(*(story(number, link) for number in range(first, first + count)))


def page(text: str, head: str = "") -> bytes:
    """An article page with the furniture of a real one."""
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n"))
    return (
        f"<html><head><title>Article</title>{head}</head><body><nav><a href='/'>Home</a></nav>"
        f"<main><article><h1>Article</h1>{paragraphs}</article></main>"
        "<footer>Imprint and cookies</footer></body></html>"
    ).encode()


# --- misbehaviour ------------------------------------------------------------


def hang(visitor: Any) -> None:
    """Accept the request and say nothing."""
    time.sleep(30)


def drip(visitor: Any) -> None:
    """Send a feed one byte at a time."""
    visitor.send_response(200)
    visitor.send_header("Content-Type", "application/rss+xml")
    visitor.send_header("Content-Length", str(len(stories(1))))
    visitor.end_headers()
    for byte in stories(1):
        visitor.wfile.write(bytes([byte]))
        time.sleep(0.1)


def lie_about_length(body: bytes, claimed: int) -> Route:
    """Claim a length that the body does not have, then hang up."""

    def route(visitor: Any) -> None:
        visitor.send_response(200)
        visitor.send_header("Content-Type", "application/rss+xml")
        visitor.send_header("Content-Length", str(claimed))
        visitor.end_headers()
        visitor.wfile.write(body)
        visitor.close_connection = True
        visitor.connection.shutdown(socket.SHUT_WR)

    return route


def endless(visitor: Any) -> None:
    """A body without a length that does not end."""
    visitor.send_response(200)
    visitor.send_header("Content-Type", "application/rss+xml")
    visitor.send_header("Connection", "close")
    visitor.end_headers()
    visitor.close_connection = True
    for _ in range(2000):
        visitor.wfile.write(b"<!-- " + b"x" * 1_000_000 + b" -->")


def gzip_bomb(megabytes: int) -> Answer:
    """A small answer that unpacks to *megabytes*."""
    packer = zlib.compressobj(wbits=31)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes))
    return Answer(packed + packer.flush(), headers={"Content-Encoding": "gzip"})


def entity_bomb() -> Answer:
    """Nine levels of entities, a billion words."""
    levels = "".join(
        f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' if n else '<!ENTITY lol0 "lol">'
        for n in range(10)
    )
    item = story(1).replace("Pilot line number 1 opens for the cluster", "&lol9;")
    item = item.replace("Teaser of story 1", "&lol9;").replace("&amp;amp; more.", "")
    return Answer(
        b'<?xml version="1.0"?><!DOCTYPE rss ['
        + levels.encode()
        + b"]>"
        + rss(item).partition(b"?>")[2]
    )


def paged(items_of: Callable[[int], bytes]) -> Route:
    """A feed whose every page names a following one."""

    def route(visitor: Any) -> None:
        number = int(urlsplit(visitor.path).query.partition("=")[2] or 1)
        head = f"<atom:link rel='next' href='{urlsplit(visitor.path).path}?page={number + 1}'/>"
        body = items_of(number).replace(b"</link><item>", b"</link>" + head.encode() + b"<item>", 1)
        send(visitor, Answer(body))

    return route


def first_then(first: Answer, then: Answer) -> Route:
    """Answer *first* once, *then* ever after."""
    answers = [first]

    def route(visitor: Any) -> None:
        send(visitor, answers.pop() if answers else then)

    return route


def slowly(seconds: float, answer: Answer) -> Route:
    """*answer* after a while."""

    def route(visitor: Any) -> None:
        time.sleep(seconds)
        send(visitor, answer)

    return route
