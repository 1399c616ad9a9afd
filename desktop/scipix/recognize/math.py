"""A picture of a formula -> its LaTeX, with boxes, confidences and other readings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from scipix.datatypes import Image, Reading
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoded, DecodeOptions, Memory
from scipix.inference.encoder_decoder import GrammarTables
from scipix.notation.symbols import ARGUMENTS, FONTS, OPTIONAL, TEXT_FONTS
from scipix.recognize.branches import branches, likely
from scipix.recognize.choice import Choice, decode_with, joined, token_ids
from scipix.recognize.counting import counted
from scipix.recognize.environments import joined_cases, settled
from scipix.recognize.halves import by_halves, reread_half
from scipix.recognize.lines import read_lines, reread_line
from scipix.recognize.matrices import by_rows, reread_row
from scipix.recognize.preprocess import Prepared, prepare
from scipix.recognize.reader import MathOptions, Model, Reader
from scipix.recognize.scale import TARGET_HEIGHT
from scipix.recognize.second_look import added, closely
from scipix.recognize.substacks import completed, gathered
from scipix.recognize.words import spelled

__all__ = ["GRAMMAR", "MathOptions", "MathRecognizer", "Model"]

# Normalized LaTeX has one argument for fonts, one for operator names; \sqrt[n] and arrows may have one in brackets.
GRAMMAR = GrammarTables(
    {**ARGUMENTS, **dict.fromkeys([*FONTS, *TEXT_FONTS, "\\operatorname", "\\operatorname*", "\\ce", "\\tag"], 1)},
    OPTIONAL,
)

M = TypeVar("M", bound=Model)


class MathRecognizer(Generic[M]):
    """Reads formulas with one model. Used by one thread, the one that made the model."""

    def __init__(self, model: M, prepare: Callable[[Image], Prepared] = prepare) -> None:
        self.model = model
        self._prepare = prepare

    def recognize(self, image: Image, options: MathOptions | None = None, cancel: Cancel | None = None) -> Reading:
        """Read the whole picture as one formula; raises NothingToRead, Cancelled or BackendUnavailable."""
        options = options or MathOptions()
        spent, prepared = self._clock(image)
        reader = Reader(self.model, image, options, cancel)
        if prepared.lines is None or options.max_tokens is not None:
            reading = closely(prepared, reader.look(prepared), reader.look, options.alternatives)
            reading = by_rows(prepared, reading, reader.look, options.alternatives, reader.threshold)
            if options.max_tokens is None:
                reading = by_halves(prepared, reading, reader.look, options.alternatives, reader.threshold)
                reading = completed(prepared, reading, reader.look, reader.threshold)
            unit = TARGET_HEIGHT / prepared.scale
        else:
            reading = read_lines(prepared, prepared.lines, reader.look, options.alternatives, reader.threshold)
            reading = settled(reading, prepared.lines)
            unit = prepared.lines.unit
        reading = gathered(reading, unit)
        return _timed(prepared, reading, reader, spent)

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
        decoder, reader = self.model.decoder, Reader(self.model, image, options, cancel)

        def again(part: Prepared, old: Reading, choice: Choice) -> Reading:
            tokens, start = token_ids(decoder.facts, old, choice), choice.position + 1

            def decode(memory: Memory, limits: DecodeOptions) -> list[Decoded]:
                first = decode_with(decoder, memory, old, choice, tokens, DecodeOptions(options.max_tokens), cancel)
                others = branches(decoder, memory, first, options.alternatives, limits, cancel, start)
                return likely(decoder.drive(others, cancel))

            return joined(old, choice, reader.decode(part, decode))

        spent, prepared = self._clock(image)
        if prepared.lines is None:
            line = reread_row(prepared, reading, choice, again) or reread_half(prepared, reading, choice, again)
        else:
            line = reread_line(reading, choice, prepared.lines, again)
        return _timed(prepared, line or again(prepared, reading, choice), reader, spent)

    def _clock(self, image: Image) -> tuple[float, Prepared]:
        """Milliseconds that preparing took, and what it made."""
        start = time.perf_counter()
        prepared = self._prepare(image)
        return 1000 * (time.perf_counter() - start), prepared


def _timed(prepared: Prepared, reading: Reading, reader: Reader, spent: float) -> Reading:
    """The reading, its equal signs counted, with the times of all that was done for it. spent: milliseconds that preparing
    the picture took."""
    start = time.perf_counter()
    unit = TARGET_HEIGHT / prepared.scale
    made = joined_cases(spelled(counted(prepared, reading, reader.threshold), unit), unit)
    times, own = added(reader.spent), 1000 * (time.perf_counter() - start)
    total, after = times.total + spent + own, times.postprocess + own
    return replace(made, timings=replace(times, preprocess=times.preprocess + spent, postprocess=after, total=total))
