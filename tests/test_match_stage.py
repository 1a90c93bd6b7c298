"""The stage `matches`: all themes of the week, once, from what was known by then."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from sqlite_utils import Database

from config.models import EmbeddingSettings, Region, Technology
from pipelines.matches import matches
from pipelines.migrations import migrations
from pipelines.store import matches as store
from tests.matching_samples import BagOfWords, priority

WEEK = "2026-W10"


@pytest.fixture
def db():
    db = Database(memory=True)
    migrations.apply(db)
    return db


@pytest.fixture
def configuration():
    region = Region.model_validate(
        {
            "nuts": "XX1", "name": "Somewhere", "country": "XX", "members": ["XX1"],
            "language": "en", "strategy": {"title": "S", "status": "confirmed"},
            "priorities": [
                priority(1, "Hydrogen", ["electrolyser", "fuel cells", "hydrogen storage"],
                         ecosystems=["energy_renewables"], technologies=["ours-hydrogen"]),
            ],
        }
    )  # fmt: skip
    technology = Technology(id="fuel_cell", label="fuel cell", fields=("ours-hydrogen",))
    return SimpleNamespace(
        settings=SimpleNamespace(embedding=EmbeddingSettings()),
        regions={"XX1": region},
        technologies={"fuel_cell": technology},
    )


def add_theme(db, name, label, keywords="[]", week=WEEK):
    (vector,) = BagOfWords().encode([label])
    db.table("themes").insert(
        {"id": name, "label": label, "keywords": keywords, "created_week": "2026-W01",
         "centroid": vector.tobytes()},
        replace=True,
    )  # fmt: skip
    db.table("signals").insert({"theme": name, "week": week})


def add_document(db, name, theme, *, week="2026-W05", sector="energy_renewables"):
    db.table("documents").insert(
        {"id": name, "source": "s", "kind": "news", "title": "T", "text": "t",
         "text_key": f"k{name}", "published": "2026-01-05", "available": "2026-01-05"}
    )  # fmt: skip
    db.table("theme_documents").insert(
        {"theme": theme, "document": name, "similarity": 0.8, "week": week}
    )
    db.table("document_sectors").insert(
        {"document": name, "scheme": "ecosystem", "sector": sector, "weight": 0.6, "evidence": ""}
    )
    db.table("mentions").insert(
        {"text_key": f"k{name}", "start": 0, "end": 4, "kind": "technology", "label": "x",
         "concept": "fuel_cell", "score": 1.0}
    )  # fmt: skip


def run(db, configuration, week=WEEK):
    counts = Counter()
    matches(db, configuration, counts, week=week, embedder=BagOfWords())
    return counts


def test_themes_of_the_week_are_matched_and_kept(db, configuration):
    add_theme(db, "t-1", "hydrogen electrolyser", '["fuel cells", "hydrogen storage"]')
    add_theme(db, "t-2", "chess openings")
    add_document(db, "d1", "t-1")
    assert run(db, configuration) == {"themes": 2, "kept": 1, "matched": 1}
    (found,) = store.matches_of_week(db, WEEK, "XX1")
    assert (found.theme, found.priority) == ("t-1", "XX1-P1")
    assert found.codes == 1
    assert found.reasons[-1].startswith("priority: ")


def test_a_second_run_gives_the_same_rows(db, configuration):
    add_theme(db, "t-1", "hydrogen electrolyser", '["fuel cells", "hydrogen storage"]')
    run(db, configuration)
    first = store.matches_of_week(db, WEEK)
    run(db, configuration)
    assert store.matches_of_week(db, WEEK) == first
    assert first


def test_rows_of_a_theme_that_lost_its_signal_disappear(db, configuration):
    add_theme(db, "t-1", "hydrogen electrolyser", '["fuel cells", "hydrogen storage"]')
    run(db, configuration)
    db.table("signals").delete_where()
    run(db, configuration)
    assert store.matches_of_week(db, WEEK) == []


def test_missed_weeks_are_matched_too(db, configuration):
    add_theme(db, "t-000001", "hydrogen storage", week="2026-W08")
    db.table("signals").insert({"theme": "t-000001", "week": WEEK})
    matches(db, configuration, Counter(), week=WEEK, embedder=BagOfWords())
    found = [(row["week"], row["score"]) for row in db.table("matches").rows]
    assert [week for week, _ in found] == ["2026-W08", WEEK]
    assert found[0][1] == found[1][1]


def test_other_weeks_are_left_alone(db, configuration):
    add_theme(db, "t-1", "hydrogen electrolyser", '["fuel cells", "hydrogen storage"]')
    run(db, configuration)
    run(db, configuration, "2026-W11")
    assert len(store.matches_of_week(db, WEEK)) == 1


def test_profiles_know_only_what_was_assigned_by_then(db):
    add_theme(db, "t-1", "hydrogen")
    add_document(db, "d1", "t-1")
    add_document(db, "d2", "t-1", week="2026-W20", sector="digital")
    add_document(db, "d3", "t-1", week="2026-W04", sector="mobility")
    add_document(db, "d4", "t-1", sector="health")
    db.execute("UPDATE documents SET duplicate_since = '2026-01-07' WHERE id = 'd4'")
    db.execute("""
        INSERT INTO theme_documents_past (theme, document, similarity, week, until)
        SELECT theme, document, similarity, week, '2026-W30' FROM theme_documents
        WHERE document = 'd3'
    """)
    db.execute("DELETE FROM theme_documents WHERE document = 'd3'")
    (profile,) = store.profiles_of_week(db, WEEK, {"fuel_cell": ("ours-hydrogen", "ket")})
    assert profile.codes == {
        "ecosystem": {"energy_renewables": 1.0, "mobility": 1.0},
        "technology": {"ours-hydrogen": 1.0, "ket": 1.0},
    }
    assert profile.centroid.dtype == np.float32
    db.execute("UPDATE documents SET available = '2026-03-09' WHERE id = 'd3'")  # a day too late
    (profile,) = store.profiles_of_week(db, WEEK, {})
    assert profile.codes == {"ecosystem": {"energy_renewables": 1.0}}
