"""arXiv: the query API, the daily feeds or OAI-PMH, told apart by the endpoint."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from config.errors import ConfigError
from crawlers.items import DocumentLine
from crawlers.spiders._dated import DatedSpider, address
from crawlers.spiders.base import Yielded

FIELDS = {"ti", "au", "abs", "co", "jr", "cat", "rn", "all", "id"}
PAGE_SIZE = 200


class ArxivSpider(DatedSpider):
    """One request every three seconds over all hosts of arXiv, as its terms say.

    Queries: expressions of the API (`cat:cs.RO AND abs:gripper`), categories for the feeds
    (`cs.RO`), sets for OAI-PMH (`cs:cs:AI`).
    """

    site = "https://export.arxiv.org/api/query"
    group = "arxiv"
    least_delay = 3.1

    def first_requests(self) -> Iterable[Request]:
        yield self.page_request(self._queries[0], None)

    def parse(
        self, response: Response, query: str = "", cursor: str | None = None
    ) -> Iterator[Yielded]:
        """One query after the other: when arXiv refuses one, the others are not asked."""
        following = False
        for each in super().parse(response, query, cursor):
            following |= isinstance(each, Request)
            yield each
        rest = self._queries[self._queries.index(query) + 1 :]
        if not following and rest:
            yield self.page_request(rest[0], None)

    @property
    def _queries(self) -> tuple[str, ...]:
        """The queries, each once; the feed takes all categories at a time."""
        if self._is_feed:
            return ("+".join(self.source.queries),)
        return tuple(dict.fromkeys(self.source.queries)) or ("",)

    @property
    def _is_feed(self) -> bool:
        return bool(re.search(r"/(rss|atom)\b", self.base))

    @property
    def _is_oai(self) -> bool:
        return "oai" in self.base.rpartition("/")[2]

    def page_request(self, query: str, cursor: str | None) -> Request:
        # "Rate exceeded." asks for ten minutes of silence, so nothing is tried again here.
        options: dict[str, Any] = {"meta": {"dont_retry": True}}
        if self._is_feed:
            url = f"{self.base}/{query}" if query else self.base
            return self.page(url, query, cursor, **options)
        if self._is_oai:
            options["meta"]["download_timeout"] = 180
            return self.page(self._oai_address(query, cursor), query, cursor, **options)
        return self.page(self._api_address(query, cursor), query, cursor, **options)

    def _api_address(self, query: str, cursor: str | None) -> str:
        """Submissions of the window, newest first. Unknown fields would be searched as words."""
        unknown = set(re.findall(r"\b([A-Za-z]\w*):", query)) - FIELDS
        if unknown:
            raise ConfigError(
                f"{self.source.name}: queries: arXiv knows no field {', '.join(sorted(unknown))}"
            )
        window = f"submittedDate:[{self.since:%Y%m%d}0000 TO {self.until:%Y%m%d}2359]"
        return address(
            self.base,
            search_query=f"({query}) AND {window}" if query else window,
            start=cursor or "0",
            max_results=PAGE_SIZE,
            sortBy="submittedDate",
            sortOrder="descending",
        )

    def _oai_address(self, query: str, cursor: str | None) -> str:
        """Records changed in the window; a token stands for the whole request."""
        if cursor:
            return address(self.base, verb="ListRecords", resumptionToken=cursor)
        return address(
            self.base,
            verb="ListRecords",
            metadataPrefix="arXiv",
            set=query,
            **{"from": self.since.isoformat()},
            until=self.until.isoformat(),
        )

    def in_window(self, document: DocumentLine) -> bool:
        """OAI-PMH lists papers by their last change, so older ones belong to it."""
        if self._is_oai:
            return bool(document["available"] <= self.until.isoformat())
        return super().in_window(document)
