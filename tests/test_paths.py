from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scipix.paths import default_paths

REPOSITORY = Path(__file__).parent.parent


def test_linux_follows_xdg_and_ignores_relative_folders() -> None:
    env = {"HOME": "/home/ada", "XDG_CONFIG_HOME": "/conf", "XDG_CACHE_HOME": "relative"}
    paths = default_paths(env, "linux")
    assert paths.config == Path("/conf/scipix")
    assert paths.data == Path("/home/ada/.local/share/scipix")
    assert paths.cache == Path("/home/ada/.cache/scipix")
    assert paths.settings_file == Path("/conf/scipix/settings.toml")


def test_windows_and_macos_have_their_own_places() -> None:
    windows = default_paths({"HOME": "/u", "APPDATA": "/u/roam", "LOCALAPPDATA": "/u/loc"}, "win32")
    assert (windows.config, windows.data, windows.cache) == (
        Path("/u/roam/scipix"),
        Path("/u/loc/scipix/data"),
        Path("/u/loc/scipix/cache"),
    )
    mac = default_paths({"HOME": "/Users/ada"}, "darwin")
    assert mac.config == mac.data == Path("/Users/ada/Library/Application Support/scipix")
    assert mac.cache == Path("/Users/ada/Library/Caches/scipix")


def test_models_are_those_of_the_checkout_unless_told() -> None:
    assert default_paths({"HOME": "/u"}).models == REPOSITORY / "models"
    assert default_paths({"HOME": "/u"}).resources == REPOSITORY / "resources"
    assert default_paths({"HOME": "/u", "SCIPIX_MODELS": "/m"}).models == Path("/m")


def test_libraries_of_providers_are_named_as_in_path() -> None:
    assert default_paths({"HOME": "/u"}).plugins == ()
    named = os.pathsep.join(["/lib/webgpu.so", "", "/lib/openvino.so"])
    plugins = default_paths({"HOME": "/u", "SCIPIX_PLUGINS": named}).plugins
    assert plugins == (Path("/lib/webgpu.so"), Path("/lib/openvino.so"))


def test_a_frozen_app_finds_what_it_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/scipix/_internal", raising=False)
    paths = default_paths({"HOME": "/u"})
    assert paths.models == Path("/opt/scipix/_internal/models")
    assert paths.resources == Path("/opt/scipix/_internal/resources")
