"""MathJax's SVG as a file of its own, for Inkscape, browsers, LibreOffice and Word."""

from __future__ import annotations

import re
from html import escape  # xml.sax brings urllib and http along

_COLOR = re.compile(r"#[0-9A-Fa-f]{3,8}|[A-Za-z]+")
# MathJax's ex, in em of its own font.
_EM_PER_EX = 0.442
# Roles and marks that mean something to MathJax's own scripts only.
_MARKS = re.compile(r' (?:data-[a-z-]+|role|focusable|aria-[a-z]+)="[^"]*"')
_SIZE = re.compile(r' (width|height)="([\d.]+)(?:ex)?"')
_HEAD = re.compile(r"<svg[^>]*>")


def standalone(svg: str, *, color: str = "#000000", points: float = 12.0, title: str = "") -> str:
    """A complete SVG document from `MathJax.svg`.

    color: "#rrggbb" or a name, put in the place of currentColor. points: size of one em; many programs do not know ex,
    so sizes are written in pt. title: the LaTeX, for screen readers and for finding the source again. Raises ValueError
    for a color that is none.
    """
    if not _COLOR.fullmatch(color):
        raise ValueError(f"not a color: {color!r}")
    head = _HEAD.match(svg)
    if head is None:
        raise ValueError("no <svg> at the start")
    opening = _SIZE.sub(lambda found: f' {found[1]}="{_points(found[2], points)}pt"', _MARKS.sub("", head.group()))
    # Labels set outside of their box (\llap, commutative diagrams) are shown where there is room.
    opening = opening.removesuffix(">") + ' overflow="visible">'
    body = _MARKS.sub("", svg[head.end() :]).replace('"currentColor"', f'"{color}"')
    heading = f"<title>{escape(title, quote=False)}</title>" if title else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}{heading}{body}\n'


def _points(ex: str, points: float) -> str:
    return f"{float(ex) * _EM_PER_EX * points:.3f}"
