#!/usr/bin/env python3
"""Installs, uses, upgrades and removes the installer for Windows: python packaging/windows/try_setup.py SETUP

    --wine           with Wine, which needs WINEPREFIX and a display (xvfb-run)
    --no-self-test   the programs inside do not work, as those of a tree that was put together elsewhere

Files, the start menu and the registry are looked at after every step. It is for a system that nobody needs, such as
that of a job in CI: an installed Scipix would be replaced and removed.
"""

from __future__ import annotations

import argparse
import getpass
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

UNINSTALL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Scipix"
RUN = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
CLASSES = r"HKCU\Software\Classes"
OFFERED = {".png": "Scipix.Picture", ".gif": "Scipix.Picture", ".pdf": "Scipix.Pdf"}
PROGRAMS = ("scipix.exe", "scipixw.exe")
IN_USE = 3  # what the installer ends with when it may not replace a running program
PATIENCE_S = 180.0


class TrialFailed(Exception):
    """The installer did not do what a person expects of it."""


@dataclass(frozen=True, slots=True)
class Computer:
    """wine: what comes before every program. home: the user's folder, as this process sees it."""

    wine: tuple[str, ...]
    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "AppData/Local/Programs/Scipix"

    @property
    def shortcut(self) -> Path:
        return self.home / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Scipix.lnk"

    def run(self, program: str | Path, *words: str) -> int:
        print(f"try: {Path(program).name} {' '.join(words)}", flush=True)
        return subprocess.run([*self.wine, str(program), *words], timeout=10 * PATIENCE_S).returncode

    def start(self, program: Path, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*self.wine, str(program), *words])

    def is_registered(self, key: str, *value: str) -> bool:
        """True when the registry has the key, or that value of it."""
        words = [*self.wine, "reg", "query", key, *(("/v", *value) if value else ())]
        return subprocess.run(words, capture_output=True).returncode == 0

    def forget(self, key: str) -> None:
        subprocess.run([*self.wine, "reg", "delete", key, "/f"], capture_output=True)

    def kill(self, program: str) -> None:
        subprocess.run([*self.wine, "taskkill", "/f", "/im", program], capture_output=True)


def this_computer(wine: bool) -> Computer:
    if not wine:
        return Computer((), Path.home())
    return Computer(("wine",), Path(os.environ["WINEPREFIX"]) / "drive_c/users" / getpass.getuser())


def expect(what: str, found: bool) -> None:
    """Raises TrialFailed."""
    if not found:
        raise TrialFailed(f"not so: {what}")


def look(computer: Computer, autostart: bool, offered: bool = True) -> None:
    """What an installed Scipix consists of. offered: for pictures and PDFs. Raises TrialFailed."""
    for name in (*PROGRAMS, "uninstall.exe", "_internal", "THIRD-PARTY-NOTICES.txt"):
        expect(f"{name} is installed", (computer.folder / name).exists())
    expect("the start menu has Scipix", computer.shortcut.is_file())
    for value in ("DisplayName", "DisplayVersion", "UninstallString", "QuietUninstallString", "EstimatedSize"):
        expect(f"Windows lists the program, with {value}", computer.is_registered(UNINSTALL, value))
    for suffix, kind in OFFERED.items():
        found = computer.is_registered(f"{CLASSES}\\{suffix}\\OpenWithProgids", kind)
        expect(f"Scipix being offered for {suffix} is {offered}", found == offered)
        found = computer.is_registered(f"{CLASSES}\\{kind}\\shell\\open\\command")
        expect(f"{kind} having a command is {offered}", found == offered)
    expect(f"starting with Windows is {autostart}", computer.is_registered(RUN, "Scipix") == autostart)


def install(computer: Computer, setup: Path, *words: str) -> None:
    code = computer.run(setup, "/S", *words)
    expect(f"the installer ends with 0, not {code}", code == 0)


def use(computer: Computer) -> None:
    code = computer.run(computer.folder / "scipix.exe", "doctor", "--self-test")
    expect(f"the self-test ends with 0, not {code}", code == 0)


def refuse_while_running(computer: Computer, setup: Path, name: str) -> None:
    """The installer touches nothing while one of the programs runs. Raises TrialFailed."""
    process = computer.start(computer.folder / name, "--hidden")
    try:
        time.sleep(8)
        expect(f"{name} runs", process.poll() is None)
        code = computer.run(setup, "/S")
        expect(f"an installer ends with {IN_USE} while {name} runs, not {code}", code == IN_USE)
        expect("and has left all in place", all((computer.folder / part).exists() for part in (*PROGRAMS, "_internal")))
    finally:
        computer.kill(name)
        process.kill()
        process.wait()


def remove(computer: Computer) -> None:
    """Raises TrialFailed when anything is left but what the user has put there."""
    code = computer.run(computer.folder / "uninstall.exe", "/S")
    expect(f"the uninstaller ends with 0, not {code}", code == 0)
    end = time.monotonic() + PATIENCE_S  # it works on as a copy of itself
    while computer.folder.exists() and time.monotonic() < end:
        time.sleep(0.5)
    left = sorted(path.name for path in computer.folder.rglob("*")) if computer.folder.exists() else []
    expect(f"nothing is left of the program: {left}", not computer.folder.exists())
    expect("the start menu has no Scipix", not computer.shortcut.exists())
    keys = (UNINSTALL, *(f"{CLASSES}\\{kind}" for kind in OFFERED.values()))
    expect("the registry has no Scipix", not any(map(computer.is_registered, keys)))
    for suffix, kind in OFFERED.items():
        found = computer.is_registered(f"{CLASSES}\\{suffix}\\OpenWithProgids", kind)
        expect(f"Scipix is not offered for {suffix}", not found)
    expect("Scipix does not start with Windows", not computer.is_registered(RUN, "Scipix"))


def try_out(computer: Computer, setup: Path, works: bool) -> None:
    """Everything. works: the programs inside can be used. Raises TrialFailed."""
    expect("there is no Scipix yet", not computer.folder.exists())
    own = computer.home / "AppData/Roaming/scipix/of-the-user.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("kept")
    install(computer, setup)
    look(computer, autostart=False)
    size = sum(path.stat().st_size for path in computer.folder.rglob("*") if path.is_file())
    print(f"try: {setup.name}: {setup.stat().st_size / 1e6:.1f} MB, installed {size / 1e6:.1f} MB", flush=True)
    if works:
        use(computer)
    stale = computer.folder / "_internal/of-an-older-version.dll"
    stale.write_text("stale")
    install(computer, setup, "/AUTOSTART=1")
    expect("an upgrade removes what the older version had", not stale.exists())
    look(computer, autostart=True)
    for name in PROGRAMS:
        refuse_while_running(computer, setup, name)
    for kind in set(OFFERED.values()):  # as if somebody had not wanted them
        computer.forget(f"{CLASSES}\\{kind}")
    install(computer, setup)
    look(computer, autostart=True, offered=False)
    if works:
        use(computer)
    remove(computer)
    expect("the user's own files are left", own.read_text() == "kept")
    own.unlink()
    print("try: installed, upgraded, removed: nothing left but the user's own files", flush=True)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("setup", type=Path)
    parser.add_argument("--wine", action="store_true")
    parser.add_argument("--no-self-test", action="store_true")
    given = parser.parse_args(arguments)
    try:
        try_out(this_computer(given.wine), given.setup.resolve(), not given.no_self_test)
    except TrialFailed as exc:
        print(f"try: failed: {exc}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
