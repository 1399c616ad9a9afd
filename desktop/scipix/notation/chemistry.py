r"""The argument of mhchem's `\ce`: one spelling for what it draws alike, and spaces where mhchem needs them.

Without spaces a plus is a charge to mhchem and with spaces it is a sum, `SO4^2-` needs no braces and `SO4^{2-}` has them.
In the one spelling charges and other superscripts have braces, a sign without `^` stands between substances, and white space
says nothing, so that it is a list of tokens like all other LaTeX. (mhchem's manual, version 4.)
"""

from __future__ import annotations

import re

_ARROWS = ("<=>>", "<<=>", "<-->", "<=>", "<->", "->", "<-")
_ARROW = re.compile("|".join(map(re.escape, _ARROWS)))
_SUPERSCRIPT = re.compile(r"\^(?!\{)([0-9]*[-+]|[0-9]+|[*.A-Za-z]+)")
_SUBSCRIPT = re.compile(r"_(?!\{)([0-9]+|[A-Za-z])")
_PLAIN_SUBSCRIPT = re.compile(r"(?<=[A-Za-z)\]])_\{([0-9]+)\}(?!\^)")
_RAISED = re.compile(r"\^[0-9]*\Z")  # a superscript without braces, as mhchem takes it too
_CHARGE = re.compile(r"(?<=[A-Za-z0-9)\]}])([-+])$")


def fold(latex: str) -> str:
    r"""The LaTeX with the argument of each `\ce` in the one spelling, without white space."""
    parts, at = [], 0
    for match in re.finditer(r"\\ce\s*\{", latex):
        if match.start() < at:
            continue
        if (end := _closing(latex, match.end())) is None:
            break
        parts += [latex[at : match.end()], folded(latex[match.end() : end])]
        at = end
    return "".join([*parts, latex[at:]])


def spaced(chemistry: str) -> str:
    """The one spelling with the spaces that mhchem needs, and that people write."""
    parts, depth, at = [], 0, 0
    while at < len(chemistry):
        arrow = _ARROW.match(chemistry, at)
        char = chemistry[at]
        depth += (char in "{[") - (char in "}]")
        if arrow and not depth:
            at = _behind_labels(chemistry, arrow.end())
            parts.append(f" {chemistry[arrow.start() : at]} ")
            continue
        sums = char == "+" and not depth and not _RAISED.search(chemistry, 0, at)
        parts.append(" + " if sums else char)
        at += 1
    return re.sub(" +", " ", "".join(parts)).strip()


def folded(chemistry: str) -> str:
    """One argument in the one spelling."""
    pieces, at = [], 0
    for match in re.finditer(r"\s+|$", chemistry):
        if match.start() < at or _depth(chemistry[at : match.start()]):
            continue
        pieces.append(_folded_piece(chemistry[at : match.start()]))
        at = match.end()
    return "".join([*pieces, re.sub(r"\s+", "", chemistry[at:])])


def _folded_piece(piece: str) -> str:
    """What stands between two spaces: a substance, a plus, an arrow, or several of these without spaces."""
    parts, at = [], 0
    for arrow in _ARROW.finditer(piece):
        if arrow.start() < at or _depth(piece[at : arrow.start()]):
            continue
        end = _behind_labels(piece, arrow.end())
        parts += [_substance(piece[at : arrow.start()]), re.sub(r"\s+", "", piece[arrow.start() : end])]
        at = end
    return "".join([*parts, _substance(piece[at:])])


def _substance(text: str) -> str:
    text = re.sub(r"\s+", "", text)
    if text not in ("+", "-") and "^" not in text[-4:]:
        text = _CHARGE.sub(r"^{\1}", text)
    text = _SUPERSCRIPT.sub(r"^{\1}", text)
    return _PLAIN_SUBSCRIPT.sub(r"\1", _SUBSCRIPT.sub(r"_{\1}", text))


def _behind_labels(text: str, at: int) -> int:
    """Where what follows an arrow's labels in brackets begins."""
    for _ in range(2):
        if text[at : at + 1] == "[" and (end := text.find("]", at)) > 0:
            at = end + 1
    return at


def _depth(text: str) -> int:
    """How many braces are open at its end."""
    return text.count("{") - text.count("}")


def _closing(latex: str, at: int) -> int | None:
    """Where the brace closes that was opened before `at`."""
    depth = 1
    for place in range(at, len(latex)):
        char = latex[place]
        if char in "{}" and latex[place - 1] != "\\":
            depth += 1 if char == "{" else -1
        if not depth:
            return place
    return None
