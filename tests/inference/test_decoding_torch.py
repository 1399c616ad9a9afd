"""The decode engine against PyTorch itself, where it is installed; golden.json holds the same for everybody else."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from scipix.inference.decoding import DecodeOptions
from scipix.inference.encoder_decoder import EncoderDecoder
from tests.inference.tiny import make_ink

pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parent / "data"))
import tiny_torch  # type: ignore[import-not-found]


@pytest.mark.parametrize("case", range(40))
def test_token_for_token(tiny: EncoderDecoder, case: int) -> None:
    encoder, decoder = tiny_torch.make_models()
    assert np.array_equal(tiny_torch.make_ink(case), make_ink(case))
    tokens, scores, lead = tiny_torch.greedy(encoder, decoder, make_ink(case))
    decoded = tiny.decoder.decode(tiny.encode(make_ink(case)), DecodeOptions(guarded=False))
    if lead > 1e-3:
        assert list(decoded.tokens) == tokens
        np.testing.assert_allclose([np.log(step.probability) for step in decoded.steps], scores, atol=1e-3)
