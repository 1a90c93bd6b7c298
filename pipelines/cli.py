"""The command line. A command parses its options, calls one function, picks an exit code."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from config.errors import TrendscoutError, UsageError

if TYPE_CHECKING:  # what a command needs is imported by the command: --help answers at once
    from io import BufferedIOBase

    from config.configuration import Configuration
    from pipelines.database import Database

log = logging.getLogger(__name__)

EXIT_FAILED, EXIT_USAGE, EXIT_FLAGGED = 1, 2, 3
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True)
class Place:
    """Where a command works: the data folder and the user's configuration folder."""

    data: Path
    config: Path | None

    def configuration(self) -> "Configuration":
        """The whole configuration, checked."""
        from config.loader import load_configuration

        return load_configuration(self.config)

    @contextmanager
    def store(self) -> "Iterator[Database]":
        """The database as it is, beside whatever run is under way; StoreError without one."""
        from pipelines.store import existing, using_store

        existing(self.data)
        with using_store(self.data) as db:
            yield db

    @contextmanager
    def run(self) -> "Iterator[Database]":
        """The database for a run: the only one in this data folder."""
        from pipelines.lock import run_lock
        from pipelines.store import using_store
        from pipelines.store.runs import close_killed

        with run_lock(self.data), using_store(self.data) as db:
            close_killed(db)
            yield db


def today() -> date:
    """The clock of the command line; nothing behind it looks at one."""
    return date.today()


def new_run() -> str:
    """A name for this run that sorts by time."""
    return datetime.now().strftime("%Y%m%dT%H%M%S")


def the_week(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """The given ISO week, checked, or the last complete one."""
    from config.weeks import first_day, last_complete

    week = value or last_complete(today())
    first_day(week)
    return week


def refuse_future(week: str) -> None:
    """UsageError for a week that has not begun: the themes would pass all weeks before it.

    A week under way is taken with a warning, since what comes until Sunday comes late.
    """
    from config.weeks import first_day, last_day

    if first_day(week) > today():
        raise UsageError(f"{week} has not begun; it starts on {first_day(week)}")
    if last_day(week) >= today():
        log.warning("%s is not over: what comes until Sunday joins its themes later", week)


week_option = click.option(
    "--week", callback=the_week, help="ISO week such as 2026-W10; the default is the last complete."
)
place = click.make_pass_decorator(Place)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data", type=FOLDER, envvar="TRENDSCOUT_DATA", default="var", show_default=True,
    help="Folder of the database, landing files and reports.",
)  # fmt: skip
@click.option("--config", type=FOLDER, help="Your folder, laid over the shipped configuration.")
@click.option("-v", "--verbose", is_flag=True, help="Log every step.")
@click.pass_context
def cli(ctx: click.Context, data: Path, config: Path | None, verbose: bool) -> None:
    """Scout emerging, cross-sector industry trends, week by week."""
    from pipelines.logs import set_up

    set_up(verbose=verbose)
    ctx.obj = Place(data, config)


# --- the weekly run ----------------------------------------------------------------


@cli.command()
@week_option
@click.option("--no-collect", is_flag=True, help="Work with what is in the store.")
@click.option(
    "--deliver/--no-deliver", default=None,
    help="Send the reports; the default is to do so when a mail server is configured.",
)  # fmt: skip
@place
@click.pass_context
def run(
    ctx: click.Context, place: Place, week: str, no_collect: bool, deliver: bool | None
) -> None:
    """Collect, analyse, report and deliver a week: what cron calls."""
    from config.environment import read_environment
    from pipelines.workflow import run_week

    refuse_future(week)
    configuration = place.configuration()
    with place.run():
        outcome = run_week(
            place.data,
            configuration,
            week,
            today=today(),
            run_id=new_run(),
            collect=not no_collect,
            deliver=bool(read_environment().smtp_host) if deliver is None else deliver,
        )
    for path in outcome.reports:
        click.echo(path)
    if outcome.silent_sources:
        click.echo(f"not heard from: {', '.join(outcome.silent_sources)}", err=True)
        ctx.exit(EXIT_FLAGGED)


@cli.command()
@place
def demo(place: Place) -> None:
    """Do the same in a fresh folder, on embedded sample sources served on loopback."""
    from pipelines.demo.run import run_demo

    found = run_demo(place.data, place.configuration())
    click.echo(f"Report: {found.report}")
    for line in found.lines:
        click.echo(line)


@cli.command()
@click.option("--source", "names", multiple=True, help="Only these; the default is all due.")
@click.option("--since", type=DAY, help="First day to read; the default is the last good day.")
@click.option("--replay", is_flag=True, help="Read the kept raw answers again, without the web.")
@place
@click.pass_context
def collect(
    ctx: click.Context, place: Place, names: tuple[str, ...], since: datetime | None, replay: bool
) -> None:
    """Crawl the sources that are due and ingest what they landed."""
    from config.weeks import week_of
    from pipelines.collect import collect as collect_sources
    from pipelines.store.runs import stage

    configuration, run_id = place.configuration(), new_run()
    with place.run() as db, stage(db, run_id, "collect", week_of(today())) as counts:
        verdicts = collect_sources(
            db,
            place.data,
            configuration,
            counts,
            run_id=run_id,
            today=today(),
            names=names,
            since=since.date() if since else None,
            replay=replay,
        )
    for name, verdict in verdicts.items():
        click.echo(f"{verdict:<8} {name}")
    if "failed" in verdicts.values():
        ctx.exit(EXIT_FLAGGED)


@cli.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice(["cordis", "arxiv", "jsonl"]))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@place
def import_(place: Place, form: str, paths: tuple[Path, ...]) -> None:
    """Read bulk files into documents: cordis, arxiv or jsonl."""
    from config.weeks import week_of
    from pipelines.importing.run import finished, import_files
    from pipelines.progress import counter
    from pipelines.store.runs import stage

    settings = place.configuration().settings
    with place.run() as db, stage(db, new_run(), "import", week_of(today())) as counts:
        with counter("imported") as progress:
            result = import_files(
                db, place.data, form, paths, settings=settings, today=today(), progress=progress
            )
        counts.update(result.counts)
        counted = (f"{count} {name}" for name, count in sorted(result.counts.items()))
        click.echo(", ".join(counted) or "nothing read")
        for path in result.rejects:
            click.echo(f"refused rows: {path}", err=True)
        finished(result)


@cli.command()
@week_option
@place
def analyse(place: Place, week: str) -> None:
    """Enrich, embed, find themes, judge signals, match priorities."""
    from pipelines.workflow import analyse as analyse_week

    refuse_future(week)
    configuration = place.configuration()
    with place.run() as db:
        analyse_week(db, configuration, run_id=new_run(), week=week)


@cli.command()
@week_option
@click.option("--region", "regions", multiple=True, help="NUTS code; only these regions.")
@click.option("--cluster", "clusters", multiple=True, help="Only these cluster organisations.")
@click.option("--deliver", is_flag=True, help="Send them to their readers.")
@place
def report(
    place: Place, week: str, regions: tuple[str, ...], clusters: tuple[str, ...], deliver: bool
) -> None:
    """Render the reports of an analysed week."""
    from pipelines.report import report_week
    from pipelines.store.runs import stage

    configuration = place.configuration()
    with place.run() as db, stage(db, new_run(), "report", week) as counts:
        paths = report_week(
            db, place.data, configuration, week,
            regions=regions, clusters=clusters, deliver=deliver,
        )  # fmt: skip
        counts["reports"] = len(paths)
    for path in paths:
        click.echo(path)


# --- looking at it -----------------------------------------------------------------


@cli.command()
@place
def status(place: Place) -> None:
    """Show sources and their health, documents, themes and the last runs."""
    from rich.console import Console

    from pipelines.status import show_status
    from pipelines.store import NAME, empty_store

    configuration = place.configuration()
    stored = (place.data / NAME).is_file()
    if not stored:  # the sources are worth seeing before the first crawl
        click.echo(f"{place.data / NAME}: there is no database yet", err=True)
    with place.store() if stored else empty_store() as db:
        width = None if sys.stdout.isatty() else 200
        console = Console(width=width, markup=False, highlight=False)
        show_status(db, configuration.sources, console, today=today())


@cli.command()
@click.argument(
    "what", type=click.Choice(["documents", "mentions", "themes", "signals", "matches"])
)
@week_option
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv", "xlsx"]), default="jsonl",
    show_default=True,
)  # fmt: skip
@click.option("--output", type=FILE, help="File to write; the default is standard output.")
@place
def export(place: Place, what: str, week: str, form: str, output: Path | None) -> None:
    """Write what is known of a week for other programs."""
    from pipelines import export as exporting

    if output is None and form == "xlsx" and sys.stdout.isatty():
        raise UsageError("xlsx is not for a terminal: give --output FILE")
    with place.store() as db:
        if output is None:
            exporting.export(db, what, week, form, sys.stdout.buffer)
            return
        with exporting.output(output) as stream:
            count = exporting.export(db, what, week, form, stream)
    click.echo(f"{count} {what}: {output}", err=True)


@cli.command()
@click.option("--port", default=8001, show_default=True, help="Port on this machine.")
@place
def explore(place: Place, port: int) -> None:
    """Open the database in Datasette, read-only, on this machine only."""
    from importlib.util import find_spec

    from pipelines.store import NAME

    if find_spec("datasette") is None:
        raise UsageError("Datasette is not installed: pip install 'trendscout[explore]'")
    with place.store():
        pass  # a clear message when there is no usable database
    import subprocess

    command = [sys.executable, "-m", "datasette", "serve", str(place.data / NAME)]
    subprocess.run([*command, "--host", "127.0.0.1", "--port", str(port)], check=False)


# --- texts in, texts out -----------------------------------------------------------


@cli.command()
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@place
@click.pass_context
def parse(ctx: click.Context, place: Place, source: str, files: tuple[Path, ...]) -> None:
    """Show what a source's reader makes of saved responses, as JSON lines."""
    import json

    from crawlers.parse import parse_files

    refused: list[str] = []

    def tell(why: str) -> None:
        refused.append(why)
        click.echo(why, err=True)

    read = 0
    for document in parse_files(source, files, place.configuration(), refused=tell):
        write_line(json.dumps(document, ensure_ascii=False))
        read += 1
    if refused and not read:
        ctx.exit(EXIT_FAILED)


@cli.command()
@place
def extract(place: Place) -> None:
    """Find terms, technologies, sectors and places in texts, JSON lines in and out."""
    from nlp.extraction import extract_lines
    from pipelines.arriving import arriving

    # Typed as any binary stream, but what Python gives is a buffered one.
    pipe = cast("BufferedIOBase", sys.stdin.buffer)
    for line in extract_lines(arriving(pipe), place.configuration()):
        write_line(line)
        sys.stdout.buffer.flush()  # somebody may wait for it before sending more


def write_line(line: str) -> None:
    """One line on standard output, whatever the terminal's encoding is."""
    sys.stdout.buffer.write(line.rstrip("\n").encode("utf-8", errors="replace") + b"\n")


# --- learning from it --------------------------------------------------------------


@cli.command()
@click.option("--from", "first", required=True, help="First ISO week.")
@click.option("--to", "last", required=True, help="Last ISO week.")
@place
def backtest(place: Place, first: str, last: str) -> None:
    """Replay history and show how the flags turned out."""
    from config.weeks import first_day

    if first_day(first) > first_day(last):
        raise UsageError(f"--from {first} lies after --to {last}")
    from pipelines.backtest import backtest as replay_history

    configuration = place.configuration()
    with place.run() as db:
        for line in replay_history(db, place.data, configuration, first, last):
            click.echo(line)


@cli.command()
@click.argument("theme")
@click.argument("verdict", type=click.Choice(["known", "irrelevant", "adopted"]))
@click.option("--region", default="", help="NUTS code, when it holds for one region only.")
@click.option("--note", default="", help="Why, in your own words.")
@place
def judge(place: Place, theme: str, verdict: str, region: str, note: str) -> None:
    """Remember a reader's judgement of a theme."""
    from config.weeks import week_of
    from pipelines.store.judgements import save_judgement
    from pipelines.store.runs import now

    if region and region not in place.configuration().regions:
        raise UsageError(f"no region {region}")
    with place.store() as db:
        moment = now()
        save_judgement(db, theme, verdict, region=region, note=note, moment=moment)
    week = week_of(date.fromisoformat(moment[:10]))
    click.echo(f"{theme}: {verdict}, in reports from {week} on")


# --- keeping it going --------------------------------------------------------------


@cli.command()
@place
def schedule(place: Place) -> None:
    """Print the crontab line and the systemd timer for the weekly run."""
    from pipelines.schedule import schedule_text

    click.echo(schedule_text(place.data, place.config))


@cli.command()
@place
@click.pass_context
def check(ctx: click.Context, place: Place) -> None:
    """Validate the whole configuration."""
    from config.check import check as problems_of
    from config.check import hints, summary

    problems = problems_of(place.config)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        ctx.exit(EXIT_FAILED)
    configuration = place.configuration()
    for name, count in summary(configuration).items():
        click.echo(f"{count:>6} {name}")
    for hint in hints(configuration):
        click.echo(f"hint: {hint}")


def main(arguments: list[str] | None = None) -> None:
    """Entry point: an expected failure is one log line and an exit code."""
    code: Any = 0
    try:
        code = cli.main(arguments, prog_name="trendscout", standalone_mode=False)
    except click.exceptions.Exit as exc:
        code = exc.exit_code
    except click.ClickException as exc:
        exc.show()
        code = exc.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; what is done is kept", err=True)
        code = EXIT_FAILED
    except UsageError as exc:
        log.error("%s", exc)
        code = EXIT_USAGE
    except TrendscoutError as exc:
        log.error("%s: %s", type(exc).__name__, exc)
        code = EXIT_FAILED
    except OSError as exc:  # a full disk, a folder without rights: the message names the file
        log.error("%s", exc)
        code = EXIT_FAILED
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
