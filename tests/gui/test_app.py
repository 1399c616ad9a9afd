"""The real parts of the app, as far as they need no screen."""

import sys

from scipix.gui.app import _make_pipeline, _versions
from scipix.inference.features import Features
from scipix.inference.ledger import Ledger
from scipix.inference.store import Store
from scipix.paths import default_paths
from scipix.settings import RecognitionSettings


def test_results_are_in_the_cache_folder_unless_they_are_not_to_be_remembered(tmp_path):
    paths = default_paths({"HOME": str(tmp_path)}, "linux")
    pipeline = _make_pipeline(RecognitionSettings(provider="cpu"), paths, Ledger(), Features(Store(paths.models), {}))
    assert pipeline.options.results_file == paths.results_file
    assert pipeline.options.results_file.is_relative_to(paths.cache)
    paths.results_file.parent.mkdir(parents=True)
    paths.results_file.write_bytes(b"what was read")
    pipeline = _make_pipeline(RecognitionSettings(remember=False), paths, Ledger(), Features(Store(paths.models), {}))
    assert pipeline.options.results_file is None
    assert not paths.results_file.exists()


def test_the_versions_are_told_without_a_backend_too(monkeypatch):
    assert dict(_versions())["onnxruntime"][0].isdigit()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # as if it were not there
    assert "cannot be loaded" in dict(_versions())["onnxruntime"]
