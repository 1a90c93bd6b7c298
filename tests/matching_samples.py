"""An exact, instant embedder and a small priority, for tests of matching."""

import zlib
from collections.abc import Sequence

import numpy as np

from nlp.prioritytexts import stems


class BagOfWords:
    """An embedder without a model: texts that share words end up close together."""

    name = "bag-of-words-256"
    max_tokens = 256

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), 256), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in stems(text):
                row[zlib.crc32(word.encode()) % 256] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def priority(number, title, keywords, **other):
    return {
        "id": f"XX1-P{number}",
        "title": title,
        "title_en": title,
        "title_en_status": "ours",
        "description": f"Firms of the region work on {title.lower()}. They also train people.",
        "keywords": keywords,
        "status": "confirmed",
        "content_status": "partial",
        "source": {"title": "Strategy", "evidence": "from_memory"},
        **other,
    }
