"""Words that begin as the name of a function does: of `minimize` the decoder writes `\\min` and then the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scipix.datatypes import Box, Reading, Symbol
from scipix.notation.tokens import detokenize, tokenize

_FONTS = frozenset(["\\mathrm", "\\text"])
_NAMES = frozenset(["\\min", "\\max", "\\sup", "\\inf", "\\lim", "\\det", "\\log", "\\arg", "\\exp", "\\deg"])
_WORDS = frozenset(
    "minimize minimise minimizes minimum minimal minimizer maximize maximise maximizes maximum maximal maximizer support "
    "supremum infimum infinity limit limits determine logic logit argument arguments expected expectation degree degrees".split()
)


def spelled(reading: Reading) -> Reading:
    """The reading, and its alternatives, with such words in one piece."""
    symbols = _joined(reading.symbols)
    others = []
    for other in reading.alternatives:
        tokens = [Symbol(token, None, 1.0) for token in tokenize(other.latex)]
        made = _joined(tokens)
        others.append(other if made is tokens else replace(other, latex=_latex(made)))
    if symbols is reading.symbols and tuple(others) == reading.alternatives:
        return reading
    latex = reading.latex if symbols is reading.symbols else _latex(symbols)
    return replace(reading, symbols=tuple(symbols), latex=latex, alternatives=tuple(others))


def _latex(symbols: Sequence[Symbol]) -> str:
    return detokenize(symbol.latex for symbol in symbols)


def _joined(symbols: Sequence[Symbol]) -> Sequence[Symbol]:
    """The same ones where there is no such word."""
    made: list[Symbol] = []
    place, found = 0, False
    while place < len(symbols):
        letters = _rest(symbols, place) if symbols[place].latex in _NAMES else ""
        name = symbols[place].latex[1:]
        if letters and name + letters in _WORDS:
            font, brace = symbols[place + 1 : place + 3]
            made += [font, brace, *_letters(symbols[place], name)]
            place, found = place + 3, True
        else:
            made.append(symbols[place])
            place += 1
    return made if found else symbols


def _rest(symbols: Sequence[Symbol], place: int) -> str:
    """The upright letters that follow without a space."""
    tokens = [symbol.latex for symbol in symbols[place + 1 :]]
    if len(tokens) < 3 or tokens[0] not in _FONTS or tokens[1] != "{":
        return ""
    end = next((i for i, token in enumerate(tokens[2:], 2) if not (len(token) == 1 and token.isalpha())), len(tokens))
    return "".join(tokens[2:end])


def _letters(name: Symbol, letters: str) -> list[Symbol]:
    """One symbol for each letter of that name, side by side."""
    made = []
    for index, letter in enumerate(letters):
        box = name.box
        if box:
            width = (box.right - box.left) / len(letters)
            left = box.left + index * width
            box = Box(left, box.top, left + width, box.bottom)
        made.append(replace(name, latex=letter, box=box, others=()))
    return made
