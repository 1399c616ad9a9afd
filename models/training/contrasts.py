"""Formulas that put side by side what is easily taken for each other: alphabets, sizes, strokes over letters, factors that
repeat with little changed. Each kind stands for a kind of picture that the third model failed on."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase

from models.training.expressions import LOWER_GREEK, RELATIONS
from models.training.layouts import rows_of
from models.training.probes import ACCENTS, LEAVES
from models.training.specimens import Specimens

Make = Callable[[], str]
_LETTERS = ascii_lowercase + ascii_uppercase
_FONTS = ("\\mathrm", "\\mathrm", "\\mathbf", "\\mathbf", "\\mathsf", "\\mathtt", "\\mathit")
_CAPITAL = ("\\mathcal", "\\mathscr", "\\mathbb", "\\mathfrak")
_SIZES = ("\\scriptstyle", "\\textstyle", "\\scriptstyle", "\\scriptscriptstyle")
_ARROWS = ("\\overrightarrow", "\\overleftarrow", "\\overleftrightarrow", "\\Overrightarrow", "\\Overrightarrow",
           "\\underrightarrow", "\\underleftarrow", "\\widehat", "\\widetilde", "\\overline")  # fmt: skip
_MARKS = ("\\hat", "\\tilde", "\\vec", "\\dot", "\\bar")
_BOLD = ("\\ell", "\\ell", "\\nabla", "\\sigma", "\\omega", "\\mu", "\\theta")
_PATHS = ("\\ell", "x", "s", "\\mathbf{S}", "\\sigma")
_LOGOS = ("\\KaTeX", "\\LaTeX", "\\TeX")
_HOOKS = (
    "\\lrcorner",
    "\\lrcorner",
    "\\llcorner",
    "\\perp",
    "\\bot",
    "\\top",
    "\\vdash",
    "\\dashv",
    "\\ulcorner",
    "\\urcorner",
)


class Contrasts(Specimens):
    """What differs little to the eye."""

    def run(self, font: str, size: int) -> str:
        """Letters and digits of one alphabet; of none when font is empty."""
        text = "".join(self.pick(_LETTERS + "0123456789") for _ in range(size))
        return f"{font}{{{text}}}" if font else text

    def joined(self, makes: list[Make], least: int, most: int, joints: list[str]) -> str:
        parts = [self.rng.choice(makes)() for _ in range(self.rng.randrange(least, most + 1))]
        text = parts[0]
        for part in parts[1:]:
            text += f" {self.rng.choice(joints)} {part}"
        return text

    def alphabets_mixed(self) -> str:
        """Upright, bold, sans, typewriter and italic letters between plain ones, some with accents or in boxes."""
        main, other = self.rng.choice(_FONTS), self.rng.choice(["", "", *_FONTS])
        makes: list[Make] = [
            self.letter,
            lambda: self.run(main, self.rng.choice([1, 1, 1, 2, 3])),
            lambda: self.run(other, self.rng.choice([1, 1, 2, 4])),
            lambda: f"{self.pick(ACCENTS)}{{{self.run(self.rng.choice([main, main, '']), 1)}}}",
            lambda: f"\\boxed{{{self.run(self.rng.choice([main, '']), 1)}}}",
            lambda: self.pick(LEAVES[LEAVES.index("\\alpha") : LEAVES.index("\\Omega") + 1]),
            lambda: self.pick(["\\imath", "\\jmath", "\\ell"]),
        ]
        text = self.joined(makes, 2, 8, ["", "", "", "", "+", "=", ","])
        return text + (f" + {self.pick(_LOGOS)}" if self.chance(0.2) else "")

    def words_row(self) -> str:
        """Words of italic letters side by side, as mistyped text and names of several letters are."""
        words = [self.sentence(1).lower() for _ in range(self.rng.randrange(1, 6))]
        joint = self.rng.choice(["", "", "", " ( ", " = ", ", "])
        text = joint.join(words)
        return text + (" )" if joint == " ( " else "") * (len(words) - 1)

    def logos(self) -> str:
        """TeX's names in a row, in several sizes."""
        sizes = ["", "", "", "\\small", "\\large"]
        names = [f"\\text{{{self.pick(sizes)} {self.pick(_LOGOS)}}}" for _ in range(self.rng.randrange(2, 6))]
        return self.rng.choice([", ", ", ", " + ", " = ", " "]).join(names)

    def resized(self) -> str:
        """A line on which the size changes between any two signs."""
        a, b = self.letter(), self.letter()
        signs = [a, "\\cdot", b] if self.chance(0.5) else [a, self.pick(RELATIONS[:12]), b, "+", self.letter()]
        parts = []
        for _ in range(self.rng.randrange(2, 5)):
            parts += (
                signs
                if self.chance(0.7)
                else [self.letter(), self.rng.choice(["\\cdot", "+", "-", "="]), self.letter()]
            )
        changes = self.rng.sample(range(1, len(parts)), min(len(parts) - 1, self.rng.randrange(1, 4)))
        for place, size in zip(sorted(changes, reverse=True), self.rng.choices(_SIZES, k=len(changes)), strict=True):
            parts.insert(place, size)
        return " ".join(parts)

    def hooked(self) -> str:
        """Interior products, perpendiculars and turnstiles, also within scripts and brackets."""
        hook = self.pick(_HOOKS)

        def product() -> str:
            return f"{self.letter()} {hook} {self.letter()}"

        base = self.pick(ascii_uppercase + ascii_lowercase)
        makes: list[Make] = [
            product,
            lambda: f"{base}_{{{product()}}}",
            lambda: f"({product()})_{{{self.pick(['*', self.letter()])}}} {self.letter()}",
            lambda: f"|_{{{product()}({self.letter()})}}",
            lambda: f"{base}_{{{product()}}}({self.letter()}_{{1}}, {self.letter()}_{{2}})",
            self.field,
        ]
        return self.joined(makes, 1, 4, ["=", "+", "\\cdot", ""])

    def phasors(self) -> str:
        """Amplitudes with an angle behind them."""

        def turned() -> str:
            return f"\\phase{{{self.rng.choice(['', '-'])}{self.number()}^{{\\circ}}}}"

        makes: list[Make] = [
            lambda: f"{self.number()}{turned()}",
            lambda: f"{self.number()}\\text{{{self.pick('VAW')}}}{turned()}",
            lambda: f"{self.letter()}\\phase{{{self.pick(LOWER_GREEK)}}}",
            lambda: f"\\phase{{{self.number()}^{{\\circ}}}}",
            lambda: f"\\phase{{{self.expression(0, 2)}}}",
            lambda: f"\\underline{{{self.expression(0, 2)}}}",
            lambda: f"\\angle {self.number()}^{{\\circ}}",
        ]
        return self.joined(makes, 1, 4, ["", "", "\\;", "=", "+", "\\cdot"])

    def arrowed(self) -> str:
        """Arrows and hats over and under letters, apart or in sums."""

        def one() -> str:
            inner = self.rng.choice(
                ["AB", "AB", "PQ", self.letter(), self.letter() + self.letter(), "ABC", self.run("", 3)]
            )
            return f"{self.pick(_ARROWS)}{{{inner}}}" if self.chance(0.8) else f"{self.pick(_MARKS)}{{{self.letter()}}}"

        return self.joined([one], 1, 5, ["\\quad", "\\quad", "+", "=", ""])

    def echoed_factors(self) -> str:
        """A long product or list of few factors that come back with one mark changed."""
        stock = [self.field() for _ in range(self.rng.choice([1, 2, 2, 3]))]
        stock += [f"[{self.letter()}^{{-1}}]_{{{self.index()}}}^{{{self.index()}}}" for _ in range(self.chance(0.4))]

        def again() -> str:
            piece = self.rng.choice(stock)
            if self.chance(0.3):
                return f"{self.pick(_MARKS)}{{{self.letter()}}}{piece[piece.find('_') :] if '_' in piece else ''}"
            return self.altered(piece) if self.chance(0.4) else piece

        parts = [again() for _ in range(self.rng.randrange(3, 9))]
        text = parts[0]
        for part in parts[1:]:
            text += f" {self.rng.choice(['', '', ',', '+', '=', '(', ')'])} {part}"
        opened = text.count(" ( ")
        return text.replace(" ) ", " ") + " )" * opened + self.rng.choice(["", "", ",", "."])

    def letters_in_scripts(self) -> str:
        """Calligraphic, bold, blackboard and rare letters in scripts and under operators; bold Greek and symbols."""

        def small() -> str:
            return self.rng.choice([f"{self.pick(_CAPITAL)}{{{self.pick(ascii_uppercase)}}}",
                                    f"\\mathbf{{{self.pick(_LETTERS)}}}", f"\\boldsymbol{{{self.pick([*LOWER_GREEK, *_BOLD])}}}",
                                    self.letter(), f"\\mathrm{{{self.pick(_LETTERS)}}}"])  # fmt: skip

        makes: list[Make] = [
            lambda: f"{self.letter()}_{{{small()}}}({self.letter()})",
            lambda: f"{self.letter()}^{{{small()}}}_{{{small()}}}",
            lambda: f"\\mathbb{{{self.pick('EPRV')}}}_{{{self.letter()} \\sim {small()}}}[{self.letter()}]",
            lambda: f"\\sum_{{{self.letter()} \\in {small()}}} {small()}",
            lambda: f"\\boldsymbol{{{self.pick([*LOWER_GREEK, *_BOLD])}}}",
            lambda: f"\\mathrm{{d}}\\boldsymbol{{{self.pick(_BOLD)}}}",
            lambda: f"\\mathrm{{d}}{self.pick(_PATHS)}",
        ]
        return self.joined(makes, 1, 4, ["=", "+", "", "\\cdot", ","])

    def font_table(self) -> str:
        """Short words in alphabets, in rows and columns that need not be full."""

        def word() -> str:
            text = "".join(self.pick(ascii_lowercase) for _ in range(self.rng.choice([2, 2, 2, 3])))
            font = self.rng.choice(["", *_FONTS])
            return f"{font}{{{text}}}" if font else text

        def mixed() -> str:
            return "".join(self.run(self.rng.choice(["", "\\mathrm", "\\mathbf"]), 1) for _ in range(3))

        columns = self.rng.choice([2, 3, 4, 5, 6])
        lines = [" & ".join(word() for _ in range(columns)) for _ in range(self.rng.choice([1, 2, 2]))]
        if self.chance(0.5):
            lines.append(" & ".join(mixed() for _ in range(self.rng.randrange(1, columns + 1))))
        return rows_of("matrix", lines) if len(lines) > 1 else lines[0].replace("&", "\\quad")

    def contrast(self) -> str:
        """One formula of any of these kinds."""
        kinds: list[tuple[float, Make]] = [
            (14, self.alphabets_mixed), (4, self.words_row), (3, self.logos), (7, self.resized), (6, self.hooked),
            (5, self.phasors), (6, self.arrowed), (14, self.echoed_factors), (7, self.letters_in_scripts), (4, self.font_table),
            (3, self.dotted), (4, self.tower), (8, self.alphabet_row), (6, self.echoes), (10, self.spinors),
        ]  # fmt: skip
        return self.rng.choices([make for _, make in kinds], [weight for weight, _ in kinds])[0]()
