"""MathJax's SVG as a Drawing. QtSvg skips nested <svg> elements, in which MathJax stretches braces and arrows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from scipix.errors import InvalidLatex
from scipix.notation.drawing import CURRENT, Drawing, Label, Matrix, Pen, Rect, Segment, Shape, make_room
from scipix.notation.svg_path import ellipse, parse_path, polygon, rectangle

__all__ = ["Drawing", "parse_svg"]

# Units of MathJax's SVG in one em.
UNITS = 1000.0
# em. TeX itself stops at 1,600 (\maxdimen at 10 pt).
MAX_SIZE = 2000.0
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(\w+)\s*\(([^)]*)\)")
_ALIGN = re.compile(r"x(Min|Mid|Max)Y(Min|Mid|Max)(?:\s+(meet|slice))?")
_SHARE = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
_GROUPS = {"g", "a"}


@dataclass(frozen=True, slots=True)
class _State:
    """What an element inherits."""

    matrix: Matrix
    fill: str | None
    pen: Pen
    clip: Rect | None


def parse_svg(svg: str) -> Drawing:
    """The things to draw in an SVG of `MathJax.svg`: groups, nested svg, path, rect, line, polygon, ellipse, text.

    Raises InvalidLatex when it is no SVG, uses something else, or is too large to draw.
    """
    try:
        return _parse(svg)
    except (ElementTree.ParseError, ValueError) as error:
        raise InvalidLatex(f"the typeset formula cannot be drawn: {error}") from error


def _parse(svg: str) -> Drawing:
    if "<!" in svg:  # no document types: entities could grow without end
        raise ValueError("a declaration in the SVG")
    root = ElementTree.fromstring(svg)
    box = _numbers(root.get("viewBox", ""))
    if _name(root) != "svg" or len(box) != 4:
        raise ValueError("no viewBox")
    x, y, width, height = (value / UNITS for value in box)
    if not (0 <= width <= MAX_SIZE and 0 <= height <= MAX_SIZE):
        raise ValueError(f"{width:.0f} × {height:.0f} em is too large")
    top = Matrix.shift(-x, -y) @ Matrix.scale(1 / UNITS, 1 / UNITS)
    items = tuple(_items(root, _inherit(root, _State(top, CURRENT, Pen(), None))))
    drawing = make_room(Drawing(width, height, depth=y + height, items=items))
    if not (drawing.width <= MAX_SIZE and drawing.height <= MAX_SIZE):  # things may stand far outside of the box
        raise ValueError(f"{drawing.width:.0f} × {drawing.height:.0f} em is too large")
    return drawing


def _items(root: ElementTree.Element, state: _State) -> list[Shape | Label]:
    """Depth first, in drawing order, without recursion: nesting is bounded by the input only."""
    items: list[Shape | Label] = []
    waiting = [(child, state) for child in reversed(root)]
    while waiting:
        element, outer = waiting.pop()
        name, inner = _name(element), _inherit(element, outer)
        if name == "svg":
            inner = _viewport(element, inner)
        if name in _GROUPS or name == "svg":
            waiting += [(child, inner) for child in reversed(element)]
        elif name == "text":
            items.append(_label(element, inner))
        else:
            shape = Shape(_outline(name, element), inner.matrix, inner.fill, inner.pen, inner.clip)
            if shape.segments and (shape.fill or shape.pen.paint):
                items.append(shape)
    return items


def _inherit(element: ElementTree.Element, outer: _State) -> _State:
    matrix = outer.matrix
    for name, values in _TRANSFORM.findall(element.get("transform", "")):
        matrix = matrix @ _transform(name, _numbers(values))
    pen = outer.pen
    if "stroke" in element.attrib:
        pen = replace(pen, paint=_paint(element.attrib["stroke"]))
    if "stroke-width" in element.attrib:
        pen = replace(pen, width=_length(element, "stroke-width"))
    if "stroke-dasharray" in element.attrib:
        dashes = tuple(_numbers(element.attrib["stroke-dasharray"]))
        pen = replace(pen, dashes=dashes * 2 if len(dashes) % 2 else dashes)
    if "stroke-linecap" in element.attrib:
        pen = replace(pen, round_ends=element.attrib["stroke-linecap"] == "round")
    fill = _paint(element.attrib["fill"]) if "fill" in element.attrib else outer.fill
    return _State(matrix, fill, pen, outer.clip)


def _transform(name: str, values: list[float]) -> Matrix:
    match name, values:
        case "translate", [x]:
            return Matrix.shift(x, 0)
        case "translate", [x, y]:
            return Matrix.shift(x, y)
        case "scale", [factor]:
            return Matrix.scale(factor, factor)
        case "scale", [x, y]:
            return Matrix.scale(x, y)
        case "rotate", [degrees]:
            return Matrix.turn(degrees)
        case "rotate", [degrees, x, y]:
            return Matrix.shift(x, y) @ Matrix.turn(degrees) @ Matrix.shift(-x, -y)
        case "matrix", [a, b, c, d, e, f]:
            return Matrix(a, b, c, d, e, f)
    raise ValueError(f"transform {name} of {len(values)} numbers")


def _viewport(element: ElementTree.Element, state: _State) -> _State:
    """Into a nested <svg>: its viewBox is fitted into its rectangle, and what sticks out is cut off."""
    x, y = _length(element, "x"), _length(element, "y")
    width, height = _length(element, "width"), _length(element, "height")
    clip = state.matrix.bounds(Rect(x, y, x + width, y + height)).cut(state.clip)
    box = _numbers(element.get("viewBox", ""))
    if len(box) != 4 or box[2] <= 0 or box[3] <= 0:
        return replace(state, matrix=state.matrix @ Matrix.shift(x, y), clip=clip)
    scale_x, scale_y = width / box[2], height / box[3]
    aspect = _ALIGN.match(element.get("preserveAspectRatio", "xMidYMid meet"))
    if aspect is not None:
        scale_x = scale_y = max(scale_x, scale_y) if aspect[3] == "slice" else min(scale_x, scale_y)
        x += (width - box[2] * scale_x) * _SHARE[aspect[1]]
        y += (height - box[3] * scale_y) * _SHARE[aspect[2]]
    fit = Matrix.shift(x, y) @ Matrix.scale(scale_x, scale_y) @ Matrix.shift(-box[0], -box[1])
    return replace(state, matrix=state.matrix @ fit, clip=clip)


def _outline(name: str, element: ElementTree.Element) -> tuple[Segment, ...]:
    def length(key: str) -> float:
        return _length(element, key)

    match name:
        case "path":
            return parse_path(element.get("d", ""))
        case "rect":
            return rectangle(length("x"), length("y"), length("width"), length("height"), length("rx"))
        case "line":
            return (("M", length("x1"), length("y1")), ("L", length("x2"), length("y2")))
        case "polygon":
            numbers = _numbers(element.get("points", ""))
            return polygon(list(zip(numbers[::2], numbers[1::2], strict=True)))
        case "ellipse":
            return ellipse(length("cx"), length("cy"), length("rx"), length("ry"))
        case "title" | "desc":
            return ()
    raise ValueError(f"element {name}")


def _label(element: ElementTree.Element, state: _State) -> Label:
    return Label(
        text="".join(element.itertext()),
        size=_length(element, "font-size", UNITS),
        family=element.get("font-family", ""),
        bold=element.get("font-weight") == "bold",
        italic=element.get("font-style") == "italic",
        matrix=state.matrix,
        fill=state.fill,
        clip=state.clip,
    )


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _paint(value: str) -> str | None:
    return None if value in ("none", "transparent") else value


def _numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text)]


def _length(element: ElementTree.Element, key: str, default: float = 0.0) -> float:
    """An attribute's number; only plain numbers and px come out of MathJax below the root."""
    value = element.get(key)
    return default if value is None else float(value.removesuffix("px"))
