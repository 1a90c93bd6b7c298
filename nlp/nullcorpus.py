"""Corpora in which nothing emerges: what is flagged there is flagged by chance."""

from dataclasses import replace

import numpy as np

from config.models import Settings
from config.weeks import last_day
from nlp.hindcast import Corpus, Prediction, evidence_of
from nlp.signals import weekly_signals

BLOCK = 28  # days that stay together in a permuted corpus


def permuted(corpus: Corpus, week: str, weeks: int, rng: np.random.Generator) -> Corpus:
    """The corpus with the blocks of four weeks before *week* in another order."""
    last = last_day(week).toordinal()
    age = last - corpus.published
    blocks = weeks * 7 // BLOCK
    inside = (age >= 0) & (age < blocks * BLOCK)
    order = rng.permutation(blocks)
    moved = order[np.where(inside, age, 0) // BLOCK] * BLOCK + age % BLOCK
    published = np.where(inside, last - moved, corpus.published)
    return replace(corpus, published=published, available=published)


def chance_flags(
    corpus: Corpus, settings: Settings, prediction: Prediction, draws: int
) -> list[int]:
    """How many of the themes of *prediction* are flagged in each of *draws* permuted corpora."""
    found = []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        dealt = permuted(corpus, prediction.week, settings.themes.window_weeks, rng)
        evidence = evidence_of(
            dealt,
            settings,
            prediction.week,
            prediction.themes,
            prediction.documents,
            prediction.words,
            prediction.cuts,
        )
        found.append(sum(signal.flagged for signal in weekly_signals(evidence, settings.gates)))
    return found
