"""What the losses are told."""

import pytest

torch = pytest.importorskip("torch")

from models.training.model import Config, Recognizer  # noqa: E402
from models.training.train import last_known  # noqa: E402


def test_the_trace_is_where_the_last_drawn_token_stands() -> None:
    """Targets: a, {, b, }, </s>; the input before each is <s>, a, {, b, }."""
    known = torch.tensor([[True, False, True, False, False]])
    last, begun = last_known(known)
    assert begun.tolist() == [[False, True, True, True, True]]
    assert last[begun].tolist() == [0, 0, 2, 2]


def test_nothing_is_traced_where_nothing_was_drawn() -> None:
    _, begun = last_known(torch.zeros(1, 3, dtype=torch.bool))
    assert not begun.any()


def test_looks_and_traces_are_shares_of_the_whole_picture() -> None:
    config = Config(9, 5, width=16, heads=4, layers=3, hidden=16, channels=(4, 4, 8), blocks=(1,))
    model = Recognizer(config).eval()
    ink, tokens = torch.rand(2, 1, 32, 64), torch.randint(3, 9, (2, 5))
    _, look, boxes, kinds, trace = model(ink, tokens, torch.arange(7))
    assert look.shape == trace.shape == (2, 5, 4 * 8)
    assert torch.allclose(trace.sum(-1), torch.ones(2, 5), atol=1e-4)
    assert boxes.shape == (2, 5, 4)
    assert kinds.shape == (7, 5)
    assert not torch.allclose(look, trace)
