"""Group words of like meaning: `python -m benchmarks.build_word_groups OUT`.

The words of `nlp/data/background.tsv.gz` are embedded with the packaged model and parted by
k-means, widely and narrowly. Writes `nlp/data/word_groups.tsv.gz`: word, wide group, narrow
group. No label plays a part.
"""

import gzip
import sys
from pathlib import Path

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import PCA

from config.models import EmbeddingSettings
from nlp.background import background
from nlp.embed import load_embedder

LEAST = 8  # texts of the background that hold the word
AXES, WIDE, NARROW = 64, 64, 256
PORTION = 2000


def main() -> None:
    counts = background().counts
    found = sorted(one for one, texts in counts.items() if " " not in one and texts >= LEAST)
    embedder = load_embedder(EmbeddingSettings())
    portions = [embedder.encode(found[i : i + PORTION]) for i in range(0, len(found), PORTION)]
    axes = PCA(AXES, random_state=0).fit_transform(np.concatenate(portions))
    groups = [
        MiniBatchKMeans(many, random_state=0, n_init=3, batch_size=4096, max_iter=60).fit_predict(
            axes
        )
        for many in (WIDE, NARROW)
    ]
    with Path(sys.argv[1]).open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        for word, wide, narrow in zip(found, *groups, strict=True):
            file.write(f"{word}\t{wide}\t{narrow}\n".encode())
    print(f"{len(found)} words in {WIDE} and {NARROW} groups")


if __name__ == "__main__":
    main()
