"""Collecting: which sources are due, what is recorded, what is ingested."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

import crawlers.runner
from config.errors import UsageError
from config.models import Settings, Source
from crawlers.results import CrawlResult, Window
from pipelines.collect import choose, collect, is_due, window
from pipelines.ingest import ingest
from pipelines.store import open_store
from pipelines.store.documents import documents
from pipelines.store.runs import crawl_states, last_crawls, save_crawl, watermarks

TODAY = date(2026, 11, 20)


@pytest.fixture
def db(tmp_path):
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def source(name: str, **changes) -> Source:
    values = {
        "name": name,
        "title": name.title(),
        "summary": "A source of ours that exists for the length of one test, and no longer.",
        "kind": "news",
        "url": "https://e.example",
    }
    return Source.model_validate(values | changes)


def configuration(*sources: Source) -> SimpleNamespace:
    return SimpleNamespace(
        settings=Settings(streams={}), sources={source.name: source for source in sources}
    )


def land(data: Path, name: str, *rows: object, run: str = "r1") -> Path:
    path = data / "landing" / name / f"{run}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def line(number: int = 1, **changes: object) -> dict[str, object]:
    values = {
        "id": f"wire:{number}",
        "source": "wire",
        "kind": "news",
        "title": "A pilot line opens",
        "text": "Cells.",
        "published": "2026-11-10",
    }
    return values | changes


# --- what is due -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("crawl", "last", "due"),
    [
        ("daily", None, True),
        ("daily", date(2026, 11, 19), True),
        ("daily", TODAY, False),
        ("weekly", date(2026, 11, 13), True),
        ("weekly", date(2026, 11, 16), False),
    ],
)
def test_source_is_due_by_its_last_good_day(crawl, last, due):
    marks = {} if last is None else {"wire": last}
    assert is_due(source("wire", crawl=crawl), marks, TODAY) is due


def test_paused_source_is_read_only_by_name():
    paused = source("quiet", crawl="paused", paused_because="It has no feed any more.")
    sources = {"quiet": paused, "wire": source("wire")}
    assert [one.name for one in choose(sources, ())] == ["wire"]
    assert choose(sources, ["quiet"]) == [paused]
    with pytest.raises(UsageError, match="no source nobody"):
        choose(sources, ["nobody"])


def test_window_overlaps_the_last_and_reaches_back_the_first_time():
    wire = source("wire", overlap_days=7, history_days=90)
    assert window(wire, date(2026, 11, 13), TODAY, None) == Window(date(2026, 11, 6), TODAY)
    assert window(wire, None, TODAY, None) == Window(date(2026, 8, 22), TODAY)
    assert window(wire, None, TODAY, date(2026, 1, 1)).since == date(2026, 1, 1)
    with pytest.raises(UsageError, match="future"):
        window(wire, None, TODAY, date(2026, 12, 1))


def test_window_with_a_gap_before_it_moves_no_watermark(db):
    for run, since, until in (("a", 1, 5), ("b", 10, 20)):
        days = date(2026, 11, since), date(2026, 11, until)
        save_crawl(db, run, CrawlResult("wire", *days, True, ended=run), "healthy")
    assert watermarks(db) == {"wire": date(2026, 11, 5)}


def test_an_empty_list_moves_no_watermark_and_leaves_no_state(db):
    """Nothing where something was expected is a failure, however smoothly it was read."""
    wire = source("wire")
    for run, until, items in (("a", 5, 3), ("b", 12, 0)):
        days = date(2026, 11, until - 4), date(2026, 11, until)
        state = {"https://e.example/": {"etag": run}}
        result = CrawlResult("wire", *days, True, items=items, ended=run, state=state)
        save_crawl(db, run, result, result.verdict(wire.expect))
    assert watermarks(db) == {"wire": date(2026, 11, 5)}
    assert crawl_states(db) == {"wire": {"https://e.example/": {"etag": "a"}}}


# --- the stage ---------------------------------------------------------------------


def test_each_source_is_judged_and_what_landed_is_ingested(db, tmp_path, monkeypatch):
    asked = {}

    def crawl(sources, windows, landing, *, run_id, settings, ready, states=None):
        asked.update(windows)
        results = {"dead": {"complete": False, "errors": 1, "reason": "HTTP 503"}}
        if "wire" in windows:
            path = land(tmp_path, "wire", line(1), line(2), "nonsense", run=run_id)
            results["wire"] = {"complete": True, "items": 3, "landing": str(path)}
        for name, values in results.items():
            ready(CrawlResult(name, *windows[name], ended=run_id, **values))

    monkeypatch.setattr(crawlers.runner, "crawl", crawl)
    counts: Counter[str] = Counter()
    setup = configuration(source("wire"), source("dead"))
    verdicts = collect(db, tmp_path, setup, counts, run_id="r1", today=TODAY)
    assert verdicts == {"dead": "failed", "wire": "healthy"}
    assert counts == {"failed": 1, "healthy": 1, "items": 3}
    assert last_crawls(db)["wire"]["new"] == 2
    assert last_crawls(db)["dead"]["reason"] == "HTTP 503"
    asked.clear()
    collect(db, tmp_path, setup, Counter(), run_id="r2", today=TODAY)
    assert list(asked) == ["dead"]  # the other one was read today
    assert watermarks(db) == {"wire": TODAY}


def test_what_was_read_is_stored_when_the_crawl_breaks_off(db, tmp_path, monkeypatch):
    def crawl(sources, windows, landing, *, run_id, settings, ready, states=None):
        land(tmp_path, "wire", line(1), run=run_id)
        ready(CrawlResult("wire", *windows["wire"], True, items=1, ended=run_id))
        raise KeyboardInterrupt

    monkeypatch.setattr(crawlers.runner, "crawl", crawl)
    setup = configuration(source("wire"), source("slow"))
    with pytest.raises(KeyboardInterrupt):
        collect(db, tmp_path, setup, Counter(), run_id="r1", today=TODAY)
    assert len(documents(db, ["wire:1"])) == 1
    assert watermarks(db) == {"wire": TODAY}


def test_a_source_that_is_gone_is_asked_again_only_at_another_address(db, tmp_path, monkeypatch):
    """410 needs a person: every run says so, none asks."""
    asked = []

    def crawl(sources, windows, landing, *, run_id, settings, ready, states=None):
        asked.extend(str(one.endpoint) for one in sources)
        why = f"gone for good (HTTP 410) at {sources[0].endpoint}"
        ready(CrawlResult("wire", *windows["wire"], False, errors=1, reason=why, ended=run_id))

    monkeypatch.setattr(crawlers.runner, "crawl", crawl)
    old, new = (source("wire", endpoint=f"https://e.example/{path}") for path in ("old", "new"))
    for run, each in (("r1", old), ("r2", old), ("r3", new)):
        verdicts = collect(db, tmp_path, configuration(each), Counter(), run_id=run, today=TODAY)
        assert verdicts == {"wire": "failed"}
    assert asked == ["https://e.example/old", "https://e.example/new"]


def test_files_are_kept_until_a_complete_crawl_follows(db, tmp_path, monkeypatch):
    """The newest crawl and the newest complete one stay; a file that was not ingested stays."""
    complete = {"r1": True, "r2": True, "r3": False, "r4": False, "r5": True}
    folder = tmp_path / "landing" / "wire"

    def crawl(sources, windows, landing, *, run_id, settings, ready, states=None):
        path = land(tmp_path, "wire", line(1), run=run_id)
        raw = folder / f"{run_id}.raw.jsonl.gz"
        raw.write_bytes(b"x")
        ready(
            CrawlResult(
                "wire", *windows["wire"], complete[run_id], items=1, landing=str(path),
                raw=str(raw), ended=run_id,
            )
        )  # fmt: skip

    monkeypatch.setattr(crawlers.runner, "crawl", crawl)
    kept = {}
    for run in complete:
        collect(
            db, tmp_path, configuration(source("wire")), Counter(),
            run_id=run, today=TODAY, names=["wire"],
        )  # fmt: skip
        kept[run] = sorted({path.name.partition(".")[0] for path in folder.iterdir()})
        assert len(list(folder.iterdir())) == 2 * len(kept[run])
    assert kept == {
        "r1": ["r1"], "r2": ["r2"], "r3": ["r2", "r3"], "r4": ["r2", "r4"], "r5": ["r5"],
    }  # fmt: skip


def test_replay_needs_kept_answers(db, tmp_path):
    with pytest.raises(UsageError, match="no raw answers"):
        collect(
            db, tmp_path, configuration(source("wire")), Counter(),
            run_id="r1", today=TODAY, replay=True,
        )  # fmt: skip


def test_replay_reads_the_last_raw_answers_again(db, tmp_path, monkeypatch):
    raw = tmp_path / "raw.gz"
    raw.write_bytes(b"x")
    days = date(2026, 11, 1), TODAY
    save_crawl(db, "r1", CrawlResult("wire", *days, True, raw=str(raw), ended="1"), "healthy")
    save_crawl(db, "r2", CrawlResult("wire", *days, False, ended="2"), "failed")

    def replay(one, path, landing, *, run_id, settings):
        assert (one.name, path) == ("wire", raw)
        land(tmp_path, "wire", line(1), run=run_id)
        return CrawlResult("wire", *days, True, items=1, ended="3")

    monkeypatch.setattr(crawlers.runner, "replay", replay)
    setup = configuration(source("wire"))
    collect(db, tmp_path, setup, Counter(), run_id="r3", today=TODAY, replay=True)
    assert len(documents(db, ["wire:1"])) == 1


# --- ingest ------------------------------------------------------------------------


def read(db, data) -> Counter[str]:
    counts: Counter[str] = Counter()
    ingest(db, data, Settings(streams={}), counts, today=TODAY)
    return counts


def test_landing_file_is_read_once(db, tmp_path):
    land(tmp_path, "wire", line(1), line(2))
    assert read(db, tmp_path) == {"files": 1, "new": 2}
    assert read(db, tmp_path) == {}


def test_bad_landing_line_is_kept_and_counted(db, tmp_path):
    land(tmp_path, "wire", line(1), line(2, published="soon"))
    assert read(db, tmp_path) == {"files": 1, "new": 1, "rejected": 1}
    [path] = (tmp_path / "rejects").iterdir()
    assert "published: 'soon' is not a day" in path.read_text()


def test_empty_landing_file_is_said_once(db, tmp_path):
    land(tmp_path, "wire")
    assert read(db, tmp_path) == {"files": 1, "broken_files": 1}
    assert read(db, tmp_path) == {}


def test_late_run_sees_the_week_as_it_was(db, tmp_path):
    land(tmp_path, "wire", line(1), line(2, available="2026-11-12"))
    read(db, tmp_path)
    days = [one.available for one in documents(db, ["wire:1", "wire:2"])]
    assert days == [date(2026, 11, 10), date(2026, 11, 12)]


def test_document_read_again_stays_as_old_as_it_was(db, tmp_path):
    land(tmp_path, "wire", line(1, available="2026-11-11"))
    read(db, tmp_path)
    land(tmp_path, "wire", line(1, available="2026-11-18", text="More."), run="r2")
    assert read(db, tmp_path) == {"files": 1, "updated": 1}
    assert documents(db, ["wire:1"])[0].available == date(2026, 11, 11)
