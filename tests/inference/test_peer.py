"""Our decode loop beside transformers': where it is not installed the bench says so, where it is they agree."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scipix.errors import BackendUnavailable
from scipix.inference import peer

INSTALLED = all(find_spec(name) is not None for name in peer.NEEDED)


class Silent:
    """A model that ends at once."""

    def look(self, picture: int) -> Any:
        return np.zeros((1, 4, 8), dtype=np.float32)

    def generate(self, seen: Any, tokens: int) -> list[int]:
        return [7, 2]


def test_what_is_missing_is_named() -> None:
    (row,) = peer.peer_rows(1, ("sys", "no_such_module", "json", "nor_this_one"))
    assert row.what == "transformers: left out, no_such_module, nor_this_one not installed here"
    assert (row.count, row.p50) == (0, None)


def test_a_model_that_says_too_little_is_not_compared() -> None:
    with pytest.raises(BackendUnavailable, match="too little"):
        peer.compare(None, Silent(), 1)  # type: ignore[arg-type]


@pytest.mark.skipif(not INSTALLED, reason="torch, transformers, onnx or onnxscript is not installed")
def test_token_for_token_as_transformers(tmp_path: Path) -> None:
    from scipix.inference import torch_twin

    theirs = torch_twin.Twin()
    ours = peer.Ours(*theirs.export(tmp_path), torch_twin.FACTS)
    said = []
    for picture in range(5):
        states = theirs.look(picture)
        expected = theirs.generate(states, 30)
        if min(expected) > 2:  # it has not ended, and has not written what we never write
            said.append(expected)
            assert ours.generate(states.numpy(), 30) == expected
    assert len(said) >= 3
    assert len({tuple(words) for words in said}) > 1
    assert all(len(set(words)) > 10 for words in said)
