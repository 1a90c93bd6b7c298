from collections import Counter
from datetime import date

import pytest

from pipelines import enrich as stage
from pipelines.enrich import enrich
from pipelines.exchange import Record
from pipelines.store import open_store
from pipelines.store.documents import save_documents
from pipelines.store.enrichment import new_technology_candidates
from tests.extraction_samples import TEXT, TITLE, bridged, small_configuration

WEEK = "2026-W10"
GERMAN = "Die neue Anlage verarbeitet Garn für die Industrie und spart dabei viel Energie ein."


def record(identity, text=TEXT, *, day="2026-03-02", title=TITLE, **more):
    return Record(id=identity, source="site", kind="news", title=title, text=text, published=day,
                  **more)  # fmt: skip


@pytest.fixture
def db(tmp_path):
    with_store = open_store(tmp_path)
    yield with_store
    with_store.close()


def run(db, *records, week=WEEK):
    save_documents(db, records, collected=date(2026, 3, 9))
    counts = Counter()
    enrich(db, small_configuration(), counts, week=week)
    return counts


def rows(db, table):
    return sorted(tuple(row.values()) for row in db.query(f"SELECT * FROM {table}"))


def test_findings_are_stored(db):
    counts = run(db, record("a"))
    assert counts["documents"] == 1
    concepts = {row["concept"] for row in db.query("SELECT concept FROM mentions")}
    assert {"solid_state_battery", "DED41"} <= concepts
    sectors = {row["sector"] for row in db.query("SELECT sector FROM document_sectors")}
    assert "mobility" in sectors


def test_offsets_hold_in_the_stored_text(db):
    run(db, record("a"))
    full = f"{TITLE}\n{TEXT}"
    for row in db.query("SELECT start, end, label, kind FROM mentions"):
        assert full[row["start"] : row["end"]].replace("\n", " ") == row["label"]


def test_a_second_run_finds_nothing_to_do(db):
    run(db, record("a"))
    assert run(db) == Counter()


def test_documents_after_the_week_wait(db):
    assert run(db, record("a", day="2026-03-09")) == Counter()
    assert run(db, week="2026-W11")["documents"] == 1


def test_another_language_is_kept_and_not_analysed(db):
    counts = run(db, record("a", GERMAN * 3, title="Neue Anlage in der Region"))
    assert counts["not_analysed"] == 1
    assert [row["language"] for row in db.query("SELECT language FROM documents")] == ["de"]
    assert rows(db, "mentions") == []


def marks(db):
    """Whose duplicate each document is, and since when."""
    rows = db.query("SELECT id, duplicate_of, duplicate_since FROM documents")
    return {row["id"]: (row["duplicate_of"], row["duplicate_since"]) for row in rows}


def test_a_copy_points_at_the_earliest(db):
    run(db, record("b", day="2026-03-03"), record("a", f"{TEXT} Read more.", day="2026-03-04"))
    assert marks(db) == {"a": ("b", "2026-03-04"), "b": ("", "")}


def test_an_earlier_copy_that_comes_later_takes_over(db):
    run(db, record("b", day="2026-03-03"))
    run(db, record("a", day="2026-03-02"))
    assert marks(db) == {"a": ("", ""), "b": ("a", "2026-03-03")}


def test_a_document_that_bridges_two_makes_one_of_them_a_duplicate_from_then_on(db):
    for name, text in zip("abc", bridged(), strict=True):
        run(db, record(name, text, title="On words", day=f"2026-03-0{'abc'.index(name) + 2}"))
    assert marks(db) == {
        "a": ("", ""),
        "b": ("a", "2026-03-04"),
        "c": ("a", "2026-03-04"),
    }


def test_without_the_document_that_bridged_them_two_stand_for_themselves_again(db):
    found = [
        record(name, text, title="On words", day=day)
        for name, text, day in zip(
            "abc", bridged(), ("2026-03-02", "2026-03-03", "2026-03-04"), strict=True
        )
    ]
    run(db, *found)
    run(db, record("c", "A loom was sold to a museum by its last owner.", day="2026-03-04"))
    assert marks(db) == dict.fromkeys("abc", ("", ""))


def test_a_new_version_with_the_same_text_stays_a_duplicate(db):
    run(db, record("b", day="2026-03-02"), record("a", day="2026-03-03"))
    run(db, record("a", day="2026-03-03", licence="CC BY 4.0"))
    assert marks(db) == {"a": ("b", "2026-03-03"), "b": ("", "")}


def test_a_document_known_to_be_older_stands_for_its_group(db):
    run(db, record("b", day="2026-03-02"), record("a", day="2026-03-03"))
    run(db, record("a", day="2026-03-01"))
    assert marks(db) == {"a": ("", ""), "b": ("a", "2026-03-02")}


def test_the_others_of_a_group_are_not_read_again(db):
    run(db, *(record(f"d{n}", f"{TEXT} Lot.", day=f"2026-03-0{n + 2}") for n in range(4)))
    changed = record("d1", f"{TEXT} Another lot, and more.", day="2026-03-03")
    assert run(db, changed)["documents"] == 1
    assert marks(db)["d3"] == ("d0", "2026-03-05")


def test_a_changed_text_leaves_its_group(db):
    run(db, record("b", day="2026-03-02"), record("a", day="2026-03-03"))
    run(db, record("b", "A loom of the old kind was sold to a museum by its last owner."))
    assert marks(db) == {"a": ("", ""), "b": ("", "")}


def test_a_run_killed_between_batches_ends_like_one_that_was_not(db, tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "BATCH", 2)
    records = [record(f"d{i}", f"{TEXT} Lot {i // 2} of yarn.", day=f"2026-03-0{1 + i}")
               for i in range(7)]  # fmt: skip
    run(db, *records)
    other = open_store(tmp_path / "other")
    save_documents(other, records, collected=date(2026, 3, 9))
    save, batches = stage.store.save_enriched, 0

    def killed(*given):
        nonlocal batches
        batches += 1
        if batches == 2:
            raise KeyboardInterrupt
        save(*given)

    monkeypatch.setattr(stage.store, "save_enriched", killed)
    with pytest.raises(KeyboardInterrupt):
        enrich(other, small_configuration(), Counter(), week=WEEK)
    monkeypatch.setattr(stage.store, "save_enriched", save)
    enrich(other, small_configuration(), Counter(), week=WEEK)
    for table in ("documents", "mentions", "document_sectors", "enrichments", "signatures"):
        assert rows(other, table) == rows(db, table)
    other.close()


def test_new_technologies_need_several_independent_documents(db):
    texts = [
        "We developed a garnet-layer sensor in the old foundry with two students last spring.",
        "Filters based on garnet-layer sensors hold under the weight of a lorry.",
        "This paper presents a garnet layer sensor that was frozen, cracked and glued again.",
    ]
    found = [
        record(f"n{i}", text, title=f"Report number {i} from the hall", author_keys=(f"k{i % 2}",))
        for i, text in enumerate(texts)
    ]
    run(db, *found)
    labels = {one.label: one for one in new_technology_candidates(db, week=WEEK)}
    assert labels["garnet layer sensor"].documents == 3
    assert labels["garnet layer sensor"].groups == 2


def test_an_abbreviation_in_capitals_is_listed_by_its_long_form(db):
    texts = [
        "Students cast a garnet layer sensor (GLS) in spring, and the GLS held well.",
        "Nobody expected a garnet layer sensor (GLS) to carry what an GLS carries now.",
        "In winter the garnet layer sensor (GLS) froze; each GLS was then glued again.",
    ]
    found = [
        record(f"n{i}", text, title=f"Report number {i} from the hall", author_keys=(f"k{i % 2}",))
        for i, text in enumerate(texts)
    ]
    run(db, *found)
    stored = {row[0] for row in db.execute("SELECT label FROM mentions WHERE kind = 'technology'")}
    assert "GLS" in stored
    labels = {one.label for one in new_technology_candidates(db, week=WEEK)}
    assert "garnet layer sensor" in labels
    assert "lgm" not in labels
