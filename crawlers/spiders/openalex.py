"""OpenAlex: works published since the window began, by cursor."""

from scrapy import Request

from crawlers.spiders._dated import DatedSpider, address

FIELDS = (
    "id,doi,title,publication_date,language,type,abstract_inverted_index,authorships,"
    "primary_topic,topics,keywords,primary_location,awards,created_date,is_retracted"
)


class OpenAlexSpider(DatedSpider):
    """A query is either a filter (`topics.id:T10663|T10018`) or words to search for.

    Filters by creation day need a paid plan; publication days and the overlap stand in. The
    key is optional: a missing one is left out, since an empty one is refused.
    """

    site = "https://api.openalex.org"
    least_delay = 0.2

    def page_request(self, query: str, cursor: str | None) -> Request:
        filters = [
            f"from_publication_date:{self.since.isoformat()}",
            f"to_publication_date:{self.until.isoformat()}",
        ]
        is_filter = ":" in query and " " not in query.partition(":")[0]
        if is_filter:
            filters.append(query)
        url = address(
            f"{self.base}/works",
            search="" if is_filter else query,
            filter=",".join(filters),
            sort="publication_date:desc",
            per_page=100,
            cursor=cursor or "*",
            select=FIELDS,
            api_key=self.secret,
        )
        return self.page(url, query, cursor)
