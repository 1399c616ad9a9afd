"""Cancel as a flag, and as something that stops a running session."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from scipix.errors import Cancelled
from scipix.inference.cancel import Cancel
from scipix.inference.providers import CPU, Candidate, Choice
from scipix.inference.sessions import Graph

ENDLESS = Path(__file__).parent / "data" / "endless.onnx"


def test_raises_only_once_set() -> None:
    cancel = Cancel()
    cancel.raise_if_set()
    cancel.set()
    assert cancel.is_set()
    with pytest.raises(Cancelled):
        cancel.raise_if_set()


def test_callbacks_run_once_and_not_when_taken_back() -> None:
    cancel, called = Cancel(), []
    cancel.on_set(lambda: called.append("kept"))
    forget = cancel.on_set(lambda: called.append("taken back"))
    with cancel.calling(lambda: called.append("left")):
        pass
    forget()
    cancel.set()
    cancel.set()
    assert called == ["kept"]


def test_a_late_callback_runs_at_once() -> None:
    cancel, called = Cancel(), []
    cancel.set()
    cancel.on_set(lambda: called.append(1))()
    assert called == [1]


def test_stops_a_run_that_would_take_long() -> None:
    graph = Graph("endless", ENDLESS, Choice((Candidate(CPU),), 1, ""))
    for delay in (0.2, 1.0, 5.0):  # on a busy computer the run may begin after the first of them
        cancel = Cancel()
        threading.Timer(delay, cancel.set).start()
        with pytest.raises(Cancelled) as caught:
            graph.run({"matrix": np.zeros((16, 16), dtype=np.float32)}, cancel)
        if caught.value.__cause__ is not None:
            break
    assert "terminate" in str(caught.value.__cause__)  # stopped on its way, not told after its end


def test_a_graph_does_not_start_after_cancel() -> None:
    graph = Graph("endless", ENDLESS, Choice((Candidate(CPU),), 1, ""))
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        graph.run({"matrix": np.zeros((16, 16), dtype=np.float32)}, cancel)
