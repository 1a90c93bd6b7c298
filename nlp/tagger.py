"""The spaCy pipeline that tells nouns from verbs.

The packaged one is small and trained by `benchmarks/train_tagger.py`; its scores and licence
stand in `nlp/data/tagger/`. An installed pipeline named in the settings takes its place.
"""

import json
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import ModelError

if TYPE_CHECKING:
    from spacy.language import Language

PACKAGED = "packaged"
NOT_NEEDED = ("parser", "ner", "senter", "entity_linker")  # of a larger installed pipeline


def load_tagger(name: str = PACKAGED) -> "Language":
    """The pipeline *name*: `packaged`, a folder, or an installed package.

    Raises ModelError when it is not there or sets no parts of speech.
    """
    import spacy

    try:
        nlp = spacy.load(_path(name), exclude=list(NOT_NEEDED))
    except (OSError, ValueError) as exc:
        raise ModelError(f"spaCy pipeline {name!r} cannot be loaded: {exc}") from exc
    if not any(nlp.has_pipe(pipe) for pipe in ("morphologizer", "tagger")):
        raise ModelError(f"spaCy pipeline {name!r} has no tagger")
    return nlp


def tagger_name(name: str = PACKAGED) -> str:
    """Name and version of the pipeline *name*, as stored beside what it found; loads nothing.

    Raises ModelError when it is not there.
    """
    folder = Path(_path(name))
    try:
        if folder.is_dir():
            meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            return f"{meta['name']}-{meta['version']}"
        return f"{name}-{version(name)}"
    except (OSError, ValueError, KeyError, PackageNotFoundError) as exc:
        raise ModelError(f"spaCy pipeline {name!r} cannot be found: {exc}") from exc


def _path(name: str) -> str:
    return str(files("nlp") / "data" / "tagger") if name == PACKAGED else name
