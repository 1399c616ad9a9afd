"""models/manifest.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from scipix.errors import ModelCorrupt, ModelMissing
from scipix.inference import manifest
from tests.inference.tiny import MANIFEST

REPOSITORY = Path(__file__).parents[2]


def write(folder: Path, text: str) -> Path:
    path = folder / "manifest.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_every_field(models: Path) -> None:
    model = manifest.load(models / "manifest.toml").get("tiny-v1")
    assert (model.feature, model.precision, model.license, model.min_app) == ("math", "fp32", "Apache-2.0", "0.1.0")
    assert [file.role for file in model.files] == ["encoder", "decoder"]
    assert all(len(file.sha256) == 64 and file.size > 1000 for file in model.files)


def test_update_changes_one_model_and_keeps_the_others(models: Path) -> None:
    path = models / "manifest.toml"
    other = MANIFEST.replace("schema = 1", "").replace("tiny-v1", "other-v1")
    write(models, path.read_text("utf-8") + other)
    before = manifest.load(path)
    (models / before.models[0].files[0].path).write_bytes(b"new")
    manifest.update(path, "tiny-v1")
    after = manifest.load(path)
    assert after.models[1] == before.models[1]
    assert after.models[0].files[1] == before.models[0].files[1]
    assert after.models[0].files[0].size == 3
    assert after.models[0].fingerprint != before.models[0].fingerprint


def test_the_command_prints_the_hashes(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert manifest.main([str(models / "manifest.toml"), "--update", "tiny-v1"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[2] for line in out] == ["weights/tiny-v1/encoder.onnx", "weights/tiny-v1/decoder.onnx"]
    assert manifest.main([str(models / "manifest.toml"), "--update", "nobody"]) == 4
    assert "nobody" in capsys.readouterr().err


def test_the_first_model_of_a_feature_is_preferred(tmp_path: Path) -> None:
    text = MANIFEST + MANIFEST.replace("schema = 1", "").replace("tiny-v1", "other-v1")
    found = manifest.load(write(tmp_path, text))
    assert found.first("math").id == "tiny-v1"
    with pytest.raises(ModelMissing):
        found.first("text")
    with pytest.raises(ModelMissing):
        found.get("nobody")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema = 1", "schema = 2"),
        ("schema = 1", "schema = "),
        ('id = "tiny-v1"', ""),
        ('"fp32"', '"fp8"'),
        ("weights/tiny-v1/encoder.onnx", "../../etc/passwd"),
        ("weights/tiny-v1/encoder.onnx", "/etc/passwd"),
        ("weights/tiny-v1/encoder.onnx", "C:/model.onnx"),
        ('role = "encoder"', 'role = "encoder"\nsize = -1'),
        ('role = "encoder"', 'role = "encoder"\nsha256 = "XY"'),
        ("[[model]]", "[model]"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in MANIFEST
    with pytest.raises(ModelCorrupt):
        manifest.load(write(tmp_path, MANIFEST.replace(old, new)))


def test_two_models_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="same id"):
        manifest.load(write(tmp_path, MANIFEST + MANIFEST.replace("schema = 1", "")))


def test_no_manifest_is_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        manifest.load(tmp_path / "manifest.toml")


def test_the_manifest_that_ships_can_be_read() -> None:
    for model in manifest.load(REPOSITORY / "models" / "manifest.toml").models:
        assert (
            {"encoder", "decoder"} <= {file.role for file in model.files} <= {"encoder", "decoder", "draft", "joined"}
        )
