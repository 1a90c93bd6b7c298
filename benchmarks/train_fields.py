"""Learn the heads of `benchmarks.fields`: `python -m benchmarks.train_fields`.

Reads the development data (TRENDSCOUT_BENCH_DATA), leaves out the held-out texts, and writes
`benchmarks/heads/*.npz`: 16-bit weights, no text. The patents are in the public domain, the
projects and their labels (c) European Union, CC BY 4.0. Seeded, about ten minutes on two cores.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.data import folder
from benchmarks.field_texts import Filed, patents, projects
from benchmarks.fields import HEADS, Head, fitted, one_each, several
from benchmarks.gold_score import micro_f1
from config.models import EmbeddingSettings
from nlp.arrays import Array
from nlp.embed import load_embedder

Places = npt.NDArray[np.intp]

FOLDS = 4
LEAST_TEXTS = 8  # with a field, for it to be learnt
PENALTIES = (1.0, 3.0, 10.0)  # inverse; the best by folds is taken


def one_of(vectors: Array, right: npt.NDArray[np.str_], penalty: float) -> Head:
    """A multinomial logistic model: each text has one field."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=penalty, max_iter=500).fit(vectors, right)
    return Head(tuple(model.classes_), model.coef_.T, model.intercept_, 0.0)


def some_of(vectors: Array, right: Sequence[frozenset[str]], penalty: float) -> Head:
    """A logistic model for each field that has enough texts: a text has several."""
    from sklearn.linear_model import LogisticRegression

    times = {
        field: sum(field in one for one in right) for field in sorted(frozenset().union(*right))
    }
    fields = tuple(field for field, count in times.items() if count >= LEAST_TEXTS)
    models = [
        LogisticRegression(C=penalty, max_iter=500).fit(vectors, [field in one for one in right])
        for field in fields
    ]
    weights = np.stack([model.coef_[0] for model in models], axis=1)
    return Head(fields, weights, np.array([model.intercept_[0] for model in models]), 0.0)


def folds(count: int) -> Iterator[tuple[Places, Places]]:
    """Places of the texts to learn from and of those to judge, `FOLDS` times."""
    from sklearn.model_selection import KFold

    yield from KFold(FOLDS, shuffle=True, random_state=0).split(np.arange(count))


def learn_patents(vectors: Array, texts: Sequence[Filed]) -> Head:
    """The head of patents, with the penalty that tells most fields in texts left out."""
    right = np.array([next(iter(one.fields)) for one in texts])

    def told(penalty: float) -> float:
        hits = 0
        for learning, judging in folds(len(texts)):
            model = one_of(vectors[learning], right[learning], penalty)
            guessed = one_each(model.odds(vectors[judging]), model.fields)
            hits += sum(field in one for field, one in zip(right[judging], guessed, strict=True))
        print(f"patents, penalty 1/{penalty}: top-1 {hits / len(texts):.3f} in folds")
        return hits

    return one_of(vectors, right, max(PENALTIES, key=told))


def learn_projects(vectors: Array, texts: Sequence[Filed]) -> Head:
    """The head of projects; its least log odds are those that are best for texts left out."""
    right = [one.fields for one in texts]
    best: tuple[float, float, float] = (-1.0, 0.0, 0.0)
    for penalty in PENALTIES:
        scores, steps = [], []
        for learning, judging in folds(len(texts)):
            model = some_of(vectors[learning], [right[i] for i in learning], penalty)
            wanted = [right[i] for i in judging]
            odds = model.odds(vectors[judging])
            steps.append(fitted(odds, model.fields, wanted))
            scores.append(micro_f1(several(odds, model.fields, steps[-1]), wanted))
        print(f"projects, penalty 1/{penalty}: micro-F1 {np.mean(scores):.3f} in folds")
        best = max(best, (float(np.mean(scores)), penalty, float(np.mean(steps))))
    _, penalty, least = best
    model = some_of(vectors, right, penalty)
    return Head(model.fields, model.weights, model.bias, least)


def save(name: str, model: Head) -> None:
    """Write the head that `benchmarks.fields.head` reads."""
    HEADS.mkdir(exist_ok=True)
    np.savez_compressed(
        HEADS / f"{name}.npz",
        fields=np.array(model.fields),
        weights=model.weights.astype(np.float16),
        bias=model.bias.astype(np.float16),
        least=np.array(model.least),
    )


def main() -> None:
    embedder = load_embedder(EmbeddingSettings())
    for name, read, learn in (
        ("patents", patents, learn_patents),
        ("projects", projects, learn_projects),
    ):
        texts = [one for one in read(folder()) if not one.held_out]
        vectors = np.asarray(embedder.encode([one.text for one in texts]), dtype=np.float64)
        save(name, learn(vectors, texts))
        print(f"{name}: learnt from {len(texts)} texts")


if __name__ == "__main__":
    main()
