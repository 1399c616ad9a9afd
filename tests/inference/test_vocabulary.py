"""Metadata of a decoder."""

from __future__ import annotations

import json

import pytest

from scipix.errors import ModelCorrupt
from scipix.inference.vocabulary import decoder_facts

GOOD = {
    "scipix.vocab": json.dumps(["<pad>", "<s>", "</s>", "x"]),
    "scipix.max_tokens": "40",
    "scipix.layers": "2",
    "scipix.temperature": "1.5",
}


def test_reads_all() -> None:
    facts = decoder_facts("m", "m.onnx", GOOD)
    assert facts.tokens == ("<pad>", "<s>", "</s>", "x")
    assert (facts.max_tokens, facts.layers, facts.temperature) == (40, 2, 1.5)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("scipix.vocab", None),
        ("scipix.vocab", "no json"),
        ("scipix.vocab", '["<pad>", "</s>", "<s>"]'),
        ("scipix.vocab", '["<pad>", "<s>", "</s>", 1]'),
        ("scipix.max_tokens", None),
        ("scipix.max_tokens", "0"),
        ("scipix.layers", "two"),
        ("scipix.temperature", "0"),
        ("scipix.temperature", "nan"),
    ],
)
def test_what_makes_no_sense_is_a_corrupt_model(key: str, value: str | None) -> None:
    metadata = {name: text for name, text in {**GOOD, key: value}.items() if text is not None}
    with pytest.raises(ModelCorrupt):
        decoder_facts("m", "m.onnx", metadata)
