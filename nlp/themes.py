"""Finding themes and admitting documents to them. Vectors are always handed in.

A fit is BERTopic with exact, repeatable parts: PCA in place of UMAP, k-means in place of
HDBSCAN (which leaves most short texts outside every theme), c-TF-IDF over phrases. It
starts from the themes already known, so that identities last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from config.models import ThemeSettings
from nlp.documents import Vectors
from nlp.labels import choose, label, phrases

if TYPE_CHECKING:
    from bertopic import BERTopic

Integers = npt.NDArray[np.int64]

OUTSIDE = -1  # the theme of a document that belongs to none
OPENING = 400  # characters of a text that phrases are counted in: the subject stands first
KEYWORDS = 10
FEWEST = 60  # cells that even a small corpus is cut into, where it has documents enough
TWINS = 0.95  # likeness of two cells of a large corpus that are one theme cut in two
CANDIDATES = 60  # phrases of a theme that compete for its label


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


def is_cut_finely(documents: int, settings: ThemeSettings) -> bool:
    """Whether the cells are smaller than themes, so that alike ones are to be joined."""
    return documents < FEWEST * settings.documents_per_theme


class Cells:
    """The clustering part handed to BERTopic: k-means, then joining of what is one theme.

    Follows scikit-learn's protocol (`fit`, `labels_`). `known` are centroids to start
    from, in the space of the vectors that `space` (a fitted PCA) reduces.
    """

    def __init__(self, settings: ThemeSettings, known: Vectors | None, space: Any) -> None:
        self.settings = settings
        self.known = known
        self.space = space
        self.labels_: Integers = np.empty(0, dtype=np.int64)

    def fit(self, points: npt.NDArray[np.float32], y: object = None) -> "Cells":
        from sklearn.cluster import KMeans

        count = how_many(len(points), self.settings)
        start = self._start(points, count)
        model = KMeans(
            len(start) if start is not None else count,
            init="k-means++" if start is None else start,
            n_init=1,
            max_iter=25,
            random_state=self.settings.seed,
        ).fit(points)
        labels = np.asarray(model.labels_, dtype=np.int64)
        self.labels_ = join_cells(points, labels, self.settings)
        return self

    def _start(self, points: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32] | None:
        """Known centroids, and new ones where documents lie farthest from all of them."""
        if self.known is None or not len(self.known):
            return None
        centres = list(self.space.transform(self.known).astype(points.dtype))
        distance = np.min([((points - centre) ** 2).sum(1) for centre in centres], axis=0)
        rng = np.random.default_rng(self.settings.seed)
        while len(centres) < count and distance.sum() > 0:
            row = int(rng.choice(len(points), p=distance / distance.sum()))
            centres.append(points[row])
            distance = np.minimum(distance, ((points - points[row]) ** 2).sum(1))
        return np.array(centres[: max(count, len(self.known))])

    def predict(self, points: npt.NDArray[np.float32]) -> Integers:
        """Never asked for: new documents are admitted by `assign`."""
        raise NotImplementedError


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


def topic_model(texts: Sequence[str], space: Any, cells: Cells) -> "BERTopic":
    """Our BERTopic, part by part, with a vocabulary bounded by the texts' own phrases."""
    from bertopic import BERTopic
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    rarest = 2 if len(texts) < 5000 else 4
    counter = CountVectorizer(analyzer=phrases, min_df=min(rarest, len(texts)), max_features=60_000)
    counter.fit(texts)
    return BERTopic(
        language="multilingual",  # "english" would strip the punctuation that ends a phrase
        embedding_model=None,  # vectors are always handed in
        umap_model=space,
        hdbscan_model=cells,
        vectorizer_model=CountVectorizer(analyzer=phrases, vocabulary=counter.vocabulary_),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        top_n_words=CANDIDATES,
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
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    if len(texts) < 2 * settings.min_cluster_size:
        return []
    openings = [text[:OPENING] for text in texts]
    # One thread: sums in another order would tip documents that lie between two themes.
    with threadpool_limits(1):
        axes = min(settings.axes, len(texts) - 1, vectors.shape[1])
        space = PCA(axes, svd_solver="covariance_eigh").fit(vectors)
        model = topic_model(openings, space, Cells(settings, known, space))
        topics, _ = model.fit_transform(openings, vectors)
        return _found(model, np.asarray(topics), vectors, settings)


def _found(model: Any, topics: Integers, vectors: Vectors, settings: ThemeSettings) -> list[Found]:
    themes: list[Found] = []
    common, rarity = _likeness(vectors), _rarity(model)
    taken: set[str] = set()
    for topic in sorted(set(topics.tolist()) - {OUTSIDE}):
        members = np.flatnonzero(topics == topic)
        if _likeness(vectors[members]) <= common:
            continue  # no more alike than documents drawn at random
        centroid = unit(vectors[members].mean(0))
        similarity = vectors[members] @ centroid
        radius = float(np.quantile(similarity, settings.assign_quantile))
        inside = similarity >= radius
        candidates = [(str(word), float(score)) for word, score in model.get_topic(topic) if word]
        name = label(candidates, frozenset(taken))
        taken.add(name)
        themes.append(
            Found(
                members=members[inside],
                similarity=similarity[inside],
                centroid=centroid,
                radius=radius,
                keywords=tuple(choose(_by_frequency(candidates, rarity), KEYWORDS, 0.2)),
                label=name,
            )
        )
    return themes


def _rarity(model: Any) -> dict[str, float]:
    """The weight that c-TF-IDF gives each phrase for standing in few themes."""
    names = model.vectorizer_model.get_feature_names_out()
    weights = np.asarray(model.ctfidf_model._idf_diag.diagonal())
    return dict(zip(names.tolist(), weights.tolist(), strict=True))


def _by_frequency(
    candidates: Sequence[tuple[str, float]], rarity: dict[str, float]
) -> list[tuple[str, float]]:
    """Candidates in the order of plain c-TF-IDF.

    Names are chosen with frequent words damped (`sqrt(tf)·idf`), which finds what is
    special; key words should also occur together, which the undamped `tf·idf` favours.
    """
    undamped = [(word, score**2 / rarity[word]) for word, score in candidates]
    return sorted(undamped, key=lambda pair: (-pair[1], pair[0]))


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
    from sklearn.feature_extraction.text import CountVectorizer

    if len(texts) < settings.min_cluster_size:
        return []
    groups = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1 - likeness, metric="cosine", linkage="average"
    ).fit(vectors)
    found: list[Found] = []
    for group in range(int(groups.n_clusters_)):
        members = np.flatnonzero(groups.labels_ == group)
        if len(members) < settings.min_cluster_size:
            continue
        centroid = unit(vectors[members].mean(0))
        similarity = vectors[members] @ centroid
        openings = [texts[int(row)][:OPENING] for row in members]
        counter = CountVectorizer(analyzer=phrases, min_df=2)
        try:
            counts = np.asarray((counter.fit_transform(openings) > 0).sum(0)).ravel()
        except ValueError:  # no phrase stands in two of them: not about one thing
            continue
        names = counter.get_feature_names_out()
        order = sorted(
            range(len(names)), key=lambda i: (-counts[i] * (1 + names[i].count(" ")), names[i])
        )
        candidates = [(str(names[i]), float(counts[i])) for i in order[:CANDIDATES]]
        found.append(
            Found(
                members=members,
                similarity=similarity,
                centroid=centroid,
                radius=float(np.quantile(similarity, settings.assign_quantile)),
                keywords=tuple(choose(candidates, KEYWORDS, 0.2)),
                label=label(candidates),
            )
        )
    return found


def parents(centroids: Vectors, sizes: Sequence[int], *, each: int = 12) -> list[int]:
    """For each theme the position of the largest theme of its neighbourhood, or OUTSIDE.

    Neighbourhoods are groups of about *each* themes (average linkage of centroids): the
    upper level from which small themes borrow strength.
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


def nearest_themes(centroids: Vectors, most: int) -> list[tuple[int, ...]]:
    """Positions of the *most* nearest other themes, nearest first."""
    if len(centroids) < 2:
        return [()] * len(centroids)
    cosine = np.round(centroids @ centroids.T, 6)
    np.fill_diagonal(cosine, -2)
    order = np.argsort(-cosine, axis=1, kind="stable")[:, : min(most, len(centroids) - 1)]
    return [tuple(int(row) for row in near) for near in order]
