"""What would have been said at a cut-off, and what became of it.

Everything is frozen at the cut-off: only documents available by then are seen, and the
themes' centroids do not move afterwards. Documents that came later are counted for the
frozen centroid they lie nearest to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from config.models import Settings
from config.weeks import first_day, last_day, shift, week_of
from nlp.arrays import Array, Integers
from nlp.documents import Signal, Vectors
from nlp.evidence import Dated, Evidence, Facts, Tally
from nlp.independence import effective_number, groups_of
from nlp.neighbourhood import cosines
from nlp.othercuts import Cut, agreement, other_cuts, rising_in
from nlp.risingwords import LEAST_THEMES, word_table
from nlp.signals import weekly_signals
from nlp.standing import REPLAY
from nlp.themes import Found, fit_themes

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

YEAR = 52  # weeks
MONTH = 365.25 / 12  # days
YEARLY = 1.08  # growth of the share per year that counts as success
SHORT = 7  # months by which a corpus may miss a horizon, as long as a year follows the cut-off
FOLLOWERS = 20  # documents in the judged year that success needs
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Independent documents with vectors; all sequences have one entry per document."""

    ids: Sequence[str]
    texts: Sequence[str]
    vectors: Vectors
    published: Integers  # days (date.toordinal)
    available: Integers
    streams: Integers  # position of the stream, -1 for none
    sources: Integers
    authors: Sequence[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.ids)

    def taken(self, rows: "Sequence[int] | Integers") -> "Corpus":
        """The documents at these places, in their order."""
        return Corpus(
            ids=[self.ids[row] for row in rows],
            texts=[self.texts[row] for row in rows],
            vectors=self.vectors[rows],
            published=self.published[rows],
            available=self.available[rows],
            streams=self.streams[rows],
            sources=self.sources[rows],
            authors=[self.authors[row] for row in rows],
        )


@dataclass(frozen=True, slots=True)
class Prediction:
    """Themes and signals of a cut-off week, frozen."""

    week: str
    themes: list[Found]
    documents: Integers  # positions in the corpus that the themes' members point to
    words: "csr_matrix"  # which words stand in each of these documents
    signals: list[Signal]
    centroids: Vectors
    cuts: Sequence[Cut] = ()  # these documents cut otherwise


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each theme by a horizon; arrays have one entry per theme."""

    months: int  # the horizon
    success: Flags
    ratio: npt.NDArray[np.float64]  # share of the judged year over that of the last before
    documents: Integers  # in the judged year
    seen: int  # months after the cut-off at which the judged year ends; fewer when the corpus does


def predict(corpus: Corpus, settings: Settings, week: str) -> Prediction:
    """Fit themes on what was available at the end of *week* and judge them."""
    last, first = (
        last_day(week).toordinal(),
        first_day(shift(week, 1 - settings.themes.window_weeks)).toordinal(),
    )
    known = (corpus.available <= last) & (corpus.published >= first) & (corpus.published <= last)
    rows = np.flatnonzero(known)
    texts = [corpus.texts[int(row)] for row in rows]
    found = fit_themes(texts, corpus.vectors[rows], settings.themes)
    words = word_table(texts)
    cuts = []
    if len(found) >= LEAST_THEMES:
        cuts = other_cuts(corpus.vectors[rows], settings.themes)
    evidence = evidence_of(corpus, settings, week, found, rows, words, cuts)
    return Prediction(
        week=week,
        themes=found,
        documents=rows,
        words=words,
        cuts=cuts,
        signals=weekly_signals(evidence, settings.gates),
        centroids=_centroids(corpus, found),
    )


def _centroids(corpus: Corpus, found: Sequence[Found]) -> Vectors:
    return np.stack([theme.centroid for theme in found]) if found else corpus.vectors[:0]


def evidence_of(
    corpus: Corpus,
    settings: Settings,
    week: str,
    found: Sequence[Found],
    rows: Integers,
    words: "csr_matrix",
    cuts: Sequence[Cut],
) -> Evidence:
    """The counts that a run in *week* would have had."""
    last = last_day(week).toordinal()
    theme = np.full(len(corpus), -1)
    for number, one in enumerate(found):
        theme[rows[one.members]] = number
    known = (corpus.available <= last) & (corpus.published <= last)
    heard = np.zeros(len(corpus), dtype=np.int64)  # a source of later documents is none yet
    heard[known] = np.unique(corpus.sources[known], return_inverse=True)[1]
    corpus = replace(corpus, sources=heard)
    seen = known & (corpus.streams >= 0)
    inside = seen & (theme >= 0)
    dated = _dated(corpus, rows, last)
    rising = rising_in(theme[rows], len(found), words, dated, settings.streams)
    agreed = np.full(len(found), np.nan)
    if cuts:
        agreed = agreement(
            theme[rows], len(found), cuts, words, dated, settings.streams, settings.gates
        )
    return Evidence(
        week=week,
        themes=[
            replace(
                _facts(corpus, f"t-{number:06d}", rows[one.members], last),
                rising=float(rising[number]),
                agreement=float(agreed[number]),
            )
            for number, one in enumerate(found)
        ],
        members=_tally(corpus, theme, np.flatnonzero(inside), last),
        everything=_tally(corpus, np.full(len(corpus), -1), np.flatnonzero(seen), last),
        sources=int(corpus.sources.max(initial=-1)) + 1,
        streams=settings.streams,
        likeness=cosines(_centroids(corpus, found)),
    )


def _tally(corpus: Corpus, theme: Integers, rows: Integers, last: int) -> Tally:
    return _dated(corpus, rows, last).tally(theme[rows])


def _dated(corpus: Corpus, rows: Integers, last: int) -> Dated:
    return Dated(
        stream=corpus.streams[rows],
        source=corpus.sources[rows],
        age=(last - corpus.published[rows]) // 7,
        known=np.minimum((last - corpus.available[rows]) // 7, REPLAY),
    )


def _facts(corpus: Corpus, name: str, members: Integers, last: int) -> Facts:
    days = np.sort(corpus.published[members])
    authors = [corpus.authors[row] for row in members if corpus.authors[row]]
    return Facts(
        theme=name,
        first_seen=week_of(first_day("1970-W01").fromordinal(int(days[0]))),
        age_weeks=int(last - days[min(2, len(days) - 1)]) // 7,
        sources=len(set(corpus.sources[members].tolist())),
        groups=groups_of(authors),
        signed=len(authors) / len(members),
        variety=effective_number([keys[0] for keys in authors]),
    )


# --- outcomes ----------------------------------------------------------------


def outcomes(
    corpus: Corpus, prediction: Prediction, months: Iterable[int] = (12, 24, 36)
) -> dict[int, Outcome]:
    """What became of the themes, for each horizon that the corpus reaches.

    Success: the share in the last year before the horizon is at least 1.08 a year times
    that of the year before the cut-off, with 20 documents or more. A corpus that ends up
    to seven months before a horizon is judged by its last year, against the full horizon,
    unless that year began before the cut-off.
    """
    cutoff, end = last_day(prediction.week).toordinal(), int(corpus.published.max())
    if not prediction.themes:
        return {}
    nearest = _nearest(corpus.vectors, prediction.centroids)
    before = _counts_between(corpus, nearest, cutoff - 7 * YEAR, cutoff, prediction)
    found = {}
    for horizon in months:
        last = min(cutoff + 7 * YEAR * horizon // 12, end)
        if last < cutoff + 7 * YEAR * max(horizon - SHORT, 12) // 12:
            continue
        after = _counts_between(corpus, nearest, last - 7 * YEAR, last, prediction)
        ratio = (after / max(after.sum(), 1)) / np.maximum(before / max(before.sum(), 1), 1e-9)
        grown = (ratio >= YEARLY ** (horizon / 12)) & (after >= FOLLOWERS)
        seen = round(12 * (last - cutoff) / (7 * YEAR))
        found[horizon] = Outcome(horizon, grown, ratio, after, seen)
    return found


def _nearest(vectors: Vectors, centroids: Vectors) -> Integers:
    """The nearest centroid of each document."""
    nearest = np.empty(len(vectors), dtype=np.int64)
    for start in range(0, len(vectors), 8192):
        nearest[start : start + 8192] = (vectors[start : start + 8192] @ centroids.T).argmax(1)
    return nearest


def _counts_between(
    corpus: Corpus, nearest: Integers, after: int, until: int, prediction: Prediction
) -> Integers:
    """Documents per theme published after one day and until another."""
    ok = (corpus.published > after) & (corpus.published <= until)
    return np.asarray(np.bincount(nearest[ok], minlength=len(prediction.centroids)))


def monthly(corpus: Corpus, prediction: Prediction) -> tuple[Array, Array]:
    """What the published detectors look at: documents per theme and month, and per month.

    Whole months before the cut-off, oldest first; each document known by then counts for
    the theme it lies nearest to. Shapes: themes x months, and months.
    """
    last = last_day(prediction.week).toordinal()
    seen = np.flatnonzero((corpus.available <= last) & (corpus.published <= last))
    ages = ((last - corpus.published[seen]) / MONTH).astype(np.int64)
    months = int((last - corpus.published[seen].min()) / MONTH) if len(seen) else 0
    inside = ages < months
    place = months - 1 - ages[inside]
    near = _nearest(corpus.vectors[seen[inside]], prediction.centroids)
    counts = np.zeros((len(prediction.themes), months))
    np.add.at(counts, (near, place), 1)
    return counts, np.bincount(place, minlength=months).astype(float)


# --- how good it was ---------------------------------------------------------


def confusion(flags: Flags, success: Flags) -> dict[str, float]:
    """Precision, recall, threat score and equitable threat score, with the base rate."""
    hits = float((flags & success).sum())
    false, missed, total = float(flags.sum()) - hits, float(success.sum()) - hits, len(flags)
    chance = flags.sum() * success.sum() / max(total, 1)
    union = hits + false + missed
    return {
        "flags": float(flags.sum()),
        "hits": hits,
        "base": float(success.mean()) if total else 0.0,
        "precision": hits / max(float(flags.sum()), 1.0),
        "recall": hits / max(float(success.sum()), 1.0),
        "threat": hits / max(union, 1.0),
        "equitable": (hits - chance) / max(union - chance, 1e-9),
    }


def head(scores: npt.NDArray[np.float64], number: int = 20) -> Flags:
    """Which are the *number* best scored; of equal ones the first."""
    found = np.zeros(len(scores), dtype=bool)
    found[np.argsort(-scores, kind="stable")[:number]] = True
    return found


def precision_at(scores: npt.NDArray[np.float64], success: Flags, number: int = 20) -> float:
    """Share of successes among the *number* best scored."""
    best = success[head(scores, number)]
    return float(best.mean()) if len(best) else 0.0


def best_threat(scores: npt.NDArray[np.float64], success: Flags) -> float:
    """Threat score at the threshold where it is highest: what the ranking could reach."""
    hits = np.cumsum(success[np.argsort(-scores, kind="stable")])
    union = np.arange(1, len(scores) + 1) + success.sum() - hits
    return float((hits / np.maximum(union, 1)).max(initial=0.0))
