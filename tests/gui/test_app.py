"""The start of the app and its real parts, as far as they need no screen."""

import sys

import pytest

from scipix.errors import ScipixError
from scipix.gui import app
from scipix.gui.real_parts import _make_pipeline, _versions
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


def test_an_app_that_runs_and_does_not_answer_is_told_of(monkeypatch, tmp_path, qapp):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(app, "make_qt_app", lambda: qapp)
    monkeypatch.setattr(app.Instance, "claim", lambda self: False)
    monkeypatch.setattr(app, "send", lambda wish, folder: False)
    with pytest.raises(ScipixError, match="does not answer"):
        app.main([])


def test_the_versions_are_told_without_a_backend_too(monkeypatch):
    assert dict(_versions())["onnxruntime"][0].isdigit()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # as if it were not there
    assert "cannot be loaded" in dict(_versions())["onnxruntime"]
