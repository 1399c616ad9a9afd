"""Other spellings of a normalized formula that a reader would call the same, so that pictures vary where text does not."""

from __future__ import annotations

import random

from scipix.notation import symbols as table
from scipix.notation.tokens import detokenize

_SIZED = {"(": ")", "[": "]"}
_BEFORE_BRACKETS = table.OPTIONAL | {"\\left", "\\right"}  # what stands behind these has no size of its own


def source(original: str, tokens: list[str], rng: random.Random) -> str:
    """TeX math to typeset: the original spelling or a varied normalized one, in display or text style."""
    style = "\\displaystyle " if rng.random() < 0.72 else "\\textstyle "
    if original and rng.random() < 0.45 and not _told_otherwise(original):
        return style + original
    if "\\tag" in tokens:
        start = tokens.index("\\tag")
        words = "".join(tokens[start + 2 : -1])
        gap = rng.choice(["\\quad", "\\qquad", f"\\hskip {rng.uniform(1.5, 14):.1f}em"])
        return f"{style}{{{detokenize(vary(tokens[:start], rng))}}}{gap}\\hbox{{({words})}}"
    return style + detokenize(vary(tokens, rng))


def _told_otherwise(original: str) -> bool:
    """Whether what is drawn may not be what the tokens say: numbers and comments, and limits of operators, which TeX sets
    beside the name within lines; normalized they always stand below it."""
    return any(each in original.replace("\\%", "") for each in ("\\tag", "%", "\\operatorname*"))


def vary(tokens: list[str], rng: random.Random) -> list[str]:
    """Sprinkle thin spaces, size brackets, and choose among commands that draw alike."""
    spaced = rng.random() < 0.35
    sized = rng.random() < 0.25
    varied: list[str] = []
    text = 0
    for index, token in enumerate(tokens):
        if text:
            text += (token == "{") - (token == "}")
            varied.append(token)
            continue
        if token in ("\\text", "\\textbf", "\\textit", "\\textsf", "\\texttt", "\\ce"):
            varied.append(token)
        elif token == "{" and index and tokens[index - 1].startswith(("\\text", "\\ce", "\\mathrm")):
            text = 1
            varied.append(token)
        elif token == "\\frac" and rng.random() < 0.2:
            varied.append(rng.choice(["\\dfrac", "\\tfrac"]))
        elif token == "\\mathrm" and rng.random() < 0.15:
            varied.append("\\mathrm")
        elif spaced and token in ("d", ",", ";", "=", "+") and rng.random() < 0.3 and _free(tokens, index):
            varied += ["\\,", token]
        else:
            varied.append(token)
    has_text = any(token.startswith(("\\text", "\\ce")) for token in tokens)
    return _size_brackets(varied, rng) if sized and not has_text else varied


def _free(tokens: list[str], index: int) -> bool:
    """Whether a space may stand before this token: not where an argument is due."""
    return (
        index > 0
        and tokens[index - 1] not in ("_", "^", "\\left", "\\right", "[", "{", "\\not")
        and (tokens[index - 1][0] != "\\" or not tokens[index - 1][-1].isalpha())
    )


def _size_brackets(tokens: list[str], rng: random.Random) -> list[str]:
    """Make one plain pair of brackets a little larger, as authors do by hand."""
    stack: list[tuple[str, int, int]] = []
    pairs: list[tuple[int, int]] = []
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token == "{" or token.startswith("\\begin")) - (token == "}" or token.startswith("\\end"))
        after_left = index > 0 and tokens[index - 1] in _BEFORE_BRACKETS
        if token in _SIZED and not after_left:
            stack.append((token, depth, index))
        elif token in _SIZED.values() and not after_left and stack:
            opened, at_depth, start = stack.pop()
            if _SIZED[opened] == token and at_depth == depth and "&" not in tokens[start:index]:
                pairs.append((start, index))
    if not pairs:
        return tokens
    start, end = rng.choice(pairs)
    size = rng.choice(["big", "big", "Big"])
    return [*tokens[:start], f"\\{size}l", *tokens[start:end], f"\\{size}r", *tokens[end:]]
