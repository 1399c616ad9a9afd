"""Graphs that are mapped into memory instead of being read.

onnxruntime parses, optimizes and copies an .onnx file at every load. The first load on a computer writes what came out
of that, in onnxruntime's own format, into the cache folder; later ones map it: the weights stay pages of the file, which
the system shares between processes and takes back when memory runs short. Measured with math-v1 in a new process,
the SHA-256 of every file included: 35 instead of 71 ms, and 6 instead of 39 MB of its own memory before what loading
freed is given back; every output is the same, bit for bit.

Such a file fits one processor (its vectors decide how weights are laid out) and one version of onnxruntime. Its name
tells what it was made from and what it holds: `<what it was made from>-<SHA-256 of its bytes>.ort`, so that a damaged
or an outdated one is never used.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scipix.inference.devices import Machine
from scipix.inference.manifest import sha256_of
from scipix.inference.providers import CPU, Candidate
from scipix.inference.runtime import load_onnxruntime
from scipix.inference.sessions import make_onnx_session, run_faults

_log = logging.getLogger(__name__)

# Versions of onnxruntime before 1.27 do not know the first and read the file at once.
_MAP = {"session.use_memory_mapped_ort_model": "1", "session.use_ort_model_bytes_for_initializers": "1"}
_SAVE = {"session.save_model_format": "ORT"}
_KEPT = 16  # files; the oldest go
_WRITTEN_S = 3600  # more than it takes to write one

MakeSession = Callable[[Path, Candidate, int, Mapping[str, int]], Any]


@dataclass(frozen=True, slots=True)
class Mapped:
    """The folder of such files on this computer."""

    folder: Path
    machine: Machine

    def maker(self, digest: str) -> MakeSession:
        """For `Graph`: makes sessions of the file with that SHA-256, mapped where that can be done. On other providers
        than the CPU, and with fixed axes, it reads the file."""

        def make(path: Path, candidate: Candidate, threads: int, dimensions: Mapping[str, int]) -> Any:
            if candidate.provider != CPU or dimensions:
                return make_onnx_session(path, candidate, threads, dimensions)
            return self._open(path, candidate, threads, digest)

        return make

    def _open(self, path: Path, candidate: Candidate, threads: int, digest: str) -> Any:
        key = self.key(digest)
        faults = (*run_faults(), RuntimeError, ValueError, OSError)
        if (known := self._find(key)) is not None:
            try:
                return make_onnx_session(known, candidate, threads, {}, _MAP)
            except faults as exc:
                _log.info("%s cannot be used: %s", known, exc)
        try:
            return self._make(path, candidate, threads, key)
        except faults as exc:  # a full disk, a folder that may not be written; or the model itself, which fails again
            _log.info("%s is not kept for mapping: %s", path, exc)
        return make_onnx_session(path, candidate, threads, {})

    def key(self, digest: str) -> str:
        """Another one whenever the model's file, the processor or onnxruntime changes."""
        computer = [self.machine.system, self.machine.arch, asdict(self.machine.cpu)]
        facts = json.dumps([digest, computer, str(load_onnxruntime().__version__)])
        return hashlib.sha256(facts.encode()).hexdigest()[:32]

    def _find(self, key: str) -> Path | None:
        """The file that was kept, when it is whole; one that is not is deleted."""
        for path in sorted(self.folder.glob(f"{key}-*.ort")):
            try:
                if path.stem == f"{key}-{sha256_of(path)}":
                    return path
                path.unlink()
            except OSError as exc:
                _log.info("%s cannot be used: %s", path, exc)
        return None

    def _make(self, path: Path, candidate: Candidate, threads: int, key: str) -> Any:
        """Load the .onnx file, keep what came out of it, and map that."""
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"{key}-{os.getpid()}.part"
        try:
            make_onnx_session(path, candidate, threads, {}, _SAVE, part)
            kept = self.folder / f"{key}-{sha256_of(part)}.ort"
            os.replace(part, kept)
        finally:
            part.unlink(missing_ok=True)
        self._prune()
        return make_onnx_session(kept, candidate, threads, {}, _MAP)

    def _prune(self) -> None:
        """Delete the oldest of too many, and what processes have left that were killed while they wrote. One that is in
        use stays readable for its user, or cannot be deleted."""
        files = sorted(self.folder.glob("*.ort"), key=lambda path: path.stat().st_mtime)
        long_ago = time.time() - _WRITTEN_S
        left = [path for path in self.folder.glob("*.part") if path.stat().st_mtime < long_ago]
        for path in [*files[:-_KEPT], *left]:
            try:
                path.unlink()
            except OSError as exc:
                _log.info("%s stays: %s", path, exc)
