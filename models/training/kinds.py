"""Whole formulas of the kinds that readings fail on most: accented indices, many alphabets, spaces, strokes, tags."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

from models.training.expressions import FUNCTIONS, LOWER_GREEK, RELATIONS, WORDS, Expressions
from models.training.probes import LEAVES

_SMALL = (
    "\\dot \\dot \\dot \\tilde \\tilde \\hat \\hat \\bar \\bar \\vec \\ddot \\check \\breve \\mathring \\acute \\grave"
).split()
_STYLED = "\\mathrm \\mathbf \\mathsf \\mathtt \\mathit \\mathbf \\mathrm".split()
_CAPITALS = "\\mathcal \\mathscr \\mathbb \\mathfrak \\mathcal \\mathscr".split()
_LOGOS = "\\LaTeX \\TeX \\KaTeX \\KaTeX".split()
_SYLLABLES = (
    "al an ar be con de di do el en er ex fer for ge in ing is ity ka la ment mo na ness no nt on or per po re ri ro "
    "sa se so st ta te ti tion tor tri un ver vi"
).split()


class Kinds(Expressions):
    """Formulas that `Expressions` makes too seldom."""

    def accented(self, base: str) -> str:
        return f"{self.pick(_SMALL)}{{{base}}}"

    def index(self) -> str:
        """One index, often Greek and dotted, as spinors and frames have them."""
        letter = self.pick(LOWER_GREEK[:14]) if self.chance(0.65) else self.pick("ijklmnabAB")
        return self.accented(letter) if self.chance(0.42) else letter

    def indices(self) -> str:
        return " ".join(self.index() for _ in range(self.rng.choice([1, 1, 2, 2, 3])))

    def field(self) -> str:
        """A letter, often accented, with indices above and below."""
        base = self.pick(LOWER_GREEK) if self.chance(0.45) else self.pick(ascii_uppercase + ascii_lowercase)
        if self.chance(0.12):
            base = f"{self.pick(_CAPITALS)}{{{self.pick(ascii_uppercase)}}}"
        base = self.accented(base) if self.chance(0.45) else base
        r = self.rng.random()
        if r < 0.3:
            return f"{base}_{{{self.indices()}}}"
        if r < 0.6:
            return f"{base}^{{{self.indices()}}}"
        return f"{base}_{{{self.indices()}}}^{{{self.indices()}}}" if r < 0.9 else base

    def spinors(self) -> str:
        """Products and sums of fields with indices, with derivatives and brackets."""
        parts = []
        for position in range(self.rng.choice([1, 2, 2, 3, 3, 4, 5])):
            if position:
                parts.append(self.rng.choice(["", "", "", "+", "-", "=", "=", ",", "\\rightarrow", "\\wedge"]))
            r = self.rng.random()
            if r < 0.12:
                parts.append(f"\\frac{{\\partial}}{{\\partial {self.field()}}}")
            elif r < 0.18:
                parts.append(f"\\partial_{{{self.field()}}}")
            elif r < 0.26:
                left, right = self.rng.choice([("(", ")"), ("[", "]"), ("\\{", "\\}")])
                joint = self.rng.choice(["+", ",", "-", ","])
                parts.append(f"{left}{self.field()} {joint} {self.field()}{right}")
            elif r < 0.3:
                parts.append(f"\\sum_{{{self.pick('ijkn')}}} {self.field()}")
            else:
                parts.append(self.field())
        return " ".join(parts) + self.rng.choice(["", "", ",", "."])

    def vectors(self) -> str:
        """Vector calculus: bold letters, dots, crosses, differentials, circulations."""
        bold = self.rng.choice(["\\mathbf", "\\mathbf", "\\boldsymbol", "\\vec"])

        def vector() -> str:
            greek = bold != "\\mathbf" and self.chance(0.25)
            return f"{bold}{{{self.pick(LOWER_GREEK) if greek else self.pick(ascii_uppercase + ascii_lowercase)}}}"

        d = self.rng.choice(["d", "\\mathrm{d}", "\\,\\mathrm{d}", "\\,d"])
        made = [
            lambda: f"\\nabla \\cdot {vector()}",
            lambda: f"\\nabla \\times {vector()}",
            lambda: f"\\frac{{\\partial {vector()}}}{{\\partial t}}",
            lambda: f"{vector()} \\cdot {d} {vector()}",
            lambda: (
                f"\\oint_{{\\partial {self.pick(['V', 'S', chr(92) + 'Sigma', 'D'])}}} {vector()} \\cdot {d}{vector()}"
            ),
            lambda: f"\\iint_{{{self.pick(['S', 'D', chr(92) + 'Sigma'])}}} {vector()} \\cdot {d}{vector()}",
            lambda: f"{vector()} \\times {vector()}",
            lambda: f"{self.letter()} {vector()}",
            lambda: f"\\mu_{{0}} \\varepsilon_{{0}} {vector()}",
            lambda: f"| {vector()} |",
            lambda: f"{vector()}_{{{self.pick('ijkn012')}}}",
            lambda: f"{vector()}^{{{self.pick(['T', '2', '*', chr(92) + 'top', '-1'])}}} {vector()}",
        ]
        sides = [" + ".join(self.rng.choice(made)() for _ in range(self.rng.choice([1, 1, 2]))) for _ in range(2)]
        return f" {self.rng.choice(['=', '=', '=', '-', ',', '+'])} ".join(sides)

    def styled(self) -> str:
        """Letters and digits in one alphabet, accents, Greek, a logo: what tests of fonts and tables of symbols show."""
        font = self.rng.choice(["", "", "", *_STYLED])

        def run(size: int) -> str:
            letters = "".join(self.pick(ascii_lowercase + ascii_uppercase + "0123456789") for _ in range(size))
            return f"{font}{{{letters}}}" if font else letters

        parts = [run(self.rng.randrange(1, 5))]
        for _ in range(self.rng.choice([0, 1, 2, 3, 4])):
            r = self.rng.random()
            if r < 0.3:
                parts.append(self.accented(run(1)))
            elif r < 0.65:
                parts.append(self.pick(LEAVES[26:66]))
            elif r < 0.8:
                parts.append(self.pick(["\\imath", "\\imath", "\\jmath", "\\ell", "\\hbar", "\\wp"]))
            elif r < 0.92:
                parts.append(run(self.rng.randrange(1, 3)))
            else:
                parts.append(f"{self.pick(_CAPITALS)}{{{self.pick(ascii_uppercase)}}}")
        if self.chance(0.4):
            parts.append(self.rng.choice(["+", "", "-", ","]) + self.pick(_LOGOS))
        return " ".join(parts)

    def alphabets(self) -> str:
        """Words and names in alphabets: Lie algebras, categories, sets of numbers, script letters as operators."""
        font = self.pick(["\\mathfrak", "\\mathfrak", "\\mathscr", "\\mathcal", "\\mathbb", "\\mathsf", "\\mathbf"])
        small = font in ("\\mathfrak", "\\mathsf", "\\mathbf")

        def name() -> str:
            letters = ascii_lowercase if small and self.chance(0.7) else ascii_uppercase
            size = self.rng.choice([1, 1, 2, 2, 3]) if small else 1
            return "".join(f"{font}{{{self.pick(letters)}}}" for _ in range(size))

        inner = self.rng.choice([self.letter, name, self.number])
        made = [
            lambda: f"{name()}({self.number()}, \\mathbb{{{self.pick('RCQZFH')}}})",
            lambda: f"{name()}({inner()})",
            lambda: f"{name()} {self.pick(RELATIONS)} {name()}",
            lambda: f"\\int {name()} \\,\\mathrm{{d}} {self.letter()}",
            lambda: f"{name()}_{{{inner()}}}",
            lambda: f"{name()}^{{{self.number()}}} {self.pick(['+', chr(92) + 'oplus', chr(92) + 'otimes'])} {name()}",
            lambda: f"{self.letter()} \\in {name()}",
        ]
        return f" {self.pick(RELATIONS)} ".join(self.rng.choice(made)() for _ in range(self.rng.choice([1, 1, 2])))

    def spaced(self) -> str:
        """A few short things with wide spaces between them."""
        things = [
            self.rng.choice(
                [
                    self.letter,
                    self.number,
                    lambda: self.scripted(0),
                    lambda: self.expression(0, 2),
                    lambda: f"\\text{{{self.sentence(2)}}}",
                ]
            )()
            for _ in range(self.rng.randrange(2, 6))
        ]
        text = things[0]
        for thing in things[1:]:
            text += self.rng.choice([" \\quad ", " \\quad ", " \\qquad ", " ", " , \\quad "]) + thing
        return text

    def sentence(self, longest: int = 6) -> str:
        words = []
        for _ in range(self.rng.randrange(1, longest + 1)):
            made = "".join(self.pick(_SYLLABLES) for _ in range(self.rng.choice([1, 2, 2, 3])))
            words.append(self.pick(WORDS) if self.chance(0.4) else made)
        words[0] = words[0].capitalize() if self.chance(0.3) else words[0]
        return " ".join(words)

    def struck(self) -> str:
        """Cancelled factors, boxes, braces with labels."""
        r = self.rng.random()
        if r < 0.35:
            stroke = self.rng.choice(["\\cancel", "\\cancel", "\\cancel", "\\bcancel", "\\xcancel"])
            a, b, c = (self.scripted(0) for _ in range(3))
            return self.rng.choice(
                [
                    f"\\frac{{{stroke}{{{a}}} {b}}}{{{stroke}{{{a}}} {c}}}",
                    f"\\frac{{{stroke}{{{a}}} \\cdot {b}}}{{{stroke}{{{a}}} \\cdot {c}}} = \\frac{{{b}}}{{{c}}}",
                    f"{a} + {stroke}{{{b}}} - {stroke}{{{b}}}",
                    f"{stroke}{{{self.number()}}} {b}",
                    f"{a} {stroke}{{{self.expression(0, 2)}}}",
                ]
            )
        if r < 0.6:
            inner = self.rng.choice(
                [f"{self.letter()} = {self.expression(1, 2)}", self.expression(1, 2), self.letter()]
            )
            return f"{self.scripted(0) if self.chance(0.3) else ''}\\boxed{{{inner}}}{self.letter() if self.chance(0.2) else ''}"
        over = self.chance(0.55)
        body = self.rng.choice(
            [
                f"{self.letter()} + {self.letter()} + \\cdots + {self.letter()}",
                self.expression(1, 3),
                f"{self.letter()} \\cdots {self.letter()}",
            ]
        )
        label = self.rng.choice(
            [
                f"{self.number()}\\,\\text{{{self.sentence(2)}}}",
                f"\\text{{{self.sentence(2)}}}",
                f"{self.letter()}\\text{{ {self.sentence(1)}}}",
                self.letter(),
                self.expression(0, 2),
            ]
        )
        text = f"\\{'over' if over else 'under'}brace{{{body}}}{'^' if over else '_'}{{{label}}}"
        return self.rng.choice([text, f"{self.letter()} = {text}", f"{text} = {self.expression(0, 2)}"])

    def brief(self) -> str:
        """What people snip most: a few symbols."""
        r = self.rng.random()
        if r < 0.25:
            return self.scripted(1)
        if r < 0.5:
            return f"{self.scripted(0)} {self.pick(RELATIONS[:14])} {self.expression(0, self.rng.choice([1, 1, 2]))}"
        if r < 0.62:
            return f"{self.pick(FUNCTIONS)} {self.scripted(0)} = {self.number()}"
        if r < 0.74:
            return (
                f"{self.letter()}{self.rng.choice([' ', ' ', ' ', chr(39)])}({self.letter()}) = {self.expression(1, 2)}"
            )
        if r < 0.84:
            return self.field()
        if r < 0.92:
            name = self.pick(["\\bmod", "\\mod", "\\pmod"])
            return f"{self.expression(0, 2)} {name}{{{self.letter()}}}"
        name = self.pick(["argmax", "argmin", "ess sup", "colim"])
        return f"\\operatorname*{{{name}}}_{{{self.expression(0, 1)}}} {self.scripted(0)}"

    def primed(self) -> str:
        """Primes on the line, in scripts, with scripts of their own; indices before a letter; smaller writing."""
        letter = self.letter
        made = [
            lambda: f"{letter()}'",
            lambda: f"{letter()}''",
            lambda: f"{letter()}'_{{{self.number()}}}",
            lambda: f"{letter()}^{{{letter()}'}}",
            lambda: f"{letter()}_{{{letter()}'}}",
            lambda: f"{letter()}'^{{{self.number()}}}",
            lambda: f"{letter()}^{{{letter()}_{{{letter()}}}^{{{self.number()}}}}}",
            lambda: f"{letter()}^{{{letter()}^{{{letter()}{letter()}}}}}",
            lambda: (
                f"{{}}^{{{self.rng.randrange(2, 250)}}}_{{{self.rng.randrange(1, 99)}}}\\mathrm{{{self.pick('CHNOUI')}}}"
            ),
            lambda: f"{{}}^{{{self.number()}}}{letter()}",
            lambda: f"{{\\scriptstyle {self.expression(0, 2)}}}",
            self.field,
        ]
        joints = ["+", "-", "=", "\\cdot", "", ","]
        text = self.rng.choice(made)()
        for _ in range(self.rng.randrange(0, 4)):
            text += f" {self.rng.choice(joints)} {self.rng.choice(made)()}"
        return text

    def tag(self) -> str:
        """The text of an equation number."""
        a, b = self.rng.randrange(1, 30), self.rng.randrange(1, 40)
        return self.rng.choice(
            [
                str(b),
                str(b),
                f"{a}.{b}",
                f"{a}.{b}",
                f"{b}{self.pick('abc')}",
                self.pick("ABCSXYIV"),
                "*",
                f"{self.pick('ABCS')}{b}",
                f"{self.pick('ABC')}.{b}",
                self.pick(["EN", "DE", "hi", "def"]),
            ]
        )
