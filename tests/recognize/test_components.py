"""Connected components against a flood fill."""

import numpy as np
import pytest

from scipix.recognize.components import component_boxes


def flooded(mask: np.ndarray) -> set[tuple[int, int, int, int]]:
    left_over = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    found = set()
    while left_over:
        stack, seen = [left_over.pop()], []
        while stack:
            y, x = stack.pop()
            seen.append((y, x))
            for other in [(y + j, x + i) for j in (-1, 0, 1) for i in (-1, 0, 1)]:
                if other in left_over:
                    left_over.remove(other)
                    stack.append(other)
        ys, xs = [p[0] for p in seen], [p[1] for p in seen]
        found.add((min(xs), min(ys), max(xs) + 1, max(ys) + 1))
    return found


@pytest.mark.parametrize("density", [0.05, 0.3, 0.45, 0.6, 0.95])
@pytest.mark.parametrize("seed", range(4))
def test_boxes_are_those_of_a_flood_fill(density, seed):
    mask = np.random.default_rng(seed).random((37, 53)) < density
    assert {tuple(box) for box in component_boxes(mask).tolist()} == flooded(mask)


def test_a_spiral_is_one_component():
    mask = np.zeros((21, 21), bool)
    for ring in range(0, 10, 2):
        mask[ring, ring : 21 - ring] = mask[20 - ring, ring : 21 - ring] = True
        mask[ring : 21 - ring, 20 - ring] = True
        mask[ring + 2 : 21 - ring, ring] = True
        mask[ring + 2, ring : ring + 3] = True
    assert len(component_boxes(mask)) == len(flooded(mask))


def test_nothing_has_no_components():
    assert component_boxes(np.zeros((5, 7), bool)).shape == (0, 4)
