"""Each part of the rule by which a theme is flagged, with all others as they are."""

from dataclasses import replace

import numpy as np
import pytest

from config.models import Gates
from nlp.neighbourhood import field_matrix
from nlp.signals import weekly_signals
from nlp.standing import entered, standing
from tests.invented import STREAMS, evidence_of, flat_and_growing, signals_of

FIELD = 11  # themes that lie together: a theme and its ten neighbours


def in_a_field(growth, seed=1):
    """Signals of a theme that is not sure to grow, amid ten that grew *growth* times."""
    counts, totals = flat_and_growing(seed, themes=220, weeks=68, growth=2.4)
    rng = np.random.default_rng(9)
    rate = np.where(np.arange(68) >= 55, 0.6 * growth, 0.6)
    counts[1:FIELD] = rng.poisson(rate, (FIELD - 1, 68))
    near = np.eye(220)
    near[:FIELD, :FIELD] = 0.8
    alone, *_ = signals_of((counts, totals))
    amid, *_ = signals_of((counts, totals), likeness=near)
    return alone, amid


def test_a_theme_that_grows_with_its_neighbours_is_flagged_though_alone_it_is_not():
    alone, amid = in_a_field(growth=2.0)
    assert not alone.flagged
    assert amid.flagged
    assert amid.growth.q < alone.growth.q


def test_a_theme_amid_neighbours_that_stand_still_is_held_back():
    alone, amid = in_a_field(growth=1.0)
    assert not amid.flagged
    assert 1 < amid.growth.ratio < alone.growth.ratio
    assert amid.growth.high / amid.growth.low < alone.growth.high / alone.growth.low


@pytest.mark.parametrize(
    ("passed", "expected"),
    [("001", False), ("011", True), ("101", True), ("110", False), ("111", True)],
)
def test_a_flag_needs_the_last_week_and_one_of_the_two_before(passed, expected):
    evidence = evidence_of(flat_and_growing(themes=3))
    now = standing(evidence, Gates(), field_matrix(evidence.likeness, 10), 0)
    weeks = [replace(now, passing=np.array([one == "1"] * 3)) for one in passed]
    assert entered(weeks, Gates()).tolist() == [expected] * 3


def test_a_sure_but_small_growth_is_none():
    counts, totals = flat_and_growing(weeks=68, rate=80, growth=1.25)
    [signal, *_] = signals_of((counts, totals + 8000))
    assert signal.growth.ratio < 1.3
    assert [name for name, gate in signal.gates.items() if gate == "failed"] == ["growth"]
    assert not signal.flagged
    [signal, *_] = signals_of((counts, totals + 8000), gates=Gates(min_ratio=1.1))
    assert signal.flagged


def test_growth_whose_lower_bound_is_too_small_is_watched_only():
    counts, totals = flat_and_growing(weeks=68)
    [signal, *_] = signals_of((counts, totals))
    assert signal.flagged
    strict = Gates(min_ratio_low=signal.growth.low + 0.1)
    [signal, *_] = signals_of((counts, totals), gates=strict)
    assert signal.gates["interval"] == "failed"
    assert not signal.flagged


def test_what_fell_in_the_last_quarter_is_no_longer_growing():
    counts, totals = flat_and_growing(weeks=68, growth=1.0)
    rng = np.random.default_rng(0)
    counts[0, 42:55], counts[0, 55:] = rng.poisson(4, 13), rng.poisson(0.8, 13)
    evidence = evidence_of((counts, totals))
    half_a_year = STREAMS["publications"].model_copy(update={"recent_bins": 26, "base_bins": 39})
    evidence = replace(evidence, streams={"publications": half_a_year})
    [signal, *_] = weekly_signals(evidence, Gates())
    assert signal.growth.low > 1.3
    assert [name for name, gate in signal.gates.items() if gate == "failed"] == ["still growing"]
    assert not signal.flagged


def test_what_was_a_large_part_of_its_stream_before_is_established():
    counts, totals = flat_and_growing(weeks=68, rate=4)
    [signal, *_] = signals_of((counts, totals - 30), gates=Gates(max_base_share=0.01))
    assert signal.gates["base share"] == "failed"
    assert signal.theme_class == "established"


@pytest.mark.parametrize(
    ("gate", "value", "name"),
    [
        ("min_active_bins", 14, "active bins"),
        ("min_lasting_ratio", 9.0, "lasting"),
        ("min_left", 0.95, "lasting"),
    ],
)
def test_a_theme_that_fails_one_gate_is_not_flagged(gate, value, name):
    evidence = flat_and_growing(weeks=68)
    [signal, *_] = signals_of(evidence)
    assert signal.flagged
    [signal, *_] = signals_of(evidence, gates=Gates(**{gate: value}))
    assert [one for one, state in signal.gates.items() if state == "failed"] == [name]
    assert not signal.flagged
