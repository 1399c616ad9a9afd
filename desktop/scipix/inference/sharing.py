"""One model for many threads: each takes a seat, from which it runs the model's graphs when its turn comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from scipix.inference.agenda import DEVICE, PROCESSOR
from scipix.inference.batching import Arrays, Combiner, Limits, Request
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoder, Memory
from scipix.inference.drafting import Draft, Drafter
from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.lanes import Lanes
from scipix.inference.providers import CPU
from scipix.inference.ragged import MOST_ON_A_DEVICE, Ragged
from scipix.inference.scheduler import Scheduler, Turn
from scipix.inference.sessions import Graph

_MOST_SLOTS = 8  # Python itself runs in one thread at a time; more cores would wait for it
# Bytes that a run takes for each byte fed: convolutions hold many channels, a step of the decoder copies its past.
_ENCODER = Limits(weight=64)
_DECODER = Limits(weight=4)
_ROWS = 6  # of readings of unequal lengths, on a processor: more gain nothing, and each keeps its picture in memory


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
        self.encoder, self.joins = Combiner(encoder_graph, encoder), _ragged(model)
        if self.joins is not None and decoder_graph.provider == CPU:
            decoder = replace(decoder, rows=min(decoder.rows, _ROWS))
        self.decoder = Combiner(decoder_graph, decoder, joins=self.joins)
        # Where lengths may differ, readings go on in step; else each by itself, for few steps can run as one.
        self.lanes = None if self.joins is None else Lanes(self.decoder, self.cores, lambda: place_of(decoder_graph))

    @property
    def window(self) -> int:
        """How many pictures to carry on at a time: enough that no slot is idle and that batches fill."""
        return max(self.cores + 2, 2 * self.decoder.size)

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
        drafter, joins, lanes = whole.drafter, sharing.joins, sharing.lanes
        if drafter is not None and joins is not None:
            drafter = Sparing(drafter, sharing.decoder, joins)
        drive = None if lanes is None else partial(lanes.run, turn=turn)
        self.decoder = Decoder(graph, whole.facts, whole.grammar, drafter, drive)

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


class Sparing:
    """Guesses ahead only where steps of one token do not gain from running as one. Among three others such a step costs
    half of what it costs alone, one of five tokens four fifths, and guesses of unequal lengths keep steps apart."""

    def __init__(self, drafter: Drafter, combiner: Combiner, joins: Ragged) -> None:
        self._drafter, self._combiner, self._joins = drafter, combiner, joins

    def begin(self, memory: Memory) -> Draft:
        """See Drafter."""
        key = self._joins.joined(memory.cells)
        together = key is not None and self._combiner.sizer(key).gains
        return Silent() if together else self._drafter.begin(memory)


class Silent:
    """No guesses."""

    def propose(self, tokens: Sequence[int], count: int, cancel: Cancel | None = None) -> list[int]:
        """See Draft."""
        return []


class InTurn:
    """A graph that runs when its turn comes, alone or with what others feed to the same graph."""

    def __init__(self, turn: Turn, stage: str, graph: Graph, combiner: Combiner) -> None:
        self._turn, self._stage, self._graph, self._combiner = turn, stage, graph, combiner

    def run(
        self, feeds: Mapping[str, np.ndarray], cancel: Cancel | None = None, outputs: Sequence[str] | None = None
    ) -> Arrays:
        """As `Graph.run`."""
        place = place_of(self._graph)
        request = Request(feeds, cancel or self._turn.cancel, None if outputs is None else tuple(outputs))
        key = self._combiner.key(request)
        if not self._combiner.sizer(key).enabled:
            return self._turn.run(self._stage, lambda: self._graph.run(feeds, cancel, outputs), place)
        return self._turn.join(self._stage, self._combiner, key, request.size, request, place)


def place_of(graph: Graph) -> str:
    """Where its steps run."""
    return PROCESSOR if graph.provider == CPU else DEVICE


def _ragged(model: EncoderDecoder) -> Ragged | None:
    masked = model.joined()
    if masked is None:
        return None
    return Ragged(masked) if masked.provider == CPU else Ragged(masked, MOST_ON_A_DEVICE)
