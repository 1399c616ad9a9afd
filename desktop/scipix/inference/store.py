"""Finds the files of a model and checks them against the manifest before they are used."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import scipix
from scipix.errors import ModelCorrupt, ModelMissing
from scipix.inference.manifest import Manifest, Model, ModelFile, load, sha256_of


@dataclass(frozen=True, slots=True)
class Verified:
    """A model whose files were there and right. files: role -> path."""

    model: Model
    files: dict[str, Path]

    def path(self, role: str) -> Path:
        """The file of that role; raises ModelCorrupt when the manifest names none."""
        if role not in self.files:
            raise ModelCorrupt(self.model.id, ", ".join(self.files) or "no files", f"no file for the {role}")
        return self.files[role]

    def digest(self, role: str) -> str:
        """SHA-256 of the file of that role; raises ModelCorrupt as `path` does."""
        self.path(role)
        return next(file.sha256 for file in self.model.files if file.role == role)


class Store:
    """The models folder. What was verified is remembered while the file's size and time stay the same - in memory only:
    a note on disk could be forged or go stale. Thread-safe."""

    def __init__(self, folder: Path, choose: Callable[[Model], Model] = lambda model: model) -> None:
        """choose: of a model's variants the one to use, see variants.py."""
        self.folder, self._choose = folder, choose
        self._verified: set[tuple[str, int, int, str]] = set()
        self._lock = threading.Lock()

    def manifest(self) -> Manifest:
        """Raises ModelMissing or ModelCorrupt."""
        return load(self.folder / "manifest.toml")

    def preferred(self, feature: str) -> Model:
        """The model to use for a feature, in the precision to use; raises ModelMissing or ModelCorrupt."""
        return self._choose(self.manifest().first(feature))

    def open(self, feature: str) -> Verified:
        """The preferred model of a feature, verified; raises ModelMissing or ModelCorrupt."""
        return self.verify(self.preferred(feature))

    def verify(self, model: Model) -> Verified:
        """Check every file of a model; raises ModelMissing or ModelCorrupt."""
        if _version(model.min_app) > _version(scipix.__version__):
            raise ModelCorrupt(model.id, self.folder, f"it needs Scipix {model.min_app} or newer")
        if not model.files:
            raise ModelCorrupt(model.id, self.folder, "the manifest names no files")
        return Verified(model, {file.role: self._check(model.id, file) for file in model.files})

    def _check(self, model_id: str, file: ModelFile) -> Path:
        path = self.folder / file.path
        if not path.is_file():
            raise ModelMissing(model_id, path)
        try:
            stat = path.stat()
            key = (str(path), stat.st_size, stat.st_mtime_ns, file.sha256)
            with self._lock:
                if key in self._verified:
                    return path
            if stat.st_size != file.size:
                raise ModelCorrupt(model_id, path, f"{stat.st_size} bytes instead of {file.size}")
            found = sha256_of(path)
        except OSError as exc:
            raise ModelCorrupt(model_id, path, f"it cannot be read: {exc}") from exc
        if found != file.sha256:
            raise ModelCorrupt(model_id, path, f"SHA-256 {found[:12]}... instead of {file.sha256[:12] or 'none'}...")
        with self._lock:
            self._verified.add(key)
        return path


def _version(text: str) -> tuple[int, ...]:
    return tuple(int("".join(c for c in part if c.isdigit()) or 0) for part in text.split("."))
