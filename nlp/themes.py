"""Finding themes and admitting documents to them. Vectors are always handed in.

A fit is BERTopic with exact, repeatable parts: PCA in place of UMAP, k-means in place of
HDBSCAN (which leaves most short texts outside every theme), c-TF-IDF over phrases. It
starts from the themes already known, so that identities last.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from config.models import ThemeSettings
from nlp.arrays import Integers
from nlp.documents import Vectors
from nlp.labels import Usage, Wording, indicator, usage, wordings

if TYPE_CHECKING:
    from bertopic import BERTopic

OUTSIDE = -1  # the theme of a document that belongs to none
OPENING = 400  # characters of a text that phrases are counted in: the subject stands first
FEWEST = 60  # cells that even a small corpus is cut into, where it has documents enough
TOO_LARGE = 1.5  # times the usual size from which on a known theme is split at a fit
CROWDED = 1.25  # times as many cells as a first fit has, at most
NAMELESS = Wording("", ())
TWINS = 0.95  # likeness of two cells of a large corpus that are one theme cut in two


@dataclass(frozen=True, slots=True)
class Found:
    """One theme of a fit."""

    members: Integers  # positions of its documents
    similarity: npt.NDArray[np.float32]  # of each member to the centroid
    centroid: npt.NDArray[np.float32]  # unit length
    radius: float  # similarity that admits another document
    keywords: tuple[str, ...]
    label: str


def unit(vectors: npt.NDArray[Any]) -> Vectors:
    """Rows scaled to unit length; a row of zeros stays."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), dtype=np.float32)


def how_many(documents: int, settings: ThemeSettings) -> int:
    """Cells to cut a corpus into: large ones evenly, small ones finely, to be joined again."""
    smallest = max(1, documents // (2 * settings.min_cluster_size))
    return max(1, min(smallest, max(documents // settings.documents_per_theme, FEWEST)))


def sampled(documents: int, settings: ThemeSettings) -> Integers:
    """Places of the documents that a fit takes: all of them, or a seeded sample."""
    if documents <= settings.max_documents:
        return np.arange(documents)
    rng = np.random.default_rng(settings.seed)
    return np.sort(rng.choice(documents, settings.max_documents, replace=False))


def is_cut_finely(documents: int, settings: ThemeSettings) -> bool:
    """Whether the cells are smaller than themes, so that alike ones are to be joined."""
    return documents < FEWEST * settings.documents_per_theme


class Cells:
    """The clustering part handed to BERTopic: k-means, then joining of what is one theme.

    Follows scikit-learn's protocol (`fit`, `labels_`). `known` are centroids to start
    from, in the space of the vectors that `space` (a fitted PCA) reduces; without them k-means
    starts as `init` says, in scikit-learn's words.
    """

    def __init__(
        self, settings: ThemeSettings, known: Vectors | None, space: Any, init: str = "k-means++"
    ) -> None:
        self.settings = settings
        self.known = known
        self.space = space
        self.init = init
        self.labels_: Integers = np.empty(0, dtype=np.int64)

    def fit(self, points: npt.NDArray[np.float32], y: object = None) -> "Cells":
        from sklearn.cluster import KMeans

        count = how_many(len(points), self.settings)
        start = self._start(points, count)
        model = KMeans(
            len(start) if start is not None else count,
            init=self.init if start is None else start,
            n_init=1,
            max_iter=25,
            random_state=self.settings.seed,
        ).fit(points)
        labels = np.asarray(model.labels_, dtype=np.int64)
        self.labels_ = join_cells(points, labels, self.settings)
        return self

    def _start(self, points: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32] | None:
        """Known centroids, new ones within those that grew large, and new ones far from all."""
        from sklearn.metrics import pairwise_distances_argmin_min

        if self.known is None or not len(self.known):
            return None
        known = self.space.transform(self.known).astype(points.dtype)
        centres = list(known)
        nearest, distance = pairwise_distances_argmin_min(points, known)
        distance **= 2
        rng = np.random.default_rng(self.settings.seed)

        def add(rows: Integers) -> None:
            """One more, likelier the farther a document lies from its centre (k-means++)."""
            row = int(rng.choice(rows, p=distance[rows] / distance[rows].sum()))
            centres.append(points[row])
            np.minimum(distance, ((points - points[row]) ** 2).sum(1), out=distance)

        sizes = np.bincount(nearest, minlength=len(centres))
        for cell, more in too_large(sizes, count, self.settings):
            rows = np.flatnonzero(nearest == cell)
            for _ in range(more):
                if distance[rows].any():
                    add(rows)
        while len(centres) < count and distance.any():
            add(np.arange(len(points)))
        return np.array(centres)

    def predict(self, points: npt.NDArray[np.float32]) -> Integers:
        """Never asked for: new documents are admitted by `assign`."""
        raise NotImplementedError


def too_large(sizes: Integers, count: int, settings: ThemeSettings) -> Iterator[tuple[int, int]]:
    """Cells to split at a fit, and into how many more, the largest first.

    A theme that grows would keep its one centroid from fit to fit, and what grows within it
    would be hidden. Known themes and splits together are `CROWDED` times the *count* of a
    first fit at most.
    """
    if is_cut_finely(int(sizes.sum()), settings):
        return  # such cells are smaller than themes and joined again
    room = round(CROWDED * count) - len(sizes)
    for cell in np.argsort(-sizes, kind="stable"):
        more = min(round(sizes[cell] / settings.documents_per_theme) - 1, room)
        if sizes[cell] <= TOO_LARGE * settings.documents_per_theme or more < 1:
            return
        room -= more
        yield int(cell), more


def join_cells(
    points: npt.NDArray[np.float32], labels: Integers, settings: ThemeSettings
) -> Integers:
    """Join cells whose documents are as alike across as within; drop what stays too small.

    The mean product of two cells' documents, over the geometric mean of what it is within
    each, is 1 when both are random halves of one theme, whatever its width. A pair is
    joined above `join_likeness`, the most alike first, up to a theme's largest size. In a
    large corpus, which is cut evenly so that no small theme hides in a large one, only
    twins are joined.
    """
    fine = is_cut_finely(len(points), settings)
    most = len(points) if fine else 3 * settings.documents_per_theme
    least = settings.join_likeness if fine else TWINS
    sizes = np.bincount(labels).astype(float)
    sums = np.zeros((len(sizes), points.shape[1]))
    np.add.at(sums, labels, points)
    squares = np.bincount(labels, (points.astype(float) ** 2).sum(1)).astype(float)
    live = sizes > 1
    target = np.arange(len(sizes))

    def row(k: int) -> npt.NDArray[np.float64]:
        within = _within(sums, squares, sizes)
        across = (sums @ sums[k]) / np.maximum(sizes * sizes[k], 1)
        values = across / np.sqrt(np.maximum(within * within[k], 1e-12))
        values[~live | (sizes + sizes[k] > most)] = -1
        values[k] = -1
        return np.asarray(values)

    table = np.stack([row(k) if live[k] else np.full(len(sizes), -1.0) for k in range(len(sizes))])
    while True:
        first, second = np.unravel_index(int(table.argmax()), table.shape)
        if table[first, second] < least:
            break
        sums[first] += sums[second]
        squares[first] += squares[second]
        sizes[first] += sizes[second]
        live[second], sizes[second] = False, 0
        target[target == second] = first
        table[second], table[:, second] = -1, -1
        table[first] = row(int(first))
        table[:, first] = table[first]
    joined = target[labels]
    small = np.bincount(joined, minlength=len(sizes)) < settings.min_cluster_size
    joined[small[joined]] = OUTSIDE
    return np.asarray(joined)


def _within(
    sums: npt.NDArray[np.float64], squares: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Mean product of two different documents of the same cell."""
    pairs = np.maximum(sizes * (sizes - 1), 1)
    return np.asarray(np.maximum(((sums**2).sum(1) - squares) / pairs, 1e-9))


class Counted:
    """The counting part handed to BERTopic: phrases that were counted before.

    Follows scikit-learn's protocol of a vectoriser. A document is its number, so that what
    BERTopic joins into one text for each topic is a list of numbers, whose counts are summed.
    """

    def __init__(self, usage: Usage) -> None:
        self.usage = usage

    def fit(self, documents: Sequence[str], y: object = None) -> "Counted":
        return self

    def transform(self, documents: Sequence[str]) -> Any:
        groups = [np.array(numbers.split(), dtype=np.int64) for numbers in documents]
        return indicator(groups, self.usage.counts.shape[0]) @ self.usage.counts

    def fit_transform(self, documents: Sequence[str], y: object = None) -> Any:
        return self.transform(documents)

    def get_feature_names_out(self) -> npt.NDArray[np.object_]:
        return np.array(self.usage.names, dtype=object)


def topic_model(phrases: Usage, space: Any, cells: Cells) -> "BERTopic":
    """Our BERTopic, part by part."""
    from bertopic import BERTopic
    from bertopic.vectorizers import ClassTfidfTransformer

    return BERTopic(
        language="multilingual",  # "english" would strip what it does not take for a word
        embedding_model=None,  # vectors are always handed in
        umap_model=space,
        hdbscan_model=cells,
        vectorizer_model=Counted(phrases),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        calculate_probabilities=False,
        verbose=False,
    )


def find_themes(
    texts: Sequence[str],
    vectors: Vectors,
    settings: ThemeSettings,
    known: Vectors | None = None,
) -> list[Found]:
    """The themes in *texts*, largest first; the same input gives the same themes."""
    from threadpoolctl import threadpool_limits

    if len(texts) < 2 * settings.min_cluster_size:
        return []
    phrases = usage((text[:OPENING] for text in texts), 2 if len(texts) < 5000 else 4)
    # One thread: sums in another order would tip documents that lie between two themes.
    with threadpool_limits(1):
        space = _space(vectors, settings)
        model = topic_model(phrases, space, Cells(settings, known, space))
        topics, _ = model.fit_transform([str(row) for row in range(len(texts))], vectors)
    return _found(phrases, model, np.asarray(topics), vectors, settings)


def fit_themes(
    texts: Sequence[str],
    vectors: Vectors,
    settings: ThemeSettings,
    known: Vectors | None = None,
) -> list[Found]:
    """The themes in *texts*: found in as many as a fit takes, joined by the rest they admit."""
    rows = sampled(len(texts), settings)
    if len(rows) == len(texts):  # nothing to copy
        return find_themes(texts, vectors, settings, known)
    found = find_themes([texts[row] for row in rows], vectors[rows], settings, known)
    if not found:
        return []
    rest = np.setdiff1d(np.arange(len(texts)), rows)
    radii = np.array([theme.radius for theme in found])
    centroids = np.stack([theme.centroid for theme in found])
    nearest, similarity = assign(vectors[rest], centroids, radii)
    return [
        replace(
            theme,
            members=np.concatenate([rows[theme.members], rest[nearest == number]]),
            similarity=np.concatenate([theme.similarity, similarity[nearest == number]]),
        )
        for number, theme in enumerate(found)
    ]


def find_cells(
    vectors: Vectors, settings: ThemeSettings, with_seeds: Iterable[int]
) -> Iterator[tuple[Vectors, npt.NDArray[np.float64]]]:
    """Centroids and radii of what `find_themes` would find with other seeds, without words.

    From documents drawn at random: 40,000 documents then lie half a per cent farther from their
    800 centroids than with k-means++, which takes four times as long.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        space = _space(vectors, settings)
        points = space.transform(vectors)
    for seed in with_seeds:
        seeded = settings.model_copy(update={"seed": seed})
        with threadpool_limits(1):
            labels = Cells(seeded, None, space, init="random").fit(points).labels_
        groups = _coherent(labels, vectors)
        found = [_theme(members, vectors, settings, NAMELESS) for members in groups.values()]
        centroids = np.stack([one.centroid for one in found]) if found else vectors[:0]
        yield centroids, np.array([one.radius for one in found])


def _space(vectors: Vectors, settings: ThemeSettings) -> Any:
    """The axes that documents are cut along: a PCA of their vectors."""
    from sklearn.decomposition import PCA

    axes = min(settings.axes, len(vectors) - 1, vectors.shape[1])
    return PCA(axes, svd_solver="covariance_eigh").fit(vectors)


def _coherent(topics: Integers, vectors: Vectors) -> dict[int, Integers]:
    """The documents of each topic that are more alike than documents drawn at random."""
    common = _likeness(vectors)
    groups = {
        topic: np.flatnonzero(topics == topic)
        for topic in sorted(set(topics.tolist()))
        if topic != OUTSIDE
    }
    return {
        topic: members for topic, members in groups.items() if _likeness(vectors[members]) > common
    }


def _found(
    phrases: Usage, model: Any, topics: Integers, vectors: Vectors, settings: ThemeSettings
) -> list[Found]:
    names = sorted(set(topics.tolist()))
    kept = _coherent(topics, vectors)
    strength = model.c_tf_idf_[[names.index(topic) for topic in kept]] if kept else None
    words = wordings(phrases, list(kept.values()), strength)
    return [
        _theme(members, vectors, settings, wording)
        for members, wording in zip(kept.values(), words, strict=True)
    ]


def _theme(members: Integers, vectors: Vectors, settings: ThemeSettings, wording: Wording) -> Found:
    """The theme of *members*, without those that lie outside its radius.

    A centroid lies nearer to its own documents than to others like them. So that as many of
    those that come later are admitted, each document is held against the centroid of the
    rest; who lies outside is the same either way.
    """
    total = vectors[members].sum(0)
    centroid = unit(total)
    similarity = vectors[members] @ centroid
    product = vectors[members] @ total
    rest = np.sqrt(np.maximum(total @ total - 2 * product + 1, 1e-12))
    apart = (product - 1) / rest
    radius = float(np.quantile(apart, settings.assign_quantile))
    inside = apart >= radius
    return Found(
        members=members[inside],
        similarity=similarity[inside],
        centroid=centroid,
        radius=radius,
        keywords=wording.keywords,
        label=wording.label,
    )


def _likeness(vectors: Vectors) -> float:
    """Mean cosine of two different rows."""
    n = len(vectors)
    total = float((vectors.sum(0, dtype=np.float64) ** 2).sum())
    return (total - n) / max(n * (n - 1), 1)


def assign(
    vectors: Vectors, centroids: Vectors, radii: npt.NDArray[np.float64]
) -> tuple[Integers, npt.NDArray[np.float32]]:
    """The nearest theme of each document and its similarity; OUTSIDE when not admitted."""
    if not len(centroids) or not len(vectors):
        return np.full(len(vectors), OUTSIDE), np.zeros(len(vectors), dtype=np.float32)
    nearest = np.empty(len(vectors), dtype=np.int64)
    similarity = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), 4096):
        block = vectors[start : start + 4096] @ centroids.T
        nearest[start : start + 4096] = block.argmax(1)
        similarity[start : start + 4096] = block.max(1)
    nearest[similarity < radii[nearest]] = OUTSIDE
    return nearest, similarity


def seeds(
    texts: Sequence[str], vectors: Vectors, settings: ThemeSettings, likeness: float
) -> list[Found]:
    """New themes among documents that no theme admitted.

    A group is a theme when it is large enough and, on average, as alike within as known
    themes are (*likeness*, a mean cosine).
    """
    from sklearn.cluster import AgglomerativeClustering

    if len(texts) < settings.min_cluster_size:
        return []
    labels = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1 - likeness, metric="cosine", linkage="average"
    ).fit(vectors)
    groups = [np.flatnonzero(labels.labels_ == group) for group in range(int(labels.n_clusters_))]
    groups = [members for members in groups if len(members) >= settings.min_cluster_size]
    words = wordings(usage((text[:OPENING] for text in texts), 2), groups)
    found = []
    for members, wording in zip(groups, words, strict=True):
        if not wording.keywords:
            continue  # no phrase stands in two of them: not about one thing
        theme = _theme(members, vectors, settings, wording)
        similarity = vectors[members] @ theme.centroid
        found.append(replace(theme, members=members, similarity=similarity))
    return found


def parents(centroids: Vectors, sizes: Sequence[int], *, each: int = 12) -> list[int]:
    """For each theme the position of the largest theme of its neighbourhood, or OUTSIDE.

    Neighbourhoods are groups of about *each* themes (average linkage of centroids), the level
    above themes: what a reader is told that a theme is part of, and what luck is counted by. The
    strength that a small theme borrows in the test comes from its ten nearest themes instead
    (`nlp/neighbourhood.py`), wherever a group may end.
    """
    from sklearn.cluster import AgglomerativeClustering

    count = len(centroids) // each
    if count < 2:
        return [OUTSIDE] * len(centroids)
    groups = AgglomerativeClustering(count, metric="cosine", linkage="average").fit(centroids)
    largest: dict[int, int] = {}
    for row, group in enumerate(groups.labels_):
        if int(group) not in largest or sizes[row] > sizes[largest[int(group)]]:
            largest[int(group)] = row
    return [
        OUTSIDE if largest[int(group)] == row else largest[int(group)]
        for row, group in enumerate(groups.labels_)
    ]
