"""Kohesio: the bulk file of each country, asked for only when it changed."""

from collections.abc import Iterable

from scrapy import Request

from crawlers.spiders._dated import DatedSpider

MAX_FILE = 64 * 1024 * 1024  # bytes of a country's file; it is read in memory


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
