"""Makes formulas where the corpus is thin: a grammar of mathematical writing, and mutations of the formulas there are."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from string import ascii_lowercase, ascii_uppercase

from models.training.expressions import ELEMENTS, LOWER_GREEK, RELATIONS, UNITS, WORDS
from models.training.probes import LEAVES
from models.training.rare import Rare
from scipix.notation.tokens import detokenize

Make = Callable[[], str]


class Grammar(Rare):
    """Whole formulas: relations, matrices, cases, aligned displays, chemistry, measurements, mutations."""

    rows: Sequence[str] = ()  # the borrowed ones of several lines

    def relation(self, depth: int, sides: int = 2) -> str:
        text = self.expression(depth, self.rng.choice([1, 1, 2, 2, 3]))
        for _ in range(sides - 1):
            text += f" {self.pick(RELATIONS)} {self.expression(depth, self.rng.choice([1, 2, 2, 3]))}"
        return text

    def words(self) -> str:
        return " ".join(self.pick(WORDS) for _ in range(self.rng.choice([1, 1, 2, 2, 3])))

    def matrix(self) -> str:
        rows, columns = self.rng.choice([1, 2, 2, 2, 3, 3, 4]), self.rng.choice([1, 2, 2, 3, 3, 4])
        cell: Make = self.rng.choice(
            [
                self.number,
                self.letter,
                lambda: self.scripted(0),
                lambda: self.expression(0, 2),
                lambda: f"{base}_{{{self.rng.randrange(1, 4)}{self.rng.randrange(1, 4)}}}",
                lambda: self.rng.choice(["0", "1", "-1", "0", "*", "\\ddots", "\\vdots", "\\cdots"]),
            ]
        )
        base = self.pick(ascii_lowercase)
        body = r" \\ ".join(" & ".join(cell() for _ in range(columns)) for _ in range(rows))
        name = self.rng.choice(["pmatrix", "bmatrix", "vmatrix", "pmatrix", "bmatrix", "matrix", "Vmatrix", "Bmatrix"])
        text = f"\\begin{{{name}}} {body} \\end{{{name}}}"
        if self.chance(0.2):
            rules = "".join(self.rng.choice(["c", "c", "l", "r", "|c"]) for _ in range(columns))
            hline = r" \hline " if self.chance(0.5) else ""
            body = r" \\ ".join(" & ".join(cell() for _ in range(columns)) for _ in range(rows)).replace(
                r"\\", r"\\" + hline, 1
            )
            text = f"\\begin{{array}}{{{rules}}} {body} \\end{{array}}"
            if self.chance(0.6):
                left, right = self.rng.choice(
                    [("(", ")"), ("[", "]"), ("|", "|"), ("\\{", "."), (".", "\\}"), (".", "|")]
                )
                text = f"\\left{left} {text} \\right{right}"
        if self.chance(0.15):
            text += f"^{{{self.rng.choice(['-1', 'T', chr(92) + 'top', '2', 'n'])}}}"
        side = f"{self.scripted(0)} = " if self.chance(0.5) else ""
        return side + text + (f" {text if self.chance(0.2) else self.scripted(0)}" if self.chance(0.25) else "")

    def cases(self) -> str:
        rows = self.rng.choice([2, 2, 2, 3, 3, 4])
        lines = []
        for _ in range(rows):
            condition = self.rng.choice(
                [
                    f"\\text{{{self.words()} }} {self.relation(0)}",
                    self.relation(0),
                    f"\\text{{{self.words()}}}",
                    "\\text{otherwise}",
                    f"\\text{{if }} {self.relation(0)}",
                ]
            )
            comma = "," if self.chance(0.5) else ""
            lines.append(
                f"{self.expression(1, self.rng.choice([1, 1, 2]))}{comma} & {condition}"
                if self.chance(0.85)
                else self.relation(1)
            )
        left = (
            f"{self.rng.choice(['f(x)', self.scripted(0), 'u_t', 'g(n)', '|x|', self.letter()])} = "
            if self.chance(0.8)
            else ""
        )
        return left + r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"

    def aligned(self) -> str:
        rows = self.rng.choice([2, 2, 2, 3, 3, 4])
        name = self.rng.choice(["aligned", "aligned", "aligned", "gathered"])
        lines = []
        for index in range(rows):
            left = self.expression(1, self.rng.choice([1, 1, 2])) if index == 0 or self.chance(0.45) else ""
            mark = "&" if name == "aligned" else ""
            right = self.expression(self.rng.choice([1, 2]), self.rng.choice([1, 2, 3]))
            lines.append(f"{left} {mark}{self.pick(RELATIONS[:12])} {right}{self.rng.choice(['', '', ',', '.'])}")
        return f"\\begin{{{name}}} " + r" \\ ".join(lines) + f" \\end{{{name}}}"

    def chemistry(self) -> str:
        def molecule() -> str:
            parts = "".join(
                self.pick(ELEMENTS) + (str(self.rng.randrange(2, 10)) if self.chance(0.45) else "")
                for _ in range(self.rng.choice([1, 2, 2, 3]))
            )
            charge = self.rng.choice(["^{2+}", "^+", "^-", "^{2-}", "^{3+}"]) if self.chance(0.2) else ""
            state = self.rng.choice(["(aq)", "(s)", "(l)", "(g)"]) if self.chance(0.4) else ""
            return (str(self.rng.randrange(2, 7)) if self.chance(0.35) else "") + parts + charge + state

        sides = [" + ".join(molecule() for _ in range(self.rng.choice([1, 1, 2, 2, 3]))) for _ in range(2)]
        arrow = self.rng.choice(["->", "->", "<=>", "->"])
        return f"\\ce{{{molecule() if self.chance(0.25) else f' {arrow} '.join(sides)}}}"

    def measured(self) -> str:
        value = f"{self.number()}\\times 10^{{{self.rng.randrange(-20, 24)}}}" if self.chance(0.3) else self.number()
        unit = f"\\,\\mathrm{{{self.pick(UNITS)}}}"
        if self.chance(0.4):
            unit += f"/\\mathrm{{{self.pick(UNITS)}}}" + (f"^{{{self.rng.choice('23')}}}" if self.chance(0.4) else "")
        return (f"{self.scripted(0)} = " if self.chance(0.5) else "") + value + unit

    def mutated(self) -> str:
        """A borrowed formula with other letters, digits, Greek, sometimes accents."""
        if not self.borrowed:
            return self.relation(1)
        source = self.pick(self.rows if self.rows and self.chance(0.2) else self.borrowed)
        tokens = source.split(" ")
        table = {c: self.pick(ascii_lowercase) for c in ascii_lowercase} | {
            c: self.pick(ascii_uppercase) for c in ascii_uppercase
        }
        table |= {g: self.pick(LOWER_GREEK) for g in LOWER_GREEK}
        table |= {d: str(self.rng.randrange(10)) for d in "0123456789"}
        swap = self.rng.choice([0.25, 0.6, 1.0])
        changed = [table[t] if t in table and self.chance(swap) else t for t in tokens]
        if self.chance(0.3) and not any(t.startswith("\\math") for t in tokens):
            changed = [self.accented(t) if t in table and not t.isdigit() and self.chance(0.15) else t for t in changed]
        return detokenize(changed)

    def formula(self) -> str:
        """One formula of a random kind."""
        kinds: list[tuple[float, Make]] = [
            (20, self.mutated),
            (16, lambda: self.relation(self.rng.choice([1, 1, 2, 2]), self.rng.choice([1, 2, 2, 2, 3])) + self.end()),
            (4, lambda: f"{self.relation(1)} \\quad \\text{{{self.words()}}} \\quad {self.relation(0)}"),
            (3, lambda: f"{self.relation(1)}, \\quad {self.relation(0)}"),
            (6, self.matrix), (4, self.cases), (5, self.aligned), (8, self.lines), (2, self.chemistry), (2, self.measured),
            (7, self.spinors), (4, self.vectors), (5, self.styled), (3, self.alphabets), (3, self.spaced),
            (5, self.struck), (6, self.brief), (4, self.symbols),
            (3, self.primed), (8, self.drill), (4, self.mark),
        ]  # fmt: skip
        return self.rng.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()

    def drill(self) -> str:
        """One formula of the kinds that are read worst."""
        kinds: list[tuple[float, Make]] = [
            (14, self.alphabet_row), (5, self.greek_row), (12, self.small_matrix), (12, self.echoes), (7, self.ruled_table),
            (5, self.sizes), (7, self.tower), (3, self.dotted), (4, self.counted), (4, self.rare_indices),
            (6, self.named_rows), (9, self.spinors), (5, self.struck), (3, self.vectors), (4, self.spaced),
            (8, self.aligned), (4, self.cases), (6, self.lines), (3, self.brief), (60, self.contrast), (60, self.mark),
        ]  # fmt: skip
        return self.rng.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()

    def end(self) -> str:
        return self.rng.choice(["", "", "", ",", "."])

    def symbols(self) -> str:
        """Any symbols side by side."""
        return " ".join(
            self.pick(LEAVES) if self.chance(0.7) else self.letter() for _ in range(self.rng.randrange(1, 14))
        )


def make_formulas(corpus: Sequence[Sequence[str]], count: int, rng: random.Random, kind: str = "formula") -> list[str]:
    """`count` formulas as LaTeX. corpus: token lists to mutate (those with text commands are left alone).

    kind: the method of Grammar that makes them: formula for all, drill for what is read worst, mark, contrast, framed ...
    """
    plain = [
        " ".join(tokens)
        for tokens in corpus
        if not any(t.startswith(("\\text", "\\ce", "\\begin{array}", "\\mathrm", "\\not")) for t in tokens)
    ]
    grammar = Grammar(rng, plain)
    grammar.rows = [source for source in plain if "\\\\" in source]
    make: Make = getattr(grammar, kind)
    return [make() for _ in range(count)]
