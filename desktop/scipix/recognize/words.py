"""Words among formulas: of `minimize` the decoder writes `\\min` and then the rest, of `where x` two things without a space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scipix.datatypes import Box, Reading, Symbol
from scipix.notation.symbols import FONTS
from scipix.notation.tokens import detokenize, tokenize
from scipix.recognize.joining import RELATIONS

_FONTS = frozenset(["\\mathrm", "\\text"])
_OPENING = FONTS | {"{", "\\text"}
_CELLS = frozenset(["&", "\\\\"])
# What has a space of its own around it, or before it.
_OWN = RELATIONS | frozenset(
    "+ - * , ; ( [ \\left \\quad \\qquad \\cdot "
    "\\times \\pm \\mp \\otimes \\oplus \\wedge \\vee \\cap \\cup \\circ \\setminus \\div \\bullet \\star "
    "\\odot \\ominus \\dagger \\ddagger \\amalg \\uplus \\sqcup \\sqcap \\wr \\diamond \\ltimes \\rtimes".split()
)
_NAMES = frozenset(["\\min", "\\max", "\\sup", "\\inf", "\\lim", "\\det", "\\log", "\\arg", "\\exp", "\\deg"])
_WORDS = frozenset(
    "minimize minimise minimizes minimum minimal minimizer maximize maximise maximizes maximum maximal maximizer support "
    "supremum infimum infinity limit limits determine logic logit argument arguments expected expectation degree degrees".split()
)
# Words of sentences: no names of functions, no indices.
_ORDINARY = frozenset(
    "where when if then for all and or with such that is are be of to on as by let so hence thus since because from at "
    "otherwise else which whenever while but not any some every each has have we there exists holds given under over "
    "subject only iff unless until between into its it this an has case cases almost".split()
)
_SPACE = 0.35  # typical heights, to what stands beside: a space has 0.33 of an em, the thin one beside names of functions 0.17


def spelled(reading: Reading, unit: float) -> Reading:
    """The reading with such words in one piece, and with the spaces beside words; its alternatives with the former.

    unit: pixels of the image of a typical height of a letter.
    """
    symbols = _spaced(_joined(reading.symbols), unit)
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


def _spaced(symbols: Sequence[Symbol], unit: float) -> Sequence[Symbol]:
    """The same ones where no space is missing."""
    made: list[Symbol] = []
    place, found = 0, False
    while place < len(symbols):
        end = _end(symbols, place)
        words = "".join(symbol.latex for symbol in symbols[place + 2 : end - 1]) if end else ""
        whole = symbols[place].latex == "\\text" and not _ORDINARY.isdisjoint(words.split(" "))  # names have no spaces
        if not whole and words not in _ORDINARY:
            made.append(symbols[place])
            place += 1
            continue
        first, last = words.split(" ")[0], words.split(" ")[-1]  # "" where there is a space
        gaps = (
            _before(symbols, place, symbols[place + 2]) if first in _ORDINARY else 0.0,
            _after(symbols, end, symbols[end - 2]) if last in _ORDINARY else 0.0,
        )
        spaces = [[replace(symbols[place + 1], latex=" ")] * (gap > _SPACE * unit) for gap in gaps]
        found = found or any(spaces)
        font = replace(symbols[place], latex="\\text") if any(spaces) else symbols[place]
        made += [font, symbols[place + 1], *spaces[0], *symbols[place + 2 : end - 1], *spaces[1], symbols[end - 1]]
        place = end
    return made if found else symbols


def _end(symbols: Sequence[Symbol], place: int) -> int:
    """Behind the group of upright letters that begins there; 0 where none does."""
    if symbols[place].latex not in _FONTS:
        return 0
    return next((i + 1 for i in range(place + 2, len(symbols)) if symbols[i].latex == "}"), 0)


def _before(symbols: Sequence[Symbol], place: int, letter: Symbol) -> float:
    """From what stands before that place in the same cell to the letter, in pixels; 0 where nothing does."""
    earlier = symbols[:place]
    start = next((i + 1 for i in range(place - 1, -1, -1) if earlier[i].latex in _CELLS), 0)
    edges = [symbol.box.right for symbol in earlier[start:] if symbol.box]
    ended = place > start and (earlier[-1].box or earlier[-1].latex in ("}", "\\right"))
    ended = ended and earlier[-1].latex not in _OWN
    return letter.box.left - max(edges) if letter.box and ended and edges else 0.0


def _after(symbols: Sequence[Symbol], place: int, letter: Symbol) -> float:
    """From the letter to what begins at that place, in pixels; 0 where that is a script, or nothing of the same cell."""
    if (
        place >= len(symbols)
        or symbols[place].latex in _OWN
        or not (symbols[place].box or symbols[place].latex in _OPENING)
    ):
        return 0.0
    box = next((symbol.box for symbol in symbols[place:] if symbol.box), None)
    return box.left - letter.box.right if box and letter.box else 0.0


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
