"""docs/sources.md, written from the configuration of the sources.

`python -m config.sources_table docs/sources.md` brings the page up to date; a test compares.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from config.loader import load_configuration
from config.models import Kind, Source

ABOUT = """\
# Sources

Written from `config/sources/` by `python -m config.sources_table docs/sources.md`; change the
files, not this page. Adding one: [configuration.md](configuration.md). A paused source is
not read until a file of your own says otherwise. *Checked* says how sure we are that the
address works: `verified` (a public check reported it working), `partly_verified` (several
lists or clients carry it) or `recalled` (nobody has checked it)."""
# What Markdown would read as markup, or would end a cell.
_SPECIAL = str.maketrans({one: f"\\{one}" for one in "\\|*_[]<>`"})


def sources_page(sources: Iterable[Source]) -> str:
    """The whole page as Markdown: two overviews, then one table for each kind of document."""
    listed = sorted(sources, key=lambda one: (one.country, one.title.casefold(), one.name))
    lines = [ABOUT, "", *overview(listed), "", *countries(listed)]
    for kind in get_args(Kind):
        if found := [one for one in listed if one.kind == kind]:
            lines += ["", f"## {kind.capitalize()}", "", *table(found)]
    return "\n".join([*lines, ""])


def overview(sources: Iterable[Source]) -> Iterator[str]:
    """How many sources of each kind are read and paused, and the languages of those read."""
    listed = list(sources)
    yield "| Kind | Read | Paused | Languages read |"
    yield "|---|---|---|---|"
    for kind in get_args(Kind):
        found = [one for one in listed if one.kind == kind]
        if not found:
            continue
        read = [one for one in found if one.crawl != "paused"]
        counts = Counter(one.language for one in read)
        ordered = sorted(counts.items(), key=_by_count)
        languages = ", ".join(f"{code} {count}" for code, count in ordered)
        yield f"| {kind} | {len(read)} | {len(found) - len(read)} | {languages} |"


def countries(sources: Iterable[Source]) -> Iterator[str]:
    """How many sources of each country are read and paused, the largest first."""
    listed = list(sources)
    yield "| Country | Read | Paused |"
    yield "|---|---|---|"
    for country, count in sorted(Counter(one.country for one in listed).items(), key=_by_count):
        read = sum(one.country == country and one.crawl != "paused" for one in listed)
        yield f"| {country} | {read} | {count - read} |"


def _by_count(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def table(sources: Iterable[Source]) -> Iterator[str]:
    """One row for each source, in the order given."""
    yield "| Source | Name | Language | Country | State | Licence | Checked |"
    yield "|---|---|---|---|---|---|---|"
    for one in sources:
        cells = (
            f"[{cell(one.title)}]({one.url})",
            f"`{one.name}`",
            one.language,
            one.country,
            cell(state(one)),
            cell(one.licence),
            f"`{one.confidence}`",
        )
        yield f"| {' | '.join(cells)} |"


def state(source: Source) -> str:
    """How often it is read, or why it is not."""
    if source.crawl == "paused":
        return f"paused: {source.paused_because}"
    key = f", with the key in {source.key_env} when it is set" if source.key_env else ""
    return f"{source.crawl}{key}"


def cell(text: str) -> str:
    """*text* on one line, without what Markdown would take for markup."""
    return " ".join(text.split()).translate(_SPECIAL)


if __name__ == "__main__":
    page = sources_page(load_configuration(None).sources.values())
    Path(sys.argv[1]).write_text(page, "utf-8")
