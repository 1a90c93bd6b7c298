"""Vectors: the right model, the same vector in any company, only what is missing."""

import json
import shutil
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
from sqlite_utils import Database

from config.errors import ModelError, StoreError
from config.models import EmbeddingSettings
from nlp import modelfolder, openvino_embed
from nlp.batches import STEP, Tokeniser
from nlp.embed import configured_name, load_embedder
from nlp.modelfolder import check_weights, model_folder, packaged_model_folder
from nlp.torch_embed import TorchEmbedder, clip
from pipelines import embed as stage
from pipelines.embed import Remembering
from pipelines.migrations import migrations
from pipelines.store import embeddings as store
from pipelines.store import empty_store

TEXTS = [
    "Solid-state battery cells from a dry coating line.",
    "",
    "Sensors in the vineyard tell growers when mildew is near. " * 30,
    "A foundry recovers copper from spent moulds.",
    "Timber façades store carbon and can be taken apart again.",
]

needs_openvino = pytest.mark.skipif(
    not openvino_embed.is_installed(), reason="the extra [fast] is not installed"
)


class BagOfWords:
    """An embedder without a model: texts that share words end up close together."""

    name = "bag-of-words-64"
    max_tokens = 256

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in text.lower().split():
                row[zlib.crc32(word.strip(".,").encode()) % 64] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@pytest.fixture(scope="module")
def torch_embedder():
    return load_embedder(EmbeddingSettings(backend="torch"))


@pytest.fixture
def db():
    db = Database(memory=True)
    migrations.apply(db)
    return db


@pytest.fixture
def configuration():
    settings = SimpleNamespace(embedding=EmbeddingSettings())
    return SimpleNamespace(settings=settings, technologies={})


def add(db, key, *, title="A title", text="Some text", **other):
    row = {
        "id": f"d:{key}", "source": "s", "kind": "news", "title": title, "text": text,
        "text_key": key, "language": "en", "published": "2026-01-05",
        "available": "2026-01-05", **other,
    }  # fmt: skip
    db.table("documents").insert(row)


# --- models --------------------------------------------------------------------


def test_vectors_have_unit_length_and_known_dimensions(torch_embedder):
    vectors = torch_embedder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows(torch_embedder):
    assert torch_embedder.encode([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_its_neighbours(torch_embedder):
    together = torch_embedder.encode(TEXTS * 9)
    alone = torch_embedder.encode(TEXTS[2:4])
    assert np.array_equal(together[2:4], alone)


def test_planned_batches_give_what_the_library_gives(torch_embedder):
    library = torch_embedder._model.encode(TEXTS, normalize_embeddings=True)
    assert (torch_embedder.encode(TEXTS) * library).sum(axis=1).min() > 0.99999


@needs_openvino
def test_openvino_agrees_with_torch(torch_embedder, tmp_path):
    fast = load_embedder(EmbeddingSettings(backend="openvino"), cache=tmp_path)
    vectors = fast.encode(TEXTS * 9)
    assert (vectors[: len(TEXTS)] * torch_embedder.encode(TEXTS)).sum(axis=1).min() >= 0.999
    assert fast.name == torch_embedder.name
    assert np.array_equal(fast.encode(TEXTS[2:4]), vectors[2:4])
    assert [path.name for path in tmp_path.glob("*/*.xml")] == ["model.xml"]
    again = load_embedder(EmbeddingSettings(backend="openvino"), cache=tmp_path)
    assert np.array_equal(again.encode(TEXTS), vectors[: len(TEXTS)])


@needs_openvino
def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path, torch_embedder, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    embedder = load_embedder(EmbeddingSettings(backend="openvino"), cache=blocked)
    assert "cannot be kept" in caplog.text
    assert (embedder.encode(TEXTS[:1]) @ torch_embedder.encode(TEXTS[:1]).T).item() >= 0.999


def test_openvino_asked_for_but_absent_says_what_to_install(monkeypatch):
    monkeypatch.setattr(openvino_embed, "is_installed", lambda: False)
    with pytest.raises(ModelError, match=r"trendscout\[fast\]"):
        load_embedder(EmbeddingSettings(backend="openvino"))


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path):
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"other weights")
    with pytest.raises(ModelError, match="SHA-256 is"):
        check_weights(weights, modelfolder.PACKAGED_SHA256)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(ModelError, match=r"model\.safetensors.*missing"):
        check_weights(tmp_path / "model.safetensors", modelfolder.PACKAGED_SHA256)


def test_a_model_that_is_not_on_this_machine_is_an_error():
    with pytest.raises(ModelError, match="neither a folder nor a model installed"):
        model_folder("no-such/model-anywhere", max_tokens=256)


def test_a_folder_without_weights_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="no model weights"):
        model_folder(str(tmp_path), max_tokens=256)


@pytest.fixture
def copied(tmp_path):
    folder = tmp_path / "Our-Model"
    shutil.copytree(packaged_model_folder(), folder)
    return folder


def test_a_model_can_be_given_by_path(copied, torch_embedder):
    settings = EmbeddingSettings(model=str(copied), backend="torch", max_tokens=64)
    embedder = load_embedder(settings)
    assert embedder.name.startswith("our-model-")
    assert embedder.name.endswith("-64")
    assert configured_name(settings) == embedder.name
    assert np.allclose(embedder.encode(TEXTS[:1]), torch_embedder.encode(TEXTS[:1]), atol=1e-5)


def test_other_pooling_runs_on_torch_and_has_another_name(copied, caplog):
    before = model_folder(str(copied), max_tokens=256)
    file = copied / "1_Pooling" / "config.json"
    pooling = json.loads(file.read_text(encoding="utf-8"))
    pooling |= {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
    file.write_text(json.dumps(pooling), encoding="utf-8")
    embedder = load_embedder(EmbeddingSettings(model=str(copied)))
    assert isinstance(embedder, TorchEmbedder)
    assert embedder.name != f"our-model-{before.key}-256"
    library = embedder._model.encode(TEXTS, normalize_embeddings=True)
    assert np.allclose(embedder.encode(TEXTS), library, atol=1e-5)


def test_the_models_own_limit_holds(torch_embedder):
    folder = model_folder("packaged", max_tokens=9999)
    assert folder.max_tokens == 256
    assert configured_name(EmbeddingSettings(max_tokens=9999)) == torch_embedder.name


def test_clipping_never_cuts_what_the_model_reads(torch_embedder):
    long = "industrial symbiosis between a brewery and a tannery " * 400
    assert np.array_equal(
        torch_embedder.encode([long]), torch_embedder.encode([clip(long, 256) + " tail"])
    )


def test_every_batch_has_one_shape_per_length():
    tokeniser = Tokeniser(packaged_model_folder() / "tokenizer.json", max_tokens=100)
    seen = []
    for members, tokens, mask in tokeniser.batches(TEXTS * 7, rows=4):
        assert tokens.shape == mask.shape
        assert tokens.shape[0] == 4
        assert tokens.shape[1] % STEP == 0 or tokens.shape[1] == 100
        assert mask.sum(axis=1).min() >= 1
        seen += members
    assert sorted(seen) == list(range(len(TEXTS) * 7))


# --- stage and store -----------------------------------------------------------


def run(db, configuration, week="2026-W10"):
    counts = Counter()
    stage.embed(db, configuration, counts, week=week, embedder=BagOfWords())
    return counts


def test_a_second_run_embeds_nothing(db, configuration):
    add(db, "k1")
    assert run(db, configuration)["embedded"] == 1
    assert run(db, configuration)["embedded"] == 0


def test_other_languages_and_duplicates_are_left_alone(db, configuration):
    add(db, "k1", language="de")
    add(db, "k2", duplicate_since="2026-01-05")
    add(db, "k3")
    add(db, "k4", duplicate_since="2026-02-05")  # stood for itself until then
    counts = run(db, configuration)
    assert counts == {"embedded": 2, "other_language": 1, "linked": 0}
    assert store.with_vectors(db, BagOfWords.name, ["k1", "k2", "k3", "k4"]) == {"k3", "k4"}


def test_what_was_not_yet_available_waits(db, configuration):
    add(db, "k1", available="2026-03-09")
    assert run(db, configuration, "2026-W10")["embedded"] == 0
    assert run(db, configuration, "2026-W11")["embedded"] == 1


def test_an_interrupted_run_goes_on_where_it_stopped(db, configuration, monkeypatch):
    monkeypatch.setattr(stage, "BATCH", 2)
    for number in range(5):
        add(db, f"k{number}", text=f"text number {number}")

    class Dying(BagOfWords):
        calls = 0

        def encode(self, texts):
            self.calls += 1
            if self.calls > 1:
                raise KeyboardInterrupt
            return super().encode(texts)

    with pytest.raises(KeyboardInterrupt):
        stage.embed(db, configuration, Counter(), week="2026-W10", embedder=Dying())
    assert db.table("embeddings").count == 2
    assert run(db, configuration)["embedded"] == 3


def test_one_text_in_two_documents_is_embedded_once(db, configuration):
    add(db, "k1")
    add(db, "k1", id="d:other")
    assert run(db, configuration)["embedded"] == 1


def test_vectors_come_back_in_the_order_asked_for(db):
    keys = ["b", "a", "c"]
    vectors = BagOfWords().encode(["cork", "steel and glass", "algae"])
    store.save_embeddings(db, "m", keys, vectors)
    found = store.vectors_of(db, "m", ["c", "b", "c"])
    assert found.dtype == np.float32
    assert np.allclose(found, vectors[[2, 0, 2]], atol=1e-3)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_no_keys_give_an_empty_array(db):
    assert store.vectors_of(db, "m", []).shape == (0, 0)


def test_a_missing_vector_is_named(db):
    with pytest.raises(StoreError, match=r"1 texts have no vector of m, such as a"):
        store.vectors_of(db, "m", ["a"])


def test_vectors_of_two_lengths_are_refused(db):
    store.save_embeddings(db, "m", ["a"], np.ones((1, 2), np.float32))
    store.save_embeddings(db, "m", ["b"], np.ones((1, 3), np.float32))
    with pytest.raises(StoreError, match="differ in length"):
        store.vectors_of(db, "m", ["a", "b"])


def test_a_title_without_text_stands_alone(db):
    add(db, "k1", title="Only a title of some length", text="")
    assert store.texts_of(db, ["k1"], characters=99) == {"k1": "Only a title of some length"}


def test_texts_are_cut_on_reading(db):
    add(db, "k1", title="Title", text="x" * 1000)
    assert store.texts_of(db, ["k1"], characters=20)["k1"] == "Title. " + "x" * 13


def test_the_day_is_inclusive(db):
    add(db, "k1", available=date(2026, 3, 8).isoformat())
    assert store.texts_to_embed(db, "m", ["en"], until="2026-03-08") == ["k1"]


class Counting:
    """An embedder that counts the texts it is asked for."""

    name = "counting"
    max_tokens = 8

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        return np.array([[len(text), 1.0 / 3] for text in texts], dtype=np.float32)


def test_texts_that_come_again_are_embedded_once():
    with empty_store() as db:
        embedder = Counting()
        first = Remembering(db, EmbeddingSettings(), embedder).encode(["wind", "sea", "wind"])
        again = Remembering(db, EmbeddingSettings(), embedder).encode(["sea", "hive"])
    assert embedder.asked == ["wind", "sea", "hive"]
    assert np.array_equal(first[1], again[0])
    assert np.array_equal(first[0], first[2])
    assert np.allclose(np.linalg.norm(first, axis=1), 1)
