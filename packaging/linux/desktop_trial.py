"""Uses the installed app as a person does, on a screen that nobody sees: the hotkey, a drag with the mouse, pasting.

For try_deb.py. In the system of the trial Xvfb, xdotool, xclip and feh (which shows a picture) are needed.
"""

from __future__ import annotations

import contextlib
import re
import signal
import sqlite3
import struct
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

TOOLS = ("xvfb", "xauth", "xdotool", "xclip", "feh")
HOTKEY = "ctrl+alt+m"  # the one that is set when nobody has chosen another
SCREEN = (1600, 900)
# Where the picture stands: beside the window of the app.
LEFT, TOP = 1200, 300
PATIENCE_S = 240.0
# After this long without a reading, the app gives memory back; a little more for doing it.
REST_S = 14.0
_WINDOW = "xdotool search --onlyvisible --name '^Scipix$'"
_SAMPLES = Path("opt/scipix/_internal/resources/samples")
_SPACES = re.compile(r"\s|\\[,:;!]")


class TrialFailed(Exception):
    """The app did not do what a person expects of it."""


class System(Protocol):
    """What is needed of `try_deb.Trial`. ask: the output of a script, "" when it fails."""

    root: Path

    def ask(self, script: str) -> str: ...

    def start(self, script: str) -> subprocess.Popen[str]: ...


class Desktop:
    """A screen, the app on it, and the hands of its user."""

    def __init__(self, system: System, display: str) -> None:
        self._system, self._display = system, display

    def ask(self, script: str) -> str:
        return self._system.ask(f"export DISPLAY={self._display}; {script}")

    def start(self, script: str) -> subprocess.Popen[str]:
        return self._system.start(f"export DISPLAY={self._display}; exec {script}")

    @contextlib.contextmanager
    def app(self) -> Iterator[tuple[subprocess.Popen[str], float]]:
        """Start the app and wait for its window; gives its process and the seconds until then. Ends it at last.

        Raises TrialFailed when it does not end well, too.
        """
        begin = time.monotonic()
        process = self.start("scipix")
        try:
            until(lambda: bool(self.ask(_WINDOW)) or process.poll() is not None, "a window of the app")
            yield process, time.monotonic() - begin
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
        if process.returncode != 0 or "Traceback" in output:
            raise TrialFailed(f"the app ended with {process.returncode}: {output}")

    def snip(self, picture: Path, ask_for_it: Callable[[], object]) -> tuple[str, float]:
        """Show a picture, ask for a snip, frame the picture; gives what is copied then, and after how many seconds."""
        width, height = png_size(self._system.root / picture)
        before = self.pasted()
        viewer = self.start(f"feh --borderless --geometry +{LEFT}+{TOP} /{picture}")
        try:
            until(lambda: bool(self.ask(f"xdotool search --onlyvisible --name {picture.name}")), "the picture")
            ask_for_it()
            until(self._is_dimmed, "the overlay")
            time.sleep(1)  # until it is painted
            self.ask(f"xdotool mousemove {LEFT} {TOP} mousedown 1 mousemove {LEFT + 40} {TOP + 20}")
            self.ask(f"xdotool mousemove {LEFT + width} {TOP + height} mouseup 1")
            begin = time.monotonic()
            until(lambda: self.pasted() not in ("", before), "LaTeX on the clipboard")
            return self.pasted(), time.monotonic() - begin
        finally:
            viewer.terminate()
            viewer.wait()

    def pasted(self) -> str:
        return self.ask("timeout 20 xclip -selection clipboard -out 2>/dev/null").strip()

    def _is_dimmed(self) -> bool:
        """The overlay covers the screen; it bears the same name as the window."""
        sizes = self.ask(f"for window in $({_WINDOW}); do xdotool getwindowgeometry $window; done")
        return f"Geometry: {SCREEN[0]}x{SCREEN[1]}" in sizes


@contextlib.contextmanager
def desktop(system: System) -> Iterator[Desktop]:
    """A screen in the system, until the end of the block."""
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    server = system.start(f"exec Xvfb -displayfd 1 -screen 0 {size} -nolisten tcp -noreset 2>/dev/null")
    try:
        assert server.stdout is not None
        number = server.stdout.readline().strip()
        if not number:
            raise TrialFailed("Xvfb did not start")
        yield Desktop(system, f":{number}")
    finally:
        server.terminate()
        server.wait()


def use(system: System, history: Path) -> None:
    """First start, a snip with the hotkey and one with `scipix snip`, second start; prints what a person would feel.

    history: the file of the recent list. Raises TrialFailed.
    """
    expected = tomllib.loads((system.root / _SAMPLES / "expected.toml").read_text("utf-8"))["picture"]
    with desktop(system) as screen:
        with screen.app() as (process, seconds):
            say(f"first start: {seconds:.2f} s to the window; idle with the welcome: {memory(process.pid)}")
            ways = (("the hotkey", f"xdotool key {HOTKEY}"), ("scipix snip", "scipix snip"))
            for (name, command), sample in zip(ways, expected, strict=False):
                latex, seconds = screen.snip(_SAMPLES / sample["file"], lambda command=command: screen.ask(command))
                if _SPACES.sub("", latex) != _SPACES.sub("", sample["latex"]):
                    raise TrialFailed(f"{name}: {latex} on the clipboard instead of {sample['latex']}")
                say(f"{name}, a drag: {latex} on the clipboard after {seconds:.2f} s")
            time.sleep(REST_S)
            say(f"after two readings: {memory(process.pid)}")
        if entries(history) != len(ways):
            raise TrialFailed(f"{entries(history)} entries in the recent list instead of {len(ways)}")
        start_again(screen)


def start_again(screen: Desktop) -> None:
    """Start, look, end. Raises TrialFailed."""
    with screen.app() as (process, seconds):
        say(f"start: {seconds:.2f} s to the window; idle: {memory(process.pid)}")


def until(done: Callable[[], bool], what: str) -> None:
    """Raises TrialFailed."""
    end = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > end:
            raise TrialFailed(f"no {what} within {PATIENCE_S:.0f} s")
        time.sleep(0.02)


def memory(process: int) -> str:
    """Resident memory once the process has come to rest, and its own share of it (what others use too is divided)."""
    wait_for_rest(process)
    fields = _table(Path(f"/proc/{process}/smaps_rollup").read_text())
    return f"{fields['Rss'] / 1000:.0f} MB resident, {fields['Pss'] / 1000:.0f} MB of it its own"


def wait_for_rest(process: int, seconds: float = 5.0) -> None:
    """Until the process has used next to no processor time, and waited for none, for so long; at most PATIENCE_S."""
    end, since, used = time.monotonic() + PATIENCE_S, time.monotonic(), processor_time(process)
    waiting = 0
    while time.monotonic() < end and time.monotonic() < since + seconds:
        time.sleep(0.1)
        waiting = waiting + 1 if wants_to_run(process) else 0
        if waiting > 5 or processor_time(process) > used + seconds / 50:
            since, used = time.monotonic(), processor_time(process)


def processor_time(process: int) -> float:
    """Seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def wants_to_run(process: int) -> bool:
    """A thread runs, or would run if a processor were free."""
    states = [_state(thread) for thread in Path(f"/proc/{process}/task").iterdir()]
    return "R" in states or "D" in states


def _state(thread: Path) -> str:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # it has ended
        return ""


def _table(text: str) -> dict[str, int]:
    """Name -> kB of a file such as smaps_rollup."""
    return {name: int(number) for name, number in re.findall(r"^(\w+): +(\d+) kB$", text, re.M)}


def entries(history: Path) -> int:
    """How many readings are kept."""
    with contextlib.closing(sqlite3.connect(f"file:{history}?mode=ro", uri=True)) as base:
        return int(base.execute("SELECT count(*) FROM entries").fetchone()[0])


def png_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height


def say(text: str) -> None:
    print(f"try: {text}", flush=True)
