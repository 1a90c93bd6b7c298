"""Invented counts of themes, and what is judged of them."""

from dataclasses import replace

import numpy as np

from config.models import Gates, Stream
from nlp.evidence import Evidence, Facts, Tally
from nlp.growth import StreamCounts
from nlp.signals import weekly_signals

STREAMS = {
    "publications": Stream(kinds=("publication",), bin_weeks=1, recent_bins=13, base_bins=52),
    "news": Stream(kinds=("news",), bin_weeks=1, recent_bins=13, base_bins=52),
}


def stream_of(counts, totals, recent=13, bin_weeks=1, name="publications"):
    """A stream of one source unless the arrays say otherwise."""
    counts, totals = np.asarray(counts, float), np.asarray(totals, float)
    if counts.ndim == 2:
        counts, totals = counts[:, None, :], totals[None, :]
    return StreamCounts(name, counts, totals, recent, bin_weeks)


def flat_and_growing(seed=0, themes=60, weeks=65, growth=4.0, rate=0.6):
    """Counts of flat themes with one that grows in the last quarter, and the totals."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rate, (themes, weeks)).astype(float)
    counts[0] = rng.poisson(np.where(np.arange(weeks) >= weeks - 13, rate * growth, rate))
    return counts, counts.sum(0) + 30


def evidence_of(*streams, sources=1, facts=None, likeness=None):
    """Evidence of a run from themes x weeks arrays, one (counts, totals) pair per stream.

    No theme resembles another unless *likeness*, themes x themes, says so.
    """
    members, everything = [], []
    for number, (counts, totals) in enumerate(streams):
        weeks = counts.shape[1]
        for theme, week in zip(*np.nonzero(counts), strict=True):
            age = weeks - 1 - week
            members.append((theme, number, 0, age, age, counts[theme, week]))
        for week, total in enumerate(totals):
            age = weeks - 1 - week
            everything.append((-1, number, 0, age, age, total))
    themes = len(streams[0][0])
    names = list(STREAMS)[: len(streams)]
    return Evidence(
        week="2020-W20",
        themes=facts or [some_facts(number) for number in range(themes)],
        members=Tally(*np.array(members, dtype=np.int64).T),
        everything=Tally(*np.array(everything, dtype=np.int64).T),
        sources=sources,
        streams={name: STREAMS[name] for name in names},
        likeness=np.eye(themes) if likeness is None else likeness,
    )


def some_facts(number=0, **changes):
    facts = Facts(
        theme=f"t-{number:06d}",
        first_seen="2019-W10",
        age_weeks=60,
        organisations=9,
        countries=4,
        sources=3,
        named=1.0,
        variety=6.0,
    )
    return replace(facts, **changes)


def signals_of(*streams, gates=None, **kwargs):
    return weekly_signals(evidence_of(*streams, **kwargs), gates or Gates())
