"""Sectors are judged once more by the vectors of texts, in the store as by `extract`."""

from collections import Counter
from datetime import date

import numpy as np
import pytest

from nlp.extraction import Text, extractor
from nlp.judging import can_judge, judge
from nlp.wordmodel import model_of, vector_model
from pipelines.embed import embed
from pipelines.enrich import enrich
from pipelines.exchange import Record
from pipelines.store import open_store
from pipelines.store.documents import save_documents
from tests.extraction_samples import TEXT, TITLE, small_configuration
from tests.test_embed import BagOfWords

WEEK = "2026-W10"
CHOIR = "The choir sang in the old town hall."
FULL = f"{TITLE}\n{TEXT}"


class Pointing:
    """An embedder whose every vector speaks for one sector."""

    name, max_tokens = f"{vector_model().model}-256", 256

    def __init__(self, code):
        weights = vector_model().weights[:, vector_model().codes.index(code)]
        self.row = (weights / np.linalg.norm(weights)).astype(np.float32)

    def encode(self, texts):
        return np.tile(self.row, (len(texts), 1))


@pytest.fixture
def db(tmp_path):
    with_store = open_store(tmp_path)
    yield with_store
    with_store.close()


def keep(db, *texts):
    records = [
        Record(id=f"d:{i}", source="site", kind="news", title=text, text="",
               published="2026-03-02")
        for i, text in enumerate(texts)
    ]  # fmt: skip
    save_documents(db, records, collected=date(2026, 3, 9))
    enrich(db, small_configuration(), Counter(), week=WEEK)


def judged(db, embedder):
    counts = Counter()
    embed(db, small_configuration(), counts, week=WEEK, embedder=embedder)
    return counts["judged"]


def ecosystems(db):
    sql = "SELECT sector FROM document_sectors WHERE scheme = 'ecosystem' ORDER BY 1"
    return [code for (code,) in db.conn.execute(sql)]


def test_a_vector_tells_what_words_do_not():
    finder, pointing = judge(small_configuration()), Pointing("textiles")
    [said] = finder.find([Text(CHOIR)], pointing.encode([CHOIR]))
    assert [one.code for one in said] == ["textiles"]


def test_the_store_and_extract_say_the_same():
    pointing = Pointing("mobility")
    text = Text(FULL, len(TITLE))
    [findings] = extractor(small_configuration(), embedder=pointing).extract([text])
    [said] = judge(small_configuration()).find([text], pointing.encode([FULL]))
    assert said == list(findings.sectors)
    assert {one.scheme for one in said} > {"ecosystem"}


def test_sectors_are_judged_once_when_a_text_has_its_vector(db):
    keep(db, CHOIR)
    assert ecosystems(db) == []
    assert judged(db, Pointing("textiles")) == 1
    assert ecosystems(db) == ["textiles"]
    assert judged(db, Pointing("textiles")) == 0


def test_what_is_enriched_anew_is_judged_anew(db):
    keep(db, CHOIR)
    judged(db, Pointing("textiles"))
    db.execute("UPDATE enrichments SET model = 'former'")
    keep(db)
    assert ecosystems(db) == []
    assert judged(db, Pointing("textiles")) == 1
    assert ecosystems(db) == ["textiles"]


def test_vectors_of_another_model_say_nothing(db):
    assert not can_judge(BagOfWords.name)
    keep(db, CHOIR)
    assert judged(db, BagOfWords()) == 0
    assert ecosystems(db) == []


def test_a_text_in_a_language_the_tagger_does_not_know_is_marked_and_left(db):
    keep(db, CHOIR)
    judged(db, Pointing("textiles"))
    db.execute("UPDATE enrichments SET sectors_by = ''")
    db.execute("UPDATE documents SET language = 'de'")
    assert judged(db, Pointing("mobility")) == 0
    assert ecosystems(db) == ["textiles"]
    assert db.execute("SELECT sectors_by FROM enrichments").fetchall() == [(Pointing.name,)]


def test_a_model_is_known_however_much_of_a_text_it_reads():
    assert can_judge(f"{vector_model().model}-128")
    assert model_of("all-minilm-l6-v2-2cc712e7bd-256") == "all-minilm-l6-v2-2cc712e7bd"
