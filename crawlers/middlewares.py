"""Our changes to Scrapy's chain: robots.txt, waiting as asked, and asking only for news."""

import asyncio
import hashlib
import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler, load_object

from crawlers.network import GATE, Refused, gate_key

MAX_ROBOTS = 512 * 1024  # bytes; RFC 9309 asks for at least 500 KiB
MAX_CRAWL_DELAY = 60.0  # seconds; whoever asks for more is asked nothing
TRUST_STATE = timedelta(days=7)  # after that a page is read whole, so that we see it live


class RobotsMiddleware:
    """robots.txt obeyed from the very first request (RFC 9309).

    Scrapy 2.14 to 2.19 let requests pass that arrive while robots.txt is on its way; here they
    wait. 4xx allows everything; 5xx, 429 and silence mean "not now". Crawl-delay is honoured.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._agent: str = crawler.settings["USER_AGENT"]
        self._parser: Any = load_object(crawler.settings["ROBOTSTXT_PARSER"])
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._known: dict[str, RobotParser | str] = {}  # a text says why we keep away

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RobotsMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        rules = await self._rules(request)
        if isinstance(rules, str):
            raise Refused(rules)
        if not rules.allowed(request.url, self._agent):
            raise Refused(f"robots.txt forbids {urlparse_cached(request).path}")

    async def _rules(self, request: Request) -> RobotParser | str:
        url = urlparse_cached(request)
        host = f"{url.scheme}://{url.netloc}"
        async with self._locks[host]:
            if host not in self._known:
                self._known[host] = await self._fetch(host, request)
        return self._known[host]

    async def _fetch(self, host: str, request: Request) -> RobotParser | str:
        """The rules of *host*, or why it is left alone in this run."""
        meta = {"dont_obey_robotstxt": True, "max_retry_times": 1}
        if "polite_group" in request.meta:
            meta["polite_group"] = request.meta["polite_group"]
        asked = Request(f"{host}/robots.txt", meta=meta, callback=NO_CALLBACK, priority=1000)
        try:
            response = await self.crawler.engine.download_async(asked)
        except Exception as exc:  # noqa: BLE001  (any failure means the same: not now)
            return f"robots.txt of {host} cannot be read ({type(exc).__name__}: {exc})"[:200]
        if response.status >= 500 or response.status == 429:
            return f"robots.txt of {host} answers {response.status}"
        body = response.body[:MAX_ROBOTS] if response.status < 300 else b""
        rules: RobotParser = build_from_crawler(self._parser, self.crawler, body)
        delay = rules.crawl_delay(self._agent)
        if delay and delay > MAX_CRAWL_DELAY:
            return f"robots.txt of {host} asks for {delay:.0f} s between requests"
        if delay:
            GATE.slow_down(gate_key(request), delay)
        return rules


# Refusals that a minute does not change: a filter of a paid plan (OpenAlex), arXiv's ten minutes.
_HOPELESS = re.compile(rb"plan upgrade|rate exceeded", re.IGNORECASE)


class RetryAfterMiddleware(RetryMiddleware):
    """Retries that wait as long as the server asks, or longer each time when it does not say.

    The wait is the host's, so other sources on it wait too. A wait above the cap is not taken:
    the answer goes to the spider as it is, and the window fails.
    """

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.cap = settings.getfloat("RETRY_AFTER_CAP")
        self.backoff = settings.getfloat("RETRY_BACKOFF")

    def process_response(  # type: ignore[override]  # Scrapy warns of the spider argument
        self, request: Request, response: Response
    ) -> Request | Response:
        if _HOPELESS.search(response.body[:1000]) and response.status == 429:
            return response
        if response.status in self.retry_http_codes and not request.meta.get("dont_retry"):
            asked = seconds_to_wait(response.headers.get(b"Retry-After"), datetime.now(UTC))
            wait = self._pause(request) if asked is None else asked
            if wait > self.cap:
                return response
            GATE.hold(gate_key(request), wait)
        result: Request | Response = super().process_response(request, response)
        return result

    def process_exception(  # type: ignore[override]
        self, request: Request, exception: Exception
    ) -> Request | Response | None:
        result: Request | Response | None = super().process_exception(request, exception)
        if isinstance(result, Request):
            GATE.hold(gate_key(request), min(self._pause(request), self.cap))
        return result

    def _pause(self, request: Request) -> float:
        times: int = request.meta.get("retry_times", 0)
        return float(self.backoff * 2**times)


def seconds_to_wait(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for: a number or a date; None without one."""
    if value is None:
        return None
    text = value.decode("latin-1").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


class MovedMiddleware(RedirectMiddleware):
    """Redirects are followed, without a referrer; an operator is told of permanent ones."""

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        result: Request | Response = super().process_response(request, response)
        if isinstance(result, Request) and "conditional" in request.meta:
            first = all(status in _PERMANENT for status in result.meta["redirect_reasons"])
            if first and response.status in _PERMANENT:
                result.meta["moved_to"] = result.url
        return result

    def handle_referer(self, request: Request, response: Response) -> None:
        """Nothing: no request of ours says where it came from."""

    def _engine_started(self) -> None:
        """Scrapy would look for its referrer here, and warn that there is none."""


_PERMANENT = (301, 308)


class ConditionalMiddleware:
    """Asks for a page only if it changed since the state we were given.

    Requests with `meta["conditional"]` take part. An answer of 304, or the same bytes as last
    time (many servers send no or changing ETags), is marked `meta["unchanged"]`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ConditionalMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        known = self._known(request)
        if known.get("etag"):
            request.headers[b"If-None-Match"] = known["etag"]
        if known.get("last_modified"):
            request.headers[b"If-Modified-Since"] = known["last_modified"]

    def process_response(self, request: Request, response: Response) -> Response:
        key = request.meta.get("conditional")
        if not key:
            return response
        spider: Any = self.crawler.spider
        known = self._known(request)
        if response.status == 304 and known:
            request.meta["unchanged"] = True
            spider.tally.state[key] = known
        elif response.status == 200:
            digest = hashlib.sha256(response.body).hexdigest()
            request.meta["unchanged"] = digest == known.get("sha256")
            spider.tally.state[key] = (
                known
                if request.meta["unchanged"]
                else {
                    "etag": _header(response, b"ETag"),
                    "last_modified": _header(response, b"Last-Modified"),
                    "sha256": digest,
                    "since": spider.since.isoformat(),
                    "read": spider.until.isoformat(),
                }
            )
        return response

    def _known(self, request: Request) -> dict[str, str]:
        """The state of the page, unless it is old or the window reaches back further."""
        key = request.meta.get("conditional")
        spider: Any = self.crawler.spider
        known: dict[str, str] = spider.http_state.get(key, {}) if key else {}
        if not known:
            return {}
        fresh = spider.until - date.fromisoformat(known["read"]) < TRUST_STATE
        reaches = date.fromisoformat(known["since"]) <= spider.since
        return known if fresh and reaches else {}


def _header(response: Response, name: bytes) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")
