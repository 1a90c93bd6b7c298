"""Are the themes good ones? `python -m benchmarks.themes --vectors FOLDER`

Coherence (NPMI), diversity, agreement with arXiv's primary categories (AMI) and documents
outside, for our fit and for BERTopic as it comes, on the same vectors; the speed of a fit
and of a week, and the cost of a week on a large archive. Needs TRENDSCOUT_BENCH_DATA.
"""

import argparse
import itertools
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.arxiv import arxiv
from config.loader import load_configuration
from config.weeks import first_day, last_day, shift
from nlp.documents import Vectors
from nlp.phrases import TOKEN, stop_words
from nlp.themes import OUTSIDE, assign, find_themes

WORDS = 10  # of each topic, as in the published measures


def tokens(text: str) -> list[str]:
    """Single words, the same for every model that is compared."""
    stop = stop_words()
    return [word for word in TOKEN.findall(text.lower()) if len(word) > 2 and word not in stop]


def topic_words(texts: Sequence[list[str]], labels: Sequence[int]) -> list[list[str]]:
    """The ten words of each topic by c-TF-IDF, computed alike for every model."""
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    everywhere: Counter[str] = Counter()
    for words, label in zip(texts, labels, strict=True):
        everywhere.update(words)
        if label != OUTSIDE:
            counts[label].update(words)
    average = sum(everywhere.values()) / max(len(counts), 1)
    topics = []
    for label in sorted(counts):
        total = sum(counts[label].values())
        scores = {
            word: number / total * np.log1p(average / everywhere[word])
            for word, number in counts[label].items()
            if number > 2
        }
        topics.append(sorted(scores, key=lambda word: (-scores[word], word))[:WORDS])
    return topics


def npmi(topics: Sequence[Sequence[str]], texts: Sequence[Iterable[str]]) -> float:
    """Mean normalised pointwise mutual information of the words' pairs, by document."""
    wanted = {word for topic in topics for word in topic}
    single: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    needed = {pair for topic in topics for pair in itertools.combinations(sorted(topic), 2)}
    partners: defaultdict[str, set[str]] = defaultdict(set)
    for first, second in needed:
        partners[first].add(second)
    for words in texts:
        present = wanted.intersection(words)
        single.update(present)
        for word in present:
            pairs.update((word, other) for other in partners[word] & present)
    n = len(texts)
    values = []
    for topic in topics:
        for first, second in itertools.combinations(sorted(topic), 2):
            together = pairs[first, second] / n
            if not together:
                values.append(-1.0)
                continue
            information = np.log(together * n * n / (single[first] * single[second]))
            values.append(float(information / max(-np.log(together), 1e-12)))
    return float(np.mean(values))


def diversity(topics: Sequence[Sequence[str]]) -> float:
    """Unique words over all words of the topics, ten each."""
    words = [word for topic in topics for word in topic]
    return len(set(words)) / max(len(words), 1)


def ours(texts: Sequence[str], vectors: Vectors) -> list[int]:
    """Topic of each document by our fit."""
    labels = np.full(len(texts), OUTSIDE)
    for number, theme in enumerate(
        find_themes(texts, vectors, load_configuration().settings.themes)
    ):
        labels[theme.members] = number
    return [int(label) for label in labels]


def plain(texts: Sequence[str], vectors: Vectors) -> list[int]:
    """Topic of each document by BERTopic's defaults, seeded to be repeatable."""
    from bertopic import BERTopic
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    model = BERTopic(
        embedding_model=None,
        umap_model=UMAP(
            n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=42
        ),
        vectorizer_model=CountVectorizer(stop_words="english", min_df=5, max_features=30_000),
        calculate_probabilities=False,
    )
    labels, _ = model.fit_transform([text[:400] for text in texts], vectors)
    return [int(label) for label in labels]


def describe(
    name: str,
    fit: Callable[[Sequence[str], Vectors], list[int]],
    texts: Sequence[str],
    vectors: Vectors,
    categories: Sequence[str],
) -> dict[str, float]:
    """Fit, measure and print one model."""
    from sklearn.metrics import adjusted_mutual_info_score

    started = time.perf_counter()
    labels = fit(texts, vectors)
    seconds = time.perf_counter() - started
    words = [tokens(text) for text in texts]
    topics = topic_words(words, labels)
    inside = [row for row, label in enumerate(labels) if label != OUTSIDE]
    found = {
        "npmi": npmi(topics, words),
        "diversity": diversity(topics),
        "ami": float(adjusted_mutual_info_score(categories, labels)),
        "ami inside": float(
            adjusted_mutual_info_score(
                [categories[row] for row in inside], [labels[row] for row in inside]
            )
        ),
        "outside": 1 - len(inside) / len(labels),
    }
    print(
        f"{name:16} {len(topics):4d} topics  NPMI {found['npmi']:.3f}"
        f"  diversity {found['diversity']:.3f}  AMI {found['ami']:.3f}"
        f" ({found['ami inside']:.3f} without outliers)"
        f"  outside {100 * found['outside']:.0f} %  {seconds:.0f} s",
        flush=True,
    )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True, help="folder that keeps vectors")
    parser.add_argument("--week", default="2017-W39", help="last week of the window")
    parser.add_argument("--documents", type=int, default=30_000, help="size of the seeded sample")
    parser.add_argument("--no-plain", action="store_true", help="leave BERTopic's defaults out")
    options = parser.parse_args()
    corpus, categories = arxiv(options.vectors)
    settings = load_configuration().settings.themes
    first = first_day(shift(options.week, 1 - settings.window_weeks)).toordinal()
    last = last_day(options.week).toordinal()
    rows = np.flatnonzero((corpus.published >= first) & (corpus.published <= last))
    if len(rows) > options.documents:
        rows = np.sort(np.random.default_rng(0).choice(rows, options.documents, replace=False))
    texts, labels = [corpus.texts[int(row)] for row in rows], [categories[row] for row in rows]
    vectors = corpus.vectors[rows]
    print(f"{len(rows)} abstracts up to {options.week}, {len(set(labels))} categories")
    mine = describe("trendscout", ours, texts, vectors, labels)
    other = None if options.no_plain else describe("BERTopic plain", plain, texts, vectors, labels)
    started = time.perf_counter()
    found = find_themes(texts, vectors, settings)
    fit_seconds = time.perf_counter() - started
    week = np.flatnonzero((corpus.published > last) & (corpus.published <= last + 7))
    started = time.perf_counter()
    assign(
        corpus.vectors[week],
        np.stack([theme.centroid for theme in found]),
        np.array([theme.radius for theme in found]),
    )
    week_seconds = time.perf_counter() - started
    good = mine["outside"] <= 0.20 and (
        other is None or all(mine[key] >= other[key] for key in ("npmi", "diversity", "ami"))
    )
    print(
        f"themes {'hold' if good else 'MISS'}: fit {fit_seconds:.0f} s for {len(rows)} documents,"
        f" assignment of {len(week)} documents {week_seconds:.3f} s,"
        f" outside {100 * mine['outside']:.0f} % (bound 20)"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
