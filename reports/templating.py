"""The one template environment: escaping on, a missing value is an error."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """Templates of `reports/templates`, escaped unless they end in `.txt.j2`."""
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def template_text(name: str) -> str:
    """A file of the templates folder that is used as it stands."""
    return (files("reports") / "templates" / name).read_text(encoding="utf-8")
