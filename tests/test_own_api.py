"""The API of docs/configuration.md, as it stands there, against a server of its own."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.results import CrawlResult
from tests.misbehaving import source
from tests.server import Answer, Route, send, serve
from tests.test_crawl import landed, one

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"
# A module beside the shipped ones, as if it lay in their folder.
BESIDE = "import crawlers.spiders\ncrawlers.spiders.__path__.append({folder!r})\n"


def line(number: int) -> dict[str, str]:
    return {
        "id": f"L{number}",
        "name": f"Pilot line number {number}",
        "about": "<p>Cells &amp; modules.</p>",
        "opened": "2026-09-03",
    }


def registry(visitor: object) -> None:
    """Three pages of two lines; the second line of the last one is broken."""
    asked = parse_qs(urlsplit(visitor.path).query)  # type: ignore[attr-defined]
    page = int(asked["page"][0])
    assert (asked["q"], asked["from"]) == (["cells"], ["2026-09-01"])
    lines = [line(2 * page), line(2 * page + 1) if page < 3 else {"id": "L7"}]
    found = {"lines": lines, "total": 6, "next": str(page + 1) if page < 3 else None}
    send(visitor, Answer(json.dumps(found).encode(), type="application/json"))


def read_by_the_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: Route
) -> CrawlResult:
    example = re.search(
        r"```python\n(# crawlers/spiders/registry\.py\n.*?)```", PAGE.read_text(), re.S
    )
    assert example is not None
    assert 30 <= len(example[1].splitlines()) <= 100
    (tmp_path / "registry.py").write_text(example[1])
    (tmp_path / "sitecustomize.py").write_text(BESIDE.format(folder=str(tmp_path)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with serve({"/lines": route}) as site:
        each = source(
            "pilot_lines", site.url, spider="registry", endpoint=site.url, queries=("cells",)
        )
        return one(tmp_path / "landing", each)


def test_the_example_of_an_api_reads_all_its_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = read_by_the_example(tmp_path, monkeypatch, registry)
    assert (result.complete, result.reason, result.reported_total) == (True, "", 6)
    assert (result.items, result.dropped) == (5, 1)
    assert landed(result)[0]["text"] == "Cells & modules."
    assert landed(result)[0]["licence"] == "none stated"


def test_the_example_of_an_api_notices_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Answer(b'{"entries": []}', type="application/json")
    result = read_by_the_example(tmp_path, monkeypatch, answer)
    assert (result.complete, result.items) == (False, 0)
    assert "no lines" in result.reason
