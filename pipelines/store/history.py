"""The whole archive as one corpus, for the back-test."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from nlp.hindcast import Corpus
from pipelines.database import Database


def corpus(db: Database, model: str, streams: Mapping[str, int]) -> Corpus:
    """Every independent document with a vector of *model*, by id.

    *streams* numbers the document kinds; a kind that no stream counts gets -1.
    """
    rows = db.execute(
        """
        SELECT documents.id, title || '. ' || text, kind, source, published, available,
               coalesce(author_keys, ''), embeddings.vector
        FROM documents JOIN embeddings
          ON embeddings.text_key = documents.text_key AND embeddings.model = :model
        WHERE coalesce(duplicate_of, '') = '' ORDER BY documents.id
        """,
        {"model": model},
    ).fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * 8
    ids, texts, kinds, sources, published, available, authors, blobs = columns
    numbers = {name: number for number, name in enumerate(sorted(set(sources)))}
    halves = np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(len(ids), -1 if ids else 0)
    vectors = halves.astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return Corpus(
        ids=ids,
        texts=texts,
        vectors=vectors,
        published=_days(published),
        available=_days(available),
        streams=np.array([streams.get(kind, -1) for kind in kinds], dtype=np.int64),
        sources=np.array([numbers[source] for source in sources], dtype=np.int64),
        authors=[tuple(keys.split()) for keys in authors],
    )


def _days(texts: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([date.fromisoformat(text).toordinal() for text in texts], dtype=np.int64)
