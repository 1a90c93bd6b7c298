"""docs/sources.md: in step with the configuration, and safe as Markdown."""

from pathlib import Path

import pytest

from config.loader import load_configuration
from config.models import Source
from config.sources_table import sources_page, state

PAGE = Path(__file__).parent.parent / "docs" / "sources.md"


def source(**values: object) -> Source:
    base = {
        "name": "wire",
        "title": "A wire",
        "summary": "A wire that exists for this test only, fifty characters long.",
        "kind": "news",
        "url": "https://wire.example/",
    }
    return Source.model_validate(base | values)


def test_the_page_of_sources_is_up_to_date() -> None:
    if not PAGE.exists():
        pytest.skip("docs/ is not part of an installed package")
    shipped = load_configuration(None).sources
    message = "run: python -m config.sources_table docs/sources.md"
    assert PAGE.read_text("utf-8") == sources_page(shipped.values()), message


def test_every_shipped_source_has_one_row() -> None:
    shipped = load_configuration(None).sources
    page = sources_page(shipped.values())
    assert [name for name in shipped if page.count(f"| `{name}` |") != 1] == []


def test_kinds_have_tables_of_their_own_and_are_counted() -> None:
    page = sources_page(
        [
            source(),
            source(name="quiet", crawl="paused", paused_because="it moved"),
            source(name="grants", kind="project", language="de"),
        ]
    )
    assert "| news | 1 | 1 | en 1 |" in page
    assert "| project | 1 | 0 | de 1 |" in page
    assert page.index("## Project") < page.index("`grants`") < page.index("## News")
    assert "## Patent" not in page


def test_order_does_not_depend_on_the_order_given() -> None:
    both = [source(), source(name="other", title="Another wire", country="DE")]
    assert sources_page(both) == sources_page(both[::-1])


def test_state_gives_the_reason_or_the_key() -> None:
    assert state(source()) == "daily"
    keyed = state(source(crawl="weekly", key_env="WIRE_KEY"))
    assert keyed == "weekly, with the key in WIRE_KEY when it is set"
    assert state(source(crawl="paused", paused_because="it moved")) == "paused: it moved"


def test_text_of_a_source_cannot_break_the_table() -> None:
    page = sources_page([source(title="A | B](x) <i>*c*\nd")])
    assert r"[A \| B\](x) \<i\>\*c\* d](https://wire.example/)" in page
