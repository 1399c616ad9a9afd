"""The window's share of the self-test: LaTeX on paper, by the same way as the preview."""

from __future__ import annotations

from PySide6.QtGui import QColor, QGuiApplication

from scipix.gui.painting import to_png
from scipix.notation.mathjax import MathJax
from scipix.notation.svg import parse_svg


def paint(latex: str) -> bytes:
    """LaTeX as a PNG file, black on white. Needs no display. Raises InvalidLatex."""
    # Offscreen: packages are tested in containers and over ssh.
    app = QGuiApplication.instance() or QGuiApplication(["scipix", "-platform", "offscreen"])
    engine = MathJax()
    try:
        return to_png(parse_svg(engine.svg(latex)), background=QColor("white"))
    finally:
        engine.close()
        del app  # kept until here: labels need the fonts of the application
