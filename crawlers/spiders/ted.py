"""TED: notices published in the window, by iteration token."""

import json

from scrapy import Request

from crawlers.spiders._dated import DatedSpider

FIELDS = [
    "publication-number", "publication-date", "notice-title", "buyer-name", "buyer-country",
    "notice-type", "classification-cpv", "description-lot", "place-of-performance-subdiv-lot",
    "estimated-value-lot", "estimated-value-cur-lot", "links", "official-language",
]  # fmt: skip


class TedSpider(DatedSpider):
    """Queries in the expert search's grammar, without dates and sorting, which we add."""

    site = "https://api.ted.europa.eu/v3"

    def page_request(self, query: str, cursor: str | None) -> Request:
        window = f"publication-date = ({self.since:%Y%m%d} <> {self.until:%Y%m%d})"
        asked = {
            "query": f"{f'({query}) AND ' if query else ''}{window} SORT BY publication-date DESC",
            "fields": FIELDS,
            "limit": 100,
            "scope": "ALL",
            "paginationMode": "ITERATION",
            "onlyLatestVersions": True,
        }
        if cursor:
            asked["iterationNextToken"] = cursor
        return self.page(
            f"{self.base}/notices/search",
            query,
            cursor,
            method="POST",
            body=json.dumps(asked).encode(),
            headers={"Content-Type": "application/json"},
        )
