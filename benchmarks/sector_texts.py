"""The texts that the word model of sectors learns from, with and without labels.

None of them is a text of the gold set's test half; unlabelled ones are in no half. Texts of
some sectors are rare in the collections; `written` ones make up for that.
"""

import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.field_texts import rows
from benchmarks.gold import labelled
from benchmarks.gold_sample import briefs, calls, full, projects, publications, samples, tidy

LABELS = [  # where a text stands in both, the second counts
    Path(__file__).parent / "gold" / name for name in ("training.jsonl", "sectors.jsonl")
]
WRITTEN = Path(__file__).parent / "gold" / "written.jsonl"
SEED = 20161127
MOST = {"publication": 2500, "patent": 2000}  # of many; of the other kinds all are taken


@dataclass(frozen=True, slots=True)
class Known:
    """A text with the sectors it was labelled with."""

    id: str
    text: str
    sectors: frozenset[str]
    random: bool  # drawn as the gold set is, not for what it may say


def known(data: Path) -> list[Known]:
    """The texts labelled to learn from, then the tuning half of the gold set."""
    first, second = ([*_labels(path)] for path in LABELS)
    labels = list({row["id"]: row for row in (*first, *second)}.values())
    fair = {row["id"] for row in (*first, *(one for one in second if one.get("random")))}
    wanted = {row["id"] for row in labels}
    texts = {key: text for key, text in everything(data) if key in wanted}
    for row in labels:
        if sha256(texts.get(row["id"], "").encode()).hexdigest()[:16] != row["text_hash"]:
            sys.exit(f"{row['id']}: the data folder no longer holds the text that was labelled")
    found = [
        Known(row["id"], texts[row["id"]], frozenset(row["sectors"]), row["id"] in fair)
        for row in labels
    ]
    drawn = {one.id: one.text for one in samples(data)}
    tuning = [one for one in labelled() if one.split == "dev"]
    return [*found, *(Known(one.id, drawn[one.id], one.sectors, True) for one in tuning)]


def written() -> list[Known]:
    """Texts made up to learn rare sectors from, and texts that only use their words."""
    rows = map(json.loads, WRITTEN.read_text(encoding="utf-8").splitlines())
    return [
        Known(f"written:{number}", row["text"], frozenset(row["sectors"]), False)
        for number, row in enumerate(rows)
    ]


def _labels(path: Path) -> Iterator[dict[str, Any]]:
    """Lines of *path* that say which sectors a text has."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return (row for row in rows if "sectors" in row)


def unknown(data: Path, besides: Iterable[Known]) -> list[str]:
    """Texts without labels: none of *besides* and none of the gold set."""
    left_out = {one.id for one in besides} | {one.id for one in labelled()}
    kinds: dict[str, list[str]] = {}
    for key, text in everything(data):
        if key not in left_out:
            kinds.setdefault(key.partition(":")[0], []).append(text)
    return [text for kind, texts in kinds.items() for text in some(texts, kind)]


def some(texts: Sequence[str], kind: str) -> Sequence[str]:
    """All of *texts*, or as many as are wanted of their kind, by a fixed seed."""
    most = MOST.get(kind, len(texts))
    return random.Random(f"{SEED}/{kind}").sample(texts, most) if most < len(texts) else texts


def everything(data: Path) -> Iterator[tuple[str, str]]:
    """All texts as (id, text), cut as those of the gold set, each id once."""
    for kind, found in (
        ("project", projects(data)),
        ("publication", publications(data)),
        ("brief", briefs(data)),
        ("call", calls(data)),
    ):
        seen: dict[str, tuple[str, str]] = {}
        for key, title, body in found:
            if title.strip() and body.strip():
                seen.setdefault(key, (title, body))
        for key, (title, body) in seen.items():
            yield f"{kind}:{tidy(key)}", full(title, body)
    for row in rows(data / "patents" / "uspto_sample.csv.gz"):
        yield f"patent:{row['patent_id']}", row["abstract"]
