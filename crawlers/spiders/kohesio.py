"""Kohesio: the bulk file of each country, asked for only when it changed."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from scrapy import Request
from scrapy.http import Response

from crawlers.readers import kohesio
from crawlers.readers._values import not_html
from crawlers.readers.base import is_json
from crawlers.spiders._dated import DatedSpider
from crawlers.spiders.base import Yielded

MAX_FILE = 256 * 1024 * 1024  # bytes of a country's file; it is held in memory


class KohesioSpider(DatedSpider):
    """A query is a country code as Kohesio uses them (`EL` for Greece)."""

    site = "https://kohesio.ec.europa.eu"
    updates = True

    def first_requests(self) -> Iterable[Request]:
        for country in self.source.queries:
            yield self.page_request(country, None)

    def page_request(self, query: str, cursor: str | None) -> Request:
        file = f"data/projects-2021-2027/latest/{query}-pp21-27-latest.csv"
        return self.page(
            f"{self.base}/api/data/object?id={file}",
            query,
            cursor,
            conditional=True,
            meta={"download_maxsize": MAX_FILE, "download_timeout": 600},
        )

    async def parse(  # type: ignore[override]  # lets others have their turn between the parts
        self, response: Response, query: str = "", cursor: str | None = None
    ) -> AsyncIterator[Yielded]:
        """The rows of the table, some at a time; an error of the API is its reader's to tell."""
        not_html(response.body)
        if is_json(response.body):
            self.read(response)
        for part in kohesio.read_table(kohesio.table_text(response.body), self.source):
            self.note(part, body=b"")
            for document in part.documents:
                yield document
            await asyncio.sleep(0)
