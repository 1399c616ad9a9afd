"""What goes into decoding and what comes out of it: plain data, shared by greedy, beam and drafted decoding."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

import numpy as np

from scipix.inference.cancel import Cancel

Arrays = dict[str, np.ndarray]
T = TypeVar("T")
Steps = Generator[Arrays, Arrays, T]  # gives what the graph is to be fed, is sent what came out, returns T


class RunsGraph(Protocol):
    """What the engine needs of `scipix.inference.sessions.Graph`."""

    def run(
        self, feeds: Mapping[str, np.ndarray], cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> Arrays: ...


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What the encoder saw in cells of stride x stride pixels, `columns` in a row.

    cross: cross_k_i and cross_v_i, float32 (1, heads, S, head_dim). boxes: float32 (S, 4), the (left, top, right,
    bottom) of the glyph that each cell sees, in pixels of the network's input; None when the encoder does not tell.
    """

    cross: Arrays
    columns: int
    stride: int
    boxes: np.ndarray | None = None

    @property
    def cells(self) -> int:
        return self.cross["cross_k_0"].shape[2]


class Stop(StrEnum):
    """Why decoding ended."""

    END = "end"  # the model said so
    LENGTH = "length"  # no positions left, or more than the picture can hold; what was open has been closed
    UNLIKELY = "unlikely"  # less probable than what was asked for; what was open has been closed
    LOOP = "loop"  # it went round in circles, or only guessed; that is cut off, and what was open has been closed


@dataclass(frozen=True, slots=True)
class Step:
    """One token. probability: calibrated, before any guard. others: (token, probability) of the runners-up that the
    guards allow, best first. forced: the guards wrote it, not the model."""

    token: int
    probability: float
    others: tuple[tuple[int, float], ...] = ()
    forced: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """steps: without `<s>` and `</s>`. attention: float32 (n, S), where the decoder looked when it chose each token
    (zeros for forced ones). end: probability of `</s>` after them, 0 unless stop is END. past: keys and values of
    all that was fed, to go on from. boxes: float32 (n, 4), where each token stands, in pixels of the network's input,
    NaN where that is not known. offsets: what the decoder itself said of the boxes, (n, 4) or (0, 4)."""

    steps: tuple[Step, ...]
    attention: np.ndarray
    end: float
    stop: Stop
    past: Arrays
    boxes: np.ndarray
    offsets: np.ndarray

    @property
    def tokens(self) -> tuple[int, ...]:
        return tuple(step.token for step in self.steps)


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """max_tokens: at most so many, None for all that the model has. max_drawn: at most so many that draw something, see
    bounds.py; None for any number. others: how many runners-up to keep at each step. guarded: whether the grammar and
    the checks for loops apply. drafted: how many tokens may be guessed ahead and checked in one call, where the decoder
    has a drafter; 0 for token by token. expected: what was read of the same ink before, to guess from; it changes how fast a
    reading is found, never which. barred: tokens that are not written. max_calls: of the graph, at most; None for any number.
    least: a reading that becomes less probable than this is given up, where guarded."""

    max_tokens: int | None = None
    others: int = 4
    guarded: bool = True
    max_drawn: int | None = None
    drafted: int = 4
    expected: tuple[int, ...] = ()
    barred: tuple[int, ...] = ()
    max_calls: int | None = None
    least: float = 0.0


def empty_past(memory: Memory, layers: int) -> Arrays:
    """Keys and values of nothing: float32 (1, heads, 0, head_dim) for each layer."""
    past = {}
    for layer in range(layers):
        for kind in ("k", "v"):
            batch, heads, _, width = memory.cross[f"cross_{kind}_{layer}"].shape
            past[f"past_{kind}_{layer}"] = np.zeros((batch, heads, 0, width), dtype=np.float32)
    return past
