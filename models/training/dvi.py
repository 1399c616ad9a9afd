"""Reads dvi files: for each page, the characters and rules that TeX placed, in the order that it placed them.

Format: D. Knuth, "The DVI file format", in DVItype (1982). Virtual fonts must have been resolved (dvicopy).
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(slots=True)
class Page:
    """What lies on one page; positions in scaled points (65,536 to the point) from the reference point, y downwards."""

    number: int
    characters: list[tuple[int, int, int, int]] = field(default_factory=list)  # font index, code, x, y
    rules: list[tuple[int, int, int, int]] = field(default_factory=list)  # x of left, y of bottom, width, height
    order: list[int] = field(default_factory=list)  # per rule: how many characters came before it


@dataclass(frozen=True, slots=True)
class Font:
    """A font as the dvi file names it; size in scaled points."""

    name: str
    size: int


@cache
def tfm_widths(name: str) -> dict[int, int]:
    """Character widths of a TeX font in units of 2**-20 of its size."""
    found = subprocess.run(["kpsewhich", f"{name}.tfm"], capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        raise FileNotFoundError(f"{name}.tfm")
    data = Path(found).read_bytes()
    header, first, last, widths = (int.from_bytes(data[2 * i : 2 * i + 2], "big") for i in (1, 2, 3, 4))
    chars = 24 + 4 * header
    table = chars + 4 * (last - first + 1)
    values = [int.from_bytes(data[table + 4 * i : table + 4 * i + 4], "big", signed=True) for i in range(widths)]
    return {code: values[data[chars + 4 * (code - first)]] for code in range(first, last + 1)}


class Reader:
    """One pass over a dvi file. `fonts` is filled while `pages` is consumed."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.fonts: dict[int, Font] = {}
        self.widths: dict[int, dict[int, int]] = {}

    def pages(self) -> list[Page]:
        pages: list[Page] = []
        at = 15 + self.data[14]  # the preamble is 15 bytes and a comment
        while at < len(self.data):
            op = self.data[at]
            if op == 139:
                page = Page(int.from_bytes(self.data[at + 1 : at + 5], "big", signed=True))
                at = _Pen(self, page, at + 45).run()
                pages.append(page)
            elif 243 <= op <= 246:
                at = self.define_font(at)
            elif op == 138:
                at += 1
            else:
                break
        return pages

    def define_font(self, at: int) -> int:
        """Read the definition at this place; returns the place after it."""
        size = self.data[at] - 242
        at += 1
        index = int.from_bytes(self.data[at : at + size], "big")
        at += size
        scaled = int.from_bytes(self.data[at + 4 : at + 8], "big")
        area, length = self.data[at + 12], self.data[at + 13]
        name = self.data[at + 14 + area : at + 14 + area + length].decode("ascii")
        if index not in self.fonts:
            self.fonts[index] = Font(name, scaled)
            self.widths[index] = {c: (w * scaled) >> 20 for c, w in tfm_widths(name).items()}
        return at + 14 + area + length


class _Pen:
    """Follows the operations of one page; h and v are the place, w, x, y and z the amounts that moves remember."""

    def __init__(self, reader: Reader, page: Page, at: int) -> None:
        self.reader, self.data, self.page, self.at = reader, reader.data, page, at
        self.h = self.v = self.w = self.x = self.y = self.z = self.font = 0
        self.stack: list[tuple[int, int, int, int, int, int]] = []
        self.widths: dict[int, int] = {}

    def run(self) -> int:
        """Draw up to the end of the page; returns the place after it."""
        while True:
            op = self.data[self.at]
            self.at += 1
            if op < 128:
                self._put(op, moves=True)
            elif 171 <= op <= 234:
                self._choose(op - 171)
            elif op < 138:
                self._draw(op)
            elif 143 <= op <= 170:
                self._move(op)
            elif op == 140:
                return self.at
            else:
                self._other(op)

    def _number(self, size: int, signed: bool = True) -> int:
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "big", signed=signed)

    def _put(self, code: int, moves: bool) -> None:
        self.page.characters.append((self.font, code, self.h, self.v))
        if moves:
            self.h += self.widths[code]

    def _choose(self, font: int) -> None:
        self.font, self.widths = font, self.reader.widths[font]

    def _draw(self, op: int) -> None:
        """set1..4 (128..131), set_rule (132), put1..4 (133..136), put_rule (137)."""
        if op not in (132, 137):
            self._put(self._number((op - 128) % 5 + 1, signed=False), moves=op < 132)
            return
        height, width = self._number(4), self._number(4)
        if height > 0 and width > 0:
            self.page.rules.append((self.h, self.v, width, height))
            self.page.order.append(len(self.page.characters))
        self.h += width if op == 132 else 0

    def _move(self, op: int) -> None:
        """right1..4 (143), w0..4 (147), x0..4 (152), down1..4 (157), y0..4 (161), z0..4 (166)."""
        if op <= 146:
            self.h += self._number(op - 142)
        elif 157 <= op <= 160:
            self.v += self._number(op - 156)
        else:
            first, name = next(pair for pair in ((166, "z"), (161, "y"), (152, "x"), (147, "w")) if op >= pair[0])
            if op > first:
                setattr(self, name, self._number(op - first))
            if name in "wx":
                self.h += getattr(self, name)
            else:
                self.v += getattr(self, name)

    def _other(self, op: int) -> None:
        if op == 141:
            self.stack.append((self.h, self.v, self.w, self.x, self.y, self.z))
        elif op == 142:
            self.h, self.v, self.w, self.x, self.y, self.z = self.stack.pop()
        elif 235 <= op <= 238:
            self._choose(self._number(op - 234, signed=False))
        elif 239 <= op <= 242:  # a special draws nothing
            size = self._number(op - 238, signed=False)
            self.at += size
        elif 243 <= op <= 246:
            self.at = self.reader.define_font(self.at - 1)
        elif op != 138:
            raise ValueError(f"unknown dvi operation {op}")
