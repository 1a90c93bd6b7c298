"""The main job on the sample sources: two weeks in a row, crawled for real.

The first week fills the archive, the second finds only what is new, so the report
can say what changed.
"""

import json
import shutil
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from config.configuration import Configuration
from config.errors import UsageError
from config.models import Expectation, Source
from config.weeks import last_day, shift
from pipelines.demo.corpus import END, FEEDS, GERMAN_FEED, WEEKS, corpus
from pipelines.demo.server import SampleSources, serve
from pipelines.workflow import Outcome, run_week

MARK = ".demo"  # tells a folder of ours from one that holds a reader's own data


@dataclass(frozen=True, slots=True)
class Found:
    """Where the demo's report lies, and what it found in three lines."""

    report: Path
    lines: tuple[str, str, str]


def run_demo(data: Path, configuration: Configuration) -> Found:
    """Crawl, analyse, match and report the sample corpus in a fresh folder."""
    _fresh(data)
    sources = SampleSources(corpus(), today=date.min)
    with serve(sources) as base:
        configuration = replace(configuration, sources=sample_sources(base))
        for week in (shift(END, -1), END):
            sources.today = last_day(week)
            outcome = run_week(
                data,
                configuration,
                week,
                today=last_day(week) + timedelta(days=1),
                run_id=f"demo-{week}",
            )
    return _found(data, outcome)


def _fresh(data: Path) -> None:
    """An empty folder; what an earlier demo left is removed, anything else is kept."""
    if data.exists() and any(data.iterdir()):
        if not (data / MARK).exists():
            raise UsageError(f"{data} is not empty and not from a demo: choose another --data")
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True)
    (data / MARK).touch()


def sample_sources(base: str) -> dict[str, Source]:
    """The embedded sources as configured sources, read by the spiders of the live ones."""
    why = "Embedded sample source of the demo: invented documents in the format of a real one."
    shared: dict[str, Any] = {
        "summary": why,
        "delay": 0.0,
        "licence": "CC0-1.0",
        "confidence": "ours",
        "crawl": "daily",
        "history_days": WEEKS * 7 + 14,  # the first window reaches back over the whole corpus
    }
    apis = {
        "sample_projects": ("cordis", "project", "cordis", ("contenttype='project'",)),
        "sample_publications": ("openalex", "publication", "openalex", ()),
    }
    sources = [
        Source(
            name=name,
            title=name.replace("_", " ").capitalize(),
            kind=kind,  # type: ignore[arg-type]
            url=f"{base}/{path}",  # type: ignore[arg-type]
            endpoint=f"{base}/{path}",  # type: ignore[arg-type]
            spider=spider,
            queries=queries,
            expect=Expectation(min_items=1),
            **shared,
        )
        for name, (spider, kind, path, queries) in apis.items()
    ]
    sources += [
        Source(
            name=name,
            title=name.replace("_", " ").capitalize(),
            kind="news",
            url=f"{base}/feeds/{name}.xml",  # type: ignore[arg-type]
            endpoint=f"{base}/feeds/{name}.xml",  # type: ignore[arg-type]
            language="de" if name == GERMAN_FEED else "en",
            expect=Expectation(min_items=0),
            **shared,
        )
        for name in (*FEEDS, GERMAN_FEED)
    ]
    return {source.name: source for source in sources}


def _found(data: Path, outcome: Outcome) -> Found:
    """The overall report and three lines from it."""
    folder = data / "reports" / outcome.week / "all"
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return Found(folder / "report.html", _lines(report))


def _lines(report: dict[str, Any]) -> tuple[str, str, str]:
    """Three lines: what was read, what is emerging, whose priorities it touches."""
    cards = report["cards"]
    read = (
        f"Read {report['archive']} documents ({report['documents']} of them this week) "
        f"from {len(report['sources'])} sources: {report['themes']} themes."
    )
    emerging = "; ".join(_card(card) for card in cards) or "no significant change"
    touched = sorted({region for card in cards for region in card["regions"]})
    return (
        read,
        f"Emerging: {emerging}.",
        f"Touches priorities of {', '.join(touched) or 'no region'}; "
        f"{len(report['blind_spots'])} blind spots, "
        f"{len(report['silent_priorities'])} of {report['priorities']} priorities silent.",
    )


def _card(card: dict[str, Any]) -> str:
    growth = card["growth"]
    crossing = ", crosses sectors" if card["cross_sector"] else ""
    return (
        f"{card['label']} ({growth['ratio']:.1f}x, "
        f"{growth['low']:.1f} to {growth['high']:.1f}{crossing})"
    )
