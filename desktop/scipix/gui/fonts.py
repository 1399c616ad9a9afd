"""Which of the fonts that this machine has the app uses."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

_SANS = ("Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", ".AppleSystemUIFont", "Cantarell", "Noto Sans")
_MONO = ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "Noto Sans Mono", "DejaVu Sans Mono")


def sans_font(points: float) -> QFont:
    """The font of the app."""
    font = QFont([*families(_SANS), QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()])
    font.setPointSizeF(points)
    return font


def mono_font(points: float) -> QFont:
    """The font of LaTeX source."""
    font = QFont([*families(_MONO), QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSizeF(points)
    return font


def families(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the wanted font families that this machine has, in order."""
    present = set(QFontDatabase.families())
    return tuple(name for name in wanted if name in present or name.startswith("."))


def base_points() -> float:
    """Size of the app's text: that of the desktop, within what the layout was made for."""
    return min(13.0, max(10.0, QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).pointSizeF()))
