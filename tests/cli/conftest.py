"""The command line in this process, with a fake recognizer."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from scipix.__main__ import shielded
from scipix.cli.main import main
from scipix.cli.programs import BenchRequest, Programs, Streams
from scipix.inference.features import FeatureOptions, Features
from scipix.inference.latency import Latency
from scipix.inference.store import Store
from scipix.paths import Paths
from tests.fakes import FakeModel, FakeRecognizer


@dataclass
class Terminal:
    """Runs commands and keeps what they wrote. calls: which programs were started, with what."""

    paths: Paths
    recognizer: FakeRecognizer = field(default_factory=FakeRecognizer)
    calls: list[Any] = field(default_factory=list)
    rows: Sequence[Mapping[str, Any]] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    painted: bytes = b""
    latency: Latency = field(default_factory=Latency)
    enabled: frozenset[str] = frozenset()
    loaders: tuple[str, ...] = ("math",)
    notes: tuple[str, ...] = ()
    results: str = ""
    messages: str = ""

    def run(self, *arguments: object, source: bytes = b"") -> int:
        streams = Streams(io.BytesIO(source), io.StringIO(), io.StringIO())
        given = (self._open, self._app, self._snip, self._bench, self._facts, self._desktop, shielded, self._paint)
        programs = Programs(*given, self._open_features, self.latency, lambda: self.notes)
        try:
            return main([str(part) for part in arguments], self.paths, streams, programs)
        finally:
            self.results, self.messages = streams.results.getvalue(), streams.messages.getvalue()  # type: ignore[attr-defined]

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.results.splitlines()]

    def _open(self, models: Path, provider: str, enabled: frozenset[str]) -> FakeRecognizer:
        self.calls.append(("open", models, provider))
        self.enabled = enabled
        return self.recognizer

    def _open_features(self, models: Path, provider: str, enabled: frozenset[str]) -> Features:
        loaders = dict.fromkeys(self.loaders, lambda verified: FakeModel())
        return Features(Store(models), loaders, FeatureOptions(enabled))

    def _app(self, arguments: Sequence[str]) -> int:
        self.calls.append(("app", list(arguments)))
        return 0

    def _snip(self, mode: str, paths: Paths) -> int:
        self.calls.append(("snip", mode))
        return 0

    def _bench(self, request: BenchRequest) -> Sequence[Mapping[str, Any]]:
        self.calls.append(("bench", request))
        return self.rows

    def _facts(self, models: Path) -> Mapping[str, Any]:
        return self.facts

    def _paint(self, latex: str) -> bytes:
        return self.painted

    def _desktop(self) -> Mapping[str, Any]:
        return {"capture": {"method": "qt"}, "hotkey": {"method": "x11"}}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    folders = [tmp_path / name for name in ("config", "data", "cache", "models", "resources")]
    return Terminal(Paths(*folders))


@pytest.fixture
def draw(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small picture and gives its path."""

    def write(name: str, folder: str = "pictures") -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        PIL.Image.new("RGB", (8, 6), "white").save(path)
        return path

    return write
