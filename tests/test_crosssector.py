"""Cross-sector themes: measured, bounded, and not fooled by noisy labels."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import hypergeom
from sqlite_utils import Database

from nlp.crosssector import cross_sector, integration, rao_stirling
from nlp.documents import CrossSector, SectorPair
from nlp.sectorcorpus import DocumentSectors, sector_corpus, similarity
from nlp.sectorpairs import significant_pairs, upper_tail
from pipelines.migrations import migrations
from pipelines.signals import since_ever
from pipelines.store.sectors import first_together, sectors_between

CODES = tuple("abcdefghijklmn")
UNTIL = date(2026, 6, 28)
FOUND = [(0, "technology", "t"), (5, "technology", "t"), (9, "place", "p")]


def document(number, *codes, day=date(2026, 3, 2), technologies=()):
    return DocumentSectors(f"d{number:05d}", day, dict.fromkeys(codes, 0.5), technologies)


@pytest.fixture(scope="module")
def corpus():
    """Three thousand documents, one sector each at random; every fifth has a second one."""
    rng = np.random.default_rng(7)
    documents = []
    for number in range(3000):
        first, second = rng.choice(14, 2, replace=False)
        codes = (CODES[first], CODES[second]) if number % 5 == 0 else (CODES[first],)
        day = date(2025, 1, 6) + timedelta(days=int(rng.integers(500)))
        documents.append(document(number, *codes, day=day))
    return sector_corpus(documents, CODES, until=UNTIL)


def noisy(rng, number, noise):
    """One sector, wrongly labelled with probability *noise*."""
    code = CODES[rng.integers(1, 14)] if rng.random() < noise else "a"
    return document(number, code)


# --- the published facts ---------------------------------------------------------


@pytest.mark.parametrize("size", [10, 30, 60])
def test_a_single_sector_theme_with_noisy_labels_is_not_flagged(corpus, size):
    rng = np.random.default_rng(size)
    found = [
        cross_sector([noisy(rng, k, 0.20) for k in range(size)], corpus, seed=1) for _ in range(200)
    ]
    share_and_bound = [
        one.gates["second_sector"] == one.gates["diversity"] == "passed" for one in found
    ]
    assert np.mean(share_and_bound) <= 0.05
    assert np.mean([one.flagged for one in found]) <= 0.05


def test_an_even_theme_of_two_sectors_passes_share_and_bound(corpus):
    rng = np.random.default_rng(5)
    passed = []
    for _ in range(200):
        documents = [document(k, "ab"[rng.integers(2)]) for k in range(30)]
        gates = cross_sector(documents, corpus, seed=1).gates
        passed.append(gates["second_sector"] == gates["diversity"] == "passed")
    assert np.mean(passed) >= 0.90


def test_documents_that_join_two_sectors_make_a_flag(corpus):
    rng = np.random.default_rng(5)
    flags = []
    for _ in range(100):
        labels = [(("a", "b"), ("a",), ("b",))[rng.choice(3, p=[0.6, 0.2, 0.2])] for _ in range(30)]
        documents = [document(k, *codes) for k, codes in enumerate(labels)]
        flags.append(cross_sector(documents, corpus, seed=1).flagged)
    assert np.mean(flags) >= 0.90


def test_half_and_half_is_multi_sector_not_cross_sector(corpus):
    documents = [document(k, "ab"[k % 2]) for k in range(40)]
    found = cross_sector(documents, corpus, seed=1)
    assert found.gates["pairs"] == "failed"
    assert not found.flagged
    assert found.integration == 0


# --- measures --------------------------------------------------------------------


def test_diversity_counts_dissimilar_sectors():
    even = np.tile(np.eye(2), (500, 1))
    assert 1 / (1 - rao_stirling(even, 1 - np.eye(2))) == pytest.approx(2.0, abs=0.01)
    twins = np.ones((2, 2))
    assert 1 / (1 - rao_stirling(even, 1 - twins)) == pytest.approx(1.0)


def test_the_estimate_is_unbiased_at_ten_documents():
    rng = np.random.default_rng(3)
    p = np.array([0.6, 0.3, 0.1])
    true = 1 - (p**2).sum()
    found = [rao_stirling(np.eye(3)[rng.choice(3, 10, p=p)], 1 - np.eye(3)) for _ in range(4000)]
    assert np.mean(found) == pytest.approx(true, abs=0.01)


def test_below_ten_documents_there_is_no_number(corpus):
    found = cross_sector([document(k, "a", "b") for k in range(9)], corpus, seed=1)
    assert found.diversity is None
    assert found.score == 0
    assert found.note == "too few documents (9 of 10)"


def test_documents_without_sectors_do_not_count(corpus):
    documents = [document(k, "a", "b") for k in range(9)] + [document(k + 50) for k in range(9)]
    assert "9 of 10" in cross_sector(documents, corpus, seed=1).note
    assert cross_sector([], corpus, seed=1).note


def test_order_of_documents_does_not_matter(corpus):
    documents = [document(k, *CODES[k % 3 : k % 3 + 2]) for k in range(24)]
    assert cross_sector(documents, corpus, seed=4) == cross_sector(documents[::-1], corpus, seed=4)


def test_documents_of_the_future_change_nothing(corpus):
    documents = [document(k, "a", "b") for k in range(20)]
    later = [document(k + 90, "c", day=UNTIL + timedelta(days=1)) for k in range(20)]
    assert cross_sector(documents + later, corpus, seed=1) == cross_sector(
        documents, corpus, seed=1
    )


def test_a_theme_with_one_sector_has_diversity_one(corpus):
    found = cross_sector([document(k, "a") for k in range(20)], corpus, seed=1)
    assert (found.diversity, found.diversity_low) == (1.0, 1.0)
    assert found.sectors == {"a": 1.0}


def test_the_tail_is_scipys_hypergeometric_tail():
    cases = np.array(list(itertools.product([1, 3, 8], [500, 3000], [40, 300], [10, 60])))
    seen, population, marked, drawn = cases.T
    ours = [
        upper_tail(*(np.array([x]) if k != 1 else int(x) for k, x in enumerate(case)))[0]
        for case in cases
    ]
    assert np.allclose(ours, hypergeom.sf(seen - 1, population, marked, drawn), rtol=1e-6)


def test_pairs_carry_lift_bound_and_first_date(corpus):
    documents = [document(k, "a", "b", technologies=("algae",)) for k in range(30)]
    sectors, technologies = significant_pairs(documents, corpus)
    (pair,) = sectors
    assert (pair.first, pair.second, pair.documents) == ("a", "b", 30)
    assert 1 < pair.low < pair.lift
    assert pair.since == corpus.first_together["a", "b"].isoformat()
    assert {(pair.first, pair.second) for pair in technologies} == {("algae", "a"), ("algae", "b")}


def test_a_theme_names_the_sectors_that_its_technologies_meet():
    documents = [document(k, "a", "b", technologies=("algae",)) for k in range(30)]
    others = [document(100 + k, CODES[k % 14]) for k in range(1400)]
    corpus = sector_corpus([*documents, *others], CODES, until=UNTIL)
    found = {
        (pair.first, pair.second): pair for pair in cross_sector(documents, corpus, seed=1).pairs
    }
    assert found.keys() == {("a", "b"), ("algae", "a"), ("algae", "b")}
    assert found["algae", "a"].since == "2026-03-02"


def test_a_sector_that_rides_along_everywhere_joins_nothing():
    everywhere = [document(n, "b", *("a" if n < 100 else ())) for n in range(1000)]
    corpus = sector_corpus(everywhere, CODES, until=UNTIL)
    assert significant_pairs(everywhere[:30], corpus) == ((), ())


def test_chance_is_taken_off_integration(corpus):
    documents = [document(k, "a", "b") for k in range(20)] + [
        document(k + 30, "a") for k in range(20)
    ]
    pairs, _ = significant_pairs(documents, corpus)
    assert 0.45 < integration(documents, pairs, corpus) < 0.5


# --- corpus ----------------------------------------------------------------------


def test_sectors_that_keep_the_same_company_are_similar():
    rng = np.random.default_rng(1)
    labels = np.zeros((4000, 4))
    labels[np.arange(4000), rng.integers(4, size=4000)] = 1
    twins = (labels[:, 0] + labels[:, 1] > 0) & (rng.random(4000) < 0.7)
    labels[twins, :2] = 1
    found = similarity(labels.T @ labels, 4000)
    assert found[0, 1] > 0.3
    assert found[2, 3] < 0.1
    assert np.allclose(np.diag(found), 1)


def test_a_theme_is_left_out_of_the_yardstick_it_is_measured_with():
    """Sectors that meet in the theme alone are strangers everywhere else."""
    rng = np.random.default_rng(3)
    last_year = date(2025, 6, 2)
    alone = [document(n, CODES[rng.integers(14)], day=last_year) for n in range(2000)]
    theme = [document(5000 + n, "a", "b", day=last_year) for n in range(120)]
    corpus = sector_corpus([*alone, *theme], CODES, until=UNTIL)
    assert corpus.similarity_beyond(())[0, 1] > 0.3
    assert corpus.similarity_beyond(theme)[0, 1] < 0.05
    assert cross_sector(theme, corpus, seed=1).flagged


def test_few_documents_measure_no_similarity():
    assert np.array_equal(similarity(np.ones((3, 3)), 499), np.eye(3))


def test_similarity_is_frozen_for_the_calendar_year():
    old = [document(k, "a", "b", day=date(2025, 5, 5)) for k in range(600)]
    new = [document(k + 900, "c", "d", day=date(2026, 2, 2)) for k in range(600)]
    early = sector_corpus(old, CODES, until=date(2026, 1, 11))
    late = sector_corpus(old + new, CODES, until=UNTIL)
    assert np.array_equal(early.similarity_beyond(()), late.similarity_beyond(()))
    assert late.documents == 1200


def test_a_weak_second_sector_is_not_carried():
    assert DocumentSectors("d", UNTIL, {"b": 0.9, "a": 0.2}).labels == ("b",)


# --- store -----------------------------------------------------------------------


@pytest.fixture
def labelled():
    """Two documents; the older one carries two sectors and names technologies."""
    db = Database(memory=True)
    migrations.apply(db)
    for key, day in (("1", "2026-01-05"), ("2", "2026-02-05")):
        db.table("documents").insert(
            {
                "id": f"d{key}", "source": "s", "kind": "news", "title": "T", "text": "t",
                "text_key": f"k{key}", "published": day, "available": day,
            }
        )  # fmt: skip
    db.table("document_sectors").insert_all(
        {"document": "d1", "scheme": scheme, "sector": sector, "weight": 0.5, "evidence": "[]"}
        for scheme, sector in [("ecosystem", "a"), ("ecosystem", "b"), ("nace", "26")]
    )
    db.table("mentions").insert_all(
        {
            "text_key": "k1", "start": start, "end": start + 2, "kind": kind, "label": "x",
            "concept": concept, "score": 1.0,
        }
        for start, kind, concept in FOUND
    )  # fmt: skip
    return db


def test_sectors_and_technologies_are_read_per_document(labelled):
    first = DocumentSectors("d1", date(2026, 1, 5), {"a": 0.5, "b": 0.5}, ("t",))
    assert sectors_between(labelled, "2026-01-01", "2026-01-31") == [first]
    assert sectors_between(labelled, "2026-02-01", "2026-02-28") == []


def test_a_pair_is_dated_by_the_oldest_document_that_carries_both(labelled):
    labelled.table("document_sectors").insert_all(
        {"document": "d2", "scheme": "ecosystem", "sector": sector, "weight": weight,
         "evidence": "[]"}
        for sector, weight in [("a", 0.9), ("c", 0.6), ("b", 0.1)]
    )  # fmt: skip
    asked = [("a", "b"), ("a", "c"), ("b", "c"), ("t", "a"), ("t", "c"), ("26", "a")]

    def dated(before):
        return first_together(labelled, asked, {"a", "b", "c"}, before=before)

    assert dated("2026-01-05") == {}
    assert dated("2026-01-06") == {("a", "b"): "2026-01-05", ("t", "a"): "2026-01-05"}
    assert dated("2027-01-01") == dated("2026-01-06") | {("a", "c"): "2026-02-05"}
    labelled.execute("UPDATE documents SET duplicate_since = '2026-03-05' WHERE id = 'd1'")
    assert dated("2026-03-04") == dated("2026-01-06") | {("a", "c"): "2026-02-05"}
    assert dated("2027-01-01") == {("a", "c"): "2026-02-05"}


def test_the_pairs_of_a_week_are_dated_by_the_whole_archive(labelled):
    met = SectorPair("a", "b", 3, 2.0, 1.5, 0.01, "2026-02-01")
    new = replace(met, second="c")
    known = since_ever(
        labelled, {"t-000001": CrossSector(pairs=(met, new))}, CODES, before="2026-02-01"
    )
    assert [pair.since for pair in known["t-000001"].pairs] == ["2026-01-05", "2026-02-01"]
