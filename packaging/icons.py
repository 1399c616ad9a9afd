"""Draws the app's icon at every size that the systems ask for: python packaging/icons.py FOLDER.

FOLDER gets scipix-<size>.png, scipix.ico (Windows), scipix.icns (macOS) and setup.bmp, the side of the last page of the
installer for Windows. Needs PySide6 and Pillow, no display.
"""

# ruff: noqa: TID251 - Qt draws the SVG as the app itself does.
from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import PIL.Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from linux.desktop_files import ICON_SIZES

SOURCE = Path(__file__).resolve().parents[1] / "resources" / "icons" / "scipix.svg"
SIZES = (*ICON_SIZES, 1024)  # the largest for macOS
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
SIDE_SIZE = (328, 628)  # twice what NSIS shows at 96 dpi
SIDE_COLOR = "#e9ecfb"  # the icon's blue, very light


def write(folder: Path) -> None:
    """Write all icons."""
    folder.mkdir(parents=True, exist_ok=True)
    renderer = QSvgRenderer(str(SOURCE))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        if not image.save(str(folder / f"scipix-{size}.png")):
            raise SystemExit(f"cannot write the icon of {size} pixels into {folder}")
    pictures = {size: PIL.Image.open(folder / f"scipix-{size}.png") for size in SIZES}
    pictures[256].save(
        folder / "scipix.ico", sizes=[(n, n) for n in ICO_SIZES], append_images=[pictures[n] for n in ICO_SIZES]
    )
    pictures[1024].save(folder / "scipix.icns", append_images=[pictures[n] for n in (32, 64, 128, 256, 512)])
    side = PIL.Image.new("RGB", SIDE_SIZE, SIDE_COLOR)
    mark = pictures[128].convert("RGBA")
    side.paste(mark, ((SIDE_SIZE[0] - mark.width) // 2, 96), mark)
    side.save(folder / "setup.bmp")


if __name__ == "__main__":
    application = QGuiApplication.instance() or QGuiApplication(["icons"])
    write(Path(sys.argv[1]))
