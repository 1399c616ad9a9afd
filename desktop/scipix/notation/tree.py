"""LaTeX math as a tree. `parser.py` makes it, `normalize.py` folds it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leaf:
    """One token that draws itself."""

    token: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words set in a text font; font is a `\\mathrm`-like command."""

    font: str
    words: str


@dataclass(frozen=True, slots=True)
class Font:
    """Math set in another alphabet."""

    font: str
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its arguments; option is the `[...]` argument."""

    name: str
    arguments: tuple[tuple[Node, ...], ...]
    option: tuple[Node, ...] | None = None


@dataclass(frozen=True, slots=True)
class Scripts:
    """A base with a subscript, a superscript and primes; base is empty for scripts on nothing."""

    base: tuple[Node, ...]
    sub: tuple[Node, ...] | None
    sup: tuple[Node, ...] | None
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Fence:
    """`\\left ... \\right`; `.` stands for no delimiter."""

    left: str
    right: str
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """An environment of rows and cells; lines: how many rules lie above each row, and below the last."""

    name: str
    columns: str
    rows: tuple[tuple[tuple[Node, ...], ...], ...]
    lines: tuple[int, ...] = ()


Node = Leaf | Text | Font | Command | Scripts | Fence | Table
Nodes = tuple[Node, ...]
