"""Parses LaTeX math; the many spellings of one look come out of it already partly folded together."""

from __future__ import annotations

import re

from scipix.errors import InvalidLatex
from scipix.notation import symbols as table
from scipix.notation.chemistry import fold
from scipix.notation.reader import Reader
from scipix.notation.sizes import pair_sizes, unbrace_sizes
from scipix.notation.spellings import dots, enclosed, gap, infix, modulo, negated, operator
from scipix.notation.tokens import TEXT_COMMANDS, tokenize
from scipix.notation.tree import Command, Fence, Font, Leaf, Node, Nodes, Scripts, Table, Text

MAX_DEPTH = 60
_LIMITED = frozenset(Leaf(token) for token in table.LIMIT_FUNCTIONS | table.BIG_OPERATORS)


def parse(latex: str) -> Nodes:
    """The tree of LaTeX math. Raises InvalidLatex on anything that does not balance or is not known."""
    parser = _Parser(pair_sizes(unbrace_sizes(tokenize(fold(latex)))))
    nodes = parser.body(until=())
    if parser.peek() is not None:
        raise InvalidLatex(f"unexpected {parser.peek()}")
    return nodes


class _Parser(Reader):
    def __init__(self, tokens: list[str]) -> None:
        super().__init__(tokens)
        self.depth = 0

    def body(self, until: tuple[str, ...]) -> Nodes:
        """Nodes up to (not with) one of `until`; handles infix fractions and font switches."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise InvalidLatex("nested too deeply")
        nodes: list[Node] = []
        while (token := self.peek()) is not None and token not in until and token != "}":
            if token in ("\\over", "\\choose", "\\atop", "\\brack", "\\brace"):
                self.next()
                nodes = [infix(token, tuple(nodes), self.body(until))]
                break
            if token in table.FONT_SWITCHES and self.tokens[self.at + 1 : self.at + 2] != ["{"]:
                self.next()
                nodes.append(Font(table.FONT_SWITCHES[token], self.body(until)))
                break
            nodes.extend(self.item())
        self.depth -= 1
        return tuple(nodes)

    def item(self) -> Nodes:
        """One atom with its scripts."""
        mathop = self.peek() == "\\mathop"
        base = self.atom() if self.peek() not in ("^", "_", "'") else ()
        limits = mathop and self.peek() == "\\limits" and not (len(base) == 1 and base[0] in _LIMITED)
        sub: Nodes | None = None
        sup: Nodes | None = None
        primes = 0
        while (token := self.peek()) in ("^", "_", "'", "\\limits", "\\nolimits", "\\displaylimits"):
            self.next()
            if token == "'":
                primes += 1
            elif token == "_":
                sub = (sub or ()) + self.argument()
            elif token == "^":
                found = self.argument()
                while found and found[0] == Leaf("\\prime"):
                    primes, found = primes + 1, found[1:]
                sup = (sup or ()) + found if found else sup
        if sub is None and sup is None and not primes:
            return base
        if limits and base and not primes:  # \mathop{=}\limits^{?} draws what \overset{?}{=} does
            stacked = base if sup is None else (Command("\\overset", (sup, base)),)
            return stacked if sub is None else (Command("\\underset", (sub, stacked)),)
        return (*base[:-1], Scripts(base[-1:], sub, sup, primes))

    def argument(self) -> Nodes:
        token = self.peek()
        if token == "{":
            return self.group()
        if token in ("^", "_", "}", "&", "\\\\", None):
            raise InvalidLatex(f"an argument is missing before {token}")
        return self.atom()

    def group(self) -> Nodes:
        self.expect("{")
        nodes = self.body(until=("}",))
        self.expect("}")
        return nodes

    def option(self) -> Nodes | None:
        if self.peek() != "[":
            return None
        self.next()
        nodes = self.body(until=("]",))
        self.expect("]")
        return nodes

    def atom(self) -> Nodes:
        token = self.next()
        token = dots(self.peek()) if token == "\\dots" else table.SYNONYMS.get(token, token)
        if token == "{":
            self.at -= 1
            return self.group()
        if token in ("\\ ", "~"):
            return self._spaces()
        if token in table.INVISIBLE:
            return ()
        if token in ("\\kern", "\\mkern", "\\hskip", "\\mskip"):
            return gap(self.dimension())
        if token in ("\\raise", "\\lower"):
            self.dimension()
            return ()
        if token in TEXT_COMMANDS:
            return _text(table.TEXT_FONTS[token], self.raw_group())
        if token in table.FONTS or token in table.FONT_SWITCHES:
            return (Font(table.FONT_SWITCHES.get(token, token), self.argument()),)
        if token in table.ARGUMENTS:
            return (self._command(token),)
        if token in table.DROPPED:
            return self._dropped(token)
        if token in table.TRANSPARENT or token in table.TEXT_BOXES:
            return self._bare(token)
        return self._special(token)

    def _dropped(self, token: str) -> Nodes:
        if self.peek() == "*":
            self.next()
        for _ in range(table.DROPPED[token]):
            self.raw_group()
        return ()

    def _bare(self, token: str) -> Nodes:
        """The last argument of a command that draws nothing itself."""
        if token in table.TEXT_BOXES:
            for _ in range(table.TEXT_BOXES[token] - 1):
                self.raw_group()
            return _text("\\mathrm", self.raw_group())
        self.option() if token in table.OPTIONAL else None
        for _ in range(table.TRANSPARENT[token] - 1):
            self.raw_group()
        return self.argument()

    def _spaces(self) -> Nodes:
        count = 1
        while self.peek() in ("\\ ", "~"):
            self.next()
            count += 1
        return gap(f"{count / 3}em")

    def _command(self, name: str) -> Node:
        option = self.option() if name in table.OPTIONAL else None
        if name == "\\substack":
            self.expect("{")
            rows = self._rows(("}",))
            self.expect("}")
            return Table("substack", "", rows[0])
        return Command(name, tuple(self.argument() for _ in range(table.ARGUMENTS[name])), option or None)

    def _special(self, token: str) -> Nodes:
        if token == "\\hspace":
            self.next() if self.peek() == "*" else None
            return gap(self.raw_group())
        if token in ("\\fcolorbox", "\\bbox", "\\fbox"):
            return self._framed(token)
        if token == "\\angln":
            return (Command("\\angl", ((Leaf("n"),),)),)
        if token == "\\coloneqq":  # differs in a hair's breadth from what needs no package
            return (Leaf(":"), Leaf("="))
        if token == "\\enclose":
            return self._enclosed()
        if token == "\\left":
            return (self._fence(),)
        if token in table.SIZES or token == "\\middle":
            return (Leaf(self.delimiter()),)
        if token.startswith("\\begin{"):
            return self._environment(token[7:-1])
        if token in ("\\operatorname", "\\operatorname*"):
            return operator(parse(self.raw_group()), limits=token.endswith("*"))
        if token == "\\ce":
            return (Text("\\ce", self.raw_group()),)
        if token in ("\\ket", "\\bra"):
            body = self.argument()
            return (Leaf("|"), *body, Leaf("\\rangle")) if token == "\\ket" else (Leaf("\\langle"), *body, Leaf("|"))
        if token == "\\not":
            return negated(self.argument())
        if token in ("\\pmod", "\\bmod", "\\mod", "\\pod"):
            return modulo(token, () if token == "\\bmod" else self.argument())
        if token.startswith("\\end{") or token in ("\\right", "&", "\\\\", "}", "#", "$", "\\hline"):
            raise InvalidLatex(f"unexpected {token}")
        return (Leaf(token),)

    def _framed(self, token: str) -> Nodes:
        """A frame stays, its colors and margins do not; MathJax's \bbox has one only if it says so."""
        if token != "\\bbox":
            for _ in range(2 if token == "\\fcolorbox" else 0):
                self.raw_group()
            return (Command("\\boxed", (_text("\\mathrm", self.raw_group()),)),)
        options = self._option_text()
        border = not options or "border" in options
        body = self.argument()
        return (Command("\\boxed", (body,)),) if border else body

    def _enclosed(self) -> Nodes:
        """As commands where there are any; else it stays, for what it draws must not get lost."""
        self._option_text()
        notations = self.raw_group()
        body = self.argument()
        return enclosed(notations, body) or (Leaf("\\enclose"), *map(Leaf, "".join(notations.split())), *body)

    def _option_text(self) -> str:
        """What stands in brackets here, as written; nothing where nothing does."""
        if self.peek() != "[":
            return ""
        start = self.at
        while self.next() != "]":
            pass
        return "".join(self.tokens[start : self.at])

    def _fence(self) -> Node:
        left = self.delimiter()
        nodes = self.body(until=("\\right",))
        self.expect("\\right")
        return Fence(left, self.delimiter(), nodes)

    def _environment(self, name: str) -> Nodes:
        kind = table.ENVIRONMENTS.get(name)
        if kind is None:
            raise InvalidLatex(f"unknown environment {name}")
        end = f"\\end{{{name}}}"
        if not kind:
            nodes = self.body(until=(end,))
            self.expect(end)
            return nodes
        if self.peek() == "[" and self.tokens[self.at + 2 : self.at + 3] == ["]"]:  # vertical position
            self.option()
        columns = self.raw_group().replace(" ", "") if name in ("array", "darray", "subarray", "tabular") else ""
        if name in ("alignat", "alignat*", "alignedat"):
            self.raw_group()
        rows, lines = self._rows((end,))
        self.expect(end)
        return (Table(kind, columns, rows, lines),)

    def _rows(self, until: tuple[str, ...]) -> tuple[tuple[tuple[Nodes, ...], ...], tuple[int, ...]]:
        rows: list[tuple[Nodes, ...]] = []
        lines: list[int] = []
        while True:
            rules = 0
            while self.peek() in ("\\hline", "\\hdashline", "\\toprule", "\\midrule", "\\bottomrule"):
                self.next()
                rules += 1
            lines.append(rules)
            if self.peek() in until:
                break
            cells = [self.body(("&", "\\\\", "\\cr", "\\newline", "\\tabularnewline", "\\hline", *until))]
            while self.peek() == "&":
                self.next()
                cells.append(self.body(("&", "\\\\", "\\cr", "\\newline", "\\tabularnewline", "\\hline", *until)))
            rows.append(tuple(cells))
            if self.peek() in until:
                lines.append(0)
                break
            if self.peek() != "\\hline":
                self._end_row()
        if not any(any(row) for row in rows):
            raise InvalidLatex("an empty table")
        return tuple(rows), tuple(lines[: len(rows) + 1])

    def _end_row(self) -> None:
        self.next()
        if self.peek() == "*":
            self.next()
        if self.peek() == "[" and self.tokens[self.at + 1] in "-.0123456789":
            while self.next() != "]":
                pass


def _text(font: str, words: str) -> Nodes:
    """Text with `$...$` inside becomes text and math."""
    nodes: list[Node] = []
    for index, part in enumerate(re.split(r"(?<!\\)\$", words)):
        if index % 2:
            nodes.extend(parse(part))
        elif part:
            nodes.append(Text(font, part))
    return tuple(nodes)
