"""What one crawl of one source came to: the contract between crawling and the store."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from config.models import Expectation

GONE = "gone for good"  # how the reason begins when a source answers 410
Verdict = Literal["healthy", "unusual", "failed"]


class Window(NamedTuple):
    """The days a crawl reads, both included."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """What one source gave us in one crawl.

    The window's last day becomes the source's watermark only when `complete`: a failed page
    is a failed window, never "no more results".
    """

    source: str
    since: date
    until: date
    complete: bool
    items: int = 0  # documents landed
    known: int = 0  # documents still listed that an earlier crawl landed
    dropped: int = 0  # records refused or outside the window
    reported_total: int | None = None  # what the source says it has, None when it does not say
    errors: int = 0
    reason: str = ""  # what went wrong, in one line; `why` knows what was expected, too
    started: str = ""  # ISO times, UTC
    ended: str = ""
    unchanged: bool = False  # the source answered that nothing is new
    landing: str = ""  # path of the landing file, empty when nothing was landed
    raw: str = ""  # path of the compressed raw payloads, empty when none
    # HTTP state by address for the next crawl; keep it only once the landing file is ingested.
    state: dict[str, Any] = field(default_factory=dict)

    def verdict(self, expect: Expectation) -> Verdict:
        """Too little or an unfinished window is a failure; too much or errors want a look."""
        if not self.complete:
            return "failed"
        if self.items + self.known < expect.min_items and not self.unchanged:
            return "failed"
        if self.items > expect.max_items or self.errors:
            return "unusual"
        return "healthy"

    def why(self, expect: Expectation) -> str:
        """The reason for the verdict in one line; empty when it is healthy."""
        if self.reason or self.verdict(expect) == "healthy":
            return self.reason
        found = self.items + self.known
        if found < expect.min_items:
            return f"{found} documents, at least {expect.min_items} expected"
        return f"{self.items} documents, at most {expect.max_items} expected"

    def as_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back."""
        return asdict(self) | {"since": self.since.isoformat(), "until": self.until.isoformat()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "CrawlResult":
        """The result that `as_json` wrote."""
        days = {key: date.fromisoformat(values[key]) for key in ("since", "until")}
        return cls(**(values | days))
