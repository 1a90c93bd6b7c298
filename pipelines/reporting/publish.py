"""Published folders appear whole or not at all; the list of issues above them follows."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from config.errors import StageFailed
from reports.feed import Issue, read_issue, render_feed, render_index


def publish(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Put *files* at *folder* in one step; says whether anything changed.

    Written beside it, flushed, then renamed. A kill leaves the old folder, the new one or,
    for the blink between two renames, none; never half of one. Raises StageFailed, with
    what stood there untouched, when the disk does not take it.
    """
    try:
        return _publish(folder, files)
    except OSError as exc:
        raise StageFailed(f"{folder}: the report cannot be written ({exc})") from exc


def _publish(folder: Path, files: Mapping[str, bytes]) -> bool:
    tidy(folder)
    if _holds(folder, files):
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = _beside(folder, "new"), _beside(folder, "old")
    fresh.mkdir()
    for name, content in sorted(files.items()):
        with (fresh / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return True


def tidy(folder: Path) -> None:
    """Clear what a killed run left: half a new folder goes, a moved old one comes back."""
    fresh, old = _beside(folder, "new"), _beside(folder, "old")
    if fresh.exists():
        shutil.rmtree(fresh)
    if old.exists() and not folder.exists():
        old.rename(folder)
    elif old.exists():
        shutil.rmtree(old)


def publish_list(root: Path) -> None:
    """`feed.xml` and `index.html` of all reports under *root*, each replaced in one step."""
    issues = published_issues(root)
    for name, text in (("feed.xml", render_feed(issues)), ("index.html", render_index(issues))):
        put(root / name, text)


def put(file: Path, text: str) -> None:
    """Write *text* to *file* in one step; StageFailed when the disk does not take it."""
    fresh = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8", newline="\n") as open_file:
            open_file.write(text)
            open_file.flush()
            os.fsync(open_file.fileno())
        fresh.replace(file)
    except OSError as exc:
        raise StageFailed(f"{file}: it cannot be written ({exc})") from exc


def published_issues(root: Path) -> list[Issue]:
    """What stands under *root*; folders that are not ours are passed over."""
    issues = []
    for path in sorted(root.glob("*/*/report.json")):
        if path.parent.name.startswith("."):
            continue
        try:
            issues.append(read_issue(path.read_text(encoding="utf-8")))
        except (KeyError, TypeError, ValueError):
            continue
    return issues


def _beside(folder: Path, suffix: str) -> Path:
    return folder.with_name(f".{folder.name}.{suffix}")


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    if not folder.is_dir() or {path.name for path in folder.iterdir()} != set(files):
        return False
    return all((folder / name).read_bytes() == content for name, content in files.items())
