"""Our decode loop beside transformers' `generate`: the same weights, the same pictures, in turn, in one process.

transformers is not a part of Scipix: where it is not installed, the row says so. The model is in the shape of TrOCR with
random weights (torch_twin.py), as ours has a decoder that transformers does not know.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from scipix.errors import BackendUnavailable
from scipix.inference.bench_rows import BenchRow, absent_row, gain_row, rates_row, timed, times_row
from scipix.inference.decoding import DecodeOptions, Decoder, Memory
from scipix.inference.providers import CPU, Candidate, Choice
from scipix.inference.sessions import Graph
from scipix.inference.vocabulary import END

NEEDED = ("torch", "transformers", "onnx", "onnxscript")
TOKENS = 60
_PICTURES = 3
_TRIED = 20


def peer_rows(repeat: int, modules: Sequence[str] = NEEDED) -> list[BenchRow]:
    """modules: what has to be installed. Raises BackendUnavailable when the model says too little to compare."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        return [absent_row(f"transformers: left out, {', '.join(missing)} not installed here")]
    twin: Any = import_module("scipix.inference.torch_twin")  # by name: PyInstaller must not look for torch
    theirs = twin.Twin()
    with tempfile.TemporaryDirectory(prefix="scipix-bench-") as folder:
        memory, decoder = theirs.export(Path(folder))
        return compare(Ours(memory, decoder, twin.FACTS), theirs, repeat)


class Ours:
    """The exported graphs and our decode loop. Starts where transformers starts, at the states of the encoder."""

    def __init__(self, memory: Path, decoder: Path, facts: Any) -> None:
        choice = Choice((Candidate(CPU),), 1, "as the decoder of a model runs")
        self._memory = Graph("twin", memory, choice)
        self._decoder = Decoder(Graph("twin", decoder, choice), facts)

    def generate(self, states: np.ndarray, tokens: int) -> list[int]:
        """states: float32 (1, S, width). Without `<s>` and `</s>`."""
        cross = self._memory.run({"states": states})
        decoded = self._decoder.decode(Memory(cross, 1, 1), DecodeOptions(tokens, guarded=False))
        return list(decoded.tokens)


def compare(ours: Ours, theirs: Any, repeat: int) -> list[BenchRow]:
    """theirs: a `torch_twin.Twin`. Raises BackendUnavailable when it says too little to compare."""
    seen = _that_say_enough(theirs)
    pairs = [(states, states.numpy()) for states in seen]
    same = [ours.generate(array, TOKENS) == theirs.generate(states, TOKENS) for states, array in pairs]
    our_times, their_times = [], []
    for _ in range(repeat):
        for states, array in pairs:
            our_times.append(timed(lambda array=array: ours.generate(array, TOKENS)))
            their_times.append(timed(lambda states=states: theirs.generate(states, TOKENS)))
    version = import_module("transformers").__version__
    return [
        times_row(f"TrOCR-like, {TOKENS} tokens, our decode loop", our_times),
        times_row(f"TrOCR-like, {TOKENS} tokens, transformers {version}", their_times),
        gain_row("gain over transformers", our_times, their_times),
        rates_row("token for token the same as transformers", "%", [100.0 * equal for equal in same]),
    ]


def _that_say_enough(theirs: Any) -> list[Any]:
    """States of the first pictures that transformers reads as 60 tokens without a special one: ours would stop at
    `</s>`, and never writes the others."""
    found = []
    for picture in range(_TRIED):
        states = theirs.look(picture)
        tokens = theirs.generate(states, TOKENS)
        if len(tokens) == TOKENS and min(tokens) > END:
            found.append(states)
        if len(found) == _PICTURES:
            return found
    raise BackendUnavailable("the random model says too little to be compared with transformers")
