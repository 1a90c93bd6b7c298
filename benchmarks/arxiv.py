"""The development abstracts of arXiv as a corpus, with vectors kept between benchmarks."""

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import folder
from config.loader import load_configuration
from nlp.arrays import Integers
from nlp.documents import Vectors
from nlp.hindcast import Corpus

FILE = "arxiv/arxiv_2012_2017.parquet"
EPOCH = 719_163  # ordinal of 1970-01-01


def corpus_options() -> argparse.ArgumentParser:
    """The options that choose the corpus, as a parent of a benchmark's own parser."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--vectors", type=Path, required=True, help="folder that keeps vectors")
    parser.add_argument(
        "--titles", action="store_true", help="embed titles alone, ten times faster"
    )
    parser.add_argument("--every", type=int, default=1, help="take one abstract in so many, by day")
    parser.add_argument(
        "--without", nargs="*", default=(), metavar="CATEGORY", help="primary categories left out"
    )
    return parser


def asked(options: argparse.Namespace) -> tuple[Corpus, list[str]]:
    """`arxiv` as `corpus_options` were given."""
    return arxiv(
        options.vectors, titles=options.titles, every=options.every, without=options.without
    )


def arxiv(
    vectors: Path, *, titles: bool = False, every: int = 1, without: Collection[str] = ()
) -> tuple[Corpus, list[str]]:
    """The corpus and the primary category of each abstract; *vectors* is the cache's folder.

    With *titles*, vectors are those of the titles alone: a tenth of the work. Of the abstracts
    by day, one in *every* is taken; those of the primary categories *without* are left out.
    The file has some papers twice, under two spellings of their number: the first one counts.
    """
    import pyarrow.parquet as pq

    columns = ["arxiv_id", "created", "title", "abstract", "author_keys", "primary_cat"]
    table = pq.read_table(folder() / FILE, columns=columns)
    if every > 1:
        by_day = np.argsort(_days(table), kind="stable")
        table = table.take(np.sort(by_day[::every]))
    headings, abstracts = table.column("title").to_pylist(), table.column("abstract").to_pylist()
    texts = [f"{title}. {abstract}" for title, abstract in zip(headings, abstracts, strict=True)]
    days = _days(table)
    one = np.zeros(len(texts), dtype=np.int64)
    cache = vectors / f"arxiv{'-titles' if titles else ''}{f'-{every}' if every > 1 else ''}.npy"
    corpus = Corpus(
        ids=[f"arxiv:{name}" for name in table.column("arxiv_id").to_pylist()],
        texts=texts,
        vectors=_vectors(cache, headings if titles else texts),
        published=days,
        available=days,
        streams=one,
        sources=one,
        authors=[tuple((keys or "").split()) for keys in table.column("author_keys").to_pylist()],
    )
    categories = table.column("primary_cat").to_pylist()
    first: dict[str, int] = {}
    rows = [
        row
        for row, (text, category) in enumerate(zip(texts, categories, strict=True))
        if first.setdefault(text, row) == row and category not in without
    ]
    return corpus.taken(rows), [categories[row] for row in rows]


def _days(table: Any) -> Integers:
    """The ordinal of the day each abstract was first there."""
    created = table.column("created").to_numpy().astype("datetime64[D]")
    return np.asarray(created.astype(np.int64) + EPOCH)


def _vectors(path: Path, texts: list[str]) -> Vectors:
    """Unit vectors of *texts* from the cache at *path*, embedded first where there is none."""
    if not path.is_file():
        from nlp.embed import load_embedder

        embedder = load_embedder(load_configuration().settings.embedding)
        parts = [
            embedder.encode(texts[start : start + 2000]) for start in range(0, len(texts), 2000)
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.concatenate(parts).astype(np.float16))
    found = np.load(path).astype(np.float32)
    if len(found) != len(texts):
        raise SystemExit(f"{path}: {len(found)} vectors for {len(texts)} texts; delete it")
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9))
