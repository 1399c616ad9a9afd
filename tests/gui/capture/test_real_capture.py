"""A real window on a real X server, a real drag: what comes out is what was shown, pixel for pixel."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.gui.capture.child import HEIGHT, LEFT, TOP, WIDTH, pattern
from tests.gui.xvfb import Display, virtual_display

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    with virtual_display() as found:
        yield found


@contextmanager
def capture(display: Display, out: Path, scale: str = "1") -> Iterator[subprocess.Popen[str]]:
    """The child with its overlay on the screen."""
    env = display.env(QT_SCALE_FACTOR=scale, PYTHONPATH=f"{ROOT / 'desktop'}:{ROOT}")
    command = [sys.executable, "-m", "tests.gui.capture.child", str(out)]
    child = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child
    finally:
        child.kill()
        child.communicate()


def drag(display: Display, start: tuple[int, int], end: tuple[int, int], *, release: bool = True) -> None:
    middle = ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
    display.xdotool("mousemove", *start, "mousedown", 1, "mousemove", *middle, "mousemove", *end)
    if release:
        display.xdotool("mouseup", 1)


def answer(child: subprocess.Popen[str]) -> str:
    out, _ = child.communicate(timeout=60)
    return out.strip()


def shown(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """The pixels of the pattern there; display coordinates."""
    return pattern()[top - TOP : bottom - TOP, left - LEFT : right - LEFT]


@pytest.mark.parametrize(("scale", "dpi"), [("1", 96.0), ("2", 192.0), ("1.25", 120.0), ("1.5", 144.1)])
def test_drag_gives_exactly_the_pixels_that_were_shown(
    display: Display, tmp_path: Path, scale: str, dpi: float
) -> None:
    # At 150 % the window is 853 units wide: 853.3 does not exist, and 1280 / 853 is what counts.
    out = tmp_path / "out.png"
    with capture(display, out, scale) as child:
        drag(display, (LEFT + 40, TOP + 40), (LEFT + 440, TOP + 200))
        assert answer(child) == f"selected {dpi}"
    got = np.asarray(Pillow.open(out).convert("RGB"))
    assert np.array_equal(got, shown(LEFT + 40, TOP + 40, LEFT + 440, TOP + 200))


def on_screen(display: Display, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """What the X server shows there: uint8 (H, W, 3) RGB."""
    xlib = pytest.importorskip("Xlib.display")
    connection = xlib.Display(display.name)
    width, height = right - left, bottom - top
    # 2: ZPixmap, four bytes a pixel, blue first.
    data = connection.screen().root.get_image(left, top, width, height, 2, 0xFFFFFFFF).data
    connection.close()
    return np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, 2::-1]


@pytest.mark.parametrize("scale", ["1", "1.25", "1.5", "2"])
def test_frozen_screen_looks_like_the_real_one(display: Display, tmp_path: Path, scale: str) -> None:
    out = tmp_path / "out.png"
    with capture(display, out, scale) as child:
        # The magnifier is away while a box stands, so nothing but the frozen pixels is inside it.
        drag(display, (LEFT + 40, TOP + 40), (LEFT + 440, TOP + 240), release=False)
        display.xdotool("keydown", "ctrl", "mouseup", 1, "keyup", "ctrl")
        display.xdotool("key", "--delay", 50, "Left", "Right")
        area = (LEFT + 60, TOP + 60, LEFT + 420, TOP + 220)
        wanted = shown(*area)
        for _ in range(50):
            if np.array_equal(on_screen(display, *area), wanted):
                break
            display.xdotool("sleep", 0.1)
        assert np.array_equal(on_screen(display, *area), wanted)
        display.xdotool("key", "Return")
        assert answer(child).startswith("selected")


def test_keys_alone_give_exactly_the_pixels_too(display: Display, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    display.xdotool("mousemove", LEFT + 100, TOP + 100)
    with capture(display, out) as child:
        display.xdotool("key", "Right", "shift+Down", "space", *["shift+Right"] * 5, *["shift+Down"] * 2, "Return")
        assert answer(child) == "selected 96.0"
    got = np.asarray(Pillow.open(out).convert("RGB"))
    assert np.array_equal(got, shown(LEFT + 101, TOP + 110, LEFT + 151, TOP + 130))


def test_nudged_box_after_control_release(display: Display, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    with capture(display, out) as child:
        drag(display, (LEFT + 40, TOP + 40), (LEFT + 140, TOP + 90), release=False)
        display.xdotool("keydown", "ctrl", "mouseup", 1, "keyup", "ctrl")
        display.xdotool("key", "Left", "Up", "ctrl+Right", "Return")
        assert answer(child) == "selected 96.0"
    got = np.asarray(Pillow.open(out).convert("RGB"))
    assert np.array_equal(got, shown(LEFT + 39, TOP + 39, LEFT + 140, TOP + 89))


def test_whole_screen_can_be_dragged(display: Display, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    with capture(display, out) as child:
        drag(display, (0, 0), (1279, 799))
        assert answer(child) == "selected 96.0"
    got = np.asarray(Pillow.open(out).convert("RGB"))
    assert got.shape == (800, 1280, 3)
    assert np.array_equal(got[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH], pattern())


@pytest.mark.parametrize("way", ["escape", "right click"])
def test_ways_out(display: Display, tmp_path: Path, way: str) -> None:
    with capture(display, tmp_path / "out.png") as child:
        display.xdotool(*(("key", "Escape") if way == "escape" else ("click", 3)))
        assert answer(child) == "cancelled"
