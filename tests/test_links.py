"""Names are judged by their meaning once, and every mention of them is linked."""

from collections import Counter
from types import SimpleNamespace

import pytest
from sqlite_utils import Database

from config.models import EmbeddingSettings
from pipelines.embed import embed
from pipelines.migrations import migrations
from pipelines.store.exports import mentions_until
from tests.test_embed import add
from tests.test_meaning import KNOWN, OTHERS, Synonyms

WEEK = "2026-W10"


class Counting(Synonyms):
    """Remembers what it was asked for."""

    def __init__(self):
        self.seen = Counter()

    def encode(self, texts):
        self.seen.update(texts)
        return super().encode(texts)


@pytest.fixture
def db():
    db = Database(memory=True)
    migrations.apply(db)
    return db


def configured(*technologies):
    settings = SimpleNamespace(embedding=EmbeddingSettings())
    return SimpleNamespace(settings=settings, technologies={one.id: one for one in technologies})


def mention(db, key, label, concept=""):
    add(db, key, text=f"Some text about {key}")
    db["mentions"].insert(
        {"text_key": key, "start": 0, "end": len(label), "kind": "technology", "label": label,
         "concept": concept, "score": 0.5}
    )  # fmt: skip


def run(db, embedder, *technologies):
    counts = Counter()
    embed(db, configured(*technologies), counts, week=WEEK, embedder=embedder)
    return counts["linked"]


def concepts(db):
    return {row["label"]: row["concept"] for row in mentions_until(db, WEEK)}


def test_names_are_linked_wherever_they_stand_and_judged_once(db):
    known, embedder = (*KNOWN, *OTHERS), Counting()
    mention(db, "a", "GPU computation")
    mention(db, "b", "gas computing")
    mention(db, "c", "SDC")
    assert run(db, embedder, *known) == 1
    assert concepts(db) == {"GPU computation": "gpu_computing", "gas computing": "", "SDC": ""}
    assert embedder.seen["gpu computation"] == 1
    mention(db, "d", "GPU computation")
    assert run(db, embedder, *known) == 1
    assert embedder.seen["gpu computation"] == 1
    assert run(db, embedder, *known) == 0


def test_another_taxonomy_is_asked_anew(db):
    mention(db, "a", "GPU computation")
    assert run(db, Counting(), *OTHERS) == 0
    assert run(db, Counting(), *KNOWN, *OTHERS) == 1
    assert concepts(db) == {"GPU computation": "gpu_computing"}
