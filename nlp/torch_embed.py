"""Vectors from PyTorch, which any sentence-transformers model can be run on."""

import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from config.errors import ModelError
from nlp.batches import Tokeniser
from nlp.documents import Vectors
from nlp.modelfolder import ModelFolder

CHARACTERS_PER_TOKEN = 16  # more than any language needs: clipping never changes a vector


def clip(text: str, max_tokens: int) -> str:
    """As much of *text* as an embedder that reads *max_tokens* can see."""
    return text[: max_tokens * CHARACTERS_PER_TOKEN]


class TorchEmbedder:
    """Any sentence-transformers model in a local folder, on PyTorch."""

    def __init__(self, folder: ModelFolder, *, batch_size: int = 8) -> None:
        self.name = folder.vectors_name
        self.max_tokens = folder.max_tokens
        self._rows = batch_size
        self._model = load_sentence_transformer(folder)
        self._tokeniser = tokeniser_of(folder) if folder.plain else None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (texts, dimensions)."""
        if not texts:
            return np.empty((0, _dimensions(self._model)), dtype=np.float32)
        clipped = [clip(text, self.max_tokens) for text in texts]
        if self._tokeniser is None:
            vectors = self._model.encode(
                clipped,
                batch_size=self._rows,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            return np.asarray(vectors, dtype=np.float32)
        return self._encode_plain(clipped, self._tokeniser)

    def _encode_plain(self, texts: Sequence[str], tokeniser: Tokeniser) -> Vectors:
        import torch

        vectors = np.empty((len(texts), _dimensions(self._model)), dtype=np.float32)
        with torch.inference_mode():
            for members, tokens, mask in tokeniser.batches(texts, self._rows):
                features = {
                    "input_ids": torch.from_numpy(tokens).to(self._model.device),
                    "attention_mask": torch.from_numpy(mask).to(self._model.device),
                }
                found = self._model(features)["sentence_embedding"][: len(members)]
                unit = torch.nn.functional.normalize(found.float(), dim=1)
                vectors[members] = unit.cpu().numpy()
        return vectors


def tokeniser_of(folder: ModelFolder) -> Tokeniser:
    """The tokeniser of a plain model."""
    return Tokeniser(folder.path / "tokenizer.json", max_tokens=folder.max_tokens, pad=folder.pad)


def load_sentence_transformer(folder: ModelFolder) -> Any:
    """The model on PyTorch, read from *folder* alone; never a request to the network."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with warnings.catch_warnings():
        # The libraries below warn about each other's coming versions; we pin them.
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        quiet: Any = transformers_logging
        quiet.disable_progress_bar()
        quiet.set_verbosity_error()
        try:
            model = SentenceTransformer(str(folder.path), local_files_only=True)
        except (OSError, ValueError, KeyError) as exc:
            raise ModelError(f"{folder.path}: not a sentence-transformers model: {exc}") from exc
    model.max_seq_length = folder.max_tokens
    return model.eval()


def _dimensions(model: Any) -> int:
    return int(model.get_embedding_dimension())
