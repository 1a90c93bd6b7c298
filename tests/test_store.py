"""The store: what is kept, what is refused, and in which words."""

import sqlite3
import subprocess
import sys
import textwrap
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from sqlite_utils import Database

from config.errors import StoreBusy, StoreError, StoreTooNew
from crawlers.results import CrawlResult
from pipelines.exchange import Record
from pipelines.lock import run_lock
from pipelines.migrations import migrations
from pipelines.store import NAME, open_store, using_store
from pipelines.store.documents import (
    document_counts,
    documents,
    prepared,
    records,
    records_until,
    save_batch,
    save_documents,
)
from pipelines.store.runs import (
    close_killed,
    crawl_states,
    last_crawls,
    last_stages,
    save_crawl,
    save_ingested,
    stage,
    watermarks,
)

TODAY = date(2026, 11, 20)


@pytest.fixture
def db(tmp_path):
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def record(number: int = 1, **changes) -> Record:
    values = {
        "id": f"sample:{number}",
        "source": "sample",
        "kind": "news",
        "title": f"Solid-state cells, part {number}",
        "text": "A pilot line for batteries.",
        "published": "2026-03-03",
        "organisations": [
            {"name": "Muster GmbH", "country": "DE", "nuts": "DED21", "role": "coordinator"},
            {"name": "Ejemplo SA", "country": "ES", "role": "participant"},
        ],
        "topics": [{"scheme": "arxiv", "code": "cs.LG", "label": ""}],
        "funding": {"programme": "H2020", "amount_eu": 10.5},
    }
    return Record.model_validate(values | changes)


def save(db: Database, *what: Record, **options) -> dict[str, int]:
    return dict(save_documents(db, what, collected=TODAY, **options))


# --- documents -------------------------------------------------------------------


def test_new_then_unchanged_then_updated(db):
    assert save(db, record()) == {"new": 1}
    assert save(db, record()) == {"unchanged": 1}
    assert save(db, record(text="Another text.")) == {"updated": 1}
    assert [one.text for one in documents(db, ["sample:1"])] == ["Another text."]


def test_replaced_version_stays_traceable(db):
    save(db, record())
    save(db, record(text="Another text."))
    [old] = db.query("SELECT * FROM document_versions WHERE document = 'sample:1'")
    assert "A pilot line for batteries." in old["record"]
    assert old["replaced"] == TODAY.isoformat()


def test_same_id_twice_in_one_batch_keeps_both_and_shows_the_later(db):
    twice = (record(), record(text="Second."))
    assert save(db, *twice) == {"new": 1, "updated": 1}
    first = list(db.query("SELECT * FROM document_versions"))
    save(db, *twice)  # a repeated import ends in the same state
    assert list(db.query("SELECT * FROM document_versions")) == first
    assert documents(db, ["sample:1"])[0].text == "Second."


def test_saved_record_is_read_back_whole(db):
    saved = record(keywords=["cells"], author_keys=["a1", "b2"], licence="CC0-1.0")
    save(db, saved)
    assert records(db, ["sample:1"]) == [saved.model_copy(update={"available": saved.known})]


def test_the_language_a_text_was_found_to_be_in_stands_as_long_as_the_text(db):
    save_documents(db, [record(language="en")], collected=date(2026, 3, 9))
    db.execute("UPDATE documents SET language = 'de'")  # as `enrich` finds it
    for changes, expected in (({"keywords": ["yarn"]}, "de"), ({"text": "Another text."}, "en")):
        changed = record(language="en", **changes)
        assert save_documents(db, [changed], collected=date(2026, 3, 9))["updated"] == 1
        assert [row["language"] for row in db.table("documents").rows] == [expected]


def test_update_replaces_who_takes_part(db):
    save(db, record())
    save(db, record(organisations=[{"name": "Muster GmbH", "country": "DE"}]))
    [document] = documents(db, ["sample:1"])
    assert [one.name for one in document.organisations] == ["Muster GmbH"]


def test_spellings_of_one_organisation_meet(db):
    save(db, record(1), record(2, organisations=[{"name": "MUSTER  GMBH", "country": "DE"}]))
    assert db.table("organisations").count == 2
    [second] = documents(db, ["sample:2"])
    assert second.organisations[0].nuts == "DED21"  # known from the other document


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_spelling_and_seat_do_not_depend_on_the_order_of_documents(db, order):
    spelled = [("MUSTER GMBH", "DED"), ("Muster GmbH", "DED2"), ("muster GMBH", "DED1")]
    for number in order:
        name, nuts = spelled[number]
        save(db, record(number, organisations=[{"name": name, "country": "DE", "nuts": nuts}]))
    save(db, record(9, organisations=[{"name": "MUSTER GMBH", "country": "DE"}]))
    [document] = documents(db, ["sample:9"])
    assert (document.organisations[0].name, document.organisations[0].nuts) == (
        "muster GMBH",
        "DED1",
    )


def test_reading_again_makes_no_document_younger(db):
    save(db, record(available="2026-03-04"))
    assert save(db, record(available="2026-04-01"), keep_available=True) == {"unchanged": 1}
    assert save(db, record(available="2026-04-01")) == {"updated": 1}


def test_changed_text_clears_the_duplicate_mark(db):
    save(db, record(1), record(2))
    db.table("documents").update("sample:2", {"duplicate_of": "sample:1"})
    assert documents(db, ["sample:2"])[0].duplicate_of == "sample:1"
    save(db, record(2, text="Now it says something else."))
    assert documents(db, ["sample:2"])[0].duplicate_of == ""


def test_week_sees_only_what_was_available(db):
    days = {1: "2026-03-08", 2: "2026-03-09", 3: "2026-01-01"}
    save(db, *(record(number, available=day) for number, day in days.items()))
    found = [one.key for one in records_until(db, date(2026, 3, 8))]
    assert found == ["sample:3", "sample:1"]


def test_pages_meet_without_gap_or_overlap(db):
    save(db, *(record(number) for number in range(1, 1203)))
    found = [one.key for one in records_until(db, TODAY)]
    assert len(found) == len(set(found)) == 1202
    assert found == sorted(found)


def found(db: Database, words: str) -> list[str]:
    """What Datasette's search finds: it knows the index by its name and content table."""
    return [row["id"] for row in db.table("documents").search(words, order_by="id")]


def test_full_text_search_knows_stems(db):
    save(db, record(1), record(2, title="Wind turbines at sea", text="Blades."))
    assert found(db, '"solid-state" battery') == ["sample:1"]
    assert db.table("documents").detect_fts() == "documents_fts"


def test_search_follows_an_update(db):
    save(db, record(1))
    save(db, record(1, text="About turbines."))
    assert found(db, "batteries") == []
    assert found(db, "turbine") == ["sample:1"]


def test_search_index_is_written_once_a_batch_whatever_the_order_of_ids(db):
    save(db, *(record(number) for number in (10, 9, 1, 5, 3)))  # sorted, 1 and 10 come first
    [(pieces,)] = db.execute("SELECT count(DISTINCT segid) FROM documents_fts_idx")
    assert pieces == 1


def test_only_the_search_index_is_left_to_fill_when_others_may_work(db):
    seen = []

    def look():
        found = "SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'batteries'"
        kept = "SELECT count(*) FROM participations"
        seen.extend(db.execute(sql).fetchone()[0] for sql in (kept, found))

    save_batch(db, [prepared(record(1), TODAY), prepared(record(2), TODAY)], meanwhile=look)
    assert seen == [4, 0]
    look()
    assert seen[2:] == [4, 2]


def test_documents_are_counted_by_kind_source_and_language(db):
    save(db, record(1), record(2, language="de"))
    found = [(row["language"], row["documents"]) for row in document_counts(db)]
    assert found == [("?", 1), ("de", 1)]


# --- runs ------------------------------------------------------------------------


def test_stage_leaves_a_trace_either_way(db):
    with stage(db, "r1", "embed", "2026-W10") as counts:
        counts["embedded"] += 2
    with pytest.raises(ValueError, match="boom"), stage(db, "r1", "themes", "2026-W10"):
        raise ValueError("boom")
    found = [(row["stage"], row["status"], row["counts"]) for row in last_stages(db)]
    assert found == [("themes", "failed", {}), ("embed", "done", {"embedded": 2})]


def test_killed_stage_is_named_when_the_next_run_starts(db):
    db.table("stage_runs").insert({"run_id": "r", "stage": "embed", "status": "running"})
    assert close_killed(db) == 1
    assert last_stages(db)[0]["status"] == "killed"


def crawl(until: str, *, complete: bool = True, **changes) -> CrawlResult:
    values = {"ended": until, "state": {"https://e.example": {"etag": until}}} | changes
    return CrawlResult("sample", date(2026, 1, 1), date.fromisoformat(until), complete, **values)


def test_watermark_moves_only_with_a_complete_window(db):
    save_crawl(db, "r1", crawl("2026-03-01"), "healthy")
    save_crawl(db, "r2", crawl("2026-03-08", complete=False, reason="HTTP 503"), "failed")
    assert watermarks(db) == {"sample": date(2026, 3, 1)}
    assert crawl_states(db) == {"sample": {"https://e.example": {"etag": "2026-03-01"}}}
    latest = last_crawls(db)["sample"]
    assert (latest["reason"], latest["success"]) == ("HTTP 503", "2026-03-01")


def test_crawl_is_completed_by_what_was_ingested(db):
    save_crawl(db, "r1", crawl("2026-03-01"), "healthy")
    save_ingested(db, "r1", "sample", new=3, updated=1)
    assert last_crawls(db)["sample"]["new"] == 3


# --- opening ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["collect", "importing.run", "store"])
def test_store_does_not_load_pandas(name):
    code = f"import sys, pipelines.{name}; print('pandas' in sys.modules); import pandas"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"


def test_duplicates_of_an_older_store_were_so_from_the_start(tmp_path):
    db = Database(tmp_path / NAME)
    migrations.apply(db, stop_before="m014_dated_duplicates")
    for name, other in (("a", ""), ("b", "a")):
        db.table("documents").insert(
            {"id": name, "source": "s", "kind": "news", "title": "T", "text": "t", "text_key": name,
             "published": "2026-03-02", "available": "2026-03-03", "duplicate_of": other}
        )  # fmt: skip
        db.table("signatures").insert({"document": name, "representative": other})
    db.close()
    with using_store(tmp_path) as db:
        marks = db.execute("SELECT id, coalesce(duplicate_since, '') FROM documents ORDER BY id")
        assert marks.fetchall() == [("a", ""), ("b", "2026-03-03")]
        seeds = db.execute("SELECT document, successor, since FROM signatures ORDER BY document")
        assert seeds.fetchall() == [("a", None, None), ("b", "a", "2026-03-03")]


def test_newer_schema_is_refused(tmp_path):
    with using_store(tmp_path) as db:
        row = {"migration_set": "trendscout", "name": "m999_later", "applied_at": "2030"}
        db.table(migrations.migrations_table).insert(row)
    with pytest.raises(StoreTooNew, match="m999_later"):
        open_store(tmp_path)


def test_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / NAME).write_text("This is a letter, not a database. " * 99)
    with pytest.raises(StoreError, match=rf"{NAME}: not a usable database"):
        open_store(tmp_path)


def test_data_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="data: the data folder cannot be made"):
        open_store(tmp_path / "data")


def test_reader_needs_a_database(tmp_path):
    with pytest.raises(StoreError, match="no database yet"):
        open_store(tmp_path, read_only=True)


def test_reader_cannot_write(tmp_path):
    open_store(tmp_path).close()
    with pytest.raises(StoreError), using_store(tmp_path, read_only=True) as db:
        save(db, record())


HOLDER = """
    import fcntl, sqlite3, sys, time
    db = sqlite3.connect(sys.argv[1], isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    print("held", flush=True)
    time.sleep(60)
"""


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A real process that has said its first line."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    process.stdout.close()
    return process


def test_database_locked_by_another_process_is_said(tmp_path):
    open_store(tmp_path).close()
    holder = child(HOLDER, tmp_path / NAME)
    try:
        db = open_store(tmp_path, busy_seconds=0.2)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            save(db, record())
        db.close()
        with pytest.raises(StoreBusy, match="another process holds the database"):
            save_through(tmp_path)
    finally:
        holder.kill()
        holder.wait()


def save_through(data: Path) -> None:
    with using_store(data, busy_seconds=0.2) as db:
        save(db, record())


def test_full_disk_keeps_what_was_committed(tmp_path):
    code = """
        import resource, signal, sys
        from pathlib import Path
        from config.errors import StoreError
        from tests.test_store import record, save
        from pipelines.store import using_store
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit fails instead
        try:
            with using_store(Path(sys.argv[1])) as db:
                save(db, record(1))
                resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
                save(db, *(record(n, text=f"{n} " * 2000) for n in range(2, 2000)))
        except StoreError as error:
            print(error)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    root = Path(__file__).parent.parent
    result = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    assert "the disk is full or failing" in result.stdout, result.stderr
    with using_store(tmp_path) as db:
        assert [one.id for one in documents(db, ["sample:1"])] == ["sample:1"]


def test_second_run_is_told_of_the_first(tmp_path):
    code = """
        import sys, time
        from pathlib import Path
        from pipelines.lock import run_lock
        with run_lock(Path(sys.argv[1])):
            print("held", flush=True)
            time.sleep(60)
    """
    holder = child(code, tmp_path)
    try:
        with pytest.raises(StoreBusy, match=rf"another run is under way \(process {holder.pid}\)"):
            run_lock(tmp_path).__enter__()
    finally:
        holder.kill()
        holder.wait()
    with run_lock(tmp_path):
        pass  # a killed run leaves nothing behind
