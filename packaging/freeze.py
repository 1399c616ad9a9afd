"""Makes the frozen app in dist/scipix, and uses it once: the first step of every kind of package.

The app is frozen from an environment of its own, build/package-venv, made from uv.lock.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import trim
from linux import icu

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
DIST = ROOT / "dist"
TREE = DIST / "scipix"
STAGE = BUILD / "package"
VENV = BUILD / "package-venv"
_SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = _SCRIPTS / ("python.exe" if os.name == "nt" else "python")
PROGRAM = "scipix.exe" if os.name == "nt" else "scipix"
# What onnxruntime and Qt link to on Windows; PySide6 brings its own copies.
MSVC_RUNTIME = ("msvcp140.dll", "msvcp140_1.dll", "vcruntime140.dll", "vcruntime140_1.dll")


class BuildError(Exception):
    """The message says what to do."""


def say(text: str) -> None:
    print(f"build: {text}", flush=True)


def call(*command: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run a command. Raises BuildError when it fails or is not there."""
    words = [str(part) for part in command]
    say("$ " + " ".join(words))
    try:
        done = subprocess.run(words, env=env, cwd=cwd)
    except OSError as exc:
        raise BuildError(f"cannot run {words[0]}: {exc}") from exc
    if done.returncode != 0:
        raise BuildError(f"{words[0]} ended with {done.returncode}")


def version() -> str:
    """The one version: scipix.__version__."""
    found = re.search(r'^__version__ = "([^"]+)"$', (ROOT / "desktop/scipix/__init__.py").read_text("utf-8"), re.M)
    if found is None:
        raise BuildError("desktop/scipix/__init__.py names no version")
    return found[1]


def find_uv() -> str:
    """uv, which bootstrap.py brings where it is missing. Raises BuildError."""
    own = ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin") / ("uv.exe" if os.name == "nt" else "uv")
    if own.is_file():
        return str(own)
    if (found := shutil.which("uv")) is not None:
        return found
    call(sys.executable, ROOT / "bootstrap.py", "setup")
    if not own.is_file():
        raise BuildError("uv is missing, and `python3 bootstrap.py setup` did not bring it")
    return str(own)


def freeze() -> Path:
    """Build dist/scipix and check it. Returns the tree. Raises BuildError."""
    env = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(VENV)}
    env.pop("VIRTUAL_ENV", None)
    call(find_uv(), "sync", "--locked", "--no-default-groups", "--group", "package", env=env)
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir(parents=True)
    call(PYTHON, ROOT / "packaging" / "icons.py", STAGE / "icons")
    call(PYTHON, ROOT / "packaging" / "licenses.py", STAGE / "licenses")
    if sys.platform == "win32":
        (STAGE / "version.txt").write_text(version_resource(version()), "utf-8")
    spec_env = {**os.environ, "SCIPIX_STAGE": str(STAGE), "PYTHONHASHSEED": "0"}
    spec_env["PYTHONPATH"] = str(ROOT / "packaging" / "macos")
    options = ["--noconfirm", "--log-level", "WARN", "--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller")]
    call(PYTHON, "-m", "PyInstaller", *options, ROOT / "packaging" / "scipix.spec", env=spec_env)
    if sys.platform.startswith("linux"):
        shrink(TREE)
    if sys.platform == "win32":
        add_msvc_runtime(TREE)
    say(f"{TREE}: {size_of(TREE) / 1e6:.0f} MB")
    self_test(TREE / PROGRAM)
    return TREE


def shrink(tree: Path) -> None:
    """Remove the symbols of the large libraries, and data of ICU that Qt does not ask for. Raises BuildError."""
    if not all(map(shutil.which, ("strip", "ld", "objcopy"))):
        say("binutils are missing: the symbols and all of ICU stay, some 55 MB")
        return
    for path in sorted(tree.rglob("*.so*")):
        if path.is_file() and not path.is_symlink() and trim.is_stripped(path.relative_to(tree).as_posix()):
            subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)
    for path in tree.rglob("libicudata.so.*"):
        if path.is_file() and not path.is_symlink():
            try:
                icu.shrink(path)
            except icu.NotIcuData as exc:
                raise BuildError(f"{path}: {exc}") from exc


def add_msvc_runtime(tree: Path) -> None:
    """Lay Microsoft's runtime beside the program where PyInstaller did not. Raises BuildError."""
    inside = tree / "_internal"
    for name in MSVC_RUNTIME:
        if (inside / name).is_file():
            continue
        copies = sorted(inside.rglob(name))
        if not copies:
            raise BuildError(f"{name} is nowhere in the tree")
        shutil.copy2(copies[0], inside / name)


def self_test(program: Path) -> None:
    """Have the frozen app check itself. Raises BuildError."""
    command = [str(program), "doctor", "--self-test", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    try:
        checks = [json.loads(line) for line in done.stdout.splitlines()]
    except ValueError as exc:
        raise BuildError(f"the self-test said: {done.stdout}{done.stderr}") from exc
    for check in checks:
        say(f"self-test: {check['check']}: {'ok' if check['ok'] else 'FAILED'}: {check['detail']}")
    if done.returncode != 0 or not checks or not all(check["ok"] for check in checks):
        raise BuildError(f"the frozen app failed its self-test (exit code {done.returncode}) {done.stderr}")


def size_of(tree: Path) -> int:
    """Bytes of all files; links count nothing."""
    return sum(path.stat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink())


def version_resource(number: str) -> str:
    """What Windows shows under Properties, Details, in PyInstaller's notation."""
    parts = (*(int(part) for part in re.findall(r"\d+", number)[:3]), 0)
    strings = {
        "CompanyName": "The Scipix developers",
        "FileDescription": "Scipix",
        "FileVersion": number,
        "InternalName": "scipix",
        "LegalCopyright": "Apache License 2.0",
        "OriginalFilename": "scipix.exe",
        "ProductName": "Scipix",
        "ProductVersion": number,
    }
    table = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in strings.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={parts}, prodvers={parts}, mask=0x3F, flags=0, OS=0x40004, "
        "fileType=1, subtype=0, date=(0, 0)), kids=[StringFileInfo([StringTable('040904B0', "
        f"[{table}])]), VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )
