"""Colors by role from resources/themes, one style sheet filled with them, and icons tinted at run time."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from scipix.gui.fonts import sans_font

# Device pixels at which icons are drawn; QIcon scales the next larger one down for sizes between.
_SIZES = (16, 18, 20, 24, 32, 40, 48, 64, 96)
# Icons that the style sheet names as files: role of the color -> icon.
_SHEET_ICONS = {
    "chevron": ("chevron-down", "text_muted"),
    "submenu": ("chevron-right", "text_muted"),
    "check": ("check", "accent_text"),
}


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colors; every theme has the same roles."""

    name: str
    dark: bool
    colors: Mapping[str, str]
    folder: Path

    def color(self, role: str) -> QColor:
        """The color of a role; KeyError for a role that no theme has."""
        return QColor(self.colors[role])

    def icon(self, name: str, role: str = "text", disabled: str = "text_disabled") -> QIcon:
        """resources/icons/<name>.svg in the color of a role, gray when its widget is disabled."""
        icon = QIcon()
        for mode, mode_role in ((QIcon.Mode.Normal, role), (QIcon.Mode.Disabled, disabled)):
            renderer = QSvgRenderer(QByteArray(self._svg(name, mode_role)))
            for size in _SIZES:
                icon.addPixmap(_draw(renderer, size), mode)
        return icon

    def pixmap(self, name: str, role: str, size: int, ratio: float) -> QPixmap:
        """An icon of `size` logical pixels for a screen of `ratio` device pixels each."""
        pixmap = _draw(QSvgRenderer(QByteArray(self._svg(name, role))), round(size * ratio))
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _svg(self, name: str, role: str) -> bytes:
        source = (self.folder / "icons" / f"{name}.svg").read_bytes()
        return source.replace(b"currentColor", self.colors[role].encode())

    def stylesheet(self, scratch: Path, points: float) -> str:
        """The style sheet of the app; the few icons that it names are written into `scratch`."""
        values = dict(self.colors)
        for key, (icon, role) in _SHEET_ICONS.items():
            path = scratch / f"{icon}-{self.name}.svg"
            path.write_bytes(self._svg(icon, role))
            values[f"icon_{key}"] = path.as_posix()
        values |= {"size": f"{points:g}pt", "size_small": f"{points * 0.88:g}pt", "size_large": f"{points * 1.5:g}pt"}
        template = (self.folder / "themes" / "app.qss").read_text(encoding="utf-8")
        return Template(template).substitute(values)


def load_theme(folder: Path, name: str) -> Theme:
    """Read <folder>/themes/<name>.toml; folder: the resources folder."""
    data = tomllib.loads((folder / "themes" / f"{name}.toml").read_text(encoding="utf-8"))
    return Theme(data["name"], data["dark"], data["colors"], folder)


def choose(wanted: str) -> str:
    """The theme to use for a setting: "light", "dark", or "system", which follows the desktop."""
    if wanted in ("light", "dark"):
        return wanted
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return "dark" if dark else "light"


def apply(app: QApplication, theme: Theme, scratch: Path, points: float) -> None:
    """Dress the whole app: Fusion, the palette, the fonts, the style sheet."""
    app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setFont(sans_font(points))
    app.setStyleSheet(theme.stylesheet(scratch, points))


def app_icon(folder: Path) -> QIcon:
    """The app's own mark, at every size."""
    renderer = QSvgRenderer(str(folder / "icons" / "scipix.svg"))
    icon = QIcon()
    for size in (*_SIZES, 128, 256):
        icon.addPixmap(_draw(renderer, size))
    return icon


def _draw(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    return pixmap


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: "window",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "panel",
        QPalette.ColorRole.AlternateBase: "window",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "bad",
        QPalette.ColorRole.Highlight: "selection",
        QPalette.ColorRole.HighlightedText: "text",
        QPalette.ColorRole.ToolTipBase: "toast",
        QPalette.ColorRole.ToolTipText: "toast_text",
        QPalette.ColorRole.PlaceholderText: "text_muted",
        QPalette.ColorRole.Link: "accent",
        QPalette.ColorRole.Accent: "accent",
        QPalette.ColorRole.Mid: "border",
        QPalette.ColorRole.Light: "raised_hover",
        QPalette.ColorRole.Dark: "border_strong",
        QPalette.ColorRole.Midlight: "border",
        QPalette.ColorRole.Shadow: "border_strong",
    }
    for role, name in roles.items():
        palette.setColor(role, theme.color(name))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.color("text_disabled"))
    return palette
