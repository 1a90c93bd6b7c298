"""A child process that runs one stage and is killed in the middle of it.

    python tests/killed.py DATA STAGE STATEMENTS

The process kills itself with SIGKILL at the given SQL statement, which falls inside a
transaction as often as between two. With 0 it counts the statements and prints them.
"""

import os
import signal
import sys
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from config.configuration import Configuration
from config.loader import load_configuration
from config.weeks import last_day
from nlp.documents import Vectors
from pipelines.demo.corpus import END
from pipelines.store import open_store

STAGES = ("ingest", "enrich", "embed", "themes", "signals", "matches", "report")


class BagOfWords:
    """An embedder without a model: texts that share words end up close together."""

    name = "bag-of-words-256"
    max_tokens = 256

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), 256), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in text.lower().split():
                row[zlib.crc32(word.strip(".,").encode()) % 256] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.maximum(lengths, 1e-9)


def instant_models() -> None:
    """Every stage that asks for the configured model gets the bag of words."""
    stages = [f"pipelines.{stage}" for stage in STAGES]
    for name in (*stages, "pipelines.store.documents"):
        module = import_module(name)
        for attribute, value in (
            ("load_embedder", lambda *_, **__: BagOfWords()),
            ("configured_name", lambda *_, **__: BagOfWords.name),
        ):
            if hasattr(module, attribute):
                setattr(module, attribute, value)
        if hasattr(module, "BATCH"):
            module.BATCH = 40  # several transactions in a small corpus


def run_stage(data: Path, stage: str, configuration: Configuration, statements: int) -> int:
    """Run one stage; dies at the given statement, else returns how many there were."""
    db = open_store(data)
    seen = 0

    def count(_: str) -> None:
        nonlocal seen
        seen += 1
        if statements and seen == statements:
            os.kill(os.getpid(), signal.SIGKILL)

    db.conn.set_trace_callback(count)
    counts: Counter[str] = Counter()
    if stage == "ingest":
        today = last_day(END) + timedelta(days=1)
        import_module("pipelines.ingest").ingest(
            db, data, configuration.settings, counts, today=today
        )
    elif stage == "report":
        import_module("pipelines.report").report_week(db, data, configuration, END)
    else:
        getattr(import_module(f"pipelines.{stage}"), stage)(db, configuration, counts, week=END)
    db.close()
    return seen


if __name__ == "__main__":
    instant_models()
    total = run_stage(Path(sys.argv[1]), sys.argv[2], load_configuration(), int(sys.argv[3]))
    sys.stdout.write(f"{total}\n")
