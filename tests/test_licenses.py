from __future__ import annotations

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


def test_an_installed_app_shows_what_was_written_down(tmp_path: Path) -> None:
    written = [Notice("alpha", "1", "MIT", "text ü")]
    (tmp_path / "licenses").mkdir()
    save(written, tmp_path / "licenses" / "notices.json")
    assert notices(tmp_path) == written
