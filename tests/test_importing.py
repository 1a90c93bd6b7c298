"""Bulk import: every layout, every kind of bad row, and a kill in the middle."""

import gzip
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from config.errors import InputError, UsageError
from config.models import Settings
from pipelines.importing import reading as reading_module
from pipelines.importing import rows as rows_module
from pipelines.importing.arxiv import repaired
from pipelines.importing.cordis import amount
from pipelines.importing.run import Imported, finished, import_files
from pipelines.store import using_store
from pipelines.store.documents import records

TODAY = date(2026, 11, 20)
SETTINGS = Settings(streams={})
ROOT = Path(__file__).parent.parent


def load(data: Path, form: str, *paths: Path) -> Imported:
    with using_store(data) as db:
        return import_files(db, data, form, paths, settings=SETTINGS, today=TODAY)


def stored(data: Path, *ids: str):
    with using_store(data) as db:
        return records(db, ids)


def rejected(result: Imported) -> list[dict[str, str]]:
    lines = [line for path in result.rejects for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def document(number: int, **changes: object) -> dict[str, object]:
    values = {
        "id": f"s:{number}",
        "source": "s",
        "kind": "news",
        "title": f"Story {number}",
        "text": "Cells are made here.",
        "published": "2026-03-03",
    }
    return values | changes


def lines(path: Path, *rows: object) -> Path:
    text = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


# --- JSON lines ------------------------------------------------------------------


def test_bad_lines_are_kept_and_the_rest_goes_on(tmp_path):
    path = lines(
        tmp_path / "in.jsonl",
        document(1),
        '{"broken"',
        "",
        document(2, published="2030-01-01"),
        document(3, titel="x"),
        document(4),
    )
    result = load(tmp_path, "jsonl", path)
    assert result.counts == {"new": 2, "rejected": 3}
    found = [(row["where"], row["reason"]) for row in rejected(result)]
    assert [where for where, _ in found] == [f"in.jsonl line {n}" for n in (2, 4, 5)]
    assert "not JSON" in found[0][1]
    assert "published: 2030-01-01 lies in the future" in found[1][1]
    assert "titel: unknown key" in found[2][1]
    assert rejected(result)[2]["row"] == json.dumps(document(3, titel="x"))
    finished(result)  # some rows were good


def test_repeated_import_changes_nothing_and_lists_nothing_twice(tmp_path):
    path = lines(tmp_path / "in.jsonl", document(1), "nonsense")
    load(tmp_path, "jsonl", path)
    result = load(tmp_path, "jsonl", path)
    assert result.counts == {"unchanged": 1, "rejected": 1}
    assert len(rejected(result)) == 1


def test_mended_file_removes_its_rejects(tmp_path):
    path = lines(tmp_path / "in.jsonl", document(1), "nonsense")
    [old] = load(tmp_path, "jsonl", path).rejects
    load(tmp_path, "jsonl", lines(path, document(1)))
    assert not old.exists()


def test_reading_ahead_loses_and_doubles_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(reading_module, "BATCH", 3)
    rows = [f"bad {n}" if n % 5 == 0 else document(n) for n in range(40)]
    path = lines(tmp_path / "in.jsonl", *rows)
    result = load(tmp_path, "jsonl", path)
    assert result.counts == {"new": 32, "rejected": 8}
    assert [row["row"] for row in rejected(result)] == [f"bad {n}" for n in range(0, 40, 5)]
    with using_store(tmp_path) as db:
        found = "SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'cells'"
        assert db.execute(found).fetchone() == (32,)
        in_order = [row[0] for row in db.execute("SELECT id FROM documents ORDER BY rowid")]
    assert in_order == [f"s:{n}" for n in range(40) if n % 5]


def test_same_id_with_different_content_keeps_both(tmp_path):
    path = lines(tmp_path / "in.jsonl", document(1), document(1, text="Something else."))
    assert load(tmp_path, "jsonl", path).counts == {"new": 1, "updated": 1}
    with using_store(tmp_path) as db:
        assert db.table("document_versions").count == 1
    assert stored(tmp_path, "s:1")[0].text == "Something else."


def test_text_of_50_megabytes_is_refused_by_name(tmp_path):
    path = lines(tmp_path / "in.jsonl", document(1, text="x" * 50_000_000), document(2))
    result = load(tmp_path, "jsonl", path)
    assert result.counts == {"new": 1, "rejected": 1}
    [row] = rejected(result)
    assert row["reason"].startswith("text: 50,000,000 characters")
    assert len(row["row"]) < 200_000
    assert "cut" in row


def test_endless_line_is_never_held_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(rows_module, "MAX_LINE", 1000)
    path = lines(tmp_path / "in.jsonl", document(1, text="x" * 5000), document(2))
    result = load(tmp_path, "jsonl", path)
    assert result.counts == {"new": 1, "rejected": 1}
    assert "longer than 1,000 bytes" in rejected(result)[0]["reason"]


def test_wrong_encoding_costs_only_its_line(tmp_path):
    path = tmp_path / "in.jsonl"
    latin = json.dumps(document(1, title="Zürich liefert"), ensure_ascii=False).encode("latin-1")
    path.write_bytes(latin + b"\n" + json.dumps(document(2)).encode() + b"\n")
    result = load(tmp_path, "jsonl", path)
    assert result.counts == {"new": 1, "rejected": 1}
    assert "not UTF-8 at byte" in rejected(result)[0]["reason"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.jsonl", b"", "the file is empty"),
        ("wide.jsonl", "{}".encode("utf-16"), "UTF-16"),
        ("cut.jsonl.gz", gzip.compress(b"{}\n" * 9999, mtime=0)[:-20], "cannot be read"),
        ("fake.jsonl.gz", b"plain text", "cannot be read"),
    ],
    ids=["empty", "wide", "cut", "fake"],
)
def test_unreadable_file_is_named_and_the_next_one_goes_on(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    result = load(tmp_path, "jsonl", path, lines(tmp_path / "good.jsonl", document(1)))
    assert result.counts["new"] == 1
    with pytest.raises(InputError, match=words) as caught:
        finished(result)
    assert name in str(caught.value)


def test_missing_file_and_folder_are_named(tmp_path):
    result = load(tmp_path, "jsonl", tmp_path / "none.jsonl", tmp_path)
    assert "no such file" in result.broken[0]
    assert "a folder" in result.broken[1]


def test_file_without_one_good_row_fails(tmp_path):
    result = load(tmp_path, "jsonl", lines(tmp_path / "in.jsonl", "x", "y"))
    with pytest.raises(InputError, match=r"not one row could be used; see .*rejects"):
        finished(result)


def test_packed_lines_are_read(tmp_path):
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(document(1)).encode()))
    assert load(tmp_path, "jsonl", path).counts == {"new": 1}


def test_gzip_bomb_is_refused(tmp_path):
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(gzip.compress((b" " * 9999 + b"\n") * 8000))
    assert "unpacks to more than" in load(tmp_path, "jsonl", path).broken[0]


def test_unknown_format_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="docx"):
        load(tmp_path, "docx", tmp_path)


# --- arXiv -------------------------------------------------------------------------


def parquet(path: Path, **changes: list[object]) -> Path:
    import pyarrow
    from pyarrow.parquet import write_table

    columns: dict[str, list[object]] = {
        "arxiv_id": ["1612.00001", "1201.033", "1701.00003"],
        "created": [datetime(2016, 12, 1), datetime(2012, 1, 1), None],
        "title": ["One fine result", "Two\nlines of it", "Three"],
        "abstract": ["We show it.", "We prove it.", "We miss the day."],
        "categories": ["cs.CC,math.CO", "eess.SP cs.IT", ""],
        "primary_cat": ["cs.CC", "eess.SP", ""],
        "doi": [None, None, None],
        "author_keys": ["932c6e2b 954abf3b", None, ""],
    }
    write_table(pyarrow.table(columns | changes), path)
    return path


def test_arxiv_table_becomes_publications(tmp_path):
    result = load(tmp_path, "arxiv", parquet(tmp_path / "a.parquet"))
    assert result.counts == {"new": 2, "rejected": 1}
    assert rejected(result)[0]["where"] == "a.parquet row 3"
    assert rejected(result)[0]["reason"].startswith("published: ")
    one, two = stored(tmp_path, "arxiv:1612.00001", "arxiv:1201.033")
    assert [topic.code for topic in one.topics] == ["cs.CC", "math.CO"]
    assert one.author_keys == ("932c6e2b", "954abf3b")
    assert (one.source, one.kind, one.licence) == ("arxiv", "publication", "CC0-1.0")
    assert two.title == "Two lines of it"
    assert two.url == "https://arxiv.org/abs/1201.0330"


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("1201.033", "1201.0330"),
        ("1501.0403800000001", "1501.04038"),
        ("1501.0003199999999", "1501.00032"),
        ("1612.00001", "1612.00001"),
        ("hep-th/9901001", "hep-th/9901001"),
    ],
)
def test_arxiv_numbers_that_were_fractions_are_repaired(given, number):
    assert repaired(given) == number


def test_arxiv_table_without_a_column_is_named(tmp_path):
    import pyarrow
    from pyarrow.parquet import write_table

    write_table(pyarrow.table({"title": ["x"]}), tmp_path / "a.parquet")
    result = load(tmp_path, "arxiv", tmp_path / "a.parquet")
    assert "no column arxiv_id, abstract, categories" in result.broken[0]


def test_file_that_is_no_parquet_is_named(tmp_path):
    (tmp_path / "a.parquet").write_text("nothing of the kind")
    assert "not a usable parquet file" in load(tmp_path, "arxiv", tmp_path / "a.parquet").broken[0]


def test_arxiv_dump_in_lines(tmp_path):
    paper = {
        "id": "0704.0001",
        "title": "A  title\n  over lines",
        "abstract": "  We measure. ",
        "categories": "hep-ph cs.LG",
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
        "update_date": "2008-11-26",
        "authors_parsed": [["Muster", "Anna", ""]],
    }
    path = lines(tmp_path / "dump.json", paper, {"id": "x"}, "[]", paper | {"versions": 3})
    result = load(tmp_path, "arxiv", path)
    assert result.counts == {"new": 1, "rejected": 3}
    [record] = stored(tmp_path, "arxiv:0704.0001")
    assert record.published == date(2007, 4, 2)
    assert record.title == "A title over lines"
    assert len(record.author_keys) == 1


OAI = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>
<record><header><identifier>oai:arXiv.org:2601.00001</identifier></header><metadata>
<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2601.00001</id><created>2026-01-02</created>
<authors><author><keyname>Muster</keyname><forenames>Anna</forenames></author></authors>
<title>Cells &amp; lines</title><categories>cs.LG</categories><abstract>We build.</abstract></arXiv>
</metadata></record>
<record><header><identifier>oai:arXiv.org:2601.00002</identifier></header></record>
"""


def test_arxiv_harvest_is_read_record_by_record(tmp_path):
    path = tmp_path / "page.xml"
    path.write_text(OAI + "</ListRecords></OAI-PMH>")
    result = load(tmp_path, "arxiv", path)
    assert result.counts == {"new": 1, "rejected": 1}
    assert "page.xml line" in rejected(result)[0]["where"]
    assert stored(tmp_path, "arxiv:2601.00001")[0].title == "Cells & lines"


def test_broken_xml_keeps_what_came_before(tmp_path):
    path = tmp_path / "page.xml"
    path.write_text(OAI + "<record><oops")
    result = load(tmp_path, "arxiv", path)
    assert result.counts["new"] == 1
    assert "page.xml line" in result.broken[0]
    assert "not XML" in result.broken[0]


# --- CORDIS ------------------------------------------------------------------------

PROJECT = "id;acronym;status;title;startDate;ecMaxContribution;ecSignatureDate;frameworkProgramme"
PROJECT += ";objective;contentUpdateDate;keywords"
ORGANIZATION = "projectID;organisationID;name;SME;country;nutsCode;role;ecContribution;totalCost"


def quoted(text: str) -> str:
    return "\ufeff" + "".join(
        ";".join(f'"{cell}"' for cell in line.split(";")) + "\n" for line in text.splitlines()
    )


def members() -> dict[str, str]:
    return {
        "csv/project.csv": quoted(
            PROJECT + "\n"
            "101;DEMO;SIGNED;Demonstration of cells;2024-06-01;2073781,25;2024-03-05;HORIZON;"
            "We build cells;2025-05-21 17:08:40;battery, solid state\n"
            "102;LATE;SIGNED;Without signature;2024-06-01;0;;HORIZON;Text.;2024-02-01 10:00:00;\n"
            "103;SHIFT;SIGNED;One cell short;2024-06-01;1;2024-03-05;HORIZON;Text.;2025-01-01\n"
            "x;BAD;SIGNED;No number;2024-06-01;1;2024-03-05;HORIZON;Text.;2025-01-01;\n"
            "104;NODAY;SIGNED;No day at all;;1;;HORIZON;Text.;;"
        ),
        "csv/organization.csv": quoted(
            ORGANIZATION + "\n"
            "101;1;Ερευνητικό Ινστιτούτο;false;EL;EL303;coordinator;528340.97;960619,95\n"
            "101;2;Works Ltd;true;UK;UKI3;participant;;\n"
            "101;3;Nowhere Inc;false;ZZ;not a code;participant;1;1\n"
            "101;4;Short row;false\n"
            "102;2;Works Ltd;true;UK;;coordinator;1;1"
        ),
        "csv/euroSciVoc.csv": quoted(
            "projectID;euroSciVocCode;euroSciVocPath;euroSciVocTitle;euroSciVocDescription\n"
            "101;/23/47;/natural sciences/x;optics;"
        ),
        "csv/topics.csv": quoted("projectID;topic;title\n101;HORIZON-CL4-1;Cells of tomorrow"),
        "csv/legalBasis.csv": quoted(
            "projectID;legalBasis;title;uniqueProgrammePart\n101;HORIZON.2.4;Digital;true"
        ),
    }


def archive(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return path


def test_official_zip_is_joined(tmp_path):
    result = load(tmp_path, "cordis", archive(tmp_path / "cordis.zip", members()))
    assert result.counts == {"new": 2, "rejected": 4}
    one, two = stored(tmp_path, "cordis:101", "cordis:102")
    assert one.published == one.available == date(2024, 3, 5)  # the signature
    assert two.published == date(2024, 2, 1)  # the earlier of page and start
    assert one.funding.amount_eu == 2073781.25
    assert two.funding.amount_eu is None  # 0 means unknown
    assert one.keywords == ("battery", "solid state")
    assert [(x.name, x.country, x.nuts, x.role) for x in one.organisations] == [
        ("Ερευνητικό Ινστιτούτο", "GR", "EL303", "coordinator"),
        ("Works Ltd", "GB", "UKI3", "participant"),
        ("Nowhere Inc", "", "", "participant"),
    ]
    assert {(x.scheme, x.code) for x in one.topics} == {
        ("euroscivoc", "/23/47"),
        ("call_topic", "HORIZON-CL4-1"),
        ("legal_basis", "HORIZON.2.4"),
    }


def test_the_zips_of_all_programmes_are_read_from_one_folder(tmp_path):
    programmes = {"fp7": ("201", "FP7"), "h2020": ("301", "H2020"), "HORIZON": ("401", "HORIZON")}
    for name, (number, programme) in programmes.items():
        row = f"{number};X;CLOSED;Cells of {programme};2014-06-01;1;2014-03-05;{programme};Text.;;"
        files = {
            "project.csv": quoted(f"{PROJECT}\n{row}"),
            "organization.csv": quoted(f"{ORGANIZATION}\n{number};2;Works Ltd;true;UK;;x;1;1"),
            "legalBasis.csv": quoted(f"projectID;legalBasis;title\n{number};{programme}-1;Digital"),
        }
        archive(tmp_path / f"cordis-{name}projects-csv.zip", files)
    assert load(tmp_path / "data", "cordis", tmp_path).counts == {"new": 3}
    for one in stored(tmp_path / "data", "cordis:201", "cordis:301", "cordis:401"):
        programme = one.funding.programme
        assert one.title == f"Cells of {programme}"
        assert [topic.code for topic in one.topics] == [f"{programme}-1"]
        assert [organisation.name for organisation in one.organisations] == ["Works Ltd"]


def test_refused_rows_of_every_member_are_placed(tmp_path):
    found = rejected(load(tmp_path, "cordis", archive(tmp_path / "cordis.zip", members())))
    places = {row["where"]: row["reason"] for row in found}
    assert places["cordis.zip/csv/organization.csv line 5"] == "4 columns, the header has 9"
    assert places["cordis.zip/csv/project.csv line 4"] == "10 columns, the header has 11"
    assert "is no number" in places["cordis.zip/csv/project.csv line 5"]
    assert "published: Field required" in places["cordis.zip/csv/project.csv line 6"]


def test_unpacked_folder_and_json_give_the_same(tmp_path):
    archive(tmp_path / "cordis.zip", members())
    load(tmp_path / "zip", "cordis", tmp_path / "cordis.zip")
    folder, other = tmp_path / "csv", tmp_path / "json"
    other.mkdir()
    with zipfile.ZipFile(tmp_path / "cordis.zip") as packed:
        packed.extractall(tmp_path)
    load(tmp_path / "plain", "cordis", folder / "project.csv")
    rows = {
        "project.json": [
            {
                "id": 101,
                "title": "From JSON",
                "objective": "Text.",
                "ecSignatureDate": "2024-03-05",
            },
            5,
        ],
        "organization.json": [{"projectID": "101", "name": "Works Ltd", "country": "UK"}],
    }
    for name, values in rows.items():
        (other / name).write_text(json.dumps(values))
    assert load(tmp_path / "json-data", "cordis", other).counts == {"new": 1, "rejected": 1}
    assert stored(tmp_path / "zip", "cordis:101") == stored(tmp_path / "plain", "cordis:101")
    assert stored(tmp_path / "json-data", "cordis:101")[0].organisations[0].country == "GB"


def test_rows_go_on_over_lines(tmp_path):
    (tmp_path / "project.csv").write_text(
        'id,title,ecSignatureDate,objective\n1,"Two\nlines",2024-01-01,"It ""works"".\nYes."\n'
        "2,Next,2024-01-01\n"
    )
    result = load(tmp_path, "cordis", tmp_path / "project.csv")
    [record] = stored(tmp_path, "cordis:1")
    assert (record.title, record.text) == ("Two lines", 'It "works".\nYes.')
    assert rejected(result)[0]["where"].endswith("project.csv line 5")


def test_wrong_bytes_cost_their_row_only(tmp_path):
    head = '"id";"title";"ecSignatureDate"\n'
    good = '"%d";"A good project of ours";"2024-01-01"\n'
    body = head + good % 1 + '"2";"caf\xe9";"2024-01-01"\n' + good % 3
    (tmp_path / "project.csv").write_bytes(body.encode("latin-1"))
    result = load(tmp_path, "cordis", tmp_path / "project.csv")
    assert result.counts == {"new": 2, "rejected": 1}
    assert rejected(result)[0]["reason"] == "not UTF-8"


@pytest.mark.parametrize(
    ("text", "value"),
    [("2073781,25", 2073781.25), ("528340.97", 528340.97), ("1.234,5", 1234.5), ("0", None),
     ("", None), ("n/a", None), ("nan", None), ("1,234.5", 1234.5)],
)  # fmt: skip
def test_amounts_in_both_notations(text, value):
    assert amount(text) == value


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"../project.csv": "x"}, "points outside the archive"),
        ({"/etc/project.csv": "x"}, "points outside the archive"),
        ({"project.csv": "0" * 90_000_000}, "unpacks to 90,000,000 bytes"),
        ({"readme.txt": "x"}, "no project.csv or project.json"),
        ({"project.csv": "acronym;status\n"}, "no column id, title"),
        ({"project.json": '{"id": 1}'}, "a JSON array is expected"),
        ({"project.json": '[{"id": 1}, {"id"'}, "record 2: not JSON"),
    ],
)
def test_bad_archive_is_refused_with_its_reason(tmp_path, files, words):
    result = load(tmp_path, "cordis", archive(tmp_path / "c.zip", files))
    assert words in result.broken[0]
    assert "c.zip" in result.broken[0]


def test_web_page_with_the_name_of_an_archive_is_called_one(tmp_path):
    (tmp_path / "c.zip").write_text("<!DOCTYPE html><html>no such file</html>")
    assert "a web page, not a zip" in load(tmp_path, "cordis", tmp_path / "c.zip").broken[0]


def test_damaged_archive_is_refused(tmp_path):
    path = archive(tmp_path / "c.zip", members())
    path.write_bytes(path.read_bytes()[:-200])
    assert "cannot be read" in load(tmp_path, "cordis", path).broken[0]


# --- killed ------------------------------------------------------------------------


def contents(data: Path) -> list[list[tuple[object, ...]]]:
    tables = ("documents", "document_versions", "organisations", "participations")
    with using_store(data) as db:
        return [sorted(db.execute(f"SELECT * FROM {table}").fetchall()) for table in tables]


def test_killed_import_started_again_equals_an_uninterrupted_one(tmp_path):
    rows = [document(n % 6000, text=f"Text {n % 7000} of it. " * 8) for n in range(12_000)]
    path = lines(tmp_path / "in.jsonl", *rows, "broken")
    code = """
        import sys
        from pathlib import Path
        from tests.test_importing import load
        load(Path(sys.argv[1]), "jsonl", Path(sys.argv[2]))
    """
    data = tmp_path / "killed"
    command = [sys.executable, "-c", textwrap.dedent(code), str(data), str(path)]
    child = subprocess.Popen(command, cwd=ROOT)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not halfway(data):
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL, "it finished before it could be killed"
    load(data, "jsonl", path)
    load(tmp_path / "whole", "jsonl", path)
    assert contents(data) == contents(tmp_path / "whole")
    names = [[one.name for one in (d / "rejects").iterdir()] for d in (data, tmp_path / "whole")]
    assert names[0] == names[1]


def halfway(data: Path) -> bool:
    """Whether the child has committed its first batch."""
    import sqlite3

    try:
        db = sqlite3.connect(f"file:{data / 'trendscout.db'}?mode=ro", uri=True)
        try:
            return bool(db.execute("SELECT count(*) FROM documents").fetchone()[0])
        finally:
            db.close()
    except sqlite3.Error:
        return False
