"""An archive that was exported and imported again, in another order, says the same."""

import io
import random
from collections import Counter
from datetime import date

import numpy as np
import pytest

from config.loader import load_configuration
from config.weeks import shift
from nlp.embed import configured_name
from pipelines.export import export
from pipelines.importing.run import import_files
from pipelines.signals import signals
from pipelines.store import open_store
from pipelines.store.embeddings import save_embeddings
from pipelines.themes import themes
from tests.test_theme_stage import START, fill

WEEK = shift(START, 59)
MODEL = configured_name(load_configuration().settings.embedding)


def exported(db, what):
    stream = io.BytesIO()
    export(db, what, WEEK, "jsonl", stream)
    return stream.getvalue()


def analysed(db):
    configuration = load_configuration()
    themes(db, configuration, Counter(), week=WEEK)
    signals(db, configuration, Counter(), week=WEEK)
    return {what: exported(db, what) for what in ("documents", "themes", "signals")}


def shuffled_copy(db, folder):
    """The documents of *db*, exported and imported in another order, with their vectors."""
    lines = exported(db, "documents").splitlines(keepends=True)
    file = folder / "documents.jsonl"
    file.write_bytes(b"".join(random.Random(1).sample(lines, len(lines))))
    copy, settings = open_store(folder), load_configuration().settings
    result = import_files(
        copy, folder, "jsonl", [file], settings=settings, today=date(2026, 11, 20)
    )
    assert result.counts == {"new": len(lines)}
    vectors = {
        name: np.frombuffer(vector, dtype=np.float16)
        for name, vector in db.execute(
            "SELECT id, vector FROM documents JOIN embeddings USING (text_key)"
        )
    }
    keys = dict(copy.execute("SELECT id, text_key FROM documents"))
    names = sorted(vectors)
    save_embeddings(
        copy, MODEL, [keys[name] for name in names], np.stack([vectors[name] for name in names])
    )
    return copy


@pytest.fixture
def original(tmp_path):
    db = open_store(tmp_path / "original")
    fill(db, MODEL)
    with db.atomic():  # no text twice, since equal texts share a vector in a real store
        db.execute("UPDATE documents SET text = text || ' ' || id, keywords = '[]', topics = '[]'")
    yield db
    db.close()


def test_a_shuffled_copy_gives_the_same_files(original, tmp_path):
    copy = shuffled_copy(original, tmp_path)
    found = analysed(original)
    assert found["themes"].count(b"\n") >= 3
    assert analysed(copy) == found
    copy.close()


def test_the_same_week_twice_gives_the_same_files(original):
    assert analysed(original) == analysed(original)
