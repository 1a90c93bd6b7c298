"""The stages `themes` and `signals` on a small store: late equals on time, again equals once."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from config.errors import ConfigError, UsageError
from config.loader import load_configuration
from config.weeks import first_day, shift
from nlp.embed import configured_name
from nlp.standing import AGREED
from pipelines.embed import embed
from pipelines.figures import figures
from pipelines.signals import carried_on, families, gather, signals, weeks_since_fit
from pipelines.store import open_store
from pipelines.store import themes as store
from pipelines.store.embeddings import save_embeddings
from pipelines.store.matches import profiles_of_week
from pipelines.store.reports import states_of_week
from pipelines.themes import advance, is_fit_due, quarter, themes, weeks_due, window

START = "2025-W01"
WORDS = {
    "bees": ["honey bee colony", "hive sensors", "pollination service", "varroa mite"],
    "ice": ["sea ice drift", "polar radar", "iceberg warning", "ship routes"],
    "chess": ["chess engine", "opening book", "endgame table", "rated games"],
    "glass": ["glass recycling", "melting furnace", "cullet sorting", "bottle colour"],
    "wax": ["wax moth", "comb foundation", "candle wax", "frame cleaning"],
}
TABLES = (
    "themes", "themes_past", "theme_documents", "theme_documents_past", "theme_events",
    "theme_weeks", "rising_words", "agreement",
)  # fmt: skip


def direction(name):
    if name == "wax":  # near the bees, and yet another theme
        return 0.8 * direction("bees") + 0.6 * direction("glass")
    rng = np.random.default_rng(sum(map(ord, name)))
    return rng.normal(size=64)


def fill(db, model, *, start=0, weeks=60, growing="bees", names=("bees", "ice", "chess")):
    """Two documents a week and theme; the growing theme has four times as many at the end."""
    rows, vectors = [], []
    for week in range(start, weeks):
        for name in names:
            many = 2 if name != growing or week < weeks - 14 else 8
            for number in range(many):
                rng = np.random.default_rng([week, number, sum(map(ord, name))])
                day = first_day(shift(START, week)) + timedelta(days=int(rng.integers(0, 6)))
                rows.append(document(f"{name}-{week:02d}-{number}", name, rng, day.isoformat()))
                vector = direction(name) / 8 + rng.normal(size=64) * 0.05
                vectors.append(vector / np.linalg.norm(vector))
    keys = [row["text_key"] for row in rows]
    db.table("documents").insert_all(rows + background(start, weeks), pk="id", replace=True)
    save_embeddings(db, model, keys, np.array(vectors, dtype=np.float32))


def background(start, weeks):
    """What the journal prints besides: counted in its volume, in no theme."""
    days = [first_day(shift(START, week)).isoformat() for week in range(start, weeks)]
    rng = np.random.default_rng(0)
    return [
        document(f"other-{day}-{number}", "ice", rng, day) for day in days for number in range(12)
    ]


def document(name, theme, rng, day):
    words = WORDS[theme]
    text = f"The {rng.choice(words)} and the {rng.choice(words)}. A {rng.choice(words)}."
    return {
        "id": name,
        "source": "journal",
        "kind": "publication",
        "title": f"On {words[0]}",
        "text": text,
        "text_key": name,
        "published": day,
        "available": day,
        "language": "en",
        "author_keys": f"author{name} helper{name}",
    }


@pytest.fixture(scope="module")
def configuration():
    return load_configuration()


@pytest.fixture
def small(configuration):
    """The shipped configuration with smaller themes, and the model's name."""
    return configuration, configured_name(configuration.settings.embedding)


def contents(db, *tables):
    return {name: sorted(map(repr, db.table(name).rows)) for name in tables}


def run(db, configuration, week):
    counts = Counter()
    themes(db, configuration, counts, week=week)
    signals(db, configuration, counts, week=week)
    return counts


def test_quarters_follow_the_thursday_of_the_week():
    assert quarter("2025-W01") == (2025, 0)
    assert quarter("2025-W13") == (2025, 0)
    assert quarter("2025-W14") == (2025, 1)
    assert quarter("2020-W53") == (2020, 3)


def test_a_new_store_starts_at_the_wanted_week_and_later_goes_through_all():
    assert weeks_due([], "2026-W10") == ["2026-W10"]
    assert weeks_due([("2026-W10", True)], "2026-W12") == ["2026-W11", "2026-W12"]
    assert weeks_due([("2026-W10", True)], "2026-W10") == []


def test_a_week_before_the_first_one_is_refused():
    with pytest.raises(UsageError, match="2026-W10"):
        weeks_due([("2026-W10", True)], "2026-W09")


def test_themes_of_another_model_are_left_alone_and_the_way_out_is_named(tmp_path, configuration):
    db = open_store(tmp_path)
    store.save_week(
        db, "2026-W09", fitted=True, parameters={"model": "other-1"}, themes=[], members=[]
    )
    for week in ("2026-W09", "2026-W10"):
        with pytest.raises(ConfigError, match=r"embedding.*other-1.*new data folder"):
            themes(db, configuration, Counter(), week=week)
        with pytest.raises(ConfigError, match="other-1"):
            embed(db, configuration, Counter(), week=week)
    assert store.advanced_weeks(db) == [("2026-W09", True)]


def test_signals_need_the_themes_of_their_week(tmp_path, configuration):
    with pytest.raises(UsageError, match="2026-W10"):
        signals(open_store(tmp_path), configuration, Counter(), week="2026-W10")


def test_an_empty_store_has_no_themes_and_says_so_calmly(tmp_path, configuration):
    counts = run(open_store(tmp_path), configuration, "2026-W10")
    assert counts["signals"] == 0


def test_the_growing_theme_is_flagged_and_the_others_are_not(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model)
    run(db, configuration, shift(START, 59))
    sql = "SELECT label, class, flagged FROM signals JOIN themes ON themes.id = signals.theme"
    found = list(db.query(sql))
    assert len(found) == 3
    [growing] = [row for row in found if row["flagged"]]
    assert growing["class"] == "emerging"
    assert any(growing["label"] in words for words in WORDS["bees"])


def test_late_weeks_equal_punctual_ones(tmp_path, small):
    configuration, model = small
    weeks = [shift(START, 50 + step) for step in range(5)]
    punctual, late = open_store(tmp_path / "punctual"), open_store(tmp_path / "late")
    for db in (punctual, late):
        fill(db, model)
    for week in weeks:
        run(punctual, configuration, week)
    run(late, configuration, weeks[0])
    run(late, configuration, weeks[-1])
    assert contents(punctual, *TABLES, "signals") == contents(late, *TABLES, "signals")


def test_a_week_run_twice_changes_nothing(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model)
    run(db, configuration, shift(START, 58))
    before = contents(db, *TABLES, "signals")
    run(db, configuration, shift(START, 58))
    assert contents(db, *TABLES, "signals") == before


def test_an_old_week_is_judged_again_as_it_stood_then(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model)
    week = shift(START, 50)
    run(db, configuration, week)
    before = [row for row in contents(db, "signals")["signals"] if week in row]
    run(db, configuration, shift(START, 57))  # a quarter's fit lies in between
    signals(db, configuration, Counter(), week=week)
    assert [row for row in contents(db, "signals")["signals"] if f"'{week}'" in row] == before


def test_an_old_week_is_told_in_the_words_it_had_then(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model)
    week, later = shift(START, 50), shift(START, 57)  # a quarter's fit lies in between

    def told(week):
        profiles = profiles_of_week(db, week, {})
        centroids = {one.id: (one.keywords, one.centroid.tobytes()) for one in profiles}
        return centroids, {one.theme: one.keywords for one in states_of_week(db, week)}

    run(db, configuration, week)
    before = told(week)
    run(db, configuration, later)
    assert told(week) == before
    assert all(told(later)[0][theme] != then for theme, then in before[0].items())


def test_rising_words_are_counted_after_each_fit_and_stand_until_the_next(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model)
    weeks = [shift(START, number) for number in range(50, 60)]
    for week in weeks:
        run(db, configuration, week)
    fits = [week for week, fitted in store.advanced_weeks(db) if fitted]
    kept = dict(db.execute("SELECT week, figures FROM rising_words"))
    assert sorted(kept) == fits
    # Too few themes to cut otherwise: nothing is known of that.
    assert dict(db.execute("SELECT week, figures FROM agreement")) == dict.fromkeys(fits, "{}")
    assert 1 < len(fits) < len(weeks)
    for week in fits:
        assert set(json.loads(kept[week])) == {row.id for row in store.live_themes(db, week)}
    found = figures(db, configuration.settings, shift(fits[1], -1))
    assert found.rising == json.loads(kept[fits[0]])


def test_too_much_outside_every_theme_calls_for_a_fit_after_a_pause(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model)
    week = shift(START, 44)  # five weeks before the next quarter
    themes(db, configuration, Counter(), week=week)
    done = store.advanced_weeks(db)

    def due(weeks, share):
        settings = configuration.settings.themes.model_copy(update={"refit_share": share})
        return is_fit_due(db, settings, model, done, shift(week, weeks))

    outside = store.unassigned_share(db, model, *window(configuration.settings.themes, week))
    assert 0 < outside < 0.35
    assert quarter(shift(week, 5)) == quarter(week)
    assert [due(weeks, outside / 2) for weeks in (3, 4, 5)] == [False, True, True]
    assert not due(5, 0.35)


def test_other_cuts_are_asked_once_there_are_themes_enough(tmp_path, small, monkeypatch):
    monkeypatch.setattr("nlp.risingwords.LEAST_THEMES", 2)
    configuration, model = small
    gates = configuration.settings.gates.model_copy(update={"rising_weight": 0.0})
    settings = configuration.settings.model_copy(update={"gates": gates})
    configuration = replace(configuration, settings=settings)
    db = open_store(tmp_path)
    fill(db, model)
    week = shift(START, 59)
    run(db, configuration, week)
    live = {row.id: row.label for row in store.live_themes(db, week)}
    found = figures(db, configuration.settings, week).agreement
    assert found.keys() == live.keys()
    grew = {name for name, share in found.items() if share >= AGREED}
    assert grew
    assert all("bee" in live[name] or "hive" in live[name] for name in grew)
    assert {one.theme: one.agreement for one in gather(db, settings, week).themes} == found


def test_a_refit_keeps_identities(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model)
    themes(db, configuration, Counter(), week=shift(START, 50))
    first = {row.id for row in store.live_themes(db, shift(START, 50))}
    themes(db, configuration, Counter(), week=shift(START, 57))
    assert sum(fitted for _, fitted in store.advanced_weeks(db)) == 2
    assert {row.id for row in store.live_themes(db, shift(START, 57))} == first


def test_a_theme_that_appears_between_fits_is_found_among_the_unassigned(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model, weeks=44)
    fill(db, model, start=41, weeks=47, growing="glass", names=("glass",))
    counts = Counter()
    themes(db, configuration, counts, week=shift(START, 40))
    for step in range(41, 47):
        advance(db, configuration.settings.themes, model, counts, week=shift(START, step))
    assert counts["born"] == 1
    [event] = [e for step in range(41, 47) for e in store.events_of(db, shift(START, step))]
    assert event["event"] == "born"
    members = db.query("SELECT document FROM theme_documents WHERE theme = ?", [event["theme"]])
    assert {row["document"].split("-")[0] for row in members} == {"glass"}


def test_a_new_theme_takes_no_document_that_a_known_one_took_in_the_same_week(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model, weeks=44)
    fill(db, model, start=41, weeks=47, growing="wax", names=("wax",))
    between = direction("bees") + direction("wax")
    for step in range(41, 47):
        day = first_day(shift(START, step)).isoformat()
        row = document(f"between-{step}", "wax", np.random.default_rng(step), day)
        db.table("documents").insert(row, pk="id")
        save_embeddings(db, model, [row["id"]], np.float32([between / np.linalg.norm(between)]))
    counts = Counter()
    themes(db, configuration, counts, week=shift(START, 40))
    for step in range(41, 47):
        advance(db, configuration.settings.themes, model, counts, week=shift(START, step))
    assert counts["born"] == 1
    placed = [row["document"] for row in db.table("theme_documents").rows]
    assert [name for name, often in Counter(placed).items() if often > 1] == []


def test_old_works_that_are_indexed_now_make_no_theme(tmp_path, small):
    configuration, model = small
    db = open_store(tmp_path)
    fill(db, model, weeks=44)
    week = shift(START, 41)
    themes(db, configuration, Counter(), week=shift(START, 40))
    share = store.unassigned_share(db, model, *window(configuration.settings.themes, week))
    for number in range(40):
        rng = np.random.default_rng(number)
        row = document(f"old-{number}", "glass", rng, first_day(week).isoformat())
        vector = direction("glass") / 8 + rng.normal(size=64) * 0.05
        db.table("documents").insert(row | {"published": "2022-03-01"}, pk="id")
        save_embeddings(db, model, [row["id"]], np.float32([vector / np.linalg.norm(vector)]))
    counts = Counter()
    themes(db, configuration, counts, week=week)
    assert counts["born"] == 0
    # Nor do they call for a fit, which would not look at them.
    later = store.unassigned_share(db, model, *window(configuration.settings.themes, week))
    assert later <= share


def test_documents_of_later_weeks_are_not_seen(tmp_path, small):
    configuration, model = small
    whole, part = open_store(tmp_path / "whole"), open_store(tmp_path / "part")
    fill(whole, model)
    fill(part, model)
    week = shift(START, 40)
    part.execute(
        "DELETE FROM documents WHERE available > ?", [first_day(shift(week, 1)).isoformat()]
    )
    for db in (whole, part):
        run(db, configuration, week)
    assert contents(whole, *TABLES, "signals") == contents(part, *TABLES, "signals")


@pytest.mark.parametrize("moment", ["save_week", "save_signals"])
def test_a_killed_stage_goes_on_to_the_same_end(tmp_path, small, moment):
    configuration, model = small
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    week = shift(START, 50)
    for folder in (killed, whole):
        db = open_store(folder)
        fill(db, model)
        themes(db, configuration, Counter(), week=shift(week, -2))
        db.close()
    code = f"""
        import os, signal
        from collections import Counter
        from pathlib import Path
        from config.loader import load_configuration
        from pipelines import themes as stage, signals as judging
        from pipelines.store import open_store, signals as signal_store, themes as store

        def die(*_, **__):
            os.kill(os.getpid(), signal.SIGKILL)

        db = open_store(Path({str(killed)!r}))
        configuration = load_configuration()
        ({{"save_week": store, "save_signals": signal_store}}[{moment!r}]).{moment} = die
        stage.themes(db, configuration, Counter(), week={week!r})
        judging.signals(db, configuration, Counter(), week={week!r})
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], env=os.environ)
    assert ended.returncode == -signal.SIGKILL
    databases = []
    for folder in (killed, whole):
        db = open_store(folder)
        run(db, configuration, week)
        databases.append(contents(db, *TABLES, "signals"))
    assert databases[0] == databases[1]


def test_weeks_since_a_fit_are_counted_against_what_themes_admit(small, tmp_path):
    configuration, model = small
    fit, later = shift(START, 51), shift(START, 54)
    db = open_store(tmp_path)
    fill(db, model)
    themes(db, configuration, Counter(), week=fit)
    assert weeks_since_fit(db, fit) == 0
    themes(db, configuration, Counter(), week=later)
    # A new quarter begins in between, with a fit of its own.
    since = weeks_since_fit(db, later)
    assert 0 < since <= 3
    db.execute("DELETE FROM theme_documents WHERE week > ?", [shift(later, -since)])
    found = gather(db, configuration.settings, later).everything
    new = found.age < since
    per_week = found.documents[~new].sum() / len(set(found.age[~new].tolist()))
    assert found.documents[new].sum() < 0.9 * per_week * since


def test_themes_that_were_one_three_years_before_are_one_family(tmp_path):
    db = open_store(tmp_path)
    week = "2026-W10"
    events = [
        ("2025-W01", "t-000002", "split", "t-000001"),
        ("2025-W14", "t-000003", "split", "t-000002"),
        ("2025-W14", "t-000004", "born", ""),
        (shift(week, -156), "t-000005", "split", "t-000001"),  # two themes by then
        (shift(week, 1), "t-000006", "split", "t-000001"),  # not known yet
    ]
    db.table("theme_events").insert_all(
        {"week": when, "theme": theme, "event": event, "other": other, "detail": ""}
        for when, theme, event, other in events
    )
    themes = {f"t-{number:06d}": number - 1 for number in range(1, 7)}
    first, second, third, *others = families(db, week, themes).tolist()
    assert first == second == third
    assert len({first, *others}) == 4


def test_what_a_retired_theme_was_counts_for_what_carries_it_on(tmp_path):
    db = open_store(tmp_path)
    week = "2026-W10"
    retired = [
        ("t-000001", "t-000002", "2026-W01"),
        ("t-000002", "t-000007", "2026-W05"),  # merged twice
        ("t-000003", "", "2026-W01"),  # ended, and t-000008 was split off it
        ("t-000004", "", "2026-W01"),  # ended
        ("t-000005", "t-000007", shift(week, 1)),  # not known yet
    ]
    db.table("themes").insert_all(
        {"id": theme, "merged_into": heir, "retired_week": when} for theme, heir, when in retired
    )
    split = {"week": "2025-W14", "theme": "t-000008", "event": "split", "other": "t-000003"}
    db.table("theme_events").insert(split | {"detail": ""})
    found = carried_on(db, week, {"t-000007": 0, "t-000008": 1})
    assert found == {"t-000001": 0, "t-000002": 0, "t-000003": 1}


def test_what_a_theme_was_three_years_before_is_read_from_its_old_documents(small, tmp_path):
    configuration, model = small
    week = shift(START, 51)
    db = open_store(tmp_path)
    fill(db, model)
    themes(db, configuration, Counter(), week=week)
    [theme, *_] = store.live_themes(db, week)

    def times():
        facts = gather(db, configuration.settings, week).themes
        return next(one.grown for one in facts if one.theme == theme.id)

    assert times() == float("inf")
    rng = np.random.default_rng(0)
    days = [first_day(shift(week, -156 - back)).isoformat() for back in range(40)]
    old = [document(f"old-{day}", "bees", rng, day) for day in days]
    db.table("documents").insert_all(old)
    db.table("theme_documents").insert_all(
        {"theme": name, "document": row["id"], "similarity": 1.0, "week": week}
        for row in old
        for name in (theme.id, "t-999999")  # the second one has ended
    )
    assert 0 < times() < 1  # everything that was heard then was about it
