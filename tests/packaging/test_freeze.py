import ast
import sys
from pathlib import Path

import pytest

import freeze
import scipix


def program(folder: Path, *lines: str, code: int = 0) -> Path:
    """A program that prints lines and ends with a code."""
    path = folder / "program"
    path.write_text("#!/bin/sh\n" + "".join(f"echo '{line}'\n" for line in lines) + f"exit {code}\n")
    path.chmod(0o755)
    return path


def test_the_version_is_the_one_of_the_package() -> None:
    assert freeze.version() == scipix.__version__


def test_the_version_is_written_once() -> None:
    texts = [
        path
        for path in (freeze.ROOT / "packaging").rglob("*")
        if path.suffix in (".spec", ".nsi", ".xml", ".1", ".yml")
    ]
    assert texts
    for path in texts:
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(";")]
        assert scipix.__version__ not in "\n".join(lines), path


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the app")
def test_a_self_test_that_passes(tmp_path: Path, capsys) -> None:
    freeze.self_test(program(tmp_path, '{"check": "pdf", "ok": true, "detail": "1 page"}'))
    assert "pdf: ok: 1 page" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the app")
@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (['{"check": "pdf", "ok": false, "detail": "blank"}'], 1),
        (['{"check": "pdf", "ok": true, "detail": ""}'], 1),
        ([], 0),
        (["Traceback"], 1),
    ],
)
def test_a_self_test_that_fails_ends_the_build(tmp_path: Path, lines: list[str], code: int) -> None:
    with pytest.raises(freeze.BuildError):
        freeze.self_test(program(tmp_path, *lines, code=code))


def test_a_command_that_fails_or_is_missing_ends_the_build(tmp_path: Path) -> None:
    with pytest.raises(freeze.BuildError, match="ended with 3"):
        freeze.call(sys.executable, "-c", "raise SystemExit(3)")
    with pytest.raises(freeze.BuildError, match="cannot run"):
        freeze.call(tmp_path / "nothing")


def test_the_runtime_of_microsoft_is_laid_beside_the_program(tmp_path: Path) -> None:
    inside = tmp_path / "_internal"
    (inside / "PySide6").mkdir(parents=True)
    for name in freeze.MSVC_RUNTIME:
        (inside / "PySide6" / name).write_bytes(name.encode())
    freeze.add_msvc_runtime(tmp_path)
    assert all((inside / name).read_bytes() == name.encode() for name in freeze.MSVC_RUNTIME)
    (inside / "PySide6" / "msvcp140.dll").unlink()
    (inside / "msvcp140.dll").unlink()
    with pytest.raises(freeze.BuildError, match=r"msvcp140\.dll"):
        freeze.add_msvc_runtime(tmp_path)


def test_the_version_resource_is_an_expression() -> None:
    text = freeze.version_resource("1.2.3-rc1")
    ast.parse(text)
    assert "filevers=(1, 2, 3, 0)" in text
