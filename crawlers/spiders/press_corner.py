"""European Commission Press Corner: the list of the window, then each document's text."""

from collections.abc import Iterator
from urllib.parse import quote

from scrapy import Request
from scrapy.http import Response

from crawlers.items import DocumentLine
from crawlers.readers import press_corner
from crawlers.readers.base import Reading
from crawlers.spiders._dated import DatedSpider, address
from crawlers.spiders.base import Yielded


class PressCornerSpider(DatedSpider):
    """A query is a comma list of document types (`IP,SPEECH`); none means all of them."""

    site = "https://ec.europa.eu/commission/presscorner"

    def page_request(self, query: str, cursor: str | None) -> Request:
        url = address(
            f"{self.base}/api/search",
            language=self.source.language,
            pagesize=100,
            pagenumber=cursor or "1",
            datefrom=f"{self.since:%d%m%Y}",
            dateto=f"{self.until:%d%m%Y}",
            documentTypeCodes=query,
        )
        return self.page(url, query, cursor)

    def documents(self, reading: Reading) -> Iterator[Yielded]:
        """Each document's own text; its teaser where there is no text to be had."""
        for teaser in reading.documents:
            reference = press_corner.reference_of(teaser["id"])
            yield self.request(
                f"{self.base}/api/documents?reference={quote(reference)}"
                f"&language={self.source.language}",
                self.document,
                otherwise=teaser,
                values={"teaser": teaser},
                meta={"handle_httpstatus_list": [404]},
            )

    def document(self, response: Response, teaser: DocumentLine) -> Iterator[Yielded]:
        """Some references answer with nothing, for good: then the teaser is all there is."""
        if response.status == 404 or not response.body.strip():
            yield teaser
            return
        reading = self.read(response)
        self.tally.dropped += len(reading.rejected)
        yield from reading.documents or [teaser]
