"""The drawn parts of pages that are kept in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

from PySide6.QtGui import QImage

from scipix.gui.viewer.layout import Tile

MOST_BYTES = 128 * 1024 * 1024  # 20 full tiles; a 4K screen shows 12


class Tiles:
    """Forgets those that were not looked at for longest."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._bytes = most_bytes, 0
        self._pictures: OrderedDict[Tile, QImage] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pictures)

    def __contains__(self, tile: Tile) -> bool:
        return tile in self._pictures

    def find(self, tile: Tile) -> QImage | None:
        if tile in self._pictures:
            self._pictures.move_to_end(tile)
        return self._pictures.get(tile)

    def others(self, page: int, scale: float) -> list[tuple[Tile, QImage]]:
        """What there is of a page at other scales, oldest first: to be shown until there is better."""
        return [
            (tile, picture) for tile, picture in self._pictures.items() if tile.page == page and tile.scale != scale
        ]

    def keep(self, tile: Tile, picture: QImage, wanted: Collection[Tile] = ()) -> None:
        """wanted: not to be forgotten for this one."""
        self._drop(tile)
        self._pictures[tile] = picture
        self._bytes += picture.sizeInBytes()
        for old in list(self._pictures):
            if self._bytes <= self._most:
                break
            if old != tile and old not in wanted:
                self._drop(old)

    def clear(self) -> None:
        self._pictures.clear()
        self._bytes = 0

    def _drop(self, tile: Tile) -> None:
        picture = self._pictures.pop(tile, None)
        if picture is not None:
            self._bytes -= picture.sizeInBytes()
