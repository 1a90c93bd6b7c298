"""Do themes keep their identity, and lists their order? `python -m benchmarks.stability`

Takes a store of arXiv abstracts through a dozen weeks with the stages of a run, a new fit
among them, and counts how many themes of 7 or more recent documents go on from week to
week. Two lists of themes are compared by rank-biased overlap: those of neighbouring weeks,
and those of a store that loses 5 % of its documents and is judged in the same week, once with
the themes it has and once over a new fit.
Needs TRENDSCOUT_BENCH_DATA.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlite_utils import Database

from benchmarks.arxiv import asked, corpus_options
from config.configuration import Configuration
from config.loader import load_configuration
from config.weeks import last_day, shift
from nlp.arrays import Integers
from nlp.embed import configured_name
from nlp.hindcast import Corpus
from pipelines.signals import signals
from pipelines.store import empty_store
from pipelines.store.embeddings import save_embeddings
from pipelines.themes import quarter, themes, window

RECENT = 7  # documents of the recent windows that make a theme's identity count
KEPT = 0.5  # share of its documents that a theme must still hold to be the same one
DROPPED = 0.05
PERSISTENCE = 0.9  # of rank-biased overlap: nine tenths of its weight lie on the first 20
TARGETS = {
    "identity from week to week": 0.95,
    "identity over a new fit": 0.90,
    "order from week to week": 0.80,
    "order without 5 %, the same themes": 0.80,
    "order without 5 %, over a new fit": 0.80,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One week's themes: the list in its order, recent documents, members."""

    ranked: list[str]
    recent: dict[str, int]
    members: dict[str, frozenset[str]]


def overlap(first: Sequence[str], second: Sequence[str], p: float = PERSISTENCE) -> float:
    """Rank-biased overlap, extrapolated to the depth of the shorter list.

    Webber, Moffat & Zobel 2010, 10.1145/1852102.1852106.
    """
    depth = min(len(first), len(second))
    if not depth:
        return 1.0 if len(first) == len(second) else 0.0
    seen: tuple[set[str], set[str]] = (set(), set())
    total, shared = 0.0, 0
    for d in range(1, depth + 1):
        seen[0].add(first[d - 1])
        seen[1].add(second[d - 1])
        shared = len(seen[0] & seen[1])
        total += shared / d * p**d
    return float((1 - p) / p * total + shared / depth * p**depth)


def going_on(before: Seen, after: Seen) -> tuple[int, int]:
    """Themes with enough recent documents, and how many of them go on the week after.

    A theme goes on when its id is still alive and holds at least half of the documents
    that it held before: an id that passed to other documents does not count.
    """
    asked = [theme for theme, count in before.recent.items() if count >= RECENT]
    same = [
        theme
        for theme in asked
        if theme in after.members
        and len(before.members[theme] & after.members[theme]) >= KEPT * len(before.members[theme])
    ]
    return len(same), len(asked)


# --- stores ------------------------------------------------------------------


def chosen(
    corpus: Corpus, configuration: Configuration, first: str, last: str, many: int
) -> Integers:
    """A seeded sample of the documents from the window of *first* to the end of *last*."""
    since, _ = window(configuration.settings.themes, first)
    inside = (corpus.published >= date.fromisoformat(since).toordinal()) & (
        corpus.published <= last_day(last).toordinal()
    )
    rows = np.flatnonzero(inside)
    if len(rows) > many:
        rows = np.sort(np.random.default_rng(0).choice(rows, many, replace=False))
    return rows


@contextmanager
def filled(corpus: Corpus, rows: Integers, configuration: Configuration) -> Iterator[Database]:
    """A store that holds these rows of the corpus, with their vectors."""
    with empty_store() as db:
        names = [corpus.ids[int(row)] for row in rows]
        db.table("documents").insert_all(document(corpus, int(row)) for row in rows)
        model = configured_name(configuration.settings.embedding)
        save_embeddings(db, model, names, corpus.vectors[rows])
        yield db


def document(corpus: Corpus, row: int) -> dict[str, str]:
    """A row of the table of documents; its id serves as the key of its text."""
    title, _, text = corpus.texts[row].partition(". ")
    day = date.fromordinal(int(corpus.published[row])).isoformat()
    return {
        "id": corpus.ids[row],
        "source": "arxiv",
        "kind": "publication",
        "title": title,
        "text": text,
        "text_key": corpus.ids[row],
        "published": day,
        "available": day,
        "language": "en",
        "author_keys": " ".join(corpus.authors[row]),
    }


def go(db: Database, configuration: Configuration, week: str) -> Seen:
    """Take *db* through *week* and read what it says."""
    themes(db, configuration, Counter(), week=week)
    signals(db, configuration, Counter(), week=week)
    rows = db.execute(
        "SELECT theme, recent FROM signals WHERE week = ? ORDER BY score DESC, theme", [week]
    ).fetchall()
    members = db.execute(
        "SELECT theme, json_group_array(document) FROM theme_documents GROUP BY theme"
    )
    return Seen(
        ranked=[theme for theme, _ in rows],
        recent=dict(rows),
        members={theme: frozenset(json.loads(documents)) for theme, documents in members},
    )


def without(db: Database, names: Sequence[str], configuration: Configuration, week: str) -> Seen:
    """What *db* would say in *week* if *names* were taken out of it now."""
    with empty_store() as other:
        db.conn.backup(other.conn)
        with other.atomic():
            for table, column in (("documents", "id"), ("theme_documents", "document")):
                other.conn.executemany(
                    f"DELETE FROM {table} WHERE {column} = ?", [(name,) for name in names]
                )
        return go(other, configuration, week)


def gone(corpus: Corpus, rows: Integers, draw: int) -> list[str]:
    """A seeded twentieth of the documents, by id."""
    rng = np.random.default_rng(draw)
    return [corpus.ids[int(row)] for row in rows[rng.random(len(rows)) < DROPPED]]


# --- figures -----------------------------------------------------------------


def measure(
    corpus: Corpus, configuration: Configuration, first: str, weeks: int, many: int, draws: int
) -> dict[str, float]:
    """The figures of TARGETS; prints one line a week."""
    last = shift(first, weeks)
    rows = chosen(corpus, configuration, first, last, many)
    follow, refit, order = Counter[str](), Counter[str](), []
    over_fit: list[float] = []
    taken = [gone(corpus, rows, draw) for draw in range(draws)]
    with filled(corpus, rows, configuration) as db:
        before = go(db, configuration, first)
        print(f"{len(rows)} abstracts, {len(before.ranked)} themes in {first}", flush=True)
        for step in range(1, weeks + 1):
            week = shift(first, step)
            ahead = []
            if quarter(week) != quarter(shift(week, -1)):  # a new fit
                ahead = [without(db, names, configuration, week) for names in taken]
            after = go(db, configuration, week)
            over_fit += [overlap(after.ranked, one.ranked) for one in ahead]
            same, asked = going_on(before, after)
            ((fitted, parameters),) = db.execute(
                "SELECT fitted, parameters FROM theme_weeks WHERE week = ?", [week]
            )
            read = json.loads(parameters)
            (refit if fitted else follow).update(same=same, asked=asked)
            order.append(overlap(before.ranked, after.ranked))
            print(
                f"  {week}{' new fit' if fitted else '':8} {same} of {asked} themes go on,"
                f" overlap of the lists {order[-1]:.2f},"
                f" {read['assigned']} of {read['documents']} documents read are in a theme",
                flush=True,
            )
            before = after
        same_themes = [
            overlap(before.ranked, without(db, names, configuration, last).ranked)
            for names in taken
        ]
    print(f"  without 5 %, the same themes: {' '.join(f'{v:.2f}' for v in same_themes)}")
    print(f"  without 5 %, over a new fit: {' '.join(f'{v:.2f}' for v in over_fit)}")
    if not refit["asked"]:
        sys.exit(f"no new fit within {weeks} weeks of {first}: choose others")
    figures = (
        follow["same"] / max(follow["asked"], 1),
        refit["same"] / refit["asked"],
        float(np.mean(order)),
        float(np.mean(same_themes)),
        float(np.mean(over_fit)),
    )
    return dict(zip(TARGETS, figures, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, parents=[corpus_options()])
    parser.add_argument("--first", default="2016-W44", help="week of the first fit")
    parser.add_argument("--weeks", type=int, default=12, help="weeks that follow it")
    parser.add_argument("--documents", type=int, default=20_000, help="size of the seeded sample")
    parser.add_argument("--draws", type=int, default=5, help="stores without 5 %% of theirs")
    options = parser.parse_args()
    corpus, _ = asked(options)
    figures = measure(
        corpus, load_configuration(), options.first, options.weeks, options.documents, options.draws
    )
    for name, value in figures.items():
        print(f"{name:35} {value:.3f} (target {TARGETS[name]:.2f})")
    good = all(value >= TARGETS[name] for name, value in figures.items())
    print(f"stability {'holds' if good else 'MISS'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
