"""The sets of fonts that formulas are typeset in; those of HELD_OUT are for measuring only."""

COMMON = r"""\documentclass{article}
\usepackage{amsmath,amssymb,mathtools,cancel}
\usepackage[version=4]{mhchem}
\let\TeXlogo\TeX\let\LaTeXlogo\LaTeX
\def\TeX{\text{\TeXlogo}}\def\LaTeX{\text{\LaTeXlogo}}
\makeatletter
\def\Overrightarrow{\mathpalette{\overarrow@\Rightarrowfill@}}
\def\phasor@#1#2{\setbox0\hbox{$\m@th#1{}#2\mathstrut$}\setbox2\hbox{$#1\big/$}%
\vtop{\offinterlineskip\hbox{\raise\dp2\hbox{\raise-\dp0\copy2}\kern-.1em\box0}\kern.02em\hrule height .06em}}
\def\phase#1{\mathord{\mathpalette\phasor@{#1}}}
\makeatother
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
# Drawn with the outlines of KaTeX (webfonts.py), which has one design for all sizes.
_ONE_DESIGN = {
    "OT1/cmr": "m/n cmr10 m/it cmti10 bx/n cmbx10 bx/it cmbxti10 m/sl cmsl10 b/n cmbx10",
    "OML/cmm": "m/it cmmi10 b/it cmmib10",
    "OMS/cmsy": "m/n cmsy10 b/n cmbsy10",
    "OMX/cmex": "m/n cmex10",
    "OT1/cmss": "m/n cmss10 bx/n cmssbx10 m/it cmssi10",
    "OT1/cmtt": "m/n cmtt10",
    "U/msa": "m/n msam10",
    "U/msb": "m/n msbm10",
    "U/euf": "m/n eufm10 b/n eufb10",
    "U/rsfs": "m/n rsfs10",
}


def _one_design() -> str:
    lines = [r"\usepackage{mathrsfs}"]
    for family, shapes in _ONE_DESIGN.items():
        encoding, name = family.split("/")
        lines.append(rf"\DeclareFontFamily{{{encoding}}}{{{name}}}{{}}")
        words = shapes.split()
        for shape, file in zip(words[::2], words[1::2], strict=True):
            series, slant = shape.split("/")
            lines.append(rf"\DeclareFontShape{{{encoding}}}{{{name}}}{{{series}}}{{{slant}}}{{<->{file}}}{{}}")
    return "\n".join(lines)


WEB_SETS = {"katex": _one_design()}
HELD_OUT = {
    "kp": r"\usepackage{kpfonts}",
    "libertine": r"\usepackage{libertine}\usepackage{libertinust1math}",
}
# How often each is drawn: what papers and web pages show most comes first.
WEIGHTS = {"cm": 6.0, "lm": 2.0, "times": 2.0, "stix": 1.5, "stix2": 1.0, "palatino": 1.0, "termes": 1.0,
           "katex": 6.0}  # fmt: skip
