"""Thirty new-technology candidates to judge by reading: `python -m benchmarks.candidates`.

Reads arXiv abstracts of 2016 (TRENDSCOUT_BENCH_DATA), a seeded sample, finds their
technologies, and applies the rule of the product (`nlp.newness`): no taxonomy names it, rare in
the background, in three documents or more from two groups or more. First authors stand in for
organisations. Prints a seeded draw with the ids of three documents each. With `--archive N` the
store also holds N abstracts of 2012 and 2013, so that what was known then is not listed.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from datetime import date

from benchmarks.data import folder
from benchmarks.gold_sample import tidy
from config.loader import load_configuration
from nlp.background import background
from nlp.embed import load_embedder
from nlp.extraction import Text, extractor
from nlp.meaning import meanings
from nlp.newness import Seen, is_short, new_technologies

YEAR = 2016
ARCHIVE = (2012, 2013)  # years that end three years before the day of the list
DRAWN = 30


def abstracts(many: int, seed: int, years: Sequence[int] = (YEAR,)) -> list[dict[str, str]]:
    """A sample of the abstracts of *years*, in the order of their ids."""
    import pyarrow
    from pyarrow import compute, parquet

    columns = ["arxiv_id", "created", "title", "abstract", "author_keys"]
    table = parquet.read_table(folder() / "arxiv" / "arxiv_2012_2017.parquet", columns=columns)
    year = compute.utf8_slice_codeunits(table["created"].cast("string"), 0, 4)
    wanted = compute.is_in(year, value_set=pyarrow.array([str(one) for one in years]))
    rows = table.filter(wanted).to_pylist()
    drawn = random.Random(seed).sample(rows, min(many, len(rows)))
    return sorted(drawn, key=lambda row: str(row["arxiv_id"]))


def seen_in(rows: list[dict[str, str]]) -> Iterator[Seen]:
    """Every technology of every abstract that neither alias nor letters link."""
    finder = extractor(load_configuration())
    texts = (Text(f"{row['title']}\n{row['abstract']}", len(row["title"])) for row in rows)
    for row, found in zip(rows, finder.extract(texts), strict=True):
        key = tidy(str(row["arxiv_id"]))  # some papers are there under two spellings
        group = (row["author_keys"] or key).split(" ")[0]
        for one in found.technologies:
            if not one.concept:
                day = date.fromisoformat(str(row["created"])[:10]).isoformat()
                yield Seen(one.label, key, group, day)


def unlinked(seen: list[Seen]) -> list[Seen]:
    """*seen* without what is linked by its meaning."""
    configuration = load_configuration()
    labels = sorted({one.label for one in seen if not is_short(one.label)})
    embedder = load_embedder(configuration.settings.embedding)
    links = meanings(configuration.technologies.values()).link(labels, embedder)
    print(f"{len(labels)} unlinked names, {len(links)} of them linked by their meaning")
    return [one for one in seen if one.label not in links]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--abstracts", type=int, default=4000, help="how many are looked through")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--archive", type=int, default=0, help="earlier abstracts in the store")
    options = parser.parse_args()
    rows = abstracts(options.abstracts, seed=0)
    earlier = abstracts(options.archive, seed=0, years=ARCHIVE) if options.archive else []
    seen = unlinked(list(seen_in([*earlier, *rows])))
    found = new_technologies(seen, background(), until=date(YEAR, 12, 31))
    print(f"{len(rows)} abstracts of {YEAR}, {len(found)} new technology candidates; {DRAWN} drawn")
    drawn = random.Random(options.seed).sample(found, min(DRAWN, len(found)))
    for one in sorted(drawn, key=lambda one: (-one.documents, one.label)):
        print(f"{one.documents:5} {one.groups:5}  {one.label:44} {' '.join(one.ids[:3])}")


if __name__ == "__main__":
    main()
