"""The sample corpus: the truth is planted as promised, and stays the same."""

from collections import Counter

import pytest

from pipelines.demo.corpus import COURSES, WEEKS, as_line, corpus, truth
from pipelines.demo.server import SampleSources, project_number, serve


@pytest.fixture(scope="module")
def samples():
    return corpus()


def test_same_seed_gives_the_same_documents(samples):
    assert corpus() == samples
    assert corpus(seed=7) != samples


def test_size_kinds_and_span_are_as_promised(samples):
    assert 1300 <= len(samples) <= 1700
    assert set(Counter(sample.kind for sample in samples)) == {"project", "publication", "news"}
    assert 76 * 7 <= (samples[-1].published - samples[0].published).days <= WEEKS * 7


def test_planted_courses_are_the_promised_ones():
    planted = Counter(theme["course"] for theme in truth().values())
    assert planted == {"emerging": 3, "hype": 1, "fading": 1, "burst": 1, "flat": 12}
    assert sum(theme["cross_sector"] for theme in truth().values()) == 2
    assert set(planted) == set(COURSES)


def test_hype_lives_in_news_only(samples):
    assert {s.kind for s in samples if s.theme == "virtual_malls"} == {"news"}


def test_ids_and_grant_numbers_are_unique(samples):
    assert len({sample.id for sample in samples}) == len(samples)
    projects = [sample for sample in samples if sample.kind == "project"]
    assert len({project_number(sample) for sample in projects}) == len(projects)


def test_no_line_names_its_theme(samples):
    """The pipeline must find the themes: the truth stays with the generator."""
    assert all("theme" not in as_line(sample) for sample in samples)


def test_server_lists_nothing_from_the_future(samples):
    today = samples[700].published
    assert all(s.published <= today for s in SampleSources(samples, today).of("news"))


def test_server_pages_openalex_with_cursors(samples):
    import json
    from urllib.request import urlopen

    seen, cursor = [], "*"
    with serve(SampleSources(samples, samples[-1].published)) as base:
        while cursor:
            with urlopen(f"{base}/openalex/works?per_page=100&cursor={cursor}") as answer:
                page = json.load(answer)
            seen += [work["id"] for work in page["results"]]
            cursor = page["meta"]["next_cursor"]
    assert len(seen) == len(set(seen)) == sum(s.kind == "publication" for s in samples)
