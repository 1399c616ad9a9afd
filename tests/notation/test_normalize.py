"""One spelling for what looks the same."""

import pytest

from scipix.errors import InvalidLatex
from scipix.notation.normalize import normalize, normalized_tokens


@pytest.mark.parametrize(
    ("spelling", "normal"),
    [
        (r"\frac12", r"\frac{1}{2}"),
        (r"{a \over b}", r"\frac{a}{b}"),
        (r"\dfrac{a}{b}", r"\frac{a}{b}"),
        (r"x^2_i", "x_{i}^{2}"),
        (r"x_i^{\prime}", "x'_{i}"),
        (r"f'^{2}", "f'^{2}"),
        (r"a\le b\ne c\to d", r"a\leq b\neq c\rightarrow d"),
        (r"\left( x+1 \right)", "(x+1)"),
        (r"\left( \frac{x}{2} \right)", r"\left(\frac{x}{2}\right)"),
        (r"\bigl( x \bigr)", "(x)"),
        (r"\left(\begin{array}{cc} a & b \\ c & d \end{array}\right)", r"\begin{pmatrix}a & b \\ c & d\end{pmatrix}"),
        (r"\left\{\begin{array}{ll} a & b \\ c & d \end{array}\right.", r"\begin{cases}a & b \\ c & d\end{cases}"),
        (r"\begin{align*} a &= b \\ &= c \end{align*}", r"\begin{aligned}a & = b \\ & = c\end{aligned}"),
        (r"\begin{equation} x \end{equation}", "x"),
        (r"\operatorname{sin} x", r"\sin x"),
        (r"\mathrm{sin} x", r"\sin x"),
        (r"\operatorname{tr} A", r"\mathrm{tr}A"),
        (r"\operatorname*{argmax}_x f", r"\underset{x}{\mathrm{argmax}}f"),
        (r"\text{if } x", r"\text{if }x"),
        (r"\mathrm{d}\mathrm{x}", r"\mathrm{dx}"),
        (r"\mathbb{RQ}", r"\mathbb{R}\mathbb{Q}"),
        (r"\bm{\alpha}", r"\boldsymbol{\alpha}"),
        (r"\int_0^1\! f(x)\,dx", r"\int_{0}^{1}f(x)dx"),
        (r"{\bf v}", r"\mathbf{v}"),
        (r"\color{red} x + \textcolor{blue}{y}", "x+y"),
        (r"a \pmod{n}", r"a(\mathrm{mod}n)"),
        (r"\text{cost \$5}", r"\text{cost \$5}"),
        (r"x \label{eq:1} \tag{2}", "x"),
        (r"\fcolorbox{blue}{red}{C} + \colorbox{teal} B", r"\boxed{\mathrm{C}}+\mathrm{B}"),
        (r"a\kern1em b\mkern 18mu c\kern-.5ex d\hskip{2em}e\kern.1em f", r"a\quad b\quad cd\qquad ef"),
        (r"\Huge a {\tiny b}", r"ab"),
        (r"\fbox{if $x$} \rlap{$y$} \raisebox{1em}{up}", r"\boxed{\mathrm{if}x}y\mathrm{up}"),
        (r"\bbox[yellow,5px,border:2px solid red]{E=mc^2}", r"\boxed{E=mc^{2}}"),
        (r"\bbox[5px]{x}", "x"),
        (r"a\mathrel{\mathop{=}\limits^{?}}b", r"a\overset{?}{=}b"),
        (r"\mathop{\rm argmax}\limits_{x} f", r"\underset{x}{\mathrm{argmax}}f"),
        (r"\mathop{\sum}\limits_{i}^{n} x", r"\sum_{i}^{n}x"),
        (r"a,\ \ b", r"a,\quad b"),
        (r"a,\ b~c", "a,bc"),
        (r"a\hspace{2em}b\hspace*{1cm}c\hspace{2pt}d", r"a\qquad b\qquad cd"),
        (r"\htmlId{a}{x} + \htmlStyle{color:red;}{y}", "x+y"),
        (r"\widehat{x}+\hat{xy}", r"\hat{x}+\widehat{xy}"),
        (r"\sum\limits_{i=1}^n", r"\sum_{i = 1}^{n}"),
        (r"\not= \not\in", r"\neq\notin"),
        (r"\ket{\psi}", r"|\psi\rangle"),
        (r"\sqrt[3]x", r"\sqrt[3]{x}"),
        (r"n \choose k", r"\binom{n}{k}"),
        (r"\substack{i<n\\j<m}", r"\substack{i < n \\ j < m}"),
        (r"90^\degree", r"90^{\circ}"),
        (r"\mathit{a2\bar{b}}", r"\mathit{a2}\bar{b}"),
        (r"\phase 7\Overrightarrow AB", r"\phase{7}\Overrightarrow{A}B"),
        (r"\text{\sout{5ab}}", r"\sout{5\mathrm{ab}}"),
        (r"a_\angln + A_{\angl g}", r"a_{\angl{n}}+A_{\angl{g}}"),
        (r"a_{\angl{\mathrm{n}}}", r"a_{\angl{n}}"),
        (r"f \coloneqq g", r"f:= g"),
        (r"f \vcentcolon= g", r"f:= g"),
        (r"\xtwoheadrightarrow[b]{a}", r"\xtwoheadrightarrow[b]{a}"),
        (r"\enclose{box}{a}\enclose{horizontalstrike}{b}", r"\boxed{a}\sout{b}"),
        (r"\enclose{updiagonalstrike downdiagonalstrike}{a}", r"\xcancel{a}"),
        (r"\overleftharpoon{AB}", r"\overleftarrow{AB}"),
        (r"a\quad(\mathrm{mod} 4)", r"a(\mathrm{mod}4)"),
        (r"a\quad\mathrm{mod}\ 4", r"a\mathrm{mod}4"),
        (r"a\quad\mathrm{mode}", r"a\quad\mathrm{mode}"),
    ],
)
def test_spellings_of_one_look_become_one(spelling, normal):
    assert normalized_tokens(spelling) == normalized_tokens(normal)
    assert normalize(spelling).replace(" ", "") == normal.replace(" ", "")


@pytest.mark.parametrize(
    "latex",
    [r"\frac{a}{b}", r"f''(x)^{2}_{i}", r"\begin{cases}a & \text{if }b \\ c\end{cases}", r"{{a}_b}^c", r"\textit{j}\texttt{0 1}",
     r"\mathit{cnt_j}", r"m^{'}n^{'}", r"\overline{\overline{x}}", r"\left.\frac{a}{b}\right|_{x=0}"],
)  # fmt: skip
def test_what_is_normal_stays(latex):
    once = normalize(latex)
    assert normalize(once) == once


@pytest.mark.parametrize(
    "latex", ["", "   ", r"\frac{a}", "{a", "a}", r"\left( a", r"\begin{cases} a", r"a & b", r"\begin{nosuch}a\end{nosuch}",
              "{" * 200 + "}" * 200, r"x^", r"\right)", r"\begin{matrix}\end{matrix}"],
)  # fmt: skip
def test_what_does_not_parse_is_refused(latex):
    with pytest.raises(InvalidLatex):
        normalize(latex)
