"""What PyInstaller collects and Scipix does not use. Paths are as in the frozen app, with forward slashes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

# Modules that something imports in a corner that Scipix never reaches.
EXCLUDED_MODULES = (
    "tkinter",
    "ssl",  # nothing here talks to the network
    "_ssl",
    "unittest",
    "pydoc",
    "doctest",
    "lib2to3",
    "setuptools",
    "pkg_resources",
    "numpy.f2py",
    "numpy.testing",
    "onnxruntime.backend",
    "onnxruntime.datasets",
    "onnxruntime.quantization",
    "onnxruntime.tools",
    "onnxruntime.transformers",
    "PIL.ImageTk",
    "PIL.ImageQt",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtSql",
    "PySide6.QtTest",
)
_PLUGINS = r"PySide6/(Qt/)?plugins/"
_DROPPED = re.compile(
    "|".join(
        (
            # A second copy of what onnxruntime_pybind11_state holds; needed by plugin providers only.
            r"onnxruntime/capi/libonnxruntime\.(so|dylib)[^/]*$",
            r"onnxruntime/capi/libonnxruntime\.[\d.]+\.dylib$",
            r"onnxruntime/capi/onnxruntime\.dll$",
            # The GTK theme drags GTK, cairo and pango along for a file dialog.
            _PLUGINS + r"platformthemes/libqgtk3",
            _PLUGINS + r"(sqldrivers|qmltooling|qmllint|designer|networkinformation|tls|vectorimageformats)/",
            _PLUGINS + r"(egldeviceintegrations|generic|printsupport)/",
            # Ways to draw with OpenGL, which would load the graphics driver into the process.
            _PLUGINS + r"(xcbglintegrations|wayland-graphics-integration-(client|server))/",
            _PLUGINS + r"imageformats/(lib)?q(pdf|icns|tga|tiff|wbmp|webp|gif)",
            _PLUGINS + r"platforms/(lib)?q(direct2d|eglfs|linuxfb|minimal|minimalegl|vkkhrdisplay|vnc|webgl)\.",
            # Ways to show a window that no desktop of today asks for; xdg-shell is the one.
            _PLUGINS + r"wayland-shell-integration/lib(wl-shell|ivi-shell|fullscreen-shell)",
            _PLUGINS + r"platforminputcontexts/(lib)?qtvirtualkeyboard",
            r"PySide6/(Qt/)?(qml|metatypes|resources|libexec)/",
            # Nothing installs a QTranslator: the app speaks English.
            r"PySide6/(Qt/)?translations/",
            # Sums of the files that pip has installed.
            r"\.dist-info/RECORD$",
            r"(^|/)(lib)?Qt6(Qml|Quick|Pdf|Sql|Test|Designer|Help|ShaderTools|VirtualKeyboard|EglFS|EglFs|WlShell)\w*\.",
            r"(^|/)Qt(Qml|Quick|Pdf|Sql|Test|Designer|Help|VirtualKeyboard)\w*(\.framework/|\.abi3)",
            # A software OpenGL; nothing is drawn with OpenGL.
            r"(^|/)opengl32sw\.dll$",
            # Pillow reads the formats of scipix.sources.images only.
            r"PIL/_(avif|imagingtk|imagingcms)\.",
            r"(^|/)libavif[-.]",
            r"(^|/)lib(gtk-3|gdk-3|cairo|cairo-gobject|pango[^/]*|atk[^/]*|gdk_pixbuf[^/]*|epoxy|tiff-gtk)[-.]",
            # What came along with GTK only, and with the ssl module.
            r"(^|/)lib(fribidi|thai|datrie|pixman-1|harfbuzz|graphite2|ssl)[-.]",
            r"(^|/)(tcl|tk)8",
        )
    )
)
# Libraries of the system, and of wheels, that lie there only because another library links to them (Linux).
_LOOSE = re.compile(r"(|[^/]+\.libs/|PySide6/Qt/lib/)lib(?!python)[^/]*\.so[^/]*")
# Stripping numpy's or Pillow's bundled libraries breaks them: auditwheel has moved their headers.
_STRIPPED = re.compile(
    r"((^|/)(libpython3|libpdfium|_quickjs|_xxhash|libQt6|QtCore|QtGui|QtWidgets|libicu)|/lib-dynload/)[^/]*\.so[^/]*$"
)


def is_kept(path: str) -> bool:
    """False for a file that the frozen app does without."""
    return _DROPPED.search(path.replace("\\", "/")) is None


def without_orphans(
    binaries: Iterable[tuple[str, str, str]], needs: Callable[[str], Iterable[str]]
) -> list[tuple[str, str, str]]:
    """PyInstaller's entries (path, source, kind) without the libraries that nothing links to any more.

    needs: the names of the libraries that a file links to. What `is_kept` has dropped leaves some behind.
    """
    kept = list(binaries)
    while True:
        wanted = {name for _, source, kind in kept if kind != "SYMLINK" for name in needs(source)}
        left = [entry for entry in kept if not _LOOSE.fullmatch(entry[0]) or PurePosixPath(entry[0]).name in wanted]
        if len(left) == len(kept):
            return kept
        kept = left


def is_stripped(path: str) -> bool:
    """True for a library that still works without its symbols (Linux)."""
    return _STRIPPED.search(path.replace("\\", "/")) is not None
