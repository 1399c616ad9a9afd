"""Whether two providers agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scipix.inference.agreement import difference, differing


def test_differences(tmp_path: Path) -> None:
    def saved(name: str, **arrays: np.ndarray) -> Path:
        np.savez(tmp_path / name, **arrays)  # type: ignore[arg-type]
        return tmp_path / f"{name}.npz"

    one = saved("one", x=np.array([0.0, 10.0]))
    assert difference(one, saved("near", x=np.array([0.05, 10.0])), 0.01) == ""
    assert "off by" in difference(one, saved("far", x=np.array([0.2, 10.0])), 0.01)
    assert "shape" in difference(one, saved("shape", x=np.array([0.0])), 0.01)
    assert "finite" in difference(one, saved("nan", x=np.array([np.nan, 10.0])), 0.01)
    assert "other outputs" in difference(one, saved("other", y=np.array([0.0])), 0.01)
    assert "compared" in difference(one, tmp_path / "none.npz", 0.01)


def test_the_likeliest_token_must_be_the_same_only_where_the_reference_is_sure() -> None:
    right = {"logits": np.array([[0.0, 9.95, 10.0]])}
    assert differing(right, {"logits": np.array([[0.0, 10.0, 9.95]])}, 0.01) == ""
    sure = {"logits": np.array([[0.0, 9.8, 10.0]])}
    assert "prefers another token" in differing(sure, {"logits": np.array([[0.0, 9.9, 9.89]])}, 0.011)
