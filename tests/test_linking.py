import pytest

from nlp.linking import linker
from tests.extraction_samples import TECHNOLOGIES, technology


@pytest.fixture(scope="module")
def link():
    known = (*TECHNOLOGIES, technology("electric_vehicle", "autonomous electric vehicle"))
    return linker(known).link


@pytest.mark.parametrize(
    "label",
    ["autonomus electric vehicles", "Autonomous electric-vehicle", "autonomous electrics vehicle"],
)
def test_a_spelling_of_a_known_name_is_linked(link, label):
    concept, cosine = link(label)
    assert concept == "electric_vehicle"
    assert cosine >= 0.85


@pytest.mark.parametrize(
    "label", ["autonomous electric vessel", "electric vehicle", "glass anode", "", "-"]
)
def test_another_thing_is_not_linked(link, label):
    assert link(label) == ("", 0.0)


def test_the_same_name_is_as_close_as_can_be(link):
    assert link("optical fibre")[1] == pytest.approx(1.0)
