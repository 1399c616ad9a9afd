"""What commands with a syntax of their own stand for."""

from __future__ import annotations

import re

from scipix.notation import symbols as table
from scipix.notation.tree import Command, Fence, Font, Leaf, Node, Nodes, Table, Text

_NEGATED = {"=": "\\neq", "\\in": "\\notin", "\\ni": "\\notni", "|": "\\nmid", "\\parallel": "\\nparallel"}

_EM = {"em": 1.0, "ex": 0.43, "pt": 0.1, "mu": 1 / 18, "cm": 2.85, "mm": 0.285, "in": 7.2, "pc": 1.2, "px": 0.075}
_DIMENSION = re.compile(r"\s*(-?\d*\.?\d+)\s*([a-z]{2})")


_BETWEEN = table.BIG_OPERATORS | frozenset(
    "+ - = < > * : \\times \\cdot \\pm \\mp \\cup \\cap \\wedge \\vee \\oplus \\otimes \\circ \\leq \\le \\geq \\ge \\neq \\ne "
    "\\equiv \\sim \\approx \\cong \\subset \\subseteq \\supset \\supseteq \\in \\prec \\preceq \\succ \\rightarrow \\to "
    "\\leftarrow \\Rightarrow \\Leftrightarrow \\mapsto \\hookrightarrow \\not".split()
)


def dots(after: str | None) -> str:
    """The dots that amsmath's `\\dots` draws before this token: raised ones before operators and relations."""
    return "\\cdots" if after in _BETWEEN else "\\ldots"


def gap(dimension: str) -> Nodes:
    """The space command that is nearest to this width (TeX's units, at 10 points); none below half a quad."""
    found = _DIMENSION.match(dimension)
    width = float(found[1]) * _EM.get(found[2], 0.0) if found else 0.0
    return () if width < 0.55 else (Leaf("\\quad" if width < 1.5 else "\\qquad"),)


def infix(token: str, above: Nodes, below: Nodes) -> Node:
    """What `above \\over below` and its kin draw."""
    if token == "\\over":
        return Command("\\frac", (above, below))
    if token == "\\choose":
        return Command("\\binom", (above, below))
    pair = Table("matrix", "", ((above,), (below,)))
    fences = {"\\brack": ("[", "]"), "\\brace": ("\\{", "\\}")}
    return Fence(*fences[token], (pair,)) if token in fences else pair


def negated(nodes: Nodes) -> Nodes:
    """`\\not` before these: one symbol where there is one."""
    if nodes and isinstance(nodes[0], Leaf) and nodes[0].token in _NEGATED:
        return (Leaf(_NEGATED[nodes[0].token]), *nodes[1:])
    return (Command("\\not", (nodes,)),)


def modulo(token: str, inner: Nodes) -> Nodes:
    """`\\bmod`, `\\mod{n}`, `\\pmod{n}`, `\\pod{n}`."""
    name = (Text("\\mathrm", "mod"),)
    if token in ("\\bmod", "\\mod"):
        return (*name, *inner)
    return (Leaf("("), *(name if token == "\\pmod" else ()), *inner, Leaf(")"))


def operator(nodes: Nodes, limits: bool) -> Nodes:
    """`\\operatorname{...}` of these; limits: of its starred form."""
    words = "".join(n.token if isinstance(n, Leaf) else n.words if isinstance(n, Text) else "?" for n in nodes)
    if "?" in words or "\\" in words:
        return (Font("\\mathrm", nodes),)
    if words in table.FUNCTIONS:
        return (Leaf("\\" + words),)
    return (Command("\\operatorname*", ((Text("\\mathrm", words),),)),) if limits else (Text("\\mathrm", words),)


_ENCLOSED = {
    "roundedbox": "\\boxed", "box": "\\boxed", "updiagonalstrike": "\\cancel", "downdiagonalstrike": "\\bcancel",
    "horizontalstrike": "\\sout", "actuarial": "\\angl", "phasorangle": "\\phase", "radical": "\\sqrt", "top": "\\overline",
    "bottom": "\\underline",
}  # fmt: skip


def enclosed(notations: str, body: Nodes) -> Nodes | None:
    """MathJax's `\\enclose{notations}{body}` in commands of LaTeX; None when one of its notations has none."""
    names = re.findall("|".join(_ENCLOSED), notations)
    if not names or "".join(names) != "".join(notations.split()):
        return None
    if sorted(names) == ["downdiagonalstrike", "updiagonalstrike"]:
        return (Command("\\xcancel", (body,)),)
    for name in names:
        body = (Command(_ENCLOSED[name], (body,)),)
    return body
