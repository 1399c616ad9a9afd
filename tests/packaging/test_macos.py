import plistlib
import subprocess
import sys
from pathlib import Path

import information
import pytest

import freeze
from scipix.gui.app import APP_ID

FOLDER = freeze.ROOT / "packaging" / "macos"


def test_the_user_is_told_why_the_screen_is_read() -> None:
    facts = information.plist("1.2.3")
    assert "stays on this Mac" in str(facts["NSScreenCaptureUsageDescription"])
    assert facts["CFBundleShortVersionString"] == "1.2.3"
    assert information.IDENTIFIER == APP_ID
    assert facts["LSBackgroundOnly"] is False
    plistlib.dumps(facts)


def test_pictures_and_pdfs_are_offered_to_the_app_and_nobody_is_ousted() -> None:
    kinds = information.plist("1.2.3")["CFBundleDocumentTypes"]
    assert isinstance(kinds, list)
    offered = [name for kind in kinds for name in kind["LSItemContentTypes"]]
    assert {"public.png", "com.adobe.pdf"} <= set(offered)
    assert {kind["LSHandlerRank"] for kind in kinds} == {"Alternate"}


def test_the_entitlements_are_a_property_list_without_the_network() -> None:
    given = plistlib.loads((FOLDER / "entitlements.plist").read_bytes())
    assert given["com.apple.security.cs.disable-library-validation"] is True
    assert not [name for name in given if "network" in name]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sh")), ids=lambda path: path.name)
def test_the_scripts_parse_and_stop_at_the_first_fault(path: Path) -> None:
    assert "set -euo pipefail" in path.read_text("utf-8")
    assert subprocess.run(["bash", "-n", str(path)]).returncode == 0
    assert path.stat().st_mode & 0o100


@pytest.fixture
def apple(tmp_path: Path) -> Path:
    """A folder for PATH with Apple's tools, which write down what they are asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("codesign", "hdiutil", "xcrun", "security", "uuidgen"):
        tool = folder / name
        tool.write_text(f'#!/bin/sh\necho "{name} $*" >>"$CALLS"\n[ {name} != uuidgen ] || echo secret\n')
        tool.chmod(0o755)
    return folder


def run_script(name: str, apple: Path, *words: str, **secrets: str) -> tuple[list[str], str]:
    """What the script asks of Apple's tools, and what it tells."""
    calls = apple.parent / "calls"
    env = {"PATH": f"{apple}:/usr/bin:/bin", "CALLS": str(calls), "RUNNER_TEMP": str(apple.parent), **secrets}
    done = subprocess.run([str(FOLDER / name), *words], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return calls.read_text().splitlines(), done.stderr


def bundle(folder: Path) -> Path:
    app = folder / "Scipix.app"
    for name in ("MacOS/scipix", "Frameworks/numpy core.so", "Frameworks/QtCore.framework/Versions/A/QtCore"):
        path = app / "Contents" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    return app


@pytest.mark.skipif(sys.platform != "linux", reason="shell scripts stand for Apple's tools")
def test_without_secrets_an_image_is_made_and_its_user_told(tmp_path: Path, apple: Path) -> None:
    calls, told = run_script("sign.sh", apple, str(bundle(tmp_path)), str(tmp_path / "Scipix.dmg"))
    assert [call.split()[0] for call in calls] == ["hdiutil"]
    assert "not signed" in told
    assert "not notarized" in told


@pytest.mark.skipif(sys.platform != "linux", reason="shell scripts stand for Apple's tools")
@pytest.mark.parametrize(("busy", "code"), [(2, 0), (3, 1)])
def test_a_busy_image_is_made_again_but_not_for_ever(tmp_path: Path, apple: Path, busy: int, code: int) -> None:
    (apple / "hdiutil").write_text(f'#!/bin/sh\necho >>"$CALLS"\n[ $(wc -l <"$CALLS") -gt {busy} ]\n')
    env = {"PATH": f"{apple}:/usr/bin:/bin", "CALLS": str(tmp_path / "calls"), "SCIPIX_PAUSE": "0"}
    words = [str(FOLDER / "sign.sh"), str(bundle(tmp_path)), str(tmp_path / "Scipix.dmg")]
    assert subprocess.run(words, env=env, capture_output=True).returncode == code
    assert (tmp_path / "calls").read_text().count("\n") == 3


@pytest.mark.skipif(sys.platform != "linux", reason="shell scripts stand for Apple's tools")
def test_what_lies_inside_is_signed_before_what_it_lies_in(tmp_path: Path, apple: Path) -> None:
    app, image = bundle(tmp_path), tmp_path / "Scipix.dmg"
    secrets = {f"SCIPIX_NOTARY_{name}": "x" for name in ("APPLE_ID", "TEAM_ID", "PASSWORD")}
    calls, told = run_script("sign.sh", apple, str(app), str(image), SCIPIX_SIGN_IDENTITY="Developer ID", **secrets)
    signed = [call.rpartition("/")[2] for call in calls if call.startswith("codesign --force")]
    assert signed == ["numpy core.so", "QtCore.framework", "Scipix.app", "Scipix.dmg"]
    order = [" ".join(call.split()[:2]) for call in calls if not call.startswith("codesign --force")]
    assert order == ["codesign --verify", "hdiutil create", "xcrun notarytool", "xcrun stapler"]
    assert told == ""


@pytest.mark.skipif(sys.platform != "linux", reason="shell scripts stand for Apple's tools")
def test_the_certificate_does_not_stay_on_the_disk(apple: Path) -> None:
    calls, _ = run_script("import_certificate.sh", apple, CERTIFICATE="Y2VydA==", CERTIFICATE_PASSWORD="p")
    assert any("import" in call and "scipix.p12" in call for call in calls)
    assert not (apple.parent / "scipix.p12").exists()
