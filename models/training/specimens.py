"""Formulas that are drilled: plain small matrices, near copies of a line under each other, rows of one alphabet, towers of
scripts, ruled tables, changes of size. The corpus has few of them, and readings of their kind fail."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase

from models.training.expressions import LOWER_GREEK, RELATIONS, UNITS
from models.training.kinds import Kinds
from models.training.layouts import Layouts, rows_of
from models.training.probes import ACCENTS, LEAVES

Make = Callable[[], str]
_UPRIGHT = ("\\mathrm", "\\mathbf", "\\mathsf", "\\mathtt", "\\mathit")
_CAPITAL = ("\\mathcal", "\\mathscr", "\\mathbb", "\\mathfrak")
_GREEK = LEAVES[LEAVES.index("\\alpha") : LEAVES.index("\\Omega") + 1]
_MATRICES = ("pmatrix", "pmatrix", "bmatrix", "bmatrix", "vmatrix", "matrix", "Bmatrix", "Vmatrix")
_SIZES = ("\\displaystyle", "\\textstyle", "\\scriptstyle", "\\scriptscriptstyle")
_DOTS = ("\\cdots", "\\ldots", "\\cdots", "\\ldots", "\\vdots", "\\ddots")


class Specimens(Layouts, Kinds):
    """What a model that reads papers well still gets wrong."""

    def alphabet_row(self) -> str:
        """Letters, digits and every accent in one upright alphabet, then others beside it for comparison."""
        font = self.rng.choice([*_UPRIGHT, *_UPRIGHT, ""])

        def run(name: str, size: int) -> str:
            letters = ascii_uppercase if name in _CAPITAL else ascii_lowercase + ascii_uppercase + "0123456789"
            text = "".join(self.pick(letters) for _ in range(size))
            return f"{name}{{{text}}}" if name else text

        def accent() -> str:
            return f"{self.pick(ACCENTS)}{{{run(font, 1)}}}"

        made: list[Make] = [
            accent,
            accent,
            lambda: run(font, self.rng.randrange(1, 5)),
            lambda: self.pick(_GREEK),
            lambda: self.pick(["\\imath", "\\jmath", "\\ell", "\\imath"]),
            lambda: run(self.pick([*_UPRIGHT, *_CAPITAL, ""]), self.rng.randrange(1, 3)),
        ]
        parts = [
            run(font, self.rng.randrange(1, 5)),
            *(self.rng.choice(made)() for _ in range(self.rng.randrange(1, 6))),
        ]
        if self.chance(0.3):
            parts.append(self.rng.choice(["+", "", "=", ","]) + self.pick(["\\KaTeX", "\\LaTeX", "\\TeX"]))
        return " ".join(parts)

    def greek_row(self) -> str:
        """The Greek alphabet or part of it, in order or not, capitals before or after."""
        start = self.rng.randrange(0, len(_GREEK) - 6)
        row = _GREEK[start : start + self.rng.randrange(5, 40)]
        if self.chance(0.4):
            row = [self.pick(_GREEK) for _ in range(self.rng.randrange(5, 36))]
        joint = self.rng.choice([" ", " ", " ", ",", "\\ ", " + "])
        return joint.join(row)

    def small_matrix(self) -> str:
        """A matrix of letters, numbers or indexed letters, alone or in an equation."""
        rows, columns = self.rng.choice(
            [(2, 2), (2, 2), (2, 2), (3, 3), (2, 1), (3, 1), (2, 3), (1, 2), (1, 3), (4, 4)]
        )
        base, names = self.pick(ascii_lowercase), list(ascii_lowercase)
        start = self.rng.randrange(0, 26 - rows * columns) if rows * columns < 26 else 0
        numbers = self.rng.randrange(0, 10)
        cells: list[Callable[[int, int], str]] = [
            lambda r, c: names[start + r * columns + c],
            lambda r, c: self.rng.choice(["", "", "-"]) + str(self.rng.randrange(0, 10)),
            lambda r, c: str(numbers + r * columns + c),
            lambda r, c: f"{base}_{{{r + 1}{c + 1}}}",
            lambda r, c: "1" if r == c else "0",
            lambda r, c: self.letter(),
            lambda r, c: ("\\cos " if r == c else "\\sin ") + base,
        ]
        cell = self.rng.choice(cells)
        body = [" & ".join(cell(r, c) for c in range(columns)) for r in range(rows)]
        name = self.pick(_MATRICES)
        text = rows_of(name, body)
        if self.chance(0.45):
            return text
        other = rows_of(name, [self.letter() for _ in range(rows)])
        return self.rng.choice(
            [f"{self.letter()} = {text}", f"{text} {other}", f"\\det {text} = {self.expression(0, 2)}",
             f"{text}^{{{self.rng.choice(['-1', 'T', '2'])}}}", f"{text} = {text}", f"{text} {other} = {other}",
             f"{self.number()} {text} + {self.letter()}"]
        )  # fmt: skip

    def echoes(self) -> str:
        """Lines that repeat the first with little changed, or nothing, as steps, variants and tables do."""
        first = self.rng.choice(
            [
                lambda: self.expression(0, self.rng.choice([2, 3, 4])),
                lambda: self.relation_of(self.expression(0, 2), self.expression(1, 2)),
                lambda: f"({self.letter()} \\cdot {self.letter()}) \\bmod {self.number()}",
                lambda: f"{self.letter()} \\pmod {{{self.number()}}}",
                self.alphabet_row,
                self.spaced,
                lambda: f"\\operatorname{{{self.sentence(1)}}}({self.letter()}) + {self.scripted(0)}",
            ]
        )()
        lines = [first]
        for _ in range(self.rng.choice([1, 1, 2, 2, 3])):
            lines.append(lines[-1] if self.chance(0.35) else self.altered(lines[-1]))
        r = self.rng.random()
        if r < 0.35:
            return rows_of("gathered", lines)
        if r < 0.75:
            return rows_of("array", lines, "{l}")
        return rows_of(
            "array", [f"{line} & {self.altered(line)}" for line in lines], self.pick(["{ll}", "{cc}", "{lr}"])
        )

    def relation_of(self, left: str, right: str) -> str:
        return f"{left} {self.pick(RELATIONS)} {right}"

    def altered(self, line: str) -> str:
        """The line with some letters and digits changed."""
        parts = line.split(" ")
        for index, part in enumerate(parts):
            if len(part) == 1 and part.isalnum() and self.chance(0.3):
                parts[index] = str(self.rng.randrange(10)) if part.isdigit() else self.pick(ascii_lowercase)
        return " ".join(parts)

    def ruled_table(self) -> str:
        """A table with lines between rows, columns, around it; words or numbers in the cells."""
        rows, columns = self.rng.choice([2, 2, 3, 4]), self.rng.choice([1, 2, 2, 3, 4])
        made: list[Make] = [
            self.letter, self.number, lambda: self.scripted(0), lambda: f"\\text{{{self.sentence(2)}}}",
            lambda: f"{self.rng.randrange(100)}.{self.rng.randrange(10, 100)}", lambda: self.expression(0, 2),
            lambda: f"{self.number()}\\,\\mathrm{{{self.pick(UNITS)}}}",
        ]  # fmt: skip
        columns_made = [self.rng.choice(made) for _ in range(columns)]
        inner = self.rng.choice(["|", "|", ""])
        around = "|" if self.chance(0.5) else ""
        places = around + inner.join(self.rng.choice("cclr") for _ in range(columns)) + around
        lines = [" & ".join(cell() for cell in columns_made) for _ in range(rows)]
        every = self.chance(0.45)
        text = ""
        for index, line in enumerate(lines):
            rule = "\\hline " if (index == 0 and around) or (index and (every or index == 1)) else ""
            text += rule + line + (" \\\\ " if index < rows - 1 or around else "")
        text += "\\hline " if around else ""
        return f"\\begin{{array}}{{{places}}} {text}\\end{{array}}"

    def sizes(self) -> str:
        """The same or other things on one base line in display, text, script and the smallest size."""
        thing = self.expression(0, self.rng.choice([1, 2]))
        parts = []
        for size in self.rng.sample(_SIZES, self.rng.choice([2, 2, 3, 4])):
            thing = thing if self.chance(0.6) else self.expression(0, 2)
            parts.append(f"{{{size} {thing}}}")
        return self.rng.choice(["", "", " + ", "\\quad "]).join(parts)

    def tower(self) -> str:
        """Scripts of scripts, primes within them, products of such."""

        def climb(depth: int) -> str:
            base = self.pick(ascii_lowercase + "ABfgF2") + (self.pick(ascii_lowercase) if self.chance(0.3) else "")
            prime = self.rng.choice(["'", "'", "''"]) if base[-1].isalpha() and self.chance(0.35) else ""
            if depth == 0:
                return base + prime
            place = "^" if self.chance(0.75) else "_"
            return f"{base}{prime if place == '_' else ''}{place}{{{climb(depth - 1)}}}"

        parts = [climb(self.rng.choice([0, 1, 1, 2, 2, 3])) for _ in range(self.rng.choice([1, 2, 2, 3]))]
        return self.rng.choice([" + ", " = ", " ", " - "]).join(parts)

    def dotted(self) -> str:
        """Rows of dots between few other signs."""
        parts = [self.pick(_DOTS[:4])]
        for _ in range(self.rng.randrange(1, 6)):
            parts.append(self.rng.choice(["+", ";", ",", "=", "\\int", "-", "<", ":", self.letter()]))
            parts.append(self.pick(_DOTS))
        row = " ".join(parts)
        return row if self.chance(0.6) else rows_of(self.pick(["gathered", "matrix"]), [row, self.altered(row)])

    def counted(self) -> str:
        """Numbers with words or italic words behind them, as labels have them."""
        number = self.number()
        word = self.rng.choice([self.sentence(1), f"{self.sentence(1)}s"])
        label = self.rng.choice(
            [f"{number}\\text{{ {word}}}", f"{number}\\ {word}", f"\\text{{{number} {word}}}", word]
        )
        body = f"{self.letter()} + {self.letter()} + \\cdots + {self.letter()}"
        return self.rng.choice(
            [f"\\overbrace{{{body}}}^{{{label}}}", f"\\underbrace{{{body}}}_{{{label}}}", f"{self.letter()} = {label}",
             f"{self.letter()}_{{{label}}}", label]
        )  # fmt: skip

    def rare_index(self) -> str:
        """A rare symbol where it is small: in an index, between letters of an index, over an arrow."""
        symbol = self.pick(LEAVES[LEAVES.index("\\infty") :])
        a, b, base = self.letter(), self.letter(), self.pick(ascii_uppercase + ascii_lowercase)
        return self.rng.choice(
            [f"{base}_{{{symbol}}}", f"{base}^{{{symbol}}}", f"{base}_{{{a} {symbol} {b}}}", f"{base}^{{{a} {symbol} {b}}}",
             f"{base} {symbol} {b}", f"({a} {symbol} {b})_{{{self.pick(LOWER_GREEK)}}}"]
        )  # fmt: skip

    def rare_indices(self) -> str:
        joint = [" = ", " + ", " ", ", "]
        return self.rng.choice(joint).join(self.rare_index() for _ in range(self.rng.choice([1, 2, 3])))

    def named_rows(self) -> str:
        """Cells of words in several alphabets, remainders, functions."""
        fonts = [*_UPRIGHT, "\\text", "\\operatorname"]
        cells: list[Make] = [
            lambda: f"{self.pick(fonts)}{{{self.sentence(1)}}}",
            lambda: f"{self.letter()} \\bmod {self.number()}",
            lambda: f"{self.letter()} \\pmod {{{self.number()}}}",
            lambda: f"{self.letter()} \\pod {{{self.number()}}}",
            self.letter,
            lambda: f"{self.pick(_UPRIGHT)}{{{self.pick(ascii_lowercase)}{self.pick(ascii_lowercase)}}}",
        ]
        rows, columns = self.rng.choice([1, 2, 2, 3]), self.rng.choice([2, 2, 3, 4, 5])
        same = self.rng.choice(cells) if self.chance(0.4) else None
        body = [" & ".join((same or self.rng.choice(cells))() for _ in range(columns)) for _ in range(rows)]
        return rows_of("matrix", body) if rows > 1 or self.chance(0.3) else body[0].replace("&", "\\quad")
