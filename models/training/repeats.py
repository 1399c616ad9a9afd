"""Formulas in which the same comes again: terms, rows, entries, digits, storeys. A reader that tells where it is by what it
wrote passes one of them over, or goes round; each kind stands for pictures of which the seventh model left something out."""

from __future__ import annotations

from collections.abc import Callable

from models.training.layouts import rows_of
from models.training.marks import Marks

Make = Callable[[], str]
_FENCES = ("pmatrix", "bmatrix", "vmatrix", "matrix", "pmatrix", "Bmatrix")


class Repeats(Marks):
    """What is alike, several times."""

    def expansion(self) -> str:
        """Powers of two letters, falling and rising, with coefficients."""
        a, b, n = self.letter(), self.letter(), self.rng.randrange(3, 9)
        stock = [self.number() for _ in range(2)]
        terms = []
        for k in range(self.rng.randrange(3, n + 1)):
            left = "" if k == n else a if k == n - 1 else f"{a}^{{{n - k}}}"
            right = "" if k == 0 else b if k == 1 else f"{b}^{{{k}}}"
            terms.append(f"{self.rng.choice(['', '', *stock])}{left} {right}")
        sign = self.rng.choice([" + ", " + ", " - "])
        return self.rng.choice(["", f"({a}{sign}{b})^{{{n}}} = "]) + sign.join(terms)

    def entries(self) -> str:
        """Matrices of a letter with two indices, some of them again and again, and rows that come twice."""
        letter, size = self.letter(), self.rng.choice([2, 3, 3, 4, 4, 5])
        few = self.rng.choice([2, 3, 4])

        def entry(row: int, column: int) -> str:
            if self.chance(0.5):
                row, column = self.rng.randrange(1, few), self.rng.randrange(1, few)
            return f"{letter}_{{{row}{column}}}"

        columns = self.rng.choice([size, size, 2, 3])
        lines = [" & ".join(entry(r + 1, c + 1) for c in range(columns)) for r in range(size)]
        if self.chance(0.3):
            lines[self.rng.randrange(size)] = lines[self.rng.randrange(size)]
        return rows_of(self.pick(_FENCES), lines)

    def few_numbers(self) -> str:
        """Vectors, matrices and lists of few different numbers."""
        stock = self.rng.choice([["0", "1"], ["1", "-1", "0"], [self.number(), self.number()], ["3", "37", self.number()],
                                 ["\\ast", "0"], [self.letter(), "0"]])  # fmt: skip
        rows, columns = self.rng.choice([1, 2, 3, 3, 4, 5, 6]), self.rng.choice([1, 1, 2, 3, 4, 5])
        if rows == 1:
            listed = ", ".join([*self.rng.choices(stock, k=columns + 3), *self.rng.choice([[], ["\\ldots"]])])
            return f"({listed})"
        lines = [" & ".join(self.rng.choice(stock) for _ in range(columns)) for _ in range(rows)]
        after = self.rng.choice(["", "", ",", self.letter()])
        return rows_of(self.pick(_FENCES), lines) + after

    def same_lines(self) -> str:
        """Lines that are the same, or the same but for one sign."""
        line = self.rng.choice([self.letter, lambda: self.expression(0, 2), lambda: self.expression(1, 3), self.field,
                                lambda: f"{self.letter()} = {self.expression(0, 2)}", self.labelled_arrow])()  # fmt: skip
        lines = [self.altered(line) if self.chance(0.3) else line for _ in range(self.rng.choice([2, 3, 3, 4, 5]))]
        if self.chance(0.3):
            lines.insert(self.rng.randrange(len(lines) + 1), self.expression(0, 2))
        name = self.rng.choice(["array", "gathered", "matrix", "cases", "aligned"])
        if name == "aligned":
            lines = [f"{self.letter()} &= {line}" if self.chance(0.5) else f"&= {line}" for line in lines]
        return rows_of(name, lines, "{l}" if name == "array" else "")

    def same_terms(self) -> str:
        """Sums and products of one factor, with brackets, fractions or determinants around."""
        inner = self.rng.choice(
            [f"{self.letter()} - {self.number()}", self.letter(), self.field(), self.expression(0, 2)]
        )
        other = self.altered(inner)
        around = self.rng.choice(
            ["({})", "({})", "\\sqrt{{{}}}", "|{}|", "\\frac{{1}}{{{}}}", "{}", "\\sin {}", "[{}]"]
        )
        terms = [around.format(other if self.chance(0.3) else inner) for _ in range(self.rng.randrange(2, 7))]
        joint = self.rng.choice(["", " + ", " + ", ", ", " - ", " \\cdot ", " = "])
        return joint.join(terms) + self.rng.choice(
            ["", " + \\cdots", f" = {self.number()}", "", f"^{{{self.number()}}}"]
        )

    def long_number(self) -> str:
        """Digits that come several times in a row."""
        digit = self.pick("0013579")
        text = "".join(
            digit if self.chance(0.75) else self.pick("0123456789") for _ in range(self.rng.randrange(4, 12))
        )
        number = self.rng.choice([text, f"0.{text}", f"{text[:2]}.{text}", f"1{text}"])
        return self.rng.choice(
            [number, f"{self.letter()} = {number}", f"{number} + {self.number()}", f"{number}^{{{text[:2]}}}"]
        )

    def nested(self) -> str:
        """Roots, fractions and brackets within their own kind."""
        a, b = self.number(), self.rng.choice([self.letter(), self.number()])
        form = self.rng.choice(["\\sqrt{{{a} + {inner}}}", "{a} + \\cfrac{{1}}{{{inner}}}", "({a} + {b}{inner})",
                                "{a}^{{{inner}}}", "f({inner})", "\\frac{{{a}}}{{{b} + {inner}}}"])  # fmt: skip
        text = self.rng.choice([a, b, "\\cdots"])
        for _ in range(self.rng.randrange(2, 6)):
            text = form.format(a=a, b=b, inner=text)
        return text

    def repeat(self) -> str:
        """One formula of any of these kinds."""
        kinds: list[tuple[float, Make]] = [
            (5, self.expansion), (6, self.entries), (7, self.few_numbers), (8, self.same_lines), (7, self.same_terms),
            (3, self.long_number), (4, self.nested),
        ]  # fmt: skip
        return self.rng.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()
