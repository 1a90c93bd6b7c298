"""OpenAlex, arXiv, Europe PMC, Crossref and OpenAIRE: fields, traps and errors."""

import json

import pytest

from config.errors import SourceDrift
from crawlers.items import author_keys
from tests.reading import payload, read


def test_openalex_maps_a_work():
    reading = read("openalex", payload("openalex/works.json"))
    work = reading.documents[0]
    assert (reading.total, reading.next) == (4, "IlsxNzg5Il0=")
    assert work["id"] == "openalex:W7000000001"
    assert work["title"] == "Hard carbon from Phragmites"
    assert work["text"] == "Reed gives hard carbon; Reed pays."
    assert (work["published"], work["available"]) == ("2026-09-23", "2026-10-01")
    assert work["organisations"] == [
        {"name": "Example University", "country": "FR", "role": "author"},
        {"name": "Reed Start-up GmbH", "country": "DE", "role": "affiliation"},
    ]
    assert work["author_keys"] == author_keys(["Ana Person", "Bo Other"])
    assert ("grant", "101000001") in [(t["scheme"], t["code"]) for t in work["topics"]]


def test_openalex_old_work_was_available_when_it_was_published():
    work = read("openalex", payload("openalex/works.json")).documents[1]
    assert work["published"] == work["available"] == "2016-01-05"
    assert work["text"] == ""


def test_openalex_says_why_works_are_refused():
    undated, retracted = read("openalex", payload("openalex/works.json")).rejected
    assert "W7000000003: publication_date: no date" in undated
    assert "W7000000004: retracted" in retracted


def test_openalex_single_work_is_read():
    work = json.loads(payload("openalex/works.json"))["results"][0]
    assert len(read("openalex", json.dumps(work).encode()).documents) == 1


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [("A5", "author"), ("T5", "topic"), ("S5", "source"), ("keywords/reed", "keyword")],
)
def test_openalex_other_entities_are_no_works(identifier, kind):
    body = json.dumps({"id": f"https://openalex.org/{identifier}", "display_name": "x"}).encode()
    with pytest.raises(SourceDrift, match=f"an OpenAlex {kind}, not a work"):
        read("openalex", body)


def test_openalex_error_envelope_is_told():
    with pytest.raises(SourceDrift, match="Unknown filter field"):
        read("openalex", b'{"error": "Invalid filter", "message": "Unknown filter field x"}')


def test_openalex_last_page_of_a_cursor_may_be_empty():
    body = b'{"meta": {"count": 9, "next_cursor": null}, "results": []}'
    assert read("openalex", body, url="https://x/works?cursor=abc").documents == []
    with pytest.raises(SourceDrift, match="9 hits"):
        read("openalex", body, url="https://x/works?cursor=%2A")


def test_arxiv_atom_maps_entries():
    reading = read("arxiv", payload("arxiv/atom.xml"))
    paper, old = reading.documents
    assert (reading.total, reading.next) == (120, "3")
    assert paper["id"] == "arxiv:2609.10001"
    assert paper["title"] == "Grippers that feel reed"
    assert paper["url"] == "https://arxiv.org/abs/2609.10001"
    assert [topic["code"] for topic in paper["topics"]] == ["cs.RO", "cs.CV"]
    assert paper["organisations"][0]["country"] == "FR"
    assert paper["author_keys"] == author_keys(["José Ñandú"])
    assert old["id"] == "arxiv:quant-ph/0201082"
    assert "not-arxiv" in reading.rejected[0]


def test_arxiv_error_entry_with_status_200_is_drift():
    with pytest.raises(SourceDrift, match="start must be an integer"):
        read("arxiv", payload("arxiv/error.xml"))


def test_arxiv_empty_page_in_the_middle_is_drift_and_no_results_are_not():
    feed = (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
        b"<o:totalResults>%d</o:totalResults><o:startIndex>200</o:startIndex></feed>"
    )
    with pytest.raises(SourceDrift, match="empty page at 200 of 900"):
        read("arxiv", feed % 900)
    assert read("arxiv", feed % 0).documents == []


def test_arxiv_feed_keeps_new_papers_and_counts_replacements():
    reading = read("arxiv", payload("arxiv/rss.xml"))
    [paper] = reading.documents
    assert paper["text"] == "A soft gripper sorts reed."
    assert paper["published"] == "2026-10-01"
    assert len(paper["author_keys"]) == 2
    assert reading.rejected == ["1 announced as replace: not new"]


def test_arxiv_oai_reads_formats_and_resumes():
    reading = read("arxiv", payload("arxiv/oai.xml"))
    assert [paper["published"] for paper in reading.documents] == ["2026-09-30", "2026-09-29"]
    assert len(reading.documents[1]["author_keys"]) == 2
    assert reading.next == "6511983|1001"
    assert reading.rejected == ["1 marked as deleted"]


def test_arxiv_oai_errors():
    body = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="%s"/></OAI-PMH>'
    assert read("arxiv", body % b"noRecordsMatch").total == 0
    with pytest.raises(SourceDrift, match="badResumptionToken"):
        read("arxiv", body % b"badResumptionToken")


def test_europepmc_maps_a_paper():
    reading = read("europepmc", payload("europepmc/search.json"))
    paper, preprint = reading.documents
    assert (reading.total, reading.next) == (52, "AoIIQH")
    assert paper["id"] == "europepmc:MED/40000001"
    assert paper["text"] == "Background\nFibres matter.\nResults\nThey help."
    assert paper["language"] == "en"
    assert (paper["published"], paper["available"]) == ("2026-09-15", "2026-09-16")
    assert paper["organisations"] == [
        {"name": "Example University", "country": "FR", "role": "author"},
        {"name": "REED Study Group", "role": "author"},
    ]
    assert preprint["id"] == "europepmc:PPR/PPR900001"
    assert "id: missing" in reading.rejected[0]


def test_europepmc_xml_and_full_text_read_like_json():
    [searched] = read("europepmc", payload("europepmc/search.xml")).documents
    [full] = read("europepmc", payload("europepmc/jats.xml")).documents
    assert searched["id"] == full["id"] == "europepmc:MED/40000001"
    assert searched["published"] == full["published"] == "2026-09-15"
    assert full["title"] == "Reed fibres calm the gut"
    assert full["text"] == "Background\nFibres matter."


def test_europepmc_error_with_status_200_is_drift():
    with pytest.raises(SourceDrift, match="404: Invalid page size"):
        read("europepmc", b'{"errCode": 404, "errMsg": "Invalid page size provided"}')


def test_europepmc_last_page_is_empty_and_the_first_may_not_be():
    body = '{"hitCount": 9, "request": {"cursorMark": "%s"}, "resultList": {"result": []}}'
    assert read("europepmc", (body % "AoII").encode()).next is None
    with pytest.raises(SourceDrift, match="9 hits"):
        read("europepmc", (body % "*").encode())


def test_europepmc_mark_that_leads_to_itself_is_the_end():
    found = json.loads(payload("europepmc/search.json"))
    found["request"]["cursorMark"] = found["nextCursorMark"]
    assert read("europepmc", json.dumps(found).encode()).next is None


def test_europepmc_table_of_literals_is_read_without_running_it():
    good = str(json.loads(payload("europepmc/search.json"))["resultList"]["result"][0])
    rows = ["key,full", '1,"' + good.replace('"', '""') + '"', '2,"__import__(""os"").getcwd()"']
    reading = read("europepmc", "\n".join(rows).encode())
    assert len(reading.documents) == 1
    assert "full: not a record" in reading.rejected[0]


def test_crossref_maps_a_work():
    reading = read("crossref", payload("crossref/works.json"))
    work = reading.documents[0]
    assert (reading.total, reading.next) == (40, "DnF1ZXJ5")
    assert work["id"] == "doi:10.5555/reed.3"
    assert work["title"] == "Weaving & bonding reed"
    assert work["text"] == "First paragraph.\nSecond <5 mm."
    assert [one["name"] for one in work["organisations"]] == [
        "Example University",
        "The Reed Consortium",
    ]


def test_crossref_month_takes_the_day_the_doi_was_made():
    first, posted, old = read("crossref", payload("crossref/works.json")).documents
    assert first["published"] == "2026-06-11"
    assert posted["published"] == "2026-06-12"
    assert old["published"] == old["available"] == "1987-03-04"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([2026], "2026-06-11"),
        ([2025], "2025-01-01"),
        ([2026, 6, 9], "2026-06-09"),
        ([2026, 12], "2026-06-11"),
        ([2026, 12, 1], "2026-06-11"),
        ([2026, 5], "2026-05-01"),
    ],
)
def test_crossref_dates_are_days_that_were_real(stated, expected):
    work = {
        "DOI": "10.5555/x",
        "title": ["A title of more than twenty letters"],
        "published": {"date-parts": [stated]},
        "created": {"date-parts": [[2026, 6, 11]]},
    }
    body = json.dumps({"status": "ok", "message-type": "work", "message": work}).encode()
    assert read("crossref", body).documents[0]["published"] == expected


def test_crossref_failure_is_told():
    with pytest.raises(SourceDrift, match="does not support sort"):
        read("crossref", payload("crossref/failed.json"))


def test_crossref_cursor_ends_with_a_page_that_is_not_full():
    found = json.loads(payload("crossref/works.json"))
    found["message"]["items"].pop()
    assert read("crossref", json.dumps(found).encode()).next is None


def test_crossref_other_lists_are_no_works():
    body = b'{"status": "ok", "message-type": "journal-list", "message": {"items": []}}'
    with pytest.raises(SourceDrift, match="journal-list"):
        read("crossref", body)


def test_openaire_maps_a_product():
    reading = read("openaire", payload("openaire/products.json"))
    [product] = reading.documents
    assert (reading.total, reading.next) == (3, "AoE1")
    assert product["id"] == "openaire:doi_dedup___::01"
    assert product["text"] == "Reed thatch slows fire when it is pressed."
    assert product["url"] == "https://doi.org/10.5555/reed.7"
    assert product["keywords"] == ["thatch"]
    assert [one["name"] for one in product["organisations"]] == ["Example University"]
    assert [(t["scheme"], t["code"]) for t in product["topics"]] == [
        ("fos", "0201 civil engineering"),
        ("grant", "101000001"),
        ("country", "FR"),
    ]


def test_openaire_maps_a_project():
    [project] = read("openaire", payload("openaire/projects.json")).documents
    assert project["kind"] == "project"
    assert project["funding"] == {"programme": "EC::HE::HORIZON-RIA", "amount_eu": 1500000.0}
    assert project["organisations"] == [
        {"name": "Fenland Carbon Ltd", "country": "GB", "role": "participant"}
    ]


def test_openaire_older_api_reads_in_xml_and_json():
    [roof] = read("openaire", payload("openaire/record.xml")).documents
    assert roof["title"] == "Old roofs, new reed"
    assert roof["organisations"] == [{"name": "Reed Institute", "country": "GR", "role": "author"}]
    assert "language" not in roof or roof["language"] != "und"
    fish, pond = read("openaire", payload("openaire/legacy.json")).documents
    assert (fish["kind"], pond["kind"]) == ("publication", "project")
    assert pond["funding"] == {"programme": "H2020"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": "Research product not found", "error": "Not Found", "code": 404}',
        b'{"error": "Token invalid"}',
        b'{"error": "Too many requests"}',
    ],
)
def test_openaire_error_envelopes_are_drift(body):
    with pytest.raises(SourceDrift, match="OpenAIRE says"):
        read("openaire", body)
