"""A picture of a formula -> its LaTeX, with boxes, confidences and other readings.

Confidence of a reading: the product of the calibrated probabilities of all its tokens and of `</s>`, which is what the
model itself holds to be the probability that every token is right; the temperature in the decoder's metadata is
fitted so that this agrees with the share of exact readings. A reading that did not end by itself (cut off, or gone
round in circles) has confidence 0.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

import numpy as np

from scipix.datatypes import Alternative, Image, Kind, Reading, Timings
from scipix.inference.beam import BeamOptions, beam_search
from scipix.inference.binding import DeviceLost
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoded, DecodeOptions, Decoder, Memory, Stop
from scipix.inference.encoder_decoder import GrammarTables
from scipix.inference.steps import Steps
from scipix.notation.symbols import ARGUMENTS, FONTS, OPTIONAL, TEXT_FONTS
from scipix.notation.tokens import detokenize
from scipix.recognize.choice import Choice, decode_with, joined, token_ids
from scipix.recognize.lines import read_lines, reread_line
from scipix.recognize.preprocess import Prepared, prepare
from scipix.recognize.room import room
from scipix.recognize.second_look import is_doubtful, larger, likelier
from scipix.recognize.symbols import make_symbols

_BRANCHED = 40  # tokens that all other readings together may write: what they cost of a long reading's time
_UNLIKELY = 0.02  # other tokens, and other readings, below this share of the best one's probability are left out

# Normalized LaTeX has one argument for fonts, one for operator names; \sqrt[n] and arrows may have one in brackets.
GRAMMAR = GrammarTables(
    {**ARGUMENTS, **dict.fromkeys([*FONTS, *TEXT_FONTS, "\\operatorname", "\\operatorname*"], 1)}, OPTIONAL
)


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


M = TypeVar("M", bound=Model)


class MathRecognizer(Generic[M]):
    """Reads formulas with one model. Used by one thread, the one that made the model."""

    def __init__(self, model: M, prepare: Callable[[Image], Prepared] = prepare) -> None:
        self.model = model
        self._prepare = prepare

    def recognize(self, image: Image, options: MathOptions | None = None, cancel: Cancel | None = None) -> Reading:
        """Read the whole picture as one formula; raises NothingToRead, Cancelled or BackendUnavailable."""
        options = options or MathOptions()

        def decode(memory: Memory, limits: DecodeOptions) -> list[Decoded]:
            return self._readings(memory, options, limits, cancel)

        spent, prepared = self._clock(image)
        threshold = self.model.threshold if options.threshold is None else options.threshold

        def read(part: Prepared) -> Reading:
            first = self._read(image, part, options, decode, cancel)
            if not is_doubtful(first, part):
                return first
            return likelier(first, self._read(image, larger(part), options, decode, cancel), options.alternatives)

        if prepared.lines is None or options.max_tokens is not None:
            reading = read(prepared)
        else:
            reading = read_lines(prepared, prepared.lines, read, options.alternatives, threshold)
        return _after(reading, spent)

    def reread(
        self,
        image: Image,
        reading: Reading,
        choice: Choice,
        options: MathOptions | None = None,
        cancel: Cancel | None = None,
    ) -> Reading:
        """Read what follows a choice again; what stands before it stays as it is in `reading`, which is of this image.

        Raises UsageError for a choice that the reading or the model does not have, and what `recognize` raises.
        """
        options = options or MathOptions()
        decoder = self.model.decoder

        def again(part: Prepared, old: Reading, choice: Choice) -> Reading:
            tokens, start = token_ids(decoder.facts, old, choice), choice.position + 1

            def decode(memory: Memory, limits: DecodeOptions) -> list[Decoded]:
                first = decode_with(decoder, memory, old, choice, tokens, DecodeOptions(options.max_tokens), cancel)
                branches = self._branches(memory, first, options.alternatives, limits, cancel, start)
                return _likely(decoder.drive(branches, cancel))

            return joined(old, choice, self._read(image, part, options, decode, cancel))

        spent, prepared = self._clock(image)
        line = None if prepared.lines is None else reread_line(reading, choice, prepared.lines, again)
        return _after(line or again(prepared, reading, choice), spent)

    def _clock(self, image: Image) -> tuple[float, Prepared]:
        """Milliseconds that preparing took, and what it made."""
        start = time.perf_counter()
        prepared = self._prepare(image)
        return 1000 * (time.perf_counter() - start), prepared

    def _read(
        self,
        image: Image,
        prepared: Prepared,
        options: MathOptions,
        decode: Callable[[Memory, DecodeOptions], list[Decoded]],
        cancel: Cancel | None,
    ) -> Reading:
        marks = [time.perf_counter()]
        limits = _limits(prepared.ink, options)
        marks.append(time.perf_counter())
        try:
            memory = self.model.encode(prepared.ink, cancel)
            marks.append(time.perf_counter())
            decoded, *others = decode(memory, limits)
        except DeviceLost as lost:
            self.model.leave_devices(str(lost))
            memory = self.model.encode(prepared.ink, cancel)
            marks[2:] = [time.perf_counter()]
            decoded, *others = decode(memory, limits)
        marks.append(time.perf_counter())
        tokens = self._tokens(decoded)
        confidence = confidence_of(decoded)
        threshold = self.model.threshold if options.threshold is None else options.threshold
        probabilities = [step.probability for step in decoded.steps]
        size = (image.width, image.height)
        return Reading(
            Kind.FORMULA,
            detokenize(tokens),
            confidence,
            make_symbols(
                tokens, probabilities, decoded.boxes, prepared.scale, prepared.offset, size, self._others(decoded)
            ),
            tuple(Alternative(detokenize(self._tokens(other)), confidence_of(other)) for other in others),
            readable=bool(tokens) and confidence >= threshold and decoded.stop is Stop.END,
            model=self.model.id,
            provider=self.model.provider,
            timings=_timings(marks),
        )

    def _tokens(self, decoded: Decoded) -> list[str]:
        names = self.model.decoder.facts.tokens
        return [names[token] for token in decoded.tokens]

    def _others(self, decoded: Decoded) -> list[tuple[Alternative, ...]]:
        """For each token those that may stand there instead, likeliest first."""
        names = self.model.decoder.facts.tokens
        found: list[list[Alternative]] = [[] for _ in decoded.steps]
        for position, token in doubtful(decoded):
            found[position].append(Alternative(names[token], dict(decoded.steps[position].others)[token]))
        return [tuple(others) for others in found]

    def _readings(
        self, memory: Memory, options: MathOptions, limits: DecodeOptions, cancel: Cancel | None
    ) -> list[Decoded]:
        """The likeliest whole reading and the other likely ones, likeliest first."""
        found: list[Decoded] = []
        if options.beams > 1:
            beams = BeamOptions(options.beams, max_tokens=limits.max_tokens)
            ended = beam_search(self.model.decoder, memory, beams, cancel)[: options.alternatives + 1]
            found = [self.model.decoder.follow(memory, item.tokens, cancel) for item in ended]
        if not found:
            found = self.model.decoder.drive(self._greedy(memory, options.alternatives, limits, cancel), cancel)
        return _likely(found)

    def _greedy(
        self, memory: Memory, alternatives: int, limits: DecodeOptions, cancel: Cancel | None
    ) -> Steps[list[Decoded]]:
        first = yield from self.model.decoder.decoding(memory, limits, cancel)
        return (yield from self._branches(memory, first, alternatives, limits, cancel))

    def _branches(
        self,
        memory: Memory,
        first: Decoded,
        most: int,
        limits: DecodeOptions,
        cancel: Cancel | None,
        start: int = 0,
    ) -> Steps[list[Decoded]]:
        """A greedy reading, and at most `most` others that take a runner-up where the model was least sure, from `start` on.

        Token by token the best choice may lead astray, so that one of the others may turn out to be likelier. All of
        them together may write about as many new tokens as the reading has, and no more than _BRANCHED; where that did
        not end, there are none.
        """
        length = len(first.steps)
        tries, left = (2 * most if first.stop is Stop.END else 0), min(length + 16, _BRANCHED)
        found = {first.tokens: first}
        places = [place for place in doubtful(first) if place[0] >= start]
        for position, token in places[:tries]:
            if len(found) > most or left <= 0:
                break
            longest = max(length + 2, position + 1 + left)
            limit = replace(limits, max_tokens=min(longest, limits.max_tokens or longest))
            branch = yield from self.model.decoder.branching(memory, first, position, token, limit, cancel)
            left -= 1 + len(branch.steps) - _alike(first.tokens, branch.tokens, position + 1)
            if branch.stop is Stop.END:
                found.setdefault(branch.tokens, branch)
        return list(found.values())


def _limits(ink: np.ndarray, options: MathOptions) -> DecodeOptions:
    """What fits into the picture, and no more than was asked for."""
    most = room(ink)
    return DecodeOptions(min(options.max_tokens or most.tokens, most.tokens), max_drawn=most.drawn)


def _alike(first: tuple[int, ...], other: tuple[int, ...], start: int) -> int:
    """Up to which position both are the same from `start` on: what a draft gave without a step for each token."""
    pairs = zip(first[start:], other[start:], strict=False)
    return start + next((i for i, (one, two) in enumerate(pairs) if one != two), min(len(first), len(other)) - start)


def _likely(found: list[Decoded]) -> list[Decoded]:
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


def _after(reading: Reading, spent: float) -> Reading:
    """The reading with the milliseconds that were spent on preparing the picture."""
    times = reading.timings
    return replace(reading, timings=replace(times, preprocess=times.preprocess + spent, total=times.total + spent))


def _timings(marks: list[float]) -> Timings:
    ends = [*marks, time.perf_counter()]
    preprocess, encode, decode, postprocess = (1000 * (after - before) for before, after in pairwise(ends))
    return Timings(0.0, preprocess, encode, decode, 1000 * (ends[-1] - ends[0]), postprocess)
