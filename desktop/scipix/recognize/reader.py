"""What a model reads in parts of one picture, and what that takes.

Confidence of a reading: the product of the calibrated probabilities of all its tokens and of `</s>`, which is what the
model itself holds to be the probability that every token is right; the temperature in the decoder's metadata is
fitted so that this agrees with the share of exact readings. A reading that did not end by itself (cut off, or gone
round in circles) has confidence 0. Where letters of the picture are in no symbol's box, little of it is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from scipix.datatypes import Alternative, Box, Image, Kind, Reading, Symbol, Timings
from scipix.inference.beam import BeamOptions, beam_search
from scipix.inference.binding import DeviceLost
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoded, DecodeOptions, Decoder, Memory, Stop
from scipix.inference.steps import Steps
from scipix.notation.tokens import detokenize
from scipix.recognize.branches import branches, confidence_of, doubtful, likely
from scipix.recognize.coverage import TRUST, unread
from scipix.recognize.look import Look
from scipix.recognize.preprocess import Prepared
from scipix.recognize.room import room
from scipix.recognize.symbols import make_symbols

Decode = Callable[[Memory, DecodeOptions], list[Decoded]]


@dataclass(frozen=True, slots=True)
class MathOptions:
    """alternatives: how many other readings at most. beams: how many readings are carried on side by side (1: greedy;
    4 take some three times as long). max_tokens: None for as many as the model can write. threshold:
    confidence below which the reading is marked as not readable, None for what the model's training found."""

    alternatives: int = 3
    beams: int = 1
    max_tokens: int | None = None
    threshold: float | None = None


class Model(Protocol):
    """What is needed of `EncoderDecoder`."""

    id: str
    threshold: float

    @property
    def provider(self) -> str: ...

    @property
    def decoder(self) -> Decoder: ...

    def encode(self, ink: np.ndarray, cancel: Cancel | None = None) -> Memory: ...

    def leave_devices(self, reason: str) -> None: ...


class Reader:
    """Reads parts of one picture. spent: the times of all that it has done so far."""

    def __init__(self, model: Model, image: Image, options: MathOptions, cancel: Cancel | None = None) -> None:
        self._model, self._image, self._options, self._cancel = model, image, options, cancel
        self.threshold = model.threshold if options.threshold is None else options.threshold
        self.spent: list[Timings] = []

    def read(self, part: Prepared) -> Reading:
        """The likeliest reading, the other likely ones beside it; raises Cancelled or BackendUnavailable."""
        return self.decode(part, self._readings)

    def look(self, part: Prepared) -> Look:
        """Read token by token; what else it may be is found when it is asked for. Raises as `read`."""
        if self._options.beams > 1:  # which finds the others, too
            reading = self.read(part)
            return Look(reading, lambda tried: reading)
        seen: list[tuple[Memory, DecodeOptions, Decoded]] = []

        def first(memory: Memory, limits: DecodeOptions) -> list[Decoded]:
            decoder = self._model.decoder
            found = decoder.drive(decoder.decoding(memory, limits, self._cancel), self._cancel)
            seen[:] = [(memory, limits, found)]
            return [found]

        reading = self.decode(part, first)
        return Look(reading, lambda tried: self._others(part, reading, *seen[0], tried))

    def decode(self, part: Prepared, decode: Decode) -> Reading:
        """What `decode` makes of what the encoder saw, likeliest first. Raises as `read`."""
        marks = [time.perf_counter()]
        limits = self._limits(part)
        marks.append(time.perf_counter())
        try:
            memory = self._model.encode(part.ink, self._cancel)
            marks.append(time.perf_counter())
            found = decode(memory, limits)
        except DeviceLost as lost:
            self._model.leave_devices(str(lost))
            memory = self._model.encode(part.ink, self._cancel)
            marks[2:] = [time.perf_counter()]
            found = decode(memory, limits)
        marks.append(time.perf_counter())
        reading = self._reading(part, found)
        preprocess, encode, decoded = (1000 * (marks[i + 1] - marks[i]) for i in range(3))
        self._spend(marks[0], marks[-1], preprocess, encode, decoded)
        return reading

    def _others(
        self, part: Prepared, reading: Reading, memory: Memory, limits: DecodeOptions, first: Decoded, tried: int
    ) -> Reading:
        """The likeliest reading once so many doubtful tokens were tried, the other likely ones beside it."""
        if not tried or not doubtful(first):
            return reading
        start, decoder, most = time.perf_counter(), self._model.decoder, self._options.alternatives
        steps = branches(decoder, memory, first, most, limits, self._cancel, tried=tried)
        try:
            found = decoder.drive(steps, self._cancel)
        except DeviceLost as lost:
            self._model.leave_devices(str(lost))
            return self.read(part)
        end = time.perf_counter()
        made = self._reading(part, likely(found))
        self._spend(start, end, decode=1000 * (end - start))
        return made

    def _spend(
        self, start: float, decoded: float, preprocess: float = 0.0, encode: float = 0.0, decode: float = 0.0
    ) -> None:
        """Note what was done since `start`; a reading was made of it since `decoded`."""
        now = time.perf_counter()
        self.spent.append(Timings(0.0, preprocess, encode, decode, 1000 * (now - start), 1000 * (now - decoded)))

    def _reading(self, part: Prepared, found: list[Decoded]) -> Reading:
        """The likeliest of these, the other ones beside it. found: likeliest first, if nothing is left out."""
        judged = [self._judged(part, found[0])]
        for other in found[1:]:  # they count only where the first one leaves something out
            judged.append(self._judged(part, other) if judged[0][3] else (confidence_of(other), other, (), ()))
        (confidence, decoded, symbols, missed), *others = sorted(judged, key=lambda each: -each[0])
        return Reading(
            Kind.FORMULA,
            detokenize(self._tokens(decoded)),
            confidence,
            symbols,
            tuple(Alternative(detokenize(self._tokens(other)), chance) for chance, other, *_ in others),
            readable=bool(symbols) and not missed and confidence >= self.threshold and decoded.stop is Stop.END,
            model=self._model.id,
            provider=self._model.provider,
            unread=missed,
        )

    def _judged(self, part: Prepared, decoded: Decoded) -> tuple[float, Decoded, tuple[Symbol, ...], tuple[Box, ...]]:
        """Its confidence, itself, its symbols, and what it leaves out."""
        symbols, confidence = self._symbols(part, decoded), confidence_of(decoded)
        missed = unread(symbols, part)
        return confidence * (TRUST if missed else 1.0), decoded, symbols, missed

    def _symbols(self, part: Prepared, decoded: Decoded) -> tuple[Symbol, ...]:
        return make_symbols(
            self._tokens(decoded),
            [step.probability for step in decoded.steps],
            decoded.boxes,
            part.scale,
            part.offset,
            (self._image.width, self._image.height),
            self._other_tokens(decoded),
        )

    def _tokens(self, decoded: Decoded) -> list[str]:
        names = self._model.decoder.facts.tokens
        return [names[token] for token in decoded.tokens]

    def _other_tokens(self, decoded: Decoded) -> list[tuple[Alternative, ...]]:
        """For each token those that may stand there instead, likeliest first."""
        names = self._model.decoder.facts.tokens
        found: list[list[Alternative]] = [[] for _ in decoded.steps]
        for position, token in doubtful(decoded):
            found[position].append(Alternative(names[token], dict(decoded.steps[position].others)[token]))
        return [tuple(others) for others in found]

    def _limits(self, part: Prepared) -> DecodeOptions:
        """What fits into the picture, no more than was asked for, and what was read of it before."""
        most = room(part.ink)
        names = self._model.decoder.facts.tokens if part.expected or part.barred else ()
        ids = {token: number for number, token in enumerate(names)}
        expected, barred = (
            tuple(ids[token] for token in tokens if token in ids) for tokens in (part.expected, part.barred)
        )
        longest = min(self._options.max_tokens or most.tokens, most.tokens)
        return DecodeOptions(longest, max_drawn=most.drawn, expected=expected, barred=barred, least=part.least)

    def _readings(self, memory: Memory, limits: DecodeOptions) -> list[Decoded]:
        """The likeliest whole reading and the other likely ones, likeliest first."""
        found: list[Decoded] = []
        options, decoder = self._options, self._model.decoder
        if options.beams > 1:
            beams = BeamOptions(options.beams, max_tokens=limits.max_tokens)
            ended = beam_search(decoder, memory, beams, self._cancel)[: options.alternatives + 1]
            found = [decoder.follow(memory, item.tokens, self._cancel) for item in ended]
        if not found:
            found = decoder.drive(self._greedy(memory, limits), self._cancel)
        return likely(found)

    def _greedy(self, memory: Memory, limits: DecodeOptions) -> Steps[list[Decoded]]:
        decoder = self._model.decoder
        first = yield from decoder.decoding(memory, limits, self._cancel)
        return (yield from branches(decoder, memory, first, self._options.alternatives, limits, self._cancel))
