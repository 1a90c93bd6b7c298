"""The API spiders in the real engine, against APIs of our own on loopback."""

import gzip
import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from config.models import Settings
from crawlers.network import GATE
from crawlers.results import Window
from crawlers.runner import crawl, spider_class
from crawlers.settings import CrawlLimits
from tests.reading import payload, source_of
from tests.server import Answer, Site, first_then, send, serve

WINDOW = Window(date(2026, 9, 1), date(2026, 9, 30))
LIMITS = CrawlLimits(run_seconds=60, source_seconds=30, retries=1, retry_backoff=0.05)
KEY = "k3y-that-must-stay-secret"


def asked_for(visitor: Any) -> dict[str, str]:
    """The parameters of a request."""
    return {k: v[0] for k, v in parse_qs(urlsplit(visitor.path).query).items()}


def answers(make: Callable[[dict[str, str], Any], Any], kind: str = "application/json") -> Any:
    """A route that answers with what *make* gives for the parameters: bytes or JSON."""

    def route(visitor: Any) -> None:
        made = make(asked_for(visitor), visitor)
        if not isinstance(made, Answer):
            body = made if isinstance(made, bytes) else json.dumps(made).encode()
            made = Answer(body, type=kind)
        send(visitor, made)

    return route


# --- the APIs -------------------------------------------------------------------


def hit(number: int, updated: str) -> dict[str, Any]:
    return {
        "project": {
            "id": str(number),
            "title": f"Project number {number} on reed",
            "objective": "Reed.",
            "startDate": "2025-01-01",
            "contentUpdateDate": updated,
        }
    }


def cordis_search(query: dict[str, str], _: Any) -> Any:
    """Three pages of 100; the second ends before the window, so the third is never read."""
    page = int(query["p"])
    days = {1: "2026-09-20 10:00:00", 2: "2026-08-01 10:00:00", 3: "2026-07-01 10:00:00"}
    hits = [hit(page * 1000 + n, days[page]) for n in range(100)]
    if page == 1:
        hits = [hit(1000 + n, days[1 if n < 4 else 2]) for n in range(100)]
        hits[0]["project"].pop("contentUpdateDate")
    return {"result": {"header": {"totalHits": "300"}}, "hits": {"hit": hits}}


def cordis_record(_: dict[str, str], visitor: Any) -> Any:
    number = visitor.path.split("/")[3]
    if number == "1003":
        return Answer(b"no such record", 404, "text/plain")
    return payload("cordis/project.xml").replace(b"101000001", number.encode())


def openalex(query: dict[str, str], _: Any) -> Any:
    start = 0 if query["cursor"] == "*" else int(query["cursor"])
    works = [
        {"id": f"https://openalex.org/W{n}", "title": f"A work on reed with number {n}",
         "publication_date": "2026-09-10"}
        for n in range(start, min(start + 100, 150))
    ]  # fmt: skip
    following = str(start + 100) if start < 150 else None
    return {"meta": {"count": 150, "next_cursor": following}, "results": works}


def arxiv(query: dict[str, str], _: Any) -> bytes:
    start, topic = int(query["start"]), "2609" if "cs.RO" in query["search_query"] else "2608"
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{topic}.{n:05d}v1</id><title>Paper on reed {n}</title>"
        f"<summary>Reed.</summary><published>2026-09-10T00:00:00Z</published></entry>"
        for n in range(start, min(start + 200, 250))
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:o="http://a9.com/-/spec/opensearch/1.1/"><o:totalResults>250</o:totalResults>'
        f"<o:startIndex>{start}</o:startIndex>{entries}</feed>"
    ).encode()


def arxiv_oai(query: dict[str, str], _: Any) -> bytes:
    body = payload("arxiv/oai.xml")
    if "resumptionToken" in query:
        body = body.replace(b"6511983|1001", b"").replace(b"2609.1000", b"2609.2000")
    return body


def press_list(query: dict[str, str], _: Any) -> Any:
    page = int(query["pagenumber"])
    rows = [
        {"refCode": f"IP/26/{page}{n}", "eventDate": "2026-09-10", "languageCode": "EN",
         "title": f"The Commission speaks of reed {page}{n}", "leadText": "Teaser."}
        for n in range(2)
    ]  # fmt: skip
    return {
        "totalNumber": 4, "pageSize": 2, "pageNumber": page, "docuLanguageListResources": rows
    }  # fmt: skip


def press_document(query: dict[str, str], _: Any) -> Any:
    if query["reference"] == "IP/26/11":
        return b""
    document = json.loads(payload("press_corner/document.json"))
    return document | {"refCd": query["reference"], "eventDate": "2026-09-10", "publishDate": ""}


def europepmc(query: dict[str, str], _: Any) -> Any:
    first = query["cursorMark"] == "*"
    papers = [
        {"id": f"{n}", "source": "MED", "title": f"A paper on reed number {n}",
         "firstPublicationDate": "2026-09-10"}
        for n in range(2)
    ]  # fmt: skip
    return {
        "hitCount": 2, "nextCursorMark": "AoII", "request": {"cursorMark": query["cursorMark"]},
        "resultList": {"result": papers if first else []},
    }  # fmt: skip


def crossref(query: dict[str, str], _: Any) -> Any:
    count = 2 if query["cursor"] == "*" else 1
    items = [
        {"DOI": f"10.5555/{query['cursor'][0]}{n}", "title": [f"A work on reed, number {n}"],
         "published": {"date-parts": [[2026, 9]]}, "created": {"date-parts": [[2026, 9, 10]]}}
        for n in range(count)
    ]  # fmt: skip
    return {
        "status": "ok", "message-type": "work-list",
        "message": {"items": items, "total-results": 3, "items-per-page": 2, "next-cursor": "c"},
    }  # fmt: skip


def openaire(query: dict[str, str], _: Any) -> Any:
    first = query["cursor"] == "*"
    rows = [{"id": "p::1", "mainTitle": "A product on reed", "descriptions": ["Reed."],
             "publicationDate": "2026-09-10"}]  # fmt: skip
    return {"header": {"numFound": 1, "nextCursor": "c"}, "results": rows if first else []}


def sedia(query: dict[str, str], visitor: Any) -> Any:
    """Answers only to a form whose parts are JSON files, as the live API does."""
    assert visitor.command == "POST"
    assert visitor.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="query"; filename="blob"\r\nContent-Type: application/json' in visitor.sent
    assert b'"31094502"' in visitor.sent
    page = int(query["pageNumber"])
    rows = [
        {"language": "en", "metadata": {"identifier": [f"LIFE-{page}-{n}"], "type": ["1"],
         "title": [f"A call for reed number {page}{n}"], "startDate": ["2025-09-10"]}}
        for n in range(2)
    ]  # fmt: skip
    return {"totalResults": 4, "pageNumber": page, "pageSize": 2, "results": rows}


def ted(_: dict[str, str], visitor: Any) -> Any:
    sent = json.loads(visitor.sent)
    assert "publication-date = (20260901 <> 20260930)" in sent["query"]
    token = sent.get("iterationNextToken")
    rows = [] if token == "t2" else [
        {"publication-number": f"{token or 't0'}-2026", "publication-date": "2026-09-10+02:00",
         "notice-title": {"eng": "Germany - Services - Reed"}}
    ]  # fmt: skip
    return {"notices": rows, "totalNoticeCount": 2, "iterationNextToken": "t2" if token else "t1"}


def keep_list(query: dict[str, str], _: Any) -> Any:
    return {"results": [{"project_id": 29001}] if query["page"] == "1" else []}


def epo(_: dict[str, str], visitor: Any) -> Any:
    assert visitor.headers["Authorization"] == "Bearer t0ken"
    first = visitor.headers["X-OPS-Range"].startswith("1-")
    return payload("epo/search.xml") if first else Answer(payload("epo/fault.xml"), 404)


def epo_token(_: dict[str, str], visitor: Any) -> Any:
    assert visitor.sent == b"grant_type=client_credentials"
    return {"access_token": "t0ken", "expires_in": "1199"}


class Records(dict[str, Any]):
    """Routes of a site, with one more for every path that begins with *prefix*."""

    def __init__(self, prefix: str, route: Any, others: dict[str, Any]) -> None:
        super().__init__(others)
        self.prefix, self.route = prefix, route

    def get(self, path: str, default: Any = None) -> Any:
        return self.route if path.startswith(self.prefix) else super().get(path, default)


def routes() -> dict[str, Any]:
    """What each API serves, except the records of CORDIS."""
    return {
        "cordis": {"/search/en": answers(cordis_search)},
        "openalex": {"/works": answers(openalex)},
        "arxiv": {"/api/query": answers(arxiv, "application/atom+xml")},
        "arxiv_daily": {
            "/rss/cs.RO+cs.AI": Answer(payload("arxiv/rss.xml").replace(b"01 Oct", b"10 Sep"))
        },
        "arxiv_oai": {"/oai": answers(arxiv_oai, "text/xml")},
        "press_corner": {
            "/api/search": answers(press_list),
            "/api/documents": answers(press_document),
        },
        "europepmc": {"/search": answers(europepmc)},
        "crossref": {"/works": answers(crossref)},
        "openaire": {"/research-products": answers(openaire)},
        "sedia": {"/search": answers(sedia)},
        "ted": {"/notices/search": answers(ted)},
        "kohesio": {
            "/api/data/object": Answer(payload("kohesio/projects.csv"), type="text/csv")
        },
        "keep": {
            "/api/search/projects/": answers(keep_list),
            "/api/project/29001/": Answer(payload("keep/project.json"), type="application/json"),
        },
        "epo": {
            "/auth/accesstoken": answers(epo_token),
            "/rest-services/published-data/search/biblio,abstract": answers(epo, "text/xml"),
        },
    }  # fmt: skip


QUERIES = {
    "arxiv": ("cat:cs.RO AND abs:reed", "cat:eess.SY"), "arxiv_daily": ("cs.RO", "cs.AI"),
    "arxiv_oai": ("cs:cs:RO",), "kohesio": ("DE",), "epo": ("ta=reed",),
    "openalex": ("topics.id:T10018",),
}  # fmt: skip
PATHS = {"arxiv": "/api/query", "arxiv_daily": "/rss", "arxiv_oai": "/oai"}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """One crawl of all APIs: results, documents and sites by the name of the source."""
    folder = tmp_path_factory.mktemp("landing")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for name in ("OPENALEX", "EPO"):
            patch.setenv(f"TEST_{name}_KEY", KEY)
        sites, sources = {}, []
        for name, served in routes().items():
            sites[name] = site = stack.enter_context(serve(served))
            if name == "cordis":
                record = answers(cordis_record, "text/xml")
                site.routes = Records("/project/", record, site.routes)
            sources.append(api_source(name, site))
        results = crawl(
            sources,
            {source.name: WINDOW for source in sources},
            folder,
            run_id="r1",
            settings=Settings(streams={}),
            limits=LIMITS,
        )
    found = {result.source: result for result in results}
    return found, {name: landed(result) for name, result in found.items()}, sites


def api_source(name: str, site: Site, **values: Any) -> Any:
    spider = name.partition("_")[0] if name.startswith("arxiv") else name
    keys = {"openalex": "TEST_OPENALEX_KEY", "epo": "TEST_EPO_KEY"}
    return source_of(
        name,
        **{
            "spider": spider,
            "url": site.url,
            "endpoint": site.url + PATHS.get(name, ""),
            "queries": QUERIES.get(name, ()),
            "delay": 0,
            "key_env": keys.get(name, ""),
            **values,
        },
    )


def landed(result: Any) -> list[dict[str, Any]]:
    if not result.landing:
        return []
    return [json.loads(line) for line in Path(result.landing).read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("name", "items", "total"),
    [
        ("cordis", 4, 300), ("openalex", 150, 150), ("arxiv", 500, 500), ("arxiv_daily", 1, None),
        ("arxiv_oai", 4, None), ("press_corner", 4, 4), ("europepmc", 2, 2), ("crossref", 3, 3),
        ("openaire", 1, 1), ("sedia", 4, 4), ("ted", 2, 2), ("kohesio", 2, 4), ("keep", 1, None),
        ("epo", 1, 150),
    ],
)  # fmt: skip
def test_a_window_is_read_whole(crawled, name, items, total):
    results, documents, _ = crawled
    result = results[name]
    assert result.complete, result.reason
    assert result.items == len(documents[name]) == items
    assert result.reported_total == total
    assert all(document["id"] for document in documents[name])


def test_cordis_reads_changed_records_and_stops_before_the_window(crawled):
    _, documents, sites = crawled
    paths = sites["cordis"].paths()
    assert [path for path in paths if "p=3" in path] == []
    assert len([path for path in paths if path.startswith("/project/")]) == 4
    by_id = {document["id"]: document for document in documents["cordis"]}
    assert by_id["cordis:1001"]["organisations"][0]["nuts"] == "EL433"
    assert by_id["cordis:1003"]["text"] == "Reed."  # its own page is gone: the hit stands in


def test_cordis_asks_for_the_newest_change_first(crawled):
    first = crawled[2]["cordis"].paths()[1]
    assert "srt=%2Fproject%2FcontentUpdateDate%3Adecreasing" in first
    assert "format=json" in first


def test_press_corner_takes_the_text_and_falls_back_to_the_teaser(crawled):
    texts = {document["id"]: document["text"] for document in crawled[1]["press_corner"]}
    assert texts["presscorner:IP/26/10"].startswith("Heading")
    assert texts["presscorner:IP/26/11"] == "Teaser."
    assert "datefrom=01092026&dateto=30092026" in crawled[2]["press_corner"].paths()[1]


def test_windows_reach_the_apis(crawled):
    sites = crawled[2]
    assert "from_publication_date%3A2026-09-01" in sites["openalex"].paths()[1]
    assert "topics.id%3AT10018" in sites["openalex"].paths()[1]
    assert "submittedDate%3A%5B202609010000+TO+202609302359%5D" in sites["arxiv"].paths()[1]
    assert "from=2026-09-01" in sites["arxiv_oai"].paths()[1]
    assert "FIRST_PDATE%3A%5B2026-09-01+TO+2026-09-30%5D" in sites["europepmc"].paths()[1]
    assert "from-created-date%3A2026-09-01" in sites["crossref"].paths()[1]
    assert "fromPublicationDate=2026-09-01" in sites["openaire"].paths()[1]
    assert "pd+within+%2220260901+20260930%22" in sites["epo"].paths()[2]


def test_keep_remembers_the_newest_project(crawled):
    results, _, sites = crawled
    assert results["keep"].state == {sites["keep"].url: {"newest": "29001"}}


def test_keep_stops_at_the_newest_project_of_the_last_crawl(tmp_path):
    with serve(routes()["keep"]) as site:
        state = {site.url: {"newest": "29001"}}
        [again] = crawl(
            [api_source("keep", site)],
            {"keep": WINDOW},
            tmp_path,
            run_id="r",
            settings=Settings(streams={}),
            states={"keep": state},
            limits=LIMITS,
        )
    assert again.complete, again.reason
    assert (again.items, again.state) == (0, state)
    assert site.paths() == ["/robots.txt", "/api/search/projects/?page=1"]


def test_raw_answers_can_be_read_again_without_the_network(crawled, tmp_path, monkeypatch):
    for name in ("OPENALEX", "EPO"):
        monkeypatch.setenv(f"TEST_{name}_KEY", "another-key-than-before")
    results, documents, sites = crawled
    again = crawl(  # the sites are down by now
        [api_source(name, site) for name, site in sites.items()],
        dict.fromkeys(sites, WINDOW),
        tmp_path,
        run_id="r2",
        settings=Settings(streams={}),
        limits=LIMITS,
        replay={name: Path(result.raw) for name, result in results.items()},
    )
    for result in again:
        assert result.complete, result.reason
        assert sorted(map(str, landed(result))) == sorted(map(str, documents[result.source]))


def test_arxiv_asks_one_query_after_the_other(crawled):
    asked = [path for path in crawled[2]["arxiv"].paths() if path.startswith("/api")]
    assert ["eess.SY" in path for path in asked] == [False, False, True, True]


def test_keys_reach_their_api_and_nothing_else(crawled):
    results, documents, sites = crawled
    assert f"api_key={KEY}" in sites["openalex"].paths()[1]
    assert KEY not in json.dumps(documents)
    assert KEY not in json.dumps([result.as_json() for result in results.values()])
    for result in results.values():
        assert KEY.encode() not in gzip.decompress(Path(result.raw).read_bytes())
    assert not any(KEY in path for name in ("arxiv", "ted") for path in sites[name].paths())


# --- what goes wrong ------------------------------------------------------------


def second_page_fails(query: dict[str, str], visitor: Any) -> Any:
    return openalex(query, visitor) if query["cursor"] == "*" else Answer(b"", 503)


def second_query_fails(query: dict[str, str], visitor: Any) -> Any:
    if "cs.RO" in query["search_query"]:
        return arxiv(query, visitor)
    return Answer(b"Rate exceeded.", 429, "text/plain")


def cut_short(query: dict[str, str], visitor: Any) -> Any:
    page = openalex(query, visitor)
    page["meta"] |= {"count": 400}
    return page if query["cursor"] == "*" else page | {"results": []}


def one_hit(*_: Any) -> Any:
    return {"result": {"header": {"totalHits": "1"}}, "hits": {"hit": hit(7, "2026-09-20")}}


def undated_hits(query: dict[str, str], _: Any) -> Any:
    """Pages that are shorter than asked for; the second one lies before the window."""
    hits = [hit(int(query["p"]) * 1000 + n, "") for n in range(9)]
    return {"result": {"header": {"totalHits": "250"}}, "hits": {"hit": hits}}


def undated_record(_: dict[str, str], visitor: Any) -> bytes:
    number = visitor.path.split("/")[3]
    day = b"2026-09-20" if number[0] == "1" else b"2026-01-01"
    body = payload("cordis/project.xml").replace(b"101000001", number.encode())
    return body.replace(b"<contentUpdateDate>2026-05-21", b"<contentUpdateDate>" + day)


SHELL = Answer(b"<!doctype html><title>CORDIS</title>")
HOLLOW = Answer(b'{"result": {"header": {"totalHits": "9"}}, "hits": ""}')
# Name of the source -> its spider, its routes and a word of the reason.
BROKEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "second_page": ("openalex", {"/works": answers(second_page_fails)}, "HTTP 503"),
    "record": (
        "cordis",
        {"/search/en": answers(one_hit), "/project/id/7/en": Answer(b"", 500)},
        "HTTP 500",
    ),
    "cut_short": ("openalex", {"/works": answers(cut_short)}, "ended after 100 of 400 records"),
    "shell": ("cordis", {"/search/en": SHELL}, "web page"),
    "arxiv_second_query": ("arxiv", {"/api/query": answers(second_query_fails)}, "HTTP 429"),
    "hollow": ("cordis", {"/search/en": HOLLOW}, "9 hits"),
    "arxiv_error": (
        "arxiv",
        {"/api/query": Answer(payload("arxiv/error.xml"))},
        "must be an integer",
    ),
    "arxiv_rate": (
        "arxiv",
        {"/api/query": Answer(b"Rate exceeded.", 429, "text/plain")},
        "HTTP 429",
    ),
    "arxiv_field": ("arxiv", {}, "arXiv knows no field title"),
    "europepmc_error": (
        "europepmc",
        {"/search": Answer(b'{"errCode": 404, "errMsg": "no"}')},
        "404: no",
    ),
    "ted_partial": (
        "ted",
        {"/notices/search": Answer(b'{"notices": [], "timedOut": true}')},
        "partial",
    ),
    "sedia_error": ("sedia", {"/search": Answer(b'{"message": "wrong"}', 500)}, "HTTP 500"),
    "epo_keyless": ("epo", {}, "TEST_MISSING_KEY is not set"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """One crawl of all that goes wrong, and one list whose hits have no dates."""
    folder = tmp_path_factory.mktemp("broken")
    with ExitStack() as stack:
        sites, sources = {}, []
        for name, (spider, served, _) in BROKEN.items():
            sites[name] = site = stack.enter_context(serve(served))
            query = ("title:reed",) if name == "arxiv_field" else QUERIES.get(spider, ())
            endpoint = site.url + PATHS.get(spider, "")
            key = "TEST_MISSING_KEY" if name == "epo_keyless" else ""
            sources.append(
                api_source(name, site, spider=spider, queries=query, endpoint=endpoint, key_env=key)
            )
        search = first_then(SHELL, Answer(json.dumps(one_hit()).encode()))
        record = first_then(SHELL, Answer(payload("cordis/project.xml")))
        served = {"/search/en": search, "/project/id/7/en": record}
        sites["shell_once"] = site = stack.enter_context(serve(served))
        sources.append(api_source("shell_once", site, spider="cordis"))
        sites["undated"] = site = stack.enter_context(serve({"/search/en": answers(undated_hits)}))
        record = answers(undated_record, "text/xml")
        site.routes = Records("/project/", record, site.routes)
        sources.append(api_source("undated", site, spider="cordis"))
        results = crawl(
            sources,
            {source.name: WINDOW for source in sources},
            folder,
            run_id="r",
            settings=Settings(streams={}),
            limits=LIMITS,
        )
    return {result.source: result for result in results}, sites


@pytest.mark.parametrize("name", BROKEN)
def test_what_goes_wrong_fails_the_window_and_is_named(broken, name):
    result = broken[0][name]
    assert not result.complete
    assert BROKEN[name][2] in result.reason


def test_a_failed_page_does_not_cost_the_pages_before_it(broken):
    assert broken[0]["second_page"].items == 100


def test_a_failed_record_leaves_the_hit(broken):
    assert [document["id"] for document in landed(broken[0]["record"])] == ["cordis:7"]


def test_arxiv_is_not_asked_again_when_the_rate_is_exceeded(broken):
    assert len(broken[1]["arxiv_rate"].paths()) == 2  # robots.txt and one question


def test_a_web_page_in_place_of_data_is_asked_for_again(broken):
    assert len(broken[1]["shell"].paths()) == 1 + 1 + 2  # robots.txt, the question, two more
    assert broken[0]["shell_once"].complete
    assert broken[0]["shell_once"].items == 1


def test_nothing_is_asked_with_a_wrong_configuration(broken):
    assert broken[1]["arxiv_field"].paths() == []
    assert broken[1]["epo_keyless"].paths() == []


def test_hits_without_dates_are_followed_by_their_records(broken):
    """The last record of each page tells whether the next page can hold anything new."""
    result, site = broken[0]["undated"], broken[1]["undated"]
    assert result.complete, result.reason
    assert result.items == 18
    assert [path for path in site.paths() if "p=3" in path] == []


# --- delays ----------------------------------------------------------------------


def test_public_hosts_of_arxiv_share_one_queue_with_three_seconds():
    spider = spider_class("arxiv")(source_of("arxiv", queries=("cat:cs.RO",)), WINDOW)
    [request] = spider.first_requests()
    assert request.url.startswith("https://export.arxiv.org/api/query?")
    assert request.meta["polite_group"] == "arxiv"
    assert GATE.delays["arxiv"] == 3.1


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("keep", 10.0), ("openaire", 60.0), ("crossref", 1.0), ("ted", 1.0), ("cordis", 1.0)],
)
def test_other_promised_delays_hold_whatever_the_configuration_says(name, seconds):
    spider = spider_class(name)(source_of(name, queries=("reed",), delay=0), WINDOW)
    [request] = spider.first_requests()
    assert GATE.delays[urlsplit(request.url).hostname] == seconds
