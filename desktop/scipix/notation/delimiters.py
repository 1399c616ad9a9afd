"""What stands around a formula in the document that it is pasted into."""

from __future__ import annotations

import re
from enum import StrEnum

# Environments that make a display of their own; nothing may be put around them but $$ in Markdown.
_OWN_DISPLAY = r"(?:align|alignat|flalign|gather|multline|equation|eqnarray|displaymath|math)\*?"
_ENVIRONMENT = re.compile(rf"\\begin\{{({_OWN_DISPLAY})\}}(.*)\\end\{{\1\}}", re.DOTALL)
_EQUATION = re.compile(r"\\begin\{(equation\*?|displaymath|math)\}(.*)\\end\{\1\}", re.DOTALL)
# Inner environments whose rows an align* can take over, with their optional [t], [c], [b].
_ALIGNED = re.compile(r"\\begin\{(aligned|split|align\*?)\}(?:\s*\[[tcb]\])?(.*)\\end\{\1\}", re.DOTALL)
_GATHERED = re.compile(r"\\begin\{(gathered|gather\*?)\}(?:\s*\[[tcb]\])?(.*)\\end\{\1\}", re.DOTALL)
_PAIRS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_TAG = re.compile(r"\s*\\tag\*?\{[^{}]*\}")
_STEP = re.compile(r"\\(begin|end)\{([^{}]*)\}|\\.|[{}&]|.", re.DOTALL)


class Delimiters(StrEnum):
    """How LaTeX is wrapped; the values are those of the settings file."""

    NONE = "none"
    DOLLAR = "dollar"
    PAREN = "paren"
    DOUBLE_DOLLAR = "double-dollar"
    BRACKET = "bracket"
    EQUATION = "equation"
    EQUATION_STAR = "equation*"
    ALIGN = "align"
    MARKDOWN = "markdown"


def wrap(latex: str, style: Delimiters | str) -> str:
    """The formula in its delimiters; any that it has already are taken off first. NONE only takes off white space.

    ALIGN makes align*, with the rows of an aligned or split body as its rows. In the others, bare rows get an aligned.
    MARKDOWN is `$$` on lines of their own. A formula whose environment makes a display by itself (multline, numbered
    align ...) is not put into another one. Raises ValueError for a style that there is not.
    """
    style = Delimiters(style)
    body = unwrap(latex)
    if style is Delimiters.NONE or not body:
        return latex.strip()
    if style is Delimiters.ALIGN and not _is_whole(_ENVIRONMENT, body):
        return _align(body)
    if _has_rows(body):
        body = f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
    if style is Delimiters.MARKDOWN:
        return f"$$\n{body}\n$$"
    if _is_whole(_ENVIRONMENT, body):
        return body
    match style:
        case Delimiters.DOLLAR:
            return f"${_without_tag(body)}$"
        case Delimiters.PAREN:
            return f"\\({_without_tag(body)}\\)"
        case Delimiters.DOUBLE_DOLLAR:
            return f"$${body}$$"
        case Delimiters.BRACKET:
            return f"\\[{_lines(body)}\\]"
    return f"\\begin{{{style}}}\n{body}\n\\end{{{style}}}"


def unwrap(text: str) -> str:
    """The formula alone: outer white space, $, $$, \\(, \\[, equation and displaymath are taken off, also twice nested.

    align* and gather* with several rows become aligned and gathered, which have rows too; numbered ones and multline
    stay. Text that is not wholly inside one pair is left alone.
    """
    body = text.strip()
    while True:
        inner = _unwrap_once(body)
        if inner == body:
            return body
        body = inner


def _unwrap_once(body: str) -> str:
    for opening, closing in _PAIRS:
        if body.startswith(opening) and body.endswith(closing) and len(body) >= len(opening) + len(closing):
            inner = body[len(opening) : len(body) - len(closing)]
            if _holds_no_pair(inner, opening):
                return inner.strip()
    found = _is_whole(_EQUATION, body)
    if found:
        return found[2].strip()
    for pattern, inner_name in ((_ALIGNED, "aligned"), (_GATHERED, "gathered")):
        found = _is_whole(pattern, body)
        if found and found[1] in ("align*", "gather*"):
            if not _has_rows(found[2]):
                return found[2].strip()
            return f"\\begin{{{inner_name}}}{found[2]}\\end{{{inner_name}}}"
    return body


def _holds_no_pair(inner: str, opening: str) -> bool:
    """Whether the delimiters at both ends belong together, as in $a$ but not in $a$ + $b$."""
    bare = re.sub(r"\\text\{[^{}]*\}", "", inner)
    bare = re.sub(r"\\[^()\[\]]", "", bare) if opening.startswith("\\") else re.sub(r"\\.", "", bare, flags=re.DOTALL)
    if inner.endswith("\\") and not inner.endswith("\\\\"):
        return False  # the closing one is escaped
    closing = {"\\[": "\\]", "\\(": "\\)"}.get(opening, "$")
    return closing not in bare


def _align(body: str) -> str:
    found = _is_whole(_ALIGNED, body) or _is_whole(_GATHERED, body)
    rows = found[2].strip() if found else body
    return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"


def _without_tag(body: str) -> str:
    """Equation numbers stand beside displays only; amsmath refuses them in a line of text."""
    return _TAG.sub("", body).strip()


def _has_rows(body: str) -> bool:
    """Whether there is a \\\\ or & outside of every environment and brace."""
    depth = 0
    for step in _STEP.finditer(body):
        part = step.group()
        if step[1] or part in "{}":
            depth += 1 if step[1] == "begin" or part == "{" else -1
        elif depth == 0 and part in ("\\\\", "&"):
            return True
    return False


def _lines(body: str) -> str:
    """Several lines of source get lines of their own."""
    return f"\n{body}\n" if "\n" in body else body


def _is_whole(pattern: re.Pattern[str], body: str) -> re.Match[str] | None:
    """The match when the environment that begins the text is also the one that ends it."""
    found = pattern.fullmatch(body)
    if found is None:
        return None
    depth = 0
    for step in _STEP.finditer(found[2]):
        if step[1]:
            depth += 1 if step[1] == "begin" else -1
            if depth < 0:
                return None
    return found
