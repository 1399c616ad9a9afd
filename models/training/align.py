"""Which token of a normalized formula drew which glyph, from the order in which TeX draws.

TeX draws a superscript before its subscript, what lies above an operator before it, a numerator before its bar. Walking
the tokens in that order gives the glyphs that each token should have drawn; within one class of glyph the k-th expected
is then the k-th found. Where the numbers differ (stretched delimiters, font ligatures) a class is left unmatched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from scipix.notation import symbols as table

Key = tuple[str, int]  # what is drawn, and by which token

_ABOVE_FIRST = frozenset(["\\overset", "\\overbrace", "\\overline", "\\bar", "\\hat", "\\tilde", "\\vec", "\\dot"])
_TEXT = frozenset(["\\text", "\\textbf", "\\textit", "\\textsf", "\\texttt", "\\ce"])
_TEXT_ALPHABET = {"\\text": "\\mathrm", "\\ce": "\\mathrm", "\\textbf": "\\mathbf", "\\textit": "\\mathit",
                  "\\textsf": "\\mathsf", "\\texttt": "\\mathtt"}  # fmt: skip
_ACCENTS = frozenset(
    "\\bar \\hat \\tilde \\vec \\dot \\ddot \\dddot \\ddddot \\acute \\grave \\check \\breve \\mathring \\widehat "
    "\\widetilde \\overline \\underline \\overrightarrow \\overleftarrow \\overleftrightarrow \\overbrace \\underbrace "
    "\\boxed \\cancel \\bcancel \\xcancel \\sout \\angl \\not".split()
)


def draw_order(tokens: Sequence[str]) -> list[Key]:
    """What the tokens draw, in TeX's order."""
    return _Walker(tokens).body("", set())


class _Walker:
    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def body(self, font: str, until: set[str]) -> list[Key]:
        found: list[Key] = []
        while self.at < len(self.tokens) and self.tokens[self.at] not in until:
            found += self.item(font)
        return found

    def item(self, font: str) -> list[Key]:
        start = self.at
        base = self.atom(font)
        above = self.tokens[start] in table.BIG_OPERATORS | table.LIMIT_FUNCTIONS
        above = above and "int" not in self.tokens[start]
        primes: list[Key] = []
        sub: list[Key] = []
        sup: list[Key] = []
        while self.at < len(self.tokens) and self.tokens[self.at] in ("_", "^", "'"):
            token = self.tokens[self.at]
            self.at += 1
            if token == "'":
                primes.append(("'", self.at - 1))
            elif token == "_":
                sub = self.argument(font)
            else:
                sup = self.argument(font)
        return primes + sup + base + sub if above else base + primes + sup + sub

    def argument(self, font: str) -> list[Key]:
        if self.at < len(self.tokens) and self.tokens[self.at] == "{":
            self.at += 1
            found = self.body(font, {"}"})
            self.at += 1
            return found
        return self.atom(font)

    def option(self, font: str) -> list[Key]:
        if self.at < len(self.tokens) and self.tokens[self.at] == "[":
            self.at += 1
            found = self.body(font, {"]"})
            self.at += 1
            return found
        return []

    def atom(self, font: str) -> list[Key]:
        index, token = self.at, self.tokens[self.at]
        if token == "{":
            return self.argument(font)
        self.at += 1
        if token in _TEXT:
            return self.argument(_TEXT_ALPHABET[token])
        if token == "\\tag":
            return [("(", index), *self.argument("\\mathrm"), (")", self.at - 1)]
        if token in table.FONTS:
            return self.argument(token)
        if token == "\\frac":
            above = self.argument(font)
            return [*above, ("\\frac", index), *self.argument(font)]
        if token in ("\\overset", "\\binom"):
            return self.argument(font) + self.argument(font)
        if token == "\\underset":
            below = self.argument(font)
            return self.argument(font) + below
        if token == "\\sqrt":
            return [*self.option(font), ("\\sqrt", index), *self.argument(font)]
        if token in _ACCENTS:
            return [(token, index), *self.argument(font)]
        if token.startswith("\\x") and token in table.OPTIONAL:
            below = self.option(font)
            return [*self.argument(font), (token, index), *below]
        return self._leaf(token, index, font)

    def _leaf(self, token: str, index: int, font: str) -> list[Key]:
        if token in ("\\left", "\\right"):
            delimiter = self.tokens[self.at]
            self.at += 1
            return [] if delimiter == "." else [(delimiter, self.at - 1)]
        if token == "\\begin{array}" and self.tokens[self.at] == "{":
            self.argument("")
            return []
        matrix = token[7:-1] if token.startswith("\\begin{") else token[5:-1] if token.startswith("\\end{") else ""
        for pair, name in table.MATRICES.items():
            if name == matrix:
                return [(pair[token.startswith("\\end")], index)]
        if matrix == "cases":
            return [("\\{", index)] if token.startswith("\\begin") else []
        if token in ("&", "\\\\", " ", "\\quad", "\\qquad", "\\hline", "\\substack", "}") or matrix:
            return []
        if font and len(token) == 1 and token.isalnum() and not (font == "\\mathrm" and token.isdigit()):
            return [(f"{font}:{token}", index)]
        return [(f"\\boldsymbol:{token}" if font == "\\boldsymbol" else token, index)]


def match(expected: Sequence[tuple[int, int]], classes: Sequence[int]) -> dict[int, list[int]]:
    """For each token, the indices of its glyphs.

    expected: (class, token) in draw order; classes: the class of each glyph found, in draw order.
    """
    wanted: dict[int, list[int]] = defaultdict(list)
    found: dict[int, list[int]] = defaultdict(list)
    for kind, token in expected:
        wanted[kind].append(token)
    for index, kind in enumerate(classes):
        found[kind].append(index)
    matched: dict[int, list[int]] = defaultdict(list)
    for kind, tokens in wanted.items():
        if kind >= 0 and len(found[kind]) == len(tokens):
            for token, glyph in zip(tokens, found[kind], strict=True):
                matched[token].append(glyph)
    return matched
