"""What API spiders share: a floor under the delay, one queue for several hosts, updates."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawlers.addresses import is_private
from crawlers.items import DocumentLine
from crawlers.network import GATE, gate_key
from crawlers.readers._values import is_web_page
from crawlers.readers.base import Reading
from crawlers.spiders.api import ApiSpider
from crawlers.spiders.base import Callback, Yielded

ENOUGH = 0.9  # share of the reported records that a list must hold; lists move while we read
PATIENCE = 2  # times that a web page in place of data is asked for again


class DatedSpider(ApiSpider):
    """An API with limits of its own, asked for what is new since the window began.

    *least_delay*: seconds between requests that the provider asks for; the configuration can
    be slower, not faster. *group*: the name under which several hosts of a provider queue.
    *updates*: whether the list is of changed records, so that older ones belong to it.
    *whole*: whether the list is read to its end, so that its reported total must be reached.
    """

    least_delay = 1.0
    group = ""
    updates = False
    whole = True
    site = ""  # where the API is when the configuration names no endpoint

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self._query = ""
        self._rows: Counter[str] = Counter()

    @property
    def base(self) -> str:
        """The address of the API without a slash at its end."""
        return str(self.source.endpoint or self.site or self.source.url).rstrip("/")

    def request(self, url: str, callback: Callback, **options: Any) -> Request:
        """As `SourceSpider.request`, in the provider's own queue."""
        if self.group:
            options["meta"] = {"polite_group": self.group, **options.get("meta", {})}
        request = super().request(url, callback, **options)
        if not is_private(url.partition("://")[2].partition("/")[0].partition(":")[0]):
            GATE.slow_down(gate_key(request), self.least_delay)
        return request

    async def heard(
        self, response: Response, then: Callback, values: dict[str, Any]
    ) -> AsyncIterator[Request]:
        """As `SourceSpider.heard`, but a web page in place of data is asked for again.

        Several of these sites now and then answer 200 with their page's empty shell.
        """
        tried = response.meta.get("shells", 0)
        asked = response.request
        if asked is not None and tried < PATIENCE and is_web_page(response.body):
            self.tally.requests += 1
            yield asked.replace(meta={**response.meta, "shells": tried + 1})
            return
        async for each in super().heard(response, then, values):
            yield each

    def parse(
        self, response: Response, query: str = "", cursor: str | None = None
    ) -> Iterator[Yielded]:
        self._query = query  # for `note`, which runs before anything is yielded
        yield from super().parse(response, query, cursor)

    def note(self, reading: Reading, *, body: bytes, first: bool = True) -> None:
        """As `SourceSpider.note`; a list that ends before its total was cut short."""
        super().note(reading, body=body, first=first)
        self._rows[self._query] += len(reading.documents) + len(reading.rejected)
        rows = self._rows[self._query]
        if self.whole and reading.next is None and rows < (reading.total or 0) * ENOUGH:
            self.fail(f"the list ended after {rows} of {reading.total} records")

    def in_window(self, document: DocumentLine) -> bool:
        if self.updates:
            return date.fromisoformat(document["available"]) <= self.until
        return super().in_window(document)


def address(url: str, **parameters: Any) -> str:
    """*url* with the *parameters* that have a value."""
    given = {key: value for key, value in parameters.items() if value not in (None, "")}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(given)}" if given else url
