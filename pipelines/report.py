"""The last stage: one report per audience, published as a folder and, when asked, sent.

No clock: dates come from the week, so the same database and week give the same bytes.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from config.configuration import Configuration
from config.environment import read_environment
from config.errors import UsageError
from config.models import Region
from pipelines.database import Database
from pipelines.reporting.build import Common, read_common, theme_rows, weekly_report
from pipelines.reporting.deliver import check_mail, recipients, send
from pipelines.reporting.publish import publish, publish_list
from pipelines.reporting.scene import Scene, View, read_scene
from pipelines.store import reports as store
from reports.mail import mail, published_at
from reports.model import Audience
from reports.render_html import render_html
from reports.render_json import render_json
from reports.render_markdown import render_markdown
from reports.render_pdf import render_pdf
from reports.render_xlsx import render_xlsx

log = logging.getLogger(__name__)

BACKTEST = "backtest.html"  # beside the weeks' folders, written by `trendscout backtest`


@dataclass(frozen=True)
class Edition:
    """One audience's report in every form."""

    audience: str
    files: dict[str, bytes]
    draft: EmailMessage


def report_week(
    db: Database,
    data: Path,
    configuration: Configuration,
    week: str,
    *,
    regions: Sequence[str] | None = None,
    clusters: Sequence[str] | None = None,
    deliver: bool = False,
) -> list[Path]:
    """Publish the reports of *week* under `reports/` and return their folders.

    Without *regions* and *clusters* there is one for all, one for each region and one for
    each cluster; with them, only those named. Raises UsageError for an unknown name or a week
    that was not analysed, and DeliveryFailed, after publishing, when mail cannot be sent.
    """
    views = list(choose_views(configuration, regions or (), clusters or ()))
    if not store.was_analysed(db, week):
        raise UsageError(f"{week} has not been analysed: run `trendscout analyse --week {week}`")
    root = data / "reports"
    scene = read_scene(db, configuration, week)
    common = read_common(scene, f"../../{BACKTEST}" if (root / BACKTEST).is_file() else "")
    editions = []
    for view in views:
        edition = make_edition(scene, view, common)
        changed = publish(root / week / edition.audience, edition.files)
        log.info("report=%s week=%s changed=%s", edition.audience, week, changed)
        editions.append(edition)
    created = published_at(scene.last.isoformat()).isoformat()
    store.save_reports(
        db, week, [(one.audience, f"reports/{week}/{one.audience}", created) for one in editions]
    )
    publish_list(root)
    if deliver:
        deliver_editions(db, week, editions)
    return [root / week / one.audience for one in editions]


def make_edition(scene: Scene, view: View, common: Common) -> Edition:
    """Build one audience's report and render it in every form."""
    report = weekly_report(scene, view, common)
    pdf = render_pdf(report)
    draft = mail(report, pdf)
    files = {
        "report.json": render_json(report).encode(),
        "report.html": render_html(report).encode(),
        "report.md": render_markdown(report).encode(),
        "report.pdf": pdf,
        "report.eml": draft.as_bytes(),
        "themes.xlsx": render_xlsx(report, theme_rows(scene, view)),
    }
    return Edition(view.audience.code, files, draft)


# --- audiences ---------------------------------------------------------------


def choose_views(
    configuration: Configuration, regions: Sequence[str], clusters: Sequence[str]
) -> Iterator[View]:
    """Whom to report to; UsageError names those we do not know."""
    _check("region", regions, configuration.regions)
    _check("cluster", clusters, configuration.clusters)
    everyone = not regions and not clusters
    if everyone:
        yield View(Audience("all", "all", "all regions"))
    for code in sorted(configuration.regions if everyone else set(regions)):
        region = configuration.regions[code]
        yield View(Audience(code, "region", region.name, strategy_note(region)), region)
    for name in sorted(configuration.clusters if everyone else set(clusters)):
        cluster = configuration.clusters[name]
        home = configuration.regions.get(cluster.region)
        note = strategy_note(home) if home else ""
        yield View(Audience(name, "cluster", cluster.title, note), home, cluster)


def _check(kind: str, names: Sequence[str], known: object) -> None:
    if unknown := sorted(name for name in set(names) if name not in known):  # type: ignore[operator]
        there = ", ".join(sorted(known)) or "none"  # type: ignore[call-overload]
        raise UsageError(f"no {kind} {', '.join(unknown)}; there are: {there}")


def strategy_note(region: Region) -> str:
    """What the reader must know about the strategy text behind the priorities."""
    open_ = sum(priority.status == "to_be_confirmed" for priority in region.priorities)
    strategy = region.strategy
    title = strategy.title_en or strategy.title
    dated = ", ".join(part for part in (strategy.adopted, strategy.period) if part)
    note = f"Priorities of {region.name}: {title}{f' ({dated})' if dated else ''}."
    if strategy.status == "to_be_confirmed":
        note += " The strategy text is to be confirmed."
    if open_:
        note += f" {open_} of {len(region.priorities)} priority titles are to be confirmed."
    return note


# --- delivery ----------------------------------------------------------------


def deliver_editions(db: Database, week: str, editions: Sequence[Edition]) -> None:
    """Send what has readers and was not sent before; each is marked as soon as it is out."""
    environment = read_environment()
    check_mail(environment)
    for edition in editions:
        to = recipients(environment, edition.audience)
        if not to or store.is_delivered(db, week, edition.audience):
            continue
        send(edition.draft, environment, to)
        store.mark_delivered(
            db, week, edition.audience, datetime.now(UTC).isoformat(timespec="seconds")
        )
        log.info("delivered=%s week=%s readers=%s", edition.audience, week, len(to))
