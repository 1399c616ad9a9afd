"""Which piece of a source is which symbol of a reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from scipix.datatypes import Reading, Symbol
from scipix.notation.symbols import ARGUMENTS, FONTS, TEXT_FONTS
from scipix.notation.tokens import token_spans

_UNDRAWN = frozenset(["{", "}", "&", "\\\\", "\\left", "\\right", "\\middle", " "])


@dataclass(frozen=True, slots=True)
class Links:
    """spans: index of a symbol -> where it stands in the source, (start, end) as Qt counts, in UTF-16 units; symbols
    that the user has changed or that stand elsewhere now are not in it."""

    spans: Mapping[int, tuple[int, int]]

    def symbol_at(self, offset: int) -> int | None:
        """The symbol that has the character at an offset."""
        return next((index for index, (start, end) in self.spans.items() if start <= offset < end), None)

    def symbol_by(self, cursor: int) -> int | None:
        """The symbol after a cursor, else the one that ends there."""
        after = self.symbol_at(cursor)
        return self.symbol_at(cursor - 1) if after is None else after


def link(symbols: tuple[Symbol, ...], latex: str) -> Links:
    """Match by the longest runs of equal tokens, so that an edit loses only what it touches."""
    found = token_spans(latex)
    left, right = [symbol.latex for symbol in symbols], [token for token, _, _ in found]
    if left == right:
        pairs = [(index, index) for index in range(len(left))]
    else:
        blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
        pairs = [(block.a + i, block.b + i) for block in blocks for i in range(block.size)]
    return Links({index: (units(latex, found[place][1]), units(latex, found[place][2])) for index, place in pairs})


def doubtful(reading: Reading, below: float) -> frozenset[int]:
    """Symbols that the user should look at: less sure than `below`, and not chosen by a person."""
    return frozenset(
        index for index, symbol in enumerate(reading.symbols) if symbol.confidence < below and not symbol.chosen
    )


def sample(token: str) -> str | None:
    """LaTeX that shows what a token looks like by itself, None for one that does not."""
    if token in _UNDRAWN or token.startswith(("\\begin{", "\\end{")):
        return None
    if token in ("^", "_"):
        return f"\\square{token}{{\\square}}"
    if token in FONTS or token in TEXT_FONTS:
        return f"{token}{{A}}"
    return token + "{\\square}" * ARGUMENTS.get(token, 0)


def units(text: str, index: int) -> int:
    """An index of a text as Qt counts: in UTF-16 units, which differ from code points beyond the basic plane."""
    return index + sum(character > "\uffff" for character in text[:index])
