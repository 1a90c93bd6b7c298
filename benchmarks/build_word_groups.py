"""Group words that stand in like places: `python -m benchmarks.build_word_groups OUT`.

Reads the texts of `benchmarks.build_background`, all abstracts among them. A word is described
by the words one and two places before and behind it: positive pointwise mutual information,
brought to 100 dimensions by singular value decomposition (Levy & Goldberg 2014), and these
vectors are parted by k-means, three times. Words that can stand for each other meet:
"microscopy" and "spectroscopy", "novel" and "innovative". Writes `nlp/data/word_groups.tsv.gz`:
word and its groups, from wide to narrow. No label plays a part. Takes a minute.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.cluster import MiniBatchKMeans
from sklearn.utils.extmath import randomized_svd

from benchmarks.build_background import texts, words_of
from benchmarks.data import folder, pack

LEAST = 10  # times a word is seen
PLACES = (-2, -1, 1, 2)  # of a neighbour
NEIGHBOURS = 8000  # the most frequent words; others describe nobody
AXES = 100
GROUPS = (64, 256, 1024)
SMOOTH = 0.75  # power of a neighbour's frequency: rare ones would say too much
NONE = -1  # a rare word, a number, or the end of a text

Codes = npt.NDArray[np.int32]


def coded(found: Iterable[str]) -> tuple[list[str], Codes]:
    """The words, most frequent first, and all texts in a row as numbers of words."""
    numbers: dict[str, int] = {}
    row: list[int] = []
    for text in found:
        row += [numbers.setdefault(word, len(numbers)) for word in words_of(text)]
        row.append(NONE)
    stream = np.array(row, dtype=np.int32)
    words = np.array(list(numbers))
    times = np.bincount(stream[stream >= 0], minlength=len(words))
    order = np.lexsort((words, -times))
    kept = [i for i in order if times[i] >= LEAST and not words[i].isdigit()]
    renamed = np.full(len(words) + 1, NONE, dtype=np.int32)  # the last for NONE itself
    renamed[kept] = np.arange(len(kept))
    return words[kept].tolist(), renamed[stream]


def information(stream: Codes, words: int, place: int) -> sparse.csr_matrix:
    """Positive pointwise mutual information of a word and its neighbour at *place*.

    Shape (words, NEIGHBOURS).
    """
    ours, theirs = stream[max(0, -place) :], stream[max(0, place) :]
    size = min(len(ours), len(theirs))
    ours, theirs = ours[:size], theirs[:size]
    both = (ours >= 0) & (theirs >= 0) & (theirs < NEIGHBOURS)
    pairs = (np.ones(int(both.sum()), dtype=np.float32), (ours[both], theirs[both]))
    counts = sparse.csr_matrix(pairs, shape=(words, NEIGHBOURS)).tocoo()
    word = np.bincount(counts.row, counts.data, words)
    neighbour = np.bincount(counts.col, counts.data, NEIGHBOURS) ** SMOOTH
    due = word[counts.row] * neighbour[counts.col] / neighbour.sum()
    counts.data = np.maximum(0, np.log(counts.data / due)).astype(np.float32)
    counts.eliminate_zeros()
    return counts.tocsr()


def main() -> None:
    words, stream = coded(texts(folder(), every=1))
    table = sparse.hstack([information(stream, len(words), place) for place in PLACES]).tocsr()
    axes, sizes, _ = randomized_svd(table, AXES, n_iter=4, random_state=0)
    vectors = axes * np.sqrt(sizes)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    groups = [
        MiniBatchKMeans(many, random_state=0, n_init=3, batch_size=4096, max_iter=60).fit_predict(
            vectors
        )
        for many in GROUPS
    ]
    rows = sorted(zip(words, *groups, strict=True))
    pack(Path(sys.argv[1]), ("\t".join(map(str, row)) for row in rows))
    print(f"{len(words)} words in {', '.join(map(str, GROUPS))} groups")


if __name__ == "__main__":
    main()
