"""Where files are. The environment is read here and nowhere below."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scipix.errors import FolderUnusable

APP = "scipix"


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders, which may not exist yet.

    config: what the user chose. data: what the user made. cache: what can be made again. models: manifest.toml and
    weights. resources: icons, themes and the preview renderer's files. plugins: libraries of execution providers that the
    user names.
    """

    config: Path
    data: Path
    cache: Path
    models: Path
    resources: Path
    plugins: tuple[Path, ...] = ()

    def make_data(self) -> None:
        """Make the folder for what the user made. Raises FolderUnusable."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise FolderUnusable(f"the folder {self.data} cannot be made: {exc.strerror or exc}") from exc

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.toml"

    @property
    def history_file(self) -> Path:
        return self.data / "history.sqlite3"

    @property
    def results_file(self) -> Path:
        return self.cache / "results.sqlite3"

    @property
    def calibration_file(self) -> Path:
        return self.cache / "calibration.json"

    @property
    def mapped_folder(self) -> Path:
        """Graphs that are mapped into memory, see inference/mapped.py."""
        return self.cache / "models"

    @property
    def latency_folder(self) -> Path:
        return self.cache / "latency"


def default_paths(env: Mapping[str, str], platform: str = sys.platform) -> Paths:
    """The folders of this user on this system.

    env: HOME, XDG_* (Linux), APPDATA and LOCALAPPDATA (Windows); SCIPIX_MODELS replaces the models folder, SCIPIX_PLUGINS
    names libraries of execution providers, separated as in PATH. platform: as in sys.platform. Raises FolderUnusable for a
    user without a home.
    """
    home = _home(env)
    if platform == "win32":
        config = _folder(env, "APPDATA", home / "AppData" / "Roaming") / APP
        local = _folder(env, "LOCALAPPDATA", home / "AppData" / "Local") / APP
        data, cache = local / "data", local / "cache"
    elif platform == "darwin":
        config = data = home / "Library" / "Application Support" / APP
        cache = home / "Library" / "Caches" / APP
    else:
        config = _folder(env, "XDG_CONFIG_HOME", home / ".config") / APP
        data = _folder(env, "XDG_DATA_HOME", home / ".local" / "share") / APP
        cache = _folder(env, "XDG_CACHE_HOME", home / ".cache") / APP
    shipped = _shipped()
    models = _folder(env, "SCIPIX_MODELS", shipped / "models")
    plugins = tuple(Path(name) for name in env.get("SCIPIX_PLUGINS", "").split(os.pathsep) if name)
    return Paths(config, data, cache, models, resources(), plugins)


def resources() -> Path:
    """Icons, themes and the preview renderer's files, as in Paths.resources."""
    return _shipped() / "resources"


def _home(env: Mapping[str, str]) -> Path:
    try:
        return Path(env["HOME"]) if env.get("HOME") else Path.home()
    except RuntimeError as exc:  # a user whom the system does not know, as in containers
        raise FolderUnusable("this user has no home folder; name one with the variable HOME") from exc


def _folder(env: Mapping[str, str], name: str, default: Path) -> Path:
    """A folder named by a variable. The XDG rules say to ignore a relative path."""
    given = Path(env.get(name) or default)
    return given if given.is_absolute() or not name.startswith("XDG_") else default


def _shipped() -> Path:
    """What holds models/ and resources/: the unpacked bundle, the package (a wheel), or the checkout."""
    bundle = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's loader
    if bundle is not None:
        return Path(bundle)
    package = Path(__file__).resolve().parent
    checkout = package.parent.parent
    return checkout if (checkout / "pyproject.toml").is_file() else package
