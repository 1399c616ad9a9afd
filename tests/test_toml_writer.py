from __future__ import annotations

import tomllib
from typing import Any

import pytest

from scipix.toml_writer import to_toml

DOCUMENTS: list[dict[str, Any]] = [
    {},
    {"a": 1, "b": -2.5, "c": True, "d": "plain", "e": 1e300},
    {"text": 'quote " back \\ line\nend \x7f \x01 é \U0001d400'},
    {"odd key": 1, "": 2, 'q"': {"x y": 3}},
    {"list": [1, [2, 3], {"in": "line", "deep": {"er": []}}], "empty": []},
    {"a": {"b": {"c": {}}}, "x": {"y": 1, "z": {"w": 2}}, "last": 3},
    {"tables": [{"n": 1}, {"n": 2, "m": {"k": [{}]}}]},
    tomllib.loads("d = 2026-11-20\nt = 12:30:01.5\nz = 2026-11-20T12:00:00Z\nl = 2026-11-20T12:00:00\ni = [inf, -inf]"),
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_tomllib_reads_back_the_same(document: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml(document)) == document


def test_what_toml_cannot_say_is_refused() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        to_toml({"a": None})
