"""EPO Open Patent Services: publications of the window. Needs a registered key."""

import base64
import json
from collections.abc import Iterable, Iterator

from scrapy import Request
from scrapy.http import Response

from config.errors import SourceDrift
from crawlers.spiders._dated import DatedSpider, address
from crawlers.spiders.base import Yielded

PAGE_SIZE = 100


class EpoSpider(DatedSpider):
    """Queries in CQL without dates (`cpc=H01M10/0562`). The key is `consumer:secret`."""

    site = "https://ops.epo.org/3.2"
    token = ""
    whole = False  # one record per family is kept, and the list ends at 2,000

    def first_requests(self) -> Iterable[Request]:
        """First a token, good for twenty minutes."""
        key = base64.b64encode(self.key.encode()).decode()
        yield self.request(
            f"{self.base}/auth/accesstoken",
            self.admitted,
            method="POST",
            body=b"grant_type=client_credentials",
            headers={
                "Authorization": f"Basic {key}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )

    def admitted(self, response: Response) -> Iterator[Yielded]:
        """The token, then the first page of each query."""
        try:
            self.token = str(json.loads(response.body)["access_token"])
        except (ValueError, KeyError, TypeError) as exc:
            raise SourceDrift("EPO gave no access token") from exc
        for query in self.source.queries:
            yield self.page_request(query, None)

    def page_request(self, query: str, cursor: str | None) -> Request:
        start = int(cursor or 1)
        window = f'pd within "{self.since:%Y%m%d} {self.until:%Y%m%d}"'
        return self.page(
            address(
                f"{self.base}/rest-services/published-data/search/biblio,abstract",
                q=f"{query} and {window}",
            ),
            query,
            cursor,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Accept": "application/xml",
                "X-OPS-Range": f"{start}-{start + PAGE_SIZE - 1}",
            },
            meta={"handle_httpstatus_list": [404]},  # this is how "no results" comes
        )
