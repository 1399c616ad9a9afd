"""Checks exported graphs: what quantization cost, and whether a result depends on what else is computed beside it.

The app reads the second from the graphs' metadata: pictures may be read in batches where `scipix.batch_invariant` is 1 in
both graphs, and several tokens may be fed in one call (drafts of speculative decoding) where the decoder says
`scipix.rowwise` = 1. Both are checked on the computer that exports, for onnxruntime's CPU provider, on one and two threads.
The graph for rows of unequal lengths (joined.py) is written only where each row gets the bits that it gets alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from models.training.examples import Example
from models.training.quantize import Arrays, encode, no_past, open_graph
from scipix.inference.vocabulary import END

STEPS = 21  # tokens; odd lengths of the past take the ends of vectors too
CALLS = (2, 5, 7, STEPS)  # tokens in one call
BATCHES = 24  # of random lengths
ROWS, PAST, CELLS = 8, 120, 64  # at most: rows of such a batch, positions before, cells / 16


@dataclass(frozen=True, slots=True)
class Quality:
    """loss: mean negative log probability of the right token, the right ones before it given. exact: share of examples of
    which every token is the likeliest, which is what greedy decoding reads right."""

    loss: float
    exact: float


def check_quality(encoder: Path, decoder: Path, examples: Sequence[Example]) -> Quality:
    """How well a pair of graphs reads the examples."""
    sees, reads = open_graph(encoder), open_graph(decoder)
    losses, exact = [], []
    for example in examples:
        feeds = {"tokens": example.tokens, **no_past(reads, 1), **encode(sees, example.ink)}
        logits = reads.run(["logits"], feeds)[0][0].astype(np.float64)
        right = np.append(example.tokens[0, 1:], END)
        highest = logits.max(-1, keepdims=True)
        chances = logits - highest - np.log(np.exp(logits - highest).sum(-1, keepdims=True))
        losses.append(-chances[np.arange(len(right)), right].mean())
        exact.append(bool((logits.argmax(-1) == right).all()))
    return Quality(float(np.mean(losses)), float(np.mean(exact)))


def check_encoder(encoder: Path, inks: np.ndarray) -> bool:
    """Whether pictures of one size, float32 (B, 1, H, W), give the same bits together and alone."""
    alone = open_graph(encoder)
    parts = [encode(alone, ink[None]) for ink in inks]
    expected = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return all(_same(encode(open_graph(encoder, threads), inks), expected) for threads in (1, 2))


def check_decoder(decoder: Path, cross: Arrays, tokens: np.ndarray) -> tuple[bool, bool]:
    """cross: keys and values of B pictures; tokens: int64 (B, T), what to feed.

    Whether the rows of a batch give the bits that they give alone, and whether the tokens of a call do.
    """
    session = open_graph(decoder)
    rows = [{name: value[i : i + 1] for name, value in cross.items()} for i in range(len(tokens))]
    parts = [feed(session, tokens[i : i + 1], row) for i, row in enumerate(rows)]
    expected = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    batch = all(_same(feed(open_graph(decoder, threads), tokens, cross), expected) for threads in (1, 2))
    calls = all(_same(feed(session, tokens[:1], rows[0], count), parts[0]) for count in CALLS)
    return batch, calls


def check_joined(decoder: Path, joined: Path, seed: int = 5) -> bool:
    """Whether rows of random lengths get, together and padded, the bits that the decoder gives each of them alone, and cells
    that are padding exactly no attention."""
    rng = np.random.default_rng(seed)
    alone, together = open_graph(decoder), [open_graph(joined, threads) for threads in (1, 2)]
    most = int(alone.get_modelmeta().custom_metadata_map.get("scipix.max_tokens", PAST))
    return all(_padding_is_nothing(alone, together[batch % 2], rng, min(PAST, most - 5)) for batch in range(BATCHES))


def _padding_is_nothing(
    alone: onnxruntime.InferenceSession, together: onnxruntime.InferenceSession, rng: np.random.Generator, longest: int
) -> bool:
    rows, count = int(rng.integers(1, ROWS + 1)), int(rng.integers(1, 6))
    pasts, cells = rng.integers(0, longest + 1, rows), 16 * rng.integers(1, CELLS + 1, rows)
    room = int(pasts.max()) + count + int(rng.integers(0, 20))
    feeds: Arrays = {"tokens": rng.integers(3, _vocabulary(alone), (rows, count))}
    for item in alone.get_inputs()[1:]:
        length = room if item.name.startswith("past_") else int(cells.max())
        feeds[item.name] = rng.normal(0.0, 2.0, (rows, item.shape[1], length, item.shape[3])).astype(np.float32)
    names = [item.name for item in together.get_outputs()]
    padded = {**feeds, "past_length": pasts, "cross_length": cells}
    found = dict(zip(names, together.run(names, padded), strict=True))
    for row in range(rows):
        lengths = {"past": pasts[row], "cross": cells[row], "present": pasts[row] + count}
        one = {name: _cut(value[row : row + 1], lengths.get(name.split("_")[0])) for name, value in feeds.items()}
        got = {name: _cut(value[row : row + 1], lengths.get(name.split("_")[0])) for name, value in found.items()}
        if "attention" in got:
            got["attention"], padding = np.split(got["attention"], [cells[row]], -1)
            if padding.any():
                return False
        if not _same(got, dict(zip(names, alone.run(names, one), strict=True))):
            return False
    return True


def _cut(value: np.ndarray, length: int | None) -> np.ndarray:
    """(1, heads, P, width) up to a length; other arrays as they are."""
    return value if length is None else value[:, :, :length]


def _vocabulary(session: onnxruntime.InferenceSession) -> int:
    """How many tokens a decoder writes."""
    logits = next(item for item in session.get_outputs() if item.name == "logits")
    return int(logits.shape[2])


def feed(session: onnxruntime.InferenceSession, tokens: np.ndarray, cross: Arrays, count: int = 1) -> Arrays:
    """Feed the tokens, `count` in a call: what came out for all of them, and the last past."""
    names = [item.name for item in session.get_outputs()]
    past = no_past(session, len(tokens))
    told: dict[str, list[np.ndarray]] = {name: [] for name in names if not name.startswith("present_")}
    for start in range(0, tokens.shape[1], count):
        feeds = {"tokens": tokens[:, start : start + count], **past, **cross}
        out = dict(zip(names, session.run(names, feeds), strict=True))
        past = {name: out["present_" + name.removeprefix("past_")] for name in past}
        for name, values in told.items():
            values.append(out[name])
    return {name: np.concatenate(values, 1) for name, values in told.items()} | past


def together(examples: Sequence[Example], count: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Some pictures padded to one size, float32 (B, 1, H, W), and as many tokens of each, int64 (B, T)."""
    chosen = sorted(examples, key=lambda example: example.tokens.size)[-count:]
    height, width = (max(example.ink.shape[axis] for example in chosen) for axis in (2, 3))
    inks = np.zeros((len(chosen), 1, height, width), np.float32)
    tokens = np.ones((len(chosen), STEPS), np.int64)
    for index, example in enumerate(chosen):
        inks[index, 0, : example.ink.shape[2], : example.ink.shape[3]] = example.ink[0, 0]
        length = min(STEPS, example.tokens.size)
        tokens[index, :length] = example.tokens[0, :length]
    return inks, tokens


def _same(found: Arrays, expected: Arrays) -> bool:
    return all(np.array_equal(found[name], value) for name, value in expected.items())
