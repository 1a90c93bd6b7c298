"""CORDIS, Kohesio and Keep.eu: what each field becomes, and the traps of their formats."""

import gzip
import json

import pytest

from config.errors import SourceDrift
from crawlers.readers import cordis, keep
from tests.reading import payload, read


def test_cordis_search_maps_a_hit():
    reading = read("cordis", payload("cordis/search.json"))
    project = reading.documents[0]
    assert reading.total == 3
    assert project["id"] == "cordis:101000001"
    assert project["kind"] == "project"
    assert project["url"] == "https://cordis.europa.eu/project/id/101000001"
    assert project["keywords"] == ["sodium-ion", "hard carbon", "reed"]
    assert project["funding"] == {"amount_eu": 1500000.5}
    assert project["licence"] == "CC-BY-4.0"
    assert project["organisations"] == [
        {"name": "Πανεπιστήμιο Ρεθύμνου", "country": "GR", "role": "coordinator"},
        {"name": "Fenland Carbon Ltd", "country": "GB", "role": "participant"},
    ]


def test_cordis_search_without_signature_takes_the_first_day_it_knows():
    project = read("cordis", payload("cordis/search.json")).documents[0]
    assert project["published"] == project["available"] == "2026-05-21"


def test_cordis_article_among_hits_is_news_without_addresses():
    article = read("cordis", payload("cordis/search.json")).documents[1]
    assert (article["id"], article["kind"]) == ("cordis-article:460001", "news")
    assert article["text"] == "Write to for samples."


def test_cordis_names_the_record_that_has_no_date():
    assert read("cordis", payload("cordis/search.json")).rejected == [
        "record 2: startDate: no date"
    ]


def test_cordis_single_hit_may_be_an_object():
    [project] = read("cordis", payload("cordis/one_hit.json")).documents
    assert project["organisations"] == [
        {"name": "Einzel GmbH", "country": "DE", "role": "coordinator"}
    ]


@pytest.mark.parametrize("hits", ['"hits": ""', '"hits": {}', '"other": 1'])
def test_cordis_empty_result_is_an_answer(hits):
    body = f'{{"result": {{"header": {{"totalHits": "0", "numHits": "0"}}}}, {hits}}}'
    reading = read("cordis", body.encode())
    assert (reading.documents, reading.total) == ([], 0)


def test_cordis_hits_without_rows_are_drift():
    body = b'{"result": {"header": {"totalHits": "25598"}}, "hits": ""}'
    with pytest.raises(SourceDrift, match="25598 hits"):
        read("cordis", body)


def test_cordis_stub_dates_hold_template_markers():
    reading = read("cordis", payload("cordis/stubs.json"))
    assert reading.documents[0]["published"] == "2026-06-01"
    assert "programme is not a document" in reading.rejected[0]


def test_cordis_record_maps_its_xml():
    [project] = read("cordis", payload("cordis/project.xml")).documents
    assert project["published"] == "2026-05-16"
    assert project["available"] == "2026-05-26"
    assert project["text"].endswith("Ask for data.")
    assert project["funding"] == {"programme": "HORIZON", "amount_eu": 1500000.5}
    assert project["organisations"][0] == {
        "name": "Πανεπιστήμιο Ρεθύμνου",
        "country": "GR",
        "nuts": "EL433",
        "role": "coordinator",
    }
    assert [(t["scheme"], t["code"]) for t in project["topics"]] == [
        ("euroscivoc", "/25/63/477"),
        ("call", "HORIZON-CL5-2025-D2-01"),
        ("call_topic", "HORIZON-CL5-2025-D2-01-07"),
    ]


def test_cordis_json_record_reads_like_its_xml():
    record = {
        "project": {
            "id": "101000001",
            "title": "Sodium cells from reed",
            "objective": "Hard carbon.",
            "ecSignatureDate": "2026-05-16",
            "relations": {
                "associations": {
                    "organization": {
                        "attributes": {"type": "coordinator"},
                        "legalName": "Einzel GmbH",
                        "address": {"country": "DE"},
                    }
                }
            },
        }
    }
    [project] = read("cordis", json.dumps(record).encode()).documents
    assert project["published"] == "2026-05-16"
    assert project["organisations"][0]["role"] == "coordinator"


def test_cordis_article_keeps_text_that_sits_in_no_namespace():
    [article] = read("cordis", payload("cordis/article.xml")).documents
    assert article["text"].splitlines() == [
        "A wetland plant becomes a battery.",
        "The REEDCELL project presses reed.",
        "From marsh to cell",
        "Its hard carbon stores sodium.",
    ]
    assert article["published"] == "2026-03-02"
    assert [t["code"] for t in article["topics"]] == ["ener", "101000001"]


def test_cordis_search_as_xml_reads_like_json():
    body = (
        b"<response><result><header><numHits>1</numHits><totalHits>1</totalHits></header></result>"
        b"<hits><hit><score>1</score>"
        + payload("cordis/project.xml").partition(b"-->")[2]
        + b"</hit></hits></response>"
    )
    [project] = read("cordis", body).documents
    assert project["id"] == "cordis:101000001"


def test_cordis_changes_tell_when_records_changed():
    from datetime import date

    assert cordis.changes(payload("cordis/search.json")) == {
        "cordis:101000001": date(2026, 5, 21),
        "cordis-article:460001": date(2026, 3, 3),
    }
    assert cordis.changes(payload("cordis/project.xml")) == {"cordis:101000001": date(2026, 5, 21)}
    assert cordis.changes(b"<html>") == {}


def test_kohesio_table_maps_rows_and_refuses_broken_ones():
    reading = read("kohesio", payload("kohesio/projects.csv"))
    mill, school = reading.documents
    assert mill["published"] == "2024-12-31"
    assert mill["text"] == "A mill that presses reed,\nwith its own power."
    assert mill["funding"] == {"programme": "Saxony 2021-2027", "amount_eu": 500000.5}
    assert mill["organisations"] == [
        {"name": "Rohr GmbH", "country": "DE", "nuts": "DED21", "role": "beneficiary"}
    ]
    assert "organisations" not in school
    assert "language" not in school or school["language"] != "en"
    assert "start date" in reading.rejected[0]
    assert "columns" in reading.rejected[1]


def test_kohesio_api_list_and_detail_agree():
    [listed] = read("kohesio", payload("kohesio/list.json")).documents
    [detail] = read("kohesio", payload("kohesio/detail.json")).documents
    assert listed["id"] == detail["id"] == "kohesio:Q700001"
    assert listed["title"] == detail["title"] == "Reed mill"
    assert [one["name"] for one in detail["organisations"]] == ["Rohr GmbH"]


def test_kohesio_error_is_drift():
    with pytest.raises(SourceDrift, match="Bad request"):
        read("kohesio", b'{"status": 400, "error": "Bad request"}')


def test_keep_maps_a_project():
    [project] = read("keep", payload("keep/project.json")).documents
    assert project["id"] == "keep:29001"
    assert project["text"] == "Two regions share reed harvesters."
    assert project["funding"] == {"programme": "Saxony - Czechia", "amount_eu": 98000.0}
    assert project["organisations"] == [
        {"name": "Stadt Zittau", "country": "DE", "role": "coordinator"},
        {"name": "Obec Hrádek", "country": "CZ", "role": "participant"},
    ]


def test_keep_list_gives_ids_newest_first():
    assert keep.identifiers(payload("keep/list.json")) == ["29002", "29001"]
    assert keep.identifiers(b'{"results": []}') == []
    with pytest.raises(SourceDrift):
        keep.identifiers(b'{"detail": "throttled"}')


def test_keep_open_data_nests_projects_in_programmes():
    nested = [{"title": "Programme X", "projects": [json.loads(payload("keep/project.json"))]}]
    nested[0]["projects"][0].pop("programme")
    [project] = read("keep", json.dumps(nested).encode()).documents
    assert project["funding"]["programme"] == "Programme X"


def test_a_body_that_is_still_gzip_is_refused():
    with pytest.raises(SourceDrift):
        read("cordis", gzip.compress(payload("cordis/search.json")))
