"""Files are checked before they are used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scipix.errors import ModelCorrupt, ModelMissing
from scipix.inference import store as store_module
from scipix.inference.store import Store


def encoder(models: Path) -> Path:
    return models / "weights" / "tiny-v1" / "encoder.onnx"


def test_gives_the_paths_of_a_good_model(models: Path) -> None:
    assert Store(models).open("math").path("encoder") == encoder(models)


def test_one_changed_byte_is_found(models: Path) -> None:
    data = bytearray(encoder(models).read_bytes())
    data[len(data) // 2] ^= 1
    encoder(models).write_bytes(data)
    with pytest.raises(ModelCorrupt, match="SHA-256"):
        Store(models).open("math")


def test_a_cut_file_is_found(models: Path) -> None:
    encoder(models).write_bytes(encoder(models).read_bytes()[:-1])
    with pytest.raises(ModelCorrupt, match="bytes instead of"):
        Store(models).open("math")


def test_a_missing_file_is_told_from_a_corrupt_one(models: Path) -> None:
    encoder(models).unlink()
    with pytest.raises(ModelMissing) as caught:
        Store(models).open("math")
    assert caught.value.path == encoder(models)


def test_hashes_once_until_the_file_changes(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []
    real = store_module.sha256_of
    monkeypatch.setattr(store_module, "sha256_of", lambda path: hashed.append(path) or real(path))
    store = Store(models)
    store.open("math")
    store.open("math")
    assert len(hashed) == 2
    os.utime(encoder(models), ns=(1, 1))
    store.open("math")
    assert hashed[2:] == [encoder(models)]
    assert sorted(path.name for path in models.iterdir()) == ["manifest.toml", "weights"]  # nothing noted on disk


def test_a_model_for_a_later_version_is_refused(models: Path) -> None:
    path = models / "manifest.toml"
    path.write_text(path.read_text("utf-8").replace('min_app = "0.1.0"', 'min_app = "99.10"'), encoding="utf-8")
    with pytest.raises(ModelCorrupt, match=r"99\.10"):
        Store(models).open("math")


def test_a_role_that_no_file_has(models: Path) -> None:
    with pytest.raises(ModelCorrupt, match="detector"):
        Store(models).open("math").path("detector")
