"""The table of keys in docs/configuration.md, written from the models.

`python -m config.keys docs/configuration.md` brings the page up to date; a test compares.
"""

import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from config.loader import FOLDERS
from config.models import (
    Challenge,
    DivisionChange,
    Model,
    Sector,
    Settings,
    Technology,
    TechnologyField,
)

BEGIN, END = "<!-- keys: begin -->", "<!-- keys: end -->"
FILES: dict[str, type[Model]] = {
    "settings.yml": Settings,
    **{f"{folder}/<{'nuts' if folder == 'regions' else 'name'}>.yml": model
       for folder, model in FOLDERS.items()},
    "taxonomies/technologies.csv": Technology,
    "taxonomies/technology_fields.yml": TechnologyField,
    "taxonomies/ecosystems.yml, nace.yml, emerging_industries.yml": Sector,
    "taxonomies/challenges.yml, value_chain.yml": Challenge,
    "taxonomies/nace_rev21.csv": DivisionChange,
}  # fmt: skip


def keys_page() -> str:
    """All tables as Markdown, one section for each kind of file."""
    sections = [BEGIN]
    for file, model in FILES.items():
        sections += [
            "",
            f"### `{file}`",
            "",
            "| Key | Type | Default | Meaning |",
            "|---|---|---|---|",
        ]
        sections += rows(model)
    return "\n".join([*sections, "", END])


def rows(model: type[Model], prefix: str = "") -> Iterator[str]:
    """One table row for each key, those of nested models below their parent."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        nested = inner_model(field.annotation)
        meaning = (field.description or "").replace("|", "\\|")
        yield f"| `{path}` | {type_name(field.annotation)} | {default(field)} | {meaning} |"
        if nested is not None:
            yield from rows(nested, f"{path}{joint(field.annotation)}")


def joint(annotation: object) -> str:
    """What stands between a key and the keys below it."""
    origin = typing.get_origin(annotation)
    return ".<name>." if origin is dict else "[]." if origin is tuple else "."


def inner_model(annotation: object) -> type[Model] | None:
    """The model that a value, an entry of a list or a named entry has."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    found = (inner_model(argument) for argument in typing.get_args(annotation))
    return next((model for model in found if model is not None), None)


def type_name(annotation: object) -> str:
    """The type in words a person editing YAML knows."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list of {type_name(arguments[0])}"
    if origin is dict:
        return f"{type_name(arguments[1])} by name"
    if origin in (typing.Union, types.UnionType):
        return " or ".join(type_name(each) for each in arguments if each is not type(None))
    if origin is typing.Annotated:
        return type_name(arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return "keys below"
    known = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
    name = getattr(annotation, "__name__", str(annotation))
    return known.get(name, {"HttpUrl": "address"}.get(name, name))


def default(field: FieldInfo) -> str:
    """The default as YAML would write it; needed keys say so."""
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=False)
    if value is PydanticUndefined or value is None or value in ("", ()) or isinstance(value, Model):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"


def brought_up_to_date(page: str) -> str:
    """*page* with its tables written anew between the two marks."""
    before, _, rest = page.partition(BEGIN)
    return before + keys_page() + rest.partition(END)[2]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(brought_up_to_date(target.read_text("utf-8")), "utf-8")
