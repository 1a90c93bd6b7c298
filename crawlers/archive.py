"""Raw answers, kept beside the landing file so that a reader's fix can be replayed."""

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from config.environment import secret
from config.errors import InputError
from config.models import Source
from crawlers.network import Refused
from crawlers.results import Window

MAX_KEPT = 32 * 1024 * 1024  # bytes of one body


class Archive:
    """Writes a line about the crawl, then one per answer: url, status, headers and body."""

    def __init__(self, path: Path, source: Source, window: Window, state: dict[str, Any]) -> None:
        self.path = path
        self._secret = secret(source.key_env)
        self._partial = path.with_name(path.name + ".part")
        self._file = gzip.open(self._partial, "wt", encoding="utf-8", compresslevel=1)  # noqa: SIM115
        days = {"since": str(window.since), "until": str(window.until)}
        about = json.dumps({"source": source.name, **days, "state": state})
        self._file.write(_without(about, self._secret) + "\n")
        self.answers = 0

    def add(self, request: Request, response: Response) -> None:
        """Keep *response* under what was asked for; bulk files are left to the next crawl."""
        if len(response.body) > MAX_KEPT:
            return
        line = {
            "asked": _asked(request, self._secret),
            "url": _without(response.url, self._secret),
            "status": response.status,
            "headers": [
                [name.decode("latin-1"), value.decode("latin-1")]
                for name, values in response.headers.items()
                for value in values
            ],
            "body": base64.b64encode(response.body).decode("ascii"),
        }
        self._file.write(json.dumps(line) + "\n")
        self.answers += 1

    def close(self, *, keep: bool = True) -> str:
        """The path of the finished file; empty when there was nothing to *keep*."""
        self._file.close()
        if not self.answers or not keep:
            self._partial.unlink()
            return ""
        self._partial.replace(self.path)
        return str(self.path)


class Kept(NamedTuple):
    """One answer of an archive."""

    url: str
    status: int
    headers: list[list[str]]
    body: bytes  # compressed


def read_archive(path: Path) -> dict[str, list[Kept]]:
    """The answers of an archive by what was asked; InputError names file and line."""
    answers: dict[str, list[Kept]] = {}
    for number, value in _lines(path):
        if number == 1:
            continue
        try:
            body = zlib.compress(base64.b64decode(value["body"]), 1)
            kept = Kept(value["url"], value["status"], value["headers"], body)
            answers.setdefault(value["asked"], []).append(kept)
        except (KeyError, ValueError, TypeError) as exc:
            raise InputError(f"{path}: line {number}: not an answer ({exc!r})") from exc
    return answers


def archived_crawl(path: Path) -> tuple[Window, dict[str, Any]]:
    """The days that the crawl behind an archive read, and the HTTP state it began with."""
    first: tuple[int, Any] = (1, {})
    number, about = next(_lines(path), first)
    try:
        days = Window(date.fromisoformat(about["since"]), date.fromisoformat(about["until"]))
        return days, dict(about["state"])
    except (KeyError, ValueError, TypeError) as exc:
        raise InputError(f"{path}: line {number}: does not begin like a raw archive") from exc


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    """The numbered JSON lines of a compressed file."""
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                number += 1
                yield number, json.loads(line)
    except (OSError, EOFError, zlib.error, ValueError) as exc:
        raise InputError(f"{path}: line {number + 1}: not a raw archive ({exc})") from exc


class NotKept(Refused):
    """A request that the crawl behind the archive did not make, or got no answer to."""


class ReplayHandler:
    """Answers from an archive instead of the network, in the order they came."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ReplayHandler":
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        spider: Any = self.crawler.spider
        asked = _asked(request, spider.secret)
        waiting = spider.replayed.get(asked)
        if not waiting:
            raise NotKept(f"not in the archive: {_without(request.url, spider.secret)}")
        kept: Kept = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        headers = Headers([(name, value) for name, value in kept.headers])
        body = zlib.decompress(kept.body)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return kind(url=request.url, status=kept.status, headers=headers, body=body)

    async def close(self) -> None:
        """Nothing is held open."""


def _asked(request: Request, secret: str) -> str:
    """What identifies a request: method, address without the key, and a body's digest."""
    digest = hashlib.sha256(request.body).hexdigest()[:16] if request.body else ""
    return _without(f"{request.method} {request.url} {digest}".strip(), secret)


def _without(text: str, secret: str) -> str:
    return text.replace(secret, "***") if secret else text
