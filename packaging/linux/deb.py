"""The Debian package: dist/scipix in /opt, what the desktop needs in /usr/share, made by dpkg-deb alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from linux import desktop_files

PACKAGE = "scipix"
# What the frozen libraries and Qt's xcb and wayland plugins link to and do not bring, on Debian 12 and Ubuntu 24.04.
DEPENDS = (
    "libc6 (>= 2.36)",
    "libegl1",
    "libgl1",
    "libx11-6",
    "libx11-xcb1",
    "libxcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xinerama0",
    "libxcb-xkb1",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
    "libwayland-client0",
    "libwayland-cursor0",
    "libfontconfig1",
    "libdbus-1-3",
    "fonts-dejavu-core | fonts-liberation | fonts-noto-core",
)
RECOMMENDS = ("xdg-desktop-portal", "xdg-desktop-portal-gtk | xdg-desktop-portal-backend")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def build(tree: Path, stage: Path, out: Path, version: str, machine: str, compression: str = "xz") -> Path:
    """Make the package and return it. stage: with icons/ and licenses/. Raises CalledProcessError.

    Debian's rules want versions to begin with a digit and `~` before rc; a SemVer pre-release becomes that.
    """
    root = stage / "deb"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(tree, root / "opt" / PACKAGE, symlinks=True)
    link = root / "usr/bin/scipix"
    link.parent.mkdir(parents=True)
    link.symlink_to(f"/opt/{PACKAGE}/scipix")
    desktop_files.install(root / "usr/share", stage / "icons", version)
    notices = (stage / "licenses" / "THIRD-PARTY-NOTICES.txt").read_text("utf-8")
    documents = root / f"usr/share/doc/{PACKAGE}"
    documents.mkdir(parents=True)
    head = "Scipix Desktop, its models included, is under the Apache License, Version 2.0:\n"
    text = head + "/usr/share/common-licenses/Apache-2.0 on Debian systems.\n\n" + notices
    (documents / "copyright").write_text(text, "utf-8")
    number = version.replace("-", "~")
    (root / "DEBIAN").mkdir()
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    architecture = ARCHITECTURES[machine]
    (root / "DEBIAN/control").write_text(control(number, architecture, size), "utf-8")
    settle_modes(root)
    package = out / f"{PACKAGE}_{number}_{architecture}.deb"
    options = ["--root-owner-group", f"-Z{compression}", "--build", str(root), str(package)]
    subprocess.run(["dpkg-deb", *options], check=True)
    shutil.rmtree(root)
    return package


def control(version: str, architecture: str, size: int) -> str:
    """The control file. size: bytes when installed."""
    return "\n".join(
        (
            f"Package: {PACKAGE}",
            f"Version: {version}",
            f"Architecture: {architecture}",
            f"Maintainer: {maintainer(os.environ)}",
            f"Installed-Size: {-(-size // 1024)}",
            f"Depends: {', '.join(DEPENDS)}",
            f"Recommends: {', '.join(RECOMMENDS)}",
            "Section: math",
            "Priority: optional",
            "Description: turn formulas on the screen into LaTeX, offline",
            " Press a hotkey, drag a box around a formula on the screen, and paste LaTeX.",
            " Scipix reads it with models that come with it: nothing leaves the computer,",
            " and there is nothing to download.",
            "",
        )
    )


def maintainer(env: Mapping[str, str]) -> str:
    """Whoever makes the package, as Debian's own tools ask for it (DEBFULLNAME, DEBEMAIL).

    Without an address it is one that no mail can ever go to (RFC 2606): the field must not be empty.
    """
    name = env.get("DEBFULLNAME", "").strip() or "The Scipix developers"
    return f"{name} <{env.get('DEBEMAIL', '').strip() or 'nobody@scipix.invalid'}>"


def settle_modes(root: Path) -> None:
    """The same modes whatever the umask was."""
    for folder, _, names in os.walk(root):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
