"""The whole way on a real X server: the app's own process, `scipix snip`, a real drag, the text on the clipboard."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageGrab

from scipix.history.recent import Recent
from scipix.notation.normalize import normalize
from scipix.sources.images import read_image
from tests.gui.xvfb import Display, virtual_display
from tests.inference.tiny import make_models

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "resources" / "samples" / "quadratic.png"
LATEX = r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}"
# Where the picture stands on the screen; beside the window of the app, or a slow viewer would have to paint it anew.
SCREEN = "1600x900"
LEFT, TOP = 1200, 300
PATIENCE_S = 120.0


@dataclass
class Desktop:
    """A display with a home folder of its own, on which a picture is shown and the app runs."""

    display: Display
    home: Path
    env: dict[str, str]
    app: subprocess.Popen[str] | None

    def scipix(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scipix", *words]
        return subprocess.run(
            command, env=self.env, cwd=self.home, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    def pixel(self, left: int, top: int) -> tuple[int, ...]:
        screen = ImageGrab.grab(xdisplay=self.display.name)
        return screen.getpixel((left, top))[:3]

    def snip(self) -> None:
        """Ask for a snip and drag round the picture once the overlay dims the screen."""
        assert self.scipix("snip").returncode == 0
        width, height = Pillow.open(PICTURE).size
        until(lambda: max(self.pixel(LEFT + 1, TOP + 1)) < 200)
        self.display.xdotool("mousemove", LEFT, TOP, "mousedown", 1, "mousemove", LEFT + 40, TOP + 20)
        self.display.xdotool("mousemove", LEFT + width, TOP + height, "mouseup", 1)

    def clipboard(self) -> str:
        command = [sys.executable, "-m", "tests.gui.desktop_child", "clipboard"]
        done = subprocess.run(
            command, env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
        return done.stdout.strip()

    def history(self) -> Path:
        return next(self.home.rglob("history.sqlite3"))


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Path], Desktop]]:
    """Starts everything with a models folder; runs: the app too."""
    with ExitStack() as stack:

        def make(models: Path, runs: bool = True) -> Desktop:
            display = stack.enter_context(virtual_display(SCREEN))
            home = tmp_path / "home"
            home.mkdir()
            folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "CACHE")}
            path = f"{ROOT / 'desktop'}:{ROOT}"
            env = display.env(HOME=str(home), SCIPIX_MODELS=str(models), PYTHONPATH=path, **folders)
            shown = [sys.executable, "-m", "tests.gui.desktop_child", "show", str(PICTURE), str(LEFT), str(TOP)]
            viewer = subprocess.Popen(shown, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            stack.callback(viewer.communicate)
            stack.callback(viewer.kill)
            assert viewer.stdout is not None
            assert viewer.stdout.readline() == "shown\n"
            if not runs:
                return Desktop(display, home, env, None)
            app = subprocess.Popen(
                [sys.executable, "-m", "scipix"], env=env, cwd=home, stderr=subprocess.PIPE, text=True
            )
            stack.callback(app.communicate)
            stack.callback(app.kill)
            return Desktop(display, home, env, app)

        yield make


def test_what_was_framed_is_kept_pixel_for_pixel_and_the_app_ends_well(start, tmp_path):
    """With a tiny model of random weights: all but the accuracy of the real one."""
    desktop = start(make_models(tmp_path / "models"))
    desktop.snip()
    until(lambda: any(desktop.home.rglob("history.sqlite3")) and bool(Recent(desktop.history()).list()))
    recent = Recent(desktop.history())
    entry = recent.get(recent.list()[0].id)
    assert entry is not None
    framed = np.asarray(Pillow.open(io.BytesIO(entry.picture)).convert("RGB"))
    assert np.array_equal(framed, read_image(PICTURE).pixels)
    assert not list(desktop.home.rglob("onnxruntime.db"))
    # A reading of random weights is not copied by itself; the keyboard copies anything.
    window = ("search", "--onlyvisible", "--name", "^Scipix$")
    desktop.display.xdotool(*window, "windowfocus", "--sync", "key", "ctrl+shift+c")
    assert desktop.clipboard() == entry.latex.strip()
    assert desktop.app is not None
    desktop.app.terminate()
    _, errors = desktop.app.communicate(timeout=PATIENCE_S)
    assert desktop.app.returncode == 0, errors
    assert "Traceback" not in errors


@pytest.mark.skipif(
    not (ROOT / "models" / "weights" / "math-v1" / "decoder.onnx").is_file(), reason="the model is not there"
)
def test_the_right_latex_is_on_the_clipboard(start):
    desktop = start(ROOT / "models")
    desktop.snip()
    assert normalize(desktop.clipboard()) == normalize(LATEX)


def test_a_snip_freezes_the_screen_first_when_the_app_does_not_run(start, tmp_path):
    """The box is drawn at once, before there is anything that could read it; and the app goes on and can be asked again."""
    desktop = start(make_models(tmp_path / "models"), runs=False)
    send_quit = "import sys, pathlib; from scipix.gui.hand_over import send; from scipix.gui.wish import Message\n"
    send_quit += "sys.exit(not send(Message('quit'), pathlib.Path(sys.argv[1])))"
    try:
        for count in (1, 2):
            desktop.snip()
            until(lambda: any(desktop.home.rglob("history.sqlite3")))
            until(lambda count=count: len(Recent(desktop.history()).list()) == count)
        recent = Recent(desktop.history())
        for row in recent.list():
            entry = recent.get(row.id)
            assert entry is not None
            framed = np.asarray(Pillow.open(io.BytesIO(entry.picture)).convert("RGB"))
            assert np.array_equal(framed, read_image(PICTURE).pixels)
    finally:
        words = [sys.executable, "-c", send_quit, str(desktop.home / "data" / "scipix")]
        assert subprocess.run(words, env=desktop.env, timeout=PATIENCE_S, check=False).returncode == 0
    until(lambda: not (desktop.home / "data" / "scipix" / "instance.lock").exists())
