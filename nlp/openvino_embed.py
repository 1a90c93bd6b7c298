"""The same vectors from OpenVINO: several times faster on a CPU, extra `[fast]`."""

import logging
import shutil
import tempfile
import warnings
from collections import deque
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from nlp.documents import Vectors
from nlp.modelfolder import ModelFolder
from nlp.torch_embed import clip, load_sentence_transformer, tokeniser_of

log = logging.getLogger(__name__)


def is_installed() -> bool:
    """Whether the extra `[fast]` is there."""
    return find_spec("openvino") is not None


class OpenVinoEmbedder:
    """A transformer with mean pooling, converted once and kept in *cache*.

    From the second start on, neither PyTorch nor transformers is loaded.
    """

    def __init__(self, folder: ModelFolder, *, cache: Path, batch_size: int = 8) -> None:
        import openvino

        self.name = folder.vectors_name
        self.max_tokens = folder.max_tokens
        self._rows = batch_size
        self._tokeniser = tokeniser_of(folder)
        model = _converted(folder, cache)
        self._compiled = openvino.compile_model(model, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
        self._dimensions = int(self._compiled.output(0).partial_shape[1].get_length())
        # Requests of our own instead of AsyncInferQueue: its Python callbacks run in OpenVINO's
        # threads and need the interpreter's lock, and freeing the model then waits for ever.
        wanted = self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self._requests = [self._compiled.create_infer_request() for _ in range(int(wanted))]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (texts, dimensions)."""
        vectors = np.empty((len(texts), self._dimensions), dtype=np.float32)
        free, running = list(self._requests), deque[tuple[Any, list[int]]]()

        def finish() -> None:
            request, members = running.popleft()
            request.wait()
            vectors[members] = request.get_output_tensor().data[: len(members)]
            free.append(request)

        clipped = [clip(text, self.max_tokens) for text in texts]
        for members, tokens, mask in self._tokeniser.batches(clipped, self._rows):
            if not free:
                finish()
            request = free.pop()
            request.start_async([tokens, mask])
            running.append((request, members))
        while running:
            finish()
        # Low-precision kernels leave lengths off by some thousandths.
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _converted(folder: ModelFolder, cache: Path) -> Any:
    """The model in OpenVINO's own form, from the cache when it is there."""
    import openvino

    version = openvino.get_version().split("-")[0]
    kept = cache / f"{folder.name}-{folder.key}-openvino-{version}"
    if (kept / "model.xml").is_file():
        return openvino.Core().read_model(kept / "model.xml")
    model = _convert(folder)
    try:
        _keep(model, kept)
    except OSError as exc:
        log.warning("%s: the converted model cannot be kept: %s", kept, exc)
        return _through_file(model)
    return openvino.Core().read_model(kept / "model.xml")


def _through_file(model: Any) -> Any:
    """*model* as it is after writing and reading, which changes the last bits of its vectors."""
    import openvino

    with tempfile.TemporaryDirectory() as scratch:
        openvino.save_model(model, Path(scratch) / "model.xml", compress_to_fp16=False)
        return openvino.Core().read_model(Path(scratch) / "model.xml")


def _keep(model: Any, kept: Path) -> None:
    """Write *model* to the folder *kept*, whole or not at all."""
    import openvino

    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
        whole = Path(scratch) / "model"
        whole.mkdir()
        openvino.save_model(model, whole / "model.xml", compress_to_fp16=False)
        if not kept.exists():  # another process may have been quicker
            shutil.move(whole, kept)


def _convert(folder: ModelFolder) -> Any:
    import openvino
    import torch

    transformer = load_sentence_transformer(folder)[0].auto_model.to("cpu").eval()

    class MeanPooled(torch.nn.Module):
        """Token vectors to one unit vector per text, padding left out."""

        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            found = self.transformer(input_ids=input_ids, attention_mask=attention_mask)
            mask = attention_mask.unsqueeze(-1).float()
            mean = (found.last_hidden_state * mask).sum(1) / mask.sum(1)
            return torch.nn.functional.normalize(mean, dim=1)

    # The example holds padding, or tracing would drop the mask.
    example = {
        "input_ids": torch.tensor([[5, 6, 7, 8], [5, 6, 0, 0]]),
        "attention_mask": torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]]),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # notes on tracing; a test compares both backends
        return openvino.convert_model(MeanPooled(), example_input=example)
