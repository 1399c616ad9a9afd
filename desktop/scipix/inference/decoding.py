"""The decode engine: tokens out of an encoder-decoder model, one at a time, with a cache of keys and values.

One decoder graph does the first call (no past) and all steps. A draft - tokens that are likely to follow - is
checked in one call and kept as far as the model agrees, which gives what token-by-token decoding would give
(speculative decoding, Leviathan et al. 2023, arXiv:2211.17192); it makes alternative readings cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from scipix.inference.bounds import Trail, drawing
from scipix.inference.boxes import from_cells, from_offsets
from scipix.inference.cancel import Cancel
from scipix.inference.drafting import Drafter, Expected
from scipix.inference.guards import Grammar, State, cut_loop, loop_period
from scipix.inference.steps import Arrays, Decoded, DecodeOptions, Memory, RunsGraph, Step, Steps, Stop, empty_past
from scipix.inference.vocabulary import END, PAD, START, DecoderFacts

T = TypeVar("T")


@dataclass(slots=True)
class _Run:
    """Decoding in progress. feed: tokens that the model has not seen yet; the last of them gives the next token."""

    state: State
    past: Arrays
    feed: list[int]
    steps: list[Step]
    tokens: list[int]
    attention: list[np.ndarray]
    offsets: list[np.ndarray]  # stays empty when the decoder tells no boxes
    trail: Trail
    end: float = 0.0
    chance: float = 1.0  # the product of all probabilities so far


class Decoder:
    """Greedy decoding over one decoder graph. grammar None: no guards at all. drafter None: no guesses ahead. drive: runs
    the graph for a reading from step to step, instead of this thread by itself (see lanes.py)."""

    def __init__(
        self,
        graph: RunsGraph,
        facts: DecoderFacts,
        grammar: Grammar | None = None,
        drafter: Drafter | None = None,
        drive: Callable[[Steps[Any]], Any] | None = None,
    ) -> None:
        self.facts = facts
        self._graph, self._drive = graph, drive
        self.grammar = grammar
        self.drafter = drafter
        self._draws = drawing(facts.tokens).tolist()
        self._pasts = [f"{kind}_{layer}" for layer in range(facts.layers) for kind in ("k", "v")]
        self.cells = frozenset(i for i, token in enumerate(facts.tokens) if token in ("&", "\\\\"))

    def decode(
        self,
        memory: Memory,
        options: DecodeOptions | None = None,
        cancel: Cancel | None = None,
    ) -> Decoded:
        """Read what the encoder saw; raises Cancelled or BackendUnavailable."""
        return self.drive(self.decoding(memory, options, cancel), cancel)

    def drive(self, steps: Steps[T], cancel: Cancel | None = None) -> T:
        """Run the graph for a reading from step to step; raises Cancelled or BackendUnavailable."""
        if self._drive is not None:
            return self._drive(steps)
        try:
            feeds = next(steps)
            while True:
                feeds = steps.send(self._graph.run(feeds, cancel))
        except StopIteration as done:
            return done.value

    def decoding(
        self, memory: Memory, options: DecodeOptions | None = None, cancel: Cancel | None = None
    ) -> Steps[Decoded]:
        """`decode`, for `drive`."""
        run = self._run(memory, empty_past(memory, self.facts.layers), [START])
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
        return self.drive(self.branching(memory, decoded, position, token, options, cancel), cancel)

    def branching(
        self,
        memory: Memory,
        decoded: Decoded,
        position: int,
        token: int,
        options: DecodeOptions | None = None,
        cancel: Cancel | None = None,
    ) -> Steps[Decoded]:
        """`branch`, for `drive`."""
        options = options or DecodeOptions()
        first = decoded.steps[position]
        chosen = Step(token, dict(first.others)[token], ((first.token, first.probability),))
        # Fed so far: <s> and the tokens before the position.
        past = {name: np.ascontiguousarray(value[:, :, : position + 1]) for name, value in decoded.past.items()}
        run = self._run(memory, past, [token])
        offsets = decoded.offsets if len(decoded.offsets) else [None] * (position + 1)
        for index, step in enumerate((*decoded.steps[:position], chosen)):
            self._take(run, step, decoded.attention[index], offsets[index])
        return self._finish(run, decoded.tokens[position + 1 :], memory, options, cancel)

    def follow(self, memory: Memory, tokens: Sequence[int], cancel: Cancel | None = None) -> Decoded:
        """What `decode` would tell of a reading that is known already, `</s>` after it; one call of the graph."""
        fed = np.array([[START, *tokens]], dtype=np.int64)
        out = self._graph.run({"tokens": fed, **empty_past(memory, self.facts.layers), **memory.cross}, cancel)
        rows, count = out["logits"][0], len(tokens)
        options = DecodeOptions(guarded=False)
        steps = [self._pick(row, State(), options, token) for row, token in zip(rows, (*tokens, END), strict=True)]
        past = {f"past_{name}": out[f"present_{name}"] for name in self._pasts}
        offsets = list(out["boxes"][0, :count]) if "boxes" in out else []
        run = self._run(memory, past, [])
        for index, step in enumerate(steps[:count]):
            self._take(run, step, _look(out, index, memory), offsets[index] if offsets else None)
        run.end = steps[count].probability
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

    def _run(self, memory: Memory, past: Arrays, feed: list[int]) -> _Run:
        return _Run(State(), past, feed, [], [], [], [], Trail(memory.cells))

    def _finish(
        self, run: _Run, draft: Sequence[int], memory: Memory, options: DecodeOptions, cancel: Cancel | None
    ) -> Steps[Decoded]:
        positions = self.facts.max_tokens - (self.facts.rowwise > 1)  # the last one is for a <pad>
        limit = min(options.max_tokens or positions, positions)
        guarded = self.grammar if options.guarded else None
        guesses = self.drafter.begin(memory) if self.drafter and options.drafted else None
        if options.expected and options.drafted and self.facts.rowwise:
            guesses = Expected(options.expected, guesses)
        stop, calls = Stop.LENGTH if len(run.steps) >= limit else None, 0
        while stop is None:
            left = limit - len(run.steps) - 1  # one token comes without a draft
            if guesses and not draft:
                draft = guesses.propose(run.tokens, min(options.drafted, left), cancel)
            stop = yield from self._advance(run, tuple(draft)[:left], memory, options)
            calls += 1
            if stop is None and (len(run.steps) >= limit or calls == options.max_calls):
                stop = Stop.LENGTH
            draft = ()
        if stop is not Stop.END and guarded:
            self._close(run, guarded, memory)
        return _result(run, stop, memory)

    def _advance(self, run: _Run, draft: tuple[int, ...], memory: Memory, options: DecodeOptions) -> Steps[Stop | None]:
        """One call of the graph: one more token, or more when the draft is right. Why it ends, if it does."""
        fed = [*run.feed, *draft]
        seen = run.past["past_k_0"].shape[2] + len(run.feed)
        fed += [PAD] * (self.facts.rowwise - len(fed))
        feeds = {"tokens": np.array([fed], dtype=np.int64), **run.past, **memory.cross}
        out = yield feeds
        first, stop = len(run.feed) - 1, None
        for index, row in enumerate(out["logits"][0, first:]):
            step = self._pick(row, run.state, options)
            if step.token == END:
                run.end, stop = step.probability, Stop.END
                break
            box = out["boxes"][0, first + index] if "boxes" in out else None
            self._take(run, step, _look(out, first + index, memory), box)
            run.feed = [step.token]
            # After each token, not each call: a draft must not change where it stops.
            stop = self._astray(run, options) if options.guarded and self.grammar else None
            if stop or index >= len(draft) or draft[index] != step.token:
                break
            seen += 1
        run.past = {f"past_{name}": _first(out[f"present_{name}"], seen) for name in self._pasts}
        return stop

    def _take(self, run: _Run, step: Step, look: np.ndarray, box: np.ndarray | None) -> None:
        """One more token, where it was looked for, and the box that the decoder tells."""
        if box is not None:
            run.offsets.append(box)
        if box is not None and self._draws[step.token] and not step.forced:
            run.trail.add(len(run.steps), look, step.probability)
        run.chance *= step.probability
        run.steps.append(step)
        run.tokens.append(step.token)
        run.attention.append(look)
        run.state = self.grammar.advance(run.state, step.token) if self.grammar else run.state

    def _astray(self, run: _Run, options: DecodeOptions) -> Stop | None:
        """Whether the last token showed that this leads nowhere; what must not be kept is cut off then."""
        if period := loop_period(run.tokens, self.cells):
            self._cut(run, cut_loop(run.tokens, period))
            return Stop.LOOP
        if run.trail.lost:
            self._cut(run, run.trail.start)
            return Stop.LOOP
        if run.chance < options.least:
            return Stop.UNLIKELY
        if options.max_drawn is not None and run.trail.count >= options.max_drawn:
            return Stop.LENGTH
        return None

    def _pick(self, logits: np.ndarray, state: State, options: DecodeOptions, given: int | None = None) -> Step:
        """The best allowed token, or the given one. logits: float32 (V,)."""
        scaled = logits.astype(np.float64) / self.facts.temperature
        if options.barred:
            scaled[list(options.barred)] = -np.inf
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
            best = _largest(scaled, options.others + 2)
            likely = [i for i in best if i not in (token, END) and np.isfinite(scaled[i])]
            others = tuple((i, float(probabilities[i])) for i in likely[: options.others])
        return Step(token, float(probabilities[token]), others, forced is not None)

    def _cut(self, run: _Run, keep: int) -> None:
        del run.steps[keep:], run.tokens[keep:], run.attention[keep:], run.offsets[keep:]
        run.state = State()
        for token in run.tokens:
            run.state = self.grammar.advance(run.state, token) if self.grammar else run.state

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


def _first(present: np.ndarray, length: int) -> np.ndarray:
    """Without a copy: what goes on together is fed as it is, see ragged.py."""
    return present if present.shape[2] == length else present[:, :, :length]


def _look(out: Arrays, index: int, memory: Memory) -> np.ndarray:
    """Where that token looked; nowhere when the decoder does not tell."""
    return out["attention"][0, index] if "attention" in out else np.zeros(memory.cells, dtype=np.float32)


def _largest(values: np.ndarray, count: int) -> list[int]:
    """Indices of the largest values, the largest first."""
    if count >= len(values):
        return np.argsort(-values, kind="stable").tolist()
    some = np.argpartition(-values, count)[:count]
    return some[np.argsort(-values[some], kind="stable")].tolist()
