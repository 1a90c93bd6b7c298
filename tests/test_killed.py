"""kill -9 in the middle of any stage, start again: the result is that of an undisturbed run."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.demo.corpus import as_line, corpus
from tests.killed import STAGES

CHILD = Path(__file__).with_name("killed.py")
THEMES = ("mycelium_panels", "silicon_carbide", "city_guides", "solar_roofs", "laser_welding")
LEDGER = {"stage_runs", "sqlite_stat1", "sqlite_sequence"}  # says when, so it differs


def child(data, stage, statements=0):
    """Run one stage in a process of its own; returns the process and the statements it ran."""
    command = [sys.executable, str(CHILD), str(data), stage, str(statements)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return ended, int(ended.stdout.split()[-1]) if ended.returncode == 0 else 0


def contents(data):
    """Every row of every table of ours, and every published file."""
    db = sqlite3.connect(data / "trendscout.db")
    names = [
        name
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith(("documents_fts", "_")) and name not in LEDGER
    ]
    rows = {name: sorted(map(repr, db.execute(f"SELECT * FROM [{name}]"))) for name in names}
    rows["landing_files"] = db.execute("SELECT path, rows, rejected FROM landing_files").fetchall()
    found = db.execute("SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'silicon'")
    rows["full text"] = found.fetchall()
    db.close()
    folder = data / "reports"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return rows, files


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A data folder as it was before each stage, as it was in the end, and statements a stage."""
    root = tmp_path_factory.mktemp("undisturbed")
    data = root / "data"
    landing = data / "landing" / "sample"
    landing.mkdir(parents=True)
    lines = [json.dumps(as_line(sample)) for sample in corpus() if sample.theme in THEMES]
    (landing / "run.jsonl").write_text("\n".join(lines), encoding="utf-8")
    before, statements = {}, {}
    for stage in STAGES:
        before[stage] = root / stage
        shutil.copytree(data, before[stage])
        ended, statements[stage] = child(data, stage)
        assert ended.returncode == 0, ended.stderr
        before[f"after {stage}"] = root / f"after-{stage}"
        shutil.copytree(data, before[f"after {stage}"])
    return before, statements


@pytest.mark.parametrize("stage", STAGES)
def test_killed_stage_started_again_equals_an_undisturbed_one(undisturbed, tmp_path, stage):
    before, statements = undisturbed
    data = tmp_path / "data"
    shutil.copytree(before[stage], data)
    assert statements[stage] > 2
    killed, _ = child(data, stage, statements=max(2, statements[stage] * 2 // 3))
    assert killed.returncode == -signal.SIGKILL
    again, _ = child(data, stage)
    assert again.returncode == 0, again.stderr
    rows, files = contents(data)
    wanted, published = contents(before[f"after {stage}"])
    assert {name for name in wanted if rows[name] != wanted[name]} == set()
    assert files == published


def test_finished_stages_cost_nothing_the_second_time(undisturbed, tmp_path):
    before, statements = undisturbed
    data = tmp_path / "data"
    shutil.copytree(before["after report"], data)
    for stage in ("ingest", "enrich", "embed", "themes"):
        _, again = child(data, stage)
        assert again < statements[stage] / 2
    assert contents(data) == contents(before["after report"])
