"""Any feed; with `full_text` also the pages it links to, as far as robots and rights allow."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.article import MAX_PAGE, article_text, teaser
from crawlers.items import DocumentLine
from crawlers.readers.base import Reading
from crawlers.rights import reserved_by_headers, reserved_by_page, reserved_path, reserved_paths
from crawlers.spiders.api import ApiSpider
from crawlers.spiders.base import Yielded

OWN_RULES = "/.well-known/tdmrep.json"
SILENCE = timedelta(days=180)  # after which a feed has probably died


class FeedSpider(ApiSpider):
    """Lands what a feed says, newest first, until a page lies before the window."""

    reader_name = "feed"
    newest_first = True

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self._reserved: dict[str, list[str]] = {}  # reserved paths by host
        self._asking: asyncio.Lock = asyncio.Lock()

    def first_requests(self) -> Iterable[Request]:
        yield self.page_request("", None)

    def page_request(self, query: str, cursor: str | None) -> Request:
        return self.page(cursor or self.endpoint, query, cursor, conditional=cursor is None)

    async def parse(  # type: ignore[override]  # waits for pages' rules, so it is asynchronous
        self, response: Response, query: str = "", cursor: str | None = None
    ) -> AsyncIterator[Yielded]:
        """Documents of a page of the feed, or requests for their full text."""
        closed = reserved_by_headers(*_rights(response))
        for each in super().parse(response, query, cursor):
            if isinstance(each, Request):
                yield each
            elif closed or not self.source.full_text:
                yield teaser(each)
            else:
                yield await self._article_request(each)

    def note(self, reading: Reading, *, body: bytes, first: bool = True) -> None:
        """As `SourceSpider.note`; where nothing may be expected, silence wants a look one day."""
        super().note(reading, body=body, first=first)
        if not first or not self.newest_first or reading.rejected:
            return
        newest = max((line["available"] for line in reading.documents), default="")
        if newest < (self.until - SILENCE).isoformat():
            self.trouble(f"its newest entry is of {newest}" if newest else "it lists nothing")
            self.tally.state.pop(self.endpoint, None)  # so that it is read, and said, again

    async def _article_request(self, document: DocumentLine) -> Yielded:
        """The request for a document's page, or its teaser where there is no use in asking."""
        url = document.get("url", "")
        if (
            not url
            or not self.in_window(document)
            or self.tally.requests >= self.source.max_requests
        ):
            return teaser(document)
        if await self.reserved(url):
            return teaser(document)
        # A page is fetched once, and again when the feed says something new about it.
        entry = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
        if self.http_state.get(url, {}).get("entry") == entry:
            self.tally.state[url] = {"entry": entry}
            return {**document, "known": True}
        return self.request(
            url,
            self.article,
            essential=False,
            otherwise=teaser(document),
            values={"document": document, "entry": entry},
        )

    async def article(
        self, response: Response, document: DocumentLine, entry: str
    ) -> AsyncIterator[Yielded]:
        """The document with the text of its page; its teaser when there is none to take."""
        self.tally.state[document["url"]] = {"entry": entry}
        kind = (response.headers.get(b"Content-Type") or b"text/html").lower()
        closed = closed_to_mining(response) or await self.reserved(response.url)
        if closed or b"html" not in kind or len(response.body) > MAX_PAGE:
            yield teaser(document)
            return
        text = await asyncio.to_thread(article_text, response.body, response.url)
        yield {**document, "text": text} if text else teaser(document)

    async def reserved(self, url: str) -> bool:
        """Whether the host of *url*, which is asked once, reserves the page by its file."""
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        async with self._asking:
            if host not in self._reserved:
                self._reserved[host] = await self._ask(host + OWN_RULES)
        return reserved_path(parts.path or "/", self._reserved[host])

    async def _ask(self, url: str) -> list[str]:
        """What *url* reserves; a site without an answer has reserved nothing that way."""
        meta = {"dont_retry": True, "dont_obey_robotstxt": not self.source.obey_robots}
        try:
            response = await self.crawler.engine.download_async(
                Request(url, meta=meta, callback=NO_CALLBACK)
            )
        except Exception:  # noqa: BLE001  (no answer, in any of the ways there are)
            return []
        return reserved_paths(response.body) if response.status == 200 else []


def closed_to_mining(response: Response) -> bool:
    """Whether the rights of a page are reserved by its headers or by itself."""
    return reserved_by_headers(*_rights(response)) or reserved_by_page(response.body)


def _rights(response: Response) -> tuple[bytes | None, list[bytes]]:
    """The headers that reserve rights."""
    return response.headers.get(b"tdm-reservation"), response.headers.getlist(b"X-Robots-Tag")
