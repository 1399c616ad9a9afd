import configparser
import gzip
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from linux import appimage, deb, desktop_files
from scipix.cli.arguments import COMMANDS
from scipix.gui.app import APP_ID


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    (tmp_path / "icons").mkdir()
    for size in desktop_files.ICON_SIZES:
        (tmp_path / "icons" / f"scipix-{size}.png").write_bytes(b"png")
    (tmp_path / "licenses").mkdir()
    (tmp_path / "licenses/THIRD-PARTY-NOTICES.txt").write_text("numpy: BSD")
    return tmp_path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "_internal").mkdir(parents=True)
    (tree / "scipix").write_text("#!/bin/sh\necho ran\n")
    (tree / "scipix").chmod(0o700)
    (tree / "_internal" / "data").write_bytes(b"x" * 5000)
    return tree


def test_the_desktop_file_bears_the_name_that_portals_know() -> None:
    assert desktop_files.APP_ID == APP_ID
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(desktop_files.HERE / f"{APP_ID}.desktop", "utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Icon"] == APP_ID
    assert entry["Exec"] == "scipix %F"
    assert {"image/png", "application/pdf"} <= set(entry["MimeType"].split(";"))
    assert parser["Desktop Action snip"]["Exec"].split()[1] in COMMANDS


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils")
def test_the_desktop_file_is_valid() -> None:
    path = desktop_files.HERE / f"{APP_ID}.desktop"
    done = subprocess.run(["desktop-file-validate", str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_share_folder_is_complete(stage: Path) -> None:
    share = stage / "share"
    desktop_files.install(share, stage / "icons", "1.2.3")
    assert (share / f"icons/hicolor/48x48/apps/{APP_ID}.png").is_file()
    assert (share / f"icons/hicolor/scalable/apps/{APP_ID}.svg").is_file()
    release = ET.parse(share / f"metainfo/{APP_ID}.metainfo.xml").find("releases/release")
    assert release is not None
    assert release.get("version") == "1.2.3"
    assert "@" not in str(release.attrib)
    manual = gzip.decompress((share / "man/man1/scipix.1.gz").read_bytes()).decode()
    assert '"Scipix 1.2.3"' in manual
    assert [command for command in COMMANDS if f".BR {command} " not in manual] == []


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="needs appstream")
def test_the_metainfo_is_valid(stage: Path) -> None:
    desktop_files.install(stage / "share", stage / "icons", "1.2.3")
    path = stage / f"share/metainfo/{APP_ID}.metainfo.xml"
    # Without a home page, of which there is none yet, it complains but does not fail.
    done = subprocess.run(["appstreamcli", "validate", "--no-net", str(path)], capture_output=True, text=True)
    assert "E: " not in done.stdout


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg")
def test_the_debian_package_holds_everything(stage: Path, tree: Path) -> None:
    package = deb.build(tree, stage, stage, "1.2.3-rc1", "x86_64", "none")
    assert package.name == "scipix_1.2.3~rc1_amd64.deb"

    def ask(*words: str) -> str:
        return subprocess.run(["dpkg-deb", *words], capture_output=True, text=True, check=True).stdout

    assert ask("-f", str(package), "Version").strip() == "1.2.3~rc1"
    assert "libxcb-cursor0" in ask("-f", str(package), "Depends")
    assert int(ask("-f", str(package), "Installed-Size")) >= 5
    listing = [line.split(None, 5) for line in ask("-c", str(package)).splitlines()]
    found = {line[5]: line for line in listing}
    assert found["./opt/scipix/scipix"][:2] == ["-rwxr-xr-x", "root/root"]
    assert found["./opt/scipix/_internal/data"][0] == "-rw-r--r--"
    assert "./usr/bin/scipix -> /opt/scipix/scipix" in found
    assert "./usr/share/doc/scipix/copyright" in found
    assert f"./usr/share/applications/{APP_ID}.desktop" in found


def test_the_maintainer_is_whoever_makes_the_package() -> None:
    assert deb.maintainer({"DEBFULLNAME": "A. Packager", "DEBEMAIL": "a@example.org"}) == "A. Packager <a@example.org>"
    assert deb.maintainer({}).endswith(".invalid>")


@pytest.mark.skipif(shutil.which("mksquashfs") is None, reason="needs squashfs-tools")
def test_the_appimage_is_a_runtime_and_an_image(stage: Path, tree: Path) -> None:
    runtime = stage / "runtime"
    runtime.write_bytes(b"\x7fELF\x02\x01\x01\x00AI\x02" + b"\0" * 100)
    made = appimage.build(tree, stage, stage, "1.0", "x86_64", runtime)
    head, image = made.read_bytes()[:111], made.read_bytes()[111:]
    assert head == runtime.read_bytes()
    assert image[:4] == b"hsqs"
    assert made.stat().st_mode & 0o111


def test_apprun_starts_the_program(stage: Path, tree: Path) -> None:
    folder = appimage.make_appdir(tree, stage, "1.0")
    assert subprocess.run([folder / "AppRun"], capture_output=True, text=True).stdout == "ran\n"
    assert (folder / f"{APP_ID}.desktop").is_file()
    assert (folder / ".DirIcon").resolve().is_file()
