"""The command line: commands, exit codes, and an answer at once."""

import io
import json
import logging
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from config.errors import InputError, StageFailed, UsageError
from config.models import Source
from crawlers.results import CrawlResult
from pipelines import cli
from pipelines.lock import run_lock
from pipelines.logs import Masked, secrets_of, set_up
from pipelines.schedule import schedule_text
from pipelines.status import show_status
from pipelines.store import open_store, using_store
from pipelines.store.runs import save_crawl

ROOT = Path(__file__).parent.parent
COMMANDS = (
    *("run", "demo", "collect", "import", "analyse", "report", "status", "export", "parse"),
    *("extract", "backtest", "judge", "schedule", "explore", "check"),
)
HEAVY = (
    *("torch", "spacy", "bertopic", "scrapy", "pandas", "sklearn", "scipy", "lxml", "numpy"),
    *("pyarrow", "pydantic", "sqlite_utils", "sqlite3", "trafilatura", "altair", "rich"),
)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    """Commands set logging up for a process; a test keeps pytest's."""
    monkeypatch.setattr("pipelines.logs.set_up", lambda **_: None)


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(one) for one in arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def document(tmp_path: Path, *more: str) -> Path:
    values = {
        "source": "s", "kind": "news", "title": "A pilot line opens", "text": "Cells.",
        "published": "2026-03-03",
    }  # fmt: skip
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join([json.dumps(values), *more]))
    return path


# --- answering ---------------------------------------------------------------------


def test_every_command_of_the_design_explains_itself():
    assert set(cli.cli.commands) == set(COMMANDS)
    assert [name for name in COMMANDS if not cli.cli.commands[name].help] == []


def test_help_answers_at_once_and_loads_nothing_heavy():
    code = f"""
import sys
from pipelines.cli import cli
try:
    cli.main(["--help"], prog_name="trendscout")
except SystemExit:
    print([name for name in {HEAVY!r} if name in sys.modules])
"""
    times = []
    for _ in range(3):  # a loaded machine may be slow once
        started = time.perf_counter()
        result = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
        )
        times.append(time.perf_counter() - started)
    assert result.stdout.splitlines()[-1] == "[]"
    assert min(times) < 2.0


# --- exit codes --------------------------------------------------------------------


def test_import_reports_and_ends_well_with_a_bad_row(tmp_path, capsys):
    assert call("--data", tmp_path, "import", "jsonl", document(tmp_path, "nonsense")) == 0
    shown = capsys.readouterr()
    assert shown.out == "1 new, 1 rejected\n"
    assert "refused rows: " in shown.err
    with using_store(tmp_path) as db:
        [(stage, counts)] = db.execute("SELECT stage, counts FROM stage_runs")
    assert (stage, json.loads(counts)) == ("import", {"new": 1, "rejected": 1})


def test_unreadable_input_ends_with_1_and_is_named(tmp_path, caplog):
    assert call("--data", tmp_path, "import", "jsonl", tmp_path / "none.jsonl") == 1
    assert "none.jsonl: no such file" in caplog.text


def test_import_that_broke_off_is_no_done_stage(tmp_path, capsys):
    assert call("--data", tmp_path, "import", "jsonl", document(tmp_path), tmp_path / "none") == 1
    assert capsys.readouterr().out == "1 new\n"
    with using_store(tmp_path) as db:
        [(status, counts)] = db.execute("SELECT status, counts FROM stage_runs")
    assert (status, json.loads(counts)) == ("failed", {"new": 1})


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "docx", "x"],
        ["nonsense"],
        ["export", "themes", "--week", "2026-W99"],
        ["judge", "t-1", "nice"],
        ["collect", "--since", "yesterday"],
        ["collect", "--source", "nobody"],
        ["backtest", "--from", "2026-W10", "--to", "2026-W09"],
    ],
)
def test_wrong_usage_ends_with_2(tmp_path, arguments):
    assert call("--data", tmp_path, *arguments) == 2


@pytest.mark.parametrize(
    "arguments", [["export", "themes", "--week", "2026-W10"], ["judge", "t-1", "known"]]
)
def test_what_the_store_does_not_have_is_wrong_usage(tmp_path, arguments):
    open_store(tmp_path).close()
    assert call("--data", tmp_path, *arguments) == 2


@pytest.mark.parametrize("arguments", [["export", "documents"], ["judge", "t-1", "known"]])
def test_folder_without_a_database_is_named_and_left_alone(tmp_path, caplog, arguments):
    """A mistyped folder is not made, and not mistaken for an empty archive."""
    assert call("--data", tmp_path / "tpyo", *arguments) == 1
    assert "tpyo/trendscout.db: there is no database yet" in caplog.text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["analyse", "run"])
def test_a_week_that_has_not_begun_is_refused(tmp_path, monkeypatch, caplog, command):
    """The themes would pass every week before it, and those could never be analysed."""
    monkeypatch.setattr(cli, "today", lambda: date(2026, 11, 20))
    assert call("--data", tmp_path, command, "--week", "2026-W48") == 2
    assert "2026-W48 has not begun; it starts on 2026-11-23" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_week_under_way_is_taken_with_a_warning(monkeypatch, caplog):
    monkeypatch.setattr(cli, "today", lambda: date(2026, 11, 20))
    cli.refuse_future("2026-W46")
    assert caplog.text == ""
    cli.refuse_future("2026-W47")
    assert "2026-W47 is not over" in caplog.text


def test_status_of_a_folder_without_a_database_lists_the_sources(tmp_path, capsys):
    assert call("--data", tmp_path / "new", "status") == 0
    shown = capsys.readouterr()
    assert "new/trendscout.db: there is no database yet" in shown.err
    assert "never read" in shown.out
    assert list(tmp_path.iterdir()) == []


def test_unreadable_configuration_ends_with_1_and_names_the_file(tmp_path, caplog):
    (tmp_path / "mine" / "sources").mkdir(parents=True)
    (tmp_path / "mine" / "sources" / "acme.yml").write_text("title: [broken")
    assert call("--data", tmp_path, "--config", tmp_path / "mine", "status") == 1
    assert "acme.yml" in caplog.text


def test_second_run_ends_with_1(tmp_path, caplog):
    with run_lock(tmp_path):
        assert call("--data", tmp_path, "import", "jsonl", document(tmp_path)) == 1
    assert "another run is under way" in caplog.text


def test_newer_database_ends_with_1(tmp_path, caplog):
    with using_store(tmp_path) as db:
        row = {"migration_set": "trendscout", "name": "m999", "applied_at": ""}
        db.table("_sqlite_migrations").insert(row)
    assert call("--data", tmp_path, "status") == 1
    assert "StoreTooNew" in caplog.text


@pytest.mark.parametrize(
    ("error", "code"), [(InputError("x"), 1), (UsageError("x"), 2), (StageFailed("x"), 1),
                        (OSError(28, "No space left on device"), 1), (KeyboardInterrupt(), 1)]
)  # fmt: skip
def test_expected_failure_is_one_line_and_a_code(tmp_path, monkeypatch, error, code):
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("pipelines.schedule.schedule_text", fails)
    assert call("--data", tmp_path, "schedule") == code


def test_silent_source_ends_with_3(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("TRENDSCOUT_SMTP_HOST", raising=False)
    outcome = SimpleNamespace(reports=(Path("r"),), silent_sources=("wire",))
    seen = {}

    def run_week(data, configuration, week, **options):
        seen.update(options, week=week)
        return outcome

    monkeypatch.setitem(sys.modules, "pipelines.workflow", SimpleNamespace(run_week=run_week))
    assert call("--data", tmp_path, "run", "--week", "2026-W10", "--no-collect") == 3
    assert "not heard from: wire" in capsys.readouterr().err
    assert (seen["week"], seen["collect"], seen["deliver"]) == ("2026-W10", False, False)
    monkeypatch.setenv("TRENDSCOUT_SMTP_HOST", "mail.example")
    call("--data", tmp_path, "run", "--week", "2026-W10")
    assert (seen["collect"], seen["deliver"]) == (True, True)


def test_export_goes_to_standard_output_and_to_a_file(tmp_path, capfdbinary):
    call("--data", tmp_path, "import", "jsonl", document(tmp_path))
    capfdbinary.readouterr()
    assert call("--data", tmp_path, "export", "documents", "--week", "2026-W10") == 0
    sys.stdout.flush()
    assert json.loads(capfdbinary.readouterr().out)["title"] == "A pilot line opens"
    target = tmp_path / "out.csv"
    arguments = ("export", "documents", "--week", "2026-W10", "--format", "csv")
    assert call("--data", tmp_path, *arguments, "--output", target) == 0
    assert "A pilot line opens" in target.read_text(encoding="utf-8-sig")


def test_judgement_is_remembered(tmp_path, capsys):
    with using_store(tmp_path) as db:
        db.table("themes").insert({"id": "t-000001", "label": "cells"})
    arguments = ("judge", "t-000001", "known", "--region", "DED", "--note", "Since 2020.")
    assert call("--data", tmp_path, *arguments) == 0
    with using_store(tmp_path) as db:
        [(verdict, region)] = db.execute("SELECT verdict, region FROM judgements")
    assert (verdict, region) == ("known", "DED")
    assert "t-000001: known, in reports from 20" in capsys.readouterr().out


def test_shipped_configuration_passes_check(tmp_path, capsys):
    assert call("--data", tmp_path, "check") == 0
    assert "technologies" in capsys.readouterr().out


# --- status, schedule, logs --------------------------------------------------------


def test_status_shows_health_and_no_markup_of_the_web(tmp_path):
    db = open_store(tmp_path)
    days = date(2026, 11, 1), date(2026, 11, 8)
    save_crawl(db, "r", CrawlResult("wire", *days, True, ended="1"), "healthy")
    save_crawl(
        db, "s", CrawlResult("wire", *days, False, reason="[red]HTTP 503", ended="2"), "failed"
    )
    wire = Source(
        name="wire", title="Wire", summary="A source for one test. " * 3, kind="news",
        url="https://e.example",  # type: ignore[arg-type]
    )  # fmt: skip
    quiet = wire.model_copy(update={"name": "quiet"})
    stream = io.StringIO()
    console = Console(file=stream, width=200)
    show_status(db, {"quiet": quiet, "wire": wire}, console, today=date(2026, 11, 20))
    db.close()
    text = stream.getvalue()
    assert "2026-11-08 (12 d ago)" in text
    assert "[red]HTTP 503" in text
    assert text.index("wire") < text.index("quiet")
    assert "never read" in text


def test_schedule_has_real_paths_and_a_run_command(tmp_path):
    folder = tmp_path / "my data 100%"
    text = schedule_text(folder, tmp_path)
    assert str(folder) in text.replace("%%", "%").replace(r"\%", "%")
    cron = next(line for line in text.splitlines() if line.startswith("15 6"))
    assert r"100\%" in cron
    assert " run >> " in cron
    assert "OnCalendar=Mon 06:15" in text


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("GET https://e.example/?api_key=abcdef123&x=1", "GET https://e.example/?api_key=***&x=1"),
        ("Authorization: Bearer abcdef123", "Authorization: Bearer ***"),
        ("sent with s3cr3t-of-mine", "sent with ***"),
        ("keys=3 source=arxiv", "keys=3 source=arxiv"),
    ],
)
def test_keys_are_masked(said, logged):
    environment = {"ACME_API_KEY": "s3cr3t-of-mine", "HOME": "/home/anna"}
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (said,), None)
    assert Masked(secrets_of(environment)).filter(record)
    assert record.getMessage() == logged


def test_log_lines_are_plain_under_cron(tmp_path):
    code = """
import logging
from pipelines.logs import set_up
set_up()
logging.getLogger("pipelines.x").info("stage=%s token=%s", "embed", "abcdef123456")
"""
    environment = {**os.environ, "SOME_TOKEN": "abcdef123456"}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment,
        check=True,
    )  # fmt: skip
    assert result.stderr.endswith(" INFO pipelines.x stage=embed token=***\n")
    assert callable(set_up)
