"""A large file is read by a process of its own: the same rows, and nobody is left behind."""

import gzip
import multiprocessing
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.errors import InputError, StageFailed
from pipelines.importing import reading as reading_module
from pipelines.importing.reading import parts, reading, size_of
from pipelines.importing.run import limits_of
from tests.test_crew import ends_soon
from tests.test_importing import SETTINGS, TODAY, document, lines, load

LIMITS = limits_of(SETTINGS, TODAY)
KILLED = """
import multiprocessing, os, signal, sys
from pathlib import Path
from pipelines.importing.reading import reading
from tests.test_reading import LIMITS, TODAY
if __name__ == "__main__":
    with reading("jsonl", Path(sys.argv[1]), LIMITS, TODAY) as parts:
        next(parts)
        print(multiprocessing.active_children()[0].pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def large(monkeypatch):
    """Every file counts as large."""
    monkeypatch.setattr(reading_module, "LARGE", 0)


def test_another_process_reads_what_this_one_would(tmp_path, large):
    rows = ["bad" if n % 7 == 0 else document(n) for n in range(4500)]
    path = lines(tmp_path / "in.jsonl", *rows)
    with reading("jsonl", path, LIMITS, TODAY) as found:
        assert multiprocessing.active_children()
        assert list(found) == list(parts("jsonl", path, LIMITS, TODAY))
    assert not multiprocessing.active_children()


def test_a_file_that_breaks_off_gives_what_stands_before(tmp_path, large):
    dice = random.Random(1)  # what packs badly is not read ahead at once
    rows = (document(n, text=dice.randbytes(500).hex()) for n in range(3000))
    path = lines(tmp_path / "in.jsonl", *rows)
    packed = path.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(path.read_bytes())[:-2000])
    result = load(tmp_path, "jsonl", packed)
    assert "cannot be read" in result.broken[0]
    assert 1000 < result.counts["new"] < 3000


def test_a_reader_that_is_killed_stops_the_import(tmp_path, large):
    path = lines(tmp_path / "in.jsonl", *(document(n) for n in range(12_000)))
    with reading("jsonl", path, LIMITS, TODAY) as found:
        next(found)
        [reader] = multiprocessing.active_children()
        os.kill(reader.pid, signal.SIGKILL)
        with pytest.raises(StageFailed, match="ended before the file did"):
            list(found)


def test_an_import_that_is_given_up_ends_its_reader(tmp_path, large):
    path = lines(tmp_path / "in.jsonl", *(document(n) for n in range(12_000)))
    with reading("jsonl", path, LIMITS, TODAY) as found:
        next(found)
    assert not multiprocessing.active_children()


def test_a_killed_import_leaves_no_reader_behind(tmp_path):
    padding = " ".join(["cells"] * 100)
    path = lines(tmp_path / "in.jsonl", *(document(n, text=padding) for n in range(12_000)))
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, str(script), str(path)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert ends_soon(int(run.stdout))


def test_a_small_file_is_read_here(tmp_path):
    path = lines(tmp_path / "in.jsonl", document(1))
    assert size_of(path) == size_of(tmp_path) == path.stat().st_size
    with reading("jsonl", path, LIMITS, TODAY) as found:
        assert not multiprocessing.active_children()
        assert len(next(found)) == 1


def test_a_file_that_is_not_there_is_named(tmp_path, large):
    with (
        reading("jsonl", tmp_path / "none.jsonl", LIMITS, TODAY) as found,
        pytest.raises(InputError, match="no such file"),
    ):
        next(found)
