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
    and the check for loops apply. whole: only readings that ended by themselves; else those that were cut off at
    max_tokens compete with them, as in transformers."""

    width: int = 4
    length_penalty: float = 0.0
    max_tokens: int | None = None
    guarded: bool = True
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A reading on its way. score: sum of the calibrated log-probabilities, that of `</s>` included at the end."""

    tokens: tuple[int, ...]
    score: float
    state: State


def beam_search(
    decoder: Decoder, memory: Memory, options: BeamOptions, cancel: Cancel | None = None
) -> list[Hypothesis]:
    """Readings, likeliest first, at most `width`; none when no reading ended by itself (see `BeamOptions.whole`).

    `Decoder.follow` gives the rest (attention, boxes) of any of them. Raises Cancelled or BackendUnavailable.
    """
    limit = min(options.max_tokens or decoder.facts.max_tokens, decoder.facts.max_tokens)
    live: list[Hypothesis] = [Hypothesis((), 0.0, State())]
    done: list[tuple[float, Hypothesis]] = []  # by their scores, shared out over their lengths
    past = empty_past(memory, decoder.facts.layers)
    for length in range(1, limit + 1):
        last = np.array([[item.tokens[-1] if item.tokens else START] for item in live], dtype=np.int64)
        logits, present = decoder.feed(last, past, _repeat(memory.cross, len(live)), cancel)
        found = _candidates(decoder, live, logits[:, -1], options)
        share = length**options.length_penalty
        for _, item in found[: options.width]:
            if item.tokens[-1] == END:
                done.append((item.score / share, Hypothesis(item.tokens[:-1], item.score, item.state)))
            elif length == limit and not options.whole:
                done.append((item.score / share, item))
        kept = [(parent, item) for parent, item in found if item.tokens[-1] != END][: options.width]
        if options.guarded and length % _LOOK_FOR_LOOPS == 0:
            kept = [(parent, item) for parent, item in kept if not loop_period(item.tokens, decoder.cells)]
        done = sorted(done, key=lambda pair: -pair[0])[: options.width]
        best = max((item.score for _, item in kept), default=-np.inf) / share
        if not kept or (len(done) == options.width and done[-1][0] >= best):
            break
        live = [item for _, item in kept]
        parents = [parent for parent, _ in kept]
        past = {name: np.ascontiguousarray(value[parents]) for name, value in present.items()}
    return [item for _, item in done]


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


def _repeat(cross: Arrays, count: int) -> Arrays:
    return cross if count == 1 else {name: np.repeat(value, count, axis=0) for name, value in cross.items()}
