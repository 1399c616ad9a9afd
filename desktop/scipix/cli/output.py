"""A reading, or why there is none, as one line of standard output."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from scipix.datatypes import Box, Mode, Reading, Symbol
from scipix.errors import ScipixError

if TYPE_CHECKING:
    from scipix.notation.mathjax import MathJax

FORMATS = ("latex", "mathml", "svg")


class Formatter:
    """LaTeX in the format that was asked for; MathJax is started only when it is needed."""

    def __init__(self, wanted: str) -> None:
        """wanted: one of FORMATS."""
        self._wanted = wanted
        self._mathjax: MathJax | None = None

    def text(self, latex: str) -> str:
        """One line, whatever the LaTeX. Raises InvalidLatex when it cannot be typeset."""
        if self._wanted == "latex":
            return " ".join(latex.splitlines()).strip()
        if self._mathjax is None:
            from scipix.notation.mathjax import MathJax  # its engine takes a fifth of a second to start

            self._mathjax = MathJax()
        if self._wanted == "mathml":
            markup = self._mathjax.mathml(latex)
        else:
            from scipix.notation.svg_file import standalone

            markup = standalone(self._mathjax.svg(latex), title=" ".join(latex.split()))
        # Line ends and the indentation after them stand between elements only.
        return "".join(line.strip() for line in markup.splitlines())

    def close(self) -> None:
        """Stop MathJax; the next text starts it again."""
        if self._mathjax is not None:
            self._mathjax.close()
            self._mathjax = None


def place(page: int, box: Box | None, dpi: float) -> dict[str, Any]:
    """What the JSON line of a PDF has besides. page: from 1. box: what was asked for of it, in points. dpi: pixels per
    inch in which the boxes of the symbols are, from the top left of what was read."""
    return {"page": page, "box": None if box is None else _edges(box), "dpi": round(dpi, 2)}


def success(path: str, mode: Mode, reading: Reading, text: str, place: Mapping[str, Any] = MappingProxyType({})) -> str:
    """The JSON line of a reading; mode: how it was read, never auto. place: see above."""
    timings = reading.timings
    return json.dumps(
        {
            "path": path,
            **place,
            "ok": True,
            "mode": mode.value,
            "text": text,
            "latex": reading.latex,
            "confidence": round(reading.confidence, 6),
            "readable": reading.readable,
            "unread": [_edges(box) for box in reading.unread],
            "symbols": [_symbol(symbol) for symbol in reading.symbols],
            "model": reading.model,
            "provider": reading.provider,
            "timings_ms": {
                stage: round(getattr(timings, stage), 3)
                for stage in ("load", "preprocess", "encode", "decode", "postprocess", "total")
            },
            "cached": reading.cached,
        }
    )


def failure(path: str, error: ScipixError) -> str:
    """The JSON line of an input that could not be read."""
    return json.dumps({"path": path, "ok": False, "error": {"code": error.code, "message": str(error)}})


def _symbol(symbol: Symbol) -> dict[str, Any]:
    box = None if symbol.box is None else _edges(symbol.box)
    found = {"latex": symbol.latex, "box": box, "confidence": round(symbol.confidence, 6)}
    if symbol.others:
        found["others"] = [{"latex": other.latex, "confidence": round(other.confidence, 6)} for other in symbol.others]
    return found


def _edges(box: Box) -> list[float]:
    return [round(edge, 2) for edge in (box.left, box.top, box.right, box.bottom)]
