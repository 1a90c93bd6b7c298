"""What replayed cut-offs say beyond precision: lead time, probabilities, the best rival.

Used by `python -m benchmarks.backtest`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from benchmarks.events import documents_in_time, lead_times, load_events, matches, mentions
from config.weeks import first_day
from nlp.arrays import Array, Integers
from nlp.baselines import Verdict
from nlp.hindcast import Corpus, Flags, confusion, head, precision_at
from nlp.skill import (
    brier,
    fields_of,
    interval,
    precision_draws,
    probability_of,
    reliability,
    threat_draws,
)
from pipelines.reporting.hindsight import Replay

LEARNT_UNTIL = 2015  # last year whose cut-offs may teach a probability
CONFIDENCE = ("high", "medium", "low")
FEWEST_FLAGS = 10  # over all cut-offs, of a rival that counts as the best


def lead_lines(corpus: Corpus, replays: Sequence[Replay]) -> Iterator[str]:
    """How long before their dates the listed technologies were flagged, and which hypes were.

    A theme is flagged first in the week of its cut-off; every cut-off's themes stand for
    themselves, so an event may be matched by many.
    """
    events = load_events()
    mentioned = mentions(corpus.texts, events)
    months = [f"{date.fromordinal(int(day)):%Y-%m}" for day in corpus.published]
    documents = documents_in_time(mentioned, months, events)
    flags: dict[str, str | None] = {}
    events_of: dict[str, list[str]] = {}
    for one in replays:
        week, rows = one.prediction.week, one.prediction.documents
        for number, (theme, signal) in enumerate(
            zip(one.prediction.themes, one.prediction.signals, strict=True)
        ):
            name = f"{week}/{number}"
            flags[name] = week if signal.flagged else None
            events_of[name] = matches([mentioned[int(rows[row])] for row in theme.members])
    weeks = [one.prediction.week for one in replays]
    found = lead_times(flags, events_of, documents, events, (min(weeks), max(weeks)))
    for lead in found.leads:
        if lead.judged:
            said = "never flagged" if lead.months is None else f"flagged {lead.months:+d} months"
            yield (
                f"    {lead.kind:10} {lead.event:32.32} {lead.month},"
                f" {lead.documents:4d} documents, {lead.themes} themes, {said}"
            )
    yield (
        f"lead time: {found.technologies} technologies judged,"
        f" {_share(found.before)} flagged before take-off,"
        f" median {'n/a' if found.median_months is None else f'{found.median_months:g}'} months;"
        f" {found.hypes} hypes judged, {_share(found.hypes_flagged)} flagged"
    )


def _share(value: float | None) -> str:
    return "n/a" if value is None else f"{100 * value:.0f} %"


# --- probabilities -----------------------------------------------------------


def probability_lines(replays: Sequence[Replay]) -> Iterator[str]:
    """What the score is worth as a probability, for each horizon of later cut-offs.

    The logistic curve from score to probability is learnt on cut-offs up to 2015 and
    judged on later ones. Outcomes of the last cut-offs that teach it were not known at
    those that judge it: this measures the score, it is no forecast that was made.
    """
    for months in sorted({months for one in replays for months in one.outcomes}):
        taught = _judged([one for one in replays if _year(one) <= LEARNT_UNTIL], months)
        asked = _judged([one for one in replays if _year(one) > LEARNT_UNTIL], months)
        if taught is None or asked is None:
            yield f"probability, {months} months: no cut-off before or after {LEARNT_UNTIL} has it"
            continue
        probability = probability_of(*taught)(asked[0])
        score, skill = brier(probability, asked[1])
        bins = ", ".join(
            f"{said:.2f} was {was:.2f} ({number})"
            for said, was, number in reliability(probability, asked[1])
        )
        yield (
            f"probability, {months} months, learnt until {LEARNT_UNTIL}, judged later:"
            f" Brier {score:.3f}, skill {skill:+.2f} against base rate {asked[1].mean():.2f};"
            f" said: {bins}"
        )


def _year(one: Replay) -> int:
    return first_day(one.prediction.week).year


def _judged(replays: Sequence[Replay], months: int) -> tuple[Array, Flags] | None:
    """Scores and successes of all cut-offs that reach the horizon, None without any."""
    here = [one for one in replays if months in one.outcomes]
    if not here:
        return None
    return (
        np.concatenate([one.verdict[0] for one in here]),
        np.concatenate([one.outcomes[months].success for one in here]),
    )


# --- the best rival ----------------------------------------------------------


def pooled_lines(replays: Sequence[Replay]) -> Iterator[str]:
    """What came of the flags of all cut-offs, then of those on which nothing was set."""
    fields = fields_of([one.prediction.centroids for one in replays])
    yield from _pooled("all cut-offs", list(zip(replays, fields, strict=True)))
    later = [pair for pair in zip(replays, fields, strict=True) if _year(pair[0]) > LEARNT_UNTIL]
    if 0 < len(later) < len(replays):
        yield from _pooled(f"cut-offs after {LEARNT_UNTIL}", later)


def _pooled(name: str, judged: Sequence[tuple[Replay, Integers]]) -> Iterator[str]:
    """Precision with intervals that draw fields, beside the best detector, at each horizon.

    Flags of a detector are drawn with ours, field by field, so the interval of the
    difference holds what both have in common.
    """
    for months in sorted({months for one, _ in judged for months in one.outcomes}):
        pairs = [pair for pair in judged if months in pair[0].outcomes]
        here = [one for one, _ in pairs]
        field = np.concatenate([of for _, of in pairs])
        success = np.concatenate([one.outcomes[months].success for one in here])
        ours = _flags([one.verdict for one in here])
        if not ours.any():
            yield f"{name}, {months} months: no flags"
            continue
        draws = precision_draws(ours, success, field)
        yield (
            f"{name}, {months} months: {int((ours & success).sum())} of {int(ours.sum())}"
            f" flags right, precision {success[ours].mean():.2f} ({_spread(draws)},"
            f" drawing {len(np.unique(field))} fields, {len(np.unique(field[ours]))} flagged),"
            f" base rate {success.mean():.2f}"
        )
        twenty = np.concatenate([head(one.verdict[0]) for one in here])
        best20 = [precision_at(one.verdict[0], one.outcomes[months].success) for one in here]
        yield (
            f"  mean precision at 20 {np.mean(best20):.2f}"
            f" ({_spread(precision_draws(twenty, success, field))}),"
            f" threat {confusion(ours, success)['threat']:.2f}"
            f" ({_spread(threat_draws(ours, success, field))})"
        )
        yield _in_full(here, months)
        yield _by_confidence(here, months)
        names = sorted(set.intersection(*(set(one.rivals) for one in here)))
        flags = {name: _flags([one.rivals[name] for one in here]) for name in names}
        yield _first_twenty(here, months, float(np.mean(best20)))
        able = [name for name in names if flags[name].sum() >= FEWEST_FLAGS]
        if able:
            best = max(able, key=lambda name: (success[flags[name]].mean(), name))
            low, high = interval(draws - precision_draws(flags[best], success, field))
            yield (
                f"  best detector with {FEWEST_FLAGS} flags or more: {best},"
                f" {int(flags[best].sum())} flags, precision {success[flags[best]].mean():.2f};"
                f" ours less that {success[ours].mean() - success[flags[best]].mean():+.2f}"
                f" (90 % {low:+.2f} to {high:+.2f})"
            )


def _spread(draws: Array) -> str:
    low, high = interval(draws)
    return f"90 % {low:.2f}-{high:.2f}"


def _in_full(here: Sequence[Replay], months: int) -> str:
    """The flags of those cut-offs whose horizon the corpus reaches."""
    full = [one for one in here if one.outcomes[months].seen >= months]
    right = sum(int((one.verdict[1] & one.outcomes[months].success).sum()) for one in full)
    flags = sum(int(one.verdict[1].sum()) for one in full)
    return f"  {len(full)} of {len(here)} cut-offs are seen in full: {right} of {flags} flags right"


def _by_confidence(here: Sequence[Replay], months: int) -> str:
    """How flags of each confidence turned out."""
    right, all_ = Counter[str](), Counter[str]()
    for one in here:
        for signal, grew in zip(one.prediction.signals, one.outcomes[months].success, strict=True):
            all_[signal.confidence] += signal.flagged
            right[signal.confidence] += signal.flagged and bool(grew)
    parts = [f"{name} {right[name]} of {all_[name]}" for name in CONFIDENCE if all_[name]]
    return f"  right by confidence: {', '.join(parts)}"


def _first_twenty(here: Sequence[Replay], months: int, ours: float) -> str:
    """The detector whose first twenty were right most often, averaged over cut-offs."""
    means = {
        name: float(
            np.mean(
                [precision_at(one.rivals[name][0], one.outcomes[months].success) for one in here]
            )
        )
        for name in sorted(set.intersection(*(set(one.rivals) for one in here)))
    }
    if not means:
        return "  no detector has the history it needs"
    best = max(means, key=lambda name: means[name])
    times = ours / max(means[best], 1e-9)
    return (
        f"  best detector's mean precision at 20: {best}, {means[best]:.2f};"
        f" ours is {times:.1f} times that"
    )


def _flags(verdicts: Sequence[Verdict]) -> Flags:
    return np.concatenate([flags for _, flags in verdicts])
