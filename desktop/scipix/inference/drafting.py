"""Guesses the tokens that come next, so that the decoder can check several in one call.

A guess changes how fast a text is found, never which: the decoder keeps as much of it as it would have written itself
(speculative decoding, Leviathan et al. 2023, arXiv:2211.17192). Two kinds: what followed the same tokens before, in this
text (Saxena 2023, "prompt lookup") or in a corpus, which costs next to nothing but sees no picture; and a small decoder
that reads the keys and values that the encoder has made for the large one.
"""

from __future__ import annotations

import zipfile
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from scipix.errors import ModelCorrupt
from scipix.inference.cancel import Cancel
from scipix.inference.providers import CPU, DRAFT, Candidate, Choice
from scipix.inference.sessions import Graph
from scipix.inference.steps import Arrays, Memory, RunsGraph
from scipix.inference.store import Verified
from scipix.inference.vocabulary import END, START, DecoderFacts, decoder_facts

# A call with one token more takes a fifth more time (0.30, 0.36, 0.40, 0.43, 0.47 ms for one to five tokens), and saves a
# call when the token is right.
_LIKELY = 0.45  # all of a guess must be right with this probability
_REPEATED = 3  # tokens that must come again before what followed them is expected again
_REPEATS = 0.8  # how often that is right, about
_AHEAD = 12  # tokens of an earlier reading at once: nearly all of them are right
_RUN = 3  # tokens to find a place in an earlier reading by
_SHIFT = 12  # how far it may have moved
_BITS = 12  # of a token in a key: up to 4,096 tokens, five of them in 64 bits
_UNKNOWN = (1 << _BITS) - 1


class Draft(Protocol):
    """Guesses for one reading."""

    def propose(self, tokens: Sequence[int], count: int, cancel: Cancel | None = None) -> list[int]:
        """At most `count` tokens that are likely to follow `tokens` (without `<s>`); none where nothing is likely."""
        ...


class Drafter(Protocol):
    """Makes a Draft for each reading; used by any number of readings side by side."""

    def begin(self, memory: Memory) -> Draft: ...


class Ngrams:
    """What follows the last tokens most often: those of this text, where they come again, else those of a corpus.

    The file (.npz, written by models/training/draft.py): `tokens`, unicode (V,), the vocabulary in its own order; for
    each n from 1 `keys_n`, uint64, ascending, n tokens in 12 bits each, the last one lowest; `next_n`, uint16, the token
    that follows; `chance_n`, uint8, how often of 255 times. Tokens of other vocabularies are found by their names.
    """

    def __init__(self, model_id: str, path: Path, tokens: Sequence[str]) -> None:
        """tokens: the decoder's vocabulary. Raises ModelCorrupt."""
        try:
            with np.load(path, allow_pickle=False) as data:
                arrays = {name: data[name] for name in data.files}
            known = [str(token) for token in arrays["tokens"]]
            orders = sum(name.startswith("keys_") for name in arrays)
            if not orders:
                raise ValueError("no runs of tokens")
            columns = [[arrays[f"{kind}_{n}"] for kind in ("keys", "next", "chance")] for n in range(1, orders + 1)]
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as exc:
            raise ModelCorrupt(model_id, path, f"not a table of n-grams: {exc}") from exc
        ids = {token: index for index, token in enumerate(tokens)}
        places = {token: index for index, token in enumerate(known)}
        self._mine = [places.get(token, _UNKNOWN) for token in tokens]  # from the decoder's tokens to the file's
        self._theirs = np.array([ids.get(token, -1) for token in known], dtype=np.int64)
        self._orders = [self._order(*parts) for parts in columns]

    def _order(self, keys: np.ndarray, after: np.ndarray, chances: np.ndarray) -> tuple[array, list[int], list[float]]:
        following = self._theirs[after]
        use = (following >= 0) & (chances >= _LIKELY * 255)
        return array("Q", keys[use].astype(np.uint64).tobytes()), following[use].tolist(), (chances[use] / 255).tolist()

    def begin(self, memory: Memory) -> Draft:
        """The table itself: it knows nothing of the picture."""
        return self

    def propose(self, tokens: Sequence[int], count: int, cancel: Cancel | None = None) -> list[int]:
        """See Draft."""
        longest, found, chance = len(self._orders), [], 1.0
        last = ([START] * longest + list(tokens[-longest:]))[-longest:]
        again = following(tokens)
        while len(found) < count:
            token, share = (again[len(found)], _REPEATS) if len(found) < len(again) else self._next(last)
            chance *= share
            if chance < _LIKELY:
                break
            found.append(token)
            if token == END:
                break
            last = [*last[1:], token]
        return found

    def _next(self, last: list[int]) -> tuple[int, float]:
        """The likeliest token after these, by the longest run of them that the table knows, and its share."""
        mine = [self._mine[token] for token in last]
        for n in range(len(mine), 0, -1):
            key = 0
            for token in mine[-n:]:
                key = key << _BITS | token
            keys, after, chances = self._orders[n - 1]
            place = bisect_left(keys, key)
            if place < len(keys) and keys[place] == key:
                return after[place], chances[place]
        return END, 0.0


class Expected:
    """What an earlier reading of the same ink goes on with, found by the last tokens; where those are not in it, what another
    draft guesses (None: nothing)."""

    def __init__(self, earlier: Sequence[int], otherwise: Draft | None = None) -> None:
        self._earlier, self._otherwise = list(earlier), otherwise

    def propose(self, tokens: Sequence[int], count: int, cancel: Cancel | None = None) -> list[int]:
        """See Draft."""
        place = self._place(tokens)
        found = [] if place is None else [*self._earlier, END][place : place + max(count, min(_AHEAD, 3 * count))]
        if found or self._otherwise is None:
            return found
        return self._otherwise.propose(tokens, count, cancel)

    def _place(self, tokens: Sequence[int]) -> int | None:
        """Behind the longest run of the last tokens that is in it, the one nearest to where it would be."""
        here = len(tokens)
        for size in range(min(_RUN, here), 0, -1):
            last = list(tokens[-size:])
            ends = range(size, len(self._earlier) + 1)
            places = [end for end in ends if self._earlier[end - size : end] == last and abs(end - here) <= _SHIFT]
            if places:
                return min(places, key=lambda end: abs(end - here))
        return None if tokens else 0


def following(tokens: Sequence[int], most: int = 8) -> Sequence[int]:
    """What followed when the last tokens stood there before: after the longest such run, the latest of several."""
    length = len(tokens)
    best, place = _REPEATED - 1, length
    for end in range(length - 1, _REPEATED - 1, -1):
        same = 0
        while same < most and same < end and tokens[end - 1 - same] == tokens[length - 1 - same]:
            same += 1
        if same > best:
            best, place = same, end
    return tokens[place : place + most]


class SmallDecoder:
    """A decoder with fewer layers that writes the same tokens and sees what the large one sees.

    Its graph has the inputs and outputs of any decoder here, past and present for its own layers, and those `cross_k_i`
    and `cross_v_i` of the large one that it names.
    """

    def __init__(self, graph: RunsGraph, inputs: Sequence[str], facts: DecoderFacts) -> None:
        self._graph, self.facts = graph, facts
        self._crosses = [name for name in inputs if name.startswith("cross_")]

    def begin(self, memory: Memory) -> Draft:
        """A reading with a cache of its own."""
        cross = {name: memory.cross[name] for name in self._crosses}
        _, heads, _, width = next(iter(cross.values())).shape
        names = [f"{kind}_{layer}" for layer in range(self.facts.layers) for kind in ("k", "v")]
        past = {name: np.zeros((1, heads, 0, width), dtype=np.float32) for name in names}
        return _SmallDraft(self._graph, self.facts, cross, past)


class _SmallDraft:
    def __init__(self, graph: RunsGraph, facts: DecoderFacts, cross: Arrays, past: Arrays) -> None:
        self._graph, self._facts, self._cross, self._past = graph, facts, cross, past
        self._outputs = ["logits", *(f"present_{name}" for name in past)]
        self._fed: list[int] = []

    def propose(self, tokens: Sequence[int], count: int, cancel: Cancel | None = None) -> list[int]:
        """See Draft. What it has read already is kept as far as the decoder agreed."""
        text, found, chance = [START, *tokens], [], 1.0
        self._keep(text)
        count = min(count, self._facts.max_tokens - len(text) + 1)
        while len(found) < count:
            logits = self._feed((text + found)[len(self._fed) :], cancel)
            token = int(logits.argmax())
            chance *= float(1.0 / np.exp((logits - logits[token]) / self._facts.temperature).sum())
            if chance < _LIKELY:
                break
            found.append(token)
            if token == END:
                break
        return found

    def _keep(self, text: list[int]) -> None:
        """Forget what was fed and is not in the text; its last token is to be fed in any case."""
        same = next(
            (i for i, pair in enumerate(zip(self._fed, text, strict=False)) if pair[0] != pair[1]), len(self._fed)
        )
        same = min(same, len(text) - 1)
        if same < len(self._fed):
            del self._fed[same:]
            self._past = {name: np.ascontiguousarray(value[:, :, :same]) for name, value in self._past.items()}

    def _feed(self, tokens: list[int], cancel: Cancel | None) -> np.ndarray:
        past = {f"past_{name}": value for name, value in self._past.items()}
        feeds = {"tokens": np.array([tokens], dtype=np.int64), **past, **self._cross}
        out = self._graph.run(feeds, cancel, self._outputs)
        self._past = {name: out[f"present_{name}"] for name in self._past}
        self._fed += tokens
        return out["logits"][0, -1]


def open_drafter(verified: Verified, facts: DecoderFacts, provider: str) -> Drafter | None:
    """The model's own (a file of the role `draft`: .npz or .onnx), None where there is none or nothing to gain.

    facts: of the decoder. provider: where that runs; what a device holds is not fetched for a small decoder. A decoder
    that gives other results for several tokens at once gets no guesses. Raises ModelCorrupt.
    """
    if DRAFT not in verified.files or not facts.rowwise:
        return None
    path, model_id = verified.path(DRAFT), verified.model.id
    if path.suffix == ".npz":
        return Ngrams(model_id, path, facts.tokens)
    if provider != CPU:
        return None
    graph = Graph(model_id, path, Choice((Candidate(CPU),), 1, "small"))
    small = decoder_facts(model_id, path, graph.metadata)
    if small.tokens != facts.tokens:
        raise ModelCorrupt(model_id, path, "it writes other tokens than the decoder")
    return SmallDecoder(graph, graph.inputs, small)
