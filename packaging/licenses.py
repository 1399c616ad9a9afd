"""Writes the licenses of everything in the frozen app: python packaging/licenses.py FOLDER.

To be run in the environment that the app is frozen from. FOLDER gets notices.json, which the About box reads, and
THIRD-PARTY-NOTICES.txt, the same for people.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "desktop"))

from scipix.licenses import FILE, Notice, collect, save  # noqa: E402 - the checkout's, from the line above

FROZEN_WITH = ("pyinstaller",)  # its loader becomes a part of the app
RULE = "=" * 100


def write(folder: Path) -> list[Notice]:
    """Write both files. Raises SystemExit when a component comes without any text."""
    found = collect(ROOT / "resources", FROZEN_WITH)
    bare = [notice.name for notice in found if not notice.text]
    if bare:
        raise SystemExit(f"no license text for {', '.join(bare)}: name one in scipix/licenses.py")
    folder.mkdir(parents=True, exist_ok=True)
    save(found, folder / FILE)
    (folder / "THIRD-PARTY-NOTICES.txt").write_text(as_text(found), "utf-8")
    return found


def as_text(found: list[Notice]) -> str:
    """One document."""
    listing = "\n".join(f"  {notice.name} {notice.version}: {notice.license}" for notice in found)
    chapters = "\n".join(f"\n{RULE}\n{notice.name} {notice.version}\n{RULE}\n\n{notice.text}\n" for notice in found)
    return f"Scipix Desktop contains these works of others.\n\n{listing}\n{chapters}"


if __name__ == "__main__":
    for notice in write(Path(sys.argv[1])):
        print(f"{notice.name} {notice.version}: {notice.license}")
