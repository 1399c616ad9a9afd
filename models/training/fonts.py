"""The sets of fonts that formulas are typeset in; those of HELD_OUT are for measuring only."""

COMMON = r"""\documentclass{article}
\usepackage{amsmath,amssymb,mathtools,cancel}
\usepackage[version=4]{mhchem}
\let\TeXlogo\TeX\let\LaTeXlogo\LaTeX
\def\TeX{\text{\TeXlogo}}\def\LaTeX{\text{\LaTeXlogo}}
\def\KaTeX{\text{K\kern-.17em\raisebox{.33ex}{\scriptsize A}\kern-.15em\TeXlogo}}
"""

FONT_SETS = {
    "cm": r"\usepackage{mathrsfs}",
    "lm": r"\usepackage[T1]{fontenc}\usepackage{lmodern}\usepackage{mathrsfs}",
    "times": r"\usepackage{newtxtext}\usepackage{newtxmath}",
    "termes": r"\usepackage{mathptmx}",
    "stix": r"\usepackage{stix}",
    "stix2": r"\usepackage{stix2}",
    "palatino": r"\usepackage{newpxtext}\usepackage{newpxmath}",
    "pazo": r"\usepackage{mathpazo}",
    "fourier": r"\usepackage{fourier}",
    "charter": r"\usepackage[charter]{mathdesign}",
    "arev": r"\usepackage{arev}",
    "cmbright": r"\usepackage{cmbright}",
    "concrete": r"\usepackage{concmath}",
    "euler": r"\usepackage{ccfonts}\usepackage{eulervm}",
    "iwona": r"\usepackage[math]{iwona}",
    "txfonts": r"\usepackage{txfonts}",
}
HELD_OUT = {
    "kp": r"\usepackage{kpfonts}",
    "libertine": r"\usepackage{libertine}\usepackage{libertinust1math}",
}
# How often each is drawn: what papers and web pages show most comes first.
WEIGHTS = {"cm": 6.0, "lm": 2.0, "times": 2.0, "stix": 1.5, "stix2": 1.0, "palatino": 1.0, "termes": 1.0}
