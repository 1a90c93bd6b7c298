"""Linking what no alias matches: names that differ by a letter or an ending.

Cosine of TF-IDF weighted runs of three letters, at least 0.85, as many words, the same head:
"convolution neural network" is the convolutional one, "electric vessel" no electric vehicle.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from config.models import Technology
from nlp.technologies import is_capitals
from nlp.words import singular

LEAST = 0.85
RAREST = 8  # runs of a name that are looked up; a close name shares one of them
REMEMBERED = 50_000  # answers kept, since the same names come again and again

Weights = Mapping[str, float]
Frame = tuple[int, str]  # number of words and head: a word more or less is another thing


@dataclass(frozen=True, slots=True)
class Linker:
    """The names of a taxonomy by their letters; build with `linker`."""

    names: tuple[tuple[str, Frame, Weights], ...]  # concept, frame, unit-length weights
    index: Mapping[str, tuple[int, ...]]  # run of letters -> names that hold it
    idf: Weights
    unseen: float  # weight of a run that no name holds
    frames: frozenset[Frame]  # of the names
    _answers: dict[str, tuple[str, float]] = field(default_factory=dict)

    def link(self, label: str) -> tuple[str, float]:
        """The concept *label* is a spelling of, with the cosine; ("", 0.0) when there is none."""
        key = plain(label)
        if key not in self._answers:
            if len(self._answers) >= REMEMBERED:
                self._answers.clear()
            self._answers[key] = self._closest(key)
        return self._answers[key]

    def _closest(self, key: str) -> tuple[str, float]:
        frame = frame_of(key)
        if frame not in self.frames:
            return "", 0.0
        own = unit(key, self.idf, self.unseen)
        rarest = sorted(own, key=lambda run: (-own[run], run))[:RAREST]
        met = sorted({number for run in rarest for number in self.index.get(run, ())})
        best = ("", 0.0)
        for number in met:
            concept, other_frame, other = self.names[number]
            if other_frame != frame:
                continue
            cosine = sum(weight * other.get(run, 0.0) for run, weight in own.items())
            if cosine >= LEAST and cosine > best[1]:
                best = (concept, cosine)
        return best


def linker(concepts: Iterable[Technology]) -> Linker:
    """The linker for the labels and aliases of *concepts*, names in capitals left out."""
    pairs = [
        (one.id, plain(name))
        for one in sorted(concepts, key=lambda one: one.id)
        for name in (one.label, *one.aliases)
        if not is_capitals(name)
    ]
    spread = Counter(run for _, name in pairs for run in runs(name))
    idf = {run: math.log(1 + len(pairs) / count) for run, count in spread.items()}
    unseen = sum(idf.values()) / max(1, len(idf))  # a run that no name holds tells little
    names = []
    index: dict[str, list[int]] = {}
    for number, (concept, name) in enumerate(pairs):
        weights = unit(name, idf, unseen)
        names.append((concept, frame_of(name), weights))
        for run in weights:
            index.setdefault(run, []).append(number)
    numbers = {run: tuple(found) for run, found in index.items()}
    return Linker(tuple(names), numbers, idf, unseen, frozenset(frame for _, frame, _ in names))


def plain(name: str) -> str:
    """*name* in small letters, without hyphens, its head in the singular."""
    *front, head = name.lower().replace("-", " ").split() or [""]
    return " ".join([*front, singular(head)])


def frame_of(name: str) -> Frame:
    """What a plain name must share with another to be a spelling of it."""
    parts = name.split(" ")
    return len(parts), parts[-1]


def runs(name: str) -> set[str]:
    """The runs of three letters in *name*, with its ends marked by spaces."""
    padded = f" {name} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def unit(name: str, idf: Weights, unseen: float) -> dict[str, float]:
    """Weights of the runs of *name*, of length one."""
    weights = {run: idf.get(run, unseen) for run in runs(name)}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {run: weight / length for run, weight in weights.items()}
