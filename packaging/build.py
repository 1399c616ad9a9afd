#!/usr/bin/env python3
"""Makes the packages of Scipix: python3 packaging/build.py KIND... [options].

    tree            the frozen app, dist/scipix; every other kind makes it first, and has it check itself
    deb             a Debian package (dpkg-deb); then, as root, it is installed in a clean Debian (debootstrap), used,
                    upgraded and removed there: packaging/linux/try_deb.py. --no-trial: only make it
    appimage        an AppImage (mksquashfs); --runtime FILE: the runtime of type 2 that it begins with
    flatpak-files   build/flatpak, what packaging/linux/org.scipix.Scipix.yml takes in
    portable        a .zip (Windows), .tar.gz (Linux)
    nsis            the installer for Windows (makensis); where SCIPIX_SIGN_COMMAND is set, that is run with the file of
                    the installer, and with the uninstaller before it is packed
    dmg             the disk image for macOS, signed and notarized where the secrets are there
    sums            SHA256SUMS and the bill of materials of what is in dist

--keep-tree: use dist/scipix as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import freeze
import sbom
from freeze import BUILD, DIST, ROOT, STAGE, TREE, BuildError, call, say, version
from linux import appimage, deb, desktop_files, try_deb

PACKAGES = (".deb", ".AppImage", ".zip", ".tar.gz", ".exe", ".dmg", ".cdx.json")


@dataclass(frozen=True, slots=True)
class Options:
    """runtime: for the AppImage. compression: of the .deb, as dpkg-deb -Z takes it. trial: try the .deb in a chroot
    with that suite of a mirror, None for the one that this system uses."""

    runtime: Path | None = None
    compression: str = "xz"
    trial: bool = True
    suite: str = "bookworm"
    mirror: str | None = None


def make_deb(options: Options) -> Path:
    package = deb.build(TREE, STAGE, DIST, version(), platform.machine(), options.compression)
    if options.trial:
        if reason := try_deb.missing():
            raise BuildError(f"{package} is made, but was not tried: {reason} (--no-trial leaves that out)")
        try:
            try_deb.run(package, BUILD / f"chroot-{options.suite}", options.suite, options.mirror)
        except try_deb.TrialFailed as exc:
            raise BuildError(f"{package} failed its trial: {exc}") from exc
    return package


def make_appimage(options: Options) -> Path:
    if options.runtime is None:
        raise BuildError("appimage needs --runtime FILE: the runtime of type 2 for this machine")
    try:
        return appimage.build(TREE, STAGE, DIST, version(), platform.machine(), options.runtime)
    except (appimage.NotARuntime, OSError) as exc:
        raise BuildError(str(exc)) from exc


def make_flatpak_files(options: Options) -> Path:
    folder = BUILD / "flatpak"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(TREE, folder / "scipix", symlinks=True)
    desktop_files.install(folder / "share", STAGE / "icons", version())
    return folder


def make_portable(options: Options) -> Path:
    name = f"scipix-{version()}-{platform.system().lower()}-{platform.machine().lower()}"
    kind = "zip" if sys.platform == "win32" else "gztar"
    add_notices()
    return Path(shutil.make_archive(str(DIST / name), kind, root_dir=DIST, base_dir=TREE.name))


def make_nsis(options: Options) -> Path:
    add_notices()
    target = DIST / f"Scipix-{version()}-setup.exe"
    compile_installer(TREE, target, STAGE / "icons", version(), os.environ.get("SCIPIX_SIGN_COMMAND", ""))
    return target


def compile_installer(tree: Path, target: Path, icons: Path, number: str, sign: str = "") -> None:
    """Run makensis over a tree. icons: made by packaging/icons.py. sign: a command that signs the file whose name comes
    after it, empty for none; without single quotes. Raises BuildError."""
    numbers = number.partition("-")[0]  # Windows knows three numbers and no pre-release
    given = {"VERSION": numbers, "FILES": f"{tree.resolve()}{os.sep}*", "OUT": target.resolve()}
    given |= {"ICON": icons.resolve() / "scipix.ico", "SIDE": icons.resolve() / "setup.bmp"}
    given |= {"SIGN": sign} if sign else {}
    words = [f"-D{name}={value}" for name, value in given.items()]
    # -WX: a warning is an error. -V2: say nothing else.
    call("makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *words, ROOT / "packaging" / "windows" / "scipix.nsi")


def make_dmg(options: Options) -> Path:
    target = DIST / f"Scipix-{version()}-arm64.dmg"
    call(ROOT / "packaging" / "macos" / "sign.sh", DIST / "Scipix.app", target)
    return target


def make_sums(options: Options) -> Path:
    sbom.write(STAGE / "licenses", DIST / f"scipix-{version()}-{sys.platform}.cdx.json", version())
    return write_sums(DIST)


def write_sums(folder: Path) -> Path:
    """SHA256SUMS of the packages in a folder, for `sha256sum --check`."""
    packages = sorted(path for path in folder.iterdir() if path.name.endswith(PACKAGES))
    target = folder / "SHA256SUMS"
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in packages]
    target.write_text("".join(lines), "utf-8")
    return target


def add_notices() -> None:
    """Beside the program: the other packages have a place of their own for them."""
    shutil.copy2(STAGE / "licenses" / "THIRD-PARTY-NOTICES.txt", TREE)


MAKERS: dict[str, Callable[[Options], Path]] = {
    "tree": lambda options: TREE,
    "deb": make_deb,
    "appimage": make_appimage,
    "flatpak-files": make_flatpak_files,
    "portable": make_portable,
    "nsis": make_nsis,
    "dmg": make_dmg,
    "sums": make_sums,
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="+", choices=list(MAKERS), metavar="KIND")
    parser.add_argument("--runtime", type=Path, help="the AppImage runtime")
    parser.add_argument("--compression", default="xz", help="of the .deb (default: xz; zstd is larger and much faster)")
    parser.add_argument("--keep-tree", action="store_true", help="use dist/scipix as it is")
    parser.add_argument("--no-trial", action="store_true", help="do not install and use the .deb")
    parser.add_argument("--suite", default="bookworm", help="the system to try it in (default: bookworm)")
    parser.add_argument("--mirror", help="where that system comes from (default: from where this one does)")
    given = parser.parse_args(arguments)
    options = Options(given.runtime, given.compression, not given.no_trial, given.suite, given.mirror)
    try:
        if not given.keep_tree:
            freeze.freeze()
        for kind in given.kinds:
            made = MAKERS[kind](options)
            size = freeze.size_of(made) if made.is_dir() else made.stat().st_size
            say(f"{kind}: {made} ({size / 1e6:.1f} MB)")
    except (BuildError, subprocess.CalledProcessError, OSError) as exc:
        say(f"failed: {exc}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
