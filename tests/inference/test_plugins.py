"""Providers that come as libraries of their own: found without loading them, loaded once."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from scipix.errors import BackendUnavailable
from scipix.inference.devices import this_machine
from scipix.inference.plugins import OPENVINO, WEBGPU, find_plugins, register


class FakeRuntime:
    """The calls of onnxruntime that load a plug-in. devices: how many each library brings."""

    __version__ = "1.31.1"

    def __init__(self, devices: int = 1) -> None:
        self.count, self.registered = devices, []

    def register_execution_provider_library(self, name: str, path: str) -> None:
        self.registered.append((name, path))

    def get_ep_devices(self) -> list[SimpleNamespace]:
        found = [SimpleNamespace(ep_name=WEBGPU) for _ in range(self.count)] if self.registered else []
        return [SimpleNamespace(ep_name="CPUExecutionProvider"), *found]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with a library in it; importing it would fail."""
    folder = tmp_path / "site" / "onnxruntime_ep_webgpu"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise SystemExit('imported')")
    (folder / "libonnxruntime_providers_webgpu.so").write_bytes(b"")
    info = folder.parent / "onnxruntime_ep_webgpu-0.4.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: onnxruntime-ep-webgpu\nVersion: 0.4.0\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def test_an_installed_package_is_found_and_not_imported(package: Path) -> None:
    (plugin,) = find_plugins()
    assert plugin.provider == WEBGPU
    assert Path(plugin.library).parent == package
    assert plugin.version == "0.4.0"
    assert "onnxruntime_ep_webgpu" not in sys.modules
    machine = this_machine()
    assert machine.offers(WEBGPU)
    assert machine.library(WEBGPU) == plugin.library


def test_a_package_without_its_library_is_none(package: Path) -> None:
    (package / "libonnxruntime_providers_webgpu.so").unlink()
    assert find_plugins() == ()


def test_a_named_library_goes_before_an_installed_one(package: Path, tmp_path: Path) -> None:
    named = tmp_path / "onnxruntime_providers_webgpu.dll"
    named.write_bytes(b"1")
    readme = tmp_path / "webgpu.txt"
    readme.write_text("")
    (plugin,) = find_plugins([readme, tmp_path / "openvino.so", named])
    assert plugin.library == str(named)
    named.write_bytes(b"22")
    assert find_plugins([named])[0].version != plugin.version


def test_nothing_installed() -> None:
    assert find_plugins() == ()
    assert this_machine().library(OPENVINO) == ""


def test_a_library_is_loaded_once() -> None:
    runtime = FakeRuntime(devices=2)
    assert len(register(runtime, WEBGPU, "/lib/w.so")) == 1
    register(runtime, WEBGPU, "/lib/w.so")
    assert runtime.registered == [(f"scipix.{WEBGPU}", "/lib/w.so")]


def test_a_library_without_a_device_is_no_use() -> None:
    with pytest.raises(BackendUnavailable, match=r"w\.so finds no device"):
        register(FakeRuntime(devices=0), WEBGPU, "/lib/w.so")


def test_an_onnxruntime_without_plug_ins() -> None:
    with pytest.raises(BackendUnavailable, match="plug-ins"):
        register(SimpleNamespace(__version__="1.20"), WEBGPU, "/lib/w.so")
