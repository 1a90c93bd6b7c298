"""Crossref: DOIs made in the window, by cursor."""

from scrapy import Request

from crawlers.spiders._dated import DatedSpider, address


class CrossrefSpider(DatedSpider):
    """A query is a bibliographic search. The cursor expires after five minutes.

    New DOIs are asked for, so the day a DOI was made decides, not the stated issue.
    """

    site = "https://api.crossref.org"
    updates = True

    def page_request(self, query: str, cursor: str | None) -> Request:
        filters = (
            f"from-created-date:{self.since.isoformat()},"
            f"until-created-date:{self.until.isoformat()},has-abstract:1"
        )
        url = address(
            f"{self.base}/works",
            **{"query.bibliographic": query},
            filter=filters,
            rows=200,
            cursor=cursor or "*",
            mailto=self.secret,
        )
        return self.page(url, query, cursor)
