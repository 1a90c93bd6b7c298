"""Europe PMC: papers first published in the window, by cursor mark."""

from scrapy import Request

from crawlers.spiders._dated import DatedSpider, address


class EuropePmcSpider(DatedSpider):
    """Queries in the search's own grammar; only papers with an abstract."""

    site = "https://www.ebi.ac.uk/europepmc/webservices/rest"

    def page_request(self, query: str, cursor: str | None) -> Request:
        window = f"FIRST_PDATE:[{self.since.isoformat()} TO {self.until.isoformat()}]"
        parts = [f"({query})"] if query else []
        url = address(
            f"{self.base}/search",
            query=" AND ".join([*parts, window, "HAS_ABSTRACT:Y"]),
            resultType="core",
            format="json",
            pageSize=100,
            cursorMark=cursor or "*",
        )
        return self.page(url, query, cursor)
