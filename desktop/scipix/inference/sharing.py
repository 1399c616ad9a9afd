"""One model for many threads: each takes a seat, from which it runs the model's graphs when its turn comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from scipix.inference.agenda import DEVICE, PROCESSOR
from scipix.inference.batching import Arrays, Combiner, Limits, Request
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoder, Memory
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.providers import CPU
from scipix.inference.scheduler import Scheduler, Turn
from scipix.inference.sessions import Graph

_MOST_SLOTS = 8  # Python itself runs in one thread at a time; more cores would wait for it
# Bytes that a run takes for each byte fed: convolutions hold many channels, a step of the decoder copies its past.
_ENCODER = Limits(weight=64)
_DECODER = Limits(weight=4)


class Sharing:
    """What the threads that share a model have in common. Made and dropped by the thread that made the model."""

    def __init__(
        self, model: EncoderDecoder, cores: int, encoder: Limits = _ENCODER, decoder: Limits = _DECODER
    ) -> None:
        """cores: steps that may run on the processor at a time; a device takes one at a time."""
        self.model = model
        self.cores = max(1, min(cores, _MOST_SLOTS))
        self.scheduler = Scheduler({PROCESSOR: self.cores, DEVICE: 1})
        encoder_graph, decoder_graph = model.graphs
        self.encoder, self.decoder = Combiner(encoder_graph, encoder), Combiner(decoder_graph, decoder)

    @property
    def window(self) -> int:
        """How many pictures to carry on at a time: enough that no slot is idle and that batches fill."""
        sizer = self.decoder.sizer
        return max(self.cores + 2, 2 * sizer.size if sizer.enabled else 0)

    def seat(self, turn: Turn) -> Seat:
        """For the thread of that turn."""
        return Seat(self, turn)

    def clear(self) -> None:
        """Let go of what is kept between steps."""
        self.encoder.clear()
        self.decoder.clear()


class Seat:
    """The model as one thread sees it; see `EncoderDecoder` for what is not said here."""

    def __init__(self, sharing: Sharing, turn: Turn) -> None:
        self._model, self._turn, self._encoder = sharing.model, turn, sharing.encoder
        self.id, self.threshold = self._model.id, self._model.threshold
        graph = InTurn(turn, "decode", self._model.graphs[1], sharing.decoder)
        whole = self._model.decoder
        self.decoder = Decoder(graph, whole.facts, whole.grammar, whole.drafter)

    @property
    def provider(self) -> str:
        return self._model.provider

    def encode(self, ink: np.ndarray, cancel: Cancel | None = None) -> Memory:
        """As `EncoderDecoder.encode`, when its turn comes."""
        if self._model.fixed_shapes:  # may have to load a graph for a new shape: one thread at a time
            return self._turn.run("encode", lambda: self._model.encode(ink, cancel), DEVICE)
        return self._model.encode(ink, cancel, self._run)

    def leave_devices(self, reason: str) -> None:
        """As `EncoderDecoder.leave_devices`, when no device is busy."""
        self._turn.run("encode", lambda: self._model.leave_devices(reason), DEVICE)

    def _run(self, graph: Graph, feeds: Mapping[str, np.ndarray], cancel: Cancel | None) -> Arrays:
        return InTurn(self._turn, "encode", graph, self._encoder).run(feeds, cancel)


class InTurn:
    """A graph that runs when its turn comes, alone or with what others feed to the same graph."""

    def __init__(self, turn: Turn, stage: str, graph: Graph, combiner: Combiner) -> None:
        self._turn, self._stage, self._graph, self._combiner = turn, stage, graph, combiner

    def run(
        self, feeds: Mapping[str, np.ndarray], cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> Arrays:
        """As `Graph.run`."""
        place = PROCESSOR if self._graph.provider == CPU else DEVICE
        if not self._combiner.sizer.enabled:
            return self._turn.run(self._stage, lambda: self._graph.run(feeds, cancel, outputs), place)
        request = Request(feeds, cancel or self._turn.cancel, None if outputs is None else tuple(outputs))
        return self._turn.join(self._stage, self._combiner, request.key(), request.size, request, place)
