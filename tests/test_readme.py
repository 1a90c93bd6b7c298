"""README and docs/ say what is there: commands, make targets, files, and nothing of one machine."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest

from pipelines.cli import cli

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
LINK = re.compile(r"\]\(([^()\s]+)\)")
# An absolute path: a slash that nothing precedes, then at least two names.
ABSOLUTE = re.compile(r"(?:^|(?<=[\s`\"'(=]))(?:~|[A-Za-z]:)?[/\\](\w[\w.-]*[/\\][\w./\\-]*)", re.M)
EXAMPLES = ("srv/trendscout",)  # where the manual installs, on nobody's machine
CODES = re.compile(r"\d+/")  # `/23/47` is a code of EuroSciVoc

pytestmark = pytest.mark.skipif(not README.exists(), reason="not part of an installed package")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def targets_of(page: Path) -> Iterator[str]:
    """What *page* links to, without addresses of the web."""
    for target in LINK.findall(text_of(page)):
        parts = urlsplit(target)
        if not parts.scheme and parts.path:
            yield unquote(parts.path)


def absolute_paths(text: str) -> list[str]:
    found = (path.replace("\\", "/") for path in ABSOLUTE.findall(text))
    return [path for path in found if not path.startswith(EXAMPLES) and not CODES.match(path)]


def listed_commands() -> set[str]:
    """Commands in the README's table."""
    return set(re.findall(r"^\| `trendscout (\w+)", text_of(README), re.M))


def test_readme_lists_every_command_and_no_other() -> None:
    assert listed_commands() == set(cli.commands)


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_command_and_its_options_have_help(name: str) -> None:
    command = cli.commands[name]
    assert command.help
    options = [one for one in command.params if isinstance(one, click.Option)]
    # Choices explain themselves: --help prints them.
    assert [
        one.name for one in options if not one.help and not isinstance(one.type, click.Choice)
    ] == []


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_options_that_readme_names_exist(name: str) -> None:
    row = re.search(rf"^\| `trendscout {name}\b([^`]*)`", text_of(README), re.M)
    assert row is not None
    known = {text for one in cli.commands[name].params for text in (*one.opts, *one.secondary_opts)}
    assert set(re.findall(r"--[\w-]+", row[1])) <= known


def test_make_targets_that_pages_name_exist() -> None:
    rules = set(re.findall(r"^([\w.-]+):", text_of(ROOT / "Makefile"), re.M))
    named = {
        target
        for page in PAGES
        for code in re.findall(r"```.*?```|`[^`\n]+`", text_of(page), re.S)
        for target in re.findall(r"\bmake ([a-z]+)\b", code)
    }
    assert {"demo", "test"} <= named
    assert named <= rules


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_a_page_links_to_exist_inside_the_repository(page: Path) -> None:
    missing = []
    for target in targets_of(page):
        path = (page.parent / target).resolve()
        if not path.is_relative_to(ROOT.resolve()) or not path.exists():
            missing.append(target)
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_names_no_path_outside_the_repository(page: Path) -> None:
    assert absolute_paths(text_of(page)) == []


@pytest.mark.parametrize(
    "text",
    ["see `/home/anna/trendscout/var`", "cd /opt/x/y", "(/data/in/a.csv)", r"C:\Users\anna\x"],
)
def test_paths_of_one_machine_are_recognised(text: str) -> None:
    assert absolute_paths(text)


@pytest.mark.parametrize(
    "text",
    ["cd /srv/trendscout && ls", "https://a.example/b/c", "and/or/both", '"code": "/23/47"'],
)
def test_examples_addresses_and_codes_are_no_paths(text: str) -> None:
    assert absolute_paths(text) == []


def test_environment_variables_that_pages_name_are_read() -> None:
    code = "".join(text_of(path) for path in (ROOT / "config" / "environment.py",))
    code += "".join(text_of(path) for path in sorted((ROOT / "benchmarks").glob("*.py")))
    named = {
        name for page in PAGES for name in re.findall(r"TRENDSCOUT_[A-Z][A-Z_]*", text_of(page))
    }
    unknown = {name for name in named if name not in code}
    assert {name for name in unknown if not name.startswith("TRENDSCOUT_MAIL_TO_")} == set()
