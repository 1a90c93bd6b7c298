"""OpenAIRE Graph: publications (or projects) of the window, by cursor."""

from scrapy import Request

from crawlers.spiders._dated import DatedSpider, address


class OpenAireSpider(DatedSpider):
    """Sixty requests an hour without a token; a token is sent as a bearer when there is one.

    The source's kind decides what is asked for: projects, else publications.
    """

    site = "https://api.openaire.eu/graph/v3"
    least_delay = 60.0

    def page_request(self, query: str, cursor: str | None) -> Request:
        since, until = self.since.isoformat(), self.until.isoformat()
        if self.source.kind == "project":
            path, order = "projects", "startDate DESC"
            days = {"fromStartDate": since, "toStartDate": until}
        else:
            path, order = "research-products", "publicationDate DESC"
            days = {"type": "publication", "fromPublicationDate": since, "toPublicationDate": until}
        url = address(
            f"{self.base}/{path}",
            search=query,
            **days,
            pageSize=100,
            cursor=cursor or "*",
            sortBy=order,
        )
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        return self.page(url, query, cursor, headers=headers)
