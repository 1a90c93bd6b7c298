"""What API spiders share: a floor under the delay, one queue for several hosts, updates."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawlers.items import DocumentLine
from crawlers.network import GATE, gate_key, is_private
from crawlers.readers._values import is_web_page
from crawlers.spiders.api import ApiSpider
from crawlers.spiders.base import Callback

PATIENCE = 2  # times that a web page in place of data is asked for again


class DatedSpider(ApiSpider):
    """An API with limits of its own, asked for what is new since the window began.

    *least_delay*: seconds between requests that the provider asks for; the configuration can
    be slower, not faster. *group*: the name under which several hosts of a provider queue.
    *updates*: whether the list is of changed records, so that older ones belong to it.
    """

    least_delay = 1.0
    group = ""
    updates = False
    site = ""  # where the API is when the configuration names no endpoint

    @property
    def base(self) -> str:
        """The address of the API without a slash at its end."""
        return str(self.source.endpoint or self.site or self.source.url).rstrip("/")

    def request(self, url: str, callback: Callback, **options: Any) -> Request:
        """As `SourceSpider.request`, in the provider's own queue."""
        if self.group:
            options["meta"] = {"polite_group": self.group, **options.get("meta", {})}
        request = super().request(url, callback, **options)
        if not is_private(url.partition("://")[2].partition("/")[0].partition(":")[0]):
            GATE.slow_down(gate_key(request), self.least_delay)
        return request

    async def heard(
        self, response: Response, then: Callback, values: dict[str, Any]
    ) -> AsyncIterator[Request]:
        """As `SourceSpider.heard`, but a web page in place of data is asked for again.

        Several of these sites now and then answer 200 with their page's empty shell.
        """
        tried = response.meta.get("shells", 0)
        asked = response.request
        if asked is not None and tried < PATIENCE and is_web_page(response.body):
            self.tally.requests += 1
            yield asked.replace(meta={**response.meta, "shells": tried + 1})
            return
        async for each in super().heard(response, then, values):
            yield each

    def in_window(self, document: DocumentLine) -> bool:
        if self.updates:
            return date.fromisoformat(document["available"]) <= self.until
        return super().in_window(document)


def address(url: str, **parameters: Any) -> str:
    """*url* with the *parameters* that have a value."""
    given = {key: value for key, value in parameters.items() if value not in (None, "")}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(given)}" if given else url
