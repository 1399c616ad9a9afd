"""How much can stand in a picture: bounds for the length of its reading, so that one that does not end costs little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scipix.recognize.components import component_boxes

_INK = 0.4
_CELL = 8  # network pixels, as the encoder sees them

# (a, b, c): never more than a + b * components + c * inked cells, each row by itself. Fitted on 8,000 degraded drawings of
# typeset formulas in 19 sets of fonts (models/training/render.py), of which 4,000 are the extremes among 189,000: the most
# tokens for their glyphs, and the longest. With these b and c the smallest a that cut none were 74, 20; 19. Of 164 real
# pictures (KaTeX, MathJax, arXiv) none comes nearer than 28 tokens or 4 that draw, nor do they when they are captured at 6
# or 8 pixels for a letter, where half of the letters may run into one another; so ink counts as well.
_TOKENS = ((90.0, 1.5, 0.25), (26.0, 2.5, 0.5))
_DRAWN = ((23.0, 1.0, 0.25),)


@dataclass(frozen=True, slots=True)
class Room:
    """tokens: at most so many in all. drawn: at most so many that put ink on the paper."""

    tokens: int
    drawn: int


def room(ink: np.ndarray) -> Room:
    """What fits into a prepared picture: float32 (H, W), 0 paper .. 1 ink, letters of the network's height."""
    mask = ink > _INK
    height, width = (-(-side // _CELL) * _CELL for side in mask.shape)
    whole = np.zeros((height, width), dtype=bool)
    whole[: mask.shape[0], : mask.shape[1]] = mask
    cells = int(whole.reshape(height // _CELL, _CELL, width // _CELL, _CELL).any((1, 3)).sum())
    components = len(component_boxes(mask))
    return Room(_least(_TOKENS, components, cells), _least(_DRAWN, components, cells))


def _least(bounds: tuple[tuple[float, float, float], ...], components: int, cells: int) -> int:
    return int(min(a + b * components + c * cells for a, b, c in bounds))
