"""Does a person understand the names of themes? `python -m benchmarks.names --vectors FOLDER`

Prints a seeded sample of the themes of 2015-2016 on arXiv, each with its name, its key words
and the titles nearest to it, for a person to judge: is the name understood by itself, and
right for these documents? Needs TRENDSCOUT_BENCH_DATA.
"""

import argparse
import random
from pathlib import Path

import numpy as np

from benchmarks.arxiv import arxiv
from config.loader import load_configuration
from config.weeks import first_day, last_day
from nlp.themes import find_themes

FIRST, LAST = "2015-W01", "2016-W52"
TITLES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True, help="folder that keeps vectors")
    parser.add_argument("--documents", type=int, default=12_000, help="size of the seeded sample")
    parser.add_argument("--themes", type=int, default=60, help="themes to judge")
    parser.add_argument("--seed", type=int, default=7, help="of the draw of themes")
    options = parser.parse_args()
    corpus, _ = arxiv(options.vectors)
    rows = np.flatnonzero(
        (corpus.published >= first_day(FIRST).toordinal())
        & (corpus.published <= last_day(LAST).toordinal())
    )
    if len(rows) > options.documents:
        rows = np.sort(np.random.default_rng(0).choice(rows, options.documents, replace=False))
    texts = [corpus.texts[int(row)] for row in rows]
    found = find_themes(texts, corpus.vectors[rows], load_configuration().settings.themes)
    draw = random.Random(options.seed).sample(range(len(found)), min(options.themes, len(found)))
    for number in sorted(draw):
        theme = found[number]
        print(f"{theme.label}  [{len(theme.members)} documents]")
        print(f"    {', '.join(theme.keywords)}")
        for row in theme.members[np.argsort(-theme.similarity, kind="stable")[:TITLES]]:
            print(f"    - {texts[int(row)].split('. ')[0]}")


if __name__ == "__main__":
    main()
