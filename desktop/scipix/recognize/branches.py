"""Other readings of a picture: what was written up to a doubtful token, another one in its place, and what then follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoded, DecodeOptions, Decoder, Memory, Stop
from scipix.inference.steps import Steps

_STEPS = 24.0  # that all other readings together may take
_LONGEST = 90  # tokens; a longer reading takes long enough by itself, one that is nearly as long leaves few steps
_CHECKED = 1 / 6  # of a step, for each token that is only checked
_UNLIKELY = 0.02  # other tokens, and other readings, below this share of the best one's probability are left out


def places(most: int) -> int:
    """How many doubtful tokens are tried for so many other readings: some lead to the same, or nowhere."""
    return 2 * most


def branches(
    decoder: Decoder,
    memory: Memory,
    first: Decoded,
    most: int,
    limits: DecodeOptions,
    cancel: Cancel | None,
    start: int = 0,
    tried: int | None = None,
) -> Steps[list[Decoded]]:
    """A greedy reading, and at most `most` others that take a runner-up where the model was least sure, from `start` on.

    Token by token the best choice may lead astray, so that one of the others may turn out to be likelier. All of
    them together may take about as many steps as the reading has tokens, no more than _STEPS, and none beyond
    _LONGEST tokens; where that did not end, there are none. tried: at most so many tokens, for that share of the
    steps; places(most) by default.
    """
    length = len(first.steps)
    tries = places(most) if tried is None else min(tried, places(most))
    if first.stop is not Stop.END or not tries:
        return [first]
    left = min(length + 16.0, min(_STEPS, _LONGEST - length) * tries / places(most))
    found = {first.tokens: first}
    for position, token in [place for place in doubtful(first) if place[0] >= start][:tries]:
        if len(found) > most or left <= 0:
            break
        limit = replace(limits, max_calls=max(1, int(left)))
        branch = yield from decoder.branching(memory, first, position, token, limit, cancel)
        new = 1 + len(branch.steps) - _alike(first.tokens, branch.tokens, position + 1)
        left -= new + _CHECKED * (length - position)
        if branch.stop is Stop.END:
            found.setdefault(branch.tokens, branch)
    return list(found.values())


def _alike(first: tuple[int, ...], other: tuple[int, ...], start: int) -> int:
    """Up to which position both are the same from `start` on: what a draft gave without a step for each token."""
    pairs = zip(first[start:], other[start:], strict=False)
    return start + next((i for i, (one, two) in enumerate(pairs) if one != two), min(len(first), len(other)) - start)


def likely(found: list[Decoded]) -> list[Decoded]:
    """Likeliest first, without those that are far less likely than the first."""
    ranked = sorted(found, key=confidence_of, reverse=True)
    least = _UNLIKELY * confidence_of(ranked[0])
    return [ranked[0], *(other for other in ranked[1:] if confidence_of(other) >= least)]


def confidence_of(decoded: Decoded) -> float:
    """The probability of all tokens and of the end; 0 for what did not end by itself."""
    if decoded.stop is not Stop.END:
        return 0.0
    chances = np.array([*(step.probability for step in decoded.steps), decoded.end])
    return float(chances.prod())


def doubtful(decoded: Decoded) -> list[tuple[int, int]]:
    """(position, other token) in order of what the other token would leave of the reading's probability."""
    ranked = []
    for position, step in enumerate(decoded.steps):
        for token, probability in step.others:
            share = probability / max(step.probability, 1e-9)
            if share >= _UNLIKELY and not step.forced:
                ranked.append((-share, position, token))
    return [(position, token) for _, position, token in sorted(ranked)]
