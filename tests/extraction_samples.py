"""A small configuration and texts of our own for the tests of the language stages."""

from typing import TYPE_CHECKING

from config.configuration import Configuration
from config.models import Challenge, Sector, Settings, Stream, Technology
from nlp.tagged import TaggedText, tagged_text

if TYPE_CHECKING:
    from spacy.language import Language


def technology(identity: str, label: str, **more: tuple[str, ...]) -> Technology:
    """A concept in a field of its own."""
    return Technology(id=identity, label=label, fields=("test-field",), **more)


TECHNOLOGIES = (
    technology("solid_state_battery", "solid-state battery"),
    technology("battery", "battery"),
    technology("augmented_reality", "augmented reality", short_forms=("AR",), context=("headset",)),
    technology(
        "small_modular_reactor", "small modular reactor", short_forms=("SMR",), context=("nuclear",)
    ),
    technology("mems", "MEMS"),
    technology("optical_fibre", "optical fibre"),
    technology("supercapacitor", "supercapacitor", aliases=("super-capacitor",)),
)
SECTORS = (
    Sector(code="mobility", scheme="ecosystem", label="Mobility", confidence="ours",
           terms=("electric vehicle", "traction motor", "railway")),
    Sector(code="textiles", scheme="ecosystem", label="Textiles", confidence="ours",
           terms=("yarn", "weaving loom", "textile")),
    Sector(code="29", scheme="nace", label="Motor vehicles", confidence="ours",
           terms=("electric vehicle", "car body")),
)  # fmt: skip
CHALLENGE = Challenge(code="climate", label="Climate", terms=("greenhouse gas", "decarbonisation",
                                                             "carbon neutrality"))  # fmt: skip
STEP = Challenge(code="recycling", label="Recycling", terms=("recycling", "disassembly", "scrap"))


def tagged(nlp: "Language", text: str) -> TaggedText:
    """*text* as the extractor looks at it."""
    return tagged_text(nlp(text), text)


def small_configuration() -> Configuration:
    """A configuration with seven technologies, three sectors, one challenge and one step."""
    stream = Stream(kinds=("publication",), bin_weeks=1, recent_bins=13, base_bins=52)
    return Configuration(
        settings=Settings(streams={"publications": stream}),
        sources={},
        regions={},
        clusters={},
        technologies={one.id: one for one in TECHNOLOGIES},
        technology_fields={},
        sectors={(one.scheme, one.code): one for one in SECTORS},
        challenges={CHALLENGE.code: CHALLENGE},
        value_chain={STEP.code: STEP},
        nace_rev21={},
    )


TITLE = "Solid-state battery line for electric vehicles"
TEXT = (
    "The plant near Chemnitz winds yarn-free separators for electric vehicles. Engineers of the "
    "University of Turin developed a lithium-garnet electrolyte membrane that keeps its shape. "
    "The decision makers of the project praise the approach, and recycling of scrap is planned."
)
HOSTILE = {
    "one word of a million characters": "a" * 1_000_000,
    "a long run of one bracket": "(" * 200_000,
    "nested brackets with spaces": "( " * 10_000 + ") " * 10_000,
    "markup that never closes": "<div " * 10_000,
    "entities without an end": "&amp" * 100_000,
    "backslashes": "\\cite{" * 50_000,
    "dots": ". " * 20_000,
    "hyphens": "a-" * 100_000,
    "capitals in brackets": "(AB) " * 8_000,
    "a short form without end": "A false discovery method (FDM). " + "Two FDMs, " * 9_000,
    "spaces": " \t\u00a0" * 100_000,
    "zero-width joiners": "\u200d" * 300_000,
    "line breaks": "\n" * 300_000,
    "digits": "7" * 500_000,
    "one word again and again": "network " * 10_000,
}


def bridged():
    """Two texts that differ too much to be one story, and one that is near enough to both."""
    words = [f"word{i}" for i in range(400)]
    first = [f"x{word}" for word in words[:38]] + words[38:]
    last = words[:358] + [f"y{word}" for word in words[358:]]
    return " ".join(first), " ".join(last), " ".join(words)
