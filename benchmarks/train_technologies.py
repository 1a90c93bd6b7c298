"""Learn how technologies are named: `python -m benchmarks.train_technologies OUT`.

Reads the development data (TRENDSCOUT_BENCH_DATA) and writes `nlp/data/technologies.tsv.gz`:
weights in whole hundredths, no text. Learns from the tuning half of the gold set and from
`benchmarks/gold/training.jsonl`, 592 texts labelled by the same rules; neither a text of the
other half nor a gold of keyphrases plays a part. `python -m benchmarks.gold --folds 5` says
how well it goes on texts that were not learnt from.
"""

import gzip
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import crf
from benchmarks.data import folder
from benchmarks.gold import Labelled, labelled, spans_of, texts
from benchmarks.gold_sample import training_samples
from benchmarks.gold_score import Span, Spans
from config.loader import load_configuration
from nlp.abbreviations import abbreviations
from nlp.candidates import runs
from nlp.clean import mask, squeeze
from nlp.extraction import Text, extractor
from nlp.labeller import UNIT, Labeller, Moves
from nlp.tagger import load_tagger
from nlp.technologies import Technologies, technologies
from nlp.tokenfeatures import Surroundings, expanded, token_keys

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

TRAINING = Path(__file__).parent / "gold" / "training.jsonl"
LEAST = 2  # times a feature is seen in the texts learnt from
RIDGE = 3.0
LEANING = 0.3  # added to every token of a name: as much is missed as is wrongly found
SEED = 1


@dataclass(frozen=True, slots=True)
class Lesson:
    """A labelled text: what is said of its tokens, and what they are."""

    gold: Labelled
    text: str
    features: crf.Text
    labels: tuple[int, ...]


def lessons(nlp: "Language", known: Technologies) -> list[Lesson]:
    """The texts to learn from: the tuning half of the gold set, then the others."""
    more = {one.id: one for one in training_samples(folder())}
    for one in labelled(TRAINING):
        if one.id not in more or more[one.id].text_hash != one.text_hash:
            sys.exit(f"{one.id}: the data folder no longer holds the text that was labelled")
    given = [(one, texts()[one.id]) for one in labelled() if one.split == "dev"]
    given += [(one, more[one.id].text) for one in labelled(TRAINING)]
    plain = [squeeze(mask(text)) for _, text in given]
    docs = nlp.pipe(text for text, _ in plain)
    found = []
    for (one, text), (_, positions), doc in zip(given, plain, docs, strict=True):
        moved = [text.index("\n"), *(place for span in one.technologies for place in span)]
        if positions is not None:
            moved = np.searchsorted(positions, moved).tolist()
        spans = list(zip(moved[1::2], moved[2::2], strict=True))
        found.append(Lesson(one, text, features_of(doc, known, moved[0]), labels_of(doc, spans)))
    return found


def features_of(doc: "Doc", known: Technologies, title_end: int) -> crf.Text:
    """The features of every token of *doc*."""
    around = Surroundings(known.find(doc, doc.text), abbreviations(doc.text), title_end)
    described = token_keys(doc, list(runs(doc)), around)
    return [[feature for key in keys for feature in expanded(key)] for keys in described]


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


def unseen(folds: int) -> tuple[list[Labelled], list[list[Span]]]:
    """Every text to learn from, and what is found in it after learning from the other folds."""
    finder = extractor(load_configuration())
    given = lessons(finder.nlp, finder.technologies)
    order = list(range(len(given)))
    random.Random(SEED).shuffle(order)
    found: dict[int, list[Span]] = {}
    for fold in range(folds):
        held = set(order[fold::folds])
        taught = learnt([one for i, one in enumerate(given) if i not in held])
        kept = sorted(held)
        asked = replace(finder, labeller=taught)
        answers = asked.extract(Text(given[i].text, given[i].text.index("\n")) for i in kept)
        found |= {i: spans_of(one) for i, one in zip(kept, answers, strict=True)}
    return [one.gold for one in given], [found[i] for i in range(len(given))]


def rows(taught: Labeller) -> Iterable[str]:
    """The lines of the file: the moves, then a feature and its two weights."""
    moves = taught.moves
    order = moves.enter, moves.again, moves.second, moves.further, moves.leave_one, moves.leave
    yield "\t".join(str(round(one * UNIT)) for one in order)
    for feature, (begin, on) in sorted(taught.weights.items()):
        yield f"{feature}\t{round(begin * UNIT)}\t{round(on * UNIT)}"


def main() -> None:
    nlp = load_tagger()  # not the extractor, which wants the file that is made here
    given = lessons(nlp, technologies(nlp, load_configuration().technologies.values()))
    taught = learnt(given)
    with Path(sys.argv[1]).open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.writelines(f"{row}\n".encode() for row in rows(taught))
    print(f"{len(given)} texts, {len(taught.weights)} features")


if __name__ == "__main__":
    main()
