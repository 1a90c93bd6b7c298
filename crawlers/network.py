"""The one door to the network: manners per host, and no way into private networks.

Every spider has an engine of its own, so Scrapy's delays cannot see that two sources share a
host. This door is shared by all of them: at most one request in flight per host, an exact
delay between starts (no jitter, nothing that lowers it), Crawl-delay and Retry-After included.
"""

import asyncio
import socket
from collections import defaultdict
from collections.abc import Iterable
from time import monotonic
from typing import Any
from urllib.request import getproxies

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from config.models import Source
from crawlers.addresses import is_private


class Refused(IgnoreRequest):
    """A request that we do not make; the message says why."""


class HostGate:
    """Who may ask which host when. One per process."""

    def __init__(self) -> None:
        self.locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.delays: dict[str, float] = {}  # Crawl-delay by host, seconds
        self.last: dict[str, float] = {}  # start of the last request, monotonic
        self.not_before: dict[str, float] = {}  # after Retry-After, monotonic

    async def wait(self, host: str, delay: float) -> None:
        """Return when a request to *host* may start; call with its lock held."""
        gap = max(delay, self.delays.get(host, 0.0))
        while (pause := self._opens(host, gap) - monotonic()) > 0:
            await asyncio.sleep(pause)
        self.last[host] = monotonic()

    def hold(self, host: str, seconds: float) -> None:
        """Ask *host* nothing for *seconds*, whichever source wants to."""
        until = monotonic() + seconds
        self.not_before[host] = max(until, self.not_before.get(host, 0.0))

    def slow_down(self, host: str, delay: float) -> None:
        """At least *delay* seconds between requests to *host* from now on."""
        self.delays[host] = max(delay, self.delays.get(host, 0.0))

    def _opens(self, host: str, gap: float) -> float:
        return max(self.last.get(host, float("-inf")) + gap, self.not_before.get(host, 0.0))


GATE = HostGate()


def gate_key(request: Request) -> str:
    """What shares a delay: the host, or the name several hosts of a provider go by."""
    slot: str | None = request.meta.get("polite_group")
    parsed = urlparse_cached(request)
    # A port of its own on loopback is a server of its own; elsewhere ports share a machine.
    return slot or (parsed.netloc if is_private(parsed.hostname or "") else parsed.hostname or "")


# --- private addresses -------------------------------------------------------


def own_hosts(source: Source) -> set[tuple[str, int]]:
    """The hosts and ports that the source's own configuration names."""
    urls = [url for url in (source.endpoint, source.url) if url is not None]
    return {((url.host or "").strip("[]"), url.port or 0) for url in urls}


@implementer(IHostnameResolver)
class GuardedResolver:
    """IPv4 and IPv6 addresses, but none in private networks, at the moment of connecting."""

    allowed: frozenset[str] = frozenset()  # hosts that some source's configuration names

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    @classmethod
    def install(cls, reactor: Any) -> None:
        """Let *reactor* connect to nothing else; names are looked up once."""
        reactor.installNameResolver(cls(CachingHostnameResolver(reactor, cache_size=1000)))

    def resolveHostName(self, receiver: Any, hostName: str, *rest: Any, **more: Any) -> Any:
        if hostName not in self.allowed:
            receiver = _PublicOnly(receiver)
        return self.inner.resolveHostName(receiver, hostName, *rest, **more)


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Hands on the addresses that are on the public internet; none reads as an unknown host."""

    def __init__(self, receiver: Any) -> None:
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete
        self._receiver = receiver

    def addressResolved(self, address: Any) -> None:
        if not is_private(address.host):
            self._receiver.addressResolved(address)


def allow_hosts(sources: Iterable[Source]) -> None:
    """Let the resolver pass the hosts that *sources* and the proxy settings name."""
    named = {host for source in sources for host, _ in own_hosts(source)}
    proxies = {url.rpartition("@")[2].rpartition("/")[2] for url in getproxies().values()}
    GuardedResolver.allowed = frozenset(named | {proxy.partition(":")[0] for proxy in proxies})


_KNOWN: dict[str, bool] = {}  # hosts that were looked up: private or not


async def leads_inside(host: str) -> bool:
    """Whether *host* is, or resolves to, a private address; an unknown host does not."""
    if is_private(host):
        return True
    if host not in _KNOWN:
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return False  # the request itself will say what is wrong
        _KNOWN[host] = any(is_private(str(answer[4][0])) for answer in answers)
    return _KNOWN[host]


# --- the door ----------------------------------------------------------------


class PoliteHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP handler behind the gate and the guard; keeps a raw copy of every answer."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.crawler = crawler

    async def download_request(self, request: Request) -> Response:
        spider: Any = self.crawler.spider
        await self._guard(request, spider.source)
        if is_private(urlparse_cached(request).hostname or ""):
            request.meta.pop("proxy", None)  # a proxy would look for it on its own machine
        key = gate_key(request)
        async with GATE.locks[key]:
            await GATE.wait(key, spider.source.delay)
            response = await super().download_request(request)
        if spider.archive is not None:
            spider.archive.add(request, response)
        return response

    async def _guard(self, request: Request, source: Source) -> None:
        parsed = urlparse_cached(request)
        port = parsed.port or {"http": 80, "https": 443}.get(parsed.scheme, 0)
        host = parsed.hostname or ""
        if (host, port) not in own_hosts(source) and await leads_inside(host):
            raise Refused(f"{host} leads into a private network, which {source.name} does not name")
