"""Weights rounded so that products change least."""

import numpy as np

from models.training.compensate import round_weights

RNG = np.random.default_rng(5)


def alike_inputs(rows: int, width: int) -> np.ndarray:
    """Rows whose columns go along with each other, as those of a network do."""
    return (RNG.normal(size=(rows, 6)) @ RNG.normal(size=(6, width)) + 0.2 * RNG.normal(size=(rows, width))).astype(
        np.float32
    )


def plain(weights: np.ndarray) -> np.ndarray:
    steps = np.maximum(np.abs(weights).max(0), 1e-8) / 63
    return np.rint(weights / steps) * steps


def test_products_change_less_than_with_plain_rounding():
    weights = RNG.normal(size=(32, 7)).astype(np.float32) * np.array([1, 10, 0.1, 3, 1, 1, 1], np.float32)
    inputs = alike_inputs(400, 32)
    stored, steps = round_weights(weights, inputs)
    wanted = inputs @ weights
    found, simple = np.abs(inputs @ (stored * steps) - wanted).mean(0), np.abs(inputs @ plain(weights) - wanted).mean(0)
    assert (found < simple).all()
    assert found.sum() < 0.6 * simple.sum()


def test_integers_have_seven_bits_and_empty_columns_stay_empty():
    weights = RNG.normal(size=(30, 4)).astype(np.float32)
    weights[:, 2] = 0
    stored, steps = round_weights(weights, alike_inputs(200, 30))
    assert stored.dtype == np.int8
    assert steps.dtype == np.float32
    assert np.abs(stored).max() <= 63
    assert not stored[:, 2].any()
    assert np.abs(stored * steps - weights).max() < 0.5


def test_inputs_that_say_nothing_leave_plain_rounding():
    weights = RNG.normal(size=(8, 3)).astype(np.float32)
    stored, steps = round_weights(weights, np.zeros((5, 8), np.float32))
    assert np.abs(stored * steps - weights).max() <= steps.max() / 2 + 1e-6
