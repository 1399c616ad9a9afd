"""What commands with a syntax of their own stand for."""

from __future__ import annotations

from scipix.notation.tree import Command, Fence, Leaf, Node, Nodes, Table, Text

_NEGATED = {"=": "\\neq", "\\in": "\\notin", "\\ni": "\\notni", "|": "\\nmid", "\\parallel": "\\nparallel"}


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
