"""`trendscout backtest`: what would have been flagged then, and what became of it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from config.configuration import Configuration
from config.errors import UsageError
from config.weeks import shift, week_of, weeks_between
from nlp.embed import configured_name
from nlp.hindcast import Corpus
from nlp.nullcorpus import chance_flags
from pipelines.database import Database
from pipelines.report import BACKTEST
from pipelines.reporting.hindsight import cutoff, hindsight, replay
from pipelines.reporting.publish import put
from pipelines.store.history import corpus as read_corpus
from reports.backtest import Cutoff, Result, chance, record, render_backtest
from reports.wording import percent

DRAWS = 2  # permuted corpora at each cut-off
QUARTER = 13  # weeks between cut-offs
RESULT = "backtest.json"
LEAST_MONTHS = 12  # what the nearest horizon needs after a cut-off


def backtest(
    db: Database, data: Path, configuration: Configuration, first: str, last: str
) -> Iterator[str]:
    """Lines that tell how flags turned out at quarterly cut-offs from *first* to *last*.

    Nothing in the store changes; page and figures are left in `reports/`, where the weekly
    reports link to them. UsageError when there are no analysed documents, or none of
    the cut-offs can be judged.
    """
    settings = configuration.settings
    corpus = read_corpus(db, configured_name(settings.embedding), settings.stream_numbers)
    if not len(corpus):
        raise UsageError("no document has a vector yet; run `trendscout analyse` first")
    replays, by_chance = [], []
    for week in cutoffs(first, last):
        one = replay(corpus, settings, week)
        replays.append(one)
        by_chance.append(chance_flags(corpus, settings, one.prediction, DRAWS))
        yield from lines_of(cutoff(one))
    found = hindsight(settings, first, last, replays, by_chance)
    if not found.pooled:
        raise UsageError(f"nothing to judge from {first} to {last}: {span(corpus)}")
    folder = data / "reports"
    put(folder / RESULT, json.dumps(record(found), indent=1, ensure_ascii=False) + "\n")
    put(folder / BACKTEST, render_backtest(found))
    yield f"page: {folder / BACKTEST}"
    yield chance(found.chance)
    for pooled in found.pooled:
        yield summary(pooled)


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


def lines_of(judged: Cutoff) -> Iterator[str]:
    """One cut-off in words: its size, its results, its flags."""
    yield (
        f"{judged.week}: {judged.documents} documents, {judged.themes} themes,"
        f" {len(judged.flagged)} flagged"
    )
    if not judged.results:
        yield "  cannot be judged: no themes yet, or too little came after"
    for one in judged.results:
        yield (
            f"  after {one.passed} months {one.hits} of {one.flags} flags had grown;"
            f" of all themes {percent(one.base)}; of the 20 best ranked {percent(one.best or 0)}"
        )
    for theme in judged.flagged:
        yield f"    {theme.label}: {theme.why}"


def summary(one: Result) -> str:
    """All cut-offs of one horizon together."""
    if not one.flags:
        return f"nothing was flagged {one.passed} months before (base rate {percent(one.base)})"
    spread = ""
    if one.interval is not None:
        spread = f", 90 % interval {100 * one.interval[0]:.0f} to {percent(one.interval[1])}"
    return (
        f"of {one.flags} themes flagged {one.passed} months before, {one.hits} grew"
        f" ({one.cutoffs} cut-offs, base rate {percent(one.base)}{spread})"
    )
