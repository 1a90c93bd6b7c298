"""YAML and CSV files as plain values, read strictly: every problem names its file and place."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster
M = TypeVar("M", bound=BaseModel)
DEEPEST = 100  # nested brackets in a file
NOT_BOOLEAN = tuple("yYnNoO")  # yes, no, on, off: NO is Norway


class Problem(Exception):
    """What is wrong with one file: one line for each finding."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


class Loader(Base):  # type: ignore[misc]  # the base is chosen when the module loads
    """Safe YAML without its traps: no repeated keys, and `no` stays a word."""

    yaml_implicit_resolvers: ClassVar[Any] = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if not (tag == "tag:yaml.org,2002:bool" and first in NOT_BOOLEAN)
        ]
        for first, resolvers in Base.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise Problem(f"line {line}: {key.value}: the key stands here twice")
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def read_text(path: Path) -> str:
    """The whole file; Problem when it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Problem(f"not UTF-8 text (byte {exc.start})") from exc
    except OSError as exc:
        raise Problem(f"cannot be read: {exc.strerror}") from exc


def read_yaml(path: Path) -> Any:
    """The value of a YAML file; Problem names the line of a slip."""
    text = read_text(path)
    if brackets(text) > DEEPEST:
        raise Problem(f"not readable as YAML: brackets nested more than {DEEPEST} deep")
    try:
        value = yaml.load(text, Loader)
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise Problem(f"line {line}: {exc.problem}") from exc
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as exc:
        raise Problem(f"not readable as YAML: {exc}") from exc
    if value is None:
        raise Problem("the file is empty")
    return value


def brackets(text: str) -> int:
    """How deep brackets open, roughly: the C parser would crash on a bottomless file."""
    level = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        level += 1 if bracket in "[{" else -1
        deepest = max(deepest, level)
    return deepest


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The line number and cells of each row of a CSV table with a header."""
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        if not rows.fieldnames:
            raise Problem("the file is empty")
        for row in rows:
            if None in row or None in row.values():
                raise Problem(f"line {rows.line_num}: expected {len(rows.fieldnames or ())} cells")
            yield rows.line_num, row
    except csv.Error as exc:
        raise Problem(f"line {rows.line_num}: {exc}") from exc


def build(model: type[M], value: Any, where: str = "") -> M:
    """*value* as *model*; Problem holds one line per wrong key, each with its path."""
    if not isinstance(value, dict):
        raise Problem(f"{where or 'the file'}: expected keys and values")
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        raise Problem(*(explain(error, where) for error in exc.errors())) from exc


def explain(error: Any, where: str) -> str:
    """One pydantic error as `path.to.key: what is wrong`."""
    path = ".".join([where] * bool(where) + [str(part) for part in error["loc"]])
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "no such key"
    elif error["type"] == "string_type" and isinstance(error["input"], int | float | date):
        message = f"expected text: write '{error['input']}' in quotes"
    return f"{path}: {message}" if path else message
