"""NUTS codes of 2024: which are in force, and what became of older ones."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def table(name: str) -> dict[str, str]:
    """A packaged two-column table, `nlp/data/<name>.tsv`."""
    text = (files("nlp") / "data" / f"{name}.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and line[0] != "#")
    return {key: value for key, value in rows}


@cache
def names() -> Mapping[str, str]:
    """Code in force -> name of the region in its own language."""
    return table("nuts")


@cache
def changes() -> Mapping[str, str]:
    """Code of an earlier edition -> the code of 2024 for the same region."""
    return table("nuts_changes")


def to_2024(code: str) -> str:
    """The NUTS 2024 code for *code* of any edition.

    A region that was split or merged has no single successor: then the smallest larger
    region that is still there, at the least the country. "" for what was never NUTS (the
    United Kingdom has no codes in 2024). GR and GB are read as EL and UK.
    """
    code = code.strip().upper()
    code = {"GR": "EL", "GB": "UK"}.get(code[:2], code[:2]) + code[2:]
    while code:
        if code in names():
            return code
        if code in changes():
            return changes()[code]
        code = code[:-1] if len(code) > 2 else ""
    return ""


def lies_in(code: str, members: tuple[str, ...]) -> bool:
    """Whether *code*, of any edition, lies in what the codes of 2024 in *members* begin.

    A code that was never NUTS is compared as it stands; an empty one lies nowhere.
    """
    return bool(code) and (to_2024(code) or code).startswith(members)


def level_2(code: str) -> str:
    """The NUTS-2 region *code* lies in, or "" when it is larger than that."""
    found = to_2024(code)
    return found[:4] if len(found) >= 4 else ""
