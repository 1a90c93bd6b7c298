"""EU Funding & Tenders portal: all open and forthcoming calls, read whole each time."""

import json

from scrapy import Request

from crawlers.spiders._dated import DatedSpider, address

_BOUNDARY = "trendscout-5f1c7d8e"  # fixed, so that the same question is the same request
_OPEN = ["31094501", "31094502"]  # forthcoming, open


class SediaSpider(DatedSpider):
    """A query is a comma list of types: 1 topics, 2 other grants, 8 cascade calls, 0 tenders.

    The search has no dependable "updated since". Its order is stable only when it is asked
    for one, and filters count only as JSON files of a multipart form.
    """

    site = "https://api.tech.ec.europa.eu/search-api/prod/rest"
    updates = True

    def page_request(self, query: str, cursor: str | None) -> Request:
        types = [one.strip() for one in (query or "1,2,8").split(",")]
        wanted = {"bool": {"must": [{"terms": {"type": types}}, {"terms": {"status": _OPEN}}]}}
        parts: dict[str, object] = {
            "query": wanted,
            "languages": [self.source.language],
            "sort": {"field": "startDate", "order": "DESC"},
        }
        url = address(
            f"{self.base}/search",
            apiKey="SEDIA",
            text="***",
            pageSize=100,
            pageNumber=cursor or "1",
        )
        return self.page(
            url,
            query,
            cursor,
            method="POST",
            body=multipart(parts),
            headers={"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"},
        )


def multipart(parts: dict[str, object]) -> bytes:
    """*parts* as JSON files of a form, as the portal's own page sends them."""
    lines = []
    for name, value in parts.items():
        lines += [
            f"--{_BOUNDARY}",
            f'Content-Disposition: form-data; name="{name}"; filename="blob"',
            "Content-Type: application/json",
            "",
            json.dumps(value),
        ]
    return "\r\n".join([*lines, f"--{_BOUNDARY}--", ""]).encode()
