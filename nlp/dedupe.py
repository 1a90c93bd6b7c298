"""Near-duplicate groups: one press release on many sites counts once.

MinHash (Broder 1997) over runs of four words, banded for look-up (LSH). Two documents of one
kind belong together when about three quarters of their runs are the same and they became
available within the window; groups are the connected parts of that relation, so they do not
depend on the order in which documents arrive (`nlp/groups.py`).
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nlp.groups import Groups

SHINGLE = 4  # words
HASHES, BANDS = 64, 16  # 4 rows a band: a pair at the threshold is met with 99 %
THRESHOLD = 0.75
WINDOW_DAYS = 365
MOST_WORDS = 5000  # of a text that are compared
MOST_IN_BUCKET = 50  # documents of a bucket that a new one is compared with, the nearest in time
MERGE_AFTER = 4096

Signature = npt.NDArray[np.uint32]  # HASHES values
_WORD = re.compile(r"[^\W_]+")
_PRIME = np.uint64((1 << 61) - 1)
_RANDOM = np.random.default_rng(1997)
_FACTORS = _RANDOM.integers(1, 1 << 32, HASHES, dtype=np.uint64) | np.uint64(1)
_SHIFTS = _RANDOM.integers(0, 1 << 32, HASHES, dtype=np.uint64)
_PLACES = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F], dtype=np.uint64)


def signature(text: str) -> Signature:
    """The MinHash signature of *text*; without words it is all ones and equals nothing."""
    words = _WORD.findall(text[: 12 * MOST_WORDS].lower())[:MOST_WORDS]
    if not words:
        return np.full(HASHES, np.iinfo(np.uint32).max, dtype=np.uint32)
    hashes = np.fromiter((zlib.crc32(word.encode()) for word in words), np.uint64, len(words))
    if len(hashes) < SHINGLE:
        hashes = np.resize(hashes, SHINGLE)
    runs = np.lib.stride_tricks.sliding_window_view(hashes, SHINGLE)
    # Unsigned arithmetic wraps, which is what multiply-shift hashing wants.
    shingles = np.unique((runs * _PLACES).sum(axis=1, dtype=np.uint64))
    mixed = (shingles[:, None] ^ (shingles[:, None] >> np.uint64(29))) * _FACTORS + _SHIFTS
    return np.asarray(mixed.min(axis=0) >> np.uint64(32), dtype=np.uint32)


def likeness(one: Signature, many: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """Estimated Jaccard similarity of *one* with each row of *many* (standard error 0.05)."""
    return np.asarray((many == one).mean(axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Known:
    """What deciding about duplicates needs to know of a document."""

    id: str
    kind: str
    day: int  # proleptic ordinal of the day it was available
    signature: Signature


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands for the same evidence as a document; all empty when it stands for itself."""

    representative: str = ""  # the earliest of all that are known today
    successor: str = ""  # what took the document's place on the day it ceased to stand for itself
    since: int = 0  # that day, an ordinal


@dataclass(slots=True)
class DuplicateIndex:
    """Documents so far, and which group each belongs to."""

    window_days: int = WINDOW_DAYS
    threshold: float = THRESHOLD
    _groups: Groups = field(default_factory=Groups)
    _signatures: npt.NDArray[np.uint32] = field(
        default_factory=lambda: np.zeros((0, HASHES), np.uint32)
    )
    _row_of: dict[str, int] = field(default_factory=dict)
    _recent: dict[int, list[int]] = field(default_factory=dict)  # band key -> rows
    _keys: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    _rows: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def seed(self, documents: Sequence[Known], successors: Mapping[str, tuple[str, int]]) -> None:
        """Take in *documents* whose groups are settled: id -> (successor, since)."""
        rows = self._append(documents)
        for name, (successor, since) in successors.items():
            self._groups.settle(self._row_of[name], self._row_of[successor], since)
        for kind in sorted({one.kind for one in documents}):
            same = [row for row, one in zip(rows, documents, strict=True) if one.kind == kind]
            keys = band_keys(kind, self._signatures[same])
            self._sort(keys.ravel(), np.repeat(np.array(same, np.int64), BANDS))

    def add(self, documents: Sequence[Known]) -> dict[str, Mark]:
        """Take in *documents*; id -> mark for each of them and all whose group changed.

        A document that is known already stays as it is.
        """
        fresh = [one for one in documents if one.id not in self._row_of]
        touched = {self._row_of[one.id] for one in documents if one.id in self._row_of}
        rows = self._append(fresh)
        for row, document in zip(rows, fresh, strict=True):
            touched.add(row)
            for other in self._alike(document):
                self._groups.join(row, other)
            for key in band_keys(document.kind, document.signature[None, :])[0].tolist():
                self._recent.setdefault(key, []).append(row)
        if len(self._recent) > MERGE_AFTER * BANDS:
            self._merge()
        changed = {member for row in touched for member in self._groups.members(row)}
        return {self._groups.ids[row]: self._mark(row) for row in sorted(changed)}

    def _mark(self, row: int) -> Mark:
        ids, above = self._groups.ids, self._groups.above(row)
        if above is None:
            return Mark()
        successor, since = above
        return Mark(ids[self._groups.leader(row)], ids[successor], since)

    def _append(self, documents: Sequence[Known]) -> list[int]:
        ids = self._groups.ids
        first = len(ids)
        ids += [one.id for one in documents]
        if documents:
            block = np.stack([one.signature for one in documents])
            self._signatures = np.concatenate([self._signatures, block])
            days = [one.day for one in documents]
            self._groups.days = np.concatenate([self._groups.days, days])
        rows = list(range(first, len(ids)))
        self._row_of.update(zip(ids[first:], rows, strict=True))
        return rows

    def _alike(self, document: Known) -> list[int]:
        """Rows met so far that are near-duplicates of *document*."""
        if document.signature.min() == np.iinfo(np.uint32).max:
            return []
        met: set[int] = set()
        keys = band_keys(document.kind, document.signature[None, :])[0]
        lefts = np.searchsorted(self._keys, keys, "left")
        rights = np.searchsorted(self._keys, keys, "right")
        for key, left, right in zip(keys.tolist(), lefts, rights, strict=True):
            recent = np.array(self._recent.get(key, ()), np.int64)
            bucket = np.concatenate([self._rows[left:right], recent])
            met.update(self._nearest(bucket, document.day).tolist())
        if not met:
            return []
        others = sorted(met)
        close = likeness(document.signature, self._signatures[others]) >= self.threshold
        return [other for other, fits in zip(others, close, strict=True) if fits]

    def _nearest(self, bucket: npt.NDArray[np.int64], day: int) -> npt.NDArray[np.int64]:
        """Of the rows in *bucket* those within the window, at most so many, nearest first."""
        apart = np.abs(self._groups.days[bucket] - day)
        nearest = np.argsort(apart, kind="stable")[:MOST_IN_BUCKET]
        return bucket[nearest[apart[nearest] <= self.window_days]]

    def _merge(self) -> None:
        """Move the recent rows into the sorted arrays, which take a tenth of the memory."""
        keys = [key for key, rows in self._recent.items() for _ in rows]
        rows = [row for found in self._recent.values() for row in found]
        self._sort(np.array(keys, np.uint64), np.array(rows, np.int64))
        self._recent = {}

    def _sort(self, keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.int64]) -> None:
        """Take *keys* and the *rows* they belong to into the sorted arrays."""
        all_keys = np.concatenate([self._keys, keys])
        all_rows = np.concatenate([self._rows, rows])
        order = np.lexsort((all_rows, all_keys))
        self._keys, self._rows = all_keys[order], all_rows[order]


def band_keys(kind: str, signatures: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """One key a band and row, different for every kind of document: rows x BANDS."""
    rows = HASHES // BANDS
    parts = signatures.reshape(len(signatures), BANDS, rows).astype(np.uint64)
    keys = (parts * _PLACES[:rows]).sum(axis=2, dtype=np.uint64)
    salt = np.uint64(zlib.crc32(kind.encode())) + np.arange(BANDS, dtype=np.uint64) * _PRIME
    return np.asarray((keys ^ (keys >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15) + salt)
