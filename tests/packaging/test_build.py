import hashlib
import json
import shutil
import tomllib
from pathlib import Path

import pytest

import build
import freeze
import sbom
from linux import appimage

ICON = freeze.ROOT / "resources" / "icons"


def small_tree(folder: Path) -> Path:
    tree = folder / "scipix"
    (tree / "_internal" / "models").mkdir(parents=True)
    for name in ("scipix.exe", "scipixw.exe", "_internal/models/manifest.toml"):
        (tree / name).write_bytes(b"MZ" + name.encode())
    return tree


@pytest.mark.skipif(shutil.which("makensis") is None, reason="needs makensis")
def test_the_windows_installer_compiles_without_a_warning(tmp_path: Path) -> None:
    import PIL.Image

    PIL.Image.new("RGBA", (256, 256), "navy").save(tmp_path / "scipix.ico", sizes=[(16, 16), (32, 32), (256, 256)])
    PIL.Image.new("RGB", (328, 628), "navy").save(tmp_path / "setup.bmp")
    target = tmp_path / "Scipix-1.2.3-setup.exe"
    build.compile_installer(small_tree(tmp_path), target, tmp_path, "1.2.3-rc1")
    assert target.read_bytes()[:2] == b"MZ"
    assert target.stat().st_size > 50_000


def test_sums_are_those_of_the_packages(tmp_path: Path) -> None:
    (tmp_path / "b.deb").write_bytes(b"b")
    (tmp_path / "a.tar.gz").write_bytes(b"a")
    (tmp_path / "notes.txt").write_bytes(b"not a package")
    lines = build.write_sums(tmp_path).read_text().splitlines()
    assert lines == [f"{hashlib.sha256(x.encode()).hexdigest()}  {n}" for x, n in (("a", "a.tar.gz"), ("b", "b.deb"))]


def test_the_bill_names_libraries_and_model_files() -> None:
    notices = [
        {"name": "PySide6_Essentials", "version": "6.11", "license": "LGPL-3.0-only", "text": "..."},
        {"name": "MathJax", "version": "3.2.2", "license": "Apache-2.0", "text": "..."},
    ]
    models = tomllib.loads((freeze.ROOT / "models/manifest.toml").read_text("utf-8"))
    bill = json.loads(json.dumps(sbom.make(notices, models, "1.0")))
    assert bill["bomFormat"] == "CycloneDX"
    found = {part["name"]: part for part in bill["components"]}
    assert found["PySide6_Essentials"]["purl"] == "pkg:pypi/pyside6-essentials@6.11"
    assert found["MathJax"]["purl"].startswith("pkg:generic/")
    model = models["model"][0]
    files = found[model["id"]]["components"]
    assert [file["hashes"][0]["content"] for file in files] == [file["sha256"] for file in model["file"]]
    references = [part["bom-ref"] for part in bill["components"]]
    assert len(references) == len(set(references))


def test_an_appimage_needs_a_runtime(tmp_path: Path, capsys) -> None:
    assert build.main(["--keep-tree", "appimage"]) == 1
    assert "--runtime" in capsys.readouterr().out
    (tmp_path / "runtime").write_bytes(b"\x7fELF no runtime at all")
    with pytest.raises(appimage.NotARuntime):
        appimage.build(tmp_path, tmp_path, tmp_path, "1", "x86_64", tmp_path / "runtime")


def test_every_kind_is_explained() -> None:
    assert build.__doc__ is not None
    for kind in build.MAKERS:
        assert f"\n    {kind} " in build.__doc__
