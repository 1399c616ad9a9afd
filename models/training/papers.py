"""Formulas as papers and textbooks have them, of kinds that the seventh model read wrong though it was sure of them: bars for
values at a place, bars in roots, brackets that begin a line, columns behind a rule, judgments, words between spaces."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase

from models.training.expressions import LOWER_GREEK, WORDS
from models.training.layouts import rows_of
from models.training.repeats import Repeats

Make = Callable[[], str]
_RARE = (
    "\\twoheadrightarrow \\twoheadrightarrow \\subsetneq \\subsetneq \\supsetneq \\rightharpoonup \\hookrightarrow "
    "\\hookleftarrow \\nmid \\nsubseteq \\ncong \\nleq \\lesssim \\gtrsim \\preccurlyeq \\succcurlyeq "
    "\\trianglelefteq \\vartriangleleft \\leadsto \\rightsquigarrow \\multimap \\rightarrowtail \\leftharpoonup "
    "\\rightleftharpoons \\Vdash \\vDash \\models \\dashv \\nexists \\subseteq \\supseteq \\rightarrow \\mapsto "
    "\\vdash \\sqsubseteq \\bowtie \\ltimes \\rtimes \\curlyvee \\varnothing"
).split()
_NU = ("\\nu", "v", "\\nu", "\\mu", "\\rho", "\\sigma", "\\lambda", "\\upsilon", "u", "r")
_TINY = ("i", "1", "j", "l", "2", "n", "m", "k", "a", "\\alpha")
_ABOVE = ("\\text{i.i.d.}", "\\text{iid}", "\\text{def}", "?", "!", "d", "\\text{a.s.}", "\\mathrm{d}", "(1)", "p", "H")
_OVER = ("\\sim", "\\sim", "=", "=", "\\rightarrow", "\\leq", "\\longrightarrow", "\\approx", "\\Rightarrow")


class Papers(Repeats):
    """What stands in papers."""

    def short(self) -> str:
        """An expression of one or two terms."""
        return self.expression(0, self.rng.choice([1, 1, 2]))

    def evaluated(self) -> str:
        """A derivative, an antiderivative or a fraction, and the place where its value is meant."""
        x, d = self.letter(), self.rng.choice(["\\partial", "\\partial", "d", "\\mathrm{d}"])
        place = self.rng.choice(
            [f"{x} = {self.number()}", f"{x} = {x}_{{0}}", f"{x} = {self.letter()}", "0", self.letter()]
        )
        what = self.rng.choice(
            [
                f"\\frac{{{d} {self.letter()}}}{{{d} {x}}}",
                f"\\frac{{{d}}}{{{d} {x}}} {self.scripted(0)}",
                f"\\frac{{{d}^{{2}} {self.letter()}}}{{{d} {x}^{{2}}}}",
                self.fraction(0),
                self.short(),
                f"\\frac{{{self.short()}}}{{{self.number()}}}",
            ]
        )
        low, high = self.rng.choice([("0", "1"), ("a", "b"), ("0", "\\infty"), ("-1", "1"), ("0", x), ("1", "2")])
        bar = self.rng.choice(
            [
                f"\\left. {what} \\right|_{{{place}}}",
                f"\\left. {what} \\right|_{{{place}}}",
                f"{what}\\bigg|_{{{place}}}",
                f"\\left[ {what} \\right]_{{{low}}}^{{{high}}}",
                f"\\left. {what} \\right|_{{{low}}}^{{{high}}}",
            ]
        )
        return bar + self.rng.choice(["", "", f" = {self.short()}", f" + {self.short()}", f" = {self.number()}"])

    def barred(self) -> str:
        """Absolute values and norms in roots, in fractions, in each other, and with indices."""
        bar = self.rng.choice(["|", "|", "|", "\\|"])
        inner = f"{bar} {self.rng.choice([self.letter(), self.letter(), self.short()])} {bar}"
        low = self.rng.choice(["", "", "_{2}", "_{1}", "_{p}", "^{2}", "_{\\infty}", "^{p}"])
        norm = f"\\| {self.letter()}{self.letter()} \\|_{{2}} \\leq \\| {self.letter()} \\|_{{2}} \\| {self.letter()} \\|_{{2}}"
        return self.rng.choice(
            [
                f"\\sqrt{{{inner}}}",
                f"\\frac{{1}}{{\\sqrt{{{inner}}}}} {self.short()}",
                f"\\frac{{{inner}}}{{{self.number()}}}",
                f"{inner}{low} {self.pick(['=', '+', '<'])} {self.short()}",
                norm,
                f"{self.letter()}( {self.letter()} {bar} {self.letter()} )",
                f"\\sqrt{{{self.letter()} {inner}}}",
                f"\\ln {inner} + {self.letter()}",
                f"{inner}{low} {inner}{low}",
                f"\\mathbb{{E}}_{{{self.letter()}({self.letter()} | {self.letter()})}}[{self.short()}]",
                f"D( {self.letter()} \\| {self.letter()} ) = {self.short()}",
                f"\\frac{{{inner}{low}}}{{{inner}{low}}}",
            ]
        )

    def factorials(self) -> str:
        """One exclamation mark or two."""
        n = self.rng.choice(["n", "(2n-1)", "(2n)", "k", "m", self.number(), "(n-k)", "(2k+1)", self.letter()])
        mark = self.rng.choice(["!!", "!!", "!"])
        return self.rng.choice(
            [
                f"{n}{mark} = {self.short()}",
                f"\\frac{{{n}{mark}}}{{{self.letter()}!}}",
                f"{self.short()} = {n}{mark}",
                f"\\frac{{{self.short()}}}{{{n}{mark}}}",
                f"{n}{mark} {self.letter()}{self.rng.choice(['!', '!!', ''])}",
                f"{n}{mark}",
            ]
        )

    def commutators(self) -> str:
        """What begins or ends with a bracket, floors, ceilings."""
        accent = self.rng.choice(["", "", "\\hat", "\\tilde", "\\mathbf", "\\vec"])

        def thing() -> str:
            letter = self.pick(ascii_lowercase + ascii_uppercase)
            return (
                f"{accent}{{{letter}}}" if accent else self.rng.choice([letter, f"{letter}_{{{self.pick('ijkn12')}}}"])
            )

        a, b = thing(), thing()
        left, right = self.rng.choice(
            [("[", "]"), ("[", "]"), ("[", "]"), ("\\{", "\\}"), ("(", ")"), ("[", ")"), ("(", "]")]
        )
        half = f"\\frac{{{self.letter()}}}{{{self.number()}}}"
        return self.rng.choice(
            [
                f"{left} {a}, {b} {right} = {self.short()}",
                f"{self.short()} = {left} {a}, {b} {right}",
                f"{left} {a}, {b} {right}",
                f"{left} {a}, {left} {b}, {thing()} {right} {right} = 0",
                f"\\left\\lfloor {half} \\right\\rfloor {self.pick('+-=')} {self.short()}",
                f"\\left\\lceil {half} \\right\\rceil {self.pick('+-=')} {self.short()}",
                f"{left} {self.short()} {right}",
                f"-\\log_{{10}} [ \\mathrm{{{self.pick(ascii_uppercase)}}}^{{{self.pick('+-')}}} ]",
                f"\\left[ {half} \\right]",
            ]
        )

    def augmented(self) -> str:
        """Matrices with a column behind a rule, or rows below one."""
        columns, rows = self.rng.choice([2, 2, 3, 3, 4]), self.rng.choice([1, 2, 2, 3, 3, 4])
        made: list[Make] = [self.number, lambda: str(self.rng.randrange(-9, 10)), self.letter, lambda: self.pick("01")]
        cell, behind = self.rng.choice(made), self.rng.choice([1, 1, 1, columns])
        kinds = "c" * columns + "|" + "c" * behind
        lines = [" & ".join(cell() for _ in range(columns + behind)) for _ in range(rows)]
        left, right = self.rng.choice([("(", ")"), ("(", ")"), ("[", "]"), ("[", "]"), ("|", "|"), (".", ".")])
        inside = rows_of("array", lines, f"{{{kinds}}}")
        around = inside if left == "." else f"\\left{left} {inside} \\right{right}"
        return around + self.rng.choice(["", "", f" \\sim {self.letter()}", " \\rightarrow " + around])

    def judgment(self) -> str:
        """Rules of inference and of types."""
        context = self.rng.choice(["\\Gamma", "\\Gamma", "\\Delta", "\\Gamma, x : A", "\\Sigma"])

        def one() -> str:
            name = self.rng.choice(
                [self.pick("etMNuv"), f"{self.pick('et')}_{{{self.pick('12')}}}", "\\lambda x. e", "x"]
            )
            kind = self.rng.choice(
                ["\\tau", "A", "B", "A \\rightarrow B", "\\tau_{1}", "\\tau_{1} \\rightarrow \\tau_{2}", "\\sigma"]
            )
            return self.rng.choice(
                [f"{context} \\vdash {name} : {kind}", f"{context} \\vdash {kind}", f"{name} : {kind}", kind]
            )

        above = " \\quad ".join(one() for _ in range(self.rng.choice([1, 2, 2, 3])))
        return f"\\frac{{{above}}}{{{one()}}}" + self.rng.choice(["", "", f"\\ (\\text{{{self.pick(WORDS)}}})"])

    def worded(self) -> str:
        """Words between spaces, on a line."""
        words = " ".join(self.pick(WORDS) for _ in range(self.rng.choice([1, 1, 2])))
        a, b = self.short(), self.short()
        percent = f"{self.rng.randrange(1, 100)}\\%"
        return self.rng.choice(
            [
                f"{a} \\text{{ {words} }} {b}",
                f"{a} = {b} \\text{{ {words}}}",
                f"{percent} \\text{{ of }} {self.number()} = {self.number()}",
                f"{a} \\quad \\text{{{words} }} {b}",
                f"{a}, \\text{{ {words} }} {b}",
                f"\\text{{{words} }} {a}",
                f"{a} \\text{{ {words}.}}",
                f"\\text{{{self.pick(WORDS)}}} \\in \\mathsf{{{self.run('', 2).upper()}}}",
            ]
        )

    def stacked_signs(self) -> str:
        """Something small over a sign of relation, between what it relates."""
        sign = f"\\overset{{{self.pick(_ABOVE)}}}{{{self.pick(_OVER)}}}"
        first = self.rng.choice(["X_{1}, \\ldots, X_{n}", self.letter(), self.short(), f"{self.letter()}_{{n}}"])
        return f"{first} {sign} {self.short()}"

    def exponents(self) -> str:
        """Fractions, products and indices high up, and tiny indices there."""
        small = f"\\frac{{{self.letter()} - 1}}{{2}}"
        tiny = f"{self.pick(ascii_uppercase + ascii_lowercase)}_{{{self.pick(_TINY)}}}"
        base = self.rng.choice(["(-1)", "e", "e", "2", self.letter(), "10"])
        power = self.rng.choice(
            [
                f"{small} \\frac{{{self.letter()} - 1}}{{2}}",
                small,
                f"- \\beta {tiny}",
                f"-{tiny} / ({tiny} {tiny})",
                f"\\frac{{{tiny}}}{{{self.letter()}}}",
                f"{tiny} + {tiny}",
                f"i {tiny} {self.letter()}",
            ]
        )
        before = self.rng.choice(["", "", f"{self.letter()} = ", "1 - "])
        return f"{before}{base}^{{{power}}}{self.rng.choice(['', self.letter(), ' - 1'])}"

    def prescripts(self) -> str:
        """Indices that stand before a letter, first on the line."""
        series = f"{{}}_{{{self.pick('12340')}}} F_{{{self.pick('0123')}}}"
        element = self.pick(["C", "N", "U", "He", "Th", "H"])
        nucleus = f"{{}}_{{{self.rng.randrange(1, 99)}}}^{{{self.rng.randrange(1, 250)}}} \\mathrm{{{element}}}"
        return self.rng.choice(
            [
                f"{series} (a, b; c; z) = {self.short()}",
                f"{series} \\left( \\frac{{1}}{{2}}, 1; \\frac{{3}}{{2}}; {self.letter()} \\right)",
                f"{nucleus} \\rightarrow {nucleus} + e^{{-}} + \\bar{{\\nu}}_{{e}}",
                f"{nucleus} + {nucleus}",
                f"{series}({self.letter()})",
            ]
        )

    def limits_below(self) -> str:
        """Signs with words below them: limes superior, suprema, sums over two conditions."""

        def low() -> str:
            return self.rng.choice(
                ["n \\to \\infty", "n \\geq 1", "k \\geq n", "x \\in X", "t > 0", "0 \\leq i \\leq m", "i < j", "p | n"]
            )

        name = self.pick(["\\limsup", "\\liminf", "\\lim", "\\sup", "\\inf", "\\max", "\\min"])
        outer, inner = self.rng.choice([("\\inf", "\\sup"), ("\\sup", "\\inf")])
        sums = self.pick(["\\sum", "\\prod", "\\bigcup"])
        cond = f"\\substack{{{low()} \\\\ {self.rng.choice([low(), self.short(), '0 < j < n'])}}}"
        return self.rng.choice(
            [
                f"{name}_{{{low()}}} {self.scripted(0)} = {outer}_{{{low()}}} {inner}_{{{low()}}} {self.scripted(0)}",
                f"{sums}_{{{cond}}} {self.letter()}({self.letter()}, {self.letter()})",
                f"{name}_{{{low()}}} {self.short()} = {self.short()}",
                f"{sums}_{{{cond}}}^{{n}} {self.short()}",
            ]
        )

    def rare_relations(self) -> str:
        """Signs that are seldom set, where they are."""
        a, b = self.scripted(0), self.scripted(0)
        more = f" {self.pick(_RARE)} {self.scripted(0)}" if self.chance(0.3) else ""
        return f"{a} {self.pick(_RARE)} {b}{more}"

    def bold_and_plain(self) -> str:
        """The same letter upright, bold, calligraphic, and nu beside v."""
        letter = (
            self.pick(LOWER_GREEK[:14])
            if self.chance(0.6)
            else self.pick(["\\Sigma", "\\Omega", "\\Phi", "\\Gamma", "\\Lambda"])
        )
        indices = " ".join(self.pick(_NU) for _ in range(self.rng.choice([2, 2, 3])))
        capital, field, nu = self.pick(ascii_uppercase), self.letter(), self.pick(_NU)
        return self.rng.choice(
            [
                f"\\mathcal{{N}}(\\boldsymbol{{{letter}}}, \\boldsymbol{{\\Sigma}})",
                f"\\boldsymbol{{{letter}}} = {letter} {self.short()}",
                f"{self.letter()} \\boldsymbol{{{letter}}} + {letter}",
                f"\\partial_{{{nu}}} {field}_{{{indices}}} - \\partial_{{{self.pick(_NU)}}} {self.letter()}^{{{indices}}}",
                f"\\gamma^{{{self.pick(_NU)}}} \\gamma^{{{self.pick(_NU)}}} = \\eta^{{{indices}}}",
                f"{capital} \\in \\mathcal{{{capital}}}",
                f"\\sum_{{x \\in \\mathcal{{{capital}}}}} {self.letter()}(x)",
                f"\\Gamma_{{{indices}}}^{{{self.pick(_NU)}}} {self.pick(_NU)}",
            ]
        )

    def letters_again(self) -> str:
        """Equal letters side by side, bare and as indices."""
        letter, other = self.letter(), self.letter()
        run = " ".join(self.rng.choices([letter, other], [4, 1], k=self.rng.randrange(2, 7)))
        return self.rng.choice(
            [
                run,
                f"{self.letter()}_{{{run}}}",
                f"{run} = {self.short()}",
                f"{self.letter()}^{{{run}}} {other}",
                f"({run})",
                f"{letter}_{{{self.pick(ascii_lowercase)}{self.pick(_TINY)}}} {run}",
            ]
        )

    def paper(self) -> str:
        """One formula of any of these kinds."""
        kinds: list[tuple[float, Make]] = [
            (7, self.evaluated),
            (7, self.barred),
            (3, self.factorials),
            (7, self.commutators),
            (7, self.augmented),
            (4, self.judgment),
            (5, self.worded),
            (4, self.stacked_signs),
            (5, self.exponents),
            (4, self.prescripts),
            (5, self.limits_below),
            (6, self.rare_relations),
            (6, self.bold_and_plain),
            (4, self.letters_again),
        ]
        return self.rng.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()
