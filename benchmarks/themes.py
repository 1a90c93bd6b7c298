"""Are the themes good ones? `python -m benchmarks.themes --vectors FOLDER`

Coherence (NPMI), diversity, agreement with arXiv's primary categories (AMI) and documents
outside, for our fit and for BERTopic as it comes, on the same vectors; then the time of a
fit and of a week. Words are compared in two ways: those that c-TF-IDF gives the members of
each topic, computed alike for every model, and the key words that the model itself hands
to its readers, ours also taken apart into single words. The more topics, the fewer words
can be unique, so diversity is also given for equally many topics, drawn by seeds. Exits 1
when a bound is broken. Needs TRENDSCOUT_BENCH_DATA.
"""

import argparse
import itertools
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.arxiv import asked, corpus_options
from config.loader import load_configuration
from config.weeks import first_day, last_day, shift
from nlp.documents import Vectors
from nlp.hindcast import Corpus
from nlp.othercuts import other_cuts
from nlp.phrases import LONGEST, TOKEN, stop_words
from nlp.themes import OUTSIDE, Found, assign, find_themes, seeds

WORDS = 10  # of each topic, as in the published measures
DRAWS = 20  # of equally many topics
OUTLIERS = 0.20
FIT_SECONDS = 60.0
CHEAPER = 10.0  # times a week costs less than a fit


@dataclass(frozen=True, slots=True)
class Topics:
    """What a model made of the texts."""

    labels: list[int]  # topic of each text
    exported: list[list[str]]  # words that it gives its readers for each topic
    found: list[Found]  # our themes themselves


@dataclass(frozen=True, slots=True)
class Words:
    """Coherence and diversity of the topics' words, and diversity of fewer topics."""

    npmi: float
    diversity: float
    topics: list[list[str]]


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


def evenly(topics: Sequence[Sequence[str]], number: int) -> float:
    """Mean diversity of *number* topics, over seeded draws."""
    if len(topics) <= number:
        return diversity(topics)
    draws = (
        np.random.default_rng(seed).choice(len(topics), number, replace=False)
        for seed in range(DRAWS)
    )
    return float(np.mean([diversity([topics[int(row)] for row in rows]) for rows in draws]))


def standing(texts: Sequence[str], topics: Sequence[Sequence[str]]) -> list[set[str]]:
    """Which words and phrases of *topics* stand in each text."""
    wanted = {word for topic in topics for word in topic}
    found = []
    for text in texts:
        words = TOKEN.findall(text.lower())
        found.append(
            {
                phrase
                for length in range(1, LONGEST + 1)
                for start in range(len(words) - length + 1)
                if (phrase := " ".join(words[start : start + length])) in wanted
            }
        )
    return found


def taken_apart(topics: Sequence[Sequence[str]]) -> list[list[str]]:
    """The first ten different single words of each topic's key words."""
    return [
        list(dict.fromkeys(word for phrase in topic for word in phrase.split()))[:WORDS]
        for topic in topics
    ]


# --- models ------------------------------------------------------------------


def ours(texts: Sequence[str], vectors: Vectors) -> Topics:
    """Our fit."""
    found = find_themes(texts, vectors, load_configuration().settings.themes)
    labels = np.full(len(texts), OUTSIDE)
    for number, theme in enumerate(found):
        labels[theme.members] = number
    return Topics(labels.tolist(), [list(theme.keywords) for theme in found], found)


def plain(texts: Sequence[str], vectors: Vectors) -> Topics:
    """BERTopic's defaults, seeded to be repeatable."""
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
    words = [
        [word for word, _ in model.get_topic(topic) if word]
        for topic in sorted(set(labels) - {OUTSIDE})
    ]
    return Topics([int(label) for label in labels], words, [])


# --- figures -----------------------------------------------------------------


def measured(topics: list[list[str]], texts: Sequence[Iterable[str]]) -> Words:
    return Words(npmi(topics, texts), diversity(topics), topics)


def describe(
    name: str,
    fit: Callable[[Sequence[str], Vectors], Topics],
    texts: Sequence[str],
    vectors: Vectors,
    categories: Sequence[str],
) -> tuple[Topics, dict[str, float], dict[str, Words]]:
    """Fit, measure and print one model: the model, its figures, and its words."""
    from sklearn.metrics import adjusted_mutual_info_score

    started, cpu = time.perf_counter(), time.process_time()
    model = fit(texts, vectors)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    inside = [row for row, label in enumerate(model.labels) if label != OUTSIDE]
    figures = {
        "AMI": float(adjusted_mutual_info_score(categories, model.labels)),
        "outside": 1 - len(inside) / len(model.labels),
        "seconds": cpu,
    }
    within = adjusted_mutual_info_score(
        [categories[row] for row in inside], [model.labels[row] for row in inside]
    )
    print(
        f"{name}: {len(model.exported)} topics, AMI {figures['AMI']:.3f}"
        f" ({within:.3f} without outliers), outside {100 * figures['outside']:.0f} %,"
        f" {seconds:.0f} s, {cpu:.0f} s of CPU",
        flush=True,
    )
    single = [tokens(text) for text in texts]
    apart = taken_apart(model.exported)
    words = {
        "of the members": measured(topic_words(single, model.labels), single),
        "key words": measured(model.exported, standing(texts, model.exported)),
        "key words apart": measured(apart, standing(texts, apart)),
    }
    for kind, one in words.items():
        print(f"  {kind}: NPMI {one.npmi:.3f}, diversity {one.diversity:.3f}", flush=True)
    return model, figures, words


def compare(mine: dict[str, Words], other: dict[str, Words]) -> Iterator[tuple[str, float, float]]:
    """Name and both values of every figure about words that ours is to be above in."""
    for kind, found in mine.items():
        rival = other[kind]
        even = min(len(found.topics), len(rival.topics))
        yield f"NPMI {kind}", found.npmi, rival.npmi
        yield f"diversity {kind}", found.diversity, rival.diversity
        yield (
            f"  of {even} topics each",
            evenly(found.topics, even),
            evenly(rival.topics, even),
        )


def week_seconds(corpus: Corpus, rows: Sequence[int], found: Sequence[Found], last: int) -> float:
    """CPU seconds of the week after a fit: its documents are admitted, the rest searched."""
    settings = load_configuration().settings.themes
    taken = np.zeros(len(corpus), dtype=bool)
    for theme in found:
        taken[[rows[int(row)] for row in theme.members]] = True
    week = np.flatnonzero((corpus.published > last) & (corpus.published <= last + 7))
    known = np.zeros(len(corpus), dtype=bool)
    known[list(rows)] = True
    since = last + 7 - 7 * settings.seed_weeks
    centroids = np.stack([theme.centroid for theme in found])
    radii = np.array([theme.radius for theme in found])
    started = time.process_time()
    nearest, _ = assign(corpus.vectors[week], centroids, radii)
    taken[week[nearest != OUTSIDE]] = True
    known[week] = True
    pool = np.flatnonzero(known & ~taken & (corpus.published > since))
    texts = [corpus.texts[int(row)] for row in pool]
    seeds(texts, corpus.vectors[pool], settings, settings.seed_likeness)
    seconds = time.process_time() - started
    print(f"week: {len(week)} documents admitted, {len(pool)} searched, {seconds:.2f} s of CPU")
    return seconds


def bound(name: str, value: float, good: bool, target: str) -> bool:
    """Print one figure beside its target; whether it holds."""
    print(f"  {'ok  ' if good else 'MISS'} {name:30} {value:7.3f}  ({target})")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, parents=[corpus_options()])
    parser.add_argument("--week", default="2017-W39", help="last week of the window")
    parser.add_argument("--documents", type=int, default=30_000, help="size of the seeded sample")
    parser.add_argument("--no-plain", action="store_true", help="leave BERTopic's defaults out")
    options = parser.parse_args()
    corpus, categories = asked(options)
    settings = load_configuration().settings.themes
    first = first_day(shift(options.week, 1 - settings.window_weeks)).toordinal()
    last = last_day(options.week).toordinal()
    rows = np.flatnonzero((corpus.published >= first) & (corpus.published <= last))
    if len(rows) > options.documents:
        rows = np.sort(np.random.default_rng(0).choice(rows, options.documents, replace=False))
    texts, labels = [corpus.texts[int(row)] for row in rows], [categories[row] for row in rows]
    vectors = corpus.vectors[rows]
    print(f"{len(rows)} abstracts up to {options.week}, {len(set(labels))} categories")
    model, mine, words = describe("trendscout", ours, texts, vectors, labels)
    week = week_seconds(corpus, rows.tolist(), model.found, last)
    started = time.process_time()
    other_cuts(vectors, settings)
    print(f"other cuts: {time.process_time() - started:.0f} s of CPU, once after a fit")
    good = [
        bound("outside", mine["outside"], mine["outside"] <= OUTLIERS, f"at most {OUTLIERS}"),
        bound("CPU seconds of the fit", mine["seconds"], mine["seconds"] <= FIT_SECONDS,
              f"at most {FIT_SECONDS:.0f}"),
        bound("fit over week", mine["seconds"] / week, mine["seconds"] >= CHEAPER * week,
              f"at least {CHEAPER:.0f}"),
    ]  # fmt: skip
    if not options.no_plain:
        _, theirs, their_words = describe("BERTopic plain", plain, texts, vectors, labels)
        for name, value, other in (
            ("AMI", mine["AMI"], theirs["AMI"]),
            *compare(words, their_words),
        ):
            good.append(bound(name, value, value >= other, f"BERTopic {other:.3f}"))
    print(f"themes {'hold' if all(good) else 'MISS'}")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
