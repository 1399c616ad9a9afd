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
        self._widths: dict[int, dict[int, int]] = {}

    def pages(self) -> list[Page]:
        pages: list[Page] = []
        at = 15 + self.data[14]  # the preamble is 15 bytes and a comment
        while at < len(self.data):
            op = self.data[at]
            if op == 139:
                page = Page(int.from_bytes(self.data[at + 1 : at + 5], "big", signed=True))
                at = self._page(at + 45, page)
                pages.append(page)
            elif 243 <= op <= 246:
                at = self._define_font(at)
            elif op == 138:
                at += 1
            else:
                break
        return pages

    def _define_font(self, at: int) -> int:
        size = self.data[at] - 242
        at += 1
        index = int.from_bytes(self.data[at : at + size], "big")
        at += size
        scaled = int.from_bytes(self.data[at + 4 : at + 8], "big")
        area, length = self.data[at + 12], self.data[at + 13]
        name = self.data[at + 14 + area : at + 14 + area + length].decode("ascii")
        if index not in self.fonts:
            self.fonts[index] = Font(name, scaled)
            self._widths[index] = {c: (w * scaled) >> 20 for c, w in tfm_widths(name).items()}
        return at + 14 + area + length

    def _page(self, at: int, page: Page) -> int:  # one dispatch loop reads best whole
        data = self.data
        h = v = w = x = y = z = font = 0
        stack: list[tuple[int, int, int, int, int, int]] = []
        widths: dict[int, int] = {}

        def number(size: int, signed: bool = True) -> int:
            nonlocal at
            at += size
            return int.from_bytes(data[at - size : at], "big", signed=signed)

        while True:
            op = data[at]
            at += 1
            if op < 128:
                page.characters.append((font, op, h, v))
                h += widths[op]
            elif 171 <= op <= 234:
                font = op - 171
                widths = self._widths[font]
            elif 143 <= op <= 146:
                h += number(op - 142)
            elif op == 147:
                h += w
            elif 148 <= op <= 151:
                w = number(op - 147)
                h += w
            elif op == 152:
                h += x
            elif 153 <= op <= 156:
                x = number(op - 152)
                h += x
            elif 157 <= op <= 160:
                v += number(op - 156)
            elif op == 161:
                v += y
            elif 162 <= op <= 165:
                y = number(op - 161)
                v += y
            elif op == 166:
                v += z
            elif 167 <= op <= 170:
                z = number(op - 166)
                v += z
            elif op == 141:
                stack.append((h, v, w, x, y, z))
            elif op == 142:
                h, v, w, x, y, z = stack.pop()
            elif op in (132, 137):
                height, width = number(4), number(4)
                if height > 0 and width > 0:
                    page.rules.append((h, v, width, height))
                    page.order.append(len(page.characters))
                h += width if op == 132 else 0
            elif 128 <= op <= 131 or 133 <= op <= 136:
                code = number((op - 128) % 5 + 1, signed=False)
                page.characters.append((font, code, h, v))
                h += widths[code] if op < 132 else 0
            elif 235 <= op <= 238:
                font = number(op - 234, signed=False)
                widths = self._widths[font]
            elif 239 <= op <= 242:
                size = number(op - 238, signed=False)
                at += size
            elif 243 <= op <= 246:
                at = self._define_font(at - 1)
            elif op == 140:
                return at
            elif op != 138:
                raise ValueError(f"unknown dvi operation {op}")
