"""The spider that every source shares: windows, counting, and failing out loud."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from config.environment import secret
from config.errors import ConfigError, SourceDrift
from config.models import Source
from crawlers.archive import Archive, Kept, NotKept
from crawlers.items import DocumentLine
from crawlers.landing import Landing
from crawlers.readers.base import Reading, shown
from crawlers.results import GONE, Window

Yielded = DocumentLine | Request
Callback = Callable[..., Iterable[Yielded] | AsyncIterator[Yielded] | None]


@dataclass(slots=True)
class Tally:
    """What a crawl has come to so far; the runner turns it into a CrawlResult."""

    items: int = 0
    known: int = 0  # still listed, and landed by an earlier crawl
    dropped: int = 0
    requests: int = 0
    pages: int = 0  # list pages that were read
    unchanged: int = 0  # list pages that were the same as last time
    later: bool = False  # something lies after the window and must be read again
    total: int | None = None
    failures: list[str] = field(default_factory=list)  # the window is not complete
    troubles: list[str] = field(default_factory=list)  # the window is, but have a look
    seen: set[str] = field(default_factory=set)  # keys of the documents that were landed
    state: dict[str, dict[str, str]] = field(default_factory=dict)  # HTTP state by address


class SourceSpider(Spider):
    """Reads one source over one window of days.

    A subclass yields requests from `first_requests` and documents from its callbacks, all
    made by `self.request`. Anything that makes the window incomplete ends in `fail`, anything
    that only wants a look in `trouble`.
    """

    name = "source"  # each instance takes its source's name

    def __init__(
        self,
        source: Source,
        window: Window,
        state: dict[str, dict[str, str]] | None = None,
        landing: Landing | None = None,
        archive: Archive | None = None,
        replayed: dict[str, list[Kept]] | None = None,
    ) -> None:
        super().__init__(name=source.name)
        self.source = source
        self.since, self.until = window
        self.http_state = state or {}
        self.landing = landing
        self.archive = archive
        self.replayed = replayed or {}
        self.tally = Tally()

    @property
    def endpoint(self) -> str:
        """The address the source is read at."""
        return str(self.source.endpoint or self.source.url)

    @property
    def key(self) -> str:
        """The source's key from the environment; ConfigError when it needs one and has none."""
        if self.source.key_env and not self.secret:
            raise ConfigError(
                f"{self.source.name}: environment variable {self.source.key_env} is not set"
            )
        return self.secret

    @property
    def secret(self) -> str:
        """The source's key as far as it is set, to be kept out of logs and files."""
        return secret(self.source.key_env)

    def first_requests(self) -> Iterable[Request]:
        """Where the reading begins."""
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        try:
            for request in self.first_requests():
                yield request
        except (ConfigError, SourceDrift) as exc:
            self.fail(str(exc))

    def request(
        self,
        url: str,
        callback: Callback,
        *,
        conditional: bool = False,
        essential: bool = True,
        otherwise: DocumentLine | None = None,
        values: dict[str, Any] | None = None,
        **options: Any,
    ) -> Request:
        """A request of this source; *values* are handed to *callback* after the response.

        *conditional*: ask only for what changed since the state we were given. *essential*:
        its failure makes the window incomplete. *otherwise*:
        the document that stands in when the request fails. *options* are Request's (method, body,
        headers, meta …). SourceDrift when the source has used up its requests.
        """
        self.tally.requests += 1
        if self.tally.requests > self.source.max_requests:
            raise SourceDrift(
                f"more than {self.source.max_requests} requests: the list does not end"
            )
        meta = {
            "dont_obey_robotstxt": not self.source.obey_robots,
            "essential": essential,
            "otherwise": otherwise,
            **({"conditional": url, "handle_httpstatus_list": [304]} if conditional else {}),
            **options.pop("meta", {}),
        }
        return Request(
            url,
            callback=self.heard,
            errback=self.unheard,
            cb_kwargs={"then": callback, "values": values or {}},
            meta=meta,
            dont_filter=True,  # repeated pages are for the spider to notice, not to lose
            **options,
        )

    async def heard(
        self, response: Response, then: Callback, values: dict[str, Any]
    ) -> AsyncIterator[Request]:
        """Hand *response* to *then*, land what it yields, and keep drift to this source.

        Documents go straight to the landing file: Scrapy's item pipeline costs several times
        what reading a document does.
        """
        if moved := response.meta.get("moved_to"):
            self.trouble(f"it moved for good: put {moved} into endpoint")
        if response.meta.get("unchanged"):
            self.tally.unchanged += 1
            return
        try:
            result = then(response, **values)
            if isinstance(result, AsyncIterator):
                async for each in result:
                    if isinstance(each, Request):
                        yield each
                    else:
                        self.land(each)
            else:
                for each in result or ():
                    if isinstance(each, Request):
                        yield each
                    else:
                        self.land(each)
        except (SourceDrift, ConfigError) as exc:
            self.fail(str(exc))
        except Exception as exc:
            self.fail(f"{type(exc).__name__}: {exc} at {response.url}")
            self.logger.exception("cannot read %s", response.url)

    def unheard(self, failure: Failure) -> None:
        """Note a request that brought nothing; its stand-in is kept, but not by a replay: what
        the archive lacks may have been read whole by an earlier crawl."""
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        reason = f"{_in_words(failure)} at {request.url}"
        if request.meta.get("essential", True):
            self.fail(reason)
        else:
            self.trouble(reason)
        stand_in = request.meta.get("otherwise")
        if stand_in and not isinstance(failure.value, NotKept):
            self.land(stand_in)

    def fail(self, reason: str) -> None:
        """The window is not complete: the watermark stays where it was."""
        self.tally.failures.append(self.without_key(reason))

    def trouble(self, reason: str) -> None:
        """Something went wrong that does not cost the window."""
        self.tally.troubles.append(self.without_key(reason))

    def without_key(self, text: str) -> str:
        """*text* with the source's key taken out: keys reach no log, file or message."""
        return text.replace(self.secret, "***") if self.secret else text

    def note(self, reading: Reading, *, body: bytes, first: bool = True) -> None:
        """Count a list page and guard against drift; SourceDrift when the page is hollow."""
        self.tally.pages += 1
        self.tally.dropped += len(reading.rejected)
        if reading.cut_off:
            self.fail("the answer is cut off before its end")
        if reading.total is not None and first:
            self.tally.total = (self.tally.total or 0) + reading.total
            if reading.total > 0 and not reading.documents and not reading.rejected:
                raise SourceDrift(
                    f"the source reports {reading.total} records, the page holds none; "
                    f"it begins {shown(body)}"
                )
        if len(reading.rejected) > len(reading.documents):
            self.trouble(
                f"{len(reading.rejected)} of {len(reading.rejected) + len(reading.documents)} "
                f"records refused; {reading.rejected[0]}"
            )

    def in_window(self, document: DocumentLine) -> bool:
        """Whether *document* became available within the window."""
        return self.since <= date.fromisoformat(document["available"]) <= self.until

    def land(self, document: DocumentLine) -> None:
        """Write *document*, if it belongs to the window and was not written before."""
        if not self.in_window(document):
            self.tally.dropped += 1
            self.tally.later |= date.fromisoformat(document["available"]) > self.until
            return
        key = document.get("id") or document.get("url") or document["title"]
        if key in self.tally.seen:
            return
        self.tally.seen.add(key)
        if document.get("known"):
            self.tally.known += 1
            return
        self.tally.items += 1
        if self.landing is None:
            return
        try:
            self.landing.write(document)
        except OSError as exc:  # a full disk fails the window instead of losing it silently
            self.fail(f"cannot write {self.landing.path.name}: {exc}")


def _in_words(failure: Failure) -> str:
    """What went wrong with a request, in a few words."""
    error = failure.value
    if isinstance(error, HttpError):
        status = error.response.status
        return f"{GONE} (HTTP 410)" if status == 410 else f"HTTP {status}"
    if isinstance(error, IgnoreRequest):
        return str(error) or "request refused"
    if isinstance(error, DownloadCancelledError):
        return "the answer is larger than we take (DownloadCancelledError)"
    text = str(error).strip()
    return f"{type(error).__name__}: {text}"[:200] if text else type(error).__name__
