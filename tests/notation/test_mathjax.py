from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scipix.errors import InvalidLatex, ScipixError
from scipix.notation.mathjax import MAX_LENGTH, MathJax
from tests.notation.formulas import FORMULAS

GOLDEN = Path(__file__).parent.parent / "golden" / "mathml"
# Written by hand from MathJax's answers after reading each; `python -m tests.notation.golden` writes them anew.
GOLDEN_NAMES = sorted(path.stem for path in GOLDEN.glob("*.mml"))


@pytest.fixture(scope="module")
def mathjax() -> Iterator[MathJax]:
    mathjax = MathJax()
    yield mathjax
    mathjax.close()


def test_there_are_golden_files() -> None:
    assert len(GOLDEN_NAMES) >= 20


@pytest.mark.parametrize("name", GOLDEN_NAMES)
def test_mathml_is_the_golden_one(mathjax: MathJax, name: str) -> None:
    expected = (GOLDEN / f"{name}.mml").read_text(encoding="utf-8")
    assert mathjax.mathml(FORMULAS[name]) + "\n" == expected


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_gives_well_formed_mathml_and_svg(mathjax: MathJax, name: str) -> None:
    mathml = ElementTree.fromstring(mathjax.mathml(FORMULAS[name]))
    assert mathml.tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert not [node for node in mathml.iter() if node.tag.endswith("merror")]
    svg = ElementTree.fromstring(mathjax.svg(FORMULAS[name]))
    assert svg.get("viewBox"), "no layout over 100 % of a page"
    assert list(svg.iter("{http://www.w3.org/2000/svg}path"))


def test_inline_and_display_differ(mathjax: MathJax) -> None:
    assert 'display="block"' in mathjax.mathml("x")
    assert 'display="block"' not in mathjax.mathml("x", display=False)
    assert mathjax.svg(r"\sum_i x_i") != mathjax.svg(r"\sum_i x_i", display=False)


@pytest.mark.parametrize(
    ("latex", "message", "position"),
    [
        (r"a + \foo b", r"Undefined control sequence \foo", 4),
        (r"\frac{1}{\foo c} + d", r"Undefined control sequence \foo", 9),
        ("𝔸 \\foo", r"Undefined control sequence \foo", 2),
        ("a }", "Extra close brace or missing open brace", 3),
        (r"\begin{matrix} a", r"Missing \end{matrix}", 16),
        (r"\left( x", r"Extra \left or missing \right", 8),
        ("x^2^3", "Double exponent: use braces to clarify", None),
    ],
)
def test_faults_are_told_in_the_words_of_mathjax(
    mathjax: MathJax, latex: str, message: str, position: int | None
) -> None:
    with pytest.raises(InvalidLatex) as caught:
        mathjax.svg(latex)
    assert (str(caught.value), caught.value.position) == (message, position)
    assert mathjax.error(latex) == message
    assert mathjax.error("x") is None


@pytest.mark.parametrize(
    "latex",
    [
        r"\require{html}\href{javascript:alert(1)}{x}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(http://example.org/)}{x}",
        r"\class{a}{x}",
        r"\cssId{a}{x}",
        r"\unicode{0}",
        r"\unicode[evil]{x263a}",
        r"\toggle{a}{b}\endtoggle",
        r"\setOptions{maxMacros=0}",
        "x" * (MAX_LENGTH + 1),
        "x" * 100_000,
        "{" * 4000 + "}" * 4000,
        r"\sqrt{" * 1500 + "x" + "}" * 1500,
        r"\def\a{\a\a}\a",
        r"\def\a#1{\a{#1#1}}\a{xx}",
        r"\def\a{\frac{\a}{\a}}\a",
        r"\newcommand{\a}{\b}\newcommand{\b}{\a}\a",
        "a\x00b",
        "a\ud800",
        "a\ufffe",
        "\\" * 99 + "\\{",
    ],
    ids=lambda latex: ascii(latex[:24]),
)
def test_hostile_input_is_refused_and_the_next_formula_works(mathjax: MathJax, latex: str) -> None:
    with pytest.raises(InvalidLatex):
        mathjax.svg(latex)
    assert mathjax.svg("x + y").startswith("<svg")


def test_a_formula_that_never_ends_is_stopped() -> None:
    mathjax = MathJax(seconds=0.3)
    with pytest.raises(InvalidLatex, match="too long"):
        mathjax.svg("x+" * (MAX_LENGTH // 2))
    assert mathjax.svg("x").startswith("<svg")
    mathjax.close()


@pytest.mark.parametrize(
    "latex",
    [
        r'\mmlToken{mi}[href="javascript:alert(1)"]{x}',
        r'\mmlToken{mi}[style="background:url(http://example.org/)"]{x}',
        r'\mmlToken{mi}[id="a" class="b"]{x}',
        r"\bbox[background:url(http://example.org/)]{x}",
        r"\color{url(http://example.org/)}x",
        r"\colorbox{url(http://example.org/)}{$x$}",
        r"\enclose{box}[mathcolor=\"url(http://example.org/)\"]{x}",
    ],
)
def test_nothing_can_point_outside(mathjax: MathJax, latex: str) -> None:
    try:
        made = mathjax.mathml(latex) + mathjax.svg(latex)
    except InvalidLatex:
        return
    for trace in ("href", "javascript", "url(", "example.org", " class=", " id="):
        assert trace not in made


def test_definitions_stay_in_their_formula(mathjax: MathJax) -> None:
    mathjax.mathml(
        r"\def\mine{x}\mine \let\other\beta \renewcommand{\alpha}{b}\alpha \DeclareMathOperator{\op}{op}\op x"
        r"\DeclarePairedDelimiter{\pair}{(}{)}\pair{y} \newenvironment{own}{(}{)}\begin{own}z\end{own}"
        r"\definecolor{red}{RGB}{1,2,3}\color{red}z"
    )
    for name in ("mine", "other", "op", "pair"):
        assert mathjax.error(rf"\{name}") == rf"Undefined control sequence \{name}"
    assert mathjax.error(r"\begin{own}z\end{own}") == "Unknown environment 'own'"
    assert "&#x3B1;" in mathjax.mathml(r"\alpha")
    assert "#010203" not in mathjax.mathml(r"\color{red}x")


def test_nesting_that_people_write_works(mathjax: MathJax) -> None:
    assert mathjax.svg(r"\frac{1}{1+" * 40 + "x" + "}" * 40).startswith("<svg")


def test_any_thread_may_ask_even_with_a_small_stack(mathjax: MathJax) -> None:
    answers: list[str] = []
    before = threading.stack_size(256 * 1024)  # less than a formula needs
    try:
        threads = [threading.Thread(target=lambda i=i: answers.append(mathjax.svg(rf"\sqrt{{{i}}}"))) for i in range(4)]
        for thread in threads:
            thread.start()
    finally:
        threading.stack_size(before)
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 4


def test_a_thousand_formulas_do_not_fill_the_memory(mathjax: MathJax) -> None:
    for i in range(100):
        mathjax.svg(rf"x_{{{i}}}")
    before = mathjax.memory()
    for i in range(1000):
        mathjax.svg(rf"y_{{{i}}}")
    assert mathjax.memory() < before + 2_000_000


def test_close_frees_and_the_next_call_starts_again() -> None:
    mathjax = MathJax()
    mathjax.start()
    assert mathjax.memory() > 1_000_000
    threads = threading.active_count()
    mathjax.close()
    assert threading.active_count() == threads - 1
    mathjax.close()
    assert mathjax.mathml("x").startswith("<math")
    mathjax.close()


def test_a_missing_bundle_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScipixError, match="cannot read"):
        MathJax(tmp_path / "none.js").start()


def test_the_bundle_ships_with_its_notice() -> None:
    folder = Path(__file__).parent.parent.parent / "resources" / "mathjax"
    assert "Apache License" in (folder / "LICENSE").read_text(encoding="utf-8")
    notice = (folder / "NOTICE").read_text(encoding="utf-8")
    assert "MathJax 3.2.2" in notice
    assert "mhchemParser 4.2.1" in notice
    assert (folder / "mathjax.js").stat().st_size < 2_500_000


def test_logos_and_equation_numbers_are_drawn(mathjax: MathJax) -> None:
    assert "<mi" in mathjax.mathml(r"x + \KaTeX")
    assert mathjax.error(r"\KaTeXa") is not None
    assert "actuarial" in mathjax.mathml(r"a_{\angl{n}} + a_\angln")
    assert "horizontalstrike" in mathjax.mathml(r"\sout{ab}")
    assert mathjax.error(r"\xtwoheadrightarrow[b]{a} \overgroup{AB} \undergroup{AB}") is None
    assert "phasorangle" in mathjax.mathml(r"5\phase{30^\circ}")
    assert "<mover" in mathjax.mathml(r"\Overrightarrow{AB}")
    assert "(2.1)" in mathjax.mathml(r"x = 1\tag{2.1}")


def test_every_sign_that_a_reading_may_have_is_drawn(mathjax: MathJax) -> None:
    listed = Path(__file__).parent.parent.parent / "models" / "training" / "signs.txt"
    refused = [line for line in listed.read_text(encoding="utf-8").splitlines() if mathjax.error(line)]
    assert refused == []
    for accent in ("utilde", "widecheck", "overlinesegment", "underlinesegment", "xlongequal"):
        assert mathjax.error(f"\\{accent}{{AB}}") is None
    assert mathjax.mathml(r"\llbracket x \rrbracket").count("[") == 2
    assert "&#xC5;" in mathjax.mathml(r"\AA")
