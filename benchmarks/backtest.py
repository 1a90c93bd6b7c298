"""How often were the flags right? `python -m benchmarks.backtest --vectors FOLDER`

Cut-offs on real arXiv abstracts, everything frozen at the cut-off, outcomes 12, 24 and 36
months later, beside the published detectors on the same themes, and on corpora whose
blocks of four weeks were dealt out anew. Needs TRENDSCOUT_BENCH_DATA.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.arxiv import arxiv
from config.loader import load_configuration
from config.models import Settings
from config.weeks import last_day
from nlp.baselines import DETECTORS
from nlp.growth import Array
from nlp.hindcast import (
    Corpus,
    Outcome,
    Prediction,
    best_threat,
    confusion,
    evidence_of,
    outcomes,
    precision_at,
    predict,
)
from nlp.signals import weekly_signals

CUTOFFS = ("2014-W26", "2014-W52", "2015-W26", "2015-W52", "2016-W26")
LISTED = ("2014-W26", "2015-W26", "2016-W26")
MONTH = 365.25 / 12
BLOCK = 28  # days that stay together in a permuted corpus


def monthly(corpus: Corpus, prediction: Prediction) -> tuple[Array, Array]:
    """Counts per theme and month before the cut-off, by membership, and the totals."""
    last, first = last_day(prediction.week).toordinal(), int(corpus.published.min())
    months = int((last - first) / MONTH)
    seen = np.flatnonzero(corpus.published <= last)
    place = months - 1 - ((last - corpus.published) / MONTH).astype(int)
    totals = np.bincount(place[seen][place[seen] >= 0], minlength=months).astype(float)
    near = np.concatenate(
        [
            (corpus.vectors[block] @ prediction.centroids.T).argmax(1)
            for block in np.array_split(seen, max(1, len(seen) // 8192))
        ]
    )
    counts = np.zeros((len(prediction.themes), months))
    ok = place[seen] >= 0
    np.add.at(counts, (near[ok], place[seen][ok]), 1)
    return counts, totals


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


def null_flags(
    corpus: Corpus, settings: Settings, prediction: Prediction, draws: int
) -> tuple[float, float]:
    """Share of themes flagged, and of draws with any flag, when dates are dealt out anew."""
    flags = []
    for draw in range(draws):
        dealt = permuted(
            corpus, prediction.week, settings.themes.window_weeks, np.random.default_rng(draw)
        )
        evidence = evidence_of(
            dealt, settings, prediction.week, prediction.themes, prediction.documents
        )
        flags.append(sum(signal.flagged for signal in weekly_signals(evidence, settings.gates)))
    return float(np.mean(flags)) / len(prediction.themes), float(np.mean(np.array(flags) > 0))


def interval(hits: Sequence[int], totals: Sequence[int], draws: int = 1000) -> tuple[float, float]:
    """90 % bootstrap interval of pooled precision, drawing whole cut-offs' flags."""
    rng = np.random.default_rng(0)
    one = np.concatenate(
        [np.repeat([1, 0], [hit, total - hit]) for hit, total in zip(hits, totals, strict=True)]
    )
    if not len(one):
        return 0.0, 0.0
    means = rng.choice(one, (draws, len(one))).mean(1)
    return float(np.quantile(means, 0.05)), float(np.quantile(means, 0.95))


def report_flags(prediction: Prediction, outcome: Outcome) -> None:
    """Each flag of a cut-off and what became of it."""
    for row in np.argsort([-s.score for s in prediction.signals], kind="stable"):
        signal = prediction.signals[row]
        if signal.flagged:
            mark = "right" if outcome.success[row] else "wrong"
            print(
                f"    {mark}  {prediction.themes[row].label:36.36}"
                f" at the cut-off {signal.growth.ratio:4.1f}x"
                f" ({signal.growth.low:.1f}-{signal.growth.high:.1f}),"
                f" later {outcome.ratio[row]:4.1f}x, {outcome.documents[row]} documents"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True, help="folder that keeps vectors")
    parser.add_argument("--cutoffs", nargs="*", default=CUTOFFS, help="ISO weeks")
    parser.add_argument("--null", type=int, default=20, help="permuted corpora per cut-off")
    options = parser.parse_args()
    corpus, _ = arxiv(options.vectors)
    settings = load_configuration().settings
    pooled: dict[int, list[tuple[int, int, float, float]]] = {}
    nulls = []
    for week in options.cutoffs:
        started = time.perf_counter()
        prediction = predict(corpus, settings, week)
        seconds = time.perf_counter() - started
        flags = np.array([signal.flagged for signal in prediction.signals])
        scores = np.array([signal.score for signal in prediction.signals])
        found = outcomes(corpus, prediction)
        print(
            f"{week}: {len(prediction.documents)} documents, {len(flags)} themes,"
            f" {flags.sum()} flags, fit and signals {seconds:.0f} s"
        )
        for months, outcome in found.items():
            c = confusion(flags, outcome.success)
            best = precision_at(scores, outcome.success)
            pooled.setdefault(months, []).append((int(c["hits"]), int(c["flags"]), c["base"], best))
            print(
                f"  {months} months: precision {c['precision']:.2f} at base rate {c['base']:.2f}"
                f" ({c['precision'] / max(c['base'], 1e-9):.1f}x), recall {c['recall']:.2f},"
                f" threat {c['threat']:.2f}, best threat of the ranking"
                f" {best_threat(scores, outcome.success):.2f}, precision at 20 {best:.2f}"
            )
        longest = found[max(found)]
        counts, totals = monthly(corpus, prediction)
        for name, detector in DETECTORS.items():
            score, flagged = detector(counts, totals)
            c = confusion(flagged, longest.success)
            print(
                f"    {name:18} {int(c['flags']):4d} flags, precision {c['precision']:.2f},"
                f" threat {c['threat']:.2f}, best {best_threat(score, longest.success):.2f},"
                f" precision at 20 {precision_at(score, longest.success):.2f}"
            )
        share, weeks = null_flags(corpus, settings, prediction, options.null)
        nulls.append((share, weeks))
        print(
            f"  permuted: {100 * share:.3f} % of themes, {100 * weeks:.0f} % of draws", flush=True
        )
        if week in LISTED:
            report_flags(prediction, longest)
    for months, values in sorted(pooled.items()):
        hits, totals_ = [v[0] for v in values], [v[1] for v in values]
        low, high = interval(hits, totals_)
        print(
            f"all cut-offs, {months} months: {sum(hits)} of {sum(totals_)} flags right,"
            f" precision {sum(hits) / max(sum(totals_), 1):.2f} (90 % {low:.2f}-{high:.2f}),"
            f" mean base rate {np.mean([v[2] for v in values]):.2f},"
            f" mean precision at 20 {np.mean([v[3] for v in values]):.2f}"
        )
    share, weeks = np.mean(nulls, axis=0)
    print(f"backtest: permuted corpora {100 * share:.3f} % of themes, {100 * weeks:.0f} % of draws")
    return 0


if __name__ == "__main__":
    sys.exit(main())
