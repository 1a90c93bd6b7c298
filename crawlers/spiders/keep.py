"""Keep.eu: the public list, newest project first, then each new project's own page."""

from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from crawlers.readers import keep
from crawlers.spiders._dated import DatedSpider, address
from crawlers.spiders.base import Yielded

MAX_PAGES = 40  # six projects each; what is older is known or comes with the open-data file


class KeepSpider(DatedSpider):
    """Ten seconds between requests. The list cannot be filtered, so its head is read.

    Projects are dated by their start, which tells nothing about when they were entered: what
    stands above the newest project of the last crawl is new, and all of it is kept.
    """

    site = "https://keep.eu"
    least_delay = 10.0
    updates = True

    def page_request(self, query: str, cursor: str | None) -> Request:
        return self.page(
            address(f"{self.base}/api/search/projects/", page=cursor or 1), query, cursor
        )

    def parse(
        self, response: Response, query: str = "", cursor: str | None = None
    ) -> Iterator[Yielded]:
        """The projects' own pages, and the next page of the list until one is known."""
        self._once(response.body, query)
        listed = keep.identifiers(response.body)
        self.tally.pages += 1
        known = self.http_state.get(self.base, {}).get("newest", "")
        fresh = listed[: listed.index(known)] if known in listed else listed
        if cursor is None and listed:
            self.tally.state[self.base] = {"newest": listed[0]}
        for identifier in fresh:
            yield self.request(f"{self.base}/api/project/{identifier}/", self.project)
        page = int(cursor or 1)
        if listed and fresh == listed and page < MAX_PAGES:
            yield self.page_request(query, str(page + 1))

    def project(self, response: Response) -> Iterator[Yielded]:
        """One project."""
        reading = self.read(response)
        self.tally.dropped += len(reading.rejected)
        yield from reading.documents
