from __future__ import annotations

from PySide6.QtGui import QImage

from scipix.gui.viewer.layout import Tile
from scipix.gui.viewer.tiles import Tiles

BYTES = 10 * 10 * 4


def picture() -> QImage:
    return QImage(10, 10, QImage.Format.Format_RGB32)


def tile(row: int, scale: float = 1.0) -> Tile:
    return Tile(0, scale, 0, row)


def test_what_was_not_looked_at_for_longest_is_forgotten() -> None:
    tiles = Tiles(3 * BYTES)
    for row in range(3):
        tiles.keep(tile(row), picture())
    assert tiles.find(tile(0)) is not None
    tiles.keep(tile(3), picture())
    assert [tile(row) in tiles for row in range(4)] == [True, False, True, True]


def test_what_is_in_sight_stays_even_when_it_is_too_much() -> None:
    tiles = Tiles(2 * BYTES)
    sight = {tile(row) for row in range(4)}
    for one in sorted(sight, key=lambda one: one.row):
        tiles.keep(one, picture(), sight)
    assert len(tiles) == 4
    tiles.keep(tile(9), picture())
    assert len(tiles) == 2


def test_a_tile_that_comes_again_counts_once() -> None:
    tiles = Tiles(2 * BYTES)
    for _ in range(5):
        tiles.keep(tile(0), picture())
    tiles.keep(tile(1), picture())
    assert len(tiles) == 2


def test_others_are_those_of_the_page_at_other_scales() -> None:
    tiles = Tiles()
    for one in (tile(0), tile(0, 2.0), Tile(1, 2.0, 0, 0), tile(1, 3.0)):
        tiles.keep(one, picture())
    assert [other for other, _ in tiles.others(0, 1.0)] == [tile(0, 2.0), tile(1, 3.0)]
    tiles.clear()
    assert len(tiles) == 0
