"""What `trendscout check` says: every problem of the configuration, and what it holds."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from config.configuration import Configuration
from config.environment import read_environment, secret
from config.errors import ConfigError
from config.loader import read_configuration


def check(overlay: Path | None = None) -> list[str]:
    """One line for each problem, empty when all is well."""
    try:
        _, problems = read_configuration(overlay)
    except ConfigError as exc:
        problems = [str(exc)]
    try:
        read_environment()
    except ConfigError as exc:
        problems = [*problems, str(exc)]
    return problems


def summary(configuration: Configuration) -> dict[str, int]:
    """How many entries of each kind the configuration holds."""
    priorities = [each for one in configuration.regions.values() for each in one.priorities]
    crawls = Counter(source.crawl for source in configuration.sources.values())
    schemes = Counter(scheme for scheme, _ in configuration.sectors)
    return {
        "sources read": crawls["daily"] + crawls["weekly"],
        "sources paused": crawls["paused"],
        "regions": len(configuration.regions),
        "priorities": len(priorities),
        "priorities to be confirmed": sum(one.status == "to_be_confirmed" for one in priorities),
        "clusters": len(configuration.clusters),
        "technologies": len(configuration.technologies),
        "technology fields": len(configuration.technology_fields),
        "industrial ecosystems": schemes["ecosystem"],
        "NACE divisions": schemes["nace"],
        "emerging industries": schemes["emerging_industry"],
        "societal challenges": len(configuration.challenges),
        "value-chain steps": len(configuration.value_chain),
    }


def hints(configuration: Configuration) -> Iterator[str]:
    """What is allowed but wants a person's look before the first live crawl."""
    if not configuration.settings.contact:
        yield "settings.yml: contact: name an address before crawling sites of others"
    for name, source in sorted(configuration.sources.items()):
        if source.crawl != "paused" and source.key_env and not secret(source.key_env):
            yield f"sources/{name}.yml: key_env: {source.key_env} is not set"
