"""Delimiters whose size is told by hand: `\\Big( ... \\Big)` is drawn much as `\\left( ... \\right)` around what is tall."""

from __future__ import annotations

from collections.abc import Sequence

from scipix.notation import symbols as table

_CLOSING = {
    "(": ")", "[": "]", "\\{": "\\}", "\\lbrace": "\\}", "\\lbrack": "]", "\\langle": "\\rangle", "\\lfloor": "\\rfloor",
    "\\lceil": "\\rceil", "\\lvert": "|", "\\lVert": "\\|",
}  # fmt: skip


def unbrace_sizes(tokens: Sequence[str]) -> list[str]:
    """`\\Big{(}`, as converters write, to `\\Big(`."""
    kept: list[str] = []
    at = 0
    while at < len(tokens):
        kept.append(tokens[at])
        if tokens[at] in table.SIZES and tokens[at + 1 : at + 2] == ["{"] and tokens[at + 3 : at + 4] == ["}"]:
            kept.append(tokens[at + 2])
            at += 3
        at += 1
    return kept


def pair_sizes(tokens: Sequence[str]) -> list[str]:
    """Pairs of sized delimiters that balance within one cell and one group, as `\\left` and `\\right`; others as they are."""
    found = list(tokens)
    opened: list[tuple[str, int, tuple[int, ...]]] = []  # what closes it, where it stands, in which group
    groups = [0]  # the numbers of the open groups; a cell of a table is a group
    count = 0
    for at, token in enumerate(tokens):
        if token in ("{", "\\left") or token.startswith("\\begin{"):
            groups.append(count := count + 1)
        elif (token in ("}", "\\right") or token.startswith("\\end{")) and len(groups) > 1:
            groups.pop()
        elif token in ("&", "\\\\"):
            groups[-1] = count = count + 1
        elif token in table.SIZES and at + 1 < len(tokens):
            delimiter = table.SYNONYMS.get(tokens[at + 1], tokens[at + 1])
            if opened and opened[-1][0] == delimiter and opened[-1][2] == tuple(groups):
                _, start, _ = opened.pop()
                found[start], found[at] = "\\left", "\\right"
            elif tokens[at + 1] in _CLOSING:
                opened.append((_CLOSING[tokens[at + 1]], at, tuple(groups)))
    return found
