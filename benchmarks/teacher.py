"""A teacher of technologies: the packaged embedder, tuned to label tokens.

It reads whole sentences and so knows more than the features of `nlp.tokenfeatures` say, but it
is far too slow for every document. It labels unlabelled texts instead, which the labeller that
ships learns from besides the labelled ones (knowledge distillation, Hinton, Vinyals & Dean 2015).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.crf import LABELS, Array
from config.loader import load_configuration
from nlp.modelfolder import model_folder

EPOCHS = 5
BATCH = 8
ALIKE = 64  # texts of a round that are sorted by length, so that batches hold little padding
BODY_RATE, HEAD_RATE = 1e-4, 1e-3
WARM = 0.1  # share of the steps in which the rate rises
LONGEST = 512  # pieces of words read of a text
IGNORED = -100  # label of padding
SEED = 1


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with the offsets of its tokens."""

    text: str
    tokens: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text in pieces of words, and the first and last piece of each token."""

    ids: Sequence[int]
    first: Sequence[int]
    last: Sequence[int]


class Teacher:
    """The network and its tokeniser; `learn` before `says`."""

    def __init__(self) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        torch.manual_seed(SEED)
        model = load_configuration().settings.embedding.model
        path = model_folder(model, max_tokens=LONGEST).path
        self.pieces_of = AutoTokenizer.from_pretrained(path)
        self.body: Any = AutoModel.from_pretrained(path, add_pooling_layer=False)
        self.drop = torch.nn.Dropout(0.1)
        self.head = torch.nn.Linear(2 * self.body.config.hidden_size, LABELS)

    def learn(self, texts: Sequence[Marked], labels: Sequence[Sequence[int]]) -> None:
        """Tune body and head to *labels*, one for each token of each text."""
        import torch

        cut = [self._cut(one) for one in texts]
        steps = EPOCHS * -(-len(cut) // BATCH)
        parameters = [*self.body.parameters(), *self.head.parameters()]
        optimiser = torch.optim.AdamW(
            [
                {"params": list(self.body.parameters()), "lr": BODY_RATE},
                {"params": list(self.head.parameters()), "lr": HEAD_RATE},
            ],
            weight_decay=0.01,
        )
        rate = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: min(1.0, step / (WARM * steps)) * max(0.0, 1 - step / steps)
        )
        self.body.train()
        self.drop.train()
        dealt = random.Random(SEED)
        for _ in range(EPOCHS):
            for rows in _batches([len(one.ids) for one in cut], dealt):
                scores = self._scores([cut[row] for row in rows])
                right = _padded([labels[row] for row in rows], IGNORED)
                loss: Any = torch.nn.functional.cross_entropy(
                    scores.flatten(0, 1), torch.from_numpy(right).flatten(), ignore_index=IGNORED
                )
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(parameters, 1.0)
                optimiser.step()
                rate.step()

    def says(self, texts: Sequence[Marked]) -> list[Array]:
        """For each text the logs of the labels' probabilities, shape (tokens, 3)."""
        import torch

        cut = [self._cut(one) for one in texts]
        order = sorted(range(len(cut)), key=lambda row: len(cut[row].ids))
        found: list[Array] = [np.empty((0, LABELS))] * len(cut)
        self.body.eval()
        self.drop.eval()
        with torch.inference_mode():
            for start in range(0, len(order), 2 * BATCH):
                rows = order[start : start + 2 * BATCH]
                logs = self._scores([cut[row] for row in rows]).log_softmax(-1).numpy()
                for row, one in zip(rows, logs, strict=True):
                    found[row] = one[: len(cut[row].first)].astype(float)
        return found

    def _cut(self, one: Marked) -> Pieces:
        pieces = self.pieces_of(
            one.text, truncation=True, max_length=LONGEST, return_offsets_mapping=True
        )
        offsets = pieces["offset_mapping"]
        first, last, place = [], [], 1
        for start, end in one.tokens:
            while place < len(offsets) - 1 and offsets[place][1] <= start:
                place += 1
            stop = place
            while stop + 1 < len(offsets) - 1 and offsets[stop + 1][0] < end:
                stop += 1
            inside = place < len(offsets) - 1 and offsets[place][0] < end
            first.append(place if inside else 0)  # the piece that opens every text
            last.append(stop if inside else 0)
        return Pieces(pieces["input_ids"], first, last)

    def _scores(self, some: Sequence[Pieces]) -> Any:
        import torch

        ids = torch.from_numpy(_padded([one.ids for one in some], 0))
        mask = torch.from_numpy(_padded([[1] * len(one.ids) for one in some], 0))
        seen = self.body(input_ids=ids, attention_mask=mask).last_hidden_state
        row = torch.arange(len(some))[:, None]
        ends = [
            seen[row, torch.from_numpy(_padded(places, 0))]
            for places in ([one.first for one in some], [one.last for one in some])
        ]
        return self.head(self.drop(torch.cat(ends, dim=-1)))


def _batches(lengths: Sequence[int], dealt: random.Random) -> Iterator[list[int]]:
    """Every text once, in batches of about one length, the order dealt out anew."""
    rows = list(range(len(lengths)))
    dealt.shuffle(rows)
    for start in range(0, len(rows), ALIKE):
        alike = sorted(rows[start : start + ALIKE], key=lambda row: lengths[row])
        yield from (alike[first : first + BATCH] for first in range(0, len(alike), BATCH))


def _padded(rows: Sequence[Sequence[int]], filler: int) -> npt.NDArray[np.int64]:
    table = np.full((len(rows), max(map(len, rows))), filler, dtype=np.int64)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return table
