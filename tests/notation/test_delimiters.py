from __future__ import annotations

import pytest

from scipix.notation.delimiters import Delimiters, unwrap, wrap

ALIGNED = "\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}"
ROWS = "a &= b \\\\\nc &= d"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Delimiters.NONE, "x^2"),
        (Delimiters.DOLLAR, "$x^2$"),
        (Delimiters.PAREN, r"\(x^2\)"),
        (Delimiters.DOUBLE_DOLLAR, "$$x^2$$"),
        (Delimiters.BRACKET, r"\[x^2\]"),
        (Delimiters.EQUATION, "\\begin{equation}\nx^2\n\\end{equation}"),
        (Delimiters.EQUATION_STAR, "\\begin{equation*}\nx^2\n\\end{equation*}"),
        (Delimiters.ALIGN, "\\begin{align*}\nx^2\n\\end{align*}"),
        (Delimiters.MARKDOWN, "$$\nx^2\n$$"),
    ],
)
def test_each_style_wraps_and_unwraps(style: Delimiters, expected: str) -> None:
    assert wrap(" x^2\n", style) == expected
    assert wrap("x^2", str(style)) == expected
    assert unwrap(expected) == "x^2"


@pytest.mark.parametrize("first", [style for style in Delimiters if style is not Delimiters.NONE])
@pytest.mark.parametrize("second", [style for style in Delimiters if style is not Delimiters.NONE])
def test_wrapping_again_changes_the_delimiters(first: Delimiters, second: Delimiters) -> None:
    assert wrap(wrap("x^2", first), second) == wrap("x^2", second)
    assert unwrap(wrap(wrap(ALIGNED, first), second)) == unwrap(wrap(ALIGNED, second)) == ALIGNED


def test_aligned_rows_become_rows_of_align() -> None:
    expected = f"\\begin{{align*}}\n{ROWS}\n\\end{{align*}}"
    assert wrap(ALIGNED, Delimiters.ALIGN) == expected
    assert wrap(ALIGNED.replace("{aligned}\n", "{aligned}[t]\n", 1), Delimiters.ALIGN) == expected
    assert wrap(ROWS, Delimiters.ALIGN) == expected
    assert wrap(ALIGNED, Delimiters.EQUATION) == f"\\begin{{equation}}\n{ALIGNED}\n\\end{{equation}}"


def test_two_aligned_side_by_side_stay_as_they_are() -> None:
    two = r"\begin{aligned}a\end{aligned} + \begin{aligned}b\end{aligned}"
    assert wrap(two, Delimiters.ALIGN) == f"\\begin{{align*}}\n{two}\n\\end{{align*}}"


def test_bare_rows_get_an_aligned_of_their_own() -> None:
    assert wrap(ROWS, Delimiters.BRACKET) == f"\\[\n{ALIGNED}\n\\]"
    assert wrap(r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", Delimiters.DOLLAR).startswith("$\\begin{pmatrix}")
    assert wrap(r"\text{a \& b}", Delimiters.DOLLAR) == r"$\text{a \& b}$"


def test_an_environment_that_is_a_display_is_not_put_into_another() -> None:
    multline = "\\begin{multline}\na \\\\ b\n\\end{multline}"
    for style in (Delimiters.DOLLAR, Delimiters.BRACKET, Delimiters.EQUATION, Delimiters.ALIGN):
        assert wrap(multline, style) == multline
    assert wrap(multline, Delimiters.MARKDOWN) == f"$$\n{multline}\n$$"
    numbered = r"\begin{align} a &= b \tag{1} \end{align}"
    assert wrap(numbered, Delimiters.DOLLAR) == numbered


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("", ""),
        ("$$", ""),
        ("$", "$"),
        ("  $ x $  ", "x"),
        (r"\[ \(x\) \]", "x"),
        ("$a$ and $b$", "$a$ and $b$"),
        ("$$a$$ b $$c$$", "$$a$$ b $$c$$"),
        (r"\(a\) + \(b\)", r"\(a\) + \(b\)"),
        (r"$a\$", r"$a\$"),
        (r"$a\$b$", r"a\$b"),
        (r"$\text{cost $x$}$", r"\text{cost $x$}"),
        (r"\[a \\[2pt] b\]", r"a \\[2pt] b"),
        (r"\begin{displaymath}x\end{displaymath}", "x"),
        (r"\begin{equation}a\end{equation}\begin{equation}b\end{equation}",) * 2,
        ("\\begin{align*}x = 1\\end{align*}", "x = 1"),
    ],
)
def test_unwrap(text: str, formula: str) -> None:
    assert unwrap(text) == formula


@pytest.mark.parametrize(
    ("style", "wrapped"),
    [
        (Delimiters.DOLLAR, "$x = 1$"),
        (Delimiters.PAREN, r"\(x = 1\)"),
        (Delimiters.BRACKET, r"\[x = 1\tag{2.1}\]"),
        (Delimiters.MARKDOWN, "$$\nx = 1\\tag{2.1}\n$$"),
    ],
)
def test_equation_numbers_stand_beside_displays_only(style: Delimiters, wrapped: str) -> None:
    assert wrap(r"x = 1\tag{2.1}", style) == wrapped


def test_raw_is_what_was_written() -> None:
    assert wrap("  $x$ ", Delimiters.NONE) == "$x$"
    assert wrap("", Delimiters.DOLLAR) == ""


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="quotes"):
        wrap("x", "quotes")
