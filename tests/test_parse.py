"""Saved responses of every kind, and files that are none."""

import base64
import csv
import gzip
import json
import os
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from config.errors import UsageError
from crawlers import parse, saved
from crawlers.parse import parse_files
from tests.reading import PAYLOADS, payload, source_of


@pytest.fixture
def refused():
    return []


def documents(name, paths, refused, configuration=None):
    return list(parse_files(name, paths, configuration, refused=refused.append))


def test_a_plain_body_is_read(refused):
    [line] = documents("cordis", [PAYLOADS / "cordis/project.xml"], refused)
    assert line["id"] == "cordis:101000001"
    assert refused == []


def test_gzip_is_unpacked(tmp_path, refused):
    path = tmp_path / "saved.gz"
    path.write_bytes(gzip.compress(payload("cordis/project.xml")))
    assert len(documents("cordis", [path], refused)) == 1


def test_every_interaction_of_a_cassette_is_read(tmp_path, refused):
    """Bodies as text, as gzip in YAML binary, and in the older form without `string`."""
    works = payload("crossref/works.json")
    bodies = [
        {"string": works.decode()},
        {"string": gzip.compress(works)},
        works.decode(),
        {"string": payload("crossref/failed.json").decode()},
        {"base64_string": base64.b64encode(works).decode()},
    ]
    interactions = [
        {"request": {"uri": f"https://api.example/works?page={n}", "method": "GET"},
         "response": {"body": body, "status": {"code": 200}}}
        for n, body in enumerate(bodies)
    ]  # fmt: skip
    path = tmp_path / "cassette.yaml"
    path.write_text(yaml.safe_dump({"interactions": [*interactions, {"request": {}}]}))
    assert len(documents("crossref", [path], refused)) == 4 * 3
    whole = [line for line in refused if "record" not in line]
    assert whole[0].startswith(f"{path}, interaction 4: Crossref says")
    assert whole[1] == f"{path}, interaction 6: no response with a body"


@pytest.mark.parametrize("form", ["text", "base64", "announced", "nested", "list", "latin"])
def test_json_around_a_body_is_taken_off(tmp_path, refused, form):
    body = payload("openalex/works.json")
    encoded = base64.b64encode(body).decode()
    around = {
        "text": {"url": "https://api.example", "status_code": 200, "body": body.decode()},
        "base64": {"body": encoded},
        "announced": {"body": encoded, "encoding": "base64", "headers": {}},
        "nested": {"body": json.loads(body), "status": 200},
        "list": [{"body": body.decode()}, {"body": body.decode()}],
        "latin": {"body": body.decode(), "url": None},
    }[form]
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(around))
    assert len(documents("openalex", [path], refused)) == (4 if form == "list" else 2)


def test_every_content_coding_of_a_cassette_is_unpacked(tmp_path, refused):
    """Recorders keep the bytes as they came; a body stored plain stays plain."""
    import brotli
    from backports import zstd

    works = payload("openalex/works.json")
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": [gzip.compress(works), works],
        "zstd": [zstd.compress(works), works],
        "deflate": [zlib.compress(works), raw.compress(works) + raw.flush(), works],
        "br": [brotli.compress(works), works, b"torn"],
    }
    interactions = [
        {"request": {"uri": "https://api.example"},
         "response": {"body": {"string": body}, "headers": {"Content-Encoding": [coding]}}}
        for coding, bodies in packed.items() for body in bodies
    ]  # fmt: skip
    path = tmp_path / "cassette.yaml"
    path.write_text(yaml.safe_dump({"interactions": interactions}))
    assert len(documents("openalex", [path], refused)) == 9 * 2
    assert next(line for line in refused if "unpacked" in line).startswith(
        f"{path}, interaction 10: cannot be unpacked"
    )


def test_a_refused_file_is_named_and_the_rest_goes_on(tmp_path, refused):
    shell = tmp_path / "shell.json"
    shell.write_text("<!doctype html><title>CORDIS</title>")
    torn = tmp_path / "torn.gz"
    torn.write_bytes(gzip.compress(b"x" * 1000)[:40])
    broken = tmp_path / "broken.yaml"
    broken.write_text("interactions: [")
    odd = tmp_path / "odd.yml"
    odd.write_text("- a\n- b\n")
    empty = tmp_path / "empty.xml"
    empty.write_bytes(b"")
    good = PAYLOADS / "cordis/project.xml"
    files = [shell, tmp_path / "none.xml", tmp_path, torn, broken, odd, empty, good]
    assert len(documents("cordis", files, refused)) == 1
    assert [line.split(": ")[0] for line in refused] == [str(path) for path in files[:-1]]
    assert "web page" in refused[0]
    assert "No such file" in refused[1]
    assert "\n" not in "".join(refused)


RUBY = """---
http_interactions:
- !ruby/struct:VCR::HTTPInteraction
  request: !ruby/struct:VCR::Request
    method: :get
    uri: https://api.example/works
  response: !ruby/struct:VCR::Response
    status: {code: 200}
    body: !binary |-
      %s
"""
PYTHON_2 = """interactions:
- request: {uri: !!python/unicode 'https://api.example/works'}
  response: {body: {string: !!python/unicode '%s'}}
"""


@pytest.mark.parametrize("form", ["ruby", "bare list", "python 2", "R", "har", "json lines"])
def test_recordings_of_other_clients_are_read(tmp_path, refused, form):
    body = payload("openalex/works.json")
    packed = base64.b64encode(gzip.compress(body)).decode()
    request = {"url": "https://api.example/works"}
    one = {"request": request, "response": {"body": {"string": body.decode()}}}
    works = json.loads(body)["results"]
    text = {
        "ruby": RUBY % base64.b64encode(body).decode(),
        "bare list": yaml.safe_dump([one]),
        "python 2": PYTHON_2 % json.dumps(json.loads(body)).replace("'", "''"),
        "R": json.dumps({"http_interactions": [{"response": {"body": {"raw_gzip": packed}}}]}),
        "har": json.dumps(
            {"log": {"entries": [
                {"request": request, "response": {"status": 200, "content": {
                    "text": base64.b64encode(body).decode(), "encoding": "base64"}}}]}}
        ),
        "json lines": "\n".join(json.dumps(work) for work in works),
    }[form]  # fmt: skip
    path = tmp_path / ("saved.yaml" if "{" not in text[:1] else "saved.json")
    path.write_text(text)
    assert len(documents("openalex", [path], refused)) == 2


@pytest.mark.parametrize(
    "around",
    [
        lambda text: {"statusCode": 200, "body": text, "isBase64Encoded": False},
        lambda text: {"body": json.dumps(text)},
        lambda text: {"status_code": 200, "text": text},
        lambda text: {"url": "https://api.example/", "status": 200, "content": text},
    ],
)
def test_bodies_go_by_several_names(tmp_path, refused, around):
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(around(payload("openalex/works.json").decode())))
    assert len(documents("openalex", [path], refused)) == 2


@pytest.mark.parametrize(
    "around",
    [
        lambda found: {"query": "cells", "fetched": "2026-10-01", "answer": found},
        lambda found: {"first query": found, "second query": {"results": []}},
        lambda found: {work["id"]: work for work in found["results"]},
        lambda found: {"request": {"page": 1}, "raw": json.dumps(found)},
    ],
)
def test_an_answer_among_other_things_is_found(tmp_path, refused, around):
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(around(json.loads(payload("openalex/works.json")))))
    assert len(documents("openalex", [path], refused)) == 2


def test_a_refused_body_keeps_its_reason_when_nothing_inside_it_can_be_read(tmp_path, refused):
    path = tmp_path / "saved.json"
    path.write_text('{"error": "Invalid filter", "message": "no", "meta": {"a": [1]}}')
    assert documents("openalex", [path], refused) == []
    assert refused == [f"{path}: OpenAlex says: Invalid filter: no"]


def test_a_text_is_utf_8_whatever_encoding_its_xml_once_had(tmp_path, refused):
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><project><id>101000001</id>'
        "<title>Größe zählt in Zellen</title><startDate>2026-09-01</startDate></project>"
    )
    path = tmp_path / "saved.json"
    path.write_text(json.dumps({"body": text}))
    [line] = documents("cordis", [path], refused)
    assert line["title"] == "Größe zählt in Zellen"


def test_an_error_answer_is_refused_with_its_status(tmp_path, refused):
    path = tmp_path / "saved.json"
    path.write_text(
        json.dumps(
            [
                {"status": 404, "body": "Resource not found."},
                {"status": {"code": 304}, "body": None},
            ]
        )
    )
    assert documents("crossref", [path], refused) == []
    assert "response 1: HTTP 404: not JSON" in refused[0]
    assert "response 2: the body is empty (status 304)" in refused[1]


def test_an_answer_without_documents_is_told_apart_from_a_refusal(tmp_path, refused, capsys):
    path = tmp_path / "none.json"
    path.write_text('{"meta": {"count": 0}, "results": []}')
    assert documents("openalex", [path], refused) == []
    assert refused == []
    assert capsys.readouterr().err == f"{path}: read, and nothing is listed in it\n"


def test_a_table_of_any_size_is_read_in_parts(tmp_path, refused, monkeypatch):
    """What Kohesio's crawl does not take, a user can download, read and import."""
    head, *rows = payload("kohesio/projects.csv").decode().splitlines(keepends=True)
    mill = "".join(rows[:2])  # its text goes over two lines
    path = tmp_path / "DE.csv"
    path.write_text(head + rows[-2] * 1500 + mill * 1500)
    monkeypatch.setattr(saved, "MAX_BYTES", 1_000)
    csv.field_size_limit(10_000_000)  # as another table may have left it
    lines = documents("kohesio", [path], refused)
    assert len(lines) == len(refused) == 1500
    assert refused[-1].startswith(f"{path}: record 1500: Q700003: start date")
    refused.clear()
    (tmp_path / "shell.csv").write_text("<html><title>Kohesio</title></html>")
    (tmp_path / "bare.csv").write_text(head)
    (tmp_path / "torn.csv").write_text(head + mill + f'"{"x" * 200_000}')
    files = [tmp_path / f"{name}.csv" for name in ("shell", "bare", "torn", "none")]
    assert len(documents("kohesio", files, refused)) == 0
    reasons = ["not Kohesio's table", "none of 0 rows", "field larger", "No such file"]
    assert all(why in line for why, line in zip(reasons, refused, strict=True))


def test_a_gzip_bomb_is_refused(tmp_path, refused, monkeypatch):
    monkeypatch.setattr(saved, "MAX_BYTES", 10_000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"0" * 1_000_000))
    assert documents("cordis", [path], refused) == []
    assert "unpacks to more than" in refused[0]


def test_refusals_go_to_standard_error_unless_said_otherwise(tmp_path, capsys):
    path = tmp_path / "x.json"
    path.write_text("{}")
    assert list(parse_files("openalex", [path])) == []
    assert capsys.readouterr().err.startswith(f"{path}: ")


def test_a_record_that_breaks_its_reader_does_not_stop_the_run(tmp_path, refused, monkeypatch):
    def broken(body, *, source, url=""):
        raise TypeError("surprise")

    monkeypatch.setattr(parse, "reader", lambda name: broken)
    path = tmp_path / "x.json"
    path.write_text("{}")
    assert documents("ted", [path, path], refused) == []
    assert refused == [f"{path}: cannot be read (TypeError: surprise)"] * 2


def test_a_configured_source_gives_its_name_and_reader(refused):
    source = source_of("eu_projects", spider="cordis", kind="project")
    configured = SimpleNamespace(sources={"eu_projects": source})
    [line] = documents("eu_projects", [PAYLOADS / "cordis/project.xml"], refused, configured)
    assert (line["source"], line["id"]) == ("eu_projects", "cordis:101000001")


def test_a_reader_is_meant_where_a_source_of_its_name_has_another(refused):
    """The news feed of the patent office is a source `epo`; its patents are the reader `epo`."""
    office = source_of("epo", spider="feed", kind="news")
    configured = SimpleNamespace(sources={"epo": office})
    [line] = documents("epo", [PAYLOADS / "epo/search.xml"], refused, configured)
    assert line["kind"] == "patent"


def test_an_unknown_reader_is_wrong_usage():
    with pytest.raises(UsageError, match="no reader 'nonsense'"):
        list(parse_files("nonsense", [Path("x")]))


def test_captured_payloads_are_read_or_refused_with_a_reason():
    """Real answers, where somebody has them: `$TRENDSCOUT_BENCH_DATA/payloads`."""
    root = Path(os.environ.get("TRENDSCOUT_BENCH_DATA", ""), "payloads")
    if "TRENDSCOUT_BENCH_DATA" not in os.environ or not root.is_dir():
        pytest.skip("TRENDSCOUT_BENCH_DATA names no folder with payloads/")
    from benchmarks.payloads import table

    rows = table(root)
    assert rows
    for row in rows:
        broken = [why for why in row.files_refused.values() if "cannot be read (" in why]
        assert not broken, row.folder
        assert row.documents or len(row.files_refused) + len(row.empty) == row.files
