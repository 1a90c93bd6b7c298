"""How fast and how large: `python -m benchmarks.speed [NAME …]`.

Real texts come from the folder named by TRENDSCOUT_BENCH_DATA (there:
`arxiv/arxiv_2012_2017.parquet`). Every measurement is a function that returns rows for
the table at the end; comparisons are made within one run on one machine.
"""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.data import folder
from config.models import EmbeddingSettings
from nlp.crosssector import cross_sector
from nlp.documents import Vectors
from nlp.embed import load_embedder
from nlp.modelfolder import model_folder
from nlp.openvino_embed import is_installed
from nlp.sectorcorpus import DocumentSectors, sector_corpus
from nlp.torch_embed import TorchEmbedder

ROUNDS = 2
PORTION = 512  # texts a round: the stage hands over 2,000, smaller portions fill batches badly


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    value: float
    unit: str
    target: str = ""


def embed() -> list[Row]:
    """Texts per second, and how closely the fast vectors follow the plain ones.

    The rivals take turns on small portions: whatever else the machine is doing slows
    all of them alike.
    """
    texts = abstracts(ROUNDS * PORTION)
    settings = EmbeddingSettings()
    plain = TorchEmbedder(model_folder("packaged", max_tokens=settings.max_tokens))
    library = plain._model

    def by_library(portion: Sequence[str]) -> Vectors:
        found: Vectors = library.encode(list(portion), normalize_embeddings=True)
        return found

    rivals: dict[str, Callable[[Sequence[str]], Vectors]] = {
        "plain SentenceTransformer.encode": by_library,
        "torch": plain.encode,
    }
    rows = []
    if is_installed():
        started = time.perf_counter()
        rivals["openvino"] = load_embedder(settings).encode
        rows.append(Row("openvino, start", time.perf_counter() - started, "s"))
    seconds = dict.fromkeys(rivals, 0.0)
    lowest = dict.fromkeys(rivals, 1.0)
    for encode in rivals.values():
        encode(texts[:32])
    for first in range(0, len(texts), PORTION):
        portion = texts[first : first + PORTION]
        vectors = {}
        for name, encode in rivals.items():
            started = time.perf_counter()
            vectors[name] = encode(portion)
            seconds[name] += time.perf_counter() - started
        for name, found in vectors.items():
            likeness = (found * vectors["plain SentenceTransformer.encode"]).sum(axis=1).min()
            lowest[name] = min(lowest[name], float(likeness))
    base = seconds["plain SentenceTransformer.encode"]
    for name, took in seconds.items():
        rows.append(Row(f"embed, {name}", len(texts) / took, "texts/s"))
        rows.append(Row("  against plain", base / took, "times", ">= 4" * (name == "openvino")))
        rows.append(Row("  lowest cosine", lowest[name], "", ">= 0.999"))
    return rows


def crosssector() -> list[Row]:
    """The cross-sector score of 500 themes with 100 documents each."""
    from datetime import date, timedelta

    rng = np.random.default_rng(0)
    codes = tuple("abcdefghijklmn")
    documents = [
        DocumentSectors(
            f"d{number}",
            date(2024, 1, 1) + timedelta(days=int(rng.integers(900))),
            {str(code): 0.5 for code in rng.choice(codes, rng.integers(1, 4), replace=False)},
            tuple(f"t{one}" for one in sorted(set(rng.integers(600, size=3).tolist()))),
        )
        for number in range(50_000)
    ]
    started = time.perf_counter()
    corpus = sector_corpus(documents, codes, until=date(2026, 6, 28))
    summed = time.perf_counter() - started
    started = time.perf_counter()
    for theme in range(500):
        cross_sector(documents[theme * 100 : theme * 100 + 100], corpus, seed=theme)
    return [
        Row("sector corpus, 50,000 documents", summed, "s"),
        Row("cross-sector, 500 themes", time.perf_counter() - started, "s", "< 20"),
    ]


def matching() -> list[Row]:
    """500 themes against all shipped priorities, texts of the priorities included."""
    from config.loader import load_configuration
    from nlp.matching import ThemeProfile, match_priorities

    texts = abstracts(500)
    embedder = load_embedder(EmbeddingSettings())
    themes = [
        ThemeProfile(str(k), text[:60], tuple(text.split()[:8]), vector)
        for k, (text, vector) in enumerate(zip(texts, embedder.encode(texts), strict=True))
    ]
    regions = load_configuration().regions.values()
    started = time.perf_counter()
    match_priorities(themes, regions, embedder)
    return [Row("matches, 500 themes", time.perf_counter() - started, "s")]


MEASUREMENTS: dict[str, Callable[[], list[Row]]] = {
    "embed": embed,
    "crosssector": crosssector,
    "matching": matching,
}


def abstracts(number: int) -> list[str]:
    """Titles and abstracts, spread evenly over the years."""
    import pyarrow.parquet as pq

    file = folder() / "arxiv" / "arxiv_2012_2017.parquet"
    table = pq.read_table(file, columns=["title", "abstract"])
    rows = table.take(np.linspace(0, len(table) - 1, number).astype(int)).to_pylist()
    return [f"{row['title']}. {row['abstract']}" for row in rows]


def peak_memory() -> float:
    """The largest resident size of this process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def print_table(rows: Sequence[Row]) -> None:
    """One line per figure, the target beside it where there is one."""
    width = max(len(row.name) for row in rows)
    for row in rows:
        print(f"{row.name:{width}}  {row.value:12,.4g} {row.unit:8} {row.target}".rstrip())


def main() -> None:
    """Run the named measurements, or all."""
    names = sys.argv[1:] or list(MEASUREMENTS)
    unknown = sorted(set(names) - MEASUREMENTS.keys())
    if unknown:
        sys.exit(f"no such measurement: {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
    rows: list[Row] = []
    for name in names:
        print(f"{name} …", flush=True)
        rows += MEASUREMENTS[name]()
        rows.append(Row(f"peak memory after {name}", peak_memory(), "GB", "< 4"))
    print_table(rows)


if __name__ == "__main__":
    main()
