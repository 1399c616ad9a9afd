from __future__ import annotations

import pytest

from scipix.datatypes import Box
from scipix.gui.viewer.layout import GAP, LEAST, MOST_FITTED, TILE, Layout, Tile, fitting
from scipix.sources.pdf import Pdf
from tests.pdfs import Sheet, make_pdf

SIZES = ((100.0, 200.0), (300.0, 100.0), (100.0, 50.0))


@pytest.fixture
def layout() -> Layout:
    return Layout(SIZES, 2.0, 1000)


def test_pages_stand_in_the_middle_below_one_another(layout: Layout) -> None:
    assert layout.place(0) == Box(400, GAP, 600, GAP + 400)
    assert layout.place(1) == Box(200, 2 * GAP + 400, 800, 2 * GAP + 600)
    assert (layout.width, layout.height) == (1000, 4 * GAP + 700)
    assert Layout(SIZES, 2.0, 100).width == 600 + 2 * GAP


def test_the_pages_between_two_heights(layout: Layout) -> None:
    assert list(layout.pages(0, 5)) == []
    assert list(layout.pages(0, GAP + 1)) == [0]
    assert list(layout.pages(GAP + 400, 2 * GAP + 400)) == []  # just the gap
    assert list(layout.pages(GAP + 399, 2 * GAP + 401)) == [0, 1]
    assert list(layout.pages(0, 10_000)) == [0, 1, 2]
    assert list(Layout((), 1.0, 10).pages(0, 100)) == []


def test_points_of_the_roll_and_of_a_page(layout: Layout) -> None:
    assert layout.under(400, GAP) == 0
    assert layout.under(399, GAP) is None
    assert layout.under(500, GAP + 405) is None
    assert layout.under(250, 2 * GAP + 450) == 1
    assert layout.to_points(1, 250, 2 * GAP + 450) == (25, 25)
    assert layout.to_points(1, -50, 9999) == (0, 100)
    assert Layout((), 1.0, 10).under(1, 1) is None


def test_a_spot_is_found_again_at_another_scale(layout: Layout) -> None:
    page, down = layout.spot(2 * GAP + 460)
    assert (page, down) == (1, 30)
    other = Layout(SIZES, 3.0, 500)
    assert other.spot(other.height_of(page, down)) == (1, pytest.approx(30))
    assert layout.spot(0)[1] < 0


def test_tiles_cover_what_is_in_sight_and_no_more() -> None:
    layout = Layout(((1000.0, 3000.0),), 1.0, 1100)
    seen = Box(0, TILE * 0.9, 1100, TILE * 1.1)
    # At two device pixels for each logical one, the page is 2000 x 6000 of them.
    found = list(layout.tiles(seen, 2.0))
    assert {(tile.column, tile.row) for tile in found} == {(0, 1), (1, 1), (0, 2), (1, 2)}
    assert {tile.scale for tile in found} == {2.0}
    assert list(layout.tiles(Box(0, 0, 1100, GAP), 2.0)) == []
    assert len(list(layout.tiles(Box(0, 0, 1100, 9999), 2.0))) == 10


@pytest.mark.parametrize("scale", [1.0, 4.9, 32 / 3, 64 / 3, TILE / 120])
def test_every_tile_can_be_drawn(scale: float) -> None:
    """Also where the page ends with the tile, or a hair behind it."""
    sheet = Sheet(120, 80)
    layout = Layout(((sheet.width, sheet.height),), scale, 10)
    with Pdf(make_pdf([sheet])) as document:
        whole = document.render(0, dpi=72 * scale)
        area = 0
        for tile in layout.tiles(Box(0, 0, layout.width, layout.height), 1.0):
            part = document.render(0, dpi=72 * tile.scale, box=tile.box)
            assert part.width <= TILE >= part.height
            area += part.width * part.height
    assert area == whole.width * whole.height


def test_a_tile_knows_its_box() -> None:
    assert Tile(3, 2.0, 1, 0).box == Box(TILE / 2, 0, TILE, TILE / 2)


def test_the_widest_page_fits_within_limits() -> None:
    assert fitting(SIZES, 628) == pytest.approx((628 - 2 * GAP) / 300)
    assert fitting(((10.0, 10.0),), 1000) == MOST_FITTED
    assert fitting(((14_000.0, 10.0),), 100) == LEAST
