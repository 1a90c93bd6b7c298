"""The real engine against real servers: whatever one site does, the others finish."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from config.models import Expectation, Source
from crawlers.results import CrawlResult, Window
from crawlers.runner import crawl, replay
from crawlers.settings import CrawlLimits
from crawlers.spiders.base import SourceSpider
from tests.misbehaving import CASES, HEALTHY, LIMITS, SETTINGS, WINDOW, Run, crawled, source
from tests.server import (
    Answer,
    Route,
    hang,
    page,
    paged,
    rss,
    serve,
    slowly,
    stories,
    story,
)

ROOT = Path(__file__).parents[1]
ARTICLE = "\n".join(
    f"In hall {n} the partners showed how machine {n} reads heat from cells made in line {n}, "
    f"and the engineers of group {n} explained which measurements they trust and why."
    for n in range(8)
)


def landed(result: CrawlResult) -> list[dict[str, Any]]:
    if not result.landing:
        return []
    return [json.loads(line) for line in Path(result.landing).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with crawled(tmp_path_factory.mktemp("landing")) as done:
        yield done


@pytest.mark.parametrize("name", CASES)
def test_each_site_gets_the_verdict_it_deserves(run: Run, name: str) -> None:
    _, verdict, reason = CASES[name]
    result = run.results[name]
    assert (result.verdict(Expectation()), result.complete) == (
        verdict,
        verdict != "failed" or name == "old_news",
    ), result.reason
    said = result.why(Expectation())
    assert reason in said
    assert bool(said) == (verdict != "healthy")


@pytest.mark.parametrize("name", [n for n, case in CASES.items() if case[1] != "failed"])
def test_a_healthy_site_is_read_whole(run: Run, name: str) -> None:
    expected = 1 if name == "broken_utf8" else 5
    assert len(landed(run.results[name])) == run.results[name].items == expected


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_landed_twice(run: Run, name: str) -> None:
    keys = [line["id"] for line in landed(run.results[name])]
    assert len(keys) == len(set(keys)) == run.results[name].items


def test_the_crawling_process_stays_small(run: Run) -> None:
    assert run.memory < 500_000_000


@pytest.mark.parametrize("name", ["robots_forbids", "robots_hangs", "robots_error"])
def test_a_closed_site_is_asked_for_robots_txt_alone(run: Run, name: str) -> None:
    assert set(run.sites[name].paths()) == {"/robots.txt"}


def test_retry_after_is_waited_for(run: Run) -> None:
    assert run.sites["busy_for_a_second"].paths() == ["/robots.txt", "/feed", "/feed"]
    assert run.sites["busy_for_a_second"].gaps()[1] >= 1.0


def test_a_longer_retry_after_than_our_cap_is_not_asked_again(run: Run) -> None:
    assert run.sites["busy_for_long"].paths() == ["/robots.txt", "/feed"]


def test_a_plan_that_must_be_paid_for_is_not_asked_for_again(run: Run) -> None:
    assert run.sites["asks_for_a_better_plan"].paths() == ["/robots.txt", "/feed"]


def test_a_cut_off_feed_keeps_what_it_holds_but_not_its_window(run: Run) -> None:
    result = run.results["too_short"]
    assert result.items in (1, 2)
    assert not result.complete


def test_a_repeating_list_is_left_after_its_second_page(run: Run) -> None:
    assert run.results["repeats"].items == 3
    assert len(run.sites["repeats"].paths()) == 3  # robots.txt and two pages


def test_news_outside_the_window_is_counted_not_landed(run: Run) -> None:
    result = run.results["old_news"]
    assert (result.items, result.dropped, result.complete) == (0, 3, True)


def test_no_partial_file_is_left(run: Run) -> None:
    folder = Path(run.results["fine"].landing).parent.parent
    assert not list(folder.rglob("*.part"))


def one(tmp_path: Path, each: Source, **values: Any) -> CrawlResult:
    [result] = crawl(
        [each],
        {each.name: values.pop("window", WINDOW)},
        tmp_path,
        **{"run_id": "r1", "settings": SETTINGS, "limits": LIMITS, **values},
    )
    return result


def test_full_text_respects_robots_rights_and_the_delay(tmp_path: Path) -> None:
    """A feed that links to a host which closes some of its pages, in all the ways there are."""
    articles: dict[str, Route] = {
        "/robots.txt": Answer(b"User-agent: *\nCrawl-delay: 0.2\nDisallow: /news/9\n"),
        "/.well-known/tdmrep.json": Answer(b'[{"location": "/news/5", "tdm-reservation": 1}]'),
        "/news/1": Answer(page(ARTICLE), type="text/html"),
        "/news/2": Answer(page(ARTICLE), type="text/html", headers={"tdm-reservation": "1"}),
        "/news/3": Answer(
            page(ARTICLE, '<meta name="tdm-reservation" content="1">'), type="text/html"
        ),
        "/news/4": Answer(b"%PDF-1.7", type="application/pdf"),
        "/news/5": Answer(page(ARTICLE), type="text/html"),
        "/news/8": Answer(status=302, headers={"Location": "/news/5"}),
        "/news/91": Answer(page(ARTICLE), type="text/html"),
        "/news/92": Answer(page(ARTICLE), type="text/html"),
        "/news/93": Answer(page(ARTICLE), type="text/html"),
    }
    with serve(articles) as target:
        numbers = (1, 2, 3, 4, 5, 6, 8, 91, 92, 93)
        feed = Answer(rss(*(story(number, target.url) for number in numbers)))
        with serve({"/feed": feed}) as site:
            # The feed's source names the articles' host as its page, so loopback is its own.
            full = source("full", target.url, endpoint=f"{site.url}/feed", full_text=True)
            first = one(tmp_path, full)
            gaps = target.gaps()
            second = one(tmp_path, full, run_id="r2", states={"full": first.state})
            # The feed gains a story: pages that were read before are left alone.
            site.routes["/feed"] = Answer(
                rss(*(story(number, target.url) for number in (*numbers, 7)))
            )
            third = one(tmp_path, full, run_id="r3", states={"full": second.state})
    texts = {line["url"].rpartition("/")[2]: line["text"] for line in landed(first)}
    assert set(texts) == {str(number) for number in numbers}
    assert "machine 7 reads heat" in texts["1"]
    assert all(texts[n].startswith("Teaser") for n in texts if n != "1")
    asked = target.paths()
    assert not [path for path in asked if path.startswith("/news/9")]
    assert asked.count("/news/5") == 1  # by way of /news/8, which gets a teaser for it
    assert min(gaps[1:]) >= 0.1  # from robots.txt on, as a busy server sees it
    # 404 and robots.txt are worth a look, and cost nothing.
    assert first.verdict(full.expect) == "unusual"
    assert first.errors == 4
    assert (second.unchanged, second.items) == (True, 0)
    assert third.known == 5
    assert asked.count("/news/1") == 1


def test_two_sources_on_one_host_keep_its_delay_between_them(tmp_path: Path) -> None:
    with serve({"/feed": HEALTHY, "/other": HEALTHY}) as site:
        sources = [
            source("first", site.url, delay=0.3),
            source("second", site.url, endpoint=f"{site.url}/other", delay=0.3),
        ]
        results = crawl(
            sources,
            {each.name: WINDOW for each in sources},
            tmp_path,
            run_id="r1",
            settings=SETTINGS,
            limits=LIMITS,
        )
    assert [result.items for result in results] == [5, 5]
    assert len(site.asked) == 4
    assert min(site.gaps()) >= 0.2  # as a busy server sees it


def test_requests_that_wait_for_robots_txt_obey_it(tmp_path: Path) -> None:
    robots = slowly(0.5, Answer(b"User-agent: *\nDisallow: /news\n"))
    with serve({"/robots.txt": robots}) as target, serve({}) as site:
        site.routes["/feed"] = Answer(stories(6, link=target.url))
        each = source("eager", target.url, endpoint=f"{site.url}/feed", full_text=True)
        result = one(tmp_path, each)
    assert result.items == 6
    assert not [path for path in target.paths() if path.startswith("/news")]


def test_the_crawling_process_ends_with_its_parent(tmp_path: Path) -> None:
    """Kill a parent in the middle of a crawl; its child must not go on alone."""
    with serve({"/feed": hang}) as site:
        script = (
            "from pathlib import Path\n"
            "from tests.test_crawl import *\n"
            f"one(Path({str(tmp_path)!r}), source('orphan', {site.url!r}))\n"
        )
        with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) as parent:
            while "/feed" not in site.paths():
                time.sleep(0.05)
            children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
            parent.kill()
        assert len(children) == 1
        deadline = time.monotonic() + 5
        while Path(f"/proc/{children[0]}/cmdline").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not Path(f"/proc/{children[0]}/cmdline").exists()


def test_an_unchanged_feed_is_asked_for_with_its_validators(tmp_path: Path) -> None:
    def route(visitor: Any) -> None:
        from tests.server import send

        if visitor.headers.get("If-None-Match") == '"v1"':
            visitor.send_response(304)
            visitor.end_headers()
        else:
            send(visitor, Answer(stories(2), headers={"ETag": '"v1"'}))

    with serve({"/feed": route}) as site:
        each = source("conditional", site.url)
        first = one(tmp_path, each)
        states = {each.name: first.state}
        second = one(tmp_path, each, run_id="r2", states=states)
        # A window that reaches further back must not be answered by 304.
        wider = Window(date(2026, 8, 1), WINDOW.until)
        third = one(tmp_path, each, run_id="r3", states=states, window=wider)
    assert (first.items, second.items, third.items) == (2, 0, 2)
    assert second.unchanged
    assert second.raw == ""  # "nothing new" is nothing to replay
    assert second.verdict(each.expect) == "healthy"
    assert second.state == first.state


def test_a_feed_that_fell_silent_is_pointed_out_each_time(tmp_path: Path) -> None:
    """Even where a week without documents is as usual."""
    with serve({"/feed": Answer(stories(2).replace(b"Sep 2026", b"Jan 2026"))}) as site:
        each = source("silent", site.url, expect=Expectation(min_items=0))
        first = one(tmp_path, each)
        second = one(tmp_path, each, run_id="r2", states={each.name: first.state})
        site.routes["/feed"] = Answer(rss())
        third = one(tmp_path, each, run_id="r3", states={each.name: second.state})
    assert first.reason == second.reason == "its newest entry is of 2026-01-03"
    assert third.reason == "it lists nothing"
    assert {result.verdict(each.expect) for result in (first, second, third)} == {"unusual"}


def test_what_lies_after_the_window_is_seen_by_the_next_crawl(tmp_path: Path) -> None:
    with serve({"/feed": Answer(stories(2), headers={"ETag": '"v1"'})}) as site:
        each = source("later", site.url, expect=Expectation(min_items=0))
        early = one(tmp_path, each, window=Window(date(2026, 8, 20), date(2026, 9, 2)))
        late = one(tmp_path, each, run_id="r2", states={each.name: early.state})
    assert (early.items, early.dropped) == (0, 2)
    assert late.items == 2


def test_raw_answers_are_replayed_without_the_network(tmp_path: Path) -> None:
    with serve({"/feed": Answer(stories(3))}) as site:
        each = source("archived", site.url)
        first = one(tmp_path, each)
        asked = len(site.asked)
        again = replay(each, Path(first.raw), tmp_path, run_id="again", settings=SETTINGS)
        assert len(site.asked) == asked
    assert landed(again) == landed(first)
    assert Path(first.raw).exists()


def test_a_replay_does_not_put_teasers_over_texts_of_earlier_crawls(tmp_path: Path) -> None:
    with serve({f"/news/{n}": Answer(page(ARTICLE), type="text/html") for n in (1, 2)}) as site:
        each = source("growing", site.url, full_text=True)
        site.routes["/feed"] = Answer(stories(1, link=site.url))
        first = one(tmp_path, each)
        site.routes["/feed"] = Answer(stories(2, link=site.url))
        second = one(tmp_path, each, run_id="r2", states={each.name: first.state})
        again = replay(each, Path(second.raw), tmp_path, run_id="again", settings=SETTINGS)
        # A reader that was mended sees the story of the first crawl with other eyes.
        named = each.model_copy(update={"licence": "CC BY 4.0"})
        mended = replay(named, Path(second.raw), tmp_path, run_id="mended", settings=SETTINGS)
    for result in (second, again, mended):
        [line] = landed(result)
        assert line["url"].endswith("/news/2")
        assert "machine 7 reads heat" in line["text"]
    assert (again.known, again.complete, again.reason) == (1, True, "")
    assert again.state == second.state
    assert "not in the archive" in mended.reason


def test_a_key_reaches_neither_files_nor_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_SOURCE_KEY", "s3cr3t-value")
    with serve({"/feed": Answer(status=404)}) as site:
        each = source(
            "keyed",
            site.url,
            endpoint=f"{site.url}/feed?key=s3cr3t-value",
            key_env="TEST_SOURCE_KEY",
        )
        result = one(tmp_path, each)
    assert "key=***" in result.reason
    assert "s3cr3t" not in json.dumps(result.as_json() | {"state": {}})


def test_a_proxy_is_not_asked_for_what_is_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serve({"/feed": HEALTHY}) as site:
        assert one(tmp_path, source("local", site.url)).items == 5


def test_a_site_that_has_ipv6_alone_is_read(tmp_path: Path) -> None:
    try:
        serving = serve({"/feed": HEALTHY}, "::1")
        with serving as site, serve({}) as other:
            fine = one(tmp_path, source("six", site.url))
            other.routes["/feed"] = Answer(status=302, headers={"Location": f"{site.url}/feed"})
            led = one(tmp_path, source("led", other.url))
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert (fine.items, fine.complete) == (5, True)
    assert "private network" in led.reason


def test_a_full_disk_fails_the_window() -> None:
    class FullDisk:
        path = Path("r1.jsonl")

        def write(self, document: Any) -> None:
            raise OSError(28, "No space left on device")

    spider = SourceSpider(source("full_disk", "https://a.example"), WINDOW, landing=FullDisk())  # type: ignore[arg-type]
    spider.land({"id": "1", "title": "A title", "available": "2026-09-03"})
    assert "No space left" in spider.tally.failures[0]


def test_public_sites_are_not_asked_without_a_contact(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="contact"):
        one(tmp_path, source("public", "https://agency.example"))


def test_a_source_with_an_unknown_spider_fails_alone(tmp_path: Path) -> None:
    with serve({"/feed": HEALTHY}) as site:
        lost = source("lost", site.url, spider="no_such_spider")
        fine = source("fine", site.url)
        results = crawl(
            [lost, fine],
            {"lost": WINDOW, "fine": WINDOW},
            tmp_path,
            run_id="r1",
            settings=SETTINGS,
            limits=LIMITS,
        )
    assert [result.verdict(Expectation()) for result in results] == ["failed", "healthy"]
    assert "no_such_spider" in results[0].reason


def crawl_beside_one_that_hangs(
    tmp_path: Path, limits: CrawlLimits, **more: Any
) -> list[CrawlResult]:
    """The results of "slow", which never answers, and of "quick", a healthy feed."""
    with serve({"/feed": hang}) as slow, serve({"/feed": HEALTHY}) as other:
        sources = [source("slow", slow.url), source("quick", other.url)]
        return crawl(
            sources,
            {each.name: WINDOW for each in sources},
            tmp_path,
            run_id="r1",
            settings=SETTINGS,
            limits=limits,
            **more,
        )


def test_a_source_is_ready_while_another_is_still_read(tmp_path: Path) -> None:
    seen: list[tuple[str, bool]] = []
    results = crawl_beside_one_that_hangs(
        tmp_path,
        CrawlLimits(request_seconds=4, retries=0),
        ready=lambda one: seen.append((one.source, bool(list(tmp_path.glob("slow/*.part"))))),
    )
    assert seen == [("quick", True), ("slow", False)]
    assert [result.source for result in results] == ["slow", "quick"]


def test_the_sources_of_one_host_end_one_after_another(tmp_path: Path) -> None:
    def three_pages(number: int) -> bytes:
        return stories(1, first=number) if number < 4 else rss()

    names = ["one", "two", "three"]
    with serve({f"/{name}": paged(three_pages) for name in names}) as site:
        results = crawl(
            [source(name, site.url, endpoint=f"{site.url}/{name}") for name in names],
            dict.fromkeys(names, WINDOW),
            tmp_path,
            run_id="r1",
            settings=SETTINGS,
        )
    asked = [one.path.partition("?")[0] for one in site.asked]
    ends = {name: len(asked) - 1 - asked[::-1].index(f"/{name}") for name in names}
    assert min(ends["one"], ends["two"]) < asked.index("/three")
    assert [result.items for result in results] == [3, 3, 3]


def test_a_source_that_takes_too_long_ends_alone(tmp_path: Path) -> None:
    limits = CrawlLimits(source_seconds=1, request_seconds=5, retries=0)
    slow, quick = crawl_beside_one_that_hangs(tmp_path, limits)
    assert "its time was over before the list ended" in slow.reason
    assert (slow.complete, quick.complete) == (False, True)


@pytest.mark.parametrize("seconds", [0, 1])  # 0: while the first crawl is still starting
def test_the_runs_time_ends_sources_that_do_not_finish(tmp_path: Path, seconds: float) -> None:
    limits = CrawlLimits(run_seconds=seconds, request_seconds=5, retries=0, sources_at_once=1)
    results = crawl_beside_one_that_hangs(tmp_path, limits)
    assert [result.complete for result in results] == [False, False]
    assert all("time was over" in result.reason for result in results)
