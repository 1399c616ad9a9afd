"""What comes from the clipboard (or a drop) and what goes to it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from scipix.datatypes import Image, Origin
from scipix.gui.convert import to_image


def holds_pictures(data: QMimeData | None) -> bool:
    """Whether `pictures` would find something."""
    return data is not None and (data.hasImage() or any(url.isLocalFile() for url in data.urls()))


def pictures(data: QMimeData | None, name: str) -> list[Image | Path]:
    """The pictures in the data: its image, or the files that it names, in order; a folder stands for the images in it.

    File managers put an icon beside the URLs, so URLs come first. name: what to call an image in messages.
    """
    if data is None:
        return []
    found: list[Image | Path] = []
    for url in data.urls():
        if url.isLocalFile():
            found += _files(Path(url.toLocalFile()))
    if not found and data.hasImage():
        picture = QImage(data.imageData())
        if not picture.isNull():
            found.append(to_image(picture, Origin.CLIPBOARD, name=name))
    return found


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    from scipix.sources.images import SUFFIXES

    return sorted(entry for entry in path.iterdir() if entry.suffix.lower() in SUFFIXES)


def text_data(text: str) -> QMimeData:
    """Plain text."""
    data = QMimeData()
    data.setText(text)
    return data


def mathml_data(mathml: str) -> QMimeData:
    """MathML under its own type, and as plain text, which is where Word looks for it."""
    data = text_data(mathml)
    for kind in ("application/mathml+xml", "application/mathml-presentation+xml"):
        data.setData(kind, mathml.encode())
    return data


def svg_data(svg: str) -> QMimeData:
    """SVG under its own type, and its source as plain text."""
    data = text_data(svg)
    data.setData("image/svg+xml", svg.encode())
    return data


def picture_data(picture: QImage) -> QMimeData:
    """A picture alone: with text beside it, many programs would paste the text."""
    data = QMimeData()
    data.setImageData(picture)
    return data
