"""A reading as JSON: what comes back is what was given."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol, Timings
from scipix.reading_json import dump_reading, parse_reading

READING = Reading(
    Kind.FORMULA,
    r"\alpha é",
    1 / 3,
    (Symbol("\\alpha", Box(0.1, 2, 3.7, 4), 0.9, (Alternative("a", 0.1),)), Symbol("é", None, 1.0, chosen=True)),
    (Alternative("x", 1e-9),),
    readable=False,
    model="m",
    provider="cpu",
    timings=Timings(1.5, 2.5, 3.5, 4.5, 5.5, 6.5),
    cached=True,
    unread=(Box(1, 2, 3.5, 4),),
)


def test_everything_comes_back() -> None:
    assert parse_reading(dump_reading(READING)) == READING
    assert dump_reading(READING).isprintable()


def test_what_an_older_version_wrote_is_read() -> None:
    data = asdict(READING)
    for symbol in data["symbols"]:
        del symbol["others"], symbol["chosen"]
    del data["timings"]["postprocess"], data["unread"]
    old = parse_reading(json.dumps(data))
    assert old.latex == READING.latex
    assert [symbol.others for symbol in old.symbols] == [(), ()]


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"kind": "stew"}', dump_reading(READING).replace("0.1", "{")]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        parse_reading(text)
