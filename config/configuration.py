"""What a run is told, read and checked by `config/loader.py`."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.models import (
    Challenge,
    Cluster,
    Region,
    Sector,
    Settings,
    Source,
    Technology,
    TechnologyField,
)


@dataclass(frozen=True)
class Configuration:
    """Everything a run is told: mappings are by name, NUTS code, id or code."""

    settings: Settings
    sources: Mapping[str, Source]
    regions: Mapping[str, Region]
    clusters: Mapping[str, Cluster]
    technologies: Mapping[str, Technology]
    technology_fields: Mapping[str, TechnologyField]
    sectors: Mapping[tuple[str, str], Sector]  # by (scheme, code)
    challenges: Mapping[str, Challenge]
    value_chain: Mapping[str, Challenge]
    nace_rev21: Mapping[str, tuple[str, ...]]  # Rev. 2.1 division -> Rev. 2 divisions
