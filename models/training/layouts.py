"""Formulas of several lines: steps, systems, lists, tables without delimiters."""

from __future__ import annotations

from collections.abc import Sequence

from models.training.kinds import Kinds


class Layouts(Kinds):
    """Short lines one under the other."""

    def lines(self) -> str:
        """Short lines one under the other: systems, steps, lists."""
        rows = self.rng.choice([2, 2, 2, 3, 3, 4])
        made = self.rng.choices([self.steps, self.columns, self.system, self.unlike, self.table], [30, 20, 15, 20, 15])
        return made[0](rows)

    def steps(self, rows: int) -> str:
        """Steps of a calculation."""
        lines = []
        for row in range(rows):
            left = self.scripted(0) if row == 0 or self.chance(0.5) else ""
            lines.append(f"{left} &= {self.expression(self.rng.choice([0, 0, 1]), self.rng.choice([1, 1, 2, 3]))}")
        return rows_of("aligned", lines)

    def columns(self, rows: int) -> str:
        """Several equations in each line."""
        count = self.rng.choice([2, 2, 3])
        right = [self.number, self.letter, lambda: self.expression(0, 2)]
        return rows_of(
            "aligned",
            [
                " & ".join(f"{self.scripted(0)} &= {self.rng.choice(right)()}" for _ in range(count))
                for _ in range(rows)
            ],
        )

    def system(self, rows: int) -> str:
        """Linear equations, aligned or in a brace."""
        names = self.rng.sample("xyzuvwabc", self.rng.choice([2, 2, 3]))
        lines = []
        for _ in range(rows):
            terms = [f"{self.rng.choice(['', str(self.rng.randrange(2, 12))])}{name}" for name in names]
            left = terms[0] + "".join(f" {self.rng.choice('+-')} {term}" for term in terms[1:])
            lines.append(f"{left} &= {self.number()}")
        if self.chance(0.5):
            return rows_of("aligned", lines)
        return rows_of("cases", [line.replace("&", "") for line in lines])

    def unlike(self, rows: int) -> str:
        """Lines that have nothing to do with each other, at the left or in the middle."""
        made = [lambda: self.expression(1, 2), self.styled, self.spaced, lambda: self.expression(0, 3)]
        lines = [self.rng.choice(made)() for _ in range(rows)]
        return rows_of("gathered", lines) if self.chance(0.5) else rows_of("array", lines, "{l}")

    def table(self, rows: int) -> str:
        """Cells without delimiters."""
        columns = self.rng.choice([2, 2, 3, 4])
        made = [self.letter, self.number, lambda: self.scripted(0), lambda: self.expression(0, 2), self.styled]
        cell = self.rng.choice(made)
        lines = [" & ".join(cell() for _ in range(columns)) for _ in range(rows)]
        before = self.letter() if self.chance(0.2) else ""
        after = self.number() if self.chance(0.1) else ""
        kind = self.rng.choice(["", "l", "", "r"])
        body = rows_of("array", lines, f"{{{kind * columns}}}") if kind else rows_of("matrix", lines)
        return before + body + after


def rows_of(environment: str, lines: Sequence[str], argument: str = "") -> str:
    """The lines in an environment."""
    body = r" \\ ".join(lines)
    return f"\\begin{{{environment}}}{argument} {body} \\end{{{environment}}}"
