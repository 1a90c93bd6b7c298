"""The shipped configuration with a user's folder laid over it, checked as a whole.

The shipped files stand beside this module. In a folder given with `--config`, a file
with the same relative path replaces the shipped one; any other file is added.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.configuration import Configuration
from config.errors import ConfigError
from config.models import (
    Challenge,
    Cluster,
    DivisionChange,
    Model,
    Region,
    Sector,
    Settings,
    Source,
    Technology,
    TechnologyField,
)
from config.reading import Problem, build, read_rows, read_yaml
from config.references import dangling

SHIPPED = Path(__file__).parent
FOLDERS: dict[str, type[Model]] = {"sources": Source, "regions": Region, "clusters": Cluster}
SCHEMES = {"ecosystems": "ecosystem", "nace": "nace", "emerging_industries": "emerging_industry"}
TAXONOMIES = (
    "technologies",
    "technology_fields",
    *SCHEMES,
    "nace_rev21",
    "challenges",
    "value_chain",
)
LISTS = {"fields", "aliases", "short_forms", "context", "rev2"}  # CSV cells that hold a|b|c


def load_configuration(overlay: Path | None = None) -> Configuration:
    """The whole configuration; ConfigError lists every problem of every file."""
    configuration, problems = read_configuration(overlay)
    if problems or configuration is None:
        raise ConfigError("\n".join(problems))
    return configuration


def read_configuration(overlay: Path | None = None) -> tuple[Configuration | None, list[str]]:
    """What could be built, and one line `file: key: what is wrong` for each problem.

    The configuration is None when a file could not be read, since what refers to
    that file cannot be judged then.
    """
    files, problems = layers(overlay)
    reader = Reader(problems)
    found: dict[str, dict[Any, Any]] = {
        folder: reader.folder(files, folder, model) for folder, model in FOLDERS.items()
    }
    for taxonomy in TAXONOMIES:
        found[taxonomy] = reader.taxonomy(files, taxonomy)
    settings = reader.one(files, "settings.yml", Settings)
    if problems or settings is None:
        return None, problems
    configuration = Configuration(
        settings=settings,
        sectors={key: value for scheme in SCHEMES for key, value in found.pop(scheme).items()},
        nace_rev21={code: change.rev2 for code, change in found.pop("nace_rev21").items()},
        **found,
    )
    return configuration, list(dangling(configuration))


# --- files -------------------------------------------------------------------


def layers(overlay: Path | None) -> tuple[dict[str, Path], list[str]]:
    """The file that counts for each relative path, and names nobody would read."""
    if overlay is not None and not overlay.is_dir():
        raise ConfigError(f"{overlay}: no such configuration folder")
    files: dict[str, Path] = {}
    problems: list[str] = []
    for root in (SHIPPED, overlay):
        if root is None:
            continue
        for path in listed(root):
            name = path.relative_to(root).as_posix()
            if is_known(name):
                files[name] = path
            elif path.suffix in {".yml", ".yaml", ".csv"}:
                problems.append(f"{path}: no such kind of configuration file")
    return files, problems


def listed(root: Path) -> list[Path]:
    """The visible files of *root*; ConfigError when a folder cannot be looked into."""
    try:
        return list(visible(root))
    except OSError as exc:
        raise ConfigError(f"{exc.filename}: cannot be read: {exc.strerror}") from exc


def visible(root: Path) -> Iterator[Path]:
    """Files at most one folder deep, without hidden ones, in order."""
    for path in sorted(root.iterdir()):
        if path.name.startswith("."):
            continue
        inner = sorted(path.iterdir()) if path.is_dir() else [path]
        yield from (each for each in inner if each.is_file() and not each.name.startswith("."))


def is_known(name: str) -> bool:
    """Whether some reader takes the file with this relative path."""
    folder, _, file = name.rpartition("/")
    if folder == "taxonomies":
        return taxonomy_of(file) is not None
    return name == "settings.yml" or (folder in FOLDERS and file.endswith(".yml"))


def taxonomy_of(file: str) -> str | None:
    """The taxonomy a file adds to: `technologies_own.csv` adds to `technologies`."""
    stem, _, suffix = file.rpartition(".")
    if suffix not in {"yml", "csv"}:
        return None
    fitting = [name for name in TAXONOMIES if stem == name or stem.startswith(f"{name}_")]
    return max(fitting, key=len, default=None)


# --- values ------------------------------------------------------------------


@dataclass
class Reader:
    """Reads files one by one and collects what is wrong with them."""

    problems: list[str]

    def note(self, path: Path, lines: Iterable[str]) -> None:
        self.problems += [f"{path}: {line}" for line in lines]

    def one(self, files: Mapping[str, Path], name: str, model: type[Any]) -> Any:
        """The single object of a YAML file, or None after noting why not."""
        path = files[name]
        try:
            return build(model, read_yaml(path))
        except Problem as problem:
            self.note(path, problem.lines)
            return None

    def folder(self, files: Mapping[str, Path], folder: str, model: type[Model]) -> dict[str, Any]:
        """All objects of a folder by their file's stem, which must be their name."""
        found: dict[str, Any] = {}
        key = "nuts" if model is Region else "name"
        for name in sorted(name for name in files if name.startswith(f"{folder}/")):
            value = self.one(files, name, model)
            if value is None:
                continue
            stem = files[name].stem
            if getattr(value, key) != stem:
                self.note(files[name], [f"{key}: must be {stem!r}, the name of the file"])
            found[stem] = value
        return found

    def taxonomy(self, files: Mapping[str, Path], taxonomy: str) -> dict[Any, Any]:
        """All entries of the files that make up one taxonomy, by their key."""
        found: dict[Any, Any] = {}
        for name, path in files.items():
            if not name.startswith("taxonomies/") or taxonomy_of(path.name) != taxonomy:
                continue
            try:
                entries = list(csv_entries(path) if path.suffix == ".csv" else yml_entries(path))
            except Problem as problem:
                self.note(path, problem.lines)
                continue
            for where, values in entries:
                self.entry(found, path, taxonomy, where, values)
        return found

    def entry(
        self, found: dict[Any, Any], path: Path, taxonomy: str, where: str, values: Any
    ) -> None:
        model, key = ENTRY[taxonomy]
        if taxonomy in SCHEMES and isinstance(values, dict):
            values = {"scheme": SCHEMES[taxonomy], **values}
        try:
            value = build(model, values, where)
        except Problem as problem:
            self.note(path, problem.lines)
            return
        if key(value) in found:
            self.note(path, [f"{where}: {key(value)} stands there twice"])
        found[key(value)] = value


ENTRY: dict[str, tuple[type[Model], Callable[[Any], Any]]] = {
    "technologies": (Technology, lambda entry: entry.id),
    "technology_fields": (TechnologyField, lambda entry: entry.id),
    **dict.fromkeys(SCHEMES, (Sector, lambda entry: (entry.scheme, entry.code))),
    "nace_rev21": (DivisionChange, lambda entry: entry.code),
    "challenges": (Challenge, lambda entry: entry.code),
    "value_chain": (Challenge, lambda entry: entry.code),
}


def yml_entries(path: Path) -> Iterator[tuple[str, Any]]:
    """The entries of a YAML list, each with the words that name its place."""
    value = read_yaml(path)
    if not isinstance(value, list):
        raise Problem("expected a list of entries")
    for number, entry in enumerate(value, start=1):
        name = entry.get("id", entry.get("code")) if isinstance(entry, dict) else None
        yield f"entry {number} ({name})" if name else f"entry {number}", entry


def csv_entries(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a table; cells of list columns are parted at `|`."""
    for line, row in read_rows(path):
        values: dict[str, Any] = {
            name: parts(cell) if name in LISTS else cell.strip() for name, cell in row.items()
        }
        yield f"line {line}", values


def parts(cell: str) -> tuple[str, ...]:
    """`a| b` as two words."""
    return tuple(word for part in cell.split("|") if (word := part.strip()))
