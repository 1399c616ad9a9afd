"""The box that the user draws, without any window."""

import pytest

from scipix.gui.capture.geometry import PixelRect, Size
from scipix.gui.capture.selection import HANDLES, Phase, Selector


@pytest.fixture
def selector() -> Selector:
    return Selector(Size(1000, 800))


def draw(selector: Selector, start: tuple[int, int], end: tuple[int, int]) -> None:
    selector.press(*start, reach=8)
    selector.point(*end)


def test_drag_frames_the_pixels_between_its_ends(selector: Selector) -> None:
    draw(selector, (300, 200), (100, 100))
    assert selector.rect == PixelRect(100, 100, 300, 200)
    assert selector.release()
    assert selector.phase is Phase.ADJUST


def test_click_is_no_box(selector: Selector) -> None:
    draw(selector, (300, 200), (301, 202))
    assert not selector.release()
    assert selector.phase is Phase.AIM
    assert selector.rect is None


def test_cursor_stays_inside_the_grab(selector: Selector) -> None:
    draw(selector, (900, 700), (5000, -40))
    assert selector.rect == PixelRect(900, 0, 1000, 700)


def test_carrying_moves_the_whole_box_and_stops_at_the_edge(selector: Selector) -> None:
    draw(selector, (100, 100), (200, 150))
    selector.carry(True)
    selector.point(250, 170)
    assert selector.rect == PixelRect(150, 120, 250, 170)
    selector.point(0, 0)
    assert selector.rect == PixelRect(0, 0, 100, 50)
    selector.carry(False)
    selector.point(60, 40)
    assert selector.rect == PixelRect(0, 0, 60, 40)


def test_standing_box_is_nudged_and_grown(selector: Selector) -> None:
    draw(selector, (100, 100), (200, 150))
    selector.release()
    selector.nudge(1, -10)
    assert selector.rect == PixelRect(101, 90, 201, 140)
    selector.grow(-10, 1)
    assert selector.rect == PixelRect(101, 90, 191, 141)
    selector.grow(-5000, 5000)
    assert selector.rect == PixelRect(101, 90, 102, 800)
    selector.nudge(-5000, 0)
    assert selector.rect == PixelRect(0, 90, 1, 800)


@pytest.mark.parametrize("handle", HANDLES)
def test_every_handle_pulls_its_own_sides(selector: Selector, handle: tuple[int, int]) -> None:
    draw(selector, (100, 100), (300, 200))
    selector.release()
    grip = (200 + handle[0] * 100, 150 + handle[1] * 50)
    assert selector.handle_at(*grip, reach=8) == handle
    selector.press(*grip, reach=8)
    selector.point(grip[0] + 7, grip[1] + 5)
    expected = PixelRect(
        100 + 7 * (handle[0] < 0), 100 + 5 * (handle[1] < 0), 300 + 7 * (handle[0] > 0), 200 + 5 * (handle[1] > 0)
    )
    assert selector.rect == expected
    assert not selector.release()
    assert selector.phase is Phase.ADJUST


def test_handle_pulled_over_the_opposite_side_turns_the_box(selector: Selector) -> None:
    draw(selector, (100, 100), (300, 200))
    selector.release()
    selector.press(300, 150, reach=8)
    selector.point(40, 150)
    assert selector.rect == PixelRect(40, 100, 100, 200)
    selector.release()
    selector.nudge(1, 0)
    assert selector.rect == PixelRect(41, 100, 101, 200)


def test_press_inside_moves_and_outside_begins_anew(selector: Selector) -> None:
    draw(selector, (100, 100), (300, 200))
    selector.release()
    selector.press(200, 150, reach=8)
    assert selector.phase is Phase.MOVE
    selector.point(210, 140)
    assert selector.rect == PixelRect(110, 90, 310, 190)
    selector.release()
    draw(selector, (600, 600), (700, 650))
    assert selector.rect == PixelRect(600, 600, 700, 650)


def test_keys_alone_draw_a_box(selector: Selector) -> None:
    selector.point(10, 10)
    selector.nudge(5, 5)
    selector.begin()
    selector.nudge(30, 20)
    assert selector.rect == PixelRect(15, 15, 45, 35)
    selector.settle()
    assert selector.phase is Phase.ADJUST


def test_everything_can_be_framed_at_once(selector: Selector) -> None:
    selector.select_all()
    assert selector.rect == PixelRect(0, 0, 1000, 800)
    assert selector.acceptable
