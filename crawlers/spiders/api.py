"""The base of every API spider: pages, cursors, and the guards against lists without end."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from scrapy import Request
from scrapy.http import Response

from config.errors import SourceDrift
from crawlers.readers import reader
from crawlers.readers.base import Reading
from crawlers.spiders.base import SourceSpider, Yielded


class ApiSpider(SourceSpider):
    """Asks, reads with the reader of its module's name, and follows `Reading.next`.

    A subclass writes `page_request`; often that is all. `query` is what the list is about
    (an entry of the source's `queries`), `cursor` what the reader gave as `next`.
    """

    reader_name = ""  # the module's name unless said otherwise
    newest_first = False  # stop once a whole page lies before the window

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self._pages: set[bytes] = set()

    def first_requests(self) -> Iterable[Request]:
        """The first page of each query; override when a list starts in another way."""
        for query in self.source.queries or ("",):
            yield self.page_request(query, None)

    def page_request(self, query: str, cursor: str | None) -> Request:
        """The request for the page of *query* at *cursor* (None: the first), by `self.page`."""
        raise NotImplementedError

    def page(self, url: str, query: str, cursor: str | None, **options: Any) -> Request:
        """A request whose answer is read as a list page."""
        values = {"query": query, "cursor": cursor}
        return self.request(url, self.parse, values=values, **options)

    def parse(
        self, response: Response, query: str = "", cursor: str | None = None
    ) -> Iterator[Yielded]:
        """The documents of one page, then the request for the next."""
        reading = self.read(response)
        # Told apart by its documents: bodies differ in cursors and times of day.
        keys = [str(line.get("id") or line.get("url") or line) for line in reading.documents]
        self._once("\n".join(keys).encode() if keys else response.body, query)
        self.note(reading, body=response.body, first=cursor is None)
        yield from self.documents(reading)
        if reading.next is None or (self.newest_first and self._all_old(reading)):
            return
        if reading.next == cursor:
            raise SourceDrift(f"the cursor {cursor!r} leads to itself")
        yield self.page_request(query, reading.next)

    def read(self, response: Response) -> Reading:
        """What the source's reader makes of *response*."""
        name = self.reader_name or type(self).__module__.rpartition(".")[2]
        return reader(name)(response.body, source=self.source, url=response.url)

    def documents(self, reading: Reading) -> Iterator[Yielded]:
        """What a page yields; override to fetch each record's own page instead."""
        yield from reading.documents

    def _once(self, content: bytes, query: str) -> None:
        """SourceDrift when a page with the same *content* comes again under another cursor."""
        digest = hashlib.sha256(query.encode() + b"\0" + content).digest()
        if digest in self._pages:
            raise SourceDrift(f"page {len(self._pages) + 1} repeats an earlier one")
        self._pages.add(digest)

    def _all_old(self, reading: Reading) -> bool:
        days = [date.fromisoformat(line["available"]) for line in reading.documents]
        return bool(days) and max(days) < self.since
