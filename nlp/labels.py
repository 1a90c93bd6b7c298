"""Key words and names of themes: phrases of their texts, chosen without a language model.

Both rest on which phrases stand in which documents. Key words are strong in their theme,
stronger than in any other, and stand in the same documents as each other. A name is the
phrase that would best find the theme's documents, among those that can be names.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.phrases import GENERIC, LONGEST, phrases, runs, stem
from nlp.words import singular, words

KEYWORDS = 10
CANDIDATES = 60  # phrases of a theme that compete to be key words
NAMES = 15  # and to be its name
MOST_PHRASES = 60_000  # that are counted at all, the most frequent ones
LEAST_SHARE = 0.05  # of a theme's documents that a key word or a name stands in
FEWEST = 3  # places that tell how a name goes on, and documents that it stands in
COHERENCE = 0.5  # weight of standing together, against the strength of each
REPETITION = 0.2  # what a key word loses that consists of the words of another
NOUN = 0.15  # share of a word's places that end a run: adjectives stay below it
FRAGMENT = 0.8  # share of a phrase's documents with a longer one that makes it a piece of that
PART = 0.5  # share of its places with one more word that makes a name longer
LOOSE = 2.0  # documents beyond a theme's that a name is taken to stand in besides
SINGLE = 0.15  # what a single word is worth as a name, beside a phrase

EMPTY = ("generic_heads", "generic_modifiers")  # of words.yml
BAR = "|"  # between two runs

Matrix = Any  # scipy.sparse.csr_matrix, which has no type hints
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Usage:
    """How often each phrase stands in each of some texts; plural and singular are one."""

    names: tuple[str, ...]  # the phrases as they are mostly spelt
    counts: Matrix  # texts x phrases
    ends: Mapping[str, float]  # share of a word's places that end a run, by stem
    runs: tuple[str, ...]  # of each text, with bars between them

    def is_name(self, phrase: str) -> bool:
        """Whether *phrase* ends in what could be a noun."""
        return self.ends.get(stem(phrase.rsplit(" ", 1)[-1]), 0.0) >= NOUN


@dataclass(frozen=True, slots=True)
class Wording:
    """What a theme is called."""

    label: str
    keywords: tuple[str, ...]


def usage(texts: Iterable[str], rarest: int) -> Usage:
    """The phrases that stand in *rarest* texts or more."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    found = [list(runs(text)) for text in texts]
    counter = CountVectorizer(
        analyzer=phrases, min_df=min(rarest, len(found)), max_features=MOST_PHRASES
    )
    lines = tuple(f" {BAR} ".join(["", *(" ".join(run) for run in one), ""]) for one in found)
    try:
        counts = counter.fit_transform(found)
    except ValueError:  # no phrase at all
        return Usage((), csr_matrix((len(found), 0), dtype=np.float32), {}, lines)
    spelt = counter.get_feature_names_out().tolist()
    total = np.asarray(counts.sum(0)).ravel()
    columns: dict[str, int] = {}
    column = [columns.setdefault(_stemmed(phrase), len(columns)) for phrase in spelt]
    names = [""] * len(columns)
    for row in sorted(range(len(spelt)), key=lambda row: (total[row], spelt[row])):
        names[column[row]] = spelt[row]  # the most frequent one stays
    join = csr_matrix(
        (np.ones(len(spelt), np.float32), (np.arange(len(spelt)), column)),
        shape=(len(spelt), len(columns)),
    )
    counts = (counts.astype(np.float32) @ join).tocsr()
    return Usage(tuple(names), counts, _ends(found), lines)


def _stemmed(phrase: str) -> str:
    return " ".join(map(stem, phrase.split()))


def _ends(found: Iterable[Iterable[Sequence[str]]]) -> dict[str, float]:
    """The share of each word's places that end a run, by stem.

    What nearly always stands before another content word modifies it: "semantic" ends 4 %
    of its runs, "learning" 57 %.
    """
    listed = [run for text in found for run in text]
    places, last = Counter[str](), Counter[str]()
    # Words are counted before they are stemmed: each comes again and again.
    for word, count in Counter(chain.from_iterable(listed)).items():
        places[stem(word)] += count
    for word, count in Counter(run[-1] for run in listed).items():
        last[stem(word)] += count
    return {word: (last[word] + 0.5) / (count + 2) for word, count in places.items()}


def wordings(
    found: Usage, groups: Sequence[npt.NDArray[np.int64]], strength: Matrix | None = None
) -> list[Wording]:
    """Key words and a name for each of *groups*, which are positions of texts.

    *strength* says how strongly each phrase belongs to each group (groups x phrases, as
    c-TF-IDF does); without it, how well the phrase finds the group's documents.
    """
    if not groups:
        return []
    present = found.counts.copy()
    present.data[:] = 1
    sizes = np.array([len(group) for group in groups], dtype=float)
    inside = (indicator(groups, present.shape[0]) @ present).tocsr()
    fitness = _fitness(inside, sizes, np.asarray(present.sum(0)).ravel())
    strength = fitness if strength is None else strength.tocsr()
    firmest, fittest = _largest(strength), _largest(fitness)
    columns = present.tocsc()
    taken: set[str] = set()
    result = []
    for row, size in enumerate(sizes):
        counts = dict(zip(*_row(inside, row), strict=True))
        strong = _ranked(strength, row, firmest, counts, max(2, LEAST_SHARE * size))
        chosen = _keywords(found, columns, _whole(found, strong, counts))
        keys = tuple(found.names[column] for column in chosen)
        fit = _ranked(fitness, row, fittest, counts, max(FEWEST, LEAST_SHARE * size))[:NAMES]
        text = Text(found.runs[int(place)] for place in groups[row])
        names = _names(found, fit, text) or [*keys[:1], "unnamed theme"]
        free = (name for name in names if name not in taken)
        label = next(free, None) or distinct(names[0], keys, taken)
        taken.add(label)
        result.append(Wording(label, keys))
    return result


def indicator(groups: Sequence[npt.NDArray[np.int64]], texts: int) -> Matrix:
    """Groups x texts: 1 where the text is of the group."""
    from scipy.sparse import csr_matrix

    rows = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    columns = np.concatenate(groups)
    ones = np.ones(len(rows), np.float32)
    return csr_matrix((ones, (rows, columns)), shape=(len(groups), texts))


def _fitness(inside: Matrix, sizes: Numbers, everywhere: Numbers) -> Matrix:
    """How well each phrase would find the documents of each group: F1 over documents."""
    result = inside.astype(np.float64).tocoo()
    result.data = 2 * result.data / (sizes[result.row] + everywhere[result.col] + LOOSE)
    return result.tocsr()


def _largest(matrix: Matrix) -> Numbers:
    """The largest value of each column."""
    return np.asarray(matrix.max(0).todense(), dtype=float).ravel()


def _row(matrix: Matrix, row: int) -> tuple[list[int], list[float]]:
    """Columns and values of the stored entries of a row."""
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[part].tolist(), matrix.data[part].tolist()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that competes for a theme."""

    column: int
    value: float  # its strength in the theme
    own: float  # that strength over the largest it has in any theme


def _ranked(
    matrix: Matrix, row: int, largest: Numbers, counts: dict[int, float], least: float
) -> list[Candidate]:
    """The strongest phrases of a theme that stand in *least* of its documents."""
    found = [
        Candidate(column, value, value / largest[column])
        for column, value in zip(*_row(matrix, row), strict=True)
        if counts.get(column, 0) >= least and value > 0
    ]
    return sorted(found, key=lambda one: (-one.value * one.own, one.column))[:CANDIDATES]


def _whole(found: Usage, ranked: Sequence[Candidate], counts: dict[int, float]) -> list[Candidate]:
    """*ranked* without fragments: what ends in no noun, or mostly stands in a longer phrase.

    A single word is no fragment.
    """
    names = {one.column: f" {_stemmed(found.names[one.column])} " for one in ranked}

    def is_fragment(column: int) -> bool:
        return not found.is_name(found.names[column]) or any(
            names[column] in longer and counts[other] >= FRAGMENT * counts[column]
            for other, longer in names.items()
            if other != column
        )

    return [
        one for one in ranked if " " not in found.names[one.column] or not is_fragment(one.column)
    ]


# --- key words ---------------------------------------------------------------


def _keywords(found: Usage, columns: Matrix, ranked: Sequence[Candidate]) -> list[int]:
    """The phrases that are strong, the theme's own, and stand in the same documents.

    One after the other is taken, each for its strength and its mean association with those
    taken before.
    """
    if not ranked:
        return []
    together = association(columns[:, [one.column for one in ranked]])
    stems = [frozenset(_stemmed(found.names[one.column]).split()) for one in ranked]
    own = np.array([one.own for one in ranked])
    value = np.array([one.value for one in ranked])
    value /= value.max()
    likeness = np.array([[len(a & b) / len(a | b) for b in stems] for a in stems])
    chosen: list[int] = []
    left = np.ones(len(ranked), dtype=bool)
    while left.any() and len(chosen) < KEYWORDS:
        near = together[:, chosen].mean(1) if chosen else np.zeros(len(ranked))
        twin = likeness[:, chosen].max(1) if chosen else np.zeros(len(ranked))
        worth = ((1 - COHERENCE) * value + COHERENCE * near) * own - REPETITION * twin
        best = int(np.where(left, np.round(worth, 9), -np.inf).argmax())
        chosen.append(best)
        left &= likeness[:, best] < 1
    return [ranked[place].column for place in chosen]


def association(present: Matrix) -> Numbers:
    """Normalised pointwise mutual information of the columns of a 0/1 matrix, by row.

    From -1, never in the same row, to 1, always (Bouma 2009).
    """
    rows = present.shape[0]
    both = np.asarray((present.T @ present).todense(), dtype=float) / rows
    single = both.diagonal()
    safe = np.clip(both, 1e-12, 1 - 1e-12)
    values = np.log(safe / np.maximum(np.outer(single, single), 1e-24)) / -np.log(safe)
    return np.asarray(np.where(both > 0, values, -1.0))


# --- names -------------------------------------------------------------------


def _names(found: Usage, ranked: Sequence[Candidate], text: "Text") -> list[str]:
    """Phrases that find the theme's documents, and this theme's more than others', best first.

    Each is completed; it must then end in a noun and hold a word that says something. A
    single word names a theme only when no phrase comes near it.
    """
    values: dict[str, float] = {}
    for one in ranked:
        name, share = text.completed(found.names[one.column])
        value = share * one.value * one.own**0.5 * (1 if " " in name else SINGLE)
        if found.is_name(name) and not says_nothing(name) and value > values.get(name, 0.0):
            values[name] = value
    return sorted(values, key=lambda name: (-values[name], name))


def says_nothing(name: str) -> bool:
    """Whether *name* would stand in any text: "further comment", or "data" by itself."""
    parts = name.split()
    kinds = EMPTY if len(parts) > 1 else (*EMPTY, "weak_alone")
    return all(any(singular(word) in words(kind) for kind in kinds) for word in parts)


def distinct(label: str, keywords: Iterable[str], taken: Container[str]) -> str:
    """*label*, with a key word behind it where another theme is called the same."""
    names = (f"{label}: {word}" for word in keywords if word not in label)
    return next((name for name in (label, *names) if name not in taken), label)


class Text:
    """The words of a theme's documents, in runs, and where each of them stands."""

    def __init__(self, documents: Iterable[str]) -> None:
        self.words: list[str] = []
        self.document: list[int] = []
        for number, line in enumerate(documents):
            words = line.split()
            self.words += words
            self.document += [number] * len(words)
        self.places: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self.words):
            self.places[word].append(place)

    def completed(self, phrase: str) -> tuple[str, float]:
        """*phrase* with the words that mostly stand right behind or before it.

        Also the share of its documents that have the longer one. So "density functional"
        becomes "density functional theory", though "theory" alone says nothing.
        """
        parts, share = phrase.split(), 1.0
        places = [
            place
            for place in self.places[parts[0]]
            if self.words[place : place + len(parts)] == parts
        ]
        while places and len(parts) <= LONGEST:
            for step in (len(parts), -1):
                word, those = self._mostly(places, step)
                if word not in {BAR, *parts} and not (step < 0 and {word, *parts} <= GENERIC):
                    share *= len(those) / len(places)
                    parts = [*parts, word] if step > 0 else [word, *parts]
                    places = those if step > 0 else [place - 1 for place in those]
                    break
            else:
                break
        return " ".join(parts), share

    def _mostly(self, places: Sequence[int], step: int) -> tuple[str, list[int]]:
        """The word that stands *step* words from most of *places*, and those; else a bar."""
        there: defaultdict[str, list[int]] = defaultdict(list)
        for place in places:
            there[stem(self.words[place + step])].append(place)
        those = there[max(there, key=lambda one: (len(there[one]), one))]
        spelt = Counter(self.words[place + step] for place in those)
        documents = {self.document[place] for place in those}
        if len(documents) >= FEWEST and len(those) >= PART * len(places):
            return max(spelt, key=lambda word: (spelt[word], word)), those
        return BAR, []
