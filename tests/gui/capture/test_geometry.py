"""Where a selection lies in the pixels of a grab, on plain numbers."""

import pytest

from scipix.datatypes import Box
from scipix.gui.capture.geometry import (
    PixelRect,
    Screen,
    Size,
    bounds,
    clamp,
    edge_at,
    logical_box,
    only_screen,
    pixel_rect,
    split,
)


@pytest.mark.parametrize(
    ("window", "grab", "expected"),
    [
        (Size(1920, 1080), Size(1920, 1080), PixelRect(100, 50, 300, 150)),
        (Size(1280, 720), Size(1920, 1080), PixelRect(150, 75, 450, 225)),
        (Size(1920, 1080), Size(3840, 2160), PixelRect(200, 100, 600, 300)),
        # 4/3: what a desktop reports as 1.33 is measured as it is.
        (Size(1440, 810), Size(1920, 1080), PixelRect(133, 67, 400, 200)),
    ],
)
def test_selection_becomes_pixels_by_the_measured_scale(window: Size, grab: Size, expected: PixelRect) -> None:
    assert pixel_rect(Box(100, 50, 300, 150), window, grab) == expected


def test_selection_may_be_drawn_from_any_corner() -> None:
    window = grab = Size(1000, 800)
    assert pixel_rect(Box(300, 200, 100, 50), window, grab) == PixelRect(100, 50, 300, 200)


def test_selection_is_clamped_to_the_grab_and_nothing_is_none() -> None:
    window, grab = Size(1000, 800), Size(1500, 1200)
    assert pixel_rect(Box(-50, -10, 2000, 100), window, grab) == PixelRect(0, 0, 1500, 150)
    assert pixel_rect(Box(10, 10, 10, 100), window, grab) is None
    assert pixel_rect(Box(1200, 10, 1400, 100), window, grab) is None
    assert clamp(PixelRect(5, 5, 5, 9), grab) is None


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0, 4 / 3])
def test_neighboring_selections_share_their_edge(ratio: float) -> None:
    window = Size(800, 600)
    grab = Size(round(800 * ratio), round(600 * ratio))
    for x in range(1, 800):
        before = pixel_rect(Box(0, 0, x, 600), window, grab)
        after = pixel_rect(Box(x, 0, 800, 600), window, grab)
        assert before is not None
        assert after is not None
        assert before.right == after.left


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_pixels_drawn_in_the_window_and_read_back_are_the_same(ratio: float) -> None:
    window, grab = Size(800, 600), Size(800 * ratio, 600 * ratio)
    for rect in (PixelRect(0, 0, 1, 1), PixelRect(7, 11, 301, 299), PixelRect(0, 0, int(grab.width), int(grab.height))):
        assert pixel_rect(logical_box(rect, window, grab), window, grab) == rect


def test_edges_are_corners_between_pixels_and_the_far_one_can_be_reached() -> None:
    window, grab = Size(640, 400), Size(1280, 800)
    assert edge_at(0, 0, window, grab) == (0, 0)
    assert edge_at(100.25, 50, window, grab) == (201, 100)
    # The mouse never goes past 639, yet the whole screen must be selectable.
    assert edge_at(639, 399, window, grab) == (1280, 800)
    assert edge_at(-20, 5000, window, grab) == (0, 800)


def screen(name: str, left: float, top: float, width: float, height: float, ratio: float) -> Screen:
    return Screen(name, Box(left, top, left + width, top + height), ratio)


# 100, 150 and 200 %, the middle one is the primary, so that the left one lies at negative coordinates.
THREE = (
    screen("left", -1920, 0, 1920, 1080, 1.0),
    screen("middle", 0, 0, 1280, 720, 1.5),
    screen("right", 1280, -360, 1920, 1080, 2.0),
)


def test_bounds_hold_negative_origins() -> None:
    assert bounds(THREE) == Box(-1920, -360, 3200, 1080)


def test_picture_at_one_scale_is_split_by_the_virtual_desktop() -> None:
    # 5120 x 1440 logical at the sharpest scale, 2.
    assert split(THREE, Size(10240, 2880)) == (
        PixelRect(0, 720, 3840, 2880),
        PixelRect(3840, 720, 6400, 2160),
        PixelRect(6400, 0, 10240, 2160),
    )


def test_picture_at_scale_one_is_split_too() -> None:
    parts = split(THREE, Size(5120, 1440))
    assert parts is not None
    assert [(part.width, part.height) for part in parts] == [(1920, 1080), (1280, 720), (1920, 1080)]


def test_picture_of_screens_in_their_own_pixels_is_split_by_their_neighborhood() -> None:
    in_a_row = (
        screen("a", 0, 0, 1920, 1080, 1.0),
        screen("b", 1920, 0, 1280, 720, 1.5),
        screen("c", 3200, 0, 1920, 1080, 2.0),
    )
    assert split(in_a_row, Size(1920 + 1920 + 3840, 2160)) == (
        PixelRect(0, 0, 1920, 1080),
        PixelRect(1920, 0, 3840, 1080),
        PixelRect(3840, 0, 7680, 2160),
    )


def test_vertical_stack_with_the_upper_screen_above_the_origin() -> None:
    stack = (screen("lower", 0, 0, 1280, 800, 1.0), screen("upper", 0, -1080, 1920, 1080, 2.0))
    assert split(stack, Size(1920, 1880)) == (PixelRect(0, 1080, 1280, 1880), PixelRect(0, 0, 1920, 1080))
    assert split(stack, Size(3840, 2160 + 800)) == (PixelRect(0, 2160, 1280, 2960), PixelRect(0, 0, 3840, 2160))


def test_rounding_by_a_pixel_still_splits() -> None:
    one = (screen("only", 0, 0, 1707, 1067, 1.5),)
    assert split(one, Size(2560, 1600)) == (PixelRect(0, 0, 2560, 1600),)


def test_area_that_the_user_framed_is_no_layout() -> None:
    assert split(THREE, Size(431, 97)) is None
    # Half of one screen has its proportions and is still no screen.
    assert split((screen("only", 0, 0, 1280, 800, 1.0),), Size(640, 400)) is None


def test_picture_of_a_single_screen_is_recognized_by_its_size() -> None:
    assert only_screen(THREE, Size(3840, 2160)) == 2
    # Two screens of 1920 x 1080 pixels: nobody can tell which.
    assert only_screen(THREE, Size(1920, 1080)) is None
