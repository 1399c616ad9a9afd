"""Beam search: several readings are carried on side by side, and the likeliest whole one wins.

After Graves (2012, arXiv:1211.3711) with the bookkeeping that Hugging Face's transformers made common: 2 * width
candidates at each step, `</s>` counts only among the first `width` of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Arrays, Decoder, Memory, empty_past
from scipix.inference.guards import State, loop_period
from scipix.inference.vocabulary import END, PAD, START

_LOOK_FOR_LOOPS = 8  # tokens; each look costs as much as a tenth of a step


@dataclass(frozen=True, slots=True)
class BeamOptions:
    """width: how many readings at a time. length_penalty: 0 ranks by the probability of the whole reading, 1 by the
    mean over its tokens. max_tokens: None for all that the model has. guarded: whether the grammar
    and the check for loops apply."""

    width: int = 4
    length_penalty: float = 0.0
    max_tokens: int | None = None
    guarded: bool = True


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A reading on its way. score: sum of the calibrated log-probabilities, that of `</s>` included at the end."""

    tokens: tuple[int, ...]
    score: float
    state: State


def beam_search(
    decoder: Decoder, memory: Memory, options: BeamOptions, cancel: Cancel | None = None
) -> list[Hypothesis]:
    """Readings that ended by themselves, likeliest first, at most `width`; none when no reading ended.

    `Decoder.follow` gives the rest (attention, boxes) of any of them. Raises Cancelled or BackendUnavailable.
    """
    limit = min(options.max_tokens or decoder.facts.max_tokens, decoder.facts.max_tokens)
    live, done = [Hypothesis((), 0.0, State())], []
    past = empty_past(memory, decoder.facts.layers)
    for length in range(1, limit + 1):
        last = np.array([[item.tokens[-1] if item.tokens else START] for item in live], dtype=np.int64)
        logits, present = decoder.feed(last, past, _repeat(memory.cross, len(live)), cancel)
        found = _candidates(decoder, live, logits[:, -1], options)
        ended = [item for rank, (_, item) in enumerate(found) if item.tokens[-1] == END and rank < options.width]
        done += [Hypothesis(item.tokens[:-1], item.score, item.state) for item in ended]
        kept = [(parent, item) for parent, item in found if item.tokens[-1] != END][: options.width]
        if options.guarded and length % _LOOK_FOR_LOOPS == 0:
            kept = [(parent, item) for parent, item in kept if not loop_period(item.tokens, decoder.cells)]
        done = sorted(done, key=lambda item: -_rank(item, options))[: options.width]
        best = max((item.score for _, item in kept), default=-np.inf) / length**options.length_penalty
        if not kept or (len(done) == options.width and _rank(done[-1], options) >= best):
            break
        live = [item for _, item in kept]
        parents = [parent for parent, _ in kept]
        past = {name: np.ascontiguousarray(value[parents]) for name, value in present.items()}
    return done


def _candidates(
    decoder: Decoder, live: list[Hypothesis], logits: np.ndarray, options: BeamOptions
) -> list[tuple[int, Hypothesis]]:
    """The best 2 * width continuations: (index of the parent, with one token more). logits: float32 (B, V)."""
    scores = log_probabilities(logits, decoder.facts.temperature)
    scores[:, [PAD, START]] = -np.inf
    for row, item in enumerate(live):
        scores[row] += item.score
        if options.guarded and decoder.grammar:
            scores[row, ~decoder.grammar.allowed(item.state)] = -np.inf
    flat = scores.ravel()
    found = []
    for place in np.argsort(-flat, kind="stable")[: 2 * options.width]:
        if flat[place] == -np.inf:
            break
        parent, token = divmod(int(place), scores.shape[1])
        item = live[parent]
        state = decoder.grammar.advance(item.state, token) if decoder.grammar and token != END else item.state
        found.append((parent, Hypothesis((*item.tokens, token), float(flat[place]), state)))
    return found


def log_probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    """float64 of the same shape, over the last axis."""
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(-1, keepdims=True)
    return scaled - np.log(np.exp(scaled).sum(-1, keepdims=True))


def _rank(item: Hypothesis, options: BeamOptions) -> float:
    return item.score / (len(item.tokens) + 1) ** options.length_penalty


def _repeat(cross: Arrays, count: int) -> Arrays:
    return cross if count == 1 else {name: np.repeat(value, count, axis=0) for name, value in cross.items()}
