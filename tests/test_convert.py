"""Conversion of development data: small files of our own in the layout of the real ones."""

import gzip
import io
import json
from pathlib import Path

import pytest

from benchmarks.convert import SETS, american, convert

FILES = {
    "cordis/projects_fp7_h2020.csv.gz": "source,project_id,acronym,title,objective,start_date,"
    "end_date,ec_signature_date,programme,topics,countries\n"
    "web,101,AC,A project,We build.,2016-02-01,2018-01-31,,H2020,T-1|T-2,DE|EL\n"
    "erc,,AD,Another,We look.,2016-02-01,2018-01-31,,H2020,,\n"
    "erc,,AE,A third,We find.,2016-02-01,2018-01-31,,H2020,,\n",
    "cordis/he_projects_joined.csv.gz": "projectID,topic,topic_title,euroSciVoc,acronym,deliv_text,"
    "title_from_report,call_year\n"
    "102,T-3,Cells,/a/b|/a/c,AC,Data plan,Better cells,2022.0\n103,T-4,,,,,,2022\n",
    "cordis/he_organization.csv.gz": "projectID,name,country,nutsCode,role,order\n"
    "102,Second,UK,UKI3,participant,2\n102,First,EL,bad code,coordinator,1\n",
    "calls/calls_2019_2024_mjarmak.csv": "identifier,title,description,start_date\n"
    "C-1,A call for cells,Expected outcome.,2024-06-27T00:00:00\n",
    "calls/he_topics_2023_workprogramme.csv": "Identifier,Title,Date open,Topic Discription\n"
    "C-1,The same,1/12/2023,Text.\nC-2,Another call,1/12/2023,Text.\n",
    "patents/uspto_sample.csv.gz": "patent_id,abstract,classifications_cpc,publication_date\n"
    "US1,A hook assembly that holds,H01M10/05;B60L,2005-01-04\n",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        content = text.encode()
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return tmp_path


def converted(name: str, data: Path) -> tuple[list[dict], int]:
    stream = io.StringIO()
    _, refused = convert(name, data, stream)
    return [json.loads(line) for line in stream.getvalue().splitlines()], refused


def test_project_starts_when_no_signature_is_known(data):
    [project, *_], refused = converted("projects", data)
    assert (project["published"], project["source"], refused) == ("2016-02-01", "cordis_web", 0)
    assert [topic["code"] for topic in project["topics"]] == ["T-1", "T-2"]


def test_projects_without_a_number_do_not_share_an_id(data):
    projects, _ = converted("projects", data)
    assert len({project["id"] for project in projects}) == 3


def test_horizon_project_has_its_participants_in_order(data, capsys):
    [project], refused = converted("he_projects", data)
    assert refused == 1
    assert "he_projects_joined.csv.gz line 3" in capsys.readouterr().err
    assert [one["name"] for one in project["organisations"]] == ["First", "Second"]
    assert [one["country"] for one in project["organisations"]] == ["GR", "GB"]
    assert project["published"] == "2022-01-01"


def test_call_in_both_collections_is_written_once(data):
    calls, _ = converted("calls", data)
    assert [one["id"] for one in calls] == ["sedia:C-1", "sedia:C-2"]
    assert calls[1]["published"] == "2023-01-12"


def test_patent_has_its_sections(data):
    [patent], _ = converted("patents", data)
    assert [topic["code"] for topic in patent["topics"]] == ["H01M10/05", "B60L"]


def test_american_days():
    assert american("4/13/2023") == "2023-04-13"
    assert set(SETS) == {"projects", "he_projects", "briefs", "reports", "calls", "patents"}
