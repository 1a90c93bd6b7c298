"""The sample corpus behind a real HTTP server on loopback, in the formats of real sources.

CORDIS search and records, OpenAlex works with cursors, and RSS feeds: what the shipped
spiders read on the live web. Nothing dated after `today` is served, so that a second
crawl a week later finds exactly the new documents.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from pipelines.demo.corpus import FEEDS, GERMAN_FEED, Partner, Sample

Answer = tuple[int, str, bytes]
Query = dict[str, list[str]]


class SampleSources:
    """Answers the requests of the spiders from a list of samples."""

    def __init__(self, samples: Sequence[Sample], today: date) -> None:
        self.samples = samples
        self.today = today

    def of(self, kind: str, outlet: str = "") -> list[Sample]:
        """What a source would list today, newest first."""
        return [
            sample
            for sample in reversed(self.samples)
            if sample.kind == kind
            and sample.published <= self.today
            and (not outlet or sample.outlet == outlet)
        ]

    def answer(self, path: str, query: Query) -> Answer:
        """Status, content type and body for one request."""
        routes: dict[str, Callable[[str, Query], Answer]] = {
            "/robots.txt": self._robots,
            "/cordis/search/en": self._cordis_search,
            "/openalex/works": self._openalex,
        }
        if path in routes:
            return routes[path](path, query)
        if path.startswith("/cordis/project/id/"):
            return self._cordis_record(path, query)
        if path.startswith("/feeds/"):
            return self._feed(path, query)
        return 404, "text/plain", b"no such page"

    def _robots(self, path: str, query: Query) -> Answer:
        return 200, "text/plain", b"User-agent: *\nAllow: /\n"

    # --- CORDIS ---------------------------------------------------------------

    def _cordis_search(self, path: str, query: Query) -> Answer:
        projects = self.of("project")
        page, size = int(query.get("p", ["1"])[0]), int(query.get("num", ["10"])[0])
        shown = projects[(page - 1) * size : page * size]
        hits = [{"@attributes": {"score": "1.0"}, "project": _cordis_hit(p)} for p in shown]
        body: dict[str, Any] = {
            "result": {"header": {"numHits": str(len(shown)), "totalHits": str(len(projects))}},
            # As the live site does: one hit is an object, none is an empty string.
            "hits": {"hit": hits if len(hits) != 1 else hits[0]} if hits else "",
        }
        return _json(body)

    def _cordis_record(self, path: str, query: Query) -> Answer:
        wanted = path.split("/")[4]
        for sample in self.of("project"):
            if project_number(sample) == wanted:
                return 200, "application/xml", _cordis_xml(sample).encode()
        return 404, "text/plain", b"no such record"

    # --- OpenAlex -------------------------------------------------------------

    def _openalex(self, path: str, query: Query) -> Answer:
        since = _filter_value(query, "from_publication_date") or "1900-01-01"
        works = [s for s in self.of("publication") if s.published.isoformat() >= since]
        size = int(query.get("per_page", query.get("per-page", ["25"]))[0])
        cursor = query.get("cursor", ["*"])[0]
        start = 0 if cursor == "*" else int(cursor)
        following = str(start + size) if start + size < len(works) else None
        return _json(
            {
                "meta": {"count": len(works), "per_page": size, "next_cursor": following},
                "results": [_openalex_work(work) for work in works[start : start + size]],
            }
        )

    # --- feeds ----------------------------------------------------------------

    def _feed(self, path: str, query: Query) -> Answer:
        outlet = path.removeprefix("/feeds/").removesuffix(".xml")
        if outlet not in (*FEEDS, GERMAN_FEED):
            return 404, "text/plain", b"no such feed"
        return 200, "application/rss+xml", _rss(outlet, self.of("news", outlet)).encode()


def _json(body: Any) -> Answer:
    return 200, "application/json", json.dumps(body).encode()


def _filter_value(query: Query, name: str) -> str:
    """OpenAlex packs its filters into one parameter: `name:value,name:value`."""
    for part in ",".join(query.get("filter", [])).split(","):
        key, _, value = part.partition(":")
        if key == name:
            return value
    return ""


def project_number(sample: Sample) -> str:
    """A grant number as CORDIS gives them: nine digits, the same in every run."""
    return str(900_000_000 + int.from_bytes(sample.id.encode(), "big") % 99_999_989)


def _cordis_hit(sample: Sample) -> dict[str, Any]:
    return {
        "language": "en",
        "rcn": project_number(sample)[3:],
        "id": project_number(sample),
        "acronym": _acronym(sample),
        "title": sample.title,
        "objective": sample.text,
        "startDate": sample.published.isoformat(),
        "ecMaxContribution": str(sample.amount),
        "status": "SIGNED",
        "contentUpdateDate": f"{sample.published} 08:00:00",
    }


def _acronym(sample: Sample) -> str:
    return "".join(word[0] for word in sample.title.split() if word[0].isalpha()).upper()[:8]


def _cordis_xml(sample: Sample) -> str:
    day = sample.published.isoformat()
    organisations = "".join(
        _cordis_organisation(partner, order, sample)
        for order, partner in enumerate(sample.partners, start=1)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://cordis.europa.eu">
  <language>en</language><availableLanguages readOnly="true">en</availableLanguages>
  <rcn>{project_number(sample)[3:]}</rcn><id>{project_number(sample)}</id>
  <acronym>{_acronym(sample)}</acronym>
  <objective>{escape(sample.text)}</objective><title>{escape(sample.title)}</title>
  <ecMaxContribution>{sample.amount}</ecMaxContribution>
  <startDate>{day}</startDate><ecSignatureDate>{day}</ecSignatureDate><status>SIGNED</status>
  <contentCreationDate readOnly="true">{day} 08:00:00</contentCreationDate>
  <contentUpdateDate>{day} 08:00:00</contentUpdateDate>
  <relations><associations>{organisations}
    <programme type="relatedLegalBasis" source="corda" uniqueProgrammePart="true">
      <code>HORIZON.2.4</code><frameworkProgramme>HORIZON</frameworkProgramme>
    </programme></associations></relations>
</project>
"""


def _cordis_organisation(partner: Partner, order: int, sample: Sample) -> str:
    role = "coordinator" if order == 1 else "participant"
    share = sample.amount // len(sample.partners)
    return f"""
    <organization type="{role}" source="corda" order="{order}" ecContribution="{share}" sme="false">
      <legalName>{escape(partner.name)}</legalName>
      <address><country>{partner.country}</country></address>
      <relations><regions><region type="relatedNutsCode"><nutsCode>{partner.nuts}</nutsCode>
      </region></regions></relations>
    </organization>"""


def _openalex_work(sample: Sample) -> dict[str, Any]:
    index: dict[str, list[int]] = {}
    for position, word in enumerate(sample.text.split()):
        index.setdefault(word, []).append(position)
    number = int.from_bytes(sample.id.encode(), "big") % 9_999_999_967
    return {
        "id": f"https://openalex.org/W{number}",
        "doi": f"https://doi.org/10.5555/sample.{number}",
        "title": sample.title,
        "display_name": sample.title,
        "publication_date": sample.published.isoformat(),
        "language": sample.language,
        "type": "article",
        "abstract_inverted_index": index,
        "authorships": [
            {
                "author_position": "first" if position == 0 else "middle",
                "author": {"id": f"https://openalex.org/A{number}{position}"},
                "countries": [partner.country],
                "institutions": [
                    {
                        "id": f"https://openalex.org/I{sum(map(ord, partner.name))}",
                        "display_name": partner.name,
                        "country_code": partner.country,
                        "type": "education",
                    }
                ],
            }
            for position, partner in enumerate(sample.partners)
        ],
        "primary_location": {"landing_page_url": f"https://example.org/works/{number}"},
        "topics": [],
        "keywords": [],
    }


def _rss(outlet: str, stories: Sequence[Sample]) -> str:
    language = stories[0].language if stories else "en"
    items = "".join(_rss_item(outlet, story) for story in stories)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>{outlet.replace("_", " ").title()}</title><link>https://{_host(outlet)}/</link>
<description>Invented news for the demo</description><language>{language}</language>{items}
</channel></rss>
"""


def _host(outlet: str) -> str:
    return f"{outlet.replace('_', '-')}.example.org"


def _rss_item(outlet: str, story: Sample) -> str:
    moment = format_datetime(datetime.combine(story.published, time(12), UTC))
    link = f"https://{_host(outlet)}/{story.id}?utm_source=rss"
    paragraphs = f"<p>{escape(story.text)}</p>"
    return f"""
<item><title>{escape(story.title)}</title><link>{escape(link)}</link>
<guid isPermaLink="false">{escape(story.id)}</guid><pubDate>{moment}</pubDate>
<description>{escape(story.text[:160])}</description>
<content:encoded><![CDATA[{paragraphs}]]></content:encoded></item>"""


@contextmanager
def serve(sources: SampleSources) -> Iterator[str]:
    """Serve *sources* on a free loopback port; yields the base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, kind, body = sources.answer(parts.path, parse_qs(parts.query))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet: the crawl itself logs what it reads."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
