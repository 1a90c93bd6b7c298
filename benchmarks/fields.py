"""How well the field of a text is told from its words: `python -m benchmarks.fields`.

Two tasks, each with its baselines in the same run: the technology field of a patent (35 fields
of WIPO) from its abstract, and the fields of science of a project (EuroSciVoc, second level)
from the title of its call topic and its deliverables. A head is a linear model on the vectors
of the shipped embedder, learnt by `benchmarks.train_fields`; judged are only texts that are
held out there, in whatever folder TRENDSCOUT_BENCH_DATA names. The product itself asks for no
such fields: the codes of priorities do not use these schemes.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.data import folder
from benchmarks.field_texts import Filed, patents, projects, science_fields
from benchmarks.gold_score import Codes, macro_f1, micro_f1
from config.models import EmbeddingSettings
from nlp.arrays import Array
from nlp.documents import Vectors
from nlp.embed import Embedder, load_embedder

HEADS = Path(__file__).parent / "heads"
TUNING = 1000  # texts that are not held out, for the thresholds of the baselines


@dataclass(frozen=True, slots=True)
class Head:
    """A linear model on unit vectors: log odds of each field."""

    fields: tuple[str, ...]
    weights: Array  # (dimensions, fields)
    bias: Array  # (fields,)
    least: float  # log odds from which a field is given, where a text can have several

    def odds(self, vectors: Array) -> Array:
        """Shape (texts, fields)."""
        found: Array = vectors @ self.weights + self.bias
        return found


def head(name: str) -> Head:
    """The head learnt for the task *name*."""
    with np.load(HEADS / f"{name}.npz") as file:
        return Head(
            tuple(map(str, file["fields"])),
            file["weights"].astype(np.float64),
            file["bias"].astype(np.float64),
            float(file["least"]),
        )


def one_each(scores: Array, fields: Sequence[str]) -> list[Codes]:
    """The best field of each text."""
    return [frozenset([fields[place]]) for place in scores.argmax(axis=1)]


def several(scores: Array, fields: Sequence[str], least: float) -> list[Codes]:
    """The fields of each text that score *least* or more, and always the best one."""
    given = scores >= least
    given[np.arange(len(scores)), scores.argmax(axis=1)] = True
    return [
        frozenset(field for field, yes in zip(fields, row, strict=True) if yes) for row in given
    ]


def fitted(scores: Array, fields: Sequence[str], right: Sequence[Codes]) -> float:
    """The least score that gives the best micro-F1, among fifty."""
    steps = np.quantile(scores, np.linspace(0.5, 0.999, 50))
    return max(map(float, steps), key=lambda least: micro_f1(several(scores, fields, least), right))


def tf_idf_likeness(texts: Sequence[str], labels: Sequence[str]) -> Array:
    """Cosines of the texts' words and the labels' words, weighed by TF-IDF."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit([*texts, *labels])
    found: Array = (words.transform(texts) @ words.transform(labels).T).toarray()
    return found


def likeness(embedder: Embedder, texts: Sequence[str], about: Vectors) -> Array:
    """Cosines of *texts* and the vectors *about*, (texts, vectors)."""
    return np.asarray(embedder.encode(texts) @ about.T, dtype=np.float64)


def named(texts: Sequence[str], names: Sequence[tuple[str, str]]) -> list[Codes]:
    """Fields of which a concept's name stands in the text, from (field, name)."""
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    for field, name in names:
        matcher.add(field, [nlp.make_doc(name)])
    docs = map(nlp.make_doc, texts)
    return [frozenset(nlp.vocab.strings[match] for match, *_ in matcher(doc)) for doc in docs]


def patent_table(data: Path, embedder: Embedder, *, everything: bool) -> None:
    """Top-1 and macro-F1 of the technology field of patents."""
    found = [one for one in patents(data) if everything or one.held_out]
    texts, right = [one.text for one in found], [one.fields for one in found]
    ours = head("patents")
    vectors = np.asarray(embedder.encode(texts), dtype=np.float64)
    fields = sorted(frozenset().union(*right) | set(ours.fields))
    ways = {
        "head on vectors": one_each(ours.odds(vectors), ours.fields),
        "nearest label, embedding": one_each(vectors @ embedder.encode(fields).T, fields),
        "nearest label, TF-IDF": one_each(tf_idf_likeness(texts, fields), fields),
    }
    print(f"{f'field of a patent, {len(texts)} abstracts':44}{'top-1':>8}{'macro-F1':>10}")
    for name, guessed in ways.items():
        top = sum(a == b for a, b in zip(guessed, right, strict=True)) / len(right)
        print(f"  {name:42}{top:8.3f}{macro_f1(guessed, right):10.3f}")


def project_table(data: Path, embedder: Embedder, *, everything: bool) -> None:
    """Micro- and macro-F1 of the fields of science of projects."""
    listed = projects(data)
    found = [one for one in listed if everything or one.held_out]
    tuning = [one for one in listed if not one.held_out][:TUNING]
    texts, right = [one.text for one in found], [one.fields for one in found]
    ours = head("projects")
    vectors = np.asarray(embedder.encode(texts), dtype=np.float64)
    science = science_fields(data)
    fields = sorted({field for field, _ in science})
    about = embedder.encode([field.rpartition("/")[2] for field in fields])
    least = tuned(tuning, fields, lambda some: likeness(embedder, some, about))
    ways = {
        "head on vectors": several(ours.odds(vectors), ours.fields, ours.least),
        "embedding only": several(vectors @ about.T, fields, least),
        "gazetteer only": named(texts, science),
    }
    print(f"\n{f'fields of a project, {len(texts)} texts':44}{'micro-F1':>8}{'macro-F1':>10}")
    for name, guessed in ways.items():
        print(f"  {name:42}{micro_f1(guessed, right):8.3f}{macro_f1(guessed, right):10.3f}")


def tuned(
    tuning: Sequence[Filed], fields: Sequence[str], score: Callable[[list[str]], Array]
) -> float:
    """The least score that is best for *tuning*; without such texts everything counts alike."""
    if not tuning:
        return float("inf")
    scores = np.asarray(score([one.text for one in tuning]))
    return fitted(scores, fields, [one.fields for one in tuning])


def show(*, everything: bool) -> None:
    """Print both tables; *everything* also judges texts that were learnt from."""
    data, embedder = folder(), load_embedder(EmbeddingSettings())
    patent_table(data, embedder, everything=everything)
    project_table(data, embedder, everything=everything)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--all", action="store_true", help="judge all texts of a folder nothing was learnt from"
    )
    show(everything=parser.parse_args().all)


if __name__ == "__main__":
    main()
