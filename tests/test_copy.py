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
from pipelines.report import report_week
from pipelines.signals import signals
from pipelines.store import open_store
from pipelines.store.embeddings import save_embeddings
from pipelines.themes import themes
from tests.test_theme_stage import START, fill

WEEK = shift(START, 59)
EARLY, LATER = shift(START, 51), shift(START, 54)  # a quarter's fit lies in between
CONFIGURATION = load_configuration()
MODEL = configured_name(CONFIGURATION.settings.embedding)


def exported(db, what, week=WEEK):
    stream = io.BytesIO()
    export(db, what, week, "jsonl", stream)
    return stream.getvalue()


def analysed(db, week=WEEK):
    for stage in (themes, signals):
        stage(db, CONFIGURATION, Counter(), week=week)
    return {what: exported(db, what, week) for what in ("documents", "themes", "signals")}


def told(db, folder, week):
    """The files of all reports, and what is exported of the week."""
    folders = report_week(db, folder, CONFIGURATION, week)
    files = {
        str(file.relative_to(folder)): file.read_bytes()
        for path in folders
        for file in path.iterdir()
    }
    return files | {what: exported(db, what, week) for what in ("themes", "signals")}


def shuffled_copy(db, folder):
    """The documents of *db*, exported and imported in another order, with their vectors."""
    lines = exported(db, "documents").splitlines(keepends=True)
    file = folder / "documents.jsonl"
    file.write_bytes(b"".join(random.Random(1).sample(lines, len(lines))))
    copy, settings = open_store(folder), CONFIGURATION.settings
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


def filled(folder):
    db = open_store(folder)
    fill(db, MODEL)
    with db.atomic():  # no text twice, since equal texts share a vector in a real store
        db.execute("UPDATE documents SET text = text || ' ' || id, keywords = '[]', topics = '[]'")
    return db


@pytest.fixture
def original(tmp_path):
    db = filled(tmp_path / "original")
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


def test_a_week_run_late_is_told_as_one_run_on_time(tmp_path):
    found = []
    for name, weeks in (("late", (0, 3)), ("punctual", range(4))):
        db = filled(tmp_path / name)
        for step in weeks:
            analysed(db, shift(EARLY, step))
        found.append(told(db, tmp_path / name, LATER))
        db.close()
    assert found[0] == found[1]
    assert b"bee" in found[0]["themes"]


def test_an_old_week_is_told_again_as_it_was(tmp_path):
    db = filled(tmp_path)
    analysed(db, EARLY)
    before = told(db, tmp_path / "then", EARLY)
    later = analysed(db, LATER)
    assert told(db, tmp_path / "now", EARLY) == before
    assert later["themes"] != before["themes"]
    db.close()
