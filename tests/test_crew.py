"""Several processes: the same findings in the same order, and none left behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.errors import StageFailed
from pipelines import crew
from pipelines.analysis import analyser
from pipelines.crew import analysing, processes_for
from tests.extraction_samples import TEXT, TITLE, small_configuration

ROWS = [
    {"title": f"{TITLE}, lot {number}", "text": TEXT[number:], "language": ""}
    for number in range(7)
]
KILLED = """
import multiprocessing, os, signal
from pipelines.crew import analysing
from tests.extraction_samples import small_configuration
if __name__ == "__main__":
    with analysing(small_configuration(), (), 2):
        print(*(one.pid for one in multiprocessing.active_children()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("texts", "wanted", "expected"),
    [(0, 4, 1), (999, 4, 1), (1000, 4, 2), (100_000, 4, 4), (100_000, 1, 1)],
)
def test_a_process_is_started_only_for_enough_texts(texts, wanted, expected):
    assert processes_for(texts, wanted) == expected


def test_without_a_wish_there_is_one_process_a_core():
    assert processes_for(1_000_000, 0) == os.cpu_count()


def test_two_processes_find_what_one_finds_and_a_dead_one_stops_the_stage(monkeypatch):
    monkeypatch.setattr(crew, "PART", 2)
    configuration = small_configuration()
    with analysing(configuration, ["Turin Foundry"], 2) as analyse:
        assert analyse(ROWS) == analyser(configuration, ["Turin Foundry"])(ROWS)
        with pytest.raises(StageFailed, match="KeyError"):
            analyse([{"title": "a row without a text"}])
        for process in multiprocessing.active_children():
            os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(StageFailed, match="was killed"):
            analyse(ROWS)
    assert not multiprocessing.active_children()


def test_a_killed_run_leaves_no_process_behind(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert run.returncode == -signal.SIGKILL
    left = [int(pid) for pid in run.stdout.split()]
    assert len(left) == 2
    assert all(map(ends_soon, left))


def ends_soon(pid):
    """Whether a process is gone within a minute."""
    deadline = time.monotonic() + 60
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not is_running(pid)


def is_running(pid):
    """Whether a process is there and not just waiting to be forgotten."""
    try:
        found = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return found.rpartition(")")[2].split()[0] != "Z"
