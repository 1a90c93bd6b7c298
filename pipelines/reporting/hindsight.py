"""From replayed cut-offs to what the back-test page says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from config.models import Settings
from nlp.arrays import Array, Integers
from nlp.baselines import DETECTORS, Verdict
from nlp.hindcast import (
    FOLLOWERS,
    YEARLY,
    Corpus,
    Flags,
    Outcome,
    Prediction,
    confusion,
    monthly,
    outcomes,
    precision_at,
    predict,
)
from nlp.skill import fields_of, precision_interval
from reports.backtest import Backtest, Chance, Cutoff, Fate, FlaggedTheme, Result, Rival
from reports.parts import Growth

HISTORY = 24  # months of documents that the published detectors need


@dataclass(frozen=True)
class Replay:
    """A cut-off with what became of it; arrays have one entry per theme."""

    prediction: Prediction
    outcomes: Mapping[int, Outcome]  # by months
    rivals: Mapping[str, Verdict]  # score and flags by detector

    @property
    def verdict(self) -> Verdict:
        """Our own scores and flags."""
        signals = self.prediction.signals
        return (
            np.array([signal.score for signal in signals], dtype=float),
            np.array([signal.flagged for signal in signals], dtype=bool),
        )


def replay(corpus: Corpus, settings: Settings, week: str) -> Replay:
    """Judge *week* from what was known then, and look up what came after."""
    prediction = predict(corpus, settings, week)
    return Replay(prediction, outcomes(corpus, prediction), rivals_of(corpus, prediction))


def rivals_of(corpus: Corpus, prediction: Prediction) -> dict[str, Verdict]:
    """What published detectors would have said; nothing without two years of documents."""
    if not prediction.themes:
        return {}
    counts, totals = monthly(corpus, prediction)
    if len(totals) < HISTORY:
        return {}
    return {name: detector(counts, totals) for name, detector in DETECTORS.items()}


def hindsight(
    settings: Settings,
    first: str,
    last: str,
    replays: Sequence[Replay],
    by_chance: Sequence[Sequence[int]],
) -> Backtest:
    """Everything the page says about *replays*, which are in the order of their weeks.

    *by_chance* are the flags in permuted corpora of each.
    """
    fields = fields_of([one.prediction.centroids for one in replays])
    names = sorted({name for one in replays for name in one.rivals})
    return Backtest(
        first=first,
        last=last,
        yearly=YEARLY,
        followers=FOLLOWERS,
        q=settings.gates.q,
        cutoffs=tuple(cutoff(one) for one in replays),
        pooled=_pooled([(one, one.verdict) for one in replays], fields),
        chance=Chance(
            corpora=sum(map(len, by_chance)),
            themes=sum(
                len(one.prediction.themes) * len(draws)
                for one, draws in zip(replays, by_chance, strict=True)
            ),
            flags=sum(map(sum, by_chance)),
            corpora_with_flags=sum(flags > 0 for draws in by_chance for flags in draws),
        ),
        rivals=tuple(
            Rival(name, _pooled([(one, one.rivals.get(name)) for one in replays], fields))
            for name in names
        ),
    )


def cutoff(one: Replay) -> Cutoff:
    """A replayed week as the page shows it: flags in the order of their score."""
    score, flags = one.verdict
    return Cutoff(
        week=one.prediction.week,
        documents=len(one.prediction.documents),
        themes=len(one.prediction.themes),
        results=tuple(result(outcome, score, flags) for _, outcome in sorted(one.outcomes.items())),
        flagged=tuple(
            _flagged(one, int(row)) for row in np.argsort(-score, kind="stable") if flags[row]
        ),
    )


def _flagged(one: Replay, row: int) -> FlaggedTheme:
    signal = one.prediction.signals[row]
    growth = signal.growth
    return FlaggedTheme(
        label=one.prediction.themes[row].label,
        growth=Growth(growth.ratio, growth.low, growth.high, growth.q),
        why=signal.why,
        fates=tuple(
            Fate(
                months=months,
                seen=outcome.seen,
                grew=bool(outcome.success[row]),
                ratio=round(float(outcome.ratio[row]), 4),
                documents=int(outcome.documents[row]),
            )
            for months, outcome in sorted(one.outcomes.items())
        ),
    )


# --- figures -------------------------------------------------------------------


def result(outcome: Outcome, score: Array, flags: Flags) -> Result:
    """How the flags of one cut-off turned out."""
    measured = confusion(flags, outcome.success)
    return Result(
        months=outcome.months,
        seen=(outcome.seen, outcome.seen),
        cutoffs=1,
        themes=len(flags),
        flags=int(measured["flags"]),
        hits=int(measured["hits"]),
        grown=int(outcome.success.sum()),
        base=round(measured["base"], 4),
        best=round(precision_at(score, outcome.success), 4),
    )


def _pooled(
    judged: Sequence[tuple[Replay, Verdict | None]], fields: Sequence[Integers]
) -> tuple[Result, ...]:
    """All cut-offs together, for each horizon that one of them reaches.

    Flags and hits are added up, base rate and precision at 20 averaged over cut-offs.
    """
    found = []
    for months in sorted({months for one, _ in judged for months in one.outcomes}):
        here = [
            (*verdict, one.outcomes[months], field)
            for (one, verdict), field in zip(judged, fields, strict=True)
            if verdict is not None and months in one.outcomes
        ]
        if not here:
            continue
        single = [result(outcome, score, flags) for score, flags, outcome, _ in here]
        flags = np.concatenate([one for _, one, _, _ in here])
        success = np.concatenate([outcome.success for _, _, outcome, _ in here])
        field = np.concatenate([one for _, _, _, one in here])
        interval = precision_interval(flags, success, field)
        found.append(
            Result(
                months=months,
                seen=(min(one.seen[0] for one in single), max(one.seen[1] for one in single)),
                cutoffs=len(single),
                themes=len(flags),
                flags=sum(one.flags for one in single),
                hits=sum(one.hits for one in single),
                grown=sum(one.grown for one in single),
                base=round(float(np.mean([one.base for one in single])), 4),
                best=round(float(np.mean([one.best for one in single])), 4),
                interval=interval and (round(interval[0], 4), round(interval[1], 4)),
            )
        )
    return tuple(found)
