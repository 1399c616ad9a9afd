"""Rounds weights to integers so that the products with what the layer sees change least, not the weights themselves."""

from __future__ import annotations

import numpy as np

WEIGHT_LEVELS = 63
_SHRINKS = (1.0, 0.9, 0.8, 0.7)  # shares of a column's largest weight that are tried as the largest integer
_DAMPING = 0.01  # of the mean square of the inputs, so that rare directions do not count as never seen


def round_weights(weights: np.ndarray, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 (in, out) in -63 .. 63 and the step of each column, float32 (out,), for weights float32 (in, out).

    inputs: float32 (n, in), rows that the layer multiplies. Weights are rounded one input after the other, the strongest
    first, and those that are still free make up for each error (GPTQ: Frantar et al., 2022, arXiv:2210.17323). Of a few
    ranges each column takes the one with the least square error of its products, plain rounding included.
    """
    square = _seen_square(inputs, weights.shape[0])
    largest = np.maximum(np.abs(weights).max(0), 1e-8)
    plain = _rounded(weights, largest / WEIGHT_LEVELS)
    best, best_steps = plain, largest / WEIGHT_LEVELS
    least = _error(weights - plain * best_steps, square)
    for shrink in _SHRINKS:
        steps = shrink * largest / WEIGHT_LEVELS
        found = _compensated(weights, steps, square)
        error = _error(weights - found * steps, square)
        better = error < least
        best, best_steps = np.where(better, found, best), np.where(better, steps, best_steps)
        least = np.minimum(error, least)
    return best.astype(np.int8), best_steps.astype(np.float32)


def _seen_square(inputs: np.ndarray, size: int) -> np.ndarray:
    """float64 (in, in): the mean outer product of the inputs, damped."""
    rows = inputs.reshape(-1, size).astype(np.float64)
    square = rows.T @ rows / len(rows)
    return square + np.eye(size) * max(_DAMPING * float(np.diag(square).mean()), 1e-12)


def _rounded(weights: np.ndarray, steps: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(weights / steps), -WEIGHT_LEVELS, WEIGHT_LEVELS)


def _error(change: np.ndarray, square: np.ndarray) -> np.ndarray:
    """(out,): the mean square of what the change of the weights does to each product."""
    return np.einsum("io,io->o", change, square @ change)


def _compensated(weights: np.ndarray, steps: np.ndarray, square: np.ndarray) -> np.ndarray:
    order = np.argsort(-np.diag(square))
    inverse = np.linalg.inv(square[np.ix_(order, order)])
    upper = np.linalg.cholesky((inverse + inverse.T) / 2).T
    free = weights[order].astype(np.float64)
    chosen = np.empty_like(free)
    for row in range(len(free)):
        chosen[row] = _rounded(free[row], steps)
        error = (free[row] - chosen[row] * steps) / upper[row, row]
        free[row + 1 :] -= np.outer(upper[row, row + 1 :], error)
    return chosen[np.argsort(order)]
