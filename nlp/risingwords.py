"""Which themes write in words that are on the rise elsewhere (docs/method.md, section 3).

What will grow is announced by its words: they spread through neighbouring themes before the
theme's own counts can show it. A theme's own documents have no say in which words rise, so
under the null what is found here is independent of the theme's growth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from config.models import Stream
from nlp.arrays import Array, Integers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy import sparse


FEWEST = 10  # documents that a word stands in, or it is not asked
COMMON = 0.5  # share of the documents from which on a word says nothing
SURE = 2.0  # standard errors above what is expected from which on a word rises
CHANCE = 0.0228  # share of words that do so when nothing moves
CALM = 3.0  # recent documents of the average theme that every theme is given besides its own
SHARE = 0.05  # of the themes: those with the most rising words
LEAST_THEMES = 200  # below, a twentieth is too few themes to go by
LEAST = 3.0  # times chance; corpora with their dates dealt out anew seldom reach it
WORD = r"(?u)[^\W\d_][\w-]+"


@dataclass(frozen=True, slots=True)
class Dates:
    """Where documents lie in the windows of their streams; one entry per document."""

    recent: npt.NDArray[np.bool_]
    due: Array  # share of the documents of its stream and source that are recent


def dates(
    age: Integers, stream: Integers, source: Integers, streams: Mapping[str, Stream]
) -> Dates:
    """The dates of documents that are *age* weeks old, with the numbers of stream and source.

    A document in no stream (-1) or older than its windows is not recent, and none is due.
    """
    recent, due = np.zeros(len(age), dtype=bool), np.zeros(len(age))
    for number, one in enumerate(streams.values()):
        bins = one.base_bins + one.recent_bins
        place = age // one.bin_weeks
        inside = (stream == number) & (place >= 0) & (place < bins)
        if not inside.any():
            continue
        # An archive shorter than the window is parted in the same proportion.
        heard = int(place[inside].max()) + 1
        recent |= inside & (place < max(1, round(one.recent_bins * heard / bins)))
        every = np.bincount(source[inside])
        late = np.bincount(source[inside & recent], minlength=len(every))
        due[inside] = (late / np.maximum(every, 1))[source[inside]]
    return Dates(recent, due)


def word_table(texts: "Sequence[str]") -> "sparse.csr_matrix":
    """Documents x words: 1 where a word stands in a text; rare and common words are left out."""
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(
        binary=True, token_pattern=WORD, min_df=FEWEST, max_df=COMMON, dtype=np.float32
    )
    try:
        return counter.fit_transform(texts).tocsr()
    except ValueError:  # no word is left
        return sparse.csr_matrix((len(texts), 0), dtype=np.float32)


def rising_words(table: "sparse.csr_matrix", theme: Integers, themes: int, when: Dates) -> Array:
    """Rising words of each theme's recent documents, as times what chance would make.

    *theme* is each document's theme, -1 for none. A word rises for a theme when the recent
    documents outside the theme that use it are `SURE` standard errors more than due there,
    counted inside each source. A document counts its rising words over the root of its
    length, as in a vector of length 1; chance is that of the average recent document.
    """
    late = when.due * (1 - when.due)
    length = np.sqrt(np.maximum(np.asarray(table.sum(1)).ravel(), 1))

    def together(weight: Array) -> "sparse.csr_matrix":
        return _grouped(theme, weight, themes) @ table

    use = together(when.recent / length).tocoo()
    cells = (use.row, use.col)

    def elsewhere(weight: Array) -> Array:
        total = np.asarray(weight @ table)[use.col]
        inside = together(weight)
        inside.sum_duplicates()  # none: it sorts, and cells are read by bisection
        return np.asarray(total - np.asarray(inside[cells]).ravel())

    noise = elsewhere(late)
    excess = elsewhere(when.recent - when.due)
    rises = (noise > 1e-6) & (excess > SURE * np.sqrt(np.maximum(noise, 0)))
    used = np.bincount(use.row, use.data * rises, minlength=themes)
    recent = np.bincount(theme[(theme >= 0) & when.recent], minlength=themes)
    usual = used.sum() / max(recent.sum(), 1)
    chance = CHANCE * use.data.sum() / max(recent.sum(), 1)
    return np.asarray((used + CALM * usual) / (recent + CALM) / max(chance, 1e-9))


def _grouped(theme: Integers, weight: Array, themes: int) -> Any:
    """Themes x documents: the weight of each document in its theme."""
    from scipy import sparse

    rows = np.flatnonzero((theme >= 0) & (weight != 0))
    return sparse.csr_matrix((weight[rows], (theme[rows], rows)), shape=(themes, len(theme)))


def standardised(rising: Array) -> Array:
    """How many standard deviations over the average theme; 0 where nothing is known."""
    known = np.isfinite(rising)
    if not known.any():
        return np.zeros(len(rising))
    spread = float(rising[known].std())
    centred = np.where(known, rising - rising[known].mean(), 0.0)
    return np.asarray(centred / spread if spread > 1e-9 else np.zeros(len(rising)))


def foremost(rising: Array) -> npt.NDArray[np.bool_]:
    """The twentieth of the themes with the most rising words, where these are no chance.

    None in a small corpus.
    """
    first = np.zeros(len(rising), dtype=bool)
    if are_enough(rising):
        known = np.isfinite(rising)
        order = np.argsort(-np.where(known, rising, -np.inf), kind="stable")
        first[order[: round(SHARE * int(known.sum()))]] = True
    return first & (rising >= LEAST)


def are_enough(rising: Array) -> bool:
    """Whether rising words are known of enough themes to go by."""
    return int(np.isfinite(rising).sum()) >= LEAST_THEMES


def budget(rising: Array, weight: float) -> Array:
    """Each theme's part of the error that a test may make, of mean 1 at most.

    The share *weight* of it goes to the `foremost` themes, the rest to all alike. Where
    no theme is foremost, that share is not spent: what grows in a corpus in which no words
    rise seldom goes on growing. All alike in a small corpus.
    """
    if not are_enough(rising):
        return np.ones(len(rising))
    first = foremost(rising)
    return np.asarray(1 - weight + first * weight / max(float(first.mean()), 1e-9))
