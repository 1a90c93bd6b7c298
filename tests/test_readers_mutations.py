"""Readers against answers whose every field was replaced by something else, one at a time."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.errors import SourceDrift
from crawlers.readers.base import Reading
from tests.reading import PAYLOADS, read

ODD = (None, 5, -1.5, True, "", "x", [], {}, [None], [[]], {"a": {"b": []}}, "9" * 400)
JSON = sorted(path for path in PAYLOADS.glob("*/*.json") if path.parent.name != "feed")
XML = sorted(path for path in PAYLOADS.glob("*/*.xml") if path.parent.name != "feed")


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value below *node*; of a list, to its first two members."""
    inner: list[Any] = []
    if isinstance(node, dict):
        inner = list(node)
    elif isinstance(node, list):
        inner = list(range(min(2, len(node))))
    for key in inner:
        yield (*path, key)
        yield from places(node[key], (*path, key))


def replaced(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(node)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


@pytest.mark.parametrize("path", JSON, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_any_value_in_any_field_is_read_or_refused(path):
    found = json.loads(path.read_bytes())
    for place in places(found):
        for value in ODD:
            body = json.dumps(replaced(found, place, value)).encode()
            try:
                reading = read(path.parent.name, body)
            except SourceDrift:
                continue
            except Exception as exc:
                raise AssertionError(f"{'.'.join(map(str, place))} = {value!r}") from exc
            assert isinstance(reading, Reading)


@pytest.mark.parametrize("path", XML, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_any_element_may_be_missing_or_empty(path):
    from lxml import etree

    body = path.read_bytes()
    count = sum(1 for _ in etree.fromstring(body).iter())
    for number in range(1, count):
        for empty in (True, False):
            root = etree.fromstring(body)
            element = list(root.iter())[number]
            if empty:
                element.clear()
            else:
                element.getparent().remove(element)
            try:
                read(path.parent.name, etree.tostring(root))
            except SourceDrift:
                continue
            except Exception as exc:
                raise AssertionError(f"element {number}: {element.tag}") from exc
