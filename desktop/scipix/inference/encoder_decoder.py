"""A model of two graphs: a picture in, what the encoder saw, tokens out."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from scipix.errors import ModelCorrupt
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoder, Memory
from scipix.inference.devices import Machine
from scipix.inference.drafting import open_drafter
from scipix.inference.guards import Grammar
from scipix.inference.mapped import MakeSession, Mapped
from scipix.inference.placement import Placement
from scipix.inference.providers import DECODER, ENCODER, JOINED, LABELS, Choice
from scipix.inference.sessions import Graph
from scipix.inference.store import Verified
from scipix.inference.vocabulary import END, PAD, START, decoder_facts

_log = logging.getLogger(__name__)

_SMALLEST_SIDE = 64  # px; padded sizes are this times a power of two, so that few shapes have to be compiled
_MAX_SHAPES = 4
_MAX_PIXELS = 1 << 21  # a padded picture above this goes to the CPU


@dataclass(frozen=True, slots=True)
class GrammarTables:
    """What the guards must know of the notation. arguments: command -> count. optional: take one more in brackets."""

    arguments: Mapping[str, int] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()


class EncoderDecoder:
    """Both graphs of a model, loaded once. Used by one thread, the one that made it.

    id, fingerprint: of the model. provider: where the encoder runs (cpu, cuda, directml, coreml). notes: why something
    runs elsewhere than was wished. threshold: confidence below which a reading is not to be offered. stride: pixels of
    one cell.
    """

    def __init__(
        self,
        verified: Verified,
        machine: Machine,
        wanted: str = "auto",
        tables: GrammarTables | None = None,
        calibrations: Path | None = None,
        mapped: Path | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """calibrations: the file of what was measured here, see calibration.py; what fails is kept beside it. mapped: the
        folder of graphs that are mapped into memory, see mapped.py. tell: called with a sentence when a provider fails.
        Raises ModelCorrupt, UsageError (no such provider) or BackendUnavailable."""
        model, tables = verified.model, tables or GrammarTables()
        self.id, self.fingerprint = model.id, model.fingerprint
        self._placement = Placement(model, machine, wanted, calibrations, tell)
        encoder, decoder = self._placement.choice(ENCODER), self._placement.choice(DECODER)
        path = verified.path(ENCODER)
        self._choice, self._path = encoder, path
        # With free shapes, for the CPU; a provider that needs fixed ones gets a graph for each shape when it comes.
        free, files = encoder.flexible, _makers(verified, machine, mapped)
        self._free = self._graph(ENCODER, path, free, files[ENCODER])
        self._fixed: OrderedDict[tuple[int, int], Graph] = OrderedDict()
        self._decoder_graph = self._graph(DECODER, verified.path(DECODER), decoder, files[DECODER])
        facts = decoder_facts(model.id, verified.path(DECODER), self._decoder_graph.metadata)
        grammar = Grammar(facts.tokens, END, (PAD, START), tables.arguments, tables.optional)
        drafter = open_drafter(verified, facts, self._decoder_graph.provider)
        self.decoder = Decoder(self._decoder_graph, facts, grammar, drafter)
        self._verified, self._files = verified, files
        self._joined: Graph | None = None
        self.notes = (encoder.reason, decoder.reason)
        self._last = self._free
        self.stride = int(self._number("scipix.stride", 8))
        self.threshold = self._number("scipix.threshold", 0.0)

    @property
    def graphs(self) -> tuple[Graph, Graph]:
        """The encoder with free shapes, and the decoder."""
        return self._free, self._decoder_graph

    @property
    def fixed_shapes(self) -> bool:
        """Whether `encode` may load another graph for a shape that is new."""
        return any(item.fixed_shape for item in self._choice.candidates)

    @property
    def provider(self) -> str:
        """Where the encoder ran last, or will run."""
        return LABELS.get(self._last.provider, self._last.provider)

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """Providers that were tried in vain, and why."""
        return tuple(dict.fromkeys(reason for graph in self._all() for reason in graph.fallbacks))

    def encode(
        self,
        ink: np.ndarray,
        cancel: Cancel | None = None,
        run: Callable[[Graph, dict[str, np.ndarray], Cancel | None], dict[str, np.ndarray]] = Graph.run,
    ) -> Memory:
        """ink: float32 (H, W), 0 paper .. 1 ink; padded with paper on the right and below to multiples of 32. run: how to
        run the graph, for threads that share the model (see sharing.py).

        Raises Cancelled or BackendUnavailable.
        """
        height, width = (-(-side // 32) * 32 for side in ink.shape)
        graph = self._free
        if self.fixed_shapes and (shape := fixed_shape(height, width)):
            graph = self._graph_for(shape)
            height, width = shape if graph is not self._free else (height, width)
        padded = np.zeros((1, 1, height, width), dtype=np.float32)
        padded[0, 0, : ink.shape[0], : ink.shape[1]] = ink
        out = run(graph, {"ink": padded}, cancel)
        self._last = graph
        cross = {name: value for name, value in out.items() if name.startswith("cross_")}
        boxes = out["boxes"][0] if "boxes" in out else None
        return Memory(cross, width // self.stride, self.stride, boxes)

    def joined(self) -> Graph | None:
        """The decoder for rows of unequal lengths, see ragged.py; loaded when it is asked for first. None when the model
        has none that fits its decoder. Raises ModelCorrupt."""
        if self._joined is None and JOINED in self._verified.files:
            path, choice = self._verified.path(JOINED), self._placement.choice(DECODER)
            graph = Graph(self.id, path, choice, make_session=self._files[JOINED])
            same = graph.metadata.get("scipix.decoder") == self._verified.digest(DECODER)
            if not same or graph.provider != self._decoder_graph.provider:
                _log.info("%s does not fit %s on %s", path, self.id, self._decoder_graph.provider)
                return None
            self._joined = graph
        return self._joined

    def leave_devices(self, reason: str) -> None:
        """Let the CPU run everything from now on."""
        for graph in self._all():
            graph.leave(reason)

    def close(self) -> None:
        """Unload all graphs."""
        for graph in self._all():
            graph.close()
        self._fixed.clear()
        self.decoder.drafter = None

    def _all(self) -> list[Graph]:
        """Every graph that is loaded."""
        graphs = [self._free, *self._fixed.values(), self._decoder_graph]
        return graphs if self._joined is None else [*graphs, self._joined]

    def _graph(
        self,
        role: str,
        path: Path,
        choice: Choice,
        make: MakeSession | None,
        dimensions: Mapping[str, int] | None = None,
    ) -> Graph:
        def on_fault(provider: str, reason: str) -> None:
            if role == ENCODER:
                self._choice = self._choice.without([provider])
            self._placement.failed(role, provider, reason)

        guard, tolerance = self._placement.guard(role), self._placement.tolerance
        return Graph(self.id, path, choice, dimensions, make, on_fault, tolerance, guard)

    def _graph_for(self, shape: tuple[int, int]) -> Graph:
        """The graph of that fixed shape; the one with free shapes when no provider that needs it fixed can have it."""
        graph = self._fixed.pop(shape, None)
        if graph is None:
            axes = self._free.shapes["ink"]
            named = dict(zip(axes, (1, 1, *shape), strict=True))
            dimensions = {name: size for name, size in named.items() if isinstance(name, str)}
            graph = self._graph(ENCODER, self._path, self._choice, None, dimensions)
        if not graph.fixed_shape:
            graph.close()
            return self._free
        self._fixed[shape] = graph
        while len(self._fixed) > _MAX_SHAPES:
            self._fixed.popitem(last=False)[1].close()
        return graph

    def _number(self, key: str, otherwise: float) -> float:
        text = self._free.metadata.get(key)
        try:
            return otherwise if text is None else float(text)
        except ValueError as exc:
            raise ModelCorrupt(self.id, self._path, f"its metadata say {key} = {text!r}") from exc


def _makers(verified: Verified, machine: Machine, mapped: Path | None) -> dict[str, MakeSession | None]:
    """How the sessions of each graph are made; None for from its file."""
    roles = [role for role in (ENCODER, DECODER, JOINED) if role in verified.files]
    return {role: None if mapped is None else Mapped(mapped, machine).maker(verified.digest(role)) for role in roles}


def fixed_shape(height: int, width: int) -> tuple[int, int] | None:
    """The padded size for a picture, None when it would be too large: 64 px times a power of two each way."""
    sides = []
    for side in (height, width):
        padded = _SMALLEST_SIDE
        while padded < side:
            padded *= 2
        sides.append(padded)
    return (sides[0], sides[1]) if sides[0] * sides[1] <= _MAX_PIXELS else None
