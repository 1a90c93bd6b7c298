"""Lead time, probabilities and the best rival, on cut-offs made by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from benchmarks import foresight
from benchmarks.backtest import report_flags
from benchmarks.eventlist import Events, HypeEvent, TechnologyEvent
from benchmarks.foresight import lead_lines, pooled_lines, probability_lines
from config.weeks import last_day
from nlp.documents import Growth, Signal
from nlp.hindcast import Corpus, Outcome, Prediction
from nlp.themes import Found, unit
from pipelines.reporting.hindsight import Replay

THEMES = 60
GLASS = {
    "id": "moon_glass",
    "label": "moon glass",
    "terms": ["moon glass", "lunar glazing"],
    "event": "The first pane of moon glass was sold.",
    "source": {"title": "A report", "publisher": "A press", "date": "2015-06"},
    "confidence": "recalled",
}
SPOON = {
    **GLASS,
    "id": "talking_spoons",
    "terms": ["talking spoon", "voice cutlery"],
    "announced": "2013-01",
    "peak": "2014-01",
    "outcome": "Nobody wanted to be answered by a spoon.",
}
EVENTS = Events(
    (TechnologyEvent.model_validate({**GLASS, "took_off": "2016-03"}),),
    (HypeEvent.model_validate(SPOON),),
)


def corpus():
    """Fifteen documents on moon glass, fifteen on talking spoons, the rest on bees."""
    subjects = ["moon glass"] * 15 + ["talking spoon"] * 15 + ["bee"] * 30
    day = last_day("2014-W10").toordinal()
    number = np.zeros(THEMES, dtype=np.int64)
    return Corpus(
        ids=[f"d{row}" for row in range(THEMES)],
        texts=[f"On a {subject} in use." for subject in subjects],
        vectors=unit(np.eye(THEMES)),
        published=number + day,
        available=number + day,
        streams=number,
        sources=number,
        authors=[()] * THEMES,
    )


def signal(week, flagged, score):
    return Signal(
        theme="t", week=week, theme_class="emerging" if flagged else "none", flagged=flagged,
        score=score, growth=Growth(2, 1.5, 3, 0.01), documents=9, recent=9, organisations=3,
        countries=2, first_seen=week, since=None, confidence="low", why="grows",
    )  # fmt: skip


def theme(rows):
    ones = np.ones(len(rows), dtype=np.float32)
    return Found(np.array(rows), ones, ones, 0.5, ("bee",), "bee")


def made(week, flagged, *, months=(12,), early=0):
    """A cut-off of sixty themes, of which the best scored succeeded; theme 0 is moon glass."""
    members = [list(range(15)), list(range(15, 30)), *([row % 30 + 30] for row in range(58))]
    success = np.arange(THEMES) % 3 == 0
    score = np.where(success, 80.0, 30.0) + np.arange(THEMES) % 7
    flags = np.isin(np.arange(THEMES), flagged)
    outcome = {
        month: Outcome(month, success, np.ones(THEMES), np.full(THEMES, 30), month - early)
        for month in months
    }
    prediction = Prediction(
        week=week,
        themes=[theme(rows) for rows in members],
        documents=np.arange(THEMES),
        words=csr_matrix((THEMES, 0)),
        signals=[signal(week, bool(f), float(s)) for f, s in zip(flags, score, strict=True)],
        centroids=unit(np.eye(THEMES)),
    )
    rival = (np.arange(THEMES, dtype=float), np.arange(THEMES) < 12)
    return Replay(prediction, outcome, {"size": rival})


@pytest.fixture
def events(monkeypatch):
    monkeypatch.setattr(foresight, "load_events", lambda: EVENTS)


def test_the_first_cut_off_that_flags_a_technology_gives_its_lead(events):
    replays = [made("2014-W26", []), made("2015-W10", [0]), made("2016-W26", [0])]
    *_, last = lead_lines(corpus(), replays)
    assert last == (
        "lead time: 1 technologies judged, 100 % flagged before take-off, median 12 months;"
        " 1 hypes judged, 0 % flagged"
    )


def test_a_flagged_hype_and_a_missed_technology_are_told(events):
    *lines, last = lead_lines(corpus(), [made("2014-W26", [1]), made("2016-W26", [])])
    assert any("moon_glass" in line and "never flagged" in line for line in lines)
    assert "0 % flagged before take-off, median n/a months; 1 hypes judged, 100 % flagged" in last


def test_a_probability_is_learnt_before_and_judged_after():
    [line] = probability_lines([made("2014-W26", []), made("2016-W26", [])])
    assert "12 months, learnt until 2015, judged later" in line
    assert "skill +1.00 against base rate 0.33" in line


def test_a_horizon_without_a_later_cut_off_is_said_to_have_none():
    replays = [made("2014-W26", [], months=(12, 36)), made("2016-W26", [])]
    _, line = probability_lines(replays)
    assert line == "probability, 36 months: no cut-off before or after 2015 has it"


def test_pooled_precision_stands_beside_the_best_detector():
    flagged = [0, 3, 6, 9, 12, 1]
    ours, spread, _, confidence, twenty, best = pooled_lines([made("2014-W26", flagged)])
    assert "5 of 6 flags right, precision 0.83" in ours
    assert confidence == "  right by confidence: low 5 of 6"
    assert "base rate 0.33" in ours
    assert spread.startswith("  mean precision at 20 1.00 (90 % 1.00-1.00), threat 0.24 (90 % 0.")
    assert "best detector's mean precision at 20: size, 0." in twenty
    assert "size, 12 flags, precision 0.33; ours less that +0.50" in best


def test_flags_that_were_judged_before_the_horizon_are_told_apart():
    replays = [made("2014-W26", [0, 1]), made("2014-W39", [0, 3, 6], early=4)]
    pooled, _, full, *_ = pooled_lines(replays)
    assert "4 of 5 flags right" in pooled
    assert full == "  1 of 2 cut-offs are seen in full: 1 of 2 flags right"


def test_cut_offs_on_which_nothing_was_set_stand_apart():
    lines = list(pooled_lines([made("2014-W26", [0, 1]), made("2016-W26", [0, 3, 6])]))
    heads = [line for line in lines if not line.startswith(" ")]
    assert [line.partition(":")[0] for line in heads] == [
        "all cut-offs, 12 months",
        "cut-offs after 2015, 12 months",
    ]
    assert "4 of 5 flags right" in heads[0]
    assert "3 of 3 flags right" in heads[1]


def test_each_flag_is_printed_with_what_became_of_it(capsys):
    one = made("2014-W26", [0, 1])
    report_flags(one.prediction, one.outcomes[12])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["right", "wrong"]


def test_cut_offs_without_flags_have_no_precision():
    [line] = pooled_lines([made("2014-W26", [])])
    assert line == "all cut-offs, 12 months: no flags"
