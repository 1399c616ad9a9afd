"""What the user may choose about a capture."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OverlayOptions:
    """How an overlay looks and behaves.

    adjust_before_accept: releasing the mouse leaves the box standing until Enter or a double click; holding Ctrl on
    release does the same for once. accent: a color as #rrggbb. dim: 0..1, darkness outside the box. zoom: of the
    magnifier, times.
    """

    adjust_before_accept: bool = False
    magnifier: bool = True
    hints: bool = True
    accent: str = "#5b9dff"
    dim: float = 0.42
    zoom: int = 8


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """How a capture behaves.

    overlay: looks and keys. settle_ms: milliseconds between hiding windows and the grab, the time a desktop needs to
    paint what was behind them; not waited when nothing is hidden. patience_ms: milliseconds without an answer of the
    desktop after which the session says that it waits.
    """

    overlay: OverlayOptions = field(default_factory=OverlayOptions)
    settle_ms: int = 160
    patience_ms: int = 1500
