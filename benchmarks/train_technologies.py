"""Learn how technologies are named: `python -m benchmarks.train_technologies OUT`.

Reads the development data (TRENDSCOUT_BENCH_DATA) and writes `nlp/data/technologies.tsv.gz`:
weights in whole hundredths, no text. Learns from the tuning half of the gold set, from
`benchmarks/gold/training.jsonl`, 592 texts labelled by the same rules, and from some 7,000
texts that nobody labelled, as a teacher who learnt from the labelled ones reads them. Neither a
text of the other half nor a gold of keyphrases plays a part. Takes half an hour on two cores;
`--held-out` leaves out a quarter of the labelled texts and says how well it goes on these.
"""

import argparse
import gzip
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import crf
from benchmarks.data import folder
from benchmarks.gold import Labelled, labelled, spans_of, texts
from benchmarks.gold_sample import training_samples, unlabelled_samples
from benchmarks.gold_score import Span, Spans, span_f1
from benchmarks.teacher import Marked, Teacher
from config.loader import load_configuration
from nlp.abbreviations import abbreviations
from nlp.candidates import runs
from nlp.clean import mask, squeeze
from nlp.extraction import Text, extractor
from nlp.labeller import UNIT, Labeller, Moves, Pair, best_names
from nlp.tagger import load_tagger
from nlp.technologies import Technologies, technologies
from nlp.tokenfeatures import Surroundings, expanded, token_keys

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

TRAINING = Path(__file__).parent / "gold" / "training.jsonl"
LEAST = 2  # times a feature is seen in the texts learnt from
LEAST_TAUGHT = 4  # the same where a teacher's labels are learnt from too
TIMES = 2  # a labelled text counts, against one that a teacher labelled
NETWORK, FEATURES = 0.4, 0.5  # say of the network and of the features in what a teacher labels
HELD_OUT = 4  # one text in so many
RIDGE = 3.0
LEANING = 0.3  # added to every token of a name: as much is missed as is wrongly found
SEED = 1


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text to learn from: what is said of its tokens, and what they are."""

    marked: Marked
    features: crf.Text
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A labelled text and the lesson it makes."""

    gold: Labelled
    text: str
    lesson: Lesson


def given_lessons(nlp: "Language", known: Technologies) -> list[Given]:
    """The labelled texts: the tuning half of the gold set, then the others."""
    more = {one.id: one for one in training_samples(folder())}
    for one in labelled(TRAINING):
        if one.id not in more or more[one.id].text_hash != one.text_hash:
            sys.exit(f"{one.id}: the data folder no longer holds the text that was labelled")
    given = [(one, texts()[one.id]) for one in labelled() if one.split == "dev"]
    given += [(one, more[one.id].text) for one in labelled(TRAINING)]
    read = lessons(nlp, known, [text for _, text in given], [one.technologies for one, _ in given])
    return [Given(one, text, lesson) for (one, text), lesson in zip(given, read, strict=True)]


def lessons(
    nlp: "Language", known: Technologies, texts: Sequence[str], spans: Sequence[Spans]
) -> Iterator[Lesson]:
    """What is said of the tokens of *texts*, of which *spans* name technologies."""
    plain = [squeeze(mask(text)) for text in texts]
    docs = nlp.pipe(text for text, _ in plain)
    for text, right, (short, positions), doc in zip(texts, spans, plain, docs, strict=True):
        moved = [text.index("\n"), *(place for span in right for place in span)]
        if positions is not None:
            moved = np.searchsorted(positions, moved).tolist()
        tokens = [(token.idx, token.idx + len(token)) for token in doc]
        named = list(zip(moved[1::2], moved[2::2], strict=True))
        features = features_of(doc, known, moved[0])
        yield Lesson(Marked(short, tokens), features, labels_of(doc, named))


def features_of(doc: "Doc", known: Technologies, title_end: int) -> crf.Text:
    """The features of every token of *doc*."""
    around = Surroundings(known.find(doc, doc.text), abbreviations(doc.text), title_end)
    described = token_keys(doc, list(runs(doc)), around)
    return [[intern(one) for key in keys for one in expanded(key)] for keys in described]


def labels_of(doc: "Doc", spans: Spans) -> tuple[int, ...]:
    """Label of every token: 0 outside, 1 first of a span, 2 further."""
    found = [0] * len(doc)
    for start, end in spans:
        inside = [token.i for token in doc if token.idx < end and start < token.idx + len(token)]
        for i in inside:
            found[i] = 1 if i == inside[0] else 2
    return tuple(found)


def learnt(some: Sequence[Lesson], *, least: int = LEAST) -> Labeller:
    """The labeller that *some* teach, its weights rounded as in the file."""
    field = crf.learn(
        [one.features for one in some], [one.labels for one in some], least=least, ridge=RIDGE
    )
    gains = field.weights[:, 1:] - field.weights[:, :1]
    gains[field.features.index("always")] += LEANING
    moves = field.moves - field.moves[0, 0]
    again = (moves[1, 1] + moves[2, 1]) / 2
    chosen = (moves[0, 1], again, moves[1, 2], moves[2, 2], moves[1, 0], moves[2, 0])
    rounded = np.round(gains * UNIT) / UNIT
    weights = {
        feature: (float(begin), float(on))
        for feature, (begin, on) in zip(field.features, rounded, strict=True)
        if (begin or on) and feature.isprintable()  # a line break would end a line of the file
    }
    return Labeller(weights, Moves(*(round(float(one) * UNIT) / UNIT for one in chosen)))


def taught(some: Sequence[Lesson], others: Sequence[Lesson]) -> Labeller:
    """The labeller that *some* teach, and *others* as a teacher labels them."""
    teacher, features = Teacher(), learnt(some)
    teacher.learn([one.marked for one in some], [one.labels for one in some])
    said = teacher.says([one.marked for one in others])
    read = [
        replace(one, labels=_joint_labels(logs, one.features, features))
        for one, logs in zip(others, said, strict=True)
    ]
    return learnt([*some] * TIMES + read, least=LEAST_TAUGHT)


def _joint_labels(logs: crf.Array, features: crf.Text, labeller: Labeller) -> tuple[int, ...]:
    """What network and features together take the tokens for."""
    gains = [
        (
            NETWORK * (log[1] - log[0]) + FEATURES * begin,
            NETWORK * (log[2] - log[0]) + FEATURES * on,
        )
        for log, (begin, on) in zip(logs, _gains(features, labeller), strict=True)
    ]
    moves = labeller.moves
    order = moves.enter, moves.again, moves.second, moves.further, moves.leave_one, moves.leave
    found = [0] * len(gains)
    for first, last in best_names(gains, Moves(*(FEATURES * one for one in order))):
        found[first:last] = [1] + [2] * (last - first - 1)
    return tuple(found)


def _gains(features: crf.Text, labeller: Labeller) -> Iterator[Pair]:
    """What the features of each token say for "first" and for "further"."""
    for token in features:
        known = [labeller.weights[one] for one in token if one in labeller.weights]
        yield sum(begin for begin, _ in known), sum(on for _, on in known)


def unseen(given: Sequence[Given], others: Sequence[Lesson]) -> str:
    """How well a labeller does on one text in `HELD_OUT` after learning from the rest."""
    finder = extractor(load_configuration())
    order = list(range(len(given)))
    random.Random(SEED).shuffle(order)
    held = sorted(order[::HELD_OUT])
    rest = [given[i].lesson for i in order if i not in set(held)]
    right = [given[i].gold.technologies for i in held]
    lines = []
    for name, labeller in (("alone", learnt(rest)), ("with a teacher", taught(rest, others))):
        asked = replace(finder, labeller=labeller)
        answers = asked.extract(Text(given[i].text, given[i].text.index("\n")) for i in held)
        found: list[list[Span]] = [spans_of(one) for one in answers]
        exact, partial = (100 * span_f1(found, right, partial=one) for one in (False, True))
        lines.append(f"{name}: exact {exact:.1f}, partial {partial:.1f}")
    return f"{len(held)} texts held out; " + "; ".join(lines)


def rows(taught: Labeller) -> Iterable[str]:
    """The lines of the file: the moves, then a feature and its two weights."""
    moves = taught.moves
    order = moves.enter, moves.again, moves.second, moves.further, moves.leave_one, moves.leave
    yield "\t".join(str(round(one * UNIT)) for one in order)
    for feature, (begin, on) in sorted(taught.weights.items()):
        yield f"{feature}\t{round(begin * UNIT)}\t{round(on * UNIT)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument("--held-out", action="store_true", help="judge the recipe, write nothing")
    options = parser.parse_args()
    nlp = load_tagger()  # not the extractor, which wants the file that is made here
    known = technologies(nlp, load_configuration().technologies.values())
    given = given_lessons(nlp, known)
    texts = [one.text for one in unlabelled_samples(folder())]
    others = list(lessons(nlp, known, texts, [[]] * len(texts)))
    if options.held_out:
        print(unseen(given, others))
        return
    found = taught([one.lesson for one in given], others)
    with options.out.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.writelines(f"{row}\n".encode() for row in rows(found))
    print(f"{len(given)} texts and {len(others)} of a teacher, {len(found.weights)} features")


if __name__ == "__main__":
    main()
