"""Count how common words are: `python -m benchmarks.build_background OUT`.

Reads the development data (TRENDSCOUT_BENCH_DATA) and writes `nlp/data/background.tsv.gz`:
the number of texts on the first line, then a word and in how many texts it stands. A word is
in small letters and singular; `a b` is a pair of neighbouring words. Counts only, no text.
"""

import csv
import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.data import folder, pack
from benchmarks.train_tagger import sentences
from nlp.clean import mask
from nlp.words import singular

EVERY = 4  # one arXiv abstract in four keeps the parts in proportion
LEAST_WORD, LEAST_PAIR = 4, 25
_WORD = re.compile(r"[^\W_]+")


def texts(data: Path, every: int = EVERY) -> Iterator[str]:
    """One abstract in *every*, all project objectives, briefs, patents and general English."""
    import pyarrow.parquet as pq

    table = pq.read_table(data / "arxiv/arxiv_2012_2017.parquet", columns=["title", "abstract"])
    for i in range(0, table.num_rows, every):
        yield f"{table['title'][i].as_py()}. {table['abstract'][i].as_py()}"
    for name, columns in (
        ("cordis/projects_fp7_h2020.csv.gz", ("title", "objective")),
        ("cordis/fp7_results_in_brief.csv.gz", ("title", "teaser")),
        ("patents/uspto_sample.csv.gz", ("title", "abstract")),
    ):
        with gzip.open(data / name, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield ". ".join(row.get(column) or "" for column in columns)
    group: list[str] = []
    for sentence in sentences(data / "treebanks/en_ewt-train.conllu.xz"):
        group.append(sentence.text)
        if len(group) == 8:
            yield " ".join(group)
            group = []


def words_of(text: str) -> list[str]:
    """The words of *text* in small letters and the singular."""
    return [singular(word) for word in _WORD.findall(mask(text).lower())]


def main() -> None:
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    total = 0
    for text in texts(folder()):
        total += 1
        found = words_of(text)
        words.update({word for word in found if len(word) > 1 and not word.isdigit()})
        pairs.update({f"{a} {b}" for a, b in pairwise(found)})
    kept = {word: n for word, n in words.items() if n >= LEAST_WORD}
    kept |= {pair: n for pair, n in pairs.items() if n >= LEAST_PAIR}
    pack(Path(sys.argv[1]), [str(total), *(f"{word}\t{kept[word]}" for word in sorted(kept))])
    print(f"{total} texts, {len(kept)} words and pairs")


if __name__ == "__main__":
    main()
