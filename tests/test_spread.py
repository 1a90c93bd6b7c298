"""Workers over Ray: the same database as without them, and nothing done twice."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from config.errors import ConfigError, StageFailed
from pipelines import spread as module
from pipelines import workflow
from pipelines.embed import embed
from pipelines.enrich import enrich
from pipelines.exchange import Record
from pipelines.spread import found_in, spread, spread_embed, spread_enrich
from pipelines.store import open_store
from pipelines.store.documents import save_documents
from tests.extraction_samples import TEXT, TITLE, small_configuration

WEEK = "2026-W10"
GERMAN = "Die neue Anlage verarbeitet Garn für die Industrie und spart dabei viel Energie ein."
TABLES = ("documents", "mentions", "document_sectors", "enrichments", "signatures", "embeddings")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data.context")  # its own
needs_ray = pytest.mark.skipif(
    module.find_spec("ray") is None, reason="the extra [ray] is not installed"
)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(module, "PART", 3)
    monkeypatch.setenv("RAY_ADDRESS", "local")


def a_store(folder):
    """Eight documents: a copy, a text in German, one that comes too late, five others."""
    texts = [
        TEXT,
        "A foundry recovers copper from spent moulds and sells it to a maker of traction motors.",
        "Sensors in the vineyard tell growers when mildew is near, and an app says where to spray.",
        "The weaving loom of the museum was rebuilt with an optical fibre in its yarn.",
        "A headset with augmented reality (AR) guides the hands of those who repair railway cars.",
    ]
    texts += [f"{texts[0]} Read more.", GERMAN * 3, "A late word on supercapacitors."]
    days = ["2026-03-02"] * 4 + ["2026-03-03"] * 3 + ["2026-03-20"]
    records = [
        Record(id=f"d{number}", source="site", kind="news", title=TITLE, text=text, published=day,
               organisations=({"name": "Turin Foundry", "country": "IT"},))
        for number, (text, day) in enumerate(zip(texts, days, strict=True))
    ]  # fmt: skip
    db = open_store(folder)
    save_documents(db, records, collected=date(2026, 3, 23))
    return db


def contents(db):
    return {
        table: sorted(repr(tuple(row.values())) for row in db.query(f"SELECT * FROM {table}"))
        for table in TABLES
    }


def upper_worker():
    """A worker that needs no model; made here, so that Ray sends it along by value."""

    class Upper:
        def __call__(self, batch):
            import pyarrow

            if "poison" in batch["text"].to_pylist():
                raise ValueError("cannot digest this")
            found = [text.upper() for text in batch["text"].to_pylist()]
            return pyarrow.table({"key": batch["key"], "found": found})

    return Upper


@needs_ray
def test_the_database_is_the_same_with_workers_and_without(tmp_path):
    configuration = small_configuration()
    one, other = a_store(tmp_path / "one"), a_store(tmp_path / "other")
    alone, together = Counter(), Counter()
    for stage in (enrich, embed):
        stage(one, configuration, alone, week=WEEK)
    for stage in (spread_enrich, spread_embed):
        stage(other, configuration, together, week=WEEK)
    assert together == alone
    assert contents(other) == contents(one)
    assert alone["embedded"] == 5
    assert not list((tmp_path / "other" / "spread").rglob("*.parquet"))
    one.close()
    other.close()


@needs_ray
def test_results_keep_their_order_and_are_not_worked_on_again(tmp_path):
    rows = [{"text": text} for text in ("e", "d", "c", "b", "a", "e")]
    found = spread(upper_worker(), {}, rows[2:], tmp_path)
    assert [row["found"] for row in found] == ["C", "B", "A", "E"]
    first = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.parquet")}
    found = spread(upper_worker(), {}, rows, tmp_path)
    assert [row["found"] for row in found] == ["E", "D", "C", "B", "A", "E"]
    assert all(path.stat().st_mtime_ns == when for path, when in first.items())
    assert len(list(tmp_path.glob("*.parquet"))) == len(first) + 1


@needs_ray
def test_what_was_found_before_a_failure_is_kept(tmp_path):
    rows = [{"text": text} for text in ("a", "b", "c")]
    spread(upper_worker(), {}, rows, tmp_path)
    with pytest.raises(StageFailed, match="cannot digest this"):
        spread(upper_worker(), {}, [*rows, {"text": "poison"}], tmp_path)
    assert len(found_in(tmp_path, module.keys_of(rows))) == 3


@needs_ray
def test_a_cluster_that_is_not_there_is_a_clear_failure(tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "no address")
    with pytest.raises(StageFailed, match="Ray"):
        spread(upper_worker(), {}, [{"text": "a"}], tmp_path)


def test_results_of_an_earlier_run_need_no_cluster(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    rows = [{"text": "a"}, {"text": "b"}]
    keys = module.keys_of(rows)
    module.keep(pyarrow.table({"key": keys, "found": ["A", "B"]}), tmp_path)
    monkeypatch.setattr(module, "cluster", None)
    found = spread(upper_worker(), {}, rows[::-1], tmp_path)
    assert [row["found"] for row in found] == ["B", "A"]


def test_the_setting_names_the_extra_that_is_missing(tmp_path, monkeypatch):
    configuration = small_configuration()
    settings = configuration.settings.model_copy(update={"workers": "ray"})
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    db = a_store(tmp_path)
    with pytest.raises(ConfigError, match=r"trendscout\[ray\]"):
        workflow.analyse(db, replace(configuration, settings=settings), run_id="r", week=WEEK)
    db.close()


def test_without_the_setting_each_stage_works_alone():
    assert workflow.stage_of("enrich", "local") is enrich
    assert workflow.stage_of("enrich", "ray") is spread_enrich
    assert workflow.stage_of("embed", "ray") is spread_embed
    assert workflow.stage_of("themes", "ray") is workflow.stage_of("themes", "local")
