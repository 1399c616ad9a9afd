"""Tokens in, the same tokens out."""

import pytest

from scipix.notation.tokens import detokenize, token_spans, tokenize


@pytest.mark.parametrize(
    ("latex", "tokens"),
    [
        (r"\frac12", [r"\frac", "1", "2"]),
        (r"\alpha x", [r"\alpha", "x"]),
        (r"a\,b\\c", ["a", r"\,", "b", r"\\", "c"]),
        (r"\begin {cases}x\end{cases}", [r"\begin{cases}", "x", r"\end{cases}"]),
        (r"\text{if  so} y", [r"\text", "{", "i", "f", " ", "s", "o", "}", "y"]),
        ("a % a remark\n+b", ["a", "+", "b"]),
        (r"50\%", ["5", "0", r"\%"]),
        (r"\operatorname*{argmax}", [r"\operatorname*", "{", *"argmax", "}"]),
        ("\\", ["\\"]),
        ("", []),
    ],
)
def test_tokenize(latex, tokens):
    assert tokenize(latex) == tokens


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{a}{b}+\sqrt[3]{x}",
        r"\text{a >}b > c",
        r"\begin{aligned} a & = b \\ & < c \end{aligned}",
        r"\left\{x\in\mathbb{R}:x > 0\right\}",
        r"\begin{array}{c|c}1 & 2 \\ \hline 3 & 4\end{array}",
        r"\sin x\cos y",
    ],
)
def test_detokenize_gives_the_same_tokens_back(latex):
    tokens = tokenize(latex)
    assert tokenize(detokenize(tokens)) == tokens


def test_commands_keep_their_distance_from_letters():
    assert detokenize(["\\alpha", "x", "\\beta", "2"]) == r"\alpha x\beta2"


def test_spans_tell_where_each_token_stands() -> None:
    latex = r"\frac {a}\text{b  c} % note"
    spans = token_spans(latex)
    assert [token for token, _, _ in spans] == tokenize(latex)
    assert [latex[start:end] for _, start, end in spans] == [
        "\\frac", "{", "a", "}", "\\text", "{", "b", "  ", "c", "}",
    ]  # fmt: skip
