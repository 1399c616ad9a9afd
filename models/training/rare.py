"""Formulas with the signs that ordinary formulas seldom have, each in the role that it has: arrows in all directions, ordered
and negated relations, operators of lattices and modules, big operators, card suits, musical signs, names of functions.

`signs.txt` has them one at a time, to measure with. Of 336 signs in the vocabulary the seventh model read 127 in none of four
formulas (MathJax's drawings, by a script that is not kept).
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

from models.training.papers import Papers

_COMMON_RELATIONS = (
    "\\subsetneq \\supsetneq \\nsubseteq \\nsupseteq \\sqsubseteq \\sqsupseteq \\sqsubset \\sqsupset \\ni \\notin "
    "\\nmid \\nparallel \\nleq \\ngeq \\ncong \\nsim \\nless \\vDash \\Vdash \\dashv \\models \\vdash \\ll \\gg \\lll "
    "\\ggg \\leqq \\geqq \\lesssim \\gtrsim \\prec \\succ \\preceq \\succeq \\preccurlyeq \\succcurlyeq \\precsim "
    "\\succsim \\trianglelefteq \\vartriangleleft \\triangleleft \\triangleright \\trianglerighteq \\bowtie \\asymp "
    "\\doteq \\propto \\simeq \\cong \\equiv \\triangleq \\nvdash \\nvDash \\nprec \\nsucc \\ngtr \\pitchfork "
    "\\approxeq \\lessapprox \\gtrapprox \\lneq \\gneq \\vartriangleright"
).split()
_ARROWS = (
    "\\leftarrow \\longleftarrow \\longrightarrow \\leftrightarrow \\longleftrightarrow \\Leftarrow \\Longleftarrow "
    "\\Rightarrow \\Leftrightarrow \\Longrightarrow \\Longleftrightarrow \\mapsto \\longmapsto \\hookrightarrow "
    "\\hookleftarrow \\twoheadrightarrow \\rightarrowtail \\rightharpoonup \\rightharpoondown \\leftharpoonup "
    "\\rightleftharpoons \\rightleftarrows \\rightsquigarrow \\uparrow \\downarrow \\updownarrow \\Uparrow "
    "\\Downarrow \\nearrow \\searrow \\swarrow \\nwarrow \\rightrightarrows \\multimap \\dashrightarrow \\nRightarrow "
    "\\nLeftrightarrow \\leftrightarrows \\looparrowright"
).split()
_SELDOM = (
    "\\backsim \\eqcolon \\lessdot \\gtrless \\lessgtr \\subsetneqq \\supsetneqq \\Subset \\Supset \\smile \\frown "
    "\\ntriangleleft \\backepsilon \\nrightarrow \\nleftarrow \\nleftrightarrow \\leftharpoondown \\leftrightharpoons "
    "\\Lleftarrow \\Rrightarrow \\upuparrows \\leftleftarrows \\twoheadleftarrow \\circlearrowleft \\circlearrowright "
    "\\curvearrowleft \\curvearrowright \\Updownarrow \\upharpoonleft \\downharpoonright \\upharpoonright \\Doteq "
    "\\circeq \\subseteqq \\supseteqq"
).split()
_OPERATORS = (
    "\\sqcup \\sqcap \\uplus \\amalg \\wr \\ltimes \\rtimes \\boxtimes \\boxplus \\odot \\ominus \\star \\bullet "
    "\\diamond \\cap \\cup \\vee \\wedge \\setminus \\dagger \\ddagger \\bigcirc \\circledast \\circledcirc "
    "\\curlyvee \\curlywedge \\barwedge \\veebar \\Cup \\Cap \\triangle \\triangledown \\intercal \\div \\mp \\boxdot "
    "\\boxminus \\oslash \\dotplus"
).split()
_LETTERS = (
    "\\forall \\exists \\nexists \\neg \\therefore \\because \\angle \\measuredangle \\sphericalangle \\square "
    "\\blacksquare \\complement \\mho \\eth \\digamma \\varkappa \\aleph \\beth \\gimel \\daleth \\wp \\Re \\Im \\ell "
    "\\hbar \\top \\bot \\emptyset \\varnothing \\checkmark \\S \\P \\AA \\& \\# \\$ \\% \\clubsuit \\heartsuit "
    "\\diamondsuit \\spadesuit \\bigstar \\lozenge \\blacklozenge \\blacktriangle \\Finv \\infty \\nabla \\partial "
    "\\varpi \\varrho \\varsigma \\Xi \\Upsilon \\upsilon \\Bbbk \\blacktriangleright"
).split()
_RAISED = (
    "\\sharp \\flat \\natural \\dagger \\ddagger \\ast \\star \\perp \\top \\circ \\bullet \\vee \\wedge \\times "
    "\\square \\uparrow \\downarrow \\intercal \\complement \\diamond \\prime \\flat \\sharp \\natural"
).split()
_BIG = (
    "\\bigsqcup \\biguplus \\bigodot \\bigoplus \\bigotimes \\bigvee \\bigwedge \\bigcap \\bigcup \\coprod \\prod "
    "\\limsup \\liminf \\max \\min \\sup \\inf \\lim \\det \\Pr \\gcd \\varinjlim \\varprojlim \\varlimsup "
    "\\varliminf \\oiint"
).split()
_NAMED = (
    "\\limsup \\liminf \\coth \\arg \\hom \\ker \\dim \\deg \\lg \\tanh \\sinh \\cosh \\cot \\csc \\sec \\arcsin "
    "\\arccos \\arctan \\exp \\ln \\det"
).split()
_WIDE = (
    "\\utilde \\widecheck \\overgroup \\undergroup \\overlinesegment \\underlinesegment \\Overrightarrow \\overleftrightarrow "
    "\\underleftrightarrow \\underleftarrow \\underrightarrow \\overleftarrow \\widehat \\widetilde"
).split()
_TOWARDS = ("\\nearrow", "\\searrow", "\\uparrow", "\\downarrow", "\\rightarrow")
_ENDS = ("0", "\\infty", "1", "a")
_CORNERS = (
    ("\\llbracket", "\\rrbracket"),
    ("\\llbracket", "\\rrbracket"),
    ("\\ulcorner", "\\urcorner"),
    ("\\llcorner", "\\lrcorner"),
    ("\\lceil", "\\rceil"),
    ("\\lfloor", "\\rfloor"),
)


class Rare(Papers):
    """What the vocabulary has and formulas seldom do."""

    def seldom(self) -> str:
        """A relation or an arrow, the more common ones more often."""
        r = self.rng.random()
        return self.pick(_COMMON_RELATIONS if r < 0.4 else _ARROWS if r < 0.8 else _SELDOM)

    def side(self) -> str:
        """What stands on one side of a sign: mostly one letter, with or without scripts."""
        r = self.rng.random()
        if r < 0.55:
            return self.pick(ascii_uppercase) if self.chance(0.5) else self.pick(ascii_lowercase)
        return self.scripted(0) if r < 0.8 else self.expression(0, self.rng.choice([1, 2]))

    def rare_relation(self) -> str:
        """Two or three sides with signs between them."""
        parts = [self.side(), self.seldom(), self.side()]
        for _ in range(self.rng.choice([0, 0, 1, 2])):
            parts += [self.rng.choice([self.seldom(), ",", "=", "\\quad"]), self.side()]
        return " ".join(parts)

    def rare_operator(self) -> str:
        parts = [self.side()]
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            parts += [self.pick(_OPERATORS), self.side()]
        whole = " ".join(parts)
        return self.rng.choice(
            [whole, whole, f"({whole})", f"{whole} = {self.side()}", f"{self.side()} {self.seldom()} {whole}"]
        )

    def rare_letter(self) -> str:
        """Signs that stand like letters: alone, beside others, with scripts, as a script."""
        sign = self.pick(_LETTERS)
        x = self.letter()
        return self.rng.choice([f"{sign} {x}", f"{x} {sign} {self.letter()}", f"{sign}_{{{x}}}", f"{x}_{{{sign}}}", f"({sign})",
                                f"{sign} {self.pick(_LETTERS)}", f"{sign} \\in {x}", f"{x} = {sign} + {self.number()}",
                                f"{sign} {x} \\, {self.pick(_LETTERS)} {self.letter()} : {self.rare_relation()}",
                                f"{sign}({x})", f"{self.side()}, {sign}"])  # fmt: skip

    def raised(self) -> str:
        """Signs as superscripts, and in limits and indices."""
        x, y, sign = self.letter(), self.letter(), self.pick(_RAISED)
        towards = self.pick(_TOWARDS)
        return self.rng.choice(
            [
                f"{x}^{{{sign}}}",
                f"{x}^{{{sign}}} {y}_{{{self.pick(_RAISED)}}}",
                f"{x}_{{{sign}}}",
                f"({self.side()})^{{{sign}}}",
                f"{x}^{{{sign} {y}}}",
                f"\\lim_{{{x} {towards} {self.pick(_ENDS)}}} {self.side()}",
                f"{x}_{{{y}}} {towards} {self.side()}",
                f"{x}^{{{sign}}} {self.seldom()} {self.side()}",
                f"{x} {sign} {self.number()}",
            ]
        )

    def big(self) -> str:
        """Operators with limits, or without."""
        sign, index = self.pick(_BIG), self.pick("ijkn")
        low = self.rng.choice([f"{index} = {self.pick('01')}", f"{index} \\in {self.pick('IJA')}", "",
                               f"{self.letter()} {self.pick(_ARROWS[:4])} {self.pick(_ENDS)}"])  # fmt: skip
        limits = f"_{{{low}}}" if low else ""
        if sign == "\\oiint":
            limits = self.rng.choice(["_{S}", "_{A}", "_{\\Sigma}", "_{\\partial V}"])
        if "= " in low and sign.startswith(("\\big", "\\co", "\\prod")):
            limits += f"^{{{self.rng.choice(['n', 'm', 'N', _ENDS[1]])}}}"
        rest = self.rng.choice(["", f" {self.seldom()} {self.side()}", f" {self.pick(_OPERATORS)} {self.side()}"])
        return f"{sign}{limits} {self.side()}{rest}"

    def cornered(self) -> str:
        left, right = self.pick_pair()
        return f"{left} {self.side()} {right}" + self.rng.choice(
            ["", f" {self.seldom()} {self.side()}", f" = {self.side()}"]
        )

    def accented_runs(self) -> str:
        """Wide accents that only KaTeX has, and long equals signs."""
        run = self.rng.choice([self.run("", 2), self.run("", 3), self.letter(), self.expression(0, 1)])
        wide = f"{self.pick(_WIDE)}{{{run}}}"
        other = f"{self.pick(_WIDE)}{{{self.run('', 2)}}}"
        equal = self.rng.choice([f"\\xlongequal{{{run}}}", f"\\xlongequal[{self.letter()}]{{{run}}}"])
        whole = self.rng.choice([wide, wide, equal])
        return self.rng.choice(
            [
                whole,
                f"{self.side()} {whole} {self.side()}",
                f"{whole} + {self.side()}",
                f"{wide}^{{2}}",
                f"\\frac{{{wide}}}{{{self.side()}}}",
                f"{wide} \\quad {other}",
            ]
        )

    def pick_pair(self) -> tuple[str, str]:
        return _CORNERS[self.rng.randrange(len(_CORNERS))]

    def rare(self) -> str:
        """One or two of these, sometimes in a fraction, a set, an index or a line of a proof."""
        kinds = (
            self.rare_relation,
            self.rare_operator,
            self.rare_letter,
            self.raised,
            self.big,
            self.cornered,
            self.accented_runs,
        )

        def one() -> str:
            return self.rng.choices(kinds, [5, 3, 4, 2, 1.5, 0.7, 0.8])[0]()

        r = self.rng.random()
        if r < 0.6:
            return one()
        if r < 0.75:
            return f"{one()}{self.rng.choice([', ', ' ; ', ' ' + chr(92) + 'quad ', ' + '])}{one()}"
        if r < 0.82:
            return f"\\{{ {self.letter()} \\in {self.pick(ascii_uppercase)} | {one()} \\}}"
        if r < 0.88:
            return f"{self.side()}_{{{self.rare_relation()}}}"
        if r < 0.94:
            return f"\\text{{{self.pick(['if ', 'for ', 'so ', 'and '])}}}{one()}"
        return f"{self.pick(_NAMED)} {self.side()} {self.seldom()} {one()}"
