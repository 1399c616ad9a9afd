"""LaTeX math as a list of tokens, and back.

A token is a control sequence (`\\frac`, `\\{`), an environment edge (`\\begin{cases}`), or one character. White space is
dropped, except inside the arguments of text commands, where a run of it is the one token `" "`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scipix.notation.chemistry import spaced

TEXT_COMMANDS = frozenset(
    [
        "\\text",
        "\\textrm",
        "\\textup",
        "\\textnormal",
        "\\mbox",
        "\\hbox",
        "\\textbf",
        "\\textit",
        "\\textsf",
        "\\texttt",
    ]
    + ["\\emph", "\\textsc", "\\textmd"]
)

_TOKEN = re.compile(
    r"\\(?:begin|end)\s*\{[a-zA-Z]+\*?\}"
    r"|\\operatorname\*"
    r"|\\[a-zA-Z]+"
    r"|\\[^a-zA-Z]"
    r"|(?<!\\)%[^\n]*(?:\n\s*|$)"
    r"|\s+"
    r"|.",
    re.DOTALL,
)


def tokenize(latex: str) -> list[str]:
    """Split LaTeX math into tokens; never fails (a lone backslash is a token of its own)."""
    return [token for token, _, _ in token_spans(latex)]


def token_spans(latex: str) -> list[tuple[str, int, int]]:
    """As `tokenize`, each token with where it starts and ends in the text."""
    tokens: list[tuple[str, int, int]] = []
    depth = 0
    text_depths: list[int] = []  # brace depth at which each open text argument began
    pending_text = False
    for match in _TOKEN.finditer(latex):
        token = match.group()
        if token[0] == "%":
            continue
        if token.isspace():
            if text_depths and tokens and tokens[-1][0] != " ":
                tokens.append((" ", *match.span()))
            continue
        if token == "{":
            depth += 1
            if pending_text:
                text_depths.append(depth)
        elif token == "}":
            if text_depths and text_depths[-1] == depth:
                text_depths.pop()
            depth -= 1
        pending_text = token in TEXT_COMMANDS
        if token.startswith(("\\begin", "\\end")) and token.endswith("}"):
            token = re.sub(r"\s+", "", token)
        tokens.append((token, *match.span()))
    return tokens


def detokenize(tokens: Iterable[str]) -> str:
    """Join tokens into LaTeX that reads well; `tokenize` gives the same tokens back."""
    parts: list[str] = []
    previous = ""
    text_depth = 0  # white space inside a text argument would be drawn
    for token in _joined_chemistry(tokens):
        if text_depth:
            text_depth += (token == "{") - (token == "}")
        elif token == "{" and previous in TEXT_COMMANDS:
            text_depth = 1
        elif previous == "{" and parts[-2:-1] == ["\\ce"]:
            pass
        elif _needs_space(previous, token):
            parts.append(" ")
        parts.append(token)
        previous = token
    return "".join(parts)


def _joined_chemistry(tokens: Iterable[str]) -> Iterator[str]:
    """The tokens, but the argument of `\\ce` as one, spaced as mhchem wants it."""
    inner: list[str] = []
    depth, previous = 0, ""
    for token in tokens:
        if depth:
            depth += (token == "{") - (token == "}")
            if depth:
                inner.append(token + " " if token[0] == "\\" and token[-1].isalpha() else token)
                continue
            yield spaced("".join(inner))
            inner.clear()
        elif previous == "\\ce" and token == "{":
            depth = 1
        yield token
        previous = token
    if inner:
        yield spaced("".join(inner))


def _needs_space(before: str, token: str) -> bool:
    if not before or not token:
        return False
    if before[0] == "\\" and before[-1].isalpha() and token[0].isalpha():
        return True
    if before == "\\\\" or token == "\\\\":
        return True
    if "&" in (before, token) and " " not in (before, token):
        return True
    if before.startswith("\\begin{") or token.startswith("\\end{"):
        return token not in ("{", "[")
    spaced = before in _RELATIONS or token in _RELATIONS
    return spaced and before not in ("_", "^", "{", ":") and token != "}"


_RELATIONS = frozenset(
    ["=", "<", ">", "\\leq", "\\geq", "\\neq", "\\equiv", "\\approx", "\\sim", "\\simeq", "\\cong", "\\in", "\\subset"]
    + ["\\subseteq", "\\rightarrow", "\\Rightarrow", "\\leftarrow", "\\mapsto", "\\propto", "\\ll", "\\gg", "\\notin"]
    + ["\\Longrightarrow", "\\Longleftrightarrow", "\\longrightarrow", "\\to"]
)
