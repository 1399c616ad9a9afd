from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import PIL.Image
import PIL.ImageDraw
import pytest

from scipix.cli import selftest
from scipix.datatypes import Mode
from scipix.errors import ModelMissing
from scipix.inference.manifest import load as load_manifest
from scipix.paths import Paths, default_paths
from tests.cli.conftest import Terminal
from tests.fakes import FakeRecognizer, make_reading
from tests.pdfs import Sheet, make_pdf

SHIPPED = default_paths({})
SAMPLE = selftest.sample_pdf(SHIPPED)
ANSWERS = {picture.path.name: picture.latex for picture in selftest.pictures(SHIPPED)}
ANSWERS[f"{SAMPLE.path.name}, page 1"] = SAMPLE.latex


def ink(pixels: int) -> bytes:
    picture = PIL.Image.new("L", (100, 100), 255)
    PIL.ImageDraw.Draw(picture).rectangle((10, 10, 9 + pixels, 59), fill=0)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def good(terminal: Terminal) -> Terminal:
    """A terminal in which every check passes."""
    terminal.paths = replace(terminal.paths, models=SHIPPED.models, resources=SHIPPED.resources)
    terminal.recognizer = FakeRecognizer(lambda name: make_reading(ANSWERS[Path(name).name]))
    terminal.painted = ink(50)
    return terminal


def test_every_check_is_a_line_and_all_is_well(good: Terminal) -> None:
    assert good.run("doctor", "--self-test") == 0
    lines = good.results.splitlines()
    assert len(lines) == len(ANSWERS) + 5  # models, preview, pdf, recent list, settings
    assert all(line.startswith("ok    ") for line in lines)
    assert any(line.startswith("ok    pdf: 480 x 240 pixels, ink at 29, ") for line in lines)
    assert any(line.startswith("ok    read pdf: fake-v1") for line in lines)


def test_json_names_what_failed_and_goes_on(good: Terminal) -> None:
    good.painted = ink(1)
    assert good.run("doctor", "--self-test", "--json") == 1
    failed = [line for line in good.objects if not line["ok"]]
    assert [line["check"] for line in failed] == ["preview"]
    assert "blank" in failed[0]["detail"]
    assert good.objects[-1]["check"] == "settings"


def test_a_wrong_reading_fails(good: Terminal) -> None:
    good.recognizer = FakeRecognizer()
    assert good.run("doctor", "--self-test", "--json") == 1
    assert [line["check"] for line in good.objects if not line["ok"]] == [
        *(f"read {picture.path.name}" for picture in selftest.pictures(SHIPPED)),
        "read pdf",
    ]


def test_a_fault_of_ours_is_a_failed_check(good: Terminal) -> None:
    good.painted = b"no picture"
    assert good.run("doctor", "--self-test") == 1
    assert "FAIL  preview: a fault of Scipix" in good.results


def test_missing_resources_and_models_are_told(terminal: Terminal) -> None:
    terminal.painted = ink(50)
    assert terminal.run("doctor", "--self-test", "--json") == 1
    assert [line["ok"] for line in terminal.objects][:2] == [False, True]
    with pytest.raises(ModelMissing):
        selftest.models_are_covered(terminal.paths)


def test_every_model_that_ships_has_a_sample_and_a_mode() -> None:
    selftest.models_are_covered(SHIPPED)
    for model in load_manifest(SHIPPED.models / "manifest.toml").models:
        assert Mode(model.feature)


def test_a_model_without_a_sample_fails(tmp_path: Path) -> None:
    text = (SHIPPED.models / "manifest.toml").read_text("utf-8")
    (tmp_path / "manifest.toml").write_text(text.replace('feature = "math"', 'feature = "table"'), "utf-8")
    with pytest.raises(selftest.SelfTestFailed, match="no sample for table"):
        selftest.models_are_covered(replace(SHIPPED, models=tmp_path))


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (Sheet(240, 120, box=(29, 36.5, 180.5, 45.75)), None),
        (Sheet(240, 120, box=(29, 40, 180.5, 45.75)), "wrong"),
        (Sheet(240, 121, box=(29, 37.5, 180.5, 45.75)), "wrong"),
        (Sheet(240, 120, color="1 g"), "blank"),
    ],
)
def test_what_is_black_must_be_where_it_belongs(tmp_path: Path, sheet: Sheet, words: str | None) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf([sheet]))
    if words is None:
        assert "ink at 29, 37.5, 209.5, 83.5 points" in selftest.pdf_is_drawn(replace(SAMPLE, path=path))
    else:
        with pytest.raises(selftest.SelfTestFailed, match=words):
            selftest.pdf_is_drawn(replace(SAMPLE, path=path))


def test_a_pdf_that_is_gone_or_damaged_fails_its_checks_only(good: Terminal, tmp_path: Path) -> None:
    shutil.copytree(SHIPPED.resources / "samples", tmp_path / "samples")
    good.paths = replace(good.paths, resources=tmp_path)
    (tmp_path / "samples" / SAMPLE.path.name).write_bytes(b"%PDF-1.7")
    assert good.run("doctor", "--self-test", "--json") == 1
    assert [line["check"] for line in good.objects if not line["ok"]] == ["pdf", "read pdf"]
    (tmp_path / "samples" / SAMPLE.path.name).unlink()
    assert good.run("doctor", "--self-test", "--json") == 1
    assert "no such file" in next(line["detail"] for line in good.objects if line["check"] == "pdf")


def test_a_damaged_list_of_samples_fails(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED.resources / "samples", tmp_path / "samples")
    (tmp_path / "samples" / "expected.toml").write_text("picture = 1", "utf-8")
    paths: Paths = replace(SHIPPED, resources=tmp_path)
    with pytest.raises(selftest.SelfTestFailed):
        selftest.pictures(paths)
    with pytest.raises(selftest.SelfTestFailed):
        selftest.sample_pdf(paths)
