"""Texts into unit vectors, behind one small protocol.

PyTorch is always there; OpenVINO (extra `[fast]`) computes the same vectors several times
faster on a CPU. Both agree to a cosine of 0.999 or better, so they share one name.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from config.errors import ModelError
from config.models import EmbeddingSettings
from nlp import openvino_embed
from nlp.documents import Vectors
from nlp.modelfolder import model_folder
from nlp.torch_embed import TorchEmbedder

log = logging.getLogger(__name__)


class Embedder(Protocol):
    """Anything that maps texts to unit-length row vectors."""

    @property
    def name(self) -> str:
        """Model, version and tokens read: stored beside every vector it produced."""

    @property
    def max_tokens(self) -> int:
        """Tokens read of each text; the rest is ignored."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row per text, in order; the same text gives the same row in any company."""


def load_embedder(settings: EmbeddingSettings, *, cache: Path | None = None) -> Embedder:
    """The embedder that *settings* ask for; ModelError when it is not on this machine.

    Backend `auto` takes OpenVINO when it is installed. Models that are more than a
    transformer with mean pooling are run on PyTorch whatever the backend says.
    *cache* keeps the converted model (default: `trendscout` in the user's cache folder).
    """
    folder = model_folder(settings.model, max_tokens=settings.max_tokens)
    if settings.backend == "torch":
        return TorchEmbedder(folder, batch_size=settings.batch_size)
    if not openvino_embed.is_installed():
        if settings.backend == "openvino":
            raise ModelError("backend openvino: install the extra, pip install 'trendscout[fast]'")
        return TorchEmbedder(folder, batch_size=settings.batch_size)
    if not folder.plain:
        log.warning("%s is not a plain mean-pooled model: embedding with PyTorch", folder.name)
        return TorchEmbedder(folder, batch_size=settings.batch_size)
    return openvino_embed.OpenVinoEmbedder(
        folder, batch_size=settings.batch_size, cache=cache or default_cache()
    )


def configured_name(settings: EmbeddingSettings) -> str:
    """The name `load_embedder` would give, without loading the model."""
    return model_folder(settings.model, max_tokens=settings.max_tokens).vectors_name


def default_cache() -> Path:
    """Where converted models are kept between runs."""
    root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(root).expanduser() / "trendscout"
