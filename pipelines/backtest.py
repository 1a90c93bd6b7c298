"""`trendscout backtest`: what would have been flagged then, and what became of it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database

from config.errors import UsageError
from config.loader import Configuration
from config.weeks import shift, week_of, weeks_between
from nlp.embed import configured_name
from nlp.hindcast import SHORT, Corpus, Prediction, confusion, outcomes, precision_at, predict
from pipelines.store.history import corpus as read_corpus

QUARTER = 13  # weeks between cut-offs
RESULT = "backtest.json"
LEAST_MONTHS = 12 - SHORT  # what the nearest horizon needs after a cut-off


def backtest(
    db: Database, data: Path, configuration: Configuration, first: str, last: str
) -> Iterator[str]:
    """Lines that tell how flags turned out at quarterly cut-offs from *first* to *last*.

    Nothing in the store changes; the figures are also left in `reports/backtest.json`.
    UsageError when there are no analysed documents, or none of the cut-offs can be judged.
    """
    settings = configuration.settings
    streams: dict[str, int] = {
        kind: number
        for number, stream in enumerate(settings.streams.values())
        for kind in stream.kinds
    }
    corpus = read_corpus(db, configured_name(settings.embedding), streams)
    if not len(corpus):
        raise UsageError("no document has a vector yet; run `trendscout analyse` first")
    results = []
    for week in cutoffs(first, last):
        prediction = predict(corpus, settings, week)
        flagged = sum(signal.flagged for signal in prediction.signals)
        yield (
            f"{week}: {len(prediction.documents)} documents, {len(prediction.themes)} themes,"
            f" {flagged} flagged"
        )
        found = outcomes(corpus, prediction)
        if not found:
            yield "  cannot be judged: no themes yet, or too little came after"
        for months, outcome in found.items():
            result = _result(prediction, months, outcome.success)
            results.append(result)
            yield line_of(result)
        yield from _flags(prediction)
    if not results:
        raise UsageError(f"nothing to judge from {first} to {last}: {span(corpus)}")
    _write(data, results)
    for months in sorted({result["months"] for result in results}):
        yield summary([result for result in results if result["months"] == months])


def span(corpus: Corpus) -> str:
    """Which weeks the archive covers, and what a back-test needs of it."""
    days = (int(corpus.published.min()), int(corpus.published.max()))
    oldest, newest = (week_of(date.fromordinal(day)) for day in days)
    return (
        f"the archive reaches from {oldest} to {newest}, and a cut-off"
        f" needs themes before it and {LEAST_MONTHS} months of documents after it"
    )


def cutoffs(first: str, last: str) -> list[str]:
    """Every thirteenth week from *first* to *last*."""
    return [shift(first, step) for step in range(0, weeks_between(first, last) + 1, QUARTER)]


def _result(prediction: Prediction, months: int, success: np.ndarray[Any, Any]) -> dict[str, Any]:
    flags = np.array([signal.flagged for signal in prediction.signals])
    scores = np.array([signal.score for signal in prediction.signals])
    measured = {name: round(float(v), 4) for name, v in confusion(flags, success).items()}
    best = round(precision_at(scores, success), 4)
    return {"week": prediction.week, "months": months, "precision_at_20": best, **measured}


def line_of(result: dict[str, Any]) -> str:
    """One cut-off and horizon in words."""
    return (
        f"  after {result['months']} months {result['hits']:.0f} of {result['flags']:.0f} flags"
        f" had grown; of all themes {100 * result['base']:.0f} %;"
        f" of the 20 best ranked {100 * result['precision_at_20']:.0f} %"
    )


def summary(results: list[dict[str, Any]]) -> str:
    """All cut-offs of one horizon together."""
    hits, flags = sum(r["hits"] for r in results), sum(r["flags"] for r in results)
    base = np.mean([r["base"] for r in results])
    return (
        f"of {flags:.0f} themes flagged {results[0]['months']} months before, {hits:.0f} grew"
        f" ({len(results)} cut-offs, base rate {100 * base:.0f} %)"
    )


def _flags(prediction: Prediction) -> Iterator[str]:
    for theme, signal in zip(prediction.themes, prediction.signals, strict=True):
        if signal.flagged:
            yield f"    {theme.label}: {signal.why}"


def _write(data: Path, results: list[dict[str, Any]]) -> None:
    folder = data / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{RESULT}"
    fresh.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(folder / RESULT)
