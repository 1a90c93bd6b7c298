"""CORDIS: the search, newest change first, then each changed record's own page."""

from collections.abc import Iterable, Iterator

from scrapy import Request
from scrapy.http import Response

from crawlers.items import DocumentLine
from crawlers.readers import cordis
from crawlers.spiders._dated import DatedSpider, address
from crawlers.spiders.base import Yielded

PAGE_SIZE = 100


class CordisSpider(DatedSpider):
    """Queries in CORDIS's own grammar; one record is read at a time."""

    site = cordis.SITE
    updates = True
    whole = False  # the search lists everything; reading stops before the window

    def first_requests(self) -> Iterable[Request]:
        for query in self.source.queries or ("contenttype='project'",):
            yield self.page_request(query, None)

    def page_request(self, query: str, cursor: str | None) -> Request:
        content = "article" if "contenttype='article'" in query else "project"
        url = address(
            f"{self.base}/search/{self.source.language}",
            q=query,
            p=cursor or "1",
            num=PAGE_SIZE,
            srt=f"/{content}/contentUpdateDate:decreasing",
            format="json",
        )
        return self.page(url, query, cursor)

    def parse(
        self, response: Response, query: str = "", cursor: str | None = None
    ) -> Iterator[Yielded]:
        """Requests for the records that changed in the window, then the next page."""
        self._once(response.body, query)
        reading = self.read(response)
        self.note(reading, body=response.body, first=cursor is None)
        changed = cordis.changes(response.body)
        page = int(cursor or 1)
        ahead = page * PAGE_SIZE < (reading.total or 0)
        # Hits without a date of change are told apart by the records themselves.
        undated = bool(reading.documents) and not changed
        for number, document in enumerate(reading.documents, start=1):
            day = changed.get(document["id"])
            if day is None or self.since <= day <= self.until:
                last = undated and ahead and number == len(reading.documents)
                yield self._record_request(document, (query, page + 1) if last else None)
            self.tally.later |= day is not None and day > self.until
        if ahead and not undated and max(changed.values(), default=self.since) >= self.since:
            yield self.page_request(query, str(page + 1))

    def _record_request(self, hit: DocumentLine, follow: tuple[str, int] | None = None) -> Request:
        path = hit["url"].removeprefix(cordis.SITE)
        return self.request(
            f"{self.base}{path}/{self.source.language}?format=xml",
            self.record,
            otherwise=hit,
            values={"hit": hit, "follow": follow},
            meta={"handle_httpstatus_list": [404]},
        )

    def record(
        self, response: Response, hit: DocumentLine, follow: tuple[str, int] | None
    ) -> Iterator[Yielded]:
        """The record as its page has it; the hit where the page is gone."""
        day = None
        if response.status == 404:
            self.trouble(f"no record at {response.url}")
            yield hit
        else:
            reading = self.read(response)
            self.tally.dropped += len(reading.rejected)
            yield from reading.documents or [hit]
            day = next(iter(cordis.changes(response.body).values()), None)
        if follow and (day is None or day >= self.since):
            yield self.page_request(follow[0], str(follow[1]))
