"""A document that turns out to be a duplicate counts until then, and its place passes on."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from config.loader import load_configuration
from config.weeks import first_day, last_day, shift
from nlp.embed import configured_name
from nlp.extraction import extractor_name
from pipelines.analysis import Analysis
from pipelines.enrich import enrich
from pipelines.signals import signals
from pipelines.store import open_store
from pipelines.store.duplicates import OPEN, Place, gaps, keep_places, leader, places_of
from pipelines.store.embeddings import save_embeddings
from pipelines.store.exports import members_of_week
from pipelines.store.reports import count_between, states_of_week, theme_evidence
from pipelines.themes import themes
from tests.extraction_samples import bridged
from tests.test_theme_stage import START, direction, document, fill

CONFIGURATION = load_configuration()
MODEL = configured_name(CONFIGURATION.settings.embedding)
WEEKS = [shift(START, 50 + step) for step in range(5)]  # a quarter's fit is in the third


@pytest.fixture
def opened(tmp_path):
    """Opens stores with three themes, in which only what is added later is left to enrich."""
    stores = []

    def store(name="store"):
        db = open_store(tmp_path / name)
        stores.append(db)
        fill(db, MODEL, weeks=56)
        db.execute(
            "INSERT INTO enrichments (document, text_key, model) SELECT id, text_key, ? "
            "FROM documents",
            [extractor_name(CONFIGURATION)],
        )
        return db

    yield store
    for db in stores:
        db.close()


def add(db, name, text, week, *, days=0, theme="bees"):
    """A document of *theme*; texts that tell the same lie close together."""
    rng = np.random.default_rng(1)
    day = first_day(week) + timedelta(days=days)
    row = document(name, theme, rng, day.isoformat())
    db.table("documents").insert({**row, "title": "On honey", "text": text})
    vector = direction(theme) / np.linalg.norm(direction(theme))
    save_embeddings(db, MODEL, [name], vector[None].astype(np.float32))


def unread(rows):
    return [Analysis("en", (), ()) for _ in rows]


def run(db, week):
    enrich(db, CONFIGURATION, Counter(), week=week, analyse=unread)
    for stage in (themes, signals):
        stage(db, CONFIGURATION, Counter(), week=week)


def told(db, week):
    """All that signals and exports say of *week*, and how many documents it brought."""
    states = [(state.theme, state.signal) for state in states_of_week(db, week)]
    return states, members_of_week(db, week), count_between(db, first_day(week), last_day(week))


def with_bridge(db):
    first, second, both = bridged()
    add(db, "first", first, WEEKS[0])
    add(db, "second", second, WEEKS[0], days=1)
    add(db, "both", both, WEEKS[3])
    return db


def holders(db, week):
    """The themes of the added documents at the end of *week*."""
    return {
        name: theme
        for theme, names in members_of_week(db, week).items()
        for name in names
        if "-" not in name
    }


def test_weeks_before_a_bridge_are_told_as_they_were(opened):
    db = with_bridge(opened())
    before = []
    for week in WEEKS:
        run(db, week)
        before.append(told(db, week))
    assert set(holders(db, WEEKS[2])) == {"first", "second"}
    assert set(holders(db, WEEKS[3])) == {"first"}
    for week, then in zip(WEEKS, before, strict=True):
        signals(db, CONFIGURATION, Counter(), week=week)
        assert told(db, week) == then
    late = with_bridge(opened("late"))
    for week in (WEEKS[0], WEEKS[4]):
        run(late, week)
    assert [told(late, week) for week in WEEKS] == before


def test_an_original_found_after_its_copies_takes_their_place(opened):
    db, (text, *_) = opened(), bridged()
    add(db, "copy", text, WEEKS[0], days=1)
    run(db, WEEKS[0])
    theme = holders(db, WEEKS[0])["copy"]
    before = told(db, WEEKS[0])
    add(db, "original", text, WEEKS[0])
    run(db, WEEKS[1])
    assert holders(db, WEEKS[1]) == holders(db, WEEKS[0]) == {"original": theme}
    signals(db, CONFIGURATION, Counter(), week=WEEKS[0])
    assert told(db, WEEKS[0])[0] == before[0]
    evidence = theme_evidence(db, theme, WEEKS[1], last_day(WEEKS[1]))
    assert [row["id"] for row in evidence if "-" not in row["id"]] == ["original"]


def test_what_has_a_place_of_its_own_keeps_it(opened):
    db = opened()
    first, second, both = bridged()
    add(db, "first", first, WEEKS[0], theme="ice")
    add(db, "second", second, WEEKS[0], days=1)
    run(db, WEEKS[0])
    then = holders(db, WEEKS[0])
    assert then["first"] != then["second"]
    add(db, "both", both, WEEKS[1])
    run(db, WEEKS[1])
    assert holders(db, WEEKS[1]) == {"first": then["first"]}
    assert holders(db, WEEKS[0]) == then


def test_a_week_that_is_run_again_after_an_original_was_found_keeps_the_story(opened):
    db, (text, *_) = opened(), bridged()
    add(db, "copy", text, WEEKS[0], days=1)
    run(db, WEEKS[0])
    then = holders(db, WEEKS[0])
    add(db, "original", text, WEEKS[0])
    run(db, WEEKS[0])
    assert holders(db, WEEKS[0]) == {"original": then["copy"]}


def test_an_original_takes_former_places_too_where_it_has_none(opened):
    db, (text, *_) = opened(), bridged()
    add(db, "copy", text, WEEKS[0], days=1)
    run(db, WEEKS[4])
    former = [
        Place("t-000001", 0.9, WEEKS[0], WEEKS[2]),
        Place("t-000002", 0.8, WEEKS[2], OPEN),
    ]
    own = Place("t-000003", 0.7, WEEKS[1], WEEKS[3])
    add(db, "original", text, WEEKS[0])
    with db.atomic():
        keep_places(db, "copy", former)
        keep_places(db, "original", [own])
    run(db, WEEKS[4])
    assert places_of(db, "original") == [
        Place("t-000001", 0.9, WEEKS[0], WEEKS[1]),
        own,
        Place("t-000002", 0.8, WEEKS[3], OPEN),
    ]
    assert places_of(db, "copy") == []


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [("b", "h")]),
        ([("a", "b")], [("b", "h")]),
        ([("a", "c"), ("d", "e")], [("c", "d"), ("e", "h")]),
        ([("d", "z")], [("b", "d")]),
        ([("a", "z")], []),
        ([("c", "f"), ("d", "e")], [("b", "c"), ("f", "h")]),
        ([("h", "i")], [("b", "h")]),
    ],
)
def test_gaps_are_what_is_not_taken(taken, left):
    places = [Place("t", 0.9, begun, ended) for begun, ended in taken]
    assert list(gaps("b", "h", places)) == left


def test_what_is_nobodys_duplicate_any_more_gets_its_place_back(opened):
    db = with_bridge(opened())
    for week in WEEKS[:4]:
        run(db, week)
    then = holders(db, WEEKS[2])
    assert set(holders(db, WEEKS[3])) == {"first"}
    db.execute("UPDATE documents SET text = 'On wax', text_key = 'new' WHERE id = 'both'")
    run(db, WEEKS[4])
    assert holders(db, WEEKS[4]) == holders(db, WEEKS[3]) == then
    assert set(then) == {"first", "second"}


def test_a_leader_is_told_as_of_a_day(opened):
    db = with_bridge(opened())
    enrich(db, CONFIGURATION, Counter(), week=WEEKS[4], analyse=unread)
    assert leader(db, "second", last_day(WEEKS[2]).isoformat()) == "second"
    assert leader(db, "second", first_day(WEEKS[3]).isoformat()) == "first"
