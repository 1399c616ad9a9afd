"""The AppImage: a runtime, which the caller brings, followed by a squashfs of the AppDir."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from linux import desktop_files

_ELF = b"\x7fELF"
_MARK = b"AI\x02"  # at byte 8 of a type 2 runtime; AppImage specification, "Image format"
APPRUN = """#!/bin/sh
# Started by the runtime, with APPDIR where it mounted the image.
here="${APPDIR:-$(dirname "$(readlink -f "$0")")}"
exec "$here/opt/scipix/scipix" "$@"
"""


class NotARuntime(ValueError):
    """The file is no AppImage runtime of type 2."""


def build(tree: Path, stage: Path, out: Path, version: str, machine: str, runtime: Path) -> Path:
    """Make the AppImage and return it. Raises NotARuntime, CalledProcessError."""
    head = runtime.read_bytes()
    if head[:4] != _ELF or head[8:11] != _MARK:
        raise NotARuntime(f"{runtime} is no AppImage runtime (type 2)")
    folder = make_appdir(tree, stage, version)
    image = stage / "appimage.squashfs"
    image.unlink(missing_ok=True)
    options = ["-root-owned", "-noappend", "-no-progress", "-comp", "zstd", "-mkfs-time", "0"]
    subprocess.run(["mksquashfs", str(folder), str(image), *options], check=True)
    target = out / f"Scipix-{version}-{machine}.AppImage"
    part = target.with_suffix(".part")  # nothing half made bears the name of the whole
    with image.open("rb") as squashed, part.open("wb") as stream:
        stream.write(head)
        shutil.copyfileobj(squashed, stream)
    part.chmod(0o755)
    part.replace(target)
    image.unlink()
    shutil.rmtree(folder)
    return target


def make_appdir(tree: Path, stage: Path, version: str) -> Path:
    """The folder that the image shows when it is mounted."""
    folder = stage / "AppDir"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tree, folder / "opt/scipix", symlinks=True)
    desktop_files.install(folder / "usr/share", stage / "icons", version)
    name = desktop_files.APP_ID
    desktop_files.copy(desktop_files.HERE / f"{name}.desktop", folder / f"{name}.desktop")
    desktop_files.copy(stage / "icons/scipix-256.png", folder / f"{name}.png")
    (folder / ".DirIcon").symlink_to(f"{name}.png")
    (folder / "AppRun").write_text(APPRUN, "utf-8")
    (folder / "AppRun").chmod(0o755)
    return folder
