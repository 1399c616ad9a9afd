"""What is typeset alone, once per set of fonts, to learn which glyph draws which symbol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import ascii_letters, ascii_uppercase, digits

from scipix.notation import symbols as table

LEAVES = (
    '+ - = < > / ! ? : ; , . ( ) [ ] | * \\{ \\} \\| \\% \\& \\# \\$ \\_ ` " '
    "\\alpha \\beta \\gamma \\delta \\epsilon \\varepsilon \\zeta \\eta \\theta \\vartheta \\iota \\kappa \\lambda \\mu "
    "\\nu \\xi \\pi \\varpi \\rho \\varrho \\sigma \\varsigma \\tau \\upsilon \\phi \\varphi \\chi \\psi \\omega "
    "\\Gamma \\Delta \\Theta \\Lambda \\Xi \\Pi \\Sigma \\Upsilon \\Phi \\Psi \\Omega \\infty \\partial \\nabla \\ell "
    "\\hbar \\imath \\jmath \\wp \\Re \\Im \\aleph \\beth \\emptyset \\varnothing \\forall \\exists \\nexists \\neg "
    "\\top \\bot \\angle \\triangle \\square \\blacksquare \\diamond \\star \\bullet \\circ \\cdot \\times \\div \\pm "
    "\\mp \\otimes \\oplus \\ominus \\odot \\wedge \\vee \\cap \\cup \\setminus \\sqcup \\sqcap \\uplus \\amalg "
    "\\dagger \\ddagger \\wr \\ltimes \\rtimes \\leq \\geq \\ll \\gg \\lll \\ggg \\leqslant \\geqslant \\leqq \\geqq "
    "\\lesssim \\gtrsim \\prec \\succ \\preceq \\succeq \\sim \\simeq \\approx \\cong \\equiv \\propto \\asymp \\doteq "
    "\\subset \\supset \\subseteq \\supseteq \\subsetneq \\supsetneq \\nsubseteq \\sqsubseteq \\sqsupseteq \\in \\ni "
    "\\parallel \\perp \\vdash \\dashv \\models \\vDash \\Vdash \\nmid \\nparallel \\smile \\frown \\triangleleft "
    "\\triangleright \\trianglelefteq \\rightarrow \\leftarrow \\leftrightarrow \\Rightarrow \\Leftarrow "
    "\\Leftrightarrow \\uparrow \\downarrow \\updownarrow \\Uparrow \\Downarrow \\nearrow \\searrow \\swarrow \\nwarrow "
    "\\rightharpoonup \\rightharpoondown \\leftharpoonup \\rightleftharpoons \\rightleftarrows \\leadsto "
    "\\twoheadrightarrow \\rightarrowtail \\hookrightarrow \\hookleftarrow \\mapsto \\longrightarrow \\longleftarrow "
    "\\Longrightarrow \\Longleftarrow \\Longleftrightarrow \\longleftrightarrow \\longmapsto \\langle \\rangle \\lfloor "
    "\\rfloor \\lceil \\rceil \\ldots \\cdots \\vdots \\ddots \\neq \\notin \\coloneqq \\therefore \\because \\prime "
    "\\sum \\prod \\coprod \\int \\iint \\iiint \\oint \\bigcup \\bigcap \\bigoplus \\bigotimes \\bigvee \\bigwedge "
    "\\biguplus \\bigsqcup \\bigodot \\sharp \\flat \\natural \\clubsuit \\heartsuit \\complement \\mho \\eth "
    "\\varkappa \\digamma \\lessdot \\eqcolon \\upharpoonright \\checkmark \\S \\P \\AA \\Cup \\Cap \\boxtimes \\boxplus "
    "\\lrcorner \\ulcorner \\urcorner \\llcorner \\bigstar \\lozenge \\blacktriangle \\varpropto \\backepsilon \\gimel \\daleth "
    "\\curlyvee \\curlywedge \\multimap \\rightsquigarrow \\circlearrowleft \\circlearrowright \\bowtie \\barwedge \\veebar "
    "\\circledast \\circledcirc \\nleq \\ngeq \\gtrless \\lessgtr \\preccurlyeq \\succcurlyeq \\precsim \\succsim \\nsim \\ncong "
    "\\nsupseteq \\supsetneqq \\subsetneqq \\sqsubset \\sqsupset \\Supset \\Subset \\trianglerighteq \\ntriangleleft "
    "\\leftharpoondown \\leftrightharpoons \\Lleftarrow \\Rrightarrow \\upuparrows \\rightrightarrows \\leftleftarrows "
    "\\twoheadleftarrow \\measuredangle \\blacklozenge \\spadesuit \\diamondsuit \\Finv \\ddagger \\bigcirc \\triangledown "
    "\\Updownarrow \\upharpoonleft \\downharpoonright \\LaTeX \\TeX \\KaTeX"
).split()
DELIMITERS = "( ) [ ] \\{ \\} | \\| / \\langle \\rangle \\lfloor \\rfloor \\lceil \\rceil".split()
ACCENTS = "\\bar \\hat \\tilde \\vec \\dot \\ddot \\acute \\grave \\check \\breve \\mathring".split()
# Some sets of fonts have only one of these, in either shape.
_VARIANTS = [
    frozenset(pair.split())
    for pair in (
        "\\epsilon \\varepsilon", "\\theta \\vartheta", "\\pi \\varpi", "\\rho \\varrho", "\\sigma \\varsigma",
        "\\phi \\varphi", "\\kappa \\varkappa", "\\iota \\imath", "\\leq \\leqslant", "\\geq \\geqslant",
        "\\emptyset \\varnothing",
    )
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Probe:
    """key: what is learnt (see `align.draw_order`); source: how it is typeset; ignore: keys drawn beside it."""

    key: str
    source: str
    ignore: tuple[str, ...] = ()


def probes() -> Iterator[Probe]:
    """Plain symbols first, so that what is drawn beside others is known when its turn comes."""
    for char in ascii_letters + digits:
        yield Probe(char, char)
    for token in LEAVES:
        yield Probe(token, token)
    for font in sorted(table.FONTS):
        letters = ascii_uppercase if font in ("\\mathcal", "\\mathscr", "\\mathbb") else ascii_letters
        for char in letters + (digits if font not in ("\\mathcal", "\\mathscr", "\\mathfrak") else ""):
            if not font.startswith("\\text"):
                yield Probe(f"{font}:{char}", f"{font}{{{char}}}")
    for token in LEAVES[26:64]:
        yield Probe(f"\\boldsymbol:{token}", f"\\boldsymbol{{{token}}}")
    for name in sorted(table.FUNCTIONS):
        yield Probe(f"\\{name}", f"\\{name}")
    for size in ("\\big", "\\Big", "\\bigg", "\\Bigg"):
        for token in DELIMITERS:
            yield Probe(token, f"{size}{token}")
    yield Probe("'", "x'", ("x",))
    for char in ".,:;!?()-/":
        yield Probe(char, f"\\text{{{char}}}")
    for accent in ACCENTS:
        yield Probe(accent, f"{accent}{{x}}", ("x",))
    for accent, inner in (("\\widehat", "xx"), ("\\widehat", "xxx"), ("\\widetilde", "xx"), ("\\widetilde", "xxx")):
        yield Probe(accent, f"{accent}{{{inner}}}", ("x",))
    for inner in ("x", "x^{x}", "\\frac{x}{x}", "\\frac{\\frac{x}{x}}{x}", "\\frac{\\frac{x}{x}}{\\frac{x}{x}}"):
        yield Probe("\\sqrt", f"\\sqrt{{{inner}}}", ("x",))


def _is_letter(key: str) -> bool:
    """Whether that is a letter in some alphabet; digits in bold or text are written in one way only."""
    alphabet, _, char = key.partition(":")
    return alphabet in table.FONTS and (char.isalpha() or char[:1] == "\\")


def unclear(drawn: Mapping[str, tuple[str, int]]) -> set[str]:
    """The keys that no picture in these fonts tells from another one: letters of an alphabet that is another one's
    (`\\mathit` where italics for text are those for math), and symbols in two shapes of which the set has one.

    drawn: the glyph, as font and code, that draws each key alone; in the order of `probes`.
    """
    sharing: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for key, glyph in drawn.items():
        sharing[glyph].append(key)
    found: set[str] = set()
    for keys in sharing.values():
        found.update(key for key in keys[1:] if _is_letter(key))
        found.update(*(pair for pair in _VARIANTS if pair <= set(keys)))
    return found
