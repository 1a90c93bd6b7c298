"""Learn what words say about sectors: `python -m benchmarks.train_sectors OUT`.

Reads the development data (TRENDSCOUT_BENCH_DATA) and writes `nlp/data/sectors.tsv.gz`. Nearly
ten thousand labelled texts teach a model on vectors, and with them a thousand that were written
for sectors that are rare in the collections; the model labels others that have no labels,
and from all of them a model on words learns, which needs no vectors and so fits into the stage
that has none (self-training by distillation: Hinton, Vinyals & Dean 2015). Prints, over real
texts that the models did not learn from (five folds), what the words add to the indicator terms,
and the constants of `nlp/sectors.py`. Everything is seeded; the file holds weights, no text.
"""

import argparse
import gzip
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import folder
from benchmarks.gold import labelled as read_gold
from benchmarks.gold_baselines import SCHEME
from benchmarks.gold_score import Codes, macro_f1, micro_f1
from benchmarks.sector_texts import Known, known, unknown, written
from config.loader import load_configuration
from nlp.background import background
from nlp.clean import mask, squeeze
from nlp.embed import load_embedder
from nlp.extraction import labels_of
from nlp.sectors import (
    ENOUGH,
    LEAST_PROBABILITY,
    TERMS,
    WORDS,
    Sectors,
    sectors,
    total_of,
)
from nlp.tagger import load_tagger
from nlp.wordmodel import BIAS, UNIT, plain, vector

if TYPE_CHECKING:
    from spacy.language import Language

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Curve = tuple[float, float, Array]  # see `calibrated`

FOLDS = 5
LEAST_TEXTS = 8  # that hold a word, for it to be learnt
SHRINK = 1e-5  # ridge penalty of the model on words
TEACHER = 40.0  # inverse penalty of the model on vectors
LABELLED = 5.0  # a labelled text counts as this many others


def counts(nlp: "Language", texts: Sequence[str]) -> list[Counter[str]]:
    """The words of each text as `nlp.wordmodel` reads them."""
    found = []
    for text in texts:
        with nlp.memory_zone():
            doc = nlp.make_doc(squeeze(mask(text))[0])
            found.append(Counter(word for token in doc if (word := plain(token.lower_))))
    return found


def matrix(found: Sequence[Counter[str]], rows: dict[str, int]) -> Any:
    """Texts by words, sparse; each row as `nlp.wordmodel.vector` has it."""
    from scipy.sparse import csr_matrix

    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    for one in found:
        values = vector({word: n for word, n in one.items() if word in rows}, background())
        data += values.values()
        columns += [rows[word] for word in values]
        ends.append(len(data))
    return csr_matrix((data, columns, ends), shape=(len(found), len(rows)))


def teacher(vectors: Array, right: Array, others: Array) -> Array:
    """Probabilities for *others*, (texts, codes), learnt from *vectors* labelled *right*."""
    from sklearn.linear_model import LogisticRegression

    columns = [
        LogisticRegression(C=TEACHER, max_iter=500).fit(vectors, one).predict_proba(others)[:, 1]
        for one in right.T
    ]
    return np.stack(columns, axis=1)


def student(words: Any, wanted: Array, times: Array) -> tuple[Array, Array]:
    """Weights and bias of the logistic model that comes nearest to *wanted* probabilities.

    Minimises cross-entropy, a text counting *times*, plus a ridge penalty.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    size, codes = words.shape[1], wanted.shape[1]
    share = (times / times.sum())[:, None]
    turned = words.T.tocsr()

    def loss(values: Array) -> tuple[float, Array]:
        weights, bias = values[:-codes].reshape(size, codes), values[-codes:]
        odds = words @ weights + bias
        cost = float((share * (np.logaddexp(0, odds) - wanted * odds)).sum())
        wrong = share * (expit(odds) - wanted)
        slope = turned @ wrong + SHRINK * weights
        both = np.concatenate([slope.ravel(), wrong.sum(axis=0)])
        return cost + SHRINK * float((weights * weights).sum()) / 2, both

    start = np.zeros((size + 1) * codes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    return found[:-codes].reshape(size, codes), found[-codes:]


def folds(count: int) -> Iterator[tuple[Places, Places]]:
    """Places of the texts to learn from and of those to judge, `FOLDS` times."""
    from sklearn.model_selection import KFold

    yield from KFold(FOLDS, shuffle=True, random_state=1).split(np.arange(count))


def term_evidence(
    nlp: "Language", finder: Sectors, texts: Sequence[str], codes: Sequence[str]
) -> Array:
    """What the indicator terms say for each text and code, as `nlp.sectors` counts it."""
    found = np.zeros((len(texts), len(codes)))
    for row, text in enumerate(texts):
        with nlp.memory_zone():
            clean = squeeze(mask(text))[0]
            said = finder.by_terms(nlp.make_doc(clean), clean, max(0, clean.find("\n")))
            found[row] = [min(ENOUGH, total_of(said.get((SCHEME, code), []))) for code in codes]
    return found


def calibrated(odds: Array, terms: Array, right: Array) -> Curve:
    """WORDS and TERMS of `nlp.sectors`, one fit for all codes, and what each code's bias lacks.

    Platt (1999), with one intercept for each code: the bias of a rare code is learnt too low.
    """
    from sklearn.linear_model import LogisticRegression

    texts, codes = odds.shape
    code = np.tile(np.eye(codes), (texts, 1))
    both = np.column_stack([odds.ravel(), terms.ravel(), code])
    curve = LogisticRegression(C=10, max_iter=500).fit(both, right.ravel())
    of_words, of_terms, *more = curve.coef_[0]
    return float(of_words), float(of_terms), np.array(more) + curve.intercept_[0]


def judged(odds: Array, terms: Array, right: Array) -> Array:
    """Probabilities for texts that the calibration did not see either, (texts, codes)."""
    found = np.zeros_like(right)
    for learning, judging in folds(len(right)):
        curve = calibrated(odds[learning], terms[learning], right[learning])
        found[judging] = probabilities(odds[judging], terms[judging], curve)
    return found


def probabilities(odds: Array, terms: Array, curve: Curve) -> Array:
    """What *curve* makes of log odds by words and of terms, (texts, codes)."""
    from scipy.special import expit

    of_words, of_terms, lacking = curve
    return np.asarray(expit(of_words * odds + of_terms * terms + lacking))


def write(path: Path, codes: Sequence[str], words: Sequence[str], table: Array) -> None:
    """The file that `nlp.wordmodel` reads; *table* has the bias in its last row."""
    rounded = np.rint(table * UNIT).astype(int)
    lines = ["\t".join(["word", *codes]), "\t".join([BIAS, *map(str, rounded[-1])])]
    lines += [
        "\t".join([word, *map(str, row)])
        for word, row in zip(words, rounded[:-1], strict=True)
        if row.any()
    ]
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())


def embedded(texts: Sequence[str], kept: Path | None) -> Array:
    """Vectors of *texts*; read from *kept* when that file has as many."""
    if kept and kept.exists() and len(found := np.load(kept)) == len(texts):
        return np.asarray(found, dtype=np.float64)
    found = load_embedder(load_configuration().settings.embedding).encode(texts)
    if kept:
        np.save(kept, found)
    return np.asarray(found, dtype=np.float64)


def show(
    name: str, chosen: npt.NDArray[np.bool_], texts: Sequence[Known], codes: Sequence[str]
) -> None:
    """One line of scores; *chosen* is true where a sector is given."""
    found: list[Codes] = [
        frozenset(code for code, yes in zip(codes, row, strict=True) if yes) for row in chosen
    ]
    right = [one.sectors for one in texts]
    hits = sum(len(a & b) for a, b in zip(found, right, strict=True))
    parts = hits / max(1, sum(map(len, found))), hits / max(1, sum(map(len, right)))
    scores = f"{100 * macro_f1(found, right):8.1f}{100 * micro_f1(found, right):8.1f}"
    print(f"{name:34}{scores}{100 * parts[0]:11.1f}{100 * parts[1]:8.1f}")


def show_said(name: str, said: Array, right: Array) -> None:
    """One line: how often a sector is right of which a weight within each range is said."""
    parts = []
    for low, high in itertools.pairwise((LEAST_PROBABILITY, 0.5, 0.7, 0.9, 1.01)):
        there = (said >= low) & (said < high)
        parts.append(f"{said[there].mean():.2f} was {right[there].mean():.2f} ({there.sum()})")
    print(f"{name:34}{', '.join(parts)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--vectors", type=Path, help="a .npy file that keeps the vectors")
    options = parser.parse_args()
    labelled, made_up = known(folder()), written()
    others = unknown(folder(), labelled)
    everyone = [*labelled, *made_up]
    texts = [*others, *(one.text for one in everyone)]
    print(f"{len(labelled)} labelled texts, {len(made_up)} written ones, {len(others)} others")
    nlp, configuration = load_tagger(), load_configuration()
    codes = sorted(one.code for one in configuration.sectors.values() if one.scheme == SCHEME)
    taught = np.array([[float(code in one.sectors) for code in codes] for one in everyone])
    right = taught[: len(labelled)]  # no written text is judged
    finder = sectors(nlp, labels_of(configuration), background())
    terms = term_evidence(nlp, finder, [one.text for one in labelled], codes)

    found = counts(nlp, texts)
    spread = Counter(word for one in found for word in one)
    vocabulary = sorted(word for word, texts_with in spread.items() if texts_with >= LEAST_TEXTS)
    rows = {word: row for row, word in enumerate(vocabulary)}
    words = matrix(found, rows)
    vectors = embedded(texts, options.vectors)
    here, there = slice(len(others), None), slice(0, len(others))

    def learn(places: Places) -> tuple[Array, Array]:
        """Weights and bias from the labelled texts at *places* and all written ones."""
        from scipy.sparse import vstack

        places = np.concatenate([places, np.arange(len(labelled), len(everyone))])
        guessed = teacher(vectors[here][places], taught[places], vectors[there])
        both = vstack([words[there], words[here][places]]).tocsr()
        times = np.concatenate([np.ones(len(others)), np.full(len(places), LABELLED)])
        return student(both, np.concatenate([guessed, taught[places]]), times)

    titles = [one.text.partition("\n")[0] for one in labelled]
    of_titles = matrix(counts(nlp, titles), rows)
    odds, title_odds = np.zeros_like(right), np.zeros_like(right)
    for learning, judging in folds(len(labelled)):
        weights, bias = learn(learning)
        odds[judging] = words[here][judging] @ weights + bias
        title_odds[judging] = of_titles[judging] @ weights + bias
    print(f"{'held out, F1 (%)':34}{'macro':>8}{'micro':>8}{'precision':>11}{'recall':>8}")
    nothing = np.zeros_like(odds)
    said = judged(odds, terms, right)
    for name, weights_said in (
        ("terms alone", judged(nothing, terms, right)),
        ("words alone", judged(odds, nothing, right)),
        ("terms and words", said),
    ):
        show(name, weights_said >= LEAST_PROBABILITY, labelled, codes)
    fair = np.array([one.random for one in labelled])
    both = said >= LEAST_PROBABILITY
    show("  of those drawn at random", both[fair], [one for one in labelled if one.random], codes)
    tuning = len([one for one in read_gold() if one.split == "dev"])
    show("  of the gold, tuning half", both[-tuning:], labelled[-tuning:], codes)
    a, b, lacking = curve = calibrated(odds, terms, right)
    print(f"fitted: WORDS {a:.2f}, TERMS {b:.2f}; in use: WORDS {WORDS:.2f}, TERMS {TERMS:.2f}")
    show_said("weights of whole texts", said, right)
    title_terms = term_evidence(nlp, finder, titles, codes)
    show_said("of their titles alone", probabilities(title_odds, title_terms, curve), right)
    weights, bias = learn(np.arange(len(labelled)))
    bias += lacking / a
    write(options.out, codes, vocabulary, np.vstack([weights, bias]))


if __name__ == "__main__":
    main()
