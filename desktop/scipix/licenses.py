"""The licenses of what Scipix is made of besides itself, for the About box and the installers.

An installed app carries them as resources/licenses/notices.json, written by packaging/licenses.py. From a checkout they
are collected from the metadata of the installed packages, so that both show the same.
"""

from __future__ import annotations

import json
import platform
import re
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

OURS = "scipix-desktop"
FILE = "notices.json"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LICENSE_FILE = re.compile(r"(licen[cs]e|copying|notice|authors|third.?party)", re.IGNORECASE)
_TEXT_SUFFIXES = ("", ".txt", ".md")
# PySide6's wheels for Windows bring this one text, of a license that Scipix does not have.
_NOT_TAKEN = "LicenseRef-Qt-Commercial.txt"
# Wheels that name a license and do not bring its text: the files that hold it, below resources/licenses.
_TEXTS = {
    "flatbuffers": ("../mathjax/LICENSE",),
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "python-xlib": ("LGPL-2.1.txt",),
}
_QT_NOTE = (
    "Qt is used under the GNU Lesser General Public License, version 3. Its libraries lie as files of their own in the "
    "app's folder and may be replaced. The parts that Qt itself took from others are listed at "
    "https://doc.qt.io/qt-6/licenses-used-in-qt.html.\n\n"
)


@dataclass(frozen=True, slots=True)
class Notice:
    """One component. license: as its makers name it. text: all license files, one after another."""

    name: str
    version: str
    license: str
    text: str


def notices(resources: Path) -> list[Notice]:
    """All components, by name: those written down when the app was built, or those installed here."""
    path = resources / "licenses" / FILE
    if path.is_file():
        return [Notice(**entry) for entry in json.loads(path.read_text("utf-8"))]
    return collect(resources)


def save(found: Iterable[Notice], path: Path) -> None:
    """Write notices for `notices` to read. Raises OSError."""
    path.write_text(json.dumps([asdict(notice) for notice in found], indent=1, ensure_ascii=False), "utf-8")


def collect(resources: Path, extra: Iterable[str] = ()) -> list[Notice]:
    """The notices of the packages that Scipix needs, of Python and of MathJax. extra: names of further packages."""
    found = [_notice(package, resources) for package in _needed([OURS, *extra]) if _key(package) != OURS]
    found += [_python(), _mathjax(resources)]
    return sorted(found, key=lambda notice: notice.name.lower())


def _needed(names: Iterable[str]) -> Iterator[Distribution]:
    """The packages and what they require, as far as it is installed; extras are not followed."""
    queue, seen = list(names), set()
    while queue:
        name = queue.pop(0)
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another system
            continue
        if _key(package) in seen:
            continue
        seen.add(_key(package))
        yield package
        for line in package.requires or ():
            word = _NAME.match(line)
            if word and "extra ==" not in line:
                queue.append(word.group())


def _key(package: Distribution) -> str:
    return package.metadata["Name"].lower().replace("_", "-")


def _notice(package: Distribution, resources: Path) -> Notice:
    about = package.metadata
    fields = [value for name in ("License-Expression", "License") for value in about.get_all(name) or ()]
    named = next((value for value in fields if value and "\n" not in value), "")  # some put the whole text there
    if not named:
        classes = about.get_all("Classifier") or ()
        named = ", ".join(line.rpartition(" :: ")[2] for line in classes if line.startswith("License"))
    parts = [text for path in sorted(package.files or (), key=str) if (text := _text(package, str(path)))]
    key = _key(package)
    if not parts:
        parts = [(resources / "licenses" / name).read_text("utf-8") for name in _TEXTS.get(key, ())]
    note = _QT_NOTE if key == "pyside6-essentials" else ""
    return Notice(about["Name"], package.version, named or "see the text", note + "\n\n".join(dict.fromkeys(parts)))


def _text(package: Distribution, path: str) -> str:
    """The text of a license file, "" for any other file."""
    parts = path.split("/")
    if parts[-1] == _NOT_TAKEN:
        return ""
    if ".dist-info" in parts[0]:
        wanted = parts[1].lower() == "licenses" or (len(parts) == 2 and _LICENSE_FILE.match(parts[1]))
    else:  # onnxruntime's lie in its package
        wanted = len(parts) == 2 and _LICENSE_FILE.match(parts[1]) and Path(path).suffix in _TEXT_SUFFIXES
    target = Path(str(package.locate_file(path)))
    return target.read_text("utf-8", errors="replace").strip() if wanted and target.is_file() else ""


def _python() -> Notice:
    places = [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("data"))]
    files = [place / name for place in places for name in ("LICENSE.txt", "LICENSE")]
    text = next((file.read_text("utf-8", errors="replace") for file in files if file.is_file()), "")
    return Notice(
        "Python", platform.python_version(), "PSF-2.0", text.strip() or "https://docs.python.org/3/license.html"
    )


def _mathjax(resources: Path) -> Notice:
    folder = resources / "mathjax"
    notice = (folder / "NOTICE").read_text("utf-8")
    version = re.search(r"\d+\.\d+\.\d+", notice)
    text = notice + "\n\n" + (folder / "LICENSE").read_text("utf-8")
    return Notice("MathJax", version.group() if version else "3", "Apache-2.0", text)
