"""The main job on the sample sources, judged by the truth that was planted in them."""

import json
import sqlite3
from collections import Counter

import pytest

from config.errors import UsageError
from config.loader import load_configuration
from pipelines.demo.corpus import END, corpus, truth
from pipelines.demo.run import run_demo
from pipelines.demo.server import project_number

# What the two cross-sector themes are about, in the words of the regions.
EXPECTED = {"mycelium_panels": "SI0-P3", "smart_garments": "FRE-P5"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One whole demo run, and its data folder."""
    data = tmp_path_factory.mktemp("demo") / "data"
    return data, run_demo(data, load_configuration())


@pytest.fixture(scope="module")
def judged(demo):
    """For each planted theme, what the run says about the theme that holds most of it."""
    data, _ = demo
    db = sqlite3.connect(data / "trendscout.db")
    planted = {sample.title + sample.text[:40]: sample.theme for sample in corpus()}
    found: dict[str, dict] = {}
    rows = db.execute("SELECT theme, class, detail FROM signals WHERE week = ?", [END]).fetchall()
    for theme, name, detail in rows:
        documents = db.execute(
            "SELECT title || substr(text, 1, 40) FROM documents WHERE id IN "
            "(SELECT document FROM theme_documents WHERE theme = ?)",
            [theme],
        )
        members = Counter(planted[text] for (text,) in documents)
        about, held = members.most_common(1)[0]
        found[about] = {
            "theme": theme,
            "class": name,
            "purity": held / members.total(),
            "cross": json.loads(detail)["cross_sector"]["flagged"],
            "priorities": {
                row[0]
                for row in db.execute(
                    "SELECT priority FROM matches WHERE theme = ? AND week = ?", [theme, END]
                )
            },
        }
    db.close()
    return found


def planted(course):
    return [name for name, theme in truth().items() if theme["course"] == course]


def test_every_planted_theme_is_found(judged):
    assert set(truth()) <= set(judged)
    assert min(judged[name]["purity"] for name in truth()) >= 0.8


@pytest.mark.parametrize("name", planted("emerging"))
def test_emerging_theme_is_flagged(judged, name):
    assert judged[name]["class"] == "emerging"


@pytest.mark.parametrize("name", planted("flat"))
def test_flat_theme_is_not_flagged(judged, name):
    assert judged[name]["class"] == "none"


def test_hype_is_named_as_such(judged):
    assert judged["virtual_malls"]["class"] == "hype"


def test_fading_is_named_as_such(judged):
    assert judged["city_guides"]["class"] == "fading"


def test_burst_is_not_taken_for_growth(judged):
    assert judged["ash_engines"]["class"] not in {"emerging", "weak_signal"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_cross_sector_theme_crosses_and_meets_its_priority(judged, name):
    assert judged[name]["cross"]
    assert EXPECTED[name] in judged[name]["priorities"]


def test_theme_within_one_sector_does_not_cross(judged):
    assert not judged["silicon_carbide"]["cross"]


def test_every_served_document_is_stored_once(demo):
    db = sqlite3.connect(demo[0] / "trendscout.db")
    stored = Counter(row[0] for row in db.execute("SELECT kind FROM documents"))
    db.close()
    assert stored == Counter(sample.kind for sample in corpus())


def test_projects_keep_their_grant_numbers(demo):
    db = sqlite3.connect(demo[0] / "trendscout.db")
    stored = {row[0] for row in db.execute("SELECT id FROM documents WHERE kind = 'project'")}
    db.close()
    assert stored == {f"cordis:{project_number(s)}" for s in corpus() if s.kind == "project"}


def test_demo_says_what_it_found(demo):
    _, found = demo
    assert found.report.is_file()
    assert found.lines[0].startswith("Read ")
    assert "silicon carbide" in found.lines[1]


def test_demo_leaves_foreign_folders_alone(tmp_path):
    (tmp_path / "trendscout.db").write_text("somebody's data", encoding="utf-8")
    with pytest.raises(UsageError, match="not from a demo"):
        run_demo(tmp_path, load_configuration())
    assert (tmp_path / "trendscout.db").read_text(encoding="utf-8") == "somebody's data"
