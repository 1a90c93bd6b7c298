"""Learn what texts say about sectors: `python -m benchmarks.train_sectors OUT`.

Reads the development data (TRENDSCOUT_BENCH_DATA) and writes `sectors.tsv.gz` and
`sector_vectors.tsv.gz` of `nlp/data` into the folder OUT. Nearly ten thousand labelled texts
teach a model on vectors, and with them a thousand that were written for sectors that are rare
in the collections; the model labels others that have no labels, and from all of them a model
on words learns, which needs no vectors (self-training by distillation: Hinton, Vinyals & Dean
2015). Prints, over real texts that the models did not learn from (five folds), what words and
vectors add to the indicator terms, and the constants of `nlp/sectors.py`. Everything is seeded;
the files hold weights, no text.
"""

import argparse
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmarks.data import folder, pack
from benchmarks.gold import labelled as read_gold
from benchmarks.gold_baselines import SCHEME
from benchmarks.gold_score import Codes, macro_f1, micro_f1
from benchmarks.sector_texts import Known, known, unknown, written
from config.loader import load_configuration
from nlp.arrays import Array
from nlp.background import background
from nlp.clean import mask, squeeze
from nlp.embed import configured_name, load_embedder
from nlp.extraction import labels_of
from nlp.sectors import (
    ENOUGH,
    LEAST_PROBABILITY,
    WITH_VECTOR,
    WITHOUT,
    Sectors,
    sectors,
    total_of,
)
from nlp.tagged import tagged_text
from nlp.tagger import load_tagger
from nlp.wordmodel import BIAS, UNIT, model_of, plain, vector

if TYPE_CHECKING:
    from spacy.language import Language

Places = npt.NDArray[np.intp]
Linear = tuple[Array, Array]  # weights and bias
Curve = tuple[Array, Array]  # see `calibrated`

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


def teacher(vectors: Array, right: Array) -> Linear:
    """Weights and bias of the logistic model on *vectors* that were labelled *right*."""
    from sklearn.linear_model import LogisticRegression

    found = [LogisticRegression(C=TEACHER, max_iter=500).fit(vectors, one) for one in right.T]
    return np.stack([one.coef_[0] for one in found], axis=1), np.array(
        [one.intercept_[0] for one in found]
    )


def student(words: Any, wanted: Array, times: Array) -> Linear:
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


def odds_of(given: Any, model: Linear) -> Array:
    """Log odds, (texts, codes), by weights and bias."""
    weights, bias = model
    return np.asarray(given @ weights + bias)


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
            said = finder.by_terms(
                tagged_text(nlp.make_doc(clean), clean), max(0, clean.find("\n"))
            )
            found[row] = [min(ENOUGH, total_of(said.get((SCHEME, code), []))) for code in codes]
    return found


def calibrated(evidence: Sequence[Array], right: Array) -> Curve:
    """What each kind of *evidence* counts, one fit for all codes, and what each bias lacks.

    Evidence and *right* have shape (texts, codes). Platt (1999), with one intercept for each
    code: the bias of a rare code is learnt too low.
    """
    from sklearn.linear_model import LogisticRegression

    texts, codes = right.shape
    code = np.tile(np.eye(codes), (texts, 1))
    all_of_it = np.column_stack([*(one.ravel() for one in evidence), code])
    curve = LogisticRegression(C=10, max_iter=500).fit(all_of_it, right.ravel())
    counts, more = np.split(curve.coef_[0], [len(evidence)])
    return counts, more + curve.intercept_[0]


def judged(evidence: Sequence[Array], right: Array) -> Array:
    """Probabilities for texts that the calibration did not see either, (texts, codes)."""
    found = np.zeros_like(right)
    for learning, judging in folds(len(right)):
        curve = calibrated([one[learning] for one in evidence], right[learning])
        found[judging] = probabilities([one[judging] for one in evidence], curve)
    return found


def probabilities(evidence: Sequence[Array], curve: Curve) -> Array:
    """What *curve* makes of the *evidence*, (texts, codes)."""
    from scipy.special import expit

    counts, lacking = curve
    parts = (count * one for count, one in zip(counts, evidence, strict=True))
    return np.asarray(expit(sum(parts) + lacking))


def write(path: Path, name: str, codes: Sequence[str], words: Sequence[str], table: Array) -> None:
    """A file that `nlp.wordmodel` reads; *table* has the bias in its last row."""
    rounded = np.rint(table * UNIT).astype(int)
    lines = ["\t".join([name, *codes]), "\t".join([BIAS, *map(str, rounded[-1])])]
    lines += [
        "\t".join([word, *map(str, row)]) for word, row in zip(words, rounded[:-1], strict=True)
    ]
    pack(path, lines)


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
    parser.add_argument("out", type=Path, help="folder to write to")
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

    def learn(places: Places) -> tuple[Linear, Linear]:
        """Models on words and on vectors; from labelled texts at *places* and all written ones."""
        from scipy.sparse import vstack
        from scipy.special import expit

        places = np.concatenate([places, np.arange(len(labelled), len(everyone))])
        by_vector = teacher(vectors[here][places], taught[places])
        guessed = expit(odds_of(vectors[there], by_vector))
        both = vstack([words[there], words[here][places]]).tocsr()
        times = np.concatenate([np.ones(len(others)), np.full(len(places), LABELLED)])
        return student(both, np.concatenate([guessed, taught[places]]), times), by_vector

    titles = [one.text.partition("\n")[0] for one in labelled]
    of_titles = matrix(counts(nlp, titles), rows)
    of_words, of_vectors, title_odds = (np.zeros_like(right) for _ in range(3))
    for learning, judging in folds(len(labelled)):
        by_words, by_vector = learn(learning)
        of_words[judging] = odds_of(words[here][judging], by_words)
        of_vectors[judging] = odds_of(vectors[here][judging], by_vector)
        title_odds[judging] = odds_of(of_titles[judging], by_words)
    print(f"{'held out, F1 (%)':34}{'macro':>8}{'micro':>8}{'precision':>11}{'recall':>8}")
    without, with_vector = [of_words, terms], [of_words, terms, of_vectors]
    fair = np.array([one.random for one in labelled])
    drawn = [one for one in labelled if one.random]
    tuning = len([one for one in read_gold() if one.split == "dev"])
    for name, evidence in (
        ("terms alone", [terms]),
        ("words alone", [of_words]),
        ("vectors alone", [of_vectors]),
        ("terms and words", without),
        ("terms, words and vectors", with_vector),
    ):
        chosen = judged(evidence, right) >= LEAST_PROBABILITY
        show(name, chosen, labelled, codes)
        show("  of those drawn at random", chosen[fair], drawn, codes)
        show("  of the gold, tuning half", chosen[-tuning:], labelled[-tuning:], codes)
    curves = calibrated(without, right), calibrated(with_vector, right)
    for used, (fitted, _) in zip((WITHOUT, WITH_VECTOR), curves, strict=True):
        print(f"fitted: {np.round(fitted, 2).tolist()}; in use: {used}")
    show_said("weights of whole texts", judged(without, right), right)
    show_said("with vectors", judged(with_vector, right), right)
    title_terms = term_evidence(nlp, finder, titles, codes)
    show_said("of titles alone", probabilities([title_odds, title_terms], curves[0]), right)
    (weights, bias), (axes, bias_there) = learn(np.arange(len(labelled)))
    (by_words, _), lacking = curves[0]
    bias += lacking / by_words
    write(options.out / "sectors.tsv.gz", "word", codes, vocabulary, np.vstack([weights, bias]))
    # The model on words brings its own bias: what it adds here is taken back.
    (again, _, by_vector), lacking = curves[1]
    bias_there = by_vector * bias_there + lacking - again * curves[0][1] / by_words
    model = model_of(configured_name(configuration.settings.embedding))
    table = np.vstack([by_vector * axes, bias_there])
    write(options.out / "sector_vectors.tsv.gz", model, codes, [*map(str, range(len(axes)))], table)


if __name__ == "__main__":
    main()
