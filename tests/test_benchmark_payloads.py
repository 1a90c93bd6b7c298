"""The payload table counts what is there and says why the rest is refused."""

import shutil

from benchmarks.payloads import main, reader_of, table
from tests.reading import PAYLOADS


def collected(tmp_path):
    root = tmp_path / "payloads"
    for folder, name in (("cordis_xml", "cordis/project.xml"), ("openalex", "openalex/works.json")):
        (root / folder).mkdir(parents=True)
        shutil.copy(PAYLOADS / name, root / folder)
    (root / "openalex" / "author.json").write_text('{"id": "https://openalex.org/A1"}')
    (root / "openalex" / "none.json").write_text('{"meta": {"count": 0}, "results": []}')
    return root


def test_every_file_is_a_document_a_refusal_or_empty(tmp_path):
    cordis, openalex = table(collected(tmp_path))
    assert (cordis.folder, cordis.files, cordis.documents) == ("cordis_xml", 1, 1)
    assert (openalex.files, openalex.documents, openalex.records_refused) == (3, 2, 2)
    assert openalex.files_refused == {"author.json": "A1: an OpenAlex author, not a work"}
    assert openalex.empty == ["none.json"]


def test_the_table_is_printed_with_reasons(tmp_path, monkeypatch, capsys):
    collected(tmp_path)
    monkeypatch.setenv("TRENDSCOUT_BENCH_DATA", str(tmp_path))
    assert main() == 0
    out = capsys.readouterr().out
    assert "an OpenAlex author, not a work" in out
    assert "none.json: read, and nothing is listed in it" in out


def test_without_a_folder_it_says_what_to_set(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TRENDSCOUT_BENCH_DATA", str(tmp_path))
    assert main() == 2
    assert "TRENDSCOUT_BENCH_DATA" in capsys.readouterr().out


def test_a_folder_is_read_by_the_reader_of_its_name():
    assert reader_of("crossref") == "crossref"
    assert reader_of("rss_real") == "feed"
