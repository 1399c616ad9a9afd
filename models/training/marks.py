"""Formulas with what is drawn over, under, through and around others: labelled arrows in rows, strokes, frames, towers, and
words and labels that stand beside formulas. Each kind stands for a kind of picture that the fourth model failed on."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase

from models.training.contrasts import Contrasts
from models.training.expressions import ARROWS, ELEMENTS, UNITS
from models.training.layouts import rows_of

Make = Callable[[], str]
_STROKES = ("\\cancel", "\\cancel", "\\cancel", "\\bcancel", "\\bcancel", "\\xcancel", "\\sout", "\\sout")
_OPERATORS = (
    "asin acos atan arsinh arcosh artanh sinc sgn sn cn dn tr rank span grad div curl rot Var Cov Corr Re Im diag card lcm "
    "erf erfc Li Ai Bi Ei Ci Si im coker id Hom Ext Tor End Aut Gal Spec Proj Res ord vol conv dist supp argmax argmin "
    "softmax relu loss prox tg ctg sh ch th arctg Log Arg Tr Ad ad SL GL SO SU sp ch td rk codim wt"
).split()
_SPACES = ("\\,", "\\;", "\\ ", "\\quad", "\\quad", "\\qquad")
_WIDE = ("", "\\quad", "\\quad", "\\qquad")
_GROUPS = "OH NH4 NO3 SO4 CO3 PO4 CH3 COOH CN ClO4 HCO3 C2H5 MnO4 Cr2O7 NH2 CHO C6H5".split()
_LENGTHS = "em ex mu pt in px pc".split()
_STATES = ("(aq)", "(s)", "(l)", "(g)")
_STYLES = ("\\displaystyle", "\\textstyle", "\\scriptstyle", "\\scriptstyle", "\\scriptscriptstyle")


class Marks(Contrasts):
    """What stands over, under, in and beside formulas."""

    def rowed(self, make: Make, most: int = 3) -> str:
        """Lines of sums or lists of these, one under the other; often only one."""
        lines = [
            self.joined([make], 1, 4, ["+", "+", "\\quad", "=", ",", ""])
            for _ in range(self.rng.randrange(1, most + 1))
        ]
        if len(lines) == 1:
            return lines[0]
        name = self.rng.choice(["array", "array", "gathered", "matrix"])
        return rows_of(name, lines, "{l}" if name == "array" else "")

    def labelled_arrow(self) -> str:
        """An arrow as long as its labels, alone, in a fraction, between bars, or between what it leads from and to."""
        label = self.rng.choice(["ABC", "ab", self.run("", 2), self.run("", 3), self.expression(0, 1), self.letter(),
                                 f"\\text{{{self.sentence(1)}}}"])  # fmt: skip
        below = self.rng.choice(["", "", f"[{self.run('', 2)}]", f"[{self.letter()}]", f"[{self.expression(0, 1)}]"])
        arrow = f"{self.pick(ARROWS)}{below}{{{label}}}"
        other = f"{self.pick(ARROWS)}{{{self.run('', 2)}}}"
        return self.rng.choices(
            [arrow, f"{self.letter()} {arrow} {self.letter()}", f"\\frac{{{arrow}}}{{{other}}}", f"\\left| {arrow} \\right|",
             f"|{arrow}|", f"{self.letter()} {arrow} {self.letter()} {other} {self.letter()}"], [6, 4, 1, 1, 1, 2]
        )[0]  # fmt: skip

    def stroked(self) -> str:
        """Something struck out, short or long, in fractions, with scripts of its own."""
        stroke = self.pick(_STROKES)

        def target() -> str:
            return self.rng.choice(
                [self.letter(), self.letter(), self.pick(ascii_uppercase), self.number(), f"{self.number()}{self.letter()}",
                 self.run("", 2), f"{self.letter()}^{{2}}", self.expression(0, 2), self.field(),
                 f"{self.number()}\\mathrm{{{self.pick(ascii_lowercase)}{self.pick(ascii_lowercase)}}}",
                 f"\\mathrm{{{self.sentence(1)}}}", f"\\oint_{{S}} \\vec{{{self.letter()}}} \\cdot \\hat{{n}} \\mathrm{{d}} a"]
            )  # fmt: skip

        struck = f"{stroke}{{{target()}}}"
        return self.rng.choice(
            [struck, struck, struck, f"{stroke}{{{self.letter()}}}_{{{self.number()}}}^{{{self.number()}}}",
             f"\\frac{{{self.letter()} + {stroke}{{{self.letter()}}}}}{{{self.letter()} + {stroke}{{{self.letter()}}}}}",
             f"\\frac{{{stroke}{{{target()}}} {self.letter()}}}{{{stroke}{{{target()}}}}}", f"|{struck}|",
             f"{self.letter()} {struck}"]
        )  # fmt: skip

    def framed(self) -> str:
        """Boxes side by side, and the angles of actuaries."""

        def frame() -> str:
            inner = self.rng.choice([self.letter(), self.run("", 2), f"{self.letter()} = {self.expression(0, 2)}",
                                     self.expression(0, 2)])  # fmt: skip
            return f"\\boxed{{{inner}}}"

        def angle() -> str:
            inner = self.rng.choice(["n", "n", self.letter(), self.number(), f"{self.letter()}+{self.number()}"])
            inner = f"\\mathrm{{{inner}}}" if self.chance(0.3) and inner.isalnum() else inner
            base = self.rng.choice("aAsSBC") if self.chance(0.8) else f"\\ddot{{{self.rng.choice('as')}}}"
            return f"{base}_{{\\angl{{{inner}}}}}" if self.chance(0.7) else f"{base}_{{x:\\angl{{{inner}}}}}"

        makes: list[Make] = [frame, angle, angle]
        return self.rowed(self.rng.choice(makes) if self.chance(0.6) else lambda: self.rng.choice(makes)(), 2)

    def framed_row(self) -> str:
        """Frames that touch, or stand some space apart, alone and between signs."""
        frames = []
        for _ in range(self.rng.choice([2, 2, 3, 3, 4])):
            inner = self.rng.choice([self.letter(), self.pick(ascii_uppercase), self.run("", 2), self.number(),
                                     f"{self.letter()} = {self.expression(0, 2)}"])  # fmt: skip
            frames.append(f"\\boxed{{{inner}}}")
            frames.append(self.rng.choice(["", "", "", "\\quad", "+", "=", self.letter()]))
        return " ".join(frames[:-1])

    def unbarred(self) -> str:
        """Lines of one or two columns between signs, without a bar or brackets, and fractions and binomials like them."""

        def few() -> str:
            return self.rng.choice([self.number(), self.letter(), self.letter(), self.pick(ascii_uppercase),
                                    self.expression(0, 1)])  # fmt: skip

        def stack() -> str:
            rows, columns = self.rng.choice([2, 2, 2, 3]), self.rng.choice([1, 1, 1, 2])
            lines = [" & ".join(few() for _ in range(columns)) for _ in range(rows)]
            name = self.rng.choice(["matrix", "matrix", "array", "array", "array"])
            text = rows_of(name, lines, "{" + "c" * columns + "}" if name == "array" else "")
            return text if self.chance(0.8) else f"\\left\\{{ {text} \\right."

        def other() -> str:
            return f"\\{self.rng.choice(['frac', 'frac', 'binom'])}{{{few()}}}{{{few()}}}"

        parts = [self.rng.choice([few, few, lambda: ""])()]
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            parts += [(stack if self.chance(0.72) else other)(), self.rng.choice(["", "+", "=", few(), few()])]
        return " ".join(parts) + (f" {few()}" if parts[-1] in ("+", "=") else "")

    def high_tower(self) -> str:
        """Powers of powers up to many storeys, roots with long or small indices."""

        def climb(depth: int) -> str:
            base = self.rng.choice([self.number, self.letter])() if self.chance(0.5) else "2"
            return f"{base}^{{{climb(depth - 1)}}}" if depth else base

        tower = climb(self.rng.choice([2, 3, 3, 4, 5, 6, 8, 10, 12]))
        index = self.rng.choice([self.number(), self.run("", 1), f"{self.number()}^{{{self.number()}}}",
                                 f"19{self.number()}^{{2}}{self.number()}"])  # fmt: skip
        makes: list[Make] = [
            lambda: tower,
            lambda: f"\\sqrt[{index}]{{{tower}}}",
            lambda: f"\\sqrt[{self.number()}]{{{self.letter()}}}",
            lambda: f"{self.letter()}^{{\\sqrt[{self.number()}]{{{self.letter()}}}}}",
            lambda: f"\\sqrt[{index}]{{{self.expression(0, 2)}}}",
        ]
        text = self.joined(makes, 1, 3, ["+", "=", "+", ""])
        return text if self.chance(0.75) else rows_of("array", [text, self.joined(makes[2:], 1, 3, ["+"])], "{l}")

    def spaced_scripts(self) -> str:
        """Wide spaces on the line and in scripts."""

        def climb(depth: int) -> str:
            inner = f"^{{{climb(depth - 1)}}}" if depth else ""
            return f"{self.letter()} {self.pick(_WIDE)} {self.letter()}{inner}"

        cells = [climb(self.rng.choice([0, 1, 2])) for _ in range(self.rng.choice([1, 2, 2, 4]))]
        if len(cells) == 4:
            return rows_of("array", [f"{cells[0]} & {cells[1]}", f"{cells[2]} & {cells[3]}"], "{ll}")
        return " + ".join(cells)

    def small_labels(self) -> str:
        """Letters with a remark in small type behind them, in columns."""

        def word() -> str:
            before = self.rng.choice(["", "", f"{self.pick(ascii_lowercase)}{self.pick(ascii_lowercase)}"])
            number = self.rng.choice(["1", self.number(), str(self.rng.randrange(10, 100))])
            joint = self.rng.choice(["", "", " "])
            return (
                f"{before}{joint}{number}{self.rng.choice(UNITS + _LENGTHS)}"
                if self.chance(0.7)
                else self.sentence(1).lower()
            )

        size = self.rng.choice(["\\tiny", "\\scriptsize", "\\small", ""])
        base = self.rng.choice([f"\\mathrm{{{self.pick(ascii_uppercase)}}}", self.pick(ascii_uppercase)])

        def cell() -> str:
            remark = " ".join(word() for _ in range(self.rng.choice([1, 1, 2])))
            return f"{base} {self.pick(_SPACES)} {base} \\text{{{size} ({remark})}}"

        rows, columns = self.rng.choice([1, 2, 3, 4, 6]), self.rng.choice([1, 2, 2])
        lines = [" & ".join(cell() for _ in range(columns)) for _ in range(rows)]
        return rows_of("array", lines, "{" + "l" * columns + "}") if rows * columns > 1 else lines[0]

    def operators(self) -> str:
        """Names of functions that TeX has no command for, hyphened words, limits under them."""

        def name() -> str:
            r = self.rng.random()
            if r < 0.6:
                return self.rng.choice(_OPERATORS)
            word = "".join(self.pick(ascii_lowercase) for _ in range(self.rng.choice([1, 2, 3, 4])))
            return f"{word.capitalize()}-{self.sentence(1).lower()}" if r > 0.9 else word

        def applied() -> str:
            n, x, number = name(), self.letter(), self.number()
            # Within lines TeX sets the limit beside the name, where the label says under it.
            limits = f"{{\\displaystyle \\operatorname*{{{n.replace('-', '')}}}_{{{self.letter()}}}}} {x}"
            return self.rng.choice([f"\\operatorname{{{n}}} {x}", f"\\operatorname{{{n}}}({x})", limits,
                                    f"{number}\\operatorname{{{n}}} {x}", f"\\operatorname{{{n}}}_{{{x}}} {x}"])  # fmt: skip

        return self.rowed(applied)

    def remainders(self) -> str:
        """Remainders and moduli in columns."""

        def cell() -> str:
            name = self.rng.choice(["\\bmod", "\\pmod", "\\pod", "\\mod"])
            style = self.rng.choice(["", "", "\\displaystyle "])
            return f"{style}{self.letter()} {name}{{{self.number()}}}"

        rows, columns = self.rng.choice([1, 2, 3, 4]), self.rng.choice([1, 2, 2])
        lines = [" & ".join(cell() for _ in range(columns)) for _ in range(rows)]
        return rows_of(self.rng.choice(["matrix", "array"]), lines, "").replace(
            "{array}", "{array}{" + "c" * columns + "}", 1
        )

    def prescripted(self) -> str:
        """Scripts before a base, or before a line, in any of TeX's sizes: there the spaces around signs go."""

        def few() -> str:
            return str(self.rng.choice([1, 1, 2, 3, self.rng.randrange(100)]))

        def piece() -> str:
            a, n = self.letter(), few()
            return self.rng.choice([f"[-{n}]", f"[{n}-{n}]", f"|{a}|", f"( = {n})", f"({a}+{n})", f"{n} = {n}", f"{a}", f"+{n}",
                                    f"-{a}", f"{a} : {self.letter()}", f"{a} = {self.letter()}", f"|{n}|{a}"])  # fmt: skip

        def before() -> str:
            script = self.rng.choice([few(), few(), self.letter(), self.index()])
            other = self.rng.choice(["", "", f"_{{{self.rng.choice([few(), self.letter()])}}}"])
            base = self.rng.choice(["+", "+", "-", "", self.letter(), self.pick(ascii_uppercase), f"({self.letter()})",
                                    f"F_{{{few()}}}(a, b; c; {self.letter()})"])  # fmt: skip
            return f"{{}}^{{{script}}}{other} {base}" if self.chance(0.8) else f"{{}}_{{{script}}} {base}"

        def line() -> str:
            pieces = " ".join(piece() for _ in range(self.rng.choice([0, 1, 2, 3, 5])))
            return f"{before() if self.chance(0.75) else self.letter()} {pieces}"

        text, rows = line(), self.rng.choice([1, 1, 2, 3, 4])
        if rows == 1:
            return f"{self.pick(_STYLES)} {text}"
        lines = [f"{self.pick(_STYLES)} {text if self.chance(0.7) else line()}" for _ in range(rows)]
        name = self.rng.choice(["matrix", "matrix", "gathered", "array"])
        return rows_of(name, lines, "{l}" if name == "array" else "")

    def italic_words(self) -> str:
        """Italics of text and of math side by side: in one the letters stand closer."""
        words = [
            self.rng.choice(["", "", "\\mathit", "\\mathit", "\\textit", "\\mathrm"])
            for _ in range(self.rng.randrange(1, 6))
        ]
        texts = []
        for font in words:
            text = "".join(
                self.pick(ascii_lowercase + ascii_lowercase + "AKXR2") for _ in range(self.rng.choice([2, 2, 3, 4]))
            )
            texts.append(f"{font}{{{text}}}" if font else text)
            if self.chance(0.2):
                texts.append(self.rng.choice(["\\breve{a}", "\\omega", "\\Omega", "\\imath", "+ \\KaTeX", "\\hat{e}"]))
        joint = self.rng.choice([" ", " \\quad ", " + ", " & "])
        return (
            rows_of("matrix", [joint.join(texts), joint.join(reversed(texts))]) if joint == " & " else joint.join(texts)
        )

    def reactions(self) -> str:
        """Reactions, ions, isotopes and formulas of groups, as textbooks have them."""

        def species() -> str:
            parts = "".join(
                self.rng.choice(ELEMENTS) + self.rng.choice(["", "", "2", "3", "4"])
                for _ in range(self.rng.choice([1, 1, 2]))
            )
            group = self.rng.choice(_GROUPS)
            body = self.rng.choice([parts, parts, self.rng.choice(ELEMENTS) + group, group,
                                    f"{self.rng.choice(ELEMENTS)}({group}){self.rng.choice('23')}"])  # fmt: skip
            count = self.rng.choice(["", "", "", "2", "3", "4", "6", "1/2"])
            charge = self.rng.choice(["", "", "", "^+", "^-", "^2+", "^2-", "^3+"])
            return f"{count}{body}{charge}" + (self.rng.choice(_STATES) if self.chance(0.3) else "")

        def isotope() -> str:
            number = self.rng.randrange(1, 99)
            return f"^{{{2 * number + self.rng.randrange(1, 9)}}}_{{{number}}}{self.rng.choice(ELEMENTS)}"

        sides = [" + ".join((species if self.chance(0.92) else isotope)() for _ in range(self.rng.choice([1, 2, 2, 3])))
                 for _ in range(self.rng.choice([1, 2, 2, 2]))]  # fmt: skip
        arrow = self.rng.choice(
            ["->", "->", "->", "<=>", "<->", "<-", "->[\\Delta]", f"->[{self.rng.choice(_GROUPS)}]"]
        )
        text = f"\\ce{{{f' {arrow} '.join(sides)}}}"
        return text if self.chance(0.85) else f"{self.letter()}(\\ce{{{species()}}}) = {self.number()}"

    def mark(self) -> str:
        """One formula of any of these kinds."""
        kinds: list[tuple[float, Make]] = [
            (8, lambda: self.rowed(self.labelled_arrow)), (9, lambda: self.rowed(self.stroked, 4)), (5, self.framed),
            (4, lambda: self.rowed(self.framed_row, 2)), (7, self.unbarred), (6, self.high_tower), (2, self.spaced_scripts),
            (6, self.small_labels), (9, self.operators), (4, self.remainders),
            (8, self.italic_words), (8, self.reactions), (7, self.prescripted),
        ]  # fmt: skip
        return self.rng.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()
