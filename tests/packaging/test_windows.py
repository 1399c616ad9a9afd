"""The installer's script and the script that tries it out, which needs Windows or Wine, tell the same story."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image
from windows import try_setup

import build
import freeze

TEXT = (freeze.ROOT / "packaging/windows/scipix.nsi").read_text("utf-8")
NAMES = dict(re.findall(r'^!define (\w+) "([^"]+)"$', TEXT, re.M))


def filled(text: str) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: NAMES.get(found[1], found[0]), text)


def offers(macro: str) -> set[tuple[str, str]]:
    return set(re.findall(rf'!insertmacro {macro} "(\.\w+)" "([^"]+)"', filled(TEXT)))


def test_what_is_offered_is_taken_back() -> None:
    assert len(offers("OFFER")) >= 9
    assert offers("OFFER") == offers("RETRACT")
    assert set(try_setup.OFFERED.items()) <= offers("OFFER")


def test_the_registry_is_looked_at_where_the_installer_writes() -> None:
    assert f"HKCU\\{filled(NAMES['UNINSTALL'])}" == try_setup.UNINSTALL
    assert f"HKCU\\{NAMES['RUN']}" == try_setup.RUN
    written = set(re.findall(r'HKCU "\$\{UNINSTALL\}" "(\w+)"', TEXT))
    assert {"DisplayName", "DisplayVersion", "QuietUninstallString"} <= written


def test_no_program_is_replaced_while_it_runs() -> None:
    waited = re.findall(r'!insertmacro WAIT_UNTIL_CLOSED "\w+" "(\w+)"', TEXT)
    assert sorted(f"{name}.exe" for name in waited) == sorted(2 * try_setup.PROGRAMS)
    assert f"SetErrorLevel {try_setup.IN_USE}" in TEXT


def test_every_other_registry_key_goes_with_the_program() -> None:
    """All keys and values that any section writes are deleted by the uninstaller, or lie below one that is."""
    script = filled(TEXT)
    written = re.findall(r'WriteReg\w+ HKCU "([^"]+)"', script)
    deleted = re.findall(r'DeleteRegKey HKCU "([^"]+)"', script) + re.findall(r'DeleteRegValue HKCU "([^"]+)"', script)
    assert written
    assert [key for key in written if not key.startswith(tuple(deleted))] == []


SIGNATURE = 200_000  # bytes, which no packing makes less
SIGNER = f"""\
import os, pathlib, sys
log, file = map(pathlib.Path, sys.argv[1:])
with log.open("a") as lines:
    print(file.read_bytes()[:2], file.stat().st_size, file, sep="|", file=lines)
with file.open("ab") as end:
    end.write(os.urandom({SIGNATURE}))
sys.exit(log.name == "refused")
"""


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A small tree, pictures, and a command that notes what it is to sign."""
    for name in ("tree", "icons"):
        (tmp_path / name).mkdir()
    (tmp_path / "tree" / "scipix.exe").write_bytes(b"MZ")
    Image.new("RGBA", (32, 32)).save(tmp_path / "icons" / "scipix.ico")
    Image.new("RGB", (164, 314)).save(tmp_path / "icons" / "setup.bmp")
    (tmp_path / "sign it.py").write_text(SIGNER)
    return tmp_path / "tree", tmp_path / "icons", tmp_path / "sign it.py"


@pytest.mark.skipif(shutil.which("makensis") is None, reason="needs makensis")
def test_installer_and_uninstaller_are_signed(parts: tuple[Path, Path, Path], tmp_path: Path) -> None:
    tree, icons, signer = parts
    log, target = tmp_path / "log", tmp_path / "setup of Scipix.exe"
    build.compile_installer(tree, target, icons, "1.2.3", f'"{sys.executable}" "{signer}" "{log}"')
    signed = [line.split("|") for line in log.read_text().splitlines()]
    assert [(start, Path(path) == target) for start, _, path in signed] == [("b'MZ'", False), ("b'MZ'", True)]
    plain = tmp_path / "not signed.exe"
    build.compile_installer(tree, plain, icons, "1.2.3")
    assert int(signed[1][1]) >= plain.stat().st_size + SIGNATURE  # what is packed is the signed uninstaller
    assert target.stat().st_size == int(signed[1][1]) + SIGNATURE


@pytest.mark.skipif(shutil.which("makensis") is None, reason="needs makensis")
def test_an_installer_that_could_not_be_signed_is_none(parts: tuple[Path, Path, Path], tmp_path: Path) -> None:
    tree, icons, signer = parts
    command = f'"{sys.executable}" "{signer}" "{tmp_path / "refused"}"'
    with pytest.raises(freeze.BuildError, match="makensis"):
        build.compile_installer(tree, tmp_path / "Scipix-setup.exe", icons, "1.2.3", command)
    assert (tmp_path / "refused").exists()  # it was asked


def test_the_command_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(build, "add_notices", lambda: None)
    monkeypatch.setattr(build, "compile_installer", lambda *words: given.append(words[-1]))
    monkeypatch.delenv("SCIPIX_SIGN_COMMAND", raising=False)
    build.make_nsis(build.Options())
    monkeypatch.setenv("SCIPIX_SIGN_COMMAND", "sign it")
    build.make_nsis(build.Options())
    assert given == ["", "sign it"]
