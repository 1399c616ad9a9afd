"""Tables of LaTeX math: spellings that look the same, commands with their number of arguments."""

from __future__ import annotations

# Spellings that TeX draws alike, in the form that is kept.
SYNONYMS = {
    "\\le": "\\leq", "\\ge": "\\geq", "\\ne": "\\neq", "\\to": "\\rightarrow", "\\gets": "\\leftarrow",
    "\\lbrace": "\\{", "\\rbrace": "\\}", "\\lbrack": "[", "\\rbrack": "]", "\\vert": "|", "\\lvert": "|",
    "\\rvert": "|", "\\mid": "|", "\\Vert": "\\|", "\\lVert": "\\|", "\\rVert": "\\|", "\\land": "\\wedge",
    "\\lor": "\\vee", "\\lnot": "\\neg", "\\owns": "\\ni", "\\iff": "\\Longleftrightarrow",
    "\\implies": "\\Longrightarrow", "\\impliedby": "\\Longleftarrow", "\\dots": "\\ldots", "\\dotsc": "\\ldots",
    "\\dotso": "\\ldots", "\\dotsb": "\\cdots", "\\dotsm": "\\cdots", "\\dotsi": "\\cdots", "\\colon": ":", "\\vcentcolon": ":",
    "\\ast": "*", "\\lt": "<", "\\gt": ">", "\\dag": "\\dagger", "\\ddag": "\\ddagger", "\\doublecup": "\\Cup",
    "\\doublecap": "\\Cap", "\\restriction": "\\upharpoonright", "\\Box": "\\square", "\\lgroup": "(", "\\rgroup": ")",
    "\\backslash": "\\setminus", "\\smallsetminus": "\\setminus", "\\llless": "\\lll", "\\gggtr": "\\ggg",
    "\\leqslant": "\\leqslant", "\\thicksim": "\\sim", "\\thickapprox": "\\approx", "\\centerdot": "\\cdot",
    "\\cdotp": "\\cdot", "\\intop": "\\int", "\\Diamond": "\\diamond", "\\vartriangle": "\\triangle",
    "\\bigtriangleup": "\\triangle", "\\stackrel": "\\overset", "\\degree": "\\circ",
    "\\hslash": "\\hbar", "\\shortmid": "|", "\\lhd": "\\triangleleft", "\\rhd": "\\triangleright",
    "\\ldotp": ".", "\\And": "\\&", "\\cr": "\\\\", "\\newline": "\\\\", "\\tabularnewline": "\\\\",
    "\\dfrac": "\\frac", "\\tfrac": "\\frac", "\\cfrac": "\\frac", "\\dbinom": "\\binom", "\\tbinom": "\\binom",
    "\\bm": "\\boldsymbol", "\\pmb": "\\boldsymbol", "\\Bbb": "\\mathbb", "\\cal": "\\mathcal",
    "\\mathscr": "\\mathscr", "\\bold": "\\mathbf", "\\overrightharpoon": "\\overrightarrow",
    "\\overleftharpoon": "\\overleftarrow", "\\Coloneqq": "\\Coloneqq", "\\leadsto": "\\rightsquigarrow",
}  # fmt: skip

# Nothing, or next to nothing, is drawn.
INVISIBLE = frozenset(
    [
        "\\,",
        "\\!",
        "\\:",
        "\\;",
        "\\>",
        "\\ ",
        "\\/",
        "~",
        "\\thinspace",
        "\\medspace",
        "\\thickspace",
        "\\negthinspace",
    ]
    + [
        "\\negmedspace",
        "\\negthickspace",
        "\\enspace",
        "\\enskip",
        "\\space",
        "\\nobreakspace",
        "\\limits",
        "\\nolimits",
    ]
    + [
        "\\displaylimits",
        "\\displaystyle",
        "\\textstyle",
        "\\scriptstyle",
        "\\scriptscriptstyle",
        "\\nonumber",
        "\\notag",
    ]
    + [
        "\\allowbreak",
        "\\nobreak",
        "\\relax",
        "\\mathstrut",
        "\\strut",
        "\\null",
        "\\leavevmode",
        "\\noindent",
        "\\break",
    ]
    + [
        "\\normalsize",
        "\\small",
        "\\large",
        "\\Large",
        "\\tiny",
        "\\footnotesize",
        "\\scriptsize",
        "\\huge",
        "\\Huge",
        "\\LARGE",
    ]
    + ["\\left.", "\\right.", "\\hfill", "\\hfil", "\\nopagebreak", "\\pagebreak", "\\qedhere", "\\par", "\\unskip"]
)

# Dropped together with their arguments.
DROPPED = {
    "\\label": 1, "\\tag": 1, "\\phantom": 1, "\\hphantom": 1, "\\vphantom": 1, "\\vspace": 1,
    "\\color": 1, "\\mspace": 1, "\\ref": 1, "\\eqref": 1, "\\cite": 1, "\\footnote": 1, "\\rule": 2, "\\intertext": 1,
}  # fmt: skip

# Replaced by their last argument.
TRANSPARENT = {
    "\\textcolor": 2, "\\mathop": 1, "\\mathrel": 1, "\\mathbin": 1, "\\mathord": 1, "\\mathopen": 1,
    "\\mathclose": 1, "\\mathpunct": 1, "\\mathinner": 1, "\\smash": 1, "\\mathstrut": 0, "\\ensuremath": 1,
    "\\mathnormal": 1, "\\mathchoice": 4, "\\vcenter": 1, "\\mathrlap": 1, "\\mathllap": 1, "\\mathclap": 1, "\\hbox": 1,
    "\\text@": 1, "\\htmlId": 2, "\\htmlClass": 2, "\\htmlStyle": 2,
    "\\htmlData": 2, "\\red": 1, "\\green": 1, "\\blue": 1,
}  # fmt: skip

# Replaced by their last argument, which is text (with math between dollar signs).
TEXT_BOXES = {"\\colorbox": 2, "\\rlap": 1, "\\llap": 1, "\\raisebox": 2}

# Commands that draw something around or over their arguments.
ARGUMENTS = {
    "\\frac": 2, "\\binom": 2, "\\sqrt": 1, "\\overset": 2, "\\underset": 2, "\\overbrace": 1, "\\underbrace": 1,
    "\\overline": 1, "\\underline": 1, "\\bar": 1, "\\hat": 1, "\\tilde": 1, "\\vec": 1, "\\dot": 1, "\\ddot": 1,
    "\\dddot": 1, "\\ddddot": 1, "\\acute": 1, "\\grave": 1, "\\check": 1, "\\breve": 1, "\\mathring": 1, "\\widehat": 1,
    "\\widetilde": 1, "\\overrightarrow": 1, "\\overleftarrow": 1, "\\overleftrightarrow": 1, "\\underrightarrow": 1,
    "\\underleftarrow": 1, "\\boxed": 1, "\\cancel": 1, "\\bcancel": 1, "\\xcancel": 1, "\\substack": 1,
    "\\xrightarrow": 1, "\\xleftarrow": 1, "\\xleftrightarrow": 1, "\\xRightarrow": 1, "\\xLeftarrow": 1,
    "\\xmapsto": 1, "\\xhookrightarrow": 1, "\\xhookleftarrow": 1, "\\xrightleftharpoons": 1, "\\xLeftrightarrow": 1,
    "\\underleftrightarrow": 1, "\\utilde": 1, "\\phase": 1, "\\Overrightarrow": 1,
    "\\xtwoheadrightarrow": 1, "\\sout": 1, "\\angl": 1, "\\overgroup": 1, "\\undergroup": 1, "\\overlinesegment": 1,
    "\\underlinesegment": 1, "\\widecheck": 1, "\\xlongequal": 1,
}  # fmt: skip
OPTIONAL = frozenset(
    ["\\sqrt", "\\xrightarrow", "\\xleftarrow", "\\xleftrightarrow", "\\xRightarrow", "\\xLeftarrow", "\\xmapsto"]
    + ["\\xhookrightarrow", "\\xhookleftarrow", "\\xrightleftharpoons", "\\xLeftrightarrow", "\\xtwoheadrightarrow"]
    + ["\\smash", "\\xlongequal"]
)

FONTS = frozenset(
    ["\\mathrm", "\\mathbf", "\\mathit", "\\mathsf", "\\mathtt", "\\mathbb", "\\mathcal", "\\mathfrak", "\\mathscr"]
    + ["\\boldsymbol", "\\textbf", "\\textit", "\\textsf", "\\texttt"]
)
# Adjacent letters share one command; the other alphabets are spelled letter by letter.
MERGED_FONTS = frozenset(["\\mathrm", "\\mathbf", "\\mathit", "\\mathsf", "\\mathtt"])
FONT_SWITCHES = {
    "\\rm": "\\mathrm", "\\bf": "\\mathbf", "\\it": "\\mathit", "\\sf": "\\mathsf", "\\tt": "\\mathtt",
    "\\cal": "\\mathcal", "\\mit": "\\mathit", "\\frak": "\\mathfrak", "\\Bbb": "\\mathbb", "\\bfseries": "\\mathbf",
    "\\rmfamily": "\\mathrm", "\\boldmath": "\\boldsymbol",
}  # fmt: skip
TEXT_FONTS = {
    "\\text": "\\mathrm", "\\textrm": "\\mathrm", "\\textup": "\\mathrm", "\\textnormal": "\\mathrm",
    "\\mbox": "\\mathrm", "\\hbox": "\\mathrm", "\\textmd": "\\mathrm", "\\textsc": "\\mathrm", "\\textbf": "\\mathbf",
    "\\textit": "\\mathit", "\\emph": "\\mathit", "\\textsf": "\\mathsf", "\\texttt": "\\mathtt",
}  # fmt: skip
TEXT_NAMES = {"\\mathrm": "\\text", "\\mathbf": "\\textbf", "\\mathit": "\\textit", "\\mathsf": "\\textsf",
              "\\mathtt": "\\texttt"}  # fmt: skip

FUNCTIONS = frozenset(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max min "
    "Pr sec sin sinh sup tan tanh".split()
)
LIMIT_FUNCTIONS = frozenset(
    "\\" + name
    for name in "lim liminf limsup max min sup inf det gcd Pr varinjlim varprojlim varliminf varlimsup".split()
)
BIG_OPERATORS = frozenset(
    ["\\sum", "\\prod", "\\coprod", "\\int", "\\iint", "\\iiint", "\\oint", "\\bigcup", "\\bigcap", "\\bigoplus"]
    + ["\\bigotimes", "\\bigvee", "\\bigwedge", "\\biguplus", "\\bigsqcup", "\\bigodot", "\\oiint", "\\iiiint"]
)
SIZES = frozenset("\\" + size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
MATRICES = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("|", "|"): "vmatrix", ("\\|", "\\|"): "Vmatrix",
            ("\\{", "\\}"): "Bmatrix"}  # fmt: skip
ENVIRONMENTS = {
    "align": "aligned", "align*": "aligned", "aligned": "aligned", "split": "aligned", "alignat": "aligned",
    "alignat*": "aligned", "alignedat": "aligned", "eqnarray": "aligned", "eqnarray*": "aligned", "flalign": "aligned",
    "flalign*": "aligned", "gather": "gathered", "gather*": "gathered", "gathered": "gathered", "multline": "gathered",
    "multline*": "gathered", "cases": "cases", "dcases": "cases", "rcases": "rcases", "matrix": "matrix",
    "pmatrix": "pmatrix", "bmatrix": "bmatrix", "Bmatrix": "Bmatrix", "vmatrix": "vmatrix", "Vmatrix": "Vmatrix",
    "smallmatrix": "matrix", "array": "array", "darray": "array", "subarray": "array", "tabular": "array",
    "equation": "", "equation*": "", "math": "", "displaymath": "",
}  # fmt: skip
