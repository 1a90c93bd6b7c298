"""The back-test: frozen at the cut-off, judged by what came after."""

import json
from dataclasses import replace

import numpy as np
import pytest

from config.errors import UsageError
from config.loader import load_configuration
from config.weeks import first_day, last_day, shift
from nlp.baselines import DETECTORS
from nlp.hindcast import (
    Corpus,
    best_threat,
    confusion,
    monthly,
    outcomes,
    precision_at,
    predict,
)
from nlp.nullcorpus import chance_flags, permuted
from nlp.themes import unit
from pipelines.backtest import backtest, cutoffs
from pipelines.store import open_store

START, CUTOFF = "2020-W01", "2021-W52"
NAMES = ("bees", "ice", "chess", "glass", "tides", "roofs", "looms", "kilns", "wells")


@pytest.fixture(scope="module")
def settings():
    return load_configuration().settings


@pytest.fixture(scope="module")
def corpus():
    """Nine themes over three years; bees grow from the second year on, ice after the cut-off."""
    rng = np.random.default_rng(0)
    centres = {name: rng.normal(size=48) / 7 for name in NAMES}
    rows = []
    for week in range(160):
        for name in NAMES:
            many = 2
            if name == "bees" and week >= 60:
                many = 5 if week < 110 else 8
            if name == "ice" and week >= 106:
                many = 6
            rows += [(name, week, number) for number in range(many)]
    days = np.array([first_day(shift(START, week)).toordinal() for _, week, _ in rows])
    noise = rng.normal(size=(len(rows), 48)) * 0.05
    one = np.zeros(len(rows), dtype=np.int64)
    return Corpus(
        ids=[f"{name}-{week}-{number}" for name, week, number in rows],
        texts=[f"On {name} keeping. The {name} keeping goes on." for name, _, _ in rows],
        vectors=unit(np.array([centres[name] for name, _, _ in rows]) + noise),
        published=days,
        available=days,
        streams=one,
        sources=one,
        authors=[(f"a{number}", f"b{number}") for number in range(len(rows))],
    )


@pytest.fixture(scope="module")
def prediction(corpus, settings):
    return predict(corpus, settings, CUTOFF)


def theme_of(corpus, prediction, name):
    [row] = [
        row
        for row, theme in enumerate(prediction.themes)
        if corpus.ids[prediction.documents[theme.members[0]]].startswith(name)
    ]
    return row


def test_nothing_after_the_cutoff_is_seen(corpus, settings, prediction):
    last = first_day(shift(CUTOFF, 1)).toordinal()
    keep = np.flatnonzero(corpus.published < last)
    before = corpus.taken(keep)
    assert predict(before, settings, CUTOFF).signals == prediction.signals


def test_a_document_known_only_later_is_not_seen_either(corpus, settings):
    late = replace(corpus, available=corpus.available + 1000)
    assert predict(late, settings, CUTOFF).themes == []


def test_a_source_that_begins_after_the_cutoff_is_not_known_at_it(corpus, settings):
    nobody = replace(corpus, authors=[()] * len(corpus))
    later = corpus.published > first_day(shift(CUTOFF, 1)).toordinal()
    two = replace(nobody, sources=later.astype(np.int64))
    found = predict(nobody, settings, CUTOFF).signals
    assert any(signal.flagged for signal in found)
    assert predict(two, settings, CUTOFF).signals == found


def test_what_grows_is_flagged_and_what_will_grow_later_is_not(corpus, prediction):
    flags = [signal.flagged for signal in prediction.signals]
    assert flags[theme_of(corpus, prediction, "bees")]
    assert sum(flags) == 1


def test_permuting_moves_whole_blocks_of_four_weeks_before_the_cutoff(corpus):
    dealt = permuted(corpus, CUTOFF, 104, np.random.default_rng(0))
    last = first_day(shift(CUTOFF, 1)).toordinal() - 1
    age, new = last - corpus.published, last - dealt.published
    inside = (age >= 0) & (age < 104 * 7)
    assert (new[~inside] == age[~inside]).all()
    assert (new[inside] % 28 == age[inside] % 28).all()
    moves = set(zip((age[inside] // 28).tolist(), (new[inside] // 28).tolist(), strict=True))
    assert sorted(old for old, _ in moves) == sorted(to for _, to in moves) == list(range(26))
    assert any(old != to for old, to in moves)
    assert (dealt.available == dealt.published).all()


def test_nothing_is_flagged_where_dates_are_dealt_out_anew(corpus, settings, prediction):
    assert chance_flags(corpus, settings, prediction, 3) == [0, 0, 0]


def test_success_is_judged_on_frozen_themes(corpus, prediction):
    [(months, outcome)] = outcomes(corpus, prediction, months=(12, 24, 36)).items()
    assert months == 12
    assert outcome.success[theme_of(corpus, prediction, "ice")]
    assert not outcome.success[theme_of(corpus, prediction, "chess")]


def test_success_is_a_share_up_by_8_percent_and_twenty_documents(corpus, prediction):
    """Themes of 100 to 105, 100 to 110, 9 to 19 and 10 to 20 of 1,000 documents a year."""
    before, after = (100, 100, 9, 10, 781), (105, 110, 19, 20, 746)
    theme = np.concatenate([np.repeat(np.arange(5), many) for many in (before, after)])
    cutoff = last_day(CUTOFF).toordinal()
    made = replace(
        corpus.taken(range(2000)),
        vectors=np.eye(5, dtype=np.float32)[theme],
        published=np.repeat([cutoff - 10, cutoff + 7 * 52], 1000),
    )
    frozen = replace(prediction, centroids=np.eye(5, dtype=np.float32))
    [outcome] = outcomes(made, frozen).values()
    assert outcome.success.tolist() == [False, True, False, True, False]
    assert outcome.documents.tolist() == list(after)


@pytest.mark.parametrize(
    ("weeks", "seen"),
    [(51, {}), (52, {12: 12}), (56, {12: 12}), (73, {12: 12}), (74, {12: 12, 24: 17}),
     (104, {12: 12, 24: 24})],
)  # fmt: skip
def test_a_horizon_is_missed_by_seven_months_at_most_and_never_without_a_year(
    corpus, prediction, weeks, seen
):
    end = last_day(shift(CUTOFF, weeks)).toordinal()
    later = replace(corpus, published=np.minimum(corpus.published, end))
    later.published[-1] = end
    found = outcomes(later, prediction, months=(12, 24))
    assert {months: one.seen for months, one in found.items()} == seen


def test_the_measures_agree_with_a_table_by_hand():
    flags = np.array([True, True, True, False, False, False])
    success = np.array([True, True, False, True, False, False])
    found = confusion(flags, success)
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == pytest.approx(2 / 3)
    assert found["threat"] == pytest.approx(2 / 4)
    assert found["equitable"] == pytest.approx((2 - 1.5) / (4 - 1.5))
    assert precision_at(np.array([6.0, 5, 4, 3, 2, 1]), success, 2) == 1
    assert best_threat(np.array([6.0, 5, 4, 3, 2, 1]), success) == pytest.approx(3 / 4)


def test_cutoffs_come_every_quarter():
    assert cutoffs("2014-W26", "2014-W52") == ["2014-W26", "2014-W39", "2014-W52"]


def test_the_command_needs_documents(tmp_path):
    with pytest.raises(UsageError, match="vector"):
        list(backtest(open_store(tmp_path), tmp_path, load_configuration(), CUTOFF, CUTOFF))


@pytest.fixture(scope="module")
def archive(tmp_path_factory, corpus):
    """A store that holds the corpus."""
    from nlp.embed import configured_name
    from pipelines.store.embeddings import save_embeddings

    configuration, db = load_configuration(), open_store(tmp_path_factory.mktemp("archive"))
    model = configured_name(configuration.settings.embedding)
    days = [first_day("2020-W01").fromordinal(int(day)).isoformat() for day in corpus.published]
    db.table("documents").insert_all(
        [
            {
                "id": name,
                "source": "journal",
                "kind": "publication",
                "title": text.split(".")[0],
                "text": text,
                "text_key": name,
                "published": day,
                "available": day,
                "language": "en",
                "author_keys": " ".join(keys),
            }
            for name, text, day, keys in zip(
                corpus.ids, corpus.texts, days, corpus.authors, strict=True
            )
        ],
        pk="id",
    )
    save_embeddings(db, model, corpus.ids, corpus.vectors)
    yield db
    db.close()


def test_cutoffs_without_a_past_or_a_future_are_named(archive, tmp_path):
    record = tmp_path / "reports" / "backtest.json"
    lines = backtest(archive, tmp_path, load_configuration(), "2019-W01", "2019-W01")
    assert "0 documents" in next(lines)
    assert "cannot be judged" in next(lines)
    with pytest.raises(UsageError, match="reaches from 2020-W01 to 2023-W03, and"):
        next(lines)
    assert not record.exists()


@pytest.fixture(scope="module")
def replayed(tmp_path_factory, archive):
    """A folder with the result of a back-test, and the lines it printed."""
    data = tmp_path_factory.mktemp("replayed")
    return data, list(backtest(archive, data, load_configuration(), CUTOFF, CUTOFF))


def test_the_command_tells_how_flags_turned_out(archive, replayed):
    data, lines = replayed
    assert lines[-1].startswith("of 1 themes flagged 12 months before, ")
    [result] = json.loads((data / "reports" / "backtest.json").read_text())["pooled"]
    assert (result["months"], result["flags"]) == (12, 1)
    assert archive.table("themes").count == 0


def test_the_page_names_the_flag_and_its_outcome(replayed):
    data, _ = replayed
    page = (data / "reports" / "backtest.html").read_text()
    assert "Of 1 theme flagged 12 months before, " in page
    assert "bees keeping" in page.lower()
    assert "After 12 months <span" in page


def test_the_page_compares_with_published_detectors(replayed):
    data, _ = replayed
    found = json.loads((data / "reports" / "backtest.json").read_text())
    assert {one["name"] for one in found["rivals"]} <= set(DETECTORS)
    page = (data / "reports" / "backtest.html").read_text()
    assert ("Beside published detectors" in page) == bool(found["rivals"])


def test_a_second_back_test_leaves_the_same_files(archive, replayed):
    data, _ = replayed
    before = {file.name: file.read_bytes() for file in (data / "reports").iterdir()}
    list(backtest(archive, data, load_configuration(), CUTOFF, CUTOFF))
    after = {file.name: file.read_bytes() for file in (data / "reports").iterdir()}
    assert after == before
    assert set(after) == {"backtest.json", "backtest.html"}


def test_monthly_counts_add_up_to_what_was_known(corpus, prediction):
    counts, totals = monthly(corpus, prediction)
    assert counts.shape == (len(prediction.themes), len(totals))
    assert counts.sum(0) == pytest.approx(totals)
    last = first_day(shift(CUTOFF, 1)).toordinal()
    assert totals.sum() <= (corpus.published < last).sum()
