#!/usr/bin/env python3
"""Measures two snipping programs side by side, on a screen that nobody sees (Linux; Xvfb, xdotool, xclip and feh):

    python3 packaging/compare.py PICTURE --program NAME FOLDER COMMAND [--program NAME FOLDER COMMAND] [--repeat 3]

FOLDER is what the program takes on the disk. COMMAND starts it and asks for a snip. Each time the program starts anew, in
a home folder of its own: how long until the screen waits for a drag, what memory it holds then, and how long it takes from
the end of the drag round the picture until there is text on the clipboard. What is on the disk besides (a system's Python,
Tesseract) is not counted.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from freeze import size_of
from linux.desktop_trial import SCREEN, Desktop, TrialFailed, desktop, png_size, until, wait_for_rest

# Where the picture stands: below the windows that the programs open.
LEFT, TOP = 100, 780
_HELPERS = ("Xvfb", "feh", "xclip", "xdotool", "sh", "timeout")


@dataclass(frozen=True, slots=True)
class Program:
    """folder: counted as its size on the disk."""

    name: str
    folder: Path
    command: str


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds, bytes, and what was read."""

    overlay: float
    memory: int
    copied: float
    text: str


class Here:
    """This system, with another home folder."""

    root = Path("/")

    def __init__(self, home: Path) -> None:
        self.home = home

    def ask(self, script: str) -> str:
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(["sh", "-c", script], env=self._env(), stdout=output, stderr=subprocess.DEVNULL)
            output.seek(0)
            return output.read() if done.returncode == 0 else ""

    def start(self, script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["sh", "-c", script], env=self._env(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def processes(self) -> list[int]:
        """Those of the program: whatever runs with this home folder and is none of ours."""
        mark = f"HOME={self.home}".encode()
        found = []
        for process in Path("/proc").iterdir():
            try:
                if mark in (process / "environ").read_bytes().split(b"\0") and _name(process) not in _HELPERS:
                    found.append(int(process.name))
            except (OSError, ValueError):  # another user's, ended, or no process
                continue
        return found

    def _env(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        return {**kept, "HOME": str(self.home), "QT_QPA_PLATFORM": "xcb"}


def _name(process: Path) -> str:
    return (process / "comm").read_text().strip()


def measure(program: Program, picture: Path) -> Run:
    """Start it, frame the picture, paste, end it. Raises TrialFailed."""
    with tempfile.TemporaryDirectory() as name, desktop(Here(Path(name))) as screen:
        here = Here(Path(name))
        viewer = screen.start(f"feh --borderless --geometry +{LEFT}+{TOP} {shlex.quote(str(picture))}")
        try:
            until(lambda: bool(screen.ask(f"xdotool search --onlyvisible --name {picture.name}")), "picture")
            begin = time.monotonic()
            screen.start(program.command)
            until(lambda: covers_the_screen(screen), f"overlay of {program.name}")
            overlay = time.monotonic() - begin
            time.sleep(1)
            for process in here.processes():
                wait_for_rest(process)
            memory = sum(map(own_memory, here.processes()))
            width, height = png_size(picture)
            # As slow as a hand: a drag within a millisecond is not seen as one by everybody.
            for step in (f"{LEFT} {TOP}", "mousedown", f"{LEFT + 40} {TOP + 20}", f"{LEFT + width} {TOP + height}"):
                screen.ask("xdotool mousedown 1" if step == "mousedown" else f"xdotool mousemove {step}")
                time.sleep(0.2)
            screen.ask("xdotool mouseup 1")
            begin = time.monotonic()
            until(lambda: bool(screen.pasted()) or not here.processes(), f"text of {program.name} on the clipboard")
            return Run(overlay, memory, time.monotonic() - begin, screen.pasted() or "(it found nothing and ended)")
        finally:
            viewer.terminate()
            viewer.wait()
            end(here)


def end(here: Here) -> None:
    """End what the program has started."""
    until(lambda: not [_signal(process) for process in here.processes()], "end of the program")


def _signal(process: int) -> None:
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        return


def covers_the_screen(screen: Desktop) -> bool:
    """Some window is as large as the screen."""
    sizes = screen.ask(
        "for window in $(xdotool search --onlyvisible --name .); do xdotool getwindowgeometry $window; done"
    )
    return f"Geometry: {SCREEN[0]}x{SCREEN[1]}" in sizes


def own_memory(process: int) -> int:
    """Bytes; of what is shared with other processes its part."""
    try:
        found = re.search(r"^Pss: +(\d+) kB$", Path(f"/proc/{process}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path)
    names = ("NAME", "FOLDER", "COMMAND")
    parser.add_argument("--program", nargs=3, action="append", required=True, metavar=names)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args(arguments)
    programs = [Program(name, Path(folder), command) for name, folder, command in given.program]
    runs: dict[str, list[Run]] = {program.name: [] for program in programs}
    try:
        for _ in range(given.repeat):  # by turns, so that a busy minute falls on all of them
            for program in programs:
                runs[program.name].append(measure(program, given.picture.resolve()))
    except TrialFailed as exc:
        print(f"compare: {exc}", file=sys.stderr)
        return 1
    for program in programs:
        found = runs[program.name]
        overlay, copied = (statistics.median(getattr(run, part) for run in found) for part in ("overlay", "copied"))
        memory = statistics.median(run.memory for run in found)
        size = size_of(program.folder) / 1e6
        print(
            f"{program.name}: {overlay:.2f} s to the overlay, {memory / 1e6:.0f} MB of memory, {size:.0f} MB on the disk,"
        )
        print(f"    {copied:.2f} s from the end of the drag to the clipboard: {found[-1].text}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
