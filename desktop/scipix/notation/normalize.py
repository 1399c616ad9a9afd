"""One spelling for what looks the same: the form that the recognizer is trained on, answers in, and is measured in."""

from __future__ import annotations

import re
from itertools import groupby

from scipix.errors import InvalidLatex
from scipix.notation import symbols as table
from scipix.notation.parser import parse
from scipix.notation.tokens import detokenize, tokenize
from scipix.notation.tree import Command, Fence, Font, Leaf, Node, Nodes, Scripts, Table, Text


def normalize(latex: str) -> str:
    """The one spelling of this formula. Raises InvalidLatex when it does not parse."""
    return detokenize(normalized_tokens(latex))


def normalized_tokens(latex: str) -> list[str]:
    """`normalize`, as tokens (see `scipix.notation.tokens`)."""
    tokens = _pass(latex)
    for _ in range(3):  # folding one spelling can bring another to light
        again = _pass(detokenize(tokens))
        if again == tokens:
            break
        tokens = again
    return tokens


def _pass(latex: str) -> list[str]:
    nodes = _clean(_flatten_single_row(parse(latex)))
    tokens = _without_modulo_space(_emit_all(nodes))
    while tokens and tokens[-1] in ("\\quad", "\\qquad"):
        tokens.pop()
    while tokens and tokens[0] in ("\\quad", "\\qquad"):
        tokens.pop(0)
    if not tokens:
        raise InvalidLatex("the formula is empty")
    return tokens


_MODULO = ["\\mathrm", "{", "m", "o", "d", "}"]


def _without_modulo_space(tokens: list[str]) -> list[str]:
    """Without the quad before `mod`, which `\\mod`, and `\\pmod` in displays, set by themselves."""
    kept = []
    for index, token in enumerate(tokens):
        after = index + 1 + (tokens[index + 1 : index + 2] == ["("])
        if token != "\\quad" or tokens[after : after + len(_MODULO)] != _MODULO:
            kept.append(token)
    return kept


def _flatten_single_row(nodes: Nodes) -> Nodes:
    """An alignment of one row looks like its content."""
    if len(nodes) == 1 and isinstance(nodes[0], Table) and nodes[0].name in ("aligned", "gathered"):
        rows = [row for row in nodes[0].rows if any(row)]
        if len(rows) == 1:
            return tuple(node for cell in rows[0] for node in cell)
    return nodes


def _clean(nodes: Nodes, font: str = "") -> Nodes:
    cleaned: list[Node] = []
    for node in nodes:
        cleaned.extend(_clean_node(node, font))
    return _merge_fonts(tuple(cleaned))


def _clean_node(node: Node, font: str) -> Nodes:
    match node:
        case Leaf(token):
            return _clean_leaf(token, font)
        case Font(inner, body):
            single = len(body) == 1 and inner in ("\\mathit", "\\textit")
            return _clean(body, "" if single else table.TEXT_FONTS.get(inner, inner))
        case Text(inner, words):
            return _clean_text(inner, words)
        case Scripts():
            return _clean_scripts(node, font)
        case Command():
            return _clean_command(node, font)
        case Fence():
            return _clean_fence(node, font)
        case Table():
            return (_clean_table(node, font),)


def _clean_leaf(token: str, font: str) -> Nodes:
    if token == "\\prime":
        return (Scripts((), None, None, 1),)
    if font and (token.isalpha() and len(token) == 1):
        return (Font(font, (Leaf(token),)),)
    if font in ("\\mathbf", "\\mathbb", "\\mathsf", "\\mathtt", "\\mathit") and token.isdigit():
        return (Font(font, (Leaf(token),)),)
    if font == "\\boldsymbol" and (token.isalnum() or token in _BOLD_SYMBOLS):
        return (Font("\\mathbf" if token.isdigit() else font, (Leaf(token),)),)
    return (Leaf(token),)


_BOLD_SYMBOLS = frozenset(
    "\\alpha \\beta \\gamma \\delta \\epsilon \\varepsilon \\zeta \\eta \\theta \\vartheta \\iota \\kappa \\lambda \\mu "
    "\\nu \\xi \\pi \\rho \\sigma \\tau \\upsilon \\phi \\varphi \\chi \\psi \\omega \\Gamma \\Delta \\Theta \\Lambda "
    "\\Xi \\Pi \\Sigma \\Phi \\Psi \\Omega \\ell \\nabla \\partial".split()
)


def _clean_text(font: str, words: str) -> Nodes:
    if font == "\\ce":
        return (Text(font, words),)
    words = re.sub(r"\s+|~|\\ |\\[,;:!]|\\quad\s*", " ", words)
    spelled, words = words, re.sub(r"\\([%&_$#])", r"\1", words).replace("{", "").replace("}", "")
    words = re.sub(r" +", " ", words)
    if "\\" in words or not words.strip():
        return () if not words.strip() else _clean(parse(spelled), font)
    if words.strip() in table.FUNCTIONS and font == "\\mathrm":
        return (Leaf("\\" + words.strip()),)
    if not any(c.isalpha() for c in words):
        return tuple(Leaf(f"\\{c}" if c in "%&_$#" else c) for c in words if c != " ")
    if " " in words or re.search(r"[^A-Za-z0-9]", words):
        return (Text(font, words),)
    return tuple(Font(font, (Leaf(c),)) if c.isalpha() or font == "\\mathbf" else Leaf(c) for c in words)


def _clean_scripts(node: Scripts, font: str) -> Nodes:
    base = _clean(node.base, font)
    sub = _clean(node.sub, font) if node.sub else ()
    sup = _clean(node.sup, font) if node.sup else ()
    primes = node.primes
    limits = len(node.base) == 1 and isinstance(node.base[0], Command) and node.base[0].name == "\\operatorname*"
    if limits and sub and not sup:
        return (Command("\\underset", (sub, base)),)
    if len(base) == 1 and isinstance(base[0], Scripts) and not base[0].sup and not (sub and base[0].sub):
        inner = base[0]
        if not (primes and inner.primes):
            return (Scripts(inner.base, sub or inner.sub, sup or None, primes or inner.primes),)
    if not sub and not sup and not primes:
        return base
    return (*base[:-1], Scripts(base[-1:], sub or None, sup or None, primes))


def _clean_command(node: Command, font: str) -> Nodes:
    arguments = tuple(_clean(argument, font) for argument in node.arguments)
    option = _clean(node.option, font) if node.option else None
    name = node.name
    single = len(arguments[0]) == 1 and isinstance(arguments[0][0], Leaf | Font)
    if name in ("\\widehat", "\\widetilde") and single:
        name = {"\\widehat": "\\hat", "\\widetilde": "\\tilde"}[name]
    if name in ("\\bar", "\\hat", "\\tilde") and len(arguments[0]) > 1 and name != "\\bar":
        name = {"\\hat": "\\widehat", "\\tilde": "\\widetilde"}[name]
    if name == "\\bar" and len(arguments[0]) > 1:
        name = "\\overline"
    if name in ("\\underset", "\\overset") and len(arguments[1]) == 1 and isinstance(arguments[1][0], Leaf):
        token = arguments[1][0].token
        if token in table.LIMIT_FUNCTIONS or token in table.BIG_OPERATORS:
            low = name == "\\underset"
            return (Scripts(arguments[1], arguments[0] if low else None, None if low else arguments[0]),)
    if name == "\\operatorname*":
        return arguments[0]
    if name == "\\angl":
        # KaTeX sets its argument as text, upright, and refuses \mathrm in it; other packages set it as math.
        plain = (node.body if isinstance(node, Font) and node.font == "\\mathrm" else (node,) for node in arguments[0])
        arguments = (tuple(inner for body in plain for inner in body),)
    if name not in ("\\frac", "\\binom", "\\xrightarrow", "\\xleftarrow") and not any(arguments):
        return ()
    return (Command(name, arguments, option),)


def _clean_fence(node: Fence, font: str) -> Nodes:
    body = _clean(node.body, font)
    if len(body) == 1 and isinstance(body[0], Table):
        inner = body[0]
        plain = inner.name == "matrix" or (
            inner.name == "array" and set(inner.columns) <= {"c"} and not any(inner.lines)
        )
        if plain and (node.left, node.right) in table.MATRICES:
            return (Table(table.MATRICES[node.left, node.right], "", inner.rows),)
        looks_cases = inner.name == "aligned" or (inner.name == "array" and set(inner.columns) <= set("lc"))
        if (node.left, node.right) == ("\\{", ".") and (looks_cases or inner.name in ("matrix", "gathered")):
            return (Table("cases", "", inner.rows),)
    if is_tall(body):
        return (Fence(node.left, node.right, body),)
    left = () if node.left == "." else (Leaf(node.left),)
    right = () if node.right == "." else (Leaf(node.right),)
    return (*left, *body, *right)


def is_tall(nodes: Nodes) -> bool:
    """Whether `\\left ... \\right` around these grows visibly."""
    for node in nodes:
        match node:
            case Leaf(token) if token in table.BIG_OPERATORS:
                return True
            case Command(name) if name in (
                "\\frac",
                "\\binom",
                "\\underset",
                "\\overset",
                "\\overbrace",
                "\\underbrace",
            ):
                return True
            case Command(_, arguments) if any(is_tall(argument) for argument in arguments):
                return True
            case Scripts(base, sub, sup) if is_tall(base) or is_tall(sub or ()) or is_tall(sup or ()):
                return True
            case Fence() | Table():
                return True
            case _:
                pass
    return False


def _clean_table(node: Table, font: str) -> Table:
    rows = [tuple(_clean(cell, font) for cell in row) for row in node.rows]
    lines = list(node.lines) if any(node.lines) else []
    while rows and not any(rows[-1]) and not lines:
        rows.pop()
    while rows and not any(rows[0]) and not lines:
        rows.pop(0)
    if node.name == "aligned" and all(len(row) == 1 for row in rows):
        return Table("gathered", "", tuple(rows))
    if node.name == "array" and not lines and set(node.columns) <= {"c"}:
        return Table("matrix", "", tuple(rows))
    return Table(node.name, re.sub(r"[^lcr|]", "", node.columns), tuple(rows), tuple(lines))


def _merge_fonts(nodes: Nodes) -> Nodes:
    merged: list[Node] = []
    for font, run in groupby(nodes, key=lambda n: n.font if isinstance(n, Font) else None):
        items = list(run)
        if font in table.MERGED_FONTS:
            body = tuple(leaf for item in items if isinstance(item, Font) for leaf in item.body)
            words = "".join(leaf.token for leaf in body if isinstance(leaf, Leaf))
            if font == "\\mathrm" and words in table.FUNCTIONS:
                merged.append(Leaf("\\" + words))
            else:
                merged.append(Font(font, body))
        else:
            merged.extend(items)
    return tuple(merged)


def _emit_all(nodes: Nodes) -> list[str]:
    return [token for node in nodes for token in _emit(node)]


def _braced(nodes: Nodes) -> list[str]:
    return ["{", *_emit_all(nodes), "}"]


def _emit(node: Node) -> list[str]:
    match node:
        case Leaf(token):
            return [token]
        case Font(font, body):
            return [font, *_braced(body)]
        case Text("\\ce", words):
            return ["\\ce", "{", *tokenize(words), "}"]
        case Text(font, words):
            escaped = (f"\\{c}" if c in "%&_#$" else c for c in words)
            return [table.TEXT_NAMES.get(font, "\\text"), "{", *escaped, "}"]
        case Scripts(base, sub, sup, primes):
            tokens = _emit_all(base) + ["'"] * primes if base else ["{", "}"] + ["'"] * primes
            tokens += ["_", *_braced(sub)] if sub is not None else []
            return tokens + (["^", *_braced(sup)] if sup is not None else [])
        case Command(name, arguments, option):
            tokens = [name, "[", *_emit_all(option), "]"] if option else [name]
            return tokens + [token for argument in arguments for token in _braced(argument)]
        case Fence(left, right, body):
            return ["\\left", left, *_emit_all(body), "\\right", right]
        case Table():
            return _emit_table(node)


def _emit_table(node: Table) -> list[str]:
    rows: list[str] = []
    for index, row in enumerate(node.rows):
        rows += ["\\\\"] if index else []
        rows += ["\\hline"] * (node.lines[index] if index < len(node.lines) else 0)
        for column, cell in enumerate(row):
            rows += ["&"] if column else []
            rows += _emit_all(cell)
    if len(node.lines) > len(node.rows) and node.lines[-1]:
        rows += ["\\\\", *["\\hline"] * node.lines[-1]]
    if node.name == "substack":
        return ["\\substack", "{", *rows, "}"]
    columns = ["{", *node.columns, "}"] if node.name == "array" else []
    return [f"\\begin{{{node.name}}}", *columns, *rows, f"\\end{{{node.name}}}"]
