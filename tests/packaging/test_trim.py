import pytest

import trim
from scipix.sources.images import FORMATS


@pytest.mark.parametrize(
    "path",
    [
        "onnxruntime/capi/libonnxruntime.so.1.31.1",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/xcbglintegrations/libqxcb-glx-integration.so",
        "PySide6/Qt/plugins/wayland-graphics-integration-client/libvulkan-server.so",
        "PySide6/Qt/plugins/wayland-shell-integration/libwl-shell-plugin.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "numpy-2.4.6.dist-info/RECORD",
        "PySide6/plugins/sqldrivers/qsqlite.dll",
        r"PySide6\plugins\tls\qopensslbackend.dll",
        "PySide6/Qt/translations/qtdeclarative_de.qm",
        "libQt6Quick.so.6",
        "libQt6EglFsKmsSupport.so.6",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PIL/_avif.cpython-311-x86_64-linux-gnu.so",
        "libgtk-3.so.0",
        "libssl.so.3",
        "PySide6/opengl32sw.dll",
        "PySide6/plugins/platforms/qdirect2d.dll",
        r"onnxruntime\capi\onnxruntime.dll",
    ],
)
def test_dead_weight_is_dropped(path: str) -> None:
    assert not trim.is_kept(path)


@pytest.mark.parametrize(
    "path",
    [
        "onnxruntime/capi/onnxruntime_pybind11_state.cpython-311-x86_64-linux-gnu.so",
        "onnxruntime/capi/onnxruntime_pybind11_state.pyd",
        "onnxruntime/capi/DirectML.dll",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "PySide6/Qt/plugins/platformthemes/libqxdgdesktopportal.so",
        "PySide6/Qt/plugins/wayland-shell-integration/libxdg-shell.so",
        "PySide6/Qt/plugins/wayland-decoration-client/libadwaita.so",
        "numpy-2.4.6.dist-info/METADATA",
        "PySide6/Qt/lib/libQt6Svg.so.6",
        "PySide6/Qt/lib/libQt6Network.so.6",
        "libcrypto.so.3",
        "PIL/_imaging.cpython-311-x86_64-linux-gnu.so",
        "resources/mathjax/mathjax.js",
        "pypdfium2_raw/libpdfium.so",
        "pypdfium2_raw/pdfium.dll",
        "pypdfium2_raw/libpdfium.dylib",
        "resources/samples/quadratic.pdf",
        "models/weights/math-v1/encoder.onnx",
    ],
)
def test_what_is_needed_stays(path: str) -> None:
    assert trim.is_kept(path)


def test_a_format_that_the_app_reads_keeps_its_decoder() -> None:
    assert "AVIF" not in FORMATS
    assert "WEBP" in FORMATS
    assert trim.is_kept("PIL/_webp.cpython-311-x86_64-linux-gnu.so")


def test_libraries_with_moved_headers_are_not_stripped() -> None:
    assert trim.is_stripped("_internal/libpython3.11.so.1.0")
    assert trim.is_stripped("_internal/PySide6/Qt/lib/libQt6Gui.so.6")
    assert trim.is_stripped("_internal/pypdfium2_raw/libpdfium.so")
    assert trim.is_stripped("_internal/python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so")
    assert not trim.is_stripped("_internal/numpy.libs/libscipy_openblas64_-32a4b2a6.so")
    assert not trim.is_stripped("_internal/pillow.libs/libtiff-20b7e810.so.6.3.0")


def test_libraries_that_nothing_links_to_are_dropped() -> None:
    links = {
        "/app": ["libuser.so.1"],
        "/user": ["libdeep-1a.so"],
        "/gio": ["libmount.so.1"],
        "/plugin": ["libQt6Core.so.6"],
    }
    entries = [
        ("numpy/core.so", "/app", "EXTENSION"),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/plugin", "BINARY"),
        ("libuser.so.1", "/user", "BINARY"),
        ("numpy.libs/libdeep-1a.so", "/deep", "BINARY"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("libpython3.11.so.1.0", "/python", "BINARY"),
        ("_quickjs.abi3.so", "/quickjs", "EXTENSION"),
    ]
    orphans = [
        ("libgio-2.0.so.0", "/gio", "BINARY"),
        ("libmount.so.1", "/mount", "BINARY"),
        ("pillow.libs/liblcms2-88.so", "/lcms", "BINARY"),
    ]
    assert trim.without_orphans(entries + orphans, lambda path: links.get(path, [])) == entries
