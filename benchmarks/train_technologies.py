"""Learn how technologies are named: `python -m benchmarks.train_technologies OUT`.

Reads the development data (TRENDSCOUT_BENCH_DATA) and writes `nlp/data/technologies.tsv.gz`:
weights in whole hundredths, no text. Learns from 7,591 texts that were labelled by one set of
rules: the tuning half of the gold set, `benchmarks/gold/training.jsonl`, and those of
`benchmarks/gold/technologies.jsonl` that are not held out. Neither a text of the other half
nor a gold of keyphrases plays a part. Prints how well it goes on the 300 that are held out.
Takes a quarter of an hour on one core.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import crf
from benchmarks.data import folder, pack
from benchmarks.gold import (
    GOLD,
    HELD_OUT,
    READ_ONCE,
    Labelled,
    figures,
    labelled,
    spans_of,
    texts,
    texts_of,
)
from benchmarks.gold_sample import further_samples, training_samples
from benchmarks.gold_score import Span, Spans
from config.loader import load_configuration
from nlp.abbreviations import abbreviations
from nlp.candidates import runs
from nlp.clean import mask, squeeze
from nlp.extraction import Text, extractor
from nlp.labeller import UNIT, Labeller, Moves, Sums
from nlp.tagged import tagged_text
from nlp.tagger import load_tagger
from nlp.technologies import Technologies, technologies
from nlp.tokenfeatures import Surroundings, features_of, token_slots

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

TRAINING = GOLD / "training.jsonl"
LEAST = 2  # times a feature is seen in the texts learnt from
RIDGE = 3.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text to learn from: what is said of its tokens, and what they are."""

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
    others = [*labelled(TRAINING), *labelled(READ_ONCE)]
    drawn = (*training_samples(folder()), *further_samples(folder()))
    given = [(one, texts()[one.id]) for one in labelled() if one.split == "dev"]
    given += zip(others, texts_of(others, drawn), strict=True)
    read = lessons(nlp, known, [text for _, text in given], [one.technologies for one, _ in given])
    return [Given(one, text, lesson) for (one, text), lesson in zip(given, read, strict=True)]


def lessons(
    nlp: "Language", known: Technologies, texts: Sequence[str], spans: Sequence[Spans]
) -> Iterator[Lesson]:
    """What is said of the tokens of *texts*, of which *spans* name technologies."""
    plain = [squeeze(mask(text)) for text in texts]
    docs = nlp.pipe(text for text, _ in plain)
    for text, right, (_, positions), doc in zip(texts, spans, plain, docs, strict=True):
        moved = [text.index("\n"), *(place for span in right for place in span)]
        if positions is not None:
            moved = np.searchsorted(positions, moved).tolist()
        named = list(zip(moved[1::2], moved[2::2], strict=True))
        features = described(doc, known, moved[0])
        yield Lesson(features, labels_of(doc, named))


def described(doc: "Doc", known: Technologies, title_end: int) -> crf.Text:
    """The features of every token of *doc*."""
    tagged = tagged_text(doc, doc.text)
    around = Surroundings(known.find(tagged), abbreviations(tagged.text), title_end)
    slots = token_slots(tagged, runs(tagged), around)
    return [list(map(intern, features)) for features in features_of(slots)]


def labels_of(doc: "Doc", spans: Spans) -> tuple[int, ...]:
    """Label of every token: 0 outside, 1 first of a span, 2 further."""
    found = [0] * len(doc)
    for start, end in spans:
        inside = [token.i for token in doc if token.idx < end and start < token.idx + len(token)]
        for i in inside:
            found[i] = 1 if i == inside[0] else 2
    return tuple(found)


def learnt(some: Sequence[Lesson]) -> Labeller:
    """The labeller that *some* teach, its weights rounded as in the file."""
    field = crf.learn(
        [one.features for one in some], [one.labels for one in some], least=LEAST, ridge=RIDGE
    )
    gains = field.weights[:, 1:] - field.weights[:, :1]
    moves = field.moves - field.moves[0, 0]
    again = (moves[1, 1] + moves[2, 1]) / 2
    chosen = (moves[0, 1], again, moves[1, 2], moves[2, 2], moves[1, 0], moves[2, 0])
    rounded = np.round(gains * UNIT).astype(int).tolist()
    weights = {
        feature: (begin, on)
        for feature, (begin, on) in zip(field.features, rounded, strict=True)
        if begin or on
    }
    return Labeller(Sums(weights), Moves(*(round(float(one) * UNIT) for one in chosen)))


def scores(labeller: Labeller, given: Sequence[Given]) -> str:
    """How well *labeller* does on texts that it did not learn from."""
    finder = replace(extractor(load_configuration()), labeller=labeller)
    answers = finder.extract(Text(one.text, one.text.index("\n")) for one in given)
    found: list[list[Span]] = [spans_of(one) for one in answers]
    return figures(found, [one.gold.technologies for one in given])


def rows(found: Labeller) -> Iterable[str]:
    """The lines of the file: the moves, then a feature and its two weights."""
    moves = found.moves
    order = moves.enter, moves.again, moves.second, moves.further, moves.leave_one, moves.leave
    yield "\t".join(map(str, order))
    for feature, (begin, on) in sorted(found.sums.weights.items()):
        yield f"{feature}\t{begin}\t{on}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="file to write")
    options = parser.parse_args()
    nlp = load_tagger()  # not the extractor, which wants the file that is made here
    known = technologies(nlp, load_configuration().technologies.values())
    given = given_lessons(nlp, known)
    some = [one.lesson for one in given if one.gold.split != HELD_OUT]
    held = [one for one in given if one.gold.split == HELD_OUT]
    found = learnt(some)
    pack(options.out, rows(found))
    print(f"{len(some)} texts, {len(found.sums.weights)} features")
    print(f"on {len(held)} others, exact, partial, precision / recall: {scores(found, held)}")


if __name__ == "__main__":
    main()
