from __future__ import annotations

from importlib.metadata import Distribution
from pathlib import Path

import pytest

from scipix.licenses import Notice, collect, notices, save

RESOURCES = Path(__file__).parents[1] / "resources"


@pytest.fixture(scope="module")
def found() -> dict[str, Notice]:
    return {notice.name.lower().replace("_", "-"): notice for notice in collect(RESOURCES)}


def test_every_component_has_a_license_text(found: dict[str, Notice]) -> None:
    assert {"numpy", "pillow", "pypdfium2", "pyside6-essentials", "python", "mathjax", "quickjs-ng"} <= set(found)
    assert [name for name, notice in found.items() if len(notice.text) < 150] == []


def test_tools_and_scipix_itself_are_no_components(found: dict[str, Notice]) -> None:
    assert not {"pytest", "ruff", "uv", "scipix-desktop"} & set(found)


def test_the_texts_are_the_right_ones(found: dict[str, Notice]) -> None:
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in found["pyside6-essentials"].text
    assert "may be replaced" in found["pyside6-essentials"].text
    assert "PYTHON SOFTWARE FOUNDATION" in found["python"].text.upper()
    assert "PDFium" in found["pypdfium2"].text or "The Chromium Authors" in found["pypdfium2"].text


def test_qt_is_under_its_free_license_where_the_wheel_brings_another(tmp_path: Path, monkeypatch) -> None:
    """PySide6's wheels for Windows hold the text of the commercial license only."""
    about = tmp_path / "pyside6_essentials-6.11.3.dist-info"
    (about / "licenses").mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.4\nName: PySide6_Essentials\nVersion: 6.11.3\n")
    (about / "licenses" / "LicenseRef-Qt-Commercial.txt").write_text("Licensees holding valid commercial licenses")
    (about / "RECORD").write_text(f"{about.name}/METADATA,,\n{about.name}/licenses/LicenseRef-Qt-Commercial.txt,,\n")
    package = Distribution.at(about)
    monkeypatch.setattr("scipix.licenses.distribution", lambda name: package)
    notice = next(notice for notice in collect(RESOURCES) if notice.name == "PySide6_Essentials")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in notice.text
    assert "commercial licenses" not in notice.text


def test_an_installed_app_shows_what_was_written_down(tmp_path: Path) -> None:
    written = [Notice("alpha", "1", "MIT", "text ü")]
    (tmp_path / "licenses").mkdir()
    save(written, tmp_path / "licenses" / "notices.json")
    assert notices(tmp_path) == written
