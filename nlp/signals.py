"""What one week says about every theme: growth, gates, class, score and a sentence of why.

docs/method.md, sections 3 to 6. Everything here is a function of the counts as they stood at
the end of the week and of the weeks before it, so that a late run equals a punctual one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from config.models import Gates
from config.weeks import shift
from nlp.components import community, holt_trend, impact, novelty, shift_point
from nlp.documents import Gate, Growth, Signal, ThemeClass
from nlp.evidence import (
    Evidence,
    Facts,
    active_bins,
    earlier,
    four_weekly,
    latest,
    recent_and_base,
    stream_counts,
    without_busiest,
)
from nlp.former import ESTABLISHED
from nlp.growth import (
    MIN_POOLED,
    MIN_TESTED,
    Z90,
    Array,
    StreamCounts,
    StreamTest,
    benjamini_hochberg,
    combine,
    pooled_ratio,
    two_window,
)
from nlp.neighbourhood import as_field, field_matrix, ground, with_field, with_field_growth
from nlp.risingwords import are_enough, budget, foremost, standardised
from nlp.sentences import reason

REPLAY = 3  # weeks that a flag is looked for in
# Rising words, times chance: flags with as many were right nine times in ten on cut-offs up to
# 2015, flags with fewer one time in two, and one in ten in fields without a wave.
SPREADING = 6.0
NAMED = 0.2  # share of documents that must name organisations for the gate to be judged
Flags = npt.NDArray[np.bool_]
Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How all themes stood at the end of one week; arrays have one entry per theme."""

    tests: tuple[StreamTest, ...]
    q: Array  # of growth, own and of the field; nan where untested
    fading: Array  # q of the opposite
    ratio: Array  # log growth of the theme, steadied by its field
    error: Array
    field_z: Array  # test of the field without the theme; 0 where there is no field
    field_latest: Array  # log growth of theme and field together, last quarter against before
    no_rebound: Flags  # whether its growth is more than a way back up
    words: Array  # rising words of its texts, times chance; nan where too little is known
    rising: Flags  # whether they are the most
    documents: Array
    recent: Array
    active: Array
    persistence: Array
    lasting: Array  # log ratio without the busiest weeks
    left: Array  # share of the recent documents outside the busiest weeks
    base_share: Array
    passing: Flags  # every gate that counts alone can judge


def weekly_signals(evidence: Evidence, gates: Gates) -> list[Signal]:
    """One signal per theme, in the order of the evidence's themes."""
    if not evidence.themes:
        return []
    matrix = field_matrix(evidence.likeness, gates.field_themes)
    weeks = [standing(evidence, gates, matrix, back) for back in range(REPLAY)]
    growing = entered(weeks[::-1], gates)
    now = weeks[0]
    scores = score(evidence, now, gates)
    around = _growth_of(_joined(stream_counts(evidence), matrix))
    table, due = four_weekly(evidence, _longest(evidence))
    found = []
    for k, facts in enumerate(evidence.themes):
        growth = _growth(now, k)
        gate = _gates(evidence, facts, now, k, gates)
        kind = theme_class(now, k, bool(growing[k]), gate, facts, gates)
        start = shift_point(table[k], due[k])
        signal = Signal(
            theme=facts.theme,
            week=evidence.week,
            theme_class=kind,
            flagged=kind == "emerging",
            score=round(float(scores[k]), 2),
            growth=growth,
            documents=int(now.documents[k]),
            recent=int(now.recent[k]),
            organisations=facts.organisations,
            countries=facts.countries,
            first_seen=facts.first_seen,
            since=None if start is None else shift(evidence.week, 1 - 4 * (len(due[k]) - start)),
            confidence=_confidence(now, k),
            why="",
            gates=gate,
            streams=_streams(now, k),
            sparkline=tuple(int(count) for count in table[k]),
        )
        field = float(np.exp(around[k])) if matrix.any() else None
        found.append(reason(signal, field=field, rising=bool(now.rising[k])))
    return found


def standing(evidence: Evidence, gates: Gates, matrix: Array, back: int) -> Standing:
    """The tests and the countable gates as they stood *back* weeks before the week."""
    streams = stream_counts(evidence, back)
    tests = tuple(two_window(stream) for stream in streams)
    p, tested = combine(tests)
    p = np.where(tested >= gates.min_documents, p, np.nan)
    field_z, ratio, error = with_field_growth(streams, matrix, *pooled_ratio(tests))
    joined = _joined(streams, matrix)
    field_latest = _growth_of([latest(stream) for stream in joined])
    field_earlier = _growth_of([earlier(stream) for stream in joined])
    documents = _documents(tests)
    active, persistence = active_bins(streams)
    lasting, left = without_busiest(streams)
    base_share = np.max([test.base_share for test in tests], axis=0)
    figures = evidence.rising()
    rising = foremost(figures)
    q = benjamini_hochberg(
        with_field(p, field_z, gates.field_weight), budget(figures, gates.rising_weight)
    )
    words = figures if are_enough(figures) else np.full(len(figures), np.nan)
    steady = no_rebound(field_earlier, words)
    passing = (
        (np.nan_to_num(q, nan=1.0) <= gates.q)
        & (documents >= gates.min_documents)
        & (active >= gates.min_active_bins)
        & (ratio >= np.log(gates.min_ratio))
        & (ratio - Z90 * error >= np.log(gates.min_ratio_low))
        & (lasting >= np.log(gates.min_lasting_ratio))
        & (left >= gates.min_left)
        & ((field_latest >= 0) | rising)
        & steady
    )
    return Standing(
        tests=tests,
        q=q,
        fading=benjamini_hochberg(1 - p),
        ratio=ratio,
        error=error,
        field_z=field_z,
        field_latest=field_latest,
        no_rebound=steady,
        words=words,
        rising=rising,
        documents=documents,
        recent=recent_and_base(streams)[0],
        active=active,
        persistence=persistence,
        lasting=lasting,
        left=left,
        base_share=base_share,
        passing=passing,
    )


def no_rebound(before: Array, words: Array) -> Flags:
    """Whether growth is more than a way back up; *before* is growth within the base window.

    A neighbourhood that lost share within the base window and then gained it returns to
    where it was. Words that rise widely tell that it does not. Where rising words are not
    known, the corpus is too small for neighbourhoods, and nothing is asked.
    """
    return np.asarray(np.isnan(words) | (words >= SPREADING) | (before >= 0))


def _documents(tests: Sequence[StreamTest]) -> Array:
    return np.asarray(sum(test.recent + test.base for test in tests))


def _joined(streams: Sequence[StreamCounts], matrix: Array) -> list[StreamCounts]:
    """The streams counted for each theme and its field together."""
    return [as_field(stream, matrix + np.eye(len(matrix))) for stream in streams]


def _growth_of(streams: Sequence[StreamCounts]) -> Array:
    return pooled_ratio([two_window(stream) for stream in streams])[0]


def entered(weeks: Sequence[Standing], gates: Gates) -> Flags:
    """Which themes are growing after *weeks*, oldest first.

    A theme passes in the last week and in `enter_weeks` of the last three, so that no flag
    rests on one week's chance. What stops passing goes to the watch list at once: keeping
    flags for weeks above the threshold was right half as often in the back-test.
    """
    passing = np.stack([week.passing for week in weeks[-REPLAY:]])
    return np.asarray(passing[-1] & (passing.sum(0) >= gates.enter_weeks))


# --- one theme ---------------------------------------------------------------


def theme_class(
    now: Standing,
    k: int,
    growing: bool,
    gate: dict[str, Gate],
    facts: Facts,
    gates: Gates,
) -> ThemeClass:
    """The class a reader sees (docs/method.md, section 5)."""
    high = now.ratio[k] + Z90 * now.error[k]
    # What is growing passed the countable gates; who stands behind it is asked every week.
    independent = all(gate.get(name) != "failed" for name in _INDEPENDENCE)
    if growing and independent:
        if _news_alone(now, k):
            return "hype"
        old = facts.grown < ESTABLISHED or gate["base share"] == "failed"
        return "established" if old else "emerging"
    if high < 0 and now.fading[k] <= gates.q:
        return "fading"
    promising = all(state != "failed" for name, state in gate.items() if name not in _MAY_FAIL)
    few = 3 <= now.documents[k] < gates.min_documents
    near = now.q[k] <= gates.watch_q
    return "weak_signal" if promising and (few or near) else "none"


_MAY_FAIL = {"documents", "significance", "interval", "no rebound"}  # of what is watched
_INDEPENDENCE = ("organisations", "places", "author groups")


def _news_alone(now: Standing, k: int) -> bool:
    """Whether growth is seen in news while other streams were heard and are not growing."""
    others = [test for test in now.tests if test.name != "news"]
    heard = [test for test in others if (test.recent + test.base).sum() > 0]
    news = [test for test in now.tests if test.name == "news" and test.weight[k] >= MIN_POOLED]
    if not heard or not news:
        return False
    p, tested = combine(heard)
    silent = tested[k] < MIN_POOLED or np.isnan(p[k])
    return bool(silent or p[k] > 0.3 or pooled_ratio(heard)[0][k] < np.log(1.25))


def _gates(
    evidence: Evidence, facts: Facts, now: Standing, k: int, gates: Gates
) -> dict[str, Gate]:
    def judged(condition: object) -> Gate:
        return "passed" if condition else "failed"

    q = now.q[k]
    return {
        "documents": judged(now.documents[k] >= gates.min_documents),
        "significance": judged(not np.isnan(q) and q <= gates.q),
        "growth": judged(now.ratio[k] >= np.log(gates.min_ratio)),
        "interval": judged(now.ratio[k] - Z90 * now.error[k] >= np.log(gates.min_ratio_low)),
        "active bins": judged(now.active[k] >= gates.min_active_bins),
        "lasting": judged(
            now.lasting[k] >= np.log(gates.min_lasting_ratio) and now.left[k] >= gates.min_left
        ),
        "still growing": judged(now.field_latest[k] >= 0 or now.rising[k]),
        "base share": judged(now.base_share[k] < gates.max_base_share),
        **({"no rebound": judged(now.no_rebound[k])} if np.isfinite(now.words[k]) else {}),
        **independence(facts, evidence.sources, gates),
    }


def independence(facts: Facts, sources: int, gates: Gates) -> dict[str, Gate]:
    """Whether several independent parties stand behind the theme, as far as one can tell.

    Where documents name no organisations, groups of authors without a common member stand
    in, and where there are no authors either, sources do.
    """

    def enough(number: int, needed: int) -> Gate:
        return "passed" if number >= needed else "failed"

    found: dict[str, Gate] = {"organisations": "not judged", "places": "not judged"}
    if facts.named >= NAMED:
        found["organisations"] = enough(facts.organisations, gates.min_organisations)
        found["places"] = enough(max(facts.countries, facts.sources), gates.min_places)
    elif facts.signed >= NAMED:
        found["author groups"] = enough(facts.groups, gates.min_organisations)
    elif sources > 1:
        found["places"] = enough(facts.sources, gates.min_places)
    return found


def _growth(now: Standing, k: int) -> Growth:
    spread = Z90 * float(now.error[k])
    if not np.isfinite(spread):
        return Growth(1.0, 0.0, 1e6, None)  # nothing is known yet
    low, high = float(now.ratio[k]) - spread, float(now.ratio[k]) + spread
    q = None if np.isnan(now.q[k]) else float(f"{now.q[k]:.3g}")
    return Growth(_round(np.exp(now.ratio[k])), _round(np.exp(low)), _round(np.exp(high)), q)


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def _confidence(now: Standing, k: int) -> Confidence:
    """How many things speak for what is said: streams, interval, and words where they are known."""
    several = sum(1 for test in now.tests if test.weight[k] >= MIN_POOLED) >= 2
    narrow = 2 * Z90 * now.error[k] <= np.log(3)
    spreading = now.words[k] >= SPREADING
    labels: tuple[Confidence, ...] = ("low", "medium", "high")
    points = int(several) + int(narrow) + int(spreading) - int(np.isfinite(now.words[k]))
    return labels[max(points, 0)]


def _streams(now: Standing, k: int) -> dict[str, dict[str, float]]:
    return {
        test.name: {
            "recent": float(test.recent[k]),
            "base": float(test.base[k]),
            "p": float(f"{test.p[k]:.3g}") if not np.isnan(test.p[k]) else 1.0,
            "ratio": _round(np.exp(test.log_ratio[k])),
        }
        for test in now.tests
        if test.recent[k] + test.base[k] > 0
    }


# --- the ranked list -----------------------------------------------------------


def score(evidence: Evidence, now: Standing, gates: Gates) -> Array:
    """0 to 100 per theme: what is likely to go on growing stands first.

    What the other themes lead one to expect where the theme lies counts most: it tells
    more about the years to come than the theme's own noisy counts do.
    """
    ratio, error = pooled_ratio(now.tests)
    expected = ground(ratio, error, evidence.likeness) if now.field_z.any() else ratio
    pace = (
        standardised(evidence.rising()) + expected / YEARLY_SCALE + now.field_latest / LATEST_SCALE
    )
    own = np.clip((now.ratio - Z90 * now.error) / np.log(4), 0, 1)
    table, due = four_weekly(evidence, _longest(evidence))
    facts = evidence.themes
    parts = {
        "around": 1 / (1 + np.exp(-pace)),
        "growth": own,
        "trend": holt_trend(table, due),
        "novelty": novelty(
            np.array([f.age_weeks for f in facts], float), now.base_share, gates.max_base_share
        ),
        "community": community(np.array([f.variety for f in facts], float)),
        "persistence": now.persistence,
        "impact": impact(
            np.sum([test.weight >= MIN_POOLED for test in now.tests], axis=0).astype(float),
            np.array([f.countries for f in facts], float),
            np.array([f.amount_eu for f in facts], float),
        ),
    }
    enough = now.documents >= MIN_TESTED
    total = sum(WEIGHTS[name] * part for name, part in parts.items())
    burst = now.left < gates.min_left  # nearly all of it in four weeks: no course to go on
    return np.asarray(100 * total * np.where(enough & ~burst, 1.0, 0.5))


WEIGHTS = {
    "around": 0.85,
    "growth": 0.05,
    "trend": 0.02,
    "novelty": 0.02,
    "community": 0.02,
    "persistence": 0.02,
    "impact": 0.02,
}
# Usual size of the log growth expected of a theme, and of its field's in the last quarter.
YEARLY_SCALE, LATEST_SCALE = 0.60, 2.0


def _longest(evidence: Evidence) -> int:
    """Weeks of the longest window, in whole bins of four."""
    weeks = (s.bin_weeks * (s.recent_bins + s.base_bins) for s in evidence.streams.values())
    return -(-max(weeks, default=52) // 4) * 4
