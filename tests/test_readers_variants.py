"""Answers in shapes that an API gave once, gives elsewhere, or gives when asked differently."""

import csv
import io
import json

import pytest

from config.errors import SourceDrift
from tests.reading import payload, read

TITLE = "Solid state batteries for cold valleys"


def body(value):
    return json.dumps(value).encode()


def only(name, value, url=""):
    [document] = read(name, value if isinstance(value, bytes) else body(value), url).documents
    return document


# --- CORDIS ------------------------------------------------------------------------

FLAT = {
    "id": "101000009", "acronym": "COLD", "title": TITLE, "objective": "We make cells.",
    "ecSignatureDate": "2026-05-16", "startDate": "2026-06-01", "ecMaxContribution": "2073781,25",
    "frameworkProgramme": "HORIZON", "keywords": "cells, cold",
}  # fmt: skip


def test_cordis_bulk_projects_are_a_list_of_flat_objects():
    document = only("cordis", [FLAT])
    assert (document["id"], document["published"]) == ("cordis:101000009", "2026-05-16")
    assert document["funding"] == {"programme": "HORIZON", "amount_eu": 2073781.25}


def test_cordis_hits_may_stand_beside_or_below_the_header():
    hits = {"hit": {"project": FLAT}}
    header = {"totalHits": "1", "numHits": "1"}
    beside = only("cordis", {"result": {"header": header}, "hits": hits})
    assert only("cordis", {"result": {"header": header, "hits": hits}}) == beside


@pytest.mark.parametrize("field", ["contentUpdateDate", "sourceUpdateDate", "lastUpdateDate"])
def test_cordis_records_without_other_days_have_the_day_they_changed(field):
    project = {"id": "9", "title": TITLE, "objective": "Text", field: "2026-05-21 17:08:40"}
    article = {"rcn": "9", "title": TITLE, "body": "Text", field: "2026-05-21 17:08:40"}
    assert only("cordis", {"project": project})["published"] == "2026-05-21"
    assert only("cordis", {"article": article})["published"] == "2026-05-21"


def test_cordis_programmes_are_no_documents():
    programme = (
        b"<programme><id>705727</id><title>A work programme of some years</title></programme>"
    )
    with pytest.raises(SourceDrift, match="a CORDIS programme is not a document"):
        read("cordis", programme)


# --- publications ------------------------------------------------------------------

WORK = {
    "id": "https://openalex.org/W1", "display_name": TITLE, "publication_date": "2026-09-23",
    "primary_location": None, "primary_topic": None, "topics": None, "keywords": None,
}  # fmt: skip


def test_openalex_fields_may_be_null_or_of_another_age():
    old = {
        "abstract_inverted_index": None,
        "abstract": "Plain words of an abstract.",
        "keywords": [{"keyword": "cells", "score": 0.5}, "cold"],
        "concepts": [{"id": "https://openalex.org/C1", "display_name": "Battery"}],
        "authorships": [
            {"author": None, "institutions": [], "raw_affiliation_strings": ["Example GmbH, Jena"]}
        ],
    }
    document = only("openalex", WORK | old)
    assert document["text"] == "Plain words of an abstract."
    assert document["keywords"] == ["cells", "cold"]
    assert document["topics"] == [{"scheme": "openalex", "code": "C1", "label": "Battery"}]
    assert [one["name"] for one in document["organisations"]] == ["Example GmbH"]
    assert only("openalex", WORK)["published"] == "2026-09-23"


def test_openalex_counts_of_groups_are_no_works():
    groups = {"meta": {"count": 9}, "results": [], "group_by": [{"key": "2026", "count": 9}]}
    with pytest.raises(SourceDrift, match="counts of groups"):
        read("openalex", body(groups))


CSL = {
    "DOI": "10.1000/XYZ", "title": TITLE, "type": "article-journal", "container-title": "Journal",
    "issued": {"date-parts": [["2026", 6]]}, "author": [{"literal": "A group"}],
}  # fmt: skip


def test_crossref_works_come_without_an_envelope_from_the_resolver():
    document = only("crossref", CSL)
    assert (document["id"], document["published"]) == ("doi:10.1000/xyz", "2026-06-01")
    assert only("crossref", [CSL]) == document


def test_crossref_titles_lose_the_faces_of_their_letters():
    faced = "<scp>Treebase</scp>: an <ovl>R</ovl> package where a<b is not markup"
    title = only("crossref", CSL | {"title": [faced]})["title"]
    assert title == "Treebase: an R package where a<b is not markup"


def test_crossref_names_what_is_no_record():
    with pytest.raises(SourceDrift, match="a record was expected, not str"):
        read("crossref", body({"status": "ok", "message": {"items": ["10.1000/xyz"]}}))


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        ({"pubYear": "2026"}, "2026-01-01"),
        ({"pubYear": "2026", "firstIndexDate": "2026-09-16"}, "2026-09-16"),
        ({"pubYear": "2025", "firstIndexDate": "2026-01-02"}, "2026-01-02"),
        ({"pubYear": "1990", "firstIndexDate": "2026-09-16"}, "1990-01-01"),
        ({"firstIndexDate": "2026-09-16"}, "2026-09-16"),
        ({"journalInfo": {"yearOfPublication": 2026}}, "2026-01-01"),
    ],
)
def test_europepmc_dates_a_paper_by_the_best_it_says(dates, published):
    """Results of type `lite` have few fields."""
    paper = {"id": "1", "source": "PPR", "title": TITLE, "authorString": "Person A.", **dates}
    found = {"hitCount": 1, "resultList": {"result": [paper]}}
    assert only("europepmc", found)["published"] == published


def test_europepmc_full_texts_may_come_as_a_set():
    article = payload("europepmc/jats.xml")
    article = article[article.index(b"<article") :]
    several = b"<pmc-articleset>" + article + b"</pmc-articleset>"
    assert read("europepmc", several).documents == read("europepmc", article).documents


def test_openaire_dumps_spell_fields_in_lower_case_and_singular():
    product = {
        "id": "doi::1", "type": "publication", "maintitle": TITLE, "description": ["Text"],
        "author": [{"fullname": "Person, Ana", "rank": 1}], "publicationdate": None,
        "language": {"code": "eng"}, "country": [{"code": "FR"}],
        "instance": [{"publicationdate": "2026-09-01", "url": ["https://repo.example/1"],
                      "pid": [{"scheme": "doi", "value": "10.1000/XYZ"}]}],
    }  # fmt: skip
    document = only("openaire", product)
    assert (document["published"], document["language"]) == ("2026-09-01", "en")
    assert document["url"] == "https://doi.org/10.1000/xyz"
    assert len(document["author_keys"]) == 1


def test_openaire_record_without_any_date_is_refused():
    """The day it was collected may lie years after it was published."""
    product = {"id": "doi::1", "mainTitle": TITLE, "dateOfCollection": "2026-09-01"}
    with pytest.raises(SourceDrift, match="publicationDate: no date"):
        read("openaire", body({"results": [product]}))


OAI = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord><record><header>'
    "<identifier>oai:arXiv.org:math.GT/0309136</identifier><datestamp>2008-01-01</datestamp>"
    "</header><metadata>{}</metadata></record></GetRecord></OAI-PMH>"
)


@pytest.mark.parametrize(
    "metadata",
    [
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{TITLE}</dc:title>'
        "<dc:creator>Person, Ana</dc:creator><dc:subject>Topology</dc:subject>"
        "<dc:description>Text.</dc:description><dc:description>Comment: 9 pages</dc:description>"
        "<dc:date>2004-02-02</dc:date><dc:date>2003-09-08</dc:date></oai_dc:dc>",
        f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>math/0309136</id><title>{TITLE}'
        '</title><version version="v2"><date>Mon, 2 Feb 2004 10:00:00 GMT</date></version>'
        '<version version="v1"><date>Mon, 8 Sep 2003 10:00:00 GMT</date></version>'
        "<categories>math.GT</categories><abstract>Text.</abstract></arXivRaw>",
    ],
)
def test_arxiv_oai_formats_agree_on_the_first_day(metadata):
    document = only("arxiv", OAI.format(metadata).encode())
    assert (document["published"], document["text"]) == ("2003-09-08", "Text.")


# --- demand and patents ------------------------------------------------------------


def test_ted_fields_may_come_under_their_short_names():
    notice = {
        "ND": "419818-2026", "PD": "2026-09-25+02:00", "TI": {"ENG": TITLE},
        "AU": {"DEU": ["Stadt Beispiel"]}, "CY": ["DEU"], "PC": ["73000000"],
    }  # fmt: skip
    document = only("ted", {"notices": [notice], "totalNoticeCount": 1})
    assert (document["id"], document["published"]) == ("ted:419818-2026", "2026-09-25")
    assert document["title"] == TITLE
    assert document["organisations"] == [
        {"name": "Stadt Beispiel", "country": "DE", "role": "buyer"}
    ]


def test_ted_registration_of_a_business_is_no_procurement():
    with pytest.raises(SourceDrift, match="no procurement"):
        read("ted", b"<BusinessRegistrationInformationNotice/>")


def as_json(element):
    """OPS's rendering: `@` before attributes, `$` for text, one thing or a list of them."""
    found = {f"@{name}": value for name, value in element.attrib.items()}
    if text := (element.text or "").strip():
        found["$"] = text
    for child in element:
        name = f"ops:{child.tag.rpartition('}')[2]}"
        value = as_json(child)
        if name in found:
            value = [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
        found[name] = value
    return found


def test_epo_json_reads_like_its_xml():
    from lxml import etree

    xml = payload("epo/search.xml")
    rendered = {"ops:world-patent-data": as_json(etree.fromstring(xml))}
    assert read("epo", body(rendered)) == read("epo", xml)


@pytest.mark.parametrize("value", [{"a b": "x"}, {"a": {"@": "x"}}, {"a": "\x00"}, []])
def test_epo_json_that_is_none_is_refused(value):
    with pytest.raises(SourceDrift):
        read("epo", body(value))


def test_kohesio_table_is_read_whatever_parts_its_cells():
    text = payload("kohesio/projects.csv").decode()
    rows = list(csv.reader(io.StringIO(text)))
    other = io.StringIO()
    csv.writer(other, delimiter=";").writerows(rows)
    found = read("kohesio", other.getvalue().encode())
    assert found.documents == read("kohesio", text.encode()).documents
