"""Vectors, keyed by content and model; two bytes per number."""

import json
from collections.abc import Iterator, Sequence

import numpy as np

from config.errors import StoreError
from nlp.documents import Vectors
from pipelines.database import Database
from pipelines.store.asof import independent

CHUNK = 10_000  # keys per query: few round trips, a bounded argument


def texts_to_embed(db: Database, model: str, languages: Sequence[str], *, until: str) -> list[str]:
    """Keys of texts that *model* has no vector for: the stage's whole to-do list, sorted.

    Only documents available by the day *until*, in one of the *languages*, that stood for
    themselves when they came.
    """
    rows = db.execute(
        f"""
        SELECT DISTINCT text_key FROM documents
        WHERE NOT EXISTS (
            SELECT 1 FROM embeddings
            WHERE embeddings.text_key = documents.text_key AND embeddings.model = :model
        )
        AND {independent("documents.available")} AND available <= :until
        AND language IN (SELECT value FROM json_each(:languages))
        ORDER BY text_key
        """,
        {"model": model, "until": until, "languages": json.dumps(list(languages))},
    )
    return [key for (key,) in rows]


def texts_of(db: Database, keys: Sequence[str], *, characters: int) -> dict[str, str]:
    """Title and text of each key as one string, cut to *characters*, in the order of *keys*."""
    found = {
        key: f"{title}. {text}" if text else title
        for key, title, text in db.execute(
            """
            SELECT text_key, title, substr(text, 1, :characters) FROM documents
            WHERE text_key IN (SELECT value FROM json_each(:keys))
            """,
            {"keys": json.dumps(list(keys)), "characters": characters},
        )
    }
    return {key: found[key][:characters] for key in keys}


def save_embeddings(db: Database, model: str, keys: Sequence[str], vectors: Vectors) -> None:
    """One vector per key, in one transaction; known ones are replaced."""
    halves = vectors.astype(np.float16)
    with db.atomic():
        db.conn.executemany(
            "INSERT OR REPLACE INTO embeddings (text_key, model, vector) VALUES (?, ?, ?)",
            [(key, model, half.tobytes()) for key, half in zip(keys, halves, strict=True)],
        )


def vectors_of(db: Database, model: str, text_keys: Sequence[str]) -> Vectors:
    """Unit vectors of *text_keys*, one row each, in their order (repeats allowed).

    Shape (keys, dimensions), (0, 0) without keys. Raises StoreError when a key has no
    vector of *model*, or when the stored ones differ in length.
    """
    blobs = [blob for start in range(0, len(text_keys), CHUNK)
             for blob in _blobs(db, model, text_keys[start : start + CHUNK])]  # fmt: skip
    if not blobs:
        return np.empty((0, 0), dtype=np.float32)
    if len({len(blob) for blob in blobs}) > 1:
        raise StoreError(f"vectors of {model} differ in length; delete them and embed again")
    halves = np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(len(blobs), -1)
    vectors = halves.astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.maximum(lengths, 1e-9)
    return vectors


def with_vectors(db: Database, model: str, text_keys: Sequence[str]) -> set[str]:
    """Those of *text_keys* that *model* has a vector for."""
    return {
        key
        for (key,) in db.execute(
            """
            SELECT text_key FROM embeddings
            WHERE model = :model AND text_key IN (SELECT value FROM json_each(:keys))
            """,
            {"model": model, "keys": json.dumps(list(text_keys))},
        )
    }


def count_other_languages(db: Database, languages: Sequence[str], *, until: str) -> int:
    """Documents available by *until* that are in none of *languages*: kept, not analysed."""
    ((count,),) = db.execute(
        """
        SELECT count(*) FROM documents
        WHERE available <= :until AND coalesce(language, '') != ''
        AND language NOT IN (SELECT value FROM json_each(:languages))
        """,
        {"until": until, "languages": json.dumps(list(languages))},
    )
    return int(count)


def _blobs(db: Database, model: str, keys: Sequence[str]) -> Iterator[bytes]:
    """Stored vectors in the order of *keys*."""
    rows = db.execute(
        """
        SELECT wanted.value, embeddings.vector FROM json_each(:keys) AS wanted
        JOIN embeddings
          ON embeddings.text_key = wanted.value AND embeddings.model = :model
        """,
        {"keys": json.dumps(list(keys)), "model": model},
    )
    found: dict[str, bytes] = dict(rows)
    missing = sorted(set(keys) - found.keys())
    if missing:
        raise StoreError(f"{len(missing)} texts have no vector of {model}, such as {missing[0]}")
    return (found[key] for key in keys)
