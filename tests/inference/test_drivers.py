"""What drives the graphics cards, as three systems tell it."""

from __future__ import annotations

import pytest

from scipix.inference.drivers import driver_line

CLOSED = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024\nGCC version: 12.2\n"
OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (dvs-builder)\n"


@pytest.mark.parametrize(
    ("text", "line"), [(CLOSED, "NVIDIA 550.54.14"), (OPEN, "NVIDIA 570.86.15"), ("", "linux 6.1.0")]
)
def test_linux(text: str, line: str) -> None:
    assert driver_line("linux", nvidia=lambda: text, release=lambda: "6.1.0") == line


def test_macos() -> None:
    assert driver_line("macos", release=lambda: "15.1") == "macos 15.1"


def test_windows_tells_every_card_once() -> None:
    cards = [
        ("NVIDIA RTX 4060", "32.0.15.6094"),
        ("Intel Iris Xe", "31.0.101.5186"),
        ("Intel Iris Xe", "31.0.101.5186"),
    ]
    line = driver_line("windows", adapters=lambda: iter(cards))
    assert line == "Intel Iris Xe 31.0.101.5186, NVIDIA RTX 4060 32.0.15.6094"
    assert driver_line("windows", adapters=lambda: iter([])) == ""


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_the_real_question_never_fails(system: str) -> None:
    assert isinstance(driver_line(system), str)
