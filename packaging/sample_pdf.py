"""Makes the PDF that the self-test opens: python packaging/sample_pdf.py writes resources/samples/quadratic.pdf.

One page with one formula, typeset by MathJax and drawn as filled outlines: no fonts, nothing of others but the shapes of
MathJax's letters (Apache License 2.0). The same input gives the same file.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "desktop"))

from scipix.notation.drawing import Drawing, Shape  # noqa: E402 - the checkout's, from the line above
from scipix.notation.mathjax import MathJax  # noqa: E402
from scipix.notation.svg import parse_svg  # noqa: E402

LATEX = r"x=\frac{-b\pm\sqrt{b^{2}-4ac}}{2a}"
TARGET = ROOT / "resources" / "samples" / "quadratic.pdf"
PAGE = (240, 120)  # points
EM = 20.0  # points


def typeset() -> Drawing:
    mathjax = MathJax()
    try:
        return parse_svg(mathjax.svg(LATEX))
    finally:
        mathjax.close()


def content(drawing: Drawing) -> str:
    """The formula in the middle of the page, as PDF operators; y points up there."""
    left, top = (PAGE[0] - drawing.width * EM) / 2, (PAGE[1] + drawing.height * EM) / 2
    lines = ["0 g"]
    for shape in drawing.items:
        if not isinstance(shape, Shape):
            raise SystemExit("a letter is missing in MathJax's fonts")
        if shape.segments:
            lines += [*_outline(shape, left, top), "f"]
    return "\n".join(lines)


def _outline(shape: Shape, left: float, top: float) -> Iterator[str]:
    here = (0.0, 0.0)
    for name, *numbers in shape.segments:
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        placed = [(left + x * EM, top - y * EM) for x, y in (shape.matrix.point(*pair) for pair in pairs)]
        if name == "Z":
            yield "h"
            continue
        if name == "Q":  # PDF knows cubic curves only
            (x, y), end = placed
            placed = [
                (here[0] + (x - here[0]) * 2 / 3, here[1] + (y - here[1]) * 2 / 3),
                (end[0] + (x - end[0]) * 2 / 3, end[1] + (y - end[1]) * 2 / 3),
                end,
            ]
        here = placed[-1]
        operator = {"M": "m", "L": "l", "Q": "c", "C": "c"}[name]
        yield " ".join([*(f"{number:.2f}".rstrip("0").rstrip(".") for pair in placed for number in pair), operator])


def document(operators: str) -> bytes:
    """A PDF of one page."""
    stream = zlib.compress(operators.encode("ascii"), 9)
    bodies = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<<>>>>" % PAGE,
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
    )
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(data))
        data += b"%d 0 obj%sendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 5\n0000000000 65535 f \n" + rows + tail


if __name__ == "__main__":
    TARGET.write_bytes(document(content(typeset())))
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")
