"""What one configuration file says about another: names that must exist elsewhere."""

from collections.abc import Iterator
from importlib.util import find_spec

from config.configuration import Configuration


def dangling(configuration: Configuration) -> Iterator[str]:
    """One line for each name that no other file defines."""
    yield from source_references(configuration)
    yield from region_references(configuration)
    yield from cluster_references(configuration)
    yield from technology_references(configuration)


def unknown(place: str, names: tuple[str, ...], known: set[str], what: str) -> Iterator[str]:
    """A line for each of *names* that is not *known*."""
    for name in names:
        if name not in known:
            yield f"{place}: there is no {what} {name!r}"


def codes(configuration: Configuration, scheme: str) -> set[str]:
    """The codes of one sector list."""
    return {code for listed, code in configuration.sectors if listed == scheme}


def source_references(configuration: Configuration) -> Iterator[str]:
    ecosystems = codes(configuration, "ecosystem")
    spiders = {source.spider for source in configuration.sources.values()}
    missing = {name for name in spiders if not has_spider(name)}
    for name, source in configuration.sources.items():
        place = f"sources/{name}.yml"
        yield from unknown(f"{place}: sectors", source.sectors, ecosystems, "ecosystem")
        if source.spider in missing:
            yield f"{place}: spider: there is no module crawlers/spiders/{source.spider}.py"
        if source.spider == "feed" and source.endpoint is None:
            yield f"{place}: endpoint: a feed needs its address"


def has_spider(name: str) -> bool:
    """Whether a module of this name stands among the spiders, without loading it."""
    return name.isidentifier() and find_spec(f"crawlers.spiders.{name}") is not None


def region_references(configuration: Configuration) -> Iterator[str]:
    ecosystems = codes(configuration, "ecosystem")
    divisions = codes(configuration, "nace")
    fields = set(configuration.technology_fields)
    for nuts, region in configuration.regions.items():
        place = f"regions/{nuts}.yml"
        seen: set[str] = set()
        for number, priority in enumerate(region.priorities):
            at = f"{place}: priorities.{number} ({priority.id})"
            yield from unknown(f"{at}: ecosystems", priority.ecosystems, ecosystems, "ecosystem")
            yield from unknown(f"{at}: nace", priority.nace, divisions, "NACE division")
            yield from unknown(f"{at}: technologies", priority.technologies, fields, "field")
            if not priority.id.startswith(f"{nuts}-"):
                yield f"{at}: id: must begin with {nuts}-"
            if priority.id in seen:
                yield f"{at}: id: stands there twice"
            seen.add(priority.id)


def cluster_references(configuration: Configuration) -> Iterator[str]:
    ecosystems = codes(configuration, "ecosystem")
    for name, cluster in configuration.clusters.items():
        place = f"clusters/{name}.yml"
        regions = set(configuration.regions)
        technologies = set(configuration.technologies)
        yield from unknown(f"{place}: region", (cluster.region,), regions, "region")
        yield from unknown(f"{place}: sectors", cluster.sectors, ecosystems, "ecosystem")
        yield from unknown(
            f"{place}: technologies", cluster.technologies, technologies, "technology"
        )


def technology_references(configuration: Configuration) -> Iterator[str]:
    """Fields that do not exist, names that two technologies claim, bare short forms."""
    owners: dict[str, str] = {}
    fields = set(configuration.technology_fields)
    for technology in configuration.technologies.values():
        place = f"technologies: {technology.id}"
        yield from unknown(f"{place}: fields", technology.fields, fields, "field")
        for name in {spelling(name) for name in (technology.label, *technology.aliases)}:
            other = owners.setdefault(name, technology.id)
            if other != technology.id:
                yield f"{place}: aliases: {name!r} is also a name of {other}"
        if technology.short_forms and not technology.context:
            yield f"{place}: context: short forms need words that support them"


def spelling(name: str) -> str:
    """The form in which names are compared: case, hyphens and spaces do not matter."""
    return " ".join(name.casefold().replace("-", " ").split())
