"""What is flagged and what is not, on invented counts."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.calibration import calibrate, null_flags
from config.models import Gates, Settings
from nlp.components import community, holt_trend, impact, novelty, shift_point
from nlp.evidence import latest, stream_counts, without_busiest
from nlp.growth import (
    Z90,
    benjamini_hochberg,
    combine,
    merge_bins,
    own_dispersion,
    pooled_ratio,
    two_window,
    upper_tail,
)
from nlp.independence import effective_number, groups_of
from nlp.neighbourhood import FIELD_SPREAD, cosines, field_matrix, ground, towards
from nlp.signals import asked_of_cuts, weekly_signals
from tests.invented import (
    STREAMS,
    evidence_of,
    flat_and_growing,
    signals_of,
    some_facts,
    stream_of,
)

# --- the test ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dispersion", "false", "recall"),
    [(0.0, 0.07, 0.76), (0.5, 0.07, 0.59), (1.0, 0.09, 0.41), (2.0, 0.07, 0.21)],
)
def test_false_discoveries_stay_below_the_promise(dispersion, false, recall):
    row = calibrate(dispersion, themes=2000, runs=2, seed=3)
    assert row.false <= false + 0.05  # benchmarks.calibration holds the bound of 0.12
    assert row.recall >= recall - 0.03
    assert 0.03 <= row.type_one <= 0.06


def test_a_plain_binomial_test_would_flag_noise():
    assert calibrate(1.0, themes=2000, runs=1, seed=3).plain > 0.4


def test_a_corpus_without_growth_yields_next_to_no_flags():
    streams = {"publications": STREAMS["publications"]}
    share, _ = null_flags(Settings(streams=streams), themes=200, weeks=6, seed=5)
    assert share <= 0.001


def test_the_tail_of_a_beta_binomial_agrees_with_scipy():
    from scipy.stats import betabinom

    n, y, p0, inflation = 20.0, 9.0, 0.3, 2.0
    rho = (inflation - 1) / (n - 1)
    a, b = p0 * (1 - rho) / rho, (1 - p0) * (1 - rho) / rho
    expected = betabinom.sf(9, 20, a, b) + 0.5 * betabinom.pmf(9, 20, a, b)
    found = upper_tail(np.array([y]), np.array([n]), np.array([p0]), np.array([inflation]))
    assert found[0] == pytest.approx(expected, rel=1e-9)


def test_a_restless_theme_is_not_measured_by_the_calm_of_the_others():
    rng = np.random.default_rng(0)
    calm = rng.poisson(40, 26).astype(float)
    restless = np.where(np.arange(26) % 2, 5.0, 75.0)
    step = np.where(np.arange(26) < 13, 20.0, 60.0)  # growth from window to window is no unrest
    seen = np.stack([calm, restless, step])
    expected = np.repeat(seen.sum(1, keepdims=True) / 26, 26, axis=1)
    own = own_dispersion(seen, expected, 13)
    assert own[0] <= 0
    assert own[1] > 0.3
    assert own[2] <= 0


def test_benjamini_hochberg_adjusts_the_textbook_example():
    p = np.array([0.01, 0.02, 0.03, 0.5, np.nan])
    assert benjamini_hochberg(p)[:4] == pytest.approx([0.04, 0.04, 0.04, 0.5])
    assert np.isnan(benjamini_hochberg(p)[4])


def test_doubling_corpus_and_theme_together_changes_no_ratio():
    counts, totals = flat_and_growing(rate=1.5)
    twice, twice_totals = counts.copy(), totals.copy()
    twice[:, -13:] *= 2
    twice_totals[-13:] *= 2
    before = two_window(stream_of(counts, totals))
    after = two_window(stream_of(twice, twice_totals))
    ok = before.recent > 3
    assert np.abs(before.log_ratio - after.log_ratio)[ok].max() <= 0.06


def test_a_theme_without_base_is_testable_and_significant():
    counts, totals = flat_and_growing()
    counts[0] = 0
    counts[0, -13:] = 1
    test = two_window(stream_of(counts, totals))
    assert test.p[0] < 1e-4
    assert np.isfinite(test.log_ratio[0])


def test_growth_of_the_whole_corpus_is_no_growth_of_a_theme():
    counts, totals = flat_and_growing(growth=1.0)
    counts[:, -13:] *= 3
    totals[-13:] *= 3
    assert two_window(stream_of(counts, totals)).p.min() > 1e-4


def test_a_holiday_week_moves_no_theme():
    counts, totals = flat_and_growing()
    quiet, quiet_totals = counts.copy(), totals.copy()
    quiet[:, -3], quiet_totals[-3] = 0, 0
    whole, holiday = (
        two_window(stream_of(counts, totals)),
        two_window(stream_of(quiet, quiet_totals)),
    )
    assert abs(whole.log_ratio[0] - holiday.log_ratio[0]) < 0.3
    assert (whole.p[0] < 0.01) == (holiday.p[0] < 0.01)


def two_sources(fresh):
    """A flat source, and one of another mixture that is heard in one window only."""
    rng = np.random.default_rng(4)
    old = rng.poisson(0.6, (40, 65)).astype(float)
    other = np.zeros((40, 65))
    window = slice(52, 65) if fresh else slice(0, 52)
    other[0, window] = 3  # the other source writes of nothing but theme 0
    counts = np.stack([old, other], axis=1)
    return counts, np.stack([old.sum(0) + 30, other.sum(0)])


@pytest.mark.parametrize("fresh", [True, False])
def test_a_source_heard_in_one_window_only_makes_no_flag(fresh):
    counts, totals = two_sources(fresh)
    test = two_window(stream_of(counts, totals))
    alone = two_window(stream_of(counts[:, 0], totals[0]))
    assert test.p[0] == pytest.approx(alone.p[0])
    assert test.log_ratio[0] == pytest.approx(alone.log_ratio[0])


@pytest.mark.parametrize("window", [slice(45, 65), slice(0, 58)], ids=["new", "dead"])
def test_a_source_that_comes_or_goes_within_the_windows_is_no_growth_and_no_loss(window):
    rng = np.random.default_rng(4)
    old, other = rng.poisson(0.6, (40, 65)).astype(float), np.zeros((40, 65))
    other[0, window] = 3  # a quarter of what it writes is theme 0, as long as it is heard
    totals = np.stack([old.sum(0) + 30, other.sum(0) * 4])
    stream = stream_of(np.stack([old, other], axis=1), totals)
    test = two_window(stream)
    assert 0.05 < test.p[0] < 0.95
    assert abs(test.log_ratio[0]) < 0.3
    assert abs(without_busiest([stream])[0][0]) < 0.35


def test_a_stream_without_the_theme_changes_nothing():
    counts, totals = flat_and_growing()
    first = two_window(stream_of(counts, totals))
    empty = two_window(stream_of(np.zeros_like(counts), np.full(65, 80.0), name="news"))
    assert combine([first, empty])[0] == pytest.approx(combine([first])[0])
    assert pooled_ratio([first, empty])[0] == pytest.approx(pooled_ratio([first])[0])


def test_bins_join_until_they_hold_enough_and_never_across_the_border():
    merged = merge_bins(stream_of(np.ones((1, 65)), np.full(65, 5.0)))
    assert merged.totals.sum() == 325
    assert merged.totals[0, -merged.recent :].sum() == 65
    assert merged.totals.min() >= 30


def test_growth_is_drawn_towards_the_neighbourhood_as_far_as_it_is_doubtful():
    ratio, error = np.array([1.0, 1.0, 1.0]), np.array([0.05, 0.5, np.inf])
    centre, unsure = np.zeros(3), np.full(3, 0.1)
    steadied, deviation = towards(ratio, error, centre, unsure)
    assert 0.9 < steadied[0] < 1
    assert 0 < steadied[1] < 0.4
    assert (deviation[:2] < error[:2]).all()
    assert steadied[2] == 1.0
    assert np.isinf(deviation[2])


def test_growth_stays_the_themes_own_where_the_neighbourhood_is_not_known():
    ratio, error = np.array([0.7]), np.array([0.3])
    steadied, deviation = towards(ratio, error, np.array([0.0]), np.array([np.inf]))
    assert steadied.tolist() == [0.7]
    assert deviation.tolist() == [0.3]


def test_the_interval_of_steadied_growth_covers_growth_spread_as_assumed():
    rng = np.random.default_rng(3)
    truth = 0.2 + rng.normal(0, FIELD_SPREAD, 4000)
    ratio, centre = truth + rng.normal(0, 0.3, 4000), 0.2 + rng.normal(0, 0.1, 4000)
    steadied, deviation = towards(ratio, np.full(4000, 0.3), centre, np.full(4000, 0.1))
    inside = np.abs(steadied - truth) <= Z90 * deviation
    assert abs(inside.mean() - 0.90) < 0.03


def test_a_field_is_the_nearest_themes_without_the_theme_itself():
    angles = np.linspace(0, 1, 40)
    places = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    matrix = field_matrix(cosines(places), 20)
    assert (matrix.sum(1) == 2).all()  # one theme in twenty
    assert np.flatnonzero(matrix[10]).tolist() == [9, 11]
    assert not field_matrix(cosines(places[:19]), 20).any()
    assert not field_matrix(np.eye(40), 20).any()  # nothing is alike


def test_expected_growth_is_that_of_the_surroundings_not_the_themes_own():
    rng = np.random.default_rng(2)
    side = np.repeat([0, 1], 30)
    places = np.eye(2)[side] * 3 + rng.normal(0, 0.3, (60, 2))
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    ratio = np.where(side == 0, 0.4, -0.2)
    ratio[0], ratio[1] = -1.0, 9.0
    error = np.full(60, 0.3)
    error[1] = np.inf
    expected = ground(ratio, error, cosines(places))
    assert expected[0] > 0.2  # its neighbours grow, whatever it did itself
    assert 0.1 < expected[1] < 0.6  # nothing is known of it
    assert expected[40] < 0


# --- gates and classes -----------------------------------------------------------


def test_a_growing_theme_is_emerging_and_says_why():
    signal, *others = signals_of(flat_and_growing(weeks=68))
    assert signal.theme_class == "emerging"
    assert signal.flagged
    assert signal.growth.low > 1
    assert f"{signal.growth.ratio:.1f} times its former share" in signal.why
    assert not any(other.flagged for other in others)


def test_a_burst_is_not_emerging():
    counts, totals = flat_and_growing(weeks=68, growth=1.0)
    counts[0] = 0
    counts[0, ::9] = 1
    counts[0, -8:-6] = 14
    [signal, *_] = signals_of((counts, totals + 20))
    assert signal.gates["lasting"] == "failed"
    assert not signal.flagged
    assert signal.why.startswith("A burst of few weeks, not shown to be more: ")
    assert "growth outside its busiest weeks" in signal.why


def test_growth_in_news_alone_is_hype():
    quiet, totals = flat_and_growing(weeks=68, growth=1.0)
    quiet[0] = 0
    [signal, *_] = signals_of((quiet, totals), flat_and_growing(seed=1, weeks=68, growth=5.0))
    assert signal.theme_class == "hype"
    assert not signal.flagged


def test_a_theme_that_loses_ground_is_fading():
    counts, totals = flat_and_growing(weeks=68, rate=1.5, growth=1.0)
    counts[0, -13:] = 0
    [signal, *_] = signals_of((counts, totals))
    assert signal.theme_class == "fading"
    assert signal.growth.q > 0.9  # of growth; what is said is the test of its loss
    assert "q below 0.001" in signal.why


def test_a_loss_that_may_be_chance_is_not_fading():
    counts, totals = flat_and_growing(weeks=68, rate=1.5, growth=1.0)
    counts[0, -13:] = [1] * 7 + [0] * 6  # one theme in sixty falls as far by chance
    [signal, *_] = signals_of((counts, totals))
    assert signal.growth.high < 0.8
    assert signal.theme_class == "none"


def test_few_documents_are_at_most_a_weak_signal():
    counts, totals = flat_and_growing(weeks=68, growth=1.0)
    counts[0] = 0
    counts[0, [-12, -8, -5, -1]] = 1
    [signal, *_] = signals_of((counts, totals))
    assert signal.theme_class == "weak_signal"
    assert signal.growth.q is None


def test_what_is_only_near_significance_is_watched_and_lacks_it():
    [signal, *_] = signals_of(flat_and_growing(seed=1, growth=2.4))
    assert 0.10 < signal.growth.q <= 0.30
    assert signal.theme_class == "weak_signal"
    assert signal.gates["significance"] == "failed"
    assert "not shown: growth beyond chance" in signal.why


@pytest.mark.parametrize(
    ("grown", "expected"),
    [(1.9, "established"), (2.1, "emerging"), (math.inf, "emerging")],
    ids=["was half as large", "has doubled", "not known"],
)
def test_growth_of_what_was_there_three_years_before_is_an_established_trend(grown, expected):
    counts, totals = flat_and_growing(weeks=68)
    facts = [some_facts(k, age_weeks=200, grown=grown) for k in range(len(counts))]
    [signal, *_] = signals_of((counts, totals), facts=facts)
    assert signal.theme_class == expected


def test_a_single_organisation_is_no_trend():
    counts, totals = flat_and_growing(weeks=68)
    facts = [some_facts(k, organisations=1) for k in range(len(counts))]
    [signal, *_] = signals_of((counts, totals), facts=facts)
    assert signal.gates["organisations"] == "failed"
    assert not signal.flagged


def test_without_named_organisations_author_groups_stand_in():
    counts, totals = flat_and_growing(weeks=68)
    anonymous = {"organisations": 0, "countries": 0, "named": 0.0, "signed": 1.0}
    many = [some_facts(k, groups=8, **anonymous) for k in range(len(counts))]
    one = [some_facts(k, groups=1, **anonymous) for k in range(len(counts))]
    [flagged, *_] = signals_of((counts, totals), facts=many)
    [refused, *_] = signals_of((counts, totals), facts=one)
    assert flagged.gates["organisations"] == "not judged"
    assert flagged.gates["author groups"] == "passed"
    assert flagged.flagged
    assert refused.gates["author groups"] == "failed"
    assert not refused.flagged


def test_without_authors_either_sources_stand_in():
    counts, totals = flat_and_growing(weeks=68)
    silent = {"organisations": 0, "countries": 0, "named": 0.0, "signed": 0.0}

    def judged(heard, sources):
        facts = [some_facts(k, sources=heard, **silent) for k in range(len(counts))]
        [signal, *_] = signals_of((counts, totals), facts=facts, sources=sources)
        return signal.gates["organisations"], signal.gates["places"], signal.flagged

    assert judged(heard=2, sources=3) == ("not judged", "passed", True)
    assert judged(heard=1, sources=3) == ("not judged", "failed", False)
    assert judged(heard=1, sources=1) == ("not judged", "not judged", True)


def test_adding_a_stream_without_the_themes_leaves_the_signals_as_they_were():
    counts, totals = flat_and_growing(weeks=68)
    alone = signals_of((counts, totals))
    beside = signals_of((counts, totals), (np.zeros_like(counts), np.full(68, 50)))
    assert [(s.score, s.theme_class, s.growth) for s in alone] == [
        (s.score, s.theme_class, s.growth) for s in beside
    ]


def test_what_came_to_light_later_does_not_count_in_the_weeks_before():
    evidence = evidence_of(flat_and_growing(weeks=68))
    late = replace(evidence, members=replace(evidence.members, known=evidence.members.known * 0))
    assert stream_counts(evidence, 2)[0].counts.sum() > 0
    assert stream_counts(late, 2)[0].counts.sum() == 0


def test_no_theme_gives_no_signal():
    assert weekly_signals(replace(evidence_of(flat_and_growing()), themes=[]), Gates()) == []


def test_a_short_archive_is_parted_in_the_windows_proportion():
    counts, totals = flat_and_growing(weeks=40)
    [stream] = stream_counts(evidence_of((counts, totals)))
    assert stream.totals.shape[1] == 40
    assert stream.recent == 8


@pytest.mark.parametrize("weeks", [1, 2, 3, 5, 14])
def test_a_young_archive_is_judged_and_nothing_is_flagged(weeks):
    counts = np.full((3, weeks), 8.0)
    found = weekly_signals(evidence_of((counts, counts.sum(0))), Gates())
    assert [signal.flagged for signal in found] == [False] * 3


def test_the_latest_quarter_is_cut_from_the_window():
    cut = latest(stream_of(np.ones((2, 65)), np.full(65, 40.0)))
    assert cut.totals.shape[1] == 52
    assert cut.recent == 13


def test_lasting_growth_survives_without_its_busiest_weeks():
    counts, totals = flat_and_growing(rate=1.0)
    burst = np.zeros(65)
    burst[-6], burst[::10] = 25, 1
    growth, left = without_busiest([stream_of(np.stack([counts[0], burst]), totals)])
    assert growth[0] > np.log(1.5)
    assert left[0] > 0.5
    assert left[1] < 0.33


# --- parts -------------------------------------------------------------------------


def test_authors_who_share_nobody_are_groups_of_their_own():
    assert groups_of([("a", "b"), ("b", "c"), ("d",), ("e", "d")]) == 2
    assert groups_of([]) == 0


def test_effective_number_counts_equals_once():
    assert effective_number(["a", "b", "c"]) == pytest.approx(3)
    assert effective_number(["a", "a", "a"]) == pytest.approx(1)
    assert effective_number([]) == 1


def test_a_rising_share_trends_and_a_flat_one_does_not():
    rising = np.array([1, 1, 2, 4, 6, 9, 12, 16], float)
    flat = np.full(8, 5.0)
    trend = holt_trend(np.stack([rising, flat]), np.full((2, 8), 6.0))
    assert trend[0] > 0.9
    assert trend[1] < 0.1


def test_the_growth_is_dated_where_the_rate_rose():
    counts = np.array([1, 0, 1, 1, 0, 6, 7, 5, 8], float)
    assert shift_point(counts, np.full(9, 50.0)) == 5
    assert shift_point(np.ones(9), np.full(9, 50.0)) is None


def test_components_stay_between_zero_and_one():
    assert novelty(np.array([0.0, 500.0]), np.array([0.0, 0.2]), 0.15) == pytest.approx([1, 0])
    assert community(np.array([1.0, 10.0, 40.0])) == pytest.approx([0, 1, 1])
    assert impact(np.array([3.0]), np.array([8.0]), np.array([1e8])) == pytest.approx([1], abs=0.01)


@pytest.mark.parametrize(
    ("agreement", "expected"),
    [(0.9, "medium"), (0.3, "low"), (math.nan, "medium")],
    ids=["well agreed", "hardly agreed", "not known"],
)
def test_confidence_asks_how_far_other_cuts_agree_where_they_are_known(agreement, expected):
    """A stream of its own and a narrow interval are the rest of it."""
    counts, totals = flat_and_growing(themes=220, weeks=68)
    counts[0] *= 4
    facts = [some_facts(k, agreement=agreement) for k in range(220)]
    [signal, *_] = signals_of((counts, totals), facts=facts)
    assert signal.growth.high <= 3 * signal.growth.low
    assert signal.confidence == expected


def test_confidence_is_high_when_all_that_can_be_asked_speaks_for_the_growth():
    research, news = (flat_and_growing(seed, themes=220, weeks=68) for seed in (0, 1))
    for counts, _ in (research, news):
        counts[0] *= 4
    facts = [some_facts(k, agreement=0.9) for k in range(220)]
    both, *_ = signals_of(research, news, facts=facts)
    one, *_ = signals_of(research, facts=facts)
    assert (both.confidence, one.confidence) == ("high", "medium")
    assert (both.doubts, one.doubts) == ((), ("seen in one kind of evidence only",))


@pytest.mark.parametrize(
    ("agreement", "flagged", "gate"),
    [(0.6, True, "passed"), (0.1, False, "failed"), (math.nan, True, None)],
    ids=["others agree", "others do not", "not known"],
)
def test_a_flag_needs_other_cuts_to_agree_where_they_are_known(agreement, flagged, gate):
    counts, totals = flat_and_growing()
    facts = [some_facts(k, agreement=agreement) for k in range(len(counts))]
    [signal, *_] = signals_of((counts, totals), facts=facts)
    assert signal.flagged == flagged
    assert signal.gates.get("other cuts") == gate
    assert asked_of_cuts([signal]) == (gate is not None)
    if gate == "failed":
        assert signal.theme_class == "weak_signal"
        assert "growth when the documents are cut otherwise" in signal.why
