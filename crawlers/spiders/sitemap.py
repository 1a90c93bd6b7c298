"""Sites without a feed: their news sitemap, or with `full_text` the pages that changed."""

import asyncio
from collections.abc import AsyncIterator

from scrapy.http import Response

from crawlers.article import article_page, teaser
from crawlers.items import document_line
from crawlers.readers.base import canonical_url
from crawlers.readers.sitemap import Place, listing, unpacked
from crawlers.spiders.base import Yielded
from crawlers.spiders.feed import FeedSpider, closed_to_mining


class SitemapSpider(FeedSpider):
    """`queries` are parts of the addresses that are read, such as `/news/`; none means all."""

    reader_name = "sitemap"
    newest_first = False

    async def parse(  # type: ignore[override]  # as in FeedSpider
        self, response: Response, query: str = "", cursor: str | None = None
    ) -> AsyncIterator[Yielded]:
        """The sitemap's news, its parts, and its plain pages when we read whole pages."""
        found = listing(unpacked(response.body), response.url)
        async for each in super().parse(response, query, cursor):
            yield each
        if found.parts:  # an index may stay the same while its parts do not: always read it
            self.tally.state.pop(self.endpoint, None)
        for part in found.parts:
            if self._may_be_new(part):
                yield self.page(part.url, query, part.url)
        if not self.source.full_text:
            return
        for place in found.pages:
            new = place.changed and self._may_be_new(place) and self._wanted(place)
            if new and not await self.reserved(place.url):
                yield self.request(place.url, self.plain_page, essential=False)

    async def plain_page(self, response: Response) -> AsyncIterator[Yielded]:
        """A document made of the page alone; pages without a date are no news."""
        page = await asyncio.to_thread(article_page, response.body, response.url, self.until)
        if page is None:
            self.tally.dropped += 1
            return
        document = document_line(
            self.source,
            title=page.title,
            text=page.text,
            published=page.day,
            url=canonical_url(response.url),
        )
        closed = closed_to_mining(response) or await self.reserved(response.url)
        yield teaser(document) if closed else document

    def _may_be_new(self, place: Place) -> bool:
        return place.changed is None or place.changed >= self.since

    def _wanted(self, place: Place) -> bool:
        queries = self.source.queries
        return not queries or any(query in place.url for query in queries)
