"""Notices a reading that has gone astray, by the picture alone: too long for it, or reading the same places again.

Both bounds are for decoders that tell where each token stands (an output `boxes`): these are trained to look there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_BLANK = frozenset(["{", "}", "^", "_", "&", "\\\\", "\\left", "\\right", "\\middle", "\\limits", "\\nolimits"])
_BLANK_STYLES = frozenset(["\\displaystyle", "\\textstyle", "\\scriptstyle", "\\scriptscriptstyle"])
_SPACES = frozenset(["~", " ", "\\ ", "\\,", "\\:", "\\;", "\\!", "\\quad", "\\qquad"])
_BLANK_BEGINNINGS = ("\\begin", "\\end", "\\math", "\\bold", "\\text", "\\operatorname")

# In readings that turned out exact (162 of 564 pictures: the real ones, and the held-out fonts kp and libertine) no 8 tokens
# in a row met more than 0.33 earlier looks on average; where the model had lost its way it were up to 8.
_WINDOW = 12
_LOST = 1.0
_REPEATED = 0.5  # from this on a token belongs to what is read again


def drawing(tokens: Sequence[str]) -> np.ndarray:
    """Which tokens of a vocabulary put ink on the paper: bool (V,); braces, rows, fonts and spaces do not."""
    blank = _BLANK | _BLANK_STYLES | _SPACES
    return np.array([token not in blank and not token.startswith(_BLANK_BEGINNINGS) for token in tokens], dtype=bool)


class Visits:
    """Where the tokens that draw something were looked at, to see whether their places have been read before.

    A symbol of the picture is written once. So what a token looks at has, weighted by attention, few earlier looks on it;
    a mean of one or more over the last tokens means that the same places are read again and again.
    """

    def __init__(self, cells: int) -> None:
        self._looks = np.zeros(cells, dtype=np.float32)
        self._met: list[float] = []  # earlier looks that each token has met
        self._places: list[int] = []

    @property
    def count(self) -> int:
        """Tokens so far."""
        return len(self._met)

    @property
    def lost(self) -> bool:
        """Whether the last tokens have all been read before."""
        return len(self._met) >= _WINDOW and sum(self._met[-_WINDOW:]) >= _LOST * _WINDOW

    @property
    def start(self) -> int:
        """The place of the first token of those that are read again at the end."""
        first = max(0, len(self._met) - _WINDOW)
        while self._met[first] < _REPEATED:
            first += 1
        while first and self._met[first - 1] >= _REPEATED:
            first -= 1
        return self._places[first]

    def add(self, place: int, look: np.ndarray) -> None:
        """One more token that draws. place: its index among all tokens. look: float32 (S,), sums to 1."""
        self._met.append(float(look @ self._looks))
        self._places.append(place)
        self._looks += look
