"""A reading as JSON text and back; every number comes back exactly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from scipix.datatypes import Alternative, Box, Kind, Reading, Symbol, Timings


def dump_reading(reading: Reading) -> str:
    """One line of JSON."""
    return json.dumps(asdict(reading), ensure_ascii=False, separators=(",", ":"))


def parse_reading(text: str) -> Reading:
    """Raises ValueError, KeyError, TypeError or AttributeError when the text is not what `dump_reading` writes."""
    data = json.loads(text)
    return Reading(
        kind=Kind(data["kind"]),
        latex=data["latex"],
        confidence=data["confidence"],
        symbols=tuple(_symbol(item) for item in data["symbols"]),
        alternatives=_alternatives(data["alternatives"]),
        readable=data["readable"],
        model=data["model"],
        provider=data["provider"],
        timings=Timings(**data["timings"]),
        cached=data["cached"],
        unread=tuple(Box(**box) for box in data.get("unread", ())),
    )


def _symbol(item: Mapping[str, Any]) -> Symbol:
    box = Box(**item["box"]) if item["box"] else None
    # What was written before there were such keys is read, too.
    others = _alternatives(item.get("others", ()))
    return Symbol(item["latex"], box, item["confidence"], others, item.get("chosen", False))


def _alternatives(items: Iterable[Mapping[str, Any]]) -> tuple[Alternative, ...]:
    return tuple(Alternative(item["latex"], item["confidence"]) for item in items)
