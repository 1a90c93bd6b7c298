"""The order of the list (docs/method.md, section 6)."""

import numpy as np

from config.models import Gates
from nlp.arrays import Array
from nlp.components import community, holt_trend, impact, novelty
from nlp.evidence import Evidence, four_weekly
from nlp.growth import MIN_POOLED, MIN_TESTED, Z90, pooled_ratio
from nlp.neighbourhood import ground
from nlp.risingwords import standardised
from nlp.standing import Standing

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
    table, due = four_weekly(evidence, longest(evidence))
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


def longest(evidence: Evidence) -> int:
    """Weeks of the longest window, in whole bins of four."""
    weeks = (s.bin_weeks * (s.recent_bins + s.base_bins) for s in evidence.streams.values())
    return -(-max(weeks, default=52) // 4) * 4
