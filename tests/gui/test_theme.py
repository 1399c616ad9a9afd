import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from scipix.gui.theme import app_icon, choose, load_theme

ROOT = Path(__file__).parents[2]
RESOURCES = ROOT / "resources"
SOURCES = sorted((ROOT / "desktop" / "scipix" / "gui").rglob("*.py"))


def luminance(color: QColor) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, two: QColor) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_both_themes_have_the_same_roles():
    light, dark = load_theme(RESOURCES, "light"), load_theme(RESOURCES, "dark")
    assert set(light.colors) == set(dark.colors)
    assert (light.dark, dark.dark) == (False, True)
    assert all(QColor(value).isValid() for value in (*light.colors.values(), *dark.colors.values()))


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("text", "window"),
        ("text", "panel"),
        ("text_muted", "window"),
        ("text_muted", "sidebar"),
        ("text_muted", "panel"),
    ]
    + [
        ("accent_text", "accent"),
        ("good", "good_soft"),
        ("doubt", "doubt_soft"),
        ("bad", "bad_soft"),
        ("bad", "window"),
    ]
    + [("toast_text", "toast"), ("toast_link", "toast"), ("text", "selection"), ("text", "accent_soft")]
    + [(f"syntax_{part}", "panel") for part in ("command", "script", "number", "environment")],
)
def test_text_can_be_read(qapp, name, front, back):
    theme = load_theme(RESOURCES, name)
    assert contrast(theme.color(front), theme.color(back)) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_style_sheet_names_roles_and_files_that_exist(name, tmp_path):
    sheet = load_theme(RESOURCES, name).stylesheet(tmp_path, 10.0)
    assert "${" not in sheet
    for url in re.findall(r"url\(([^)]+)\)", sheet):
        assert Path(url).is_file()


def test_every_icon_and_color_that_the_code_names_exists():
    icons, roles = set(), set()
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        icons |= set(re.findall(r"\.(?:icon|pixmap)\(\s*\"([a-z-]+)\"", text))
        icons |= set(re.findall(r'(?:Button)\("[^"]*"(?:, "[^"]*")?, "([a-z-]+)", theme', text))
        icons |= set(re.findall(r'": \("([a-z-]+)", "[a-z_]+"\)', text))
        roles |= set(re.findall(r"\.color\(\"([a-z_]+)\"\)", text))
    present = {path.stem for path in (RESOURCES / "icons").glob("*.svg")}
    assert {"snip", "copy", "search", "chevron-right", "settings"} <= icons
    assert icons <= present
    assert roles <= set(load_theme(RESOURCES, "light").colors)


@pytest.mark.parametrize("path", sorted((RESOURCES / "icons").glob("*.svg")), ids=lambda path: path.stem)
def test_icons_draw_something_in_the_color_asked_for(qapp, path):
    theme = load_theme(RESOURCES, "light")
    icon = app_icon(RESOURCES) if path.stem == "scipix" else theme.icon(path.stem, "bad")
    picture = icon.pixmap(QSize(32, 32)).toImage()
    shown = [picture.pixelColor(x, y) for x in range(32) for y in range(32) if picture.pixelColor(x, y).alpha() > 250]
    assert shown
    if path.stem != "scipix":
        red = theme.color("bad")
        assert all(abs(one.red() - red.red()) < 8 for one in shown)


def test_a_theme_can_be_forced(qapp):
    assert choose("light") == "light"
    assert choose("dark") == "dark"
    assert choose("system") in {"light", "dark"}
