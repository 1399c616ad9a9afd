"""LaTeX to drawings and MathML for the windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scipix.errors import InvalidLatex
from scipix.inference.cancel import Cancel
from scipix.notation.drawing import Drawing
from scipix.notation.svg import parse_svg
from scipix.notation.svg_file import standalone


@dataclass(frozen=True, slots=True, eq=False)
class Typeset:
    """The preview of one source, or why there is none. position: offset into the source, None when unknown."""

    latex: str
    drawing: Drawing | None = None
    error: str | None = None
    position: int | None = None


class Engine(Protocol):
    """What is needed of `scipix.notation.mathjax.MathJax`; may be called from any thread."""

    def svg(self, latex: str, display: bool = True) -> str: ...

    def mathml(self, latex: str, display: bool = True) -> str: ...

    def start(self) -> None: ...

    def close(self) -> None: ...


class Typesetter:
    """The functions are jobs for the io lane."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def preview(self, latex: str, *, cancel: Cancel) -> Typeset:
        """What to show for a source; never raises for a faulty one."""
        if not latex.strip():
            return Typeset(latex)
        try:
            return Typeset(latex, parse_svg(self.svg(latex, cancel=cancel)))
        except InvalidLatex as error:
            return Typeset(latex, None, str(error), error.position)

    def svg(self, latex: str, *, cancel: Cancel) -> str:
        """Raises InvalidLatex."""
        cancel.raise_if_set()
        return self._engine.svg(latex)

    def svg_file(self, latex: str, *, cancel: Cancel) -> str:
        """A complete SVG document for other programs. Raises InvalidLatex."""
        return standalone(self.svg(latex, cancel=cancel), title=latex)

    def mathml(self, latex: str, *, cancel: Cancel) -> str:
        """Raises InvalidLatex."""
        cancel.raise_if_set()
        return self._engine.mathml(latex)

    def warm_up(self, *, cancel: Cancel) -> None:
        """Load the engine now, so that the first formula does not wait for it."""
        self._engine.start()

    def close(self) -> None:
        self._engine.close()
