"""A cursor over the tokens of LaTeX math."""

from __future__ import annotations

from scipix.errors import InvalidLatex
from scipix.notation import symbols as table


class Reader:
    """Reads tokens one by one, and what is no math: raw arguments, lengths, delimiters."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> str | None:
        while self.at < len(self.tokens) and self.tokens[self.at] == " ":
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self) -> str:
        token = self.peek()
        if token is None:
            raise InvalidLatex("the formula ends too early")
        self.at += 1
        return token

    def expect(self, token: str) -> None:
        found = self.next()
        if found != token:
            raise InvalidLatex(f"expected {token}, found {found}")

    def raw_group(self) -> str:
        """The text of a braced argument as it stands."""
        if self.peek() != "{":
            return self.next()
        self.next()
        depth, parts = 1, []
        while depth:
            if self.at >= len(self.tokens):
                raise InvalidLatex("a brace is not closed")
            token = self.tokens[self.at]
            self.at += 1
            depth += (token == "{") - (token == "}")
            if depth:
                parts.append(token)
        return "".join(p + " " if p[0] == "\\" and p[-1].isalpha() else p for p in parts)

    def dimension(self) -> str:
        """A length of TeX (`1em`, `-.5 ex`), with or without braces."""
        if self.peek() == "{":
            return self.raw_group()
        parts: list[str] = []
        while (token := self.peek()) is not None and (token in "-+.0123456789 " or token.isalpha()):
            parts.append(self.next())
            if len(parts) > 1 and token.isalpha() and parts[-2].isalpha():
                break
        return "".join(parts)

    def delimiter(self) -> str:
        token = self.next()
        if token == "{":  # \left{ is a common slip; TeX refuses it
            raise InvalidLatex("a delimiter is missing")
        return table.SYNONYMS.get(token, token)
