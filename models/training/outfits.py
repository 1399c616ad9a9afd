"""Which character of which font file shows a class of glyph, for many designs that TeX has no math fonts for.

Letters and digits come from families for text, as those who set mathematics in a book's own type do; everything else from
OpenType math fonts, by the characters of Unicode's mathematical alphabets. All are free fonts of TeX Live, found by
`kpsewhich`, most under the SIL Open Font License, others under the GUST, Apache or LaTeX project licence or the GPL with its
exception for documents; none of them is shipped. None is of a design that is kept for measuring.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits

MATH = (
    "latinmodern-math NewCMMath-Book STIXTwoMath-Regular XITSMath-Regular Concrete-Math GFSNeohellenicMath Garamond-Math "
    "XCharter-Math Erewhon-Math"
).split()
# Regular, italic, bold, bold italic.
TEXT = tuple(
    tuple(line.split())
    for line in """
SourceSerifPro-Regular.otf SourceSerifPro-RegularIt.otf SourceSerifPro-Bold.otf SourceSerifPro-BoldIt.otf
SourceSerifPro-Light.otf SourceSerifPro-LightIt.otf SourceSerifPro-Semibold.otf SourceSerifPro-SemiboldIt.otf
antpolt-regular.otf antpolt-italic.otf antpolt-bold.otf antpolt-bolditalic.otf
Alegreya-Regular.otf Alegreya-Italic.otf Alegreya-Bold.otf Alegreya-BoldItalic.otf
IBMPlexSerif-Regular.otf IBMPlexSerif-Italic.otf IBMPlexSerif-Bold.otf IBMPlexSerif-BoldItalic.otf
LibreBodoni-Regular.otf LibreBodoni-Italic.otf LibreBodoni-Bold.otf LibreBodoni-BoldItalic.otf
LibreCaslonText-Regular.otf LibreCaslonText-Italic.otf LibreCaslonText-Bold.otf LibreCsln-BoldItalic.otf
Crimson-Roman.otf Crimson-Italic.otf Crimson-Semibold.otf Crimson-SemiboldItalic.otf
Baskervaldx-Reg.otf Baskervaldx-Ita.otf Baskervaldx-Bol.otf Baskervaldx-BolIta.otf
BaskervilleF-Regular.otf BaskervilleF-Italic.otf BaskervilleF-Bold.otf BaskervilleF-BoldItalic.otf
clarar.otf clarai.otf clarab.otf clarabi.otf
Cochineal-Roman.otf Cochineal-Italic.otf Cochineal-Bold.otf Cochineal-BoldItalic.otf
Domitian-Roman.otf Domitian-Italic.otf Domitian-Bold.otf Domitian-BoldItalic.otf
EBGaramond-Regular.otf EBGaramond-Italic.otf EBGaramond-SemiBold.otf EBGaramond-SemiBoldItalic.otf
Erewhon-Regular.otf Erewhon-Italic.otf Erewhon-Bold.otf Erewhon-BoldItalic.otf
ETbb-Regular.otf ETbb-Italic.otf ETbb-Bold.otf ETbb-BoldItalic.otf
fbb-Regular.otf fbb-Italic.otf fbb-Bold.otf fbb-BoldItalic.otf
GaramondLibre-Regular.otf GaramondLibre-Italic.otf GaramondLibre-Bold.otf GaramondLibre-BoldItalic.otf
GFSBodoni.otf GFSBodoniIt.otf GFSBodoniBold.otf GFSBodoniBoldIt.otf
Heuristica-Regular.otf Heuristica-Italic.otf Heuristica-Bold.otf Heuristica-BoldItalic.otf
IbarraRealNova-Regular.otf IbarraRealNova-Italic.otf IbarraRealNova-Bold.otf IbarraRealNova-BoldItalic.otf
InriaSerif-Regular.otf InriaSerif-Italic.otf InriaSerif-Bold.otf InriaSerif-BoldItalic.otf
Kerkis.otf Kerkis-Italic.otf Kerkis-SemiBold.otf Kerkis-SemiBold-Italic.otf
LinguisticsPro-Regular.otf LinguisticsPro-Italic.otf LinguisticsPro-Bold.otf LinguisticsPro-BoldItalic.otf
OldStandard-Regular.otf OldStandard-Italic.otf OldStandard-Bold.otf OldStandard-BoldItalic.otf
PlayfairDisplay-Regular.otf PlayfairDisplay-Italic.otf PlayfairDisplay-Bold.otf PlayfairDisplay-BoldItalic.otf
TeXGyreScholaX-Regular.otf TeXGyreScholaX-Italic.otf TeXGyreScholaX-Bold.otf TeXGyreScholaX-BoldItalic.otf
STEP-Regular.otf STEP-Italic.otf STEP-Bold.otf STEP-BoldItalic.otf
STIXTwoText-Regular.otf STIXTwoText-Italic.otf STIXTwoText-SemiBold.otf STIXTwoText-SemiBoldItalic.otf
Tempora-Regular.otf Tempora-Italic.otf Tempora-Bold.otf Tempora-BoldItalic.otf
FreeSerifb.otf FreeSerifbItalic.otf FreeSerifbBold.otf FreeSerifbBoldItalic.otf
XCharter-Roman.otf XCharter-Italic.otf XCharter-Bold.otf XCharter-BoldItalic.otf
Merriweather-Regular.otf Merriweather-Italic.otf Merriweather-Bold.otf Merriweather-BoldItalic.otf
Merriweather-Light.otf Merriweather-LightItalic.otf Merriweather-Bold.otf Merriweather-BoldItalic.otf
DroidSerif-Regular.ttf DroidSerif-Italic.ttf DroidSerif-Bold.ttf DroidSerif-BoldItalic.ttf
CormorantGaramond-Medium.ttf CormorantGaramond-MediumItalic.ttf CormorantGaramond-Bold.ttf CormorantGaramond-BoldItalic.ttf
LibreBaskerville-Regular.ttf LibreBaskerville-Italic.ttf LibreBaskerville-Bold.ttf LibreBskvl-BoldItalic.ttf
Spectral-Regular.ttf Spectral-Italic.ttf Spectral-SemiBold.ttf Spectral-SemiBoldItalic.ttf
CrimsonPro-Regular.ttf CrimsonPro-Italic.ttf CrimsonPro-SemiBold.ttf CrimsonPro-SemiBoldItalic.ttf
Talos-Regular.otf Talos-Italic.otf Talos-Bold.otf Talos-BoldItalic.otf
""".strip().splitlines()
)
# The same without serifs; sans serif letters look then like all others.
PLAIN = tuple(
    tuple(line.split())
    for line in """
Roboto-Regular.otf Roboto-Italic.otf Roboto-Bold.otf Roboto-BoldItalic.otf
IBMPlexSans-Regular.otf IBMPlexSans-Italic.otf IBMPlexSans-Bold.otf IBMPlexSans-BoldItalic.otf
FiraSans-Regular.otf FiraSans-Italic.otf FiraSans-Bold.otf FiraSans-BoldItalic.otf
SourceSansPro-Regular.otf SourceSansPro-RegularIt.otf SourceSansPro-Bold.otf SourceSansPro-BoldIt.otf
Carlito-Regular.ttf Carlito-Italic.ttf Carlito-Bold.ttf Carlito-BoldItalic.ttf
zhv-Reg.otf zhv-RegIta.otf zhv-Bol.otf zhv-BolIta.otf
""".strip().splitlines()
)
SANS = (
    "SourceSansPro-Regular.otf Roboto-Regular.otf IBMPlexSans-Regular.otf FiraSans-Regular.otf LibreFranklin-Regular.otf "
    "Raleway-Regular.otf Montserrat-Regular.otf Carlito-Regular.ttf cmunss.otf InriaSans-Regular.otf Chivo-Regular.otf"
).split()
MONO = (
    "SourceCodePro-Regular.otf RobotoMono-Regular.otf IBMPlexMono-Regular.otf FiraMono-Regular.otf cmuntt.otf "
    "Inconsolatazi4-Regular.otf AnonymousPro-Regular.ttf"
).split()

# Greek in the order of Unicode's mathematical alphabets (U+1D6FC ff.); the variants stand behind them.
_GREEK = (
    "\\alpha \\beta \\gamma \\delta \\varepsilon \\zeta \\eta \\theta \\iota \\kappa \\lambda \\mu \\nu \\xi omicron \\pi \\rho "
    "\\varsigma \\sigma \\tau \\upsilon \\varphi \\chi \\psi \\omega \\partial \\epsilon \\vartheta \\varkappa \\phi "
    "\\varrho \\varpi"
).split()
_CAPITALS = dict(zip("\\Gamma \\Delta \\Theta \\Lambda \\Xi \\Pi \\Sigma \\Upsilon \\Phi \\Psi \\Omega".split(), "ΓΔΘΛΞΠΣΥΦΨΩ",
                     strict=True))  # fmt: skip
# In type for text these are drawn either way (φ), or too seldom to be trusted.
_UNSURE = {"\\phi", "\\varphi", "\\epsilon", "\\vartheta", "\\varkappa", "\\varrho", "\\varpi", "\\partial"}
_HOLES = {0x1D455: 0x210E, 0x1D53A: 0x2102, 0x1D53F: 0x210D, 0x1D545: 0x2115, 0x1D547: 0x2119, 0x1D548: 0x211A,
          0x1D549: 0x211D, 0x1D551: 0x2124, 0x1D506: 0x212D, 0x1D50B: 0x210C, 0x1D50C: 0x2111, 0x1D515: 0x211C,
          0x1D51D: 0x2128}  # fmt: skip
# Capital A and digit 0 of each alphabet.
_ALPHABETS = {"\\mathbf": (0x1D400, 0x1D7CE), "\\boldsymbol": (0x1D468, 0x1D7CE), "\\mathbb": (0x1D538, 0x1D7D8),
              "\\mathfrak": (0x1D504, None), "\\mathrm": (0x41, 0x30)}  # fmt: skip
_SYMBOLS = dict(
    zip(
        "+ - = < > * \\infty \\nabla \\ell \\hbar \\imath \\jmath \\wp \\aleph \\emptyset \\forall \\exists \\neg \\top \\bot "
        "\\star \\bullet \\circ \\cdot \\times \\div \\pm \\mp \\otimes \\oplus \\ominus \\odot \\wedge \\vee \\cap \\cup "
        "\\setminus \\sqcup \\sqcap \\uplus \\leq \\geq \\ll \\gg \\leqslant \\geqslant \\prec \\succ \\sim \\simeq \\approx "
        "\\equiv \\propto \\subset \\supset \\subseteq \\supseteq \\in \\ni \\parallel \\perp \\vdash \\dashv \\rightarrow "
        "\\leftarrow \\leftrightarrow \\Rightarrow \\Leftarrow \\Leftrightarrow \\uparrow \\downarrow \\rightharpoonup "
        "\\cong \\models \\hookrightarrow \\mapsto \\triangleleft \\triangleright \\therefore \\because".split(),
        "+−=<>∗∞∇ℓℏ𝚤𝚥℘ℵ∅∀∃¬⊤⊥⋆•∘⋅×÷±∓⊗⊕⊖⊙∧∨∩∪∖⊔⊓⊎≤≥≪≫⩽⩾≺≻∼≃≈≡∝⊂⊃⊆⊇∈∋∥⟂⊢⊣→←↔⇒⇐⇔↑↓⇀≅⊧↪↦◁▷∴∵",
        strict=True,
    )
)
_MARKS = "!?;,.:%&$"


@dataclass(frozen=True, slots=True)
class Cloth:
    """Where the glyph of a class comes from. seated: it stands on the line at the size of its font; else it takes the width
    and the middle of what it replaces."""

    file: str
    character: str
    seated: bool


def outfit(rng: random.Random, plain: bool = False) -> dict[str, Cloth]:
    """A design by class key (as in `classes.json`): a family for text or none, and math fonts for each alphabet.

    plain: one without serifs."""
    fonts = [name for name in (f"{font}.otf" for font in MATH) if find(name)]
    main = rng.choice(fonts)
    clothes = {key: Cloth(main, char, False) for key, char in _SYMBOLS.items()}
    clothes |= dict(_math_letters(main))
    for alphabet in ("\\mathbb", "\\mathfrak"):
        clothes |= dict(_alphabet(alphabet, rng.choice(fonts)))
    for alphabet, files in (("\\mathsf", SANS), ("\\mathtt", MONO)):
        file = rng.choice([name for name in files if find(name)])
        clothes |= {f"{alphabet}:{c}": Cloth(file, c, True) for c in ascii_lowercase + ascii_uppercase + digits}
    families = [family for family in (PLAIN if plain else TEXT) if all(find(name) for name in family)]
    if plain or rng.random() < 0.8:
        clothes |= dict(_text_letters(rng.choice(families)))
    return clothes


def _alphabet(name: str, file: str) -> Iterator[tuple[str, Cloth]]:
    start, zero = _ALPHABETS[name]
    plain = start == 0x41
    letters = [*range(start, start + 26), *range(start + (32 if plain else 26), start + (58 if plain else 52))]
    for letter, code in zip(ascii_uppercase + ascii_lowercase, letters, strict=True):
        yield f"{name}:{letter}", Cloth(file, chr(_HOLES.get(code, code)), True)
    if zero is not None:
        for digit in digits:
            yield f"{name}:{digit}", Cloth(file, chr(zero + int(digit)), True)


def _math_letters(file: str) -> Iterator[tuple[str, Cloth]]:
    for name in ("\\mathbf", "\\boldsymbol", "\\mathrm"):
        yield from _alphabet(name, file)
    for first, letters in ((0x1D434, ascii_uppercase), (0x1D44E, ascii_lowercase)):
        for number, letter in enumerate(letters):
            yield letter, Cloth(file, chr(_HOLES.get(first + number, first + number)), True)
    for start, prefix in ((0x1D6FC, ""), (0x1D736, "\\boldsymbol:")):
        for number, key in _greek():
            yield prefix + key, Cloth(file, chr(start + number), True)
    for key, char in _CAPITALS.items():
        yield key, Cloth(file, char, True)
    for char in digits + _MARKS:
        yield _key(char), Cloth(file, char, True)


def _text_letters(family: tuple[str, ...]) -> Iterator[tuple[str, Cloth]]:
    regular, italic, bold, bold_italic = family
    for char in ascii_lowercase + ascii_uppercase:
        yield char, Cloth(italic, char, True)
        yield f"\\boldsymbol:{char}", Cloth(bold_italic, char, True)
    for char in ascii_lowercase + ascii_uppercase + digits:
        yield f"\\mathrm:{char}", Cloth(regular, char, True)
        yield f"\\mathbf:{char}", Cloth(bold, char, True)
    for char in digits + _MARKS:
        yield _key(char), Cloth(regular, char, True)
    for number, key in _greek():
        if key not in _UNSURE:
            yield key, Cloth(italic, chr(0x3B1 + number), True)
            yield f"\\boldsymbol:{key}", Cloth(bold_italic, chr(0x3B1 + number), True)
    for key, char in _CAPITALS.items():
        yield key, Cloth(regular, char, True)


def _greek() -> list[tuple[int, str]]:
    """Letters with their places; TeX has no command for one of them."""
    return [(number, key) for number, key in enumerate(_GREEK) if key != "omicron"]


def class_key(character: str, alphabet: str) -> str:
    """The class key of a character in a font of that alphabet ("\\mathrm:", "" for italics ...); "" where there is none."""
    if character.isascii() and character.isalpha():
        return alphabet + character
    if character.isascii() and character.isdigit():
        return character if alphabet in ("", "\\mathrm:") else alphabet + character
    return _other_keys().get(character, "")


@cache
def _other_keys() -> dict[str, str]:
    greek = {chr(0x3B1 + number): key for number, key in _greek() if number < 25}
    italic = {chr(0x1D6FC + number): key for number, key in _greek()}
    marks = {char: _key(char) for char in _MARKS}
    capitals = {char: key for key, char in _CAPITALS.items()}
    doubled = {cloth.character: key for key, cloth in _alphabet("\\mathbb", "")}
    gothic = {cloth.character: key for key, cloth in _alphabet("\\mathfrak", "")}
    symbols = {char: key for key, char in _SYMBOLS.items()}
    return (
        {"∂": "\\partial", "(": "(", ")": ")", "[": "[", "]": "]"}
        | greek
        | italic
        | marks
        | capitals
        | doubled
        | gothic
        | symbols
    )


def _key(char: str) -> str:
    return f"\\{char}" if char in "%&$" else char


@cache
def find(name: str) -> Path | None:
    """Path of a font file that TeX knows, or None."""
    answer = subprocess.run(["kpsewhich", name], capture_output=True, text=True, check=False).stdout.strip()
    return Path(answer) if answer else None
