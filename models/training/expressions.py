"""A grammar of mathematical expressions on one line."""

from __future__ import annotations

import random
from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase

from models.training.probes import LEAVES

GREEK = LEAVES[LEAVES.index("\\alpha") : LEAVES.index("\\Omega") + 1]
LOWER_GREEK = [g for g in GREEK if g[1].islower()]
RELATIONS = (
    "= = = = = < > \\leq \\geq \\neq \\equiv \\approx \\sim \\simeq \\cong \\propto \\in \\subset \\subseteq \\ll "
    "\\gg \\rightarrow \\Rightarrow \\mapsto \\perp \\parallel \\prec \\succ \\leqslant \\geqslant \\coloneqq "
    "\\notin \\supset \\supseteq \\Leftrightarrow \\Longrightarrow \\Longleftrightarrow \\leftarrow \\doteq "
    "\\vdash \\models \\hookrightarrow \\longrightarrow \\asymp \\lesssim \\gtrsim \\preceq \\succeq"
).split()
BINARY = "+ + + + - - - - \\cdot \\times \\pm \\mp \\otimes \\oplus \\wedge \\vee \\cap \\cup \\circ \\setminus * / \\div \\bullet \\star \\odot \\ominus".split()
FUNCTIONS = "\\sin \\cos \\tan \\log \\ln \\exp \\arctan \\sinh \\cosh \\tanh \\det \\dim \\ker \\arg \\sec \\csc \\cot \\Pr \\deg \\arcsin \\arccos \\gcd".split()
LIMITS = "\\sum \\sum \\sum \\prod \\bigcup \\bigcap \\bigoplus \\bigotimes \\bigvee \\bigwedge \\coprod".split()
INTEGRALS = "\\int \\int \\int \\int \\oint \\iint \\iiint".split()
ACCENTS = "\\bar \\hat \\tilde \\vec \\dot \\ddot \\overline \\widehat \\widetilde \\check \\breve \\acute \\grave \\mathring \\underline".split()
WIDE = (
    "\\overrightarrow \\overrightarrow \\overleftarrow \\overleftrightarrow \\underrightarrow \\underleftarrow "
    "\\underleftrightarrow"
).split()
ARROWS = (
    "\\xrightarrow \\xleftarrow \\xleftarrow \\xRightarrow \\xLeftarrow \\xleftrightarrow \\xLeftrightarrow \\xmapsto "
    "\\xhookrightarrow \\xhookleftarrow \\xrightleftharpoons \\xtwoheadrightarrow"
).split()
ALPHABETS = (
    "\\mathbb \\mathbb \\mathcal \\mathcal \\mathfrak \\mathscr \\mathbf \\mathbf \\mathrm \\mathsf \\boldsymbol "
    "\\mathtt \\mathit"
).split()
WORDS = (
    "if otherwise for all and or where such that with is odd even max min subject to s.t. on in as when then else "
    "not a.s. mod rank tr diag sign const Hom Aut Gal End id im coker span supp vol Res Spec"
).split()
UNITS = "m s kg cm mm km kJ J W V A K Pa mol L mL g N Hz eV MeV nm ms mA kW h min kPa atm".split()
ELEMENTS = "H He Li C N O F Na Mg Al Si P S Cl K Ca Fe Cu Zn Br Ag I Ba Pb Mn Cr".split()


class Expressions:
    """Random expressions on one line; `depth` bounds nesting."""

    def __init__(self, rng: random.Random, borrowed: Sequence[str] = ()) -> None:
        self.rng = rng
        self.borrowed = borrowed

    def pick(self, items: Sequence[str]) -> str:
        return items[int(self.rng.random() * len(items))]

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def number(self) -> str:
        r = self.rng.random()
        if r < 0.55:
            return str(self.rng.randrange(10))
        if r < 0.8:
            return str(self.rng.randrange(10, 1000))
        if r < 0.9:
            return f"{self.rng.randrange(100)}.{self.rng.randrange(1000)}"
        return f"{self.rng.randrange(1, 1000)},{self.rng.randrange(1000):03d}"

    def letter(self) -> str:
        r = self.rng.random()
        if r < 0.5:
            return self.pick(ascii_lowercase)
        if r < 0.68:
            return self.pick(ascii_uppercase)
        if r < 0.88:
            return self.pick(LOWER_GREEK if self.chance(0.8) else GREEK)
        if r < 0.97:
            font = self.pick(ALPHABETS)
            small = font not in ("\\mathbb", "\\mathcal", "\\mathscr") and self.chance(0.4)
            return f"{font}{{{self.pick(ascii_lowercase if small else ascii_uppercase)}}}"
        return self.pick(
            (
                "\\infty \\partial \\nabla \\ell \\hbar \\emptyset \\varnothing \\aleph \\Re \\Im "
                "\\imath \\wp \\top \\bot \\square \\triangle \\ldots \\cdots"
            ).split()
        )

    def atom(self, depth: int = 0) -> str:
        r = self.rng.random()
        if r < 0.62:
            return self.letter()
        if r < 0.82:
            return self.number()
        if r < 0.9:
            if self.chance(0.1):
                return f"{self.pick(WIDE)}{{{self.letter()}{self.letter()}}}"
            accent = self.pick(ACCENTS)
            wide = accent in ("\\overline", "\\widehat", "\\widetilde", "\\underline") and self.chance(0.6)
            return f"{accent}{{{self.letter() + (self.letter() if wide else '')}}}"
        if depth <= 0:
            return self.letter()
        return self.group(depth - 1)

    def scripted(self, depth: int) -> str:
        base = self.atom(depth)
        if base[-1].isdigit() and self.chance(0.7):
            return base
        r = self.rng.random()
        if r < 0.45:
            return base
        if r < 0.65:
            return f"{base}_{{{self.script(depth - 1)}}}"
        if r < 0.83:
            return f"{base}^{{{self.script(depth - 1)}}}"
        if r < 0.93:
            return f"{base}_{{{self.script(depth - 1)}}}^{{{self.script(depth - 1)}}}"
        return base + "'" * self.rng.choice([1, 1, 1, 2]) if base[-1] != "}" or self.chance(0.5) else base

    def script(self, depth: int) -> str:
        r = self.rng.random()
        if r < 0.4:
            return self.pick(ascii_lowercase + "0123456789nik")
        if r < 0.52:
            return self.number() if self.chance(0.7) else "-" + self.number()
        if r < 0.6:
            return f"{self.pick(ACCENTS[:6])}{{{self.letter()}}}"
        if r < 0.75:
            return self.pick(
                (
                    "i+1 n-1 ij ijk k+1 2n \\mu\\nu \\alpha\\beta * \\dagger -1 \\circ T \\top \\infty + - "
                    "\\prime m,n i,j \\perp \\times (n) (k) j=1 \\mathrm{max} \\mathrm{eff} \\text{in} "
                    "\\mathrm{th} 1/2 \\pm \\lambda"
                ).split()
            )
        return self.expression(max(depth, 0), self.rng.choice([1, 1, 2, 2, 3])) if depth >= 0 else self.letter()

    def expression(self, depth: int, terms: int) -> str:
        parts = ["-"] if self.chance(0.06) else []
        for index in range(terms):
            if index:
                r = self.rng.random()
                parts.append(
                    self.pick(BINARY) if r < 0.5 else "" if r < 0.78 else self.pick(RELATIONS) if r < 0.9 else ","
                )
            parts.append(self.term(depth))
        return " ".join(parts)

    def term(self, depth: int) -> str:
        if depth <= 0 or self.chance(0.58):
            return self.scripted(depth)
        return self.rng.choices(
            [self.fraction, self.root, self.sum, self.integral, self.function, self.group, self.differential, self.braket,
             self.stacked, self.tensor, self.binomial, self.limit, self.arrow, self.named, self.brace],
            [14, 6, 8, 9, 7, 12, 6, 3, 3, 6, 2, 3, 2, 3, 2],
        )[0](depth - 1)  # fmt: skip

    def fraction(self, depth: int) -> str:
        return f"\\frac{{{self.expression(depth, self.rng.choice([1, 1, 2, 3]))}}}{{{self.expression(depth, self.rng.choice([1, 1, 2]))}}}"

    def root(self, depth: int) -> str:
        index = f"[{self.pick(['3', '4', 'n', 'k', '5'])}]" if self.chance(0.2) else ""
        return f"\\sqrt{index}{{{self.expression(depth, self.rng.choice([1, 2, 2, 3]))}}}"

    def bounds(self, depth: int) -> str:
        low = self.rng.choice(
            ["i=1", "n=0", "k=0", "j=1", "n=1", "i\\in I", "k=-\\infty", "x\\in X", "m=1", "i<j", "d|n", "p"]
        )
        low = low if self.chance(0.75) else self.expression(0, 2)
        if self.chance(0.08):
            low = f"\\substack{{{low}\\\\{self.expression(0, 2)}}}"
        high = self.rng.choice(("n \\infty N m k n-1 K r").split()) if self.chance(0.8) else self.script(depth)
        return f"_{{{low}}}" + (f"^{{{high}}}" if self.chance(0.7) else "")

    def sum(self, depth: int) -> str:
        return f"{self.pick(LIMITS)}{self.bounds(depth)} {self.expression(depth, self.rng.choice([1, 1, 2]))}"

    def integral(self, depth: int) -> str:
        r = self.rng.random()
        low = self.rng.choice(
            ["0", "a", "-\\infty", "\\Omega", "\\mathbb{R}", "1", "V", "\\partial D", "x_0", "C", "-1", "\\mathbb{R}^n"]
        )
        high = self.rng.choice(("1 b \\infty t x T 2\\pi \\infty \\pi").split())
        limits = "" if r < 0.2 else f"_{{{low}}}" if r < 0.45 else f"_{{{low}}}^{{{high}}}"
        d = "\\mathrm{d}" if self.chance(0.25) else "d"
        variable = self.letter()
        return f"{self.pick(INTEGRALS)}{limits} {self.expression(depth, self.rng.choice([1, 2]))}\\,{d} {variable}"

    def function(self, depth: int) -> str:
        name = self.pick(FUNCTIONS)
        power = (
            "^{2}"
            if self.chance(0.15)
            else "^{-1}"
            if self.chance(0.04)
            else f"_{{{self.number()}}}"
            if self.chance(0.05)
            else ""
        )
        inner = self.expression(depth, self.rng.choice([1, 1, 2]))
        return f"{name}{power} {self.scripted(0)}" if self.chance(0.35) else f"{name}{power}\\left({inner}\\right)"

    def group(self, depth: int) -> str:
        left, right = self.rng.choices(
            [("(", ")"), ("[", "]"), ("\\{", "\\}"), ("|", "|"), ("\\|", "\\|"), ("\\langle", "\\rangle"),
             ("\\lfloor", "\\rfloor"), ("\\lceil", "\\rceil"), ("(", "]"), ("[", ")"), (".", "|")],
            [40, 14, 8, 9, 6, 6, 3, 2, 2, 2, 2],
        )[0]  # fmt: skip
        inner = self.expression(depth, self.rng.choice([1, 2, 2, 3]))
        if left == "\\{" and self.chance(0.4):
            inner += f" {self.pick(['|', ':', '|'])} {self.expression(0, 2)}"
        script = f"^{{{self.script(0)}}}" if self.chance(0.25) else f"_{{{self.script(0)}}}" if self.chance(0.1) else ""
        return f"\\left{left} {inner} \\right{right}{script}"

    def differential(self, depth: int) -> str:
        d = self.rng.choice(("\\partial d \\mathrm{d} \\partial \\delta \\Delta").split())
        order = self.rng.choice(("   ^{2} ^{n} ^{3}").split())
        over = f"{d}{order} {self.scripted(0) if self.chance(0.8) else ''}"
        under = f"{d} {self.letter()}{order}" if self.chance(0.85) else f"{d} {self.letter()} {d} {self.letter()}"
        after = f" {self.scripted(depth)}" if self.chance(0.3) else ""
        return f"\\frac{{{over}}}{{{under}}}{after}"

    def braket(self, depth: int) -> str:
        a, b, op = self.scripted(0), self.scripted(0), f"\\hat{{{self.pick(ascii_uppercase)}}}"
        return self.rng.choice(
            [
                f"\\langle {a} | {b} \\rangle",
                f"| {a} \\rangle",
                f"\\langle {a} |",
                f"\\langle {a} | {op} | {b} \\rangle",
                f"|{a}\\rangle\\langle {b}|",
                f"[{op}, {a}]",
            ]
        )

    def tensor(self, depth: int) -> str:
        base = self.rng.choice(("T R g \\Gamma F \\epsilon \\eta \\delta A S C \\omega \\nabla \\partial").split())
        indices = "".join(self.rng.choice(LOWER_GREEK[:14]) + " " for _ in range(self.rng.choice([1, 2, 2, 3])))
        upper = "".join(self.rng.choice(LOWER_GREEK[:14]) + " " for _ in range(self.rng.choice([1, 2])))
        return self.rng.choice(
            [
                f"{base}_{{{indices}}}",
                f"{base}^{{{upper}}}",
                f"{base}^{{{upper}}}_{{{indices}}}",
                f"{base}^{{{upper}}}{{}}_{{{indices}}}",
            ]
        )

    def binomial(self, depth: int) -> str:
        return f"\\binom{{{self.expression(0, 1)}}}{{{self.expression(0, 1)}}}"

    def stacked(self, depth: int) -> str:
        above = (
            self.rng.choice(("\\mathrm{def} ! d \\mathrm{iid} ? \\sim * \\circ").split())
            if self.chance(0.7)
            else self.letter()
        )
        if self.chance(0.7):
            return f"{self.letter()} \\overset{{{above}}}{{{self.pick(['=', '=', 'arrow', 'sim']).replace('arrow', chr(92) + 'rightarrow').replace('sim', chr(92) + 'sim')}}} {self.scripted(depth)}"
        return f"\\underset{{{self.expression(0, 2)}}}{{\\mathrm{{{self.pick(['argmax', 'argmin', 'arg max', 'ess sup'])}}}}} {self.scripted(depth)}"

    def limit(self, depth: int) -> str:
        name = self.rng.choice(("\\lim \\lim \\lim \\max \\min \\sup \\inf \\limsup \\liminf").split())
        var = self.letter()
        low = (
            f"{var}\\to {self.rng.choice(['0', chr(92) + 'infty', 'a', '0^{+}', '1', 'x_{0}'])}"
            if "lim" in name
            else f"{var}\\in {self.letter()}"
        )
        return f"{name}_{{{low}}} {self.expression(depth, self.rng.choice([1, 2]))}"

    def arrow(self, depth: int) -> str:
        below = f"[{self.letter()}]" if self.chance(0.2) else ""
        name = self.pick(ARROWS) if self.chance(0.4) else "\\xrightarrow"
        return f"{self.letter()} {name}{below}{{{self.expression(0, self.rng.choice([1, 2]))}}} {self.letter()}"

    def named(self, depth: int) -> str:
        name = self.pick([w for w in WORDS if w.isalpha() and len(w) > 1])
        return (
            f"\\operatorname{{{name}}}({self.expression(depth, 1)})"
            if self.chance(0.6)
            else f"\\mathrm{{{name}}} {self.scripted(0)}"
        )

    def brace(self, depth: int) -> str:
        over = self.chance(0.5)
        label = self.expression(0, 1) if self.chance(0.6) else f"\\text{{{self.pick(WORDS)}}}"
        return f"\\{'over' if over else 'under'}brace{{{self.expression(depth, 3)}}}{'^' if over else '_'}{{{label}}}"
