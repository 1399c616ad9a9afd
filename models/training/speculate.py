"""Measures what guessing ahead gains: the same pictures read token by token and with each draft, in one run, by turns.

    python -m models.training.speculate --models models --draft draft.npz --draft draft.onnx --set real=manifest.json

Sets and packs as in evaluate.py. Prints the time of decoding alone (the encoder's part is the same) for formulas of at least
--tokens tokens, the calls of the decoder for each token, and how many readings are the same token for token. Drafts may be
of either kind (scipix.inference.drafting). A decoder that quantizes whole tensors does not give the same: --anyway tries.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from models.training.evaluate import pack_set, read_set
from scipix.errors import ScipixError
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoder
from scipix.inference.drafting import Drafter, open_drafter
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.manifest import ModelFile
from scipix.inference.providers import CPU, DRAFT
from scipix.inference.steps import Arrays, Decoded, DecodeOptions, Memory
from scipix.inference.store import Store, Verified
from scipix.pipeline import Pipeline, PipelineOptions
from scipix.recognize.preprocess import prepare


@dataclass(slots=True)
class Way:
    """One way to decode, and what was measured of it."""

    name: str
    decoder: Decoder
    graph: Counted
    seconds: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)  # seconds of the processor, which others' work disturbs less
    calls: int = 0
    same: int = 0


class Counted:
    """A graph that counts its calls."""

    def __init__(self, graph) -> None:
        self.graph, self.calls = graph, 0

    def run(
        self, feeds: Mapping[str, np.ndarray], cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> Arrays:
        self.calls += 1
        return self.graph.run(feeds, cancel, outputs)


def drafter_of(path: Path, model: EncoderDecoder, verified: Verified) -> Drafter | None:
    """The drafter in a file that is not in the manifest yet."""
    file = ModelFile(DRAFT, path.name, 0, "")
    entry = replace(verified.model, files=(*verified.model.files, file))
    return open_drafter(Verified(entry, {**verified.files, DRAFT: path}), model.decoder.facts, CPU)


def timed(way: Way, memory: Memory, repeat: int) -> Decoded:
    """Decode some times; the shortest counts."""
    best, busy, found = float("inf"), float("inf"), None
    for _ in range(repeat):
        way.graph.calls = 0
        start, used = time.perf_counter(), time.thread_time()  # a decoder runs in one thread
        found = way.decoder.decode(memory, DecodeOptions())
        best, busy = min(best, time.perf_counter() - start), min(busy, time.thread_time() - used)
    assert found is not None
    way.seconds.append(best)
    way.busy.append(busy)
    way.calls += way.graph.calls
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--draft", type=Path, action="append", default=[])
    parser.add_argument("--set", action="append", default=[], help="NAME=manifest.json")
    parser.add_argument("--packs", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=100, help="formulas from each pack")
    parser.add_argument("--tokens", type=int, default=60, help="only readings at least as long")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--anyway", action="store_true", help="also where several tokens at once give other results")
    args = parser.parse_args()
    model = Pipeline(PipelineOptions(args.models)).math_model()
    verified = Store(args.models).open("math")
    if args.anyway:
        model.decoder.facts = replace(model.decoder.facts, rowwise=2)
    drafters = {path.name: drafter_of(path, model, verified) for path in args.draft}
    ways = []
    for name, drafter in {"token by token": None, **drafters}.items():
        graph = Counted(model.graphs[1])
        ways.append(Way(name, Decoder(graph, model.decoder.facts, model.decoder.grammar, drafter), graph))
    samples = [sample for item in args.set for sample in read_set(Path(item.split("=", 1)[1]))]
    samples += [sample for path in args.packs for sample in pack_set(path, model.decoder.facts.tokens, args.count)]
    tokens = 0
    for sample in samples:
        try:
            memory = model.encode(prepare(sample.image).ink)
        except ScipixError:
            continue
        if len(model.decoder.decode(memory).tokens) < args.tokens:
            continue
        found = [timed(way, memory, args.repeat) for way in ways]
        tokens += len(found[0].tokens)
        for way, decoded in zip(ways, found, strict=True):
            way.same += decoded.tokens == found[0].tokens and decoded.stop is found[0].stop
    report(ways, tokens)


def report(ways: list[Way], tokens: int) -> None:
    """Print the table."""
    plain, busy = sum(ways[0].seconds), sum(ways[0].busy)
    print(f"{len(ways[0].seconds)} readings, {tokens} tokens\n"
          "| way | ms a token | calls a token | speed-up | by processor time | same |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    for way in ways:
        spent, count = sum(way.seconds), max(tokens, 1)
        gains = f"{plain / max(spent, 1e-9):.2f} | {busy / max(sum(way.busy), 1e-9):.2f}"
        each = f"{1000 * spent / count:.3f} | {way.calls / count:.2f}"
        print(f"| {way.name} | {each} | {gains} | {way.same} of {len(way.seconds)} |")


if __name__ == "__main__":
    main()
