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
\def\twoheadfill@{\arrowfill@\relbar\relbar\twoheadrightarrow}
\providecommand\xtwoheadrightarrow[2][]{\ext@arrow 0359\twoheadfill@{#1}{#2}}
\def\struck@#1#2{\setbox0\hbox{$\m@th#1{}#2$}\dimen0=.5ex\dimen2=.04em
\ifodd\count0 \dimen0=\ht0\advance\dimen0-\dp0\divide\dimen0 2\dimen2=.025em\fi
\dimen4=\dimen2\advance\dimen4-\dimen0\advance\dimen0\dimen2\rlap{\vrule width\wd0 height\dimen0 depth\dimen4}\box0}
\def\sout#1{\mathord{\mathpalette\struck@{#1}}}
\def\actuary@#1#2{\setbox0\hbox{$\m@th#1{}#2\mkern2mu$}\dimen0=\ht0\advance\dimen0.12em\vbox{\hrule height.045em
\hbox{\box0\vrule width.045em height\dimen0}}}
\def\angl#1{\mathord{\mathpalette\actuary@{#1}}}
\makeatother
\def\angln{\angl{n}}
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
    "pxfonts": r"\usepackage{pxfonts}",
    "fouriernc": r"\usepackage{fouriernc}",
    "anttor": r"\usepackage[math]{anttor}",
    "kurier": r"\usepackage[math]{kurier}",
    "utopia": r"\usepackage[utopia]{mathdesign}",
    "ebgaramond": r"\usepackage{ebgaramond}\usepackage[ebgaramond]{newtxmath}",
    "cochineal": r"\usepackage{cochineal}\usepackage[cochineal]{newtxmath}",
    "baskervald": r"\usepackage{Baskervaldx}\usepackage[baskervaldx]{newtxmath}",
    "xcharter": r"\usepackage{XCharter}\usepackage[xcharter]{newtxmath}",
    "erewhon": r"\usepackage{erewhon}\usepackage[utopia]{newtxmath}",
    "heuristica": r"\usepackage{heuristica}\usepackage[heuristica]{newtxmath}",
    "noto": r"\usepackage{notomath}",
    "stickstoo": r"\usepackage{stickstootext}\usepackage[stix2]{newtxmath}",
    "slanted": r"\usepackage{newtxtext}\usepackage[slantedGreek]{newtxmath}\usepackage[scr=dutchcal,cal=pxtx,bb=ams]{mathalfa}",
    "lx": r"\usepackage{lxfonts}",
    "mathpple": r"\usepackage{mathpple}",
    "neohellenic": r"\usepackage{gfsneohellenic}",
    "sansmath": r"\usepackage{mathrsfs}\usepackage{sansmathfonts}\renewcommand{\familydefault}{\sfdefault}",
    "schoolbook": r"\usepackage{newcent}\usepackage[euler-digits]{eulervm}",
    "venturis": r"\usepackage{venturis}\usepackage{mathptmx}",
    "mnsymbol": r"\usepackage{MnSymbol}",
    "isomath": r"\usepackage{tgtermes}\usepackage[OMLmathsfit]{isomath}",
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
