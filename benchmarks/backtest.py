"""How often were the flags right? `python -m benchmarks.backtest --vectors FOLDER`

Cut-offs on real arXiv abstracts, everything frozen at the cut-off, outcomes 12, 24 and 36
months later, beside the published detectors on the same themes, and on corpora whose
blocks of four weeks were dealt out anew; then intervals over fields, the score as a
probability, and the lead time on dated events. Needs TRENDSCOUT_BENCH_DATA.
"""

import argparse
import sys
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.arxiv import asked, corpus_options
from benchmarks.foresight import lead_lines, pooled_lines, probability_lines
from benchmarks.kept import kept
from config.loader import load_configuration
from nlp.hindcast import Outcome, Prediction, best_threat, confusion, precision_at
from nlp.nullcorpus import chance_flags
from pipelines.reporting.hindsight import Replay, replay

CUTOFFS = (  # quarterly, from two years after the first abstract to a year before the last
    *("2014-W13", "2014-W26", "2014-W39", "2014-W52"),
    *("2015-W13", "2015-W26", "2015-W39", "2015-W52"),
    *("2016-W13", "2016-W26", "2016-W39"),
)
LISTED = ("2014-W26", "2015-W26", "2016-W26")


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


def cutoff_lines(one: Replay) -> Iterator[str]:
    """A cut-off at each horizon, and the published detectors at the longest."""
    scores, flags = one.verdict
    for months, outcome in one.outcomes.items():
        c = confusion(flags, outcome.success)
        yield (
            f"  {months} months ({outcome.seen} seen): precision {c['precision']:.2f}"
            f" at base rate {c['base']:.2f} ({c['precision'] / max(c['base'], 1e-9):.1f}x),"
            f" recall {c['recall']:.2f},"
            f" threat {c['threat']:.2f}, best threat of the ranking"
            f" {best_threat(scores, outcome.success):.2f}, precision at 20"
            f" {precision_at(scores, outcome.success):.2f}"
        )
    if not one.outcomes:
        return
    success = one.outcomes[max(one.outcomes)].success
    for name, (score, flagged) in one.rivals.items():
        c = confusion(flagged, success)
        yield (
            f"    {name:18} {int(c['flags']):4d} flags, precision {c['precision']:.2f},"
            f" threat {c['threat']:.2f}, best {best_threat(score, success):.2f},"
            f" precision at 20 {precision_at(score, success):.2f}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, parents=[corpus_options()])
    parser.add_argument(
        "--kept",
        action="store_true",
        help="one store taken through all weeks, as cron keeps it, not a fresh fit each time",
    )
    parser.add_argument("--cutoffs", nargs="*", default=CUTOFFS, help="ISO weeks")
    parser.add_argument("--null", type=int, default=20, help="permuted corpora per cut-off")
    options = parser.parse_args()
    if options.kept and options.null:
        parser.error("--kept has no permuted corpora: give --null 0")
    corpus, _ = asked(options)
    configuration = load_configuration()
    settings = configuration.settings
    replays: list[Replay] = []
    nulls = []
    started = time.perf_counter()
    if options.kept:
        found = kept(corpus, configuration, options.cutoffs)
    else:
        found = (replay(corpus, settings, week) for week in options.cutoffs)
    for one in found:
        week = one.prediction.week
        replays.append(one)
        print(
            f"{week}: {len(one.prediction.documents)} documents,"
            f" {len(one.prediction.themes)} themes, {one.verdict[1].sum()} flags,"
            f" judged in {time.perf_counter() - started:.0f} s"
        )
        for line in cutoff_lines(one):
            print(line)
        if options.null:
            flags = np.array(chance_flags(corpus, settings, one.prediction, options.null))
            share, weeks = flags.mean() / len(one.prediction.themes), (flags > 0).mean()
            nulls.append((share, weeks))
            print(f"  permuted: {100 * share:.3f} % of themes, {100 * weeks:.0f} % of draws")
        if week in LISTED and one.outcomes:
            report_flags(one.prediction, one.outcomes[max(one.outcomes)])
        sys.stdout.flush()
        started = time.perf_counter()
    for lines in (pooled_lines(replays), probability_lines(replays), lead_lines(corpus, replays)):
        for line in lines:
            print(line)
    if nulls:
        share, weeks = np.mean(nulls, axis=0)
        print(
            f"backtest: permuted corpora {100 * share:.3f} % of themes,"
            f" {100 * weeks:.0f} % of draws"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
