"""Export: the contracts of the exchange formats, and sheets that run nothing."""

import csv
import io
import json
import zipfile
from datetime import date

import pytest

from config.errors import StoreError, UsageError
from nlp.documents import CrossSector, Growth, SectorPair, Signal
from pipelines.exchange import Record, read_line
from pipelines.export import export, output
from pipelines.store import open_store
from pipelines.store.documents import save_documents
from pipelines.store.signals import save_signals

WEEK = "2026-W10"
PAIR = SectorPair("digital", "health", 9, 3.0, 1.5, 0.01, "2026-01-05")


def signal(theme: str) -> Signal:
    growth = Growth(4.5, 2.1, float("inf"), None)
    return Signal(
        theme, WEEK, "emerging", True, 71.2, growth, 47, 19, 31, 9,
        "2015-W20", None, "high", "It grows.",
    )  # fmt: skip


@pytest.fixture
def db(tmp_path):
    db = open_store(tmp_path)
    record = Record(
        id="s:1",
        source="s",
        kind="news",
        title='=HYPERLINK("https://e.example";"x")',
        text="Cells.",
        published=date(2026, 3, 3),
    )
    later = record.model_copy(update={"id": "s:2", "available": date(2026, 3, 9)})
    save_documents(db, [record, later], collected=date(2026, 11, 20))
    db.table("themes").insert({"id": "t-1", "label": "+cells", "keywords": '["cell"]'})
    rows = [("t-1", "s:1", WEEK), ("t-1", "s:2", WEEK)]
    db.table("theme_documents").insert_all(
        {"theme": t, "document": d, "similarity": 0.9, "week": w} for t, d, w in rows
    )
    save_signals(
        db, WEEK, [(signal("t-1"), CrossSector(True, 12.0, {"digital": 0.8}, 1.2, pairs=(PAIR,)))]
    )
    [(key,)] = db.execute("SELECT text_key FROM documents WHERE id = 's:1'")
    db.table("mentions").insert(
        {"text_key": key, "start": 0, "end": 5, "kind": "technology", "label": "cells",
         "concept": "cell", "score": 0.9}
    )  # fmt: skip
    db.table("matches").insert(
        {"theme": "t-1", "week": WEEK, "region": "DED", "priority": "DED-P1", "score": 0.7,
         "text": 0.5, "codes": 0.1, "words": 0.1, "reasons": '["named"]'}
    )  # fmt: skip
    yield db
    db.close()


def exported(db, what: str, form: str = "jsonl", week: str = WEEK) -> bytes:
    stream = io.BytesIO()
    export(db, what, week, form, stream)
    return stream.getvalue()


def lines(db, what: str) -> list[dict]:
    return [json.loads(line) for line in exported(db, what).splitlines()]


def test_a_theme_lists_the_new_technologies_of_its_documents_behind_the_known_ones(db):
    texts = ("Garnet kilns run.", "A garnet kiln ran.", "Our garnet-kiln stood.", "Cells.")
    records = [
        Record(id=f"n:{i}", source="s", kind="news", title=f"Piece {i}", text=text,
               published=date(2026, 3, 3), author_keys=(f"k{i}",))
        for i, text in enumerate(texts)
    ]  # fmt: skip
    save_documents(db, records, collected=date(2026, 11, 20))
    for i, label in enumerate(("Garnet kilns", "garnet kiln", "garnet-kiln")):
        [(key,)] = db.execute("SELECT text_key FROM documents WHERE id = ?", [f"n:{i}"])
        db.table("mentions").insert(
            {"text_key": key, "start": 9, "end": 20, "kind": "technology", "label": label,
             "concept": "", "score": 0.9}
        )  # fmt: skip
    for i in (0, 1):
        row = {"theme": "t-1", "document": f"n:{i}", "similarity": 0.9, "week": WEEK}
        db.table("theme_documents").insert(row)
    [line] = lines(db, "themes")
    assert line["technologies"] == ["cell", "garnet kiln"]


def test_documents_of_a_week_can_be_imported_again(db):
    [line] = exported(db, "documents").splitlines()
    assert read_line(line, "here").key == "s:1"


def test_theme_line_is_the_contract(db):
    [theme] = lines(db, "themes")
    assert theme == {
        "theme": "t-1",
        "week": WEEK,
        "label": "+cells",
        "keywords": ["cell"],
        "class": "emerging",
        "flagged": True,
        "score": 71.2,
        "growth": {"ratio": 4.5, "low": 2.1, "high": None, "q": None},
        "cross_sector": {
            "flagged": True,
            "score": 12.0,
            "sectors": {"digital": 0.8},
            "pairs": [
                {
                    "first": "digital", "second": "health", "documents": 9, "lift": 3.0,
                    "low": 1.5, "q": 0.01, "since": "2026-01-05",
                }
            ],
        },
        "documents": 47,
        "recent": 19,
        "organisations": 31,
        "first_seen": "2015-W20",
        "technologies": ["cell"],
        "document_ids": ["s:1"],
    }  # fmt: skip


def test_mentions_signals_and_matches_have_their_lines(db):
    assert lines(db, "mentions")[0]["concept"] == "cell"
    assert lines(db, "signals")[0]["cross_sector"]["flagged"] is True
    assert lines(db, "matches")[0]["reasons"] == ["named"]


def test_formula_from_the_web_stays_text_in_csv(db):
    text = exported(db, "documents", "csv").decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert row["title"].startswith("'=HYPERLINK")
    [theme] = csv.DictReader(io.StringIO(exported(db, "themes", "csv").decode("utf-8-sig")))
    assert theme["label"] == "'+cells"
    assert theme["score"] == "71.2"


def test_formula_from_the_web_stays_text_in_a_sheet(db):
    with zipfile.ZipFile(io.BytesIO(exported(db, "documents", "xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "HYPERLINK" in sheet
    assert "<f>" not in sheet
    assert "hyperlink " not in sheet


def test_week_that_was_not_analysed_is_wrong_usage(db):
    with pytest.raises(UsageError, match="2026-W11 has not been analysed"):
        exported(db, "themes", week="2026-W11")


def test_unknown_export_is_wrong_usage(db):
    with pytest.raises(UsageError, match="there are documents"):
        exported(db, "secrets")


def test_nothing_to_export_is_an_empty_file(db):
    assert exported(db, "documents", week="2020-W01") == b""
    assert exported(db, "documents", "csv", week="2020-W01").strip().endswith(b"empty")


def test_output_appears_whole_or_not_at_all(tmp_path):
    def broken() -> None:
        with output(tmp_path / "x.csv") as stream:
            stream.write(b"half")
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        broken()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError, match="cannot be written"), output(tmp_path / "no" / "x"):
        pass
