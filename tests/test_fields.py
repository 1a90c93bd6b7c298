import gzip

import numpy as np
import pytest

from benchmarks import field_texts as texts
from benchmarks.fields import HEADS, fitted, head, named, one_each, several

IPC = "field_nr,sector,field_name,ipc\n8,E,Semiconductors,H01L%\n10,I,Measurement,G01N  33%\n"
PATENTS = """patent_id,abstract,classifications_cpc,publication_date
p1,A wafer is etched in two steps.,Y02E10/50;H01L21/31,2014-01-07
p2,Blood is drawn into a strip.,G01N33/50,2014-01-07
p3,A chair folds.,A47C4/00,2014-01-07
p4,A lamp.,,2014-01-07
"""
PROJECTS = """projectID,topic_title,euroSciVoc,deliv_text
7,Cheaper sensors,/natural sciences/physical sciences/optics|/humanities/arts,A plan for data.
8,Starting grants,/natural sciences/mathematics,
9,Clean rivers,,A report on rivers.
"""


@pytest.fixture
def data(tmp_path):
    for name, content in (
        ("taxonomies/ipc_technology.csv", IPC),
        ("patents/uspto_sample.csv.gz", PATENTS),
        ("cordis/he_projects_joined.csv.gz", PROJECTS),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        raw = content.encode()
        path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return tmp_path


def test_a_patent_has_the_field_of_its_first_code_that_has_one(data):
    found = {one.id: one.fields for one in texts.patents(data)}
    assert found == {"p1": {"Semiconductors"}, "p2": {"Measurement"}}


def test_a_project_has_fields_of_the_second_level_and_needs_deliverables(data):
    [found] = texts.projects(data)
    assert found.id == "7"
    assert found.fields == {"natural sciences/physical sciences", "humanities/arts"}
    assert found.text == "Cheaper sensors. A plan for data."


def test_a_main_group_comes_before_its_subclass():
    fields = {("G01N", "33"): "Biology", ("G01N", ""): "Measurement"}
    assert texts.field_of("G01N33/50", fields) == "Biology"
    assert texts.field_of("G01N 1/00", fields) == "Measurement"
    assert texts.field_of("Y02E10/50", fields) == ""


def test_one_text_in_five_is_held_out_whatever_the_folder():
    held = [texts.Filed(f"US{n}", "", frozenset()).held_out for n in range(5000)]
    assert 0.18 < sum(held) / len(held) < 0.22
    assert [n for n in range(12) if held[n]] == [5, 7]


def test_the_best_field_is_always_given():
    scores = np.array([[0.9, 0.8, 0.1], [0.2, 0.1, 0.0]])
    assert one_each(scores, "abc") == [{"a"}, {"a"}]
    assert several(scores, "abc", 0.5) == [{"a", "b"}, {"a"}]


def test_the_threshold_is_the_one_that_fits():
    scores = np.array([[0.9, 0.8, 0.1, 0.1], [0.2, 0.85, 0.1, 0.3]])
    least = fitted(scores, "abcd", [frozenset("ab"), frozenset("b")])
    assert several(scores, "abcd", least) == [{"a", "b"}, {"b"}]


def test_names_of_concepts_are_found_as_whole_words():
    names = [("physics", "optics"), ("arts", "music")]
    assert named(["Fibre Optics and musical toys"], names) == [{"physics"}]


@pytest.mark.parametrize(("name", "least"), [("patents", 30), ("projects", 30)])
def test_the_learnt_heads_fit_the_vectors_of_the_embedder(name, least):
    found = head(name)
    assert found.weights.shape == (384, len(found.fields))
    assert found.bias.shape == (len(found.fields),)
    assert len(set(found.fields)) == len(found.fields) >= least
    assert np.isfinite(found.odds(np.eye(384)[:3])).all()
    assert (HEADS / f"{name}.npz").stat().st_size < 100_000
