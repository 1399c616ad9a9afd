"""The decode engine: tokens out of an encoder-decoder model, one at a time, with a cache of keys and values.

One decoder graph does the first call (no past) and all steps. A draft - tokens that are likely to follow - is
checked in one call and kept as far as the model agrees, which gives what token-by-token decoding would give
(speculative decoding, Leviathan et al. 2023, arXiv:2211.17192); it makes alternative readings cheap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from scipix.inference.boxes import from_cells, from_offsets
from scipix.inference.cancel import Cancel
from scipix.inference.guards import Grammar, State, cut_loop, loop_period
from scipix.inference.vocabulary import END, PAD, START, DecoderFacts

Arrays = dict[str, np.ndarray]


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
    LENGTH = "length"  # no positions left; what was open has been closed
    LOOP = "loop"  # it repeated itself; the repeats are gone, what was open has been closed


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
    """max_tokens: at most so many, None for all that the model has. others: how many runners-up to keep at each step.
    guarded: whether the grammar and the check for loops apply."""

    max_tokens: int | None = None
    others: int = 4
    guarded: bool = True


@dataclass(slots=True)
class _Run:
    """Decoding in progress. feed: tokens that the model has not seen yet; the last of them gives the next token."""

    state: State
    past: Arrays
    feed: list[int]
    steps: list[Step]
    attention: list[np.ndarray]
    offsets: list[np.ndarray]  # stays empty when the decoder tells no boxes
    end: float = 0.0


class Decoder:
    """Greedy decoding over one decoder graph. grammar None: no guards at all."""

    def __init__(self, graph: RunsGraph, facts: DecoderFacts, grammar: Grammar | None = None) -> None:
        self.facts = facts
        self._graph = graph
        self.grammar = grammar
        self._pasts = [f"{kind}_{layer}" for layer in range(facts.layers) for kind in ("k", "v")]
        self.cells = frozenset(i for i, token in enumerate(facts.tokens) if token in ("&", "\\\\"))

    def decode(
        self,
        memory: Memory,
        options: DecodeOptions | None = None,
        cancel: Cancel | None = None,
    ) -> Decoded:
        """Read what the encoder saw; raises Cancelled or BackendUnavailable."""
        run = _Run(State(), empty_past(memory, self.facts.layers), [START], [], [], [])
        return self._finish(run, (), memory, options or DecodeOptions(), cancel)

    def branch(
        self,
        memory: Memory,
        decoded: Decoded,
        position: int,
        token: int,
        options: DecodeOptions | None = None,
        cancel: Cancel | None = None,
    ) -> Decoded:
        """Read again with `token` at `position` of an earlier result; token must be one of that step's `others`."""
        options = options or DecodeOptions()
        first = decoded.steps[position]
        probability = dict(first.others)[token]
        steps = [*decoded.steps[:position], Step(token, probability, ((first.token, first.probability),))]
        state = State()
        for step in steps:
            state = self.grammar.advance(state, step.token) if self.grammar else state
        # Fed so far: <s> and the tokens before the position.
        past = {name: np.ascontiguousarray(value[:, :, : position + 1]) for name, value in decoded.past.items()}
        upto = position + 1
        offsets = list(decoded.offsets[:upto])
        run = _Run(state, past, [token], steps, list(decoded.attention[:upto]), offsets)
        draft = decoded.tokens[position + 1 :]
        return self._finish(run, draft, memory, options, cancel)

    def follow(self, memory: Memory, tokens: Sequence[int], cancel: Cancel | None = None) -> Decoded:
        """What `decode` would tell of a reading that is known already, `</s>` after it; one call of the graph."""
        fed = np.array([[START, *tokens]], dtype=np.int64)
        out = self._graph.run({"tokens": fed, **empty_past(memory, self.facts.layers), **memory.cross}, cancel)
        rows, count = out["logits"][0], len(tokens)
        options = DecodeOptions(guarded=False)
        steps = [self._pick(row, State(), options, token) for row, token in zip(rows, (*tokens, END), strict=True)]
        past = {f"past_{name}": out[f"present_{name}"] for name in self._pasts}
        offsets = list(out["boxes"][0, :count]) if "boxes" in out else []
        attention = list(out["attention"][0, :count])
        run = _Run(State(), past, [], steps[:count], attention, offsets, steps[count].probability)
        return _result(run, Stop.END, memory)

    def feed(
        self, tokens: np.ndarray, past: Arrays, cross: Arrays, cancel: Cancel | None = None
    ) -> tuple[np.ndarray, Arrays]:
        """Feed int64 (B, T) tokens after `past`: logits float32 (B, T, V), and the past that includes them."""
        out = self._graph.run({"tokens": tokens, **past, **cross}, cancel)
        return out["logits"], {f"past_{name}": out[f"present_{name}"] for name in self._pasts}

    def logits(self, memory: Memory, tokens: Sequence[int], cancel: Cancel | None = None) -> np.ndarray:
        """Logits after each of the tokens, `<s>` included, fed at once with no cache: float32 (T, V)."""
        feeds = {"tokens": np.array([tokens], dtype=np.int64), **empty_past(memory, self.facts.layers), **memory.cross}
        return self._graph.run(feeds, cancel, ["logits"])["logits"][0]

    def _finish(
        self, run: _Run, draft: Sequence[int], memory: Memory, options: DecodeOptions, cancel: Cancel | None
    ) -> Decoded:
        limit = min(options.max_tokens or self.facts.max_tokens, self.facts.max_tokens)
        guarded = self.grammar if options.guarded else None
        stop = Stop.LENGTH
        while len(run.steps) < limit:
            draft = tuple(draft)[: max(0, limit - len(run.steps) - 1)]
            ended = self._advance(run, draft, memory, options, cancel)
            draft = ()
            if ended:
                stop = Stop.END
                break
            if guarded and (period := loop_period([step.token for step in run.steps], self.cells)):
                stop = Stop.LOOP
                self._cut(run, period)
                break
        if stop is not Stop.END and guarded:
            self._close(run, guarded, memory)
        return _result(run, stop, memory)

    def _advance(
        self, run: _Run, draft: tuple[int, ...], memory: Memory, options: DecodeOptions, cancel: Cancel | None
    ) -> bool:
        """One call of the graph: one more token, or more when the draft is right. True when `</s>` was chosen."""
        fed = [*run.feed, *draft]
        feeds = {"tokens": np.array([fed], dtype=np.int64), **run.past, **memory.cross}
        out = self._graph.run(feeds, cancel)
        before = run.past["past_k_0"].shape[2]
        rows = out["logits"][0, len(run.feed) - 1 :]
        looks = out["attention"][0, len(run.feed) - 1 :]
        seen = before + len(run.feed)
        ended = False
        for index, (row, look) in enumerate(zip(rows, looks, strict=True)):
            step = self._pick(row, run.state, options)
            if step.token == END:
                run.end, ended = step.probability, True
                break
            run.steps.append(step)
            run.attention.append(look)
            if "boxes" in out:
                run.offsets.append(out["boxes"][0, len(fed) - len(rows) + index])
            run.feed = [step.token]
            if self.grammar:
                run.state = self.grammar.advance(run.state, step.token)
            if index >= len(draft) or draft[index] != step.token:
                break
            seen += 1
        run.past = {f"past_{name}": _first(out[f"present_{name}"], seen) for name in self._pasts}
        return ended

    def _pick(self, logits: np.ndarray, state: State, options: DecodeOptions, given: int | None = None) -> Step:
        """The best allowed token, or the given one. logits: float32 (V,)."""
        scaled = logits.astype(np.float64) / self.facts.temperature
        probabilities = np.exp(scaled - scaled.max())
        probabilities /= probabilities.sum()
        forced = None
        if options.guarded and self.grammar:
            allowed = self.grammar.allowed(state)
            if not state.complete and not state.delimiter and not state.frames[-1].owed and logits.argmax() == END:
                forced = (self.grammar.closing(state) or [None])[0]  # it wants to end: help it to
            scaled = np.where(allowed, scaled, -np.inf)
        else:
            scaled[[PAD, START]] = -np.inf
        chosen = given if forced is None else forced
        token = int(scaled.argmax()) if chosen is None else chosen
        others = ()
        if options.others:
            best = np.argsort(-scaled, kind="stable")[: options.others + 2]
            likely = [int(i) for i in best if i not in (token, END) and np.isfinite(scaled[i])]
            others = tuple((i, float(probabilities[i])) for i in likely[: options.others])
        return Step(token, float(probabilities[token]), others, forced is not None)

    def _cut(self, run: _Run, period: int) -> None:
        keep = cut_loop([step.token for step in run.steps], period)
        del run.steps[keep:], run.attention[keep:], run.offsets[keep:]
        run.state = State()
        for step in run.steps:
            run.state = self.grammar.advance(run.state, step.token) if self.grammar else run.state

    def _close(self, run: _Run, grammar: Grammar, memory: Memory) -> None:
        for token in grammar.closing(run.state):
            run.steps.append(Step(token, 0.0, (), forced=True))
            run.attention.append(np.zeros(memory.cells, dtype=np.float32))
            if run.offsets:
                run.offsets.append(np.full(4, np.nan, dtype=np.float32))


def _result(run: _Run, stop: Stop, memory: Memory) -> Decoded:
    count = len(run.steps)
    attention = np.array(run.attention, dtype=np.float32).reshape(count, memory.cells)
    offsets = np.array(run.offsets, dtype=np.float32).reshape(-1, 4)
    if len(offsets) == count:
        boxes = from_offsets(attention, offsets, memory.columns, memory.stride)
    elif memory.boxes is not None:
        boxes = from_cells(attention, memory.boxes)
    else:
        boxes = np.full((count, 4), np.nan, dtype=np.float32)
    return Decoded(tuple(run.steps), attention, run.end, stop, run.past, boxes, offsets)


def empty_past(memory: Memory, layers: int) -> Arrays:
    """Keys and values of nothing: float32 (1, heads, 0, head_dim) for each layer."""
    past = {}
    for layer in range(layers):
        for kind in ("k", "v"):
            batch, heads, _, width = memory.cross[f"cross_{kind}_{layer}"].shape
            past[f"past_{kind}_{layer}"] = np.zeros((batch, heads, 0, width), dtype=np.float32)
    return past


def _first(present: np.ndarray, length: int) -> np.ndarray:
    return present if present.shape[2] == length else np.ascontiguousarray(present[:, :, :length])
