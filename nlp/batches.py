"""Batches of one fixed shape each, so that a vector does not depend on its neighbours.

Matrix kernels add up numbers in an order that depends on the shape of the batch. A text
embedded today with forty others and next month with four thousand would then differ in its
last bits, clustering would amplify that, and a week run late would not equal a week run on
time. Here every text has its own padded length and every batch the same number of rows.
Few rows serve best: tokens per second are the same with 4 as with 32, and less is filled up.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

STEP = 16  # padded lengths are multiples of this: at most 15 wasted tokens per text
CHUNK = 4096  # texts held as tokens at a time: memory does not grow with the archive

Tokens = npt.NDArray[np.int64]


class Tokeniser:
    """The model's own tokeniser, in Rust, without the weight of its framework."""

    def __init__(self, file: Path, *, max_tokens: int, pad: int = 0) -> None:
        from tokenizers import Tokenizer

        self._tokenizer: Any = Tokenizer.from_file(str(file))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()
        self._max_tokens = max_tokens
        self._pad = pad

    def batches(
        self, texts: Sequence[str], rows: int
    ) -> Iterator[tuple[list[int], Tokens, Tokens]]:
        """Positions in *texts*, token ids and attention mask, both (rows, length).

        The last batch of a length is filled up with rows of a single padding token;
        their results are to be dropped.
        """
        for start in range(0, len(texts), CHUNK):
            found = self._tokenizer.encode_batch(list(texts[start : start + CHUNK]))
            ids = [encoding.ids for encoding in found]
            for members in _groups([self._length(one) for one in ids], rows):
                filled = self._fill([ids[member] for member in members], rows)
                yield [start + member for member in members], *filled

    def _length(self, ids: Sequence[int]) -> int:
        return min(-(-len(ids) // STEP) * STEP, self._max_tokens)

    def _fill(self, ids: Sequence[Sequence[int]], rows: int) -> tuple[Tokens, Tokens]:
        shape = (rows, self._length(max(ids, key=len)))
        tokens = np.full(shape, self._pad, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        mask[len(ids) :, 0] = 1  # a row without any token would divide by zero
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = one
            mask[row, : len(one)] = 1
        return tokens, mask


def _groups(lengths: Sequence[int], rows: int) -> Iterator[list[int]]:
    """Positions of equal length, longest first, at most *rows* at a time."""
    by_length: dict[int, list[int]] = {}
    for position, length in enumerate(lengths):
        by_length.setdefault(length, []).append(position)
    for length in sorted(by_length, reverse=True):
        members = by_length[length]
        for start in range(0, len(members), rows):
            yield members[start : start + rows]
