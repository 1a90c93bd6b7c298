"""Press Corner, SEDIA, TED and EPO: fields, traps and errors."""

import json

import pytest

from config.errors import SourceDrift
from crawlers.readers import press_corner
from tests.reading import payload, read


def test_press_corner_list_gives_teasers_and_the_next_page():
    reading = read("press_corner", payload("press_corner/search.json"))
    [teaser] = reading.documents
    assert (reading.total, reading.next) == (102, "2")
    assert teaser["id"] == "presscorner:IP/26/301"
    assert teaser["url"] == "https://ec.europa.eu/commission/presscorner/detail/en/ip_26_301"
    assert press_corner.reference_of(teaser["id"]) == "IP/26/301"
    assert "SPEECH/26/9: eventDate: no date" in reading.rejected[0]


def test_press_corner_document_has_the_text_and_the_day_it_was_posted():
    [document] = read("press_corner", payload("press_corner/document.json")).documents
    assert document["id"] == "presscorner:IP/26/301"
    assert document["text"] == "Heading\nFirst paragraph & more."
    assert (document["published"], document["available"]) == ("2026-01-20", "2026-01-21")
    assert ("eu_policy", "RESEARCH") in [(t["scheme"], t["code"]) for t in document["topics"]]


def test_press_corner_without_its_list_is_drift():
    with pytest.raises(SourceDrift, match="docuLanguageListResources"):
        read("press_corner", b'{"totalNumber": 3, "docuLanguageListResources": null}')
    with pytest.raises(SourceDrift, match="empty answer"):
        read("press_corner", b"")


def test_sedia_search_maps_a_forthcoming_call():
    reading = read("sedia", payload("sedia/search.json"))
    call, other = reading.documents
    assert (reading.total, reading.next) == (204, "2")
    assert call["id"] == "sedia:HORIZON-CL5-2027-07-D3-16"
    assert call["published"] == "2026-09-01"
    assert call["text"] == "Expected Outcome: lines that press reed.\nScope: wetlands."
    assert call["keywords"] == ["reed", "pilot line"]
    assert call["funding"] == {"programme": "HORIZON", "amount_eu": 18000000.0}
    assert other["id"] == "sedia:LIFE-2026-REED:de"
    assert other["published"] == "2026-02-01"
    assert "identifier is missing" in reading.rejected[0]


def test_sedia_topic_details_state_the_day_of_publication_in_brussels():
    [call] = read("sedia", payload("sedia/topic.json")).documents
    assert call["published"] == "2024-04-18"
    assert call["funding"] == {"programme": "HORIZON", "amount_eu": 18000000.0}


def test_sedia_planned_day_stands_in_for_a_missing_day_of_publication():
    found = json.loads(payload("sedia/topic.json"))
    del found["TopicDetails"]["publicationDateLong"]
    [call] = read("sedia", json.dumps(found).encode()).documents
    assert call["published"] == "2024-07-11"


def sedia_hit(**metadata):
    hit = {"reference": "1", "language": "en", "metadata": metadata}
    return json.dumps({"totalResults": 1, "pageSize": 100, "results": [hit]}).encode()


def test_sedia_tender_is_a_tender_with_its_buyer_and_page():
    body = sedia_hit(
        type=["0"],
        cftId=["777"],
        identifier=["EC-DGX/2026/OP/0007"],
        title=["Mowing of reed around a building"],
        startDate=["2026-09-01T00:00:00.000+0000"],
        mainCpv=["77310000"],
        cftLeadContractingAuthorityCode=["European Commission, DG X"],
    )
    [tender] = read("sedia", body).documents
    assert tender["kind"] == "tender"
    assert tender["url"].endswith("/tender-details/777")
    assert tender["organisations"] == [{"name": "European Commission, DG X", "role": "buyer"}]
    assert ("cpv", "77310000") in [(t["scheme"], t["code"]) for t in tender["topics"]]


def test_sedia_funded_project_is_a_project():
    body = sedia_hit(
        projectId=["101000001"],
        acronym=["REEDCELL"],
        title=["Sodium cells from reed"],
        startDate=["2026-06-01T00:00:00.000+0000"],
        euContributionAmount=["1500000.5"],
        legalEntityNames=["Rohr GmbH", "Fenland Carbon Ltd"],
        countries=["DE", "UK"],
        topicAbbreviation=["HORIZON-CL5-2025-D2-01-07"],
    )
    [project] = read("sedia", body).documents
    assert (project["id"], project["kind"]) == ("sedia-project:101000001", "project")
    assert [one["country"] for one in project["organisations"]] == ["DE", "GB"]
    assert project["funding"] == {"amount_eu": 1500000.5}


def test_sedia_budget_alone_is_refused():
    with pytest.raises(SourceDrift, match="budget overview"):
        read("sedia", b'{"budgetTopicActionMap": {}}')


def test_ted_search_prefers_english_and_sums_euros():
    reading = read("ted", payload("ted/search.json"))
    [notice] = reading.documents
    assert (reading.total, reading.next) == (250, "tok")
    assert notice["title"] == "Germany - Research services - Reed"
    assert notice["text"] == "Mähen von Schilf"
    assert notice["published"] == "2026-09-25"
    assert notice["funding"] == {"amount_eu": 150000.0}
    assert notice["organisations"] == [{"name": "Stadt Beispiel", "country": "DE", "role": "buyer"}]
    assert [t["code"] for t in notice["topics"]] == ["73000000", "DE300"]
    assert "419819-2026: publication-date: no date" in reading.rejected[0]


def test_ted_partial_answer_is_drift():
    with pytest.raises(SourceDrift, match="partial"):
        read("ted", b'{"notices": [], "totalNoticeCount": 3, "timedOut": true}')
    with pytest.raises(SourceDrift, match="Unknown field"):
        read("ted", b'{"message": "Unknown field: x", "error": {"type": "QUERY"}}')


def test_ted_token_after_the_last_notice_is_the_end():
    body = b'{"notices": [], "totalNoticeCount": 250, "iterationNextToken": "tok"}'
    assert read("ted", body).next is None


def test_ted_eform_maps_lots_buyers_and_publication():
    [notice] = read("ted", payload("ted/notice.xml")).documents
    assert notice["id"] == "ted:419818-2026"
    assert notice["published"] == "2026-09-25"
    assert notice["language"] == "de"
    assert notice["title"] == "Schilf mähen"
    assert notice["text"] == "Mähen und Pressen.\nNur am Ufer.\nLos 1: Ufer"
    assert notice["organisations"] == [
        {"name": "Stadt Beispiel", "country": "DE", "nuts": "DED21", "role": "buyer"}
    ]
    assert notice["funding"] == {"amount_eu": 150000.0}


def test_epo_reads_one_patent_per_family():
    reading = read("epo", payload("epo/search.xml"))
    [patent] = reading.documents
    assert (reading.total, reading.next) == (150, "4")
    assert patent["id"] == "epo:9000001"
    assert patent["title"] == "Cell made of reed"
    assert patent["published"] == "2026-09-15"
    assert patent["organisations"] == [{"name": "ROHR GMBH", "country": "DE", "role": "applicant"}]
    assert [(t["scheme"], t["code"]) for t in patent["topics"]] == [
        ("ipc", "H01M 10/0562"),
        ("cpc", "C01B 32/05"),
    ]
    assert any("family" in reason for reason in reading.rejected)


def test_epo_no_results_is_an_answer_and_other_faults_are_not():
    assert read("epo", payload("epo/fault.xml")).total == 0
    body = payload("epo/fault.xml").replace(b"No results found", b"Quota exceeded")
    with pytest.raises(SourceDrift, match="Quota exceeded"):
        read("epo", body)
