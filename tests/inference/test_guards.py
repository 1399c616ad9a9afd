"""The grammar and the check for loops, on plain tokens."""

from __future__ import annotations

import pytest

from scipix.inference.guards import Grammar, State, cut_loop, loop_period

TOKENS = [
    "<pad>", "<s>", "</s>", "{", "}", "^", "_", "'", "&", "\\\\", "\\frac", "\\sqrt", "[", "]", "\\left", "\\right",
    "\\middle", "(", ")", ".", "|", "\\begin{matrix}", "\\end{matrix}", "\\begin{array}", "\\end{array}", "\\leftarrow",
    "\\substack", "\\sum", "\\limits", "x", "2", "c", "+", "\\mathrm", "\\tag",
]  # fmt: skip
GRAMMAR = Grammar(
    TOKENS, 2, (0, 1), {"\\frac": 2, "\\sqrt": 1, "\\substack": 1, "\\mathrm": 1, "\\tag": 1}, frozenset(["\\sqrt"])
)


def state_after(text: str) -> State:
    state = State()
    for token in text.split():
        index = TOKENS.index(token)
        assert GRAMMAR.allowed(state)[index], f"{token} in {text}"
        state = GRAMMAR.advance(state, index)
    return state


def allowed(text: str, token: str) -> bool:
    return bool(GRAMMAR.allowed(state_after(text))[TOKENS.index(token)])


@pytest.mark.parametrize(
    "text",
    [
        "x ^ { 2 } _ { c }",
        "x _ c ^ 2 + x ^ 2",
        "x ' ^ 2",
        "x ' ' ^ { 2 } _ 2",
        "{ x ^ 2 } ^ 2",
        "\\frac { x } { 2 } ^ 2",
        "\\frac x 2",
        "\\sqrt [ 2 ] { x }",
        "\\sqrt { x }",
        "[ 2 , 2 ]".replace(" ,", " +"),
        "\\left ( \\frac { x } { 2 } \\middle | x \\right . ^ 2",
        "\\left [ x \\right ]",
        "\\begin{matrix} x & 2 \\\\ c & \\frac { 2 } { x } \\end{matrix} ^ 2",
        "\\begin{array} { c | c } x & 2 \\\\ \\begin{matrix} 2 & 2 \\end{matrix} & x \\end{array}",
        "x \\tag { 2 }",
        "\\begin{matrix} x \\tag { 2 } \\\\ c & x \\tag { c } \\end{matrix} + 2",
        "\\sum \\limits _ { \\substack { x \\\\ c } } ^ { 2 } x",
        "x ^ \\mathrm { c } _ 2",
        "\\leftarrow x",
        "^ { 2 } x",
    ],
)
def test_lets_good_latex_through_and_end(text: str) -> None:
    assert state_after(text).complete
    assert GRAMMAR.allowed(state_after(text))[2]


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("x", "}"),
        ("x", "&"),
        ("x", "\\\\"),
        ("x", "\\right"),
        ("x", "\\middle"),
        ("x", "\\end{matrix}"),
        ("x", "<pad>"),
        ("x", "<s>"),
        ("x ^ 2", "^"),
        ("x ^ { 2 }", "^"),
        ("x _ { 2 } ^ 2", "_"),
        ("x ^ 2", "'"),
        ("\\sum \\limits ^ 2", "^"),
        ("x ^", "^"),
        ("x ^", "}"),
        ("x ^", "</s>"),
        ("{ x", "</s>"),
        ("{ x", "&"),
        ("\\frac { x }", "</s>"),
        ("\\frac", "^"),
        ("{ \\frac { x }", "}"),
        ("\\left ( x", "}"),
        ("{ \\left ( x", "}"),
        ("\\left ( { x", "\\right"),
        ("\\left ( x \\right", "</s>"),
        ("\\left", "x"),
        ("\\begin{matrix} { x", "&"),
        ("\\begin{matrix} x", "\\end{array}"),
        ("\\begin{matrix} x", "</s>"),
        ("\\begin{matrix} \\left ( x", "\\\\"),
        ("\\begin{array}", "&"),
        ("\\sqrt [ 2", "}"),
        ("x \\tag { 2 }", "+"),
        ("x \\tag { 2 }", "^"),
        ("\\begin{matrix} x \\tag { 2 }", "&"),
        ("\\begin{matrix} x \\tag { 2 }", "\\tag"),
    ],
)
def test_forbids_what_cannot_be_typeset(text: str, token: str) -> None:
    assert not allowed(text, token)


@pytest.mark.parametrize(
    ("text", "closing"),
    [
        ("x", ""),
        ("{ { x", "} }"),
        ("x ^", "{ }"),
        ("\\frac { x", "} { }"),
        ("\\left (", "\\right ."),
        ("\\left", ". \\right ."),
        ("\\begin{matrix} \\left ( { x", "} \\right . \\end{matrix}"),
        ("\\begin{array} { c } x & \\sqrt [ 2", "] { } \\end{array}"),
    ],
)
def test_closes_what_is_open(text: str, closing: str) -> None:
    found = [TOKENS[token] for token in GRAMMAR.closing(state_after(text))]
    assert found == closing.split()
    assert state_after(f"{text} {closing}").complete


def test_masks_are_shared_and_cannot_be_changed() -> None:
    mask = GRAMMAR.allowed(state_after("x"))
    assert mask is GRAMMAR.allowed(state_after("x + x"))
    with pytest.raises(ValueError, match="read-only"):
        mask[0] = True


def test_loops() -> None:
    assert loop_period([1, 2, 3] * 3) == 0
    assert loop_period([9, 9] + [1, 2, 3, 4] * 15) == 4
    assert loop_period([7] * 19) == 0
    assert loop_period([5] + [7] * 20) == 1
    assert loop_period(list(range(20)) * 6) == 20


def test_a_matrix_of_zeros_is_no_loop_until_it_is_absurd() -> None:
    row = [0, 8] * 7 + [0, 9]
    assert loop_period(row * 8, frozenset([8, 9])) == 0
    assert loop_period(row * 8) == 16
    assert loop_period(row * 13, frozenset([8, 9])) == 16


def test_a_cut_leaves_the_run_once() -> None:
    tokens = [9, 9] + [1, 2, 3, 4] * 15
    assert tokens[: cut_loop(tokens, 4)] == [9, 9, 1, 2, 3, 4]
    assert cut_loop([7] * 20, 1) == 1
