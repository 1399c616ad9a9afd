"""A person says which token stands at one place of a reading; what follows is read again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scipix.datatypes import Alternative, Reading
from scipix.errors import UsageError
from scipix.inference.cancel import Cancel
from scipix.inference.decoding import Decoded, DecodeOptions, Decoder, Memory, Step
from scipix.inference.vocabulary import DecoderFacts


@dataclass(frozen=True, slots=True)
class Choice:
    """position: of the symbol in the reading. latex: one of that symbol's `others`."""

    position: int
    latex: str


def token_ids(facts: DecoderFacts, reading: Reading, choice: Choice) -> tuple[list[int], int]:
    """The reading's tokens and the chosen one, as the decoder counts them; raises UsageError where there is none."""
    symbols = reading.symbols
    if not 0 <= choice.position < len(symbols):
        raise UsageError(f"the reading has no symbol {choice.position}")
    if choice.latex not in (other.latex for other in symbols[choice.position].others):
        raise UsageError(f"{choice.latex} is not among what symbol {choice.position} may be")
    ids = {token: number for number, token in enumerate(facts.tokens)}
    wanted = [*(symbol.latex for symbol in symbols), choice.latex]
    if missing := [token for token in wanted if token not in ids]:
        raise UsageError(f"the model does not know {missing[0]}; the reading is of another model")
    *tokens, chosen = (ids[token] for token in wanted)
    return tokens, chosen


def decode_with(
    decoder: Decoder,
    memory: Memory,
    reading: Reading,
    choice: Choice,
    tokens: tuple[list[int], int],
    options: DecodeOptions,
    cancel: Cancel | None,
) -> Decoded:
    """Decode with the choice; tokens: as from `token_ids`. Chosen tokens are certain: their probability is 1.

    What followed before serves as a draft, so that it costs little where the choice changes nothing after it.
    """
    before, chosen = tokens
    followed = decoder.follow(memory, before, cancel)
    steps = [
        Step(token, 1.0 if symbol.chosen else symbol.confidence)
        for token, symbol in zip(before, reading.symbols, strict=True)
    ]
    steps[choice.position] = replace(steps[choice.position], others=((chosen, 1.0),))
    return decoder.branch(memory, replace(followed, steps=tuple(steps)), choice.position, chosen, options, cancel)


def joined(reading: Reading, choice: Choice, reread: Reading) -> Reading:
    """The new reading with what is known of its symbols up to the choice from the old one."""
    old, place = reading.symbols[choice.position], choice.position
    rest = [other for other in old.others if other.latex != choice.latex]
    others = sorted([Alternative(old.latex, old.confidence), *rest], key=lambda other: -other.confidence)
    share = next(other.confidence for other in old.others if other.latex == choice.latex)
    chosen = replace(reread.symbols[place], confidence=share, others=tuple(others), chosen=True)
    return replace(reread, symbols=(*reading.symbols[:place], chosen, *reread.symbols[place + 1 :]))
