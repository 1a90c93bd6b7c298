"""XML and its JSON renderings as one kind of tree, so that one mapping reads both."""

from typing import Any

from crawlers.readers.base import as_list

_INLINE = frozenset("b br div em h1 h2 h3 h4 i li ol p span strong sub sup u ul".split())  # noqa: SIM905


def local(element: Any) -> str:
    """The name of *element* without its namespace, which real files set and lose at will."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Any, name: str) -> list[Any]:
    """Direct children called *name*, in any namespace or none."""
    return [] if element is None else list(element.iterchildren("{*}" + name))


def child(element: Any, *path: str) -> Any:
    """The first element along *path*, None when a step is missing."""
    for name in path:
        element = next(iter(children(element, name)), None)
    return element


def descendants(element: Any, name: str) -> list[Any]:
    """Elements called *name* at any depth, in any namespace or none."""
    return [] if element is None else list(element.iter("{*}" + name))


def text_at(element: Any, *path: str) -> str:
    """All text under the element at *path*, stripped; empty when it is missing."""
    found = child(element, *path)
    return "" if found is None else "".join(found.itertext()).strip()


def tree(element: Any) -> Any:
    """*element* as nested dicts: attributes under `@name`, text under `$`, lists where repeated.

    An element without attributes and children is its text; a text with formatting inside keeps
    it as markup. The same shape as the JSON that OpenAIRE, CORDIS and EPO derive from their
    XML. Depth is bounded by the parser.
    """
    parts = [one for one in element if isinstance(one.tag, str)]
    text = (element.text or "").strip()
    if parts and all(local(part).lower() in _INLINE for part in parts):
        text, parts = inner_markup(element), []
    elif not parts:
        text = "".join(element.itertext()).strip()
    node: dict[str, Any] = {f"@{_plain(key)}": value for key, value in element.attrib.items()}
    if not parts and not node:
        return text
    if text:
        node["$"] = text
    for part in parts:
        name, value = local(part), tree(part)
        if name not in node:
            node[name] = value
        elif isinstance(node[name], list):
            node[name].append(value)
        else:
            node[name] = [node[name], value]
    return node


def inner_markup(element: Any) -> str:
    """What stands in *element*, as markup and unescaped at its top level."""
    from lxml import etree

    inner = (etree.tostring(one, encoding="unicode") for one in element)
    return f"{element.text or ''}{''.join(inner)}".strip()


def _plain(name: str) -> str:
    return name.rpartition("}")[2]


def get(node: Any, *path: str) -> Any:
    """The value along *path* of nested dicts, prefixes such as `oaf:` ignored, or None.

    A list on the way stands for its first element.
    """
    for name in path:
        if isinstance(node, list):
            node = node[0] if node else None
        if not isinstance(node, dict):
            return None
        node = node[name] if name in node else _prefixed(node, name)
    return node


def _prefixed(node: dict[str, Any], name: str) -> Any:
    return next((value for key, value in node.items() if key.endswith(":" + name)), None)


def every(node: Any, *path: str) -> list[Any]:
    """All values along *path*, every list on the way followed."""
    found = [node]
    for name in path:
        found = [one for value in found for one in as_list(get(value, name))]
    return found


def said(node: Any, *path: str) -> str:
    """The text at *path*: of a plain value, or of a node with `$`, `#text` or `content`."""
    value = get(node, *path)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = next((value[key] for key in ("$", "#text", "content") if key in value), None)
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return str(value).strip()


def attribute(node: Any, name: str) -> str:
    """The attribute *name* of a node, in any of the places JSON renderings put it."""
    if not isinstance(node, dict):
        return ""
    for holder in (node.get("@attributes"), node.get("attributes")):
        if isinstance(holder, dict) and holder.get(name) is not None:
            return str(holder[name])
    value = node.get(f"@{name}", node.get(name))
    return "" if value is None or isinstance(value, dict | list) else str(value)
