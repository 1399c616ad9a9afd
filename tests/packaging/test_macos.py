import plistlib
import subprocess
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
