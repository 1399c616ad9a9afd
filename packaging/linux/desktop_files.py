"""What a Linux desktop is given beside the program: the same for .deb, AppImage and Flatpak."""

from __future__ import annotations

import datetime
import gzip
import os
import shutil
import time
from pathlib import Path

APP_ID = "org.scipix.Scipix"
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def install(share: Path, icons: Path, version: str) -> None:
    """Fill a share folder. icons: made by packaging/icons.py."""
    for size in ICON_SIZES:
        copy(icons / f"scipix-{size}.png", share / f"icons/hicolor/{size}x{size}/apps/{APP_ID}.png")
    copy(ROOT / "resources/icons/scipix.svg", share / f"icons/hicolor/scalable/apps/{APP_ID}.svg")
    copy(HERE / f"{APP_ID}.desktop", share / f"applications/{APP_ID}.desktop")
    metainfo = share / f"metainfo/{APP_ID}.metainfo.xml"
    metainfo.parent.mkdir(parents=True, exist_ok=True)
    metainfo.write_text(filled(HERE / f"{APP_ID}.metainfo.xml", version), "utf-8")
    manual = share / "man/man1/scipix.1.gz"
    manual.parent.mkdir(parents=True, exist_ok=True)
    # mtime and no name: the same input gives the same package.
    manual.write_bytes(gzip.compress(filled(HERE / "scipix.1", version).encode(), mtime=0))


def filled(path: Path, version: str) -> str:
    """A template with the version and the day of the release."""
    return path.read_text("utf-8").replace("@VERSION@", version).replace("@DATE@", release_day())


def release_day() -> str:
    """Today, or the day that SOURCE_DATE_EPOCH names, as 2026-11-20."""
    seconds = float(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date().isoformat()


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)
