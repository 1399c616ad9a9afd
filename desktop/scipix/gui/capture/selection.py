"""The box that the user draws, in whole pixels of the grab. No Qt: the overlay feeds it points and keys.

Points are corners between pixels, 0..width and 0..height: a drag from (100, 100) to (300, 200) frames 200 x 100 pixels.
"""

from __future__ import annotations

from enum import StrEnum

from scipix.gui.capture.geometry import PixelRect, Size

# Pixels: a shorter side is a click that slipped, not a box.
MIN_SIDE = 3


class Phase(StrEnum):
    """What the next movement does."""

    AIM = "aim"  # nothing is framed; the cursor moves
    DRAW = "draw"  # the box spans from the anchor to the cursor
    ADJUST = "adjust"  # the box stands and waits to be accepted
    MOVE = "move"  # the pointer drags the whole box
    RESIZE = "resize"  # the pointer drags a side or a corner of it


# Which sides a handle moves: -1 left or top, 0 none, 1 right or bottom.
Handle = tuple[int, int]
HANDLES: tuple[Handle, ...] = ((-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0))


class Selector:
    """State of one overlay. `phase`, `cursor` and `rect` are for reading; everything stays inside the grab."""

    def __init__(self, grab: Size) -> None:
        self._width, self._height = int(grab.width), int(grab.height)
        self.phase = Phase.AIM
        self.cursor = (self._width // 2, self._height // 2)
        self._anchor = self._corner = (0, 0)
        self._handle: Handle = (0, 0)
        self._carrying = False

    @property
    def rect(self) -> PixelRect | None:
        """The box as it stands, None in phase AIM and while it is empty."""
        if self.phase is Phase.AIM:
            return None
        left, right = sorted((self._anchor[0], self._corner[0]))
        top, bottom = sorted((self._anchor[1], self._corner[1]))
        return PixelRect(left, top, right, bottom) if left < right and top < bottom else None

    @property
    def acceptable(self) -> bool:
        """True when the box is large enough to hold anything."""
        rect = self.rect
        return rect is not None and min(rect.width, rect.height) >= MIN_SIDE

    def reset(self) -> None:
        """Forget the box."""
        self.phase, self._carrying = Phase.AIM, False

    def point(self, x: int, y: int) -> None:
        """The cursor is now here: draws, moves or resizes, as the phase has it."""
        x, y = min(max(x, 0), self._width), min(max(y, 0), self._height)
        dx, dy = x - self.cursor[0], y - self.cursor[1]
        self.cursor = (x, y)
        if self.phase is Phase.MOVE or (self.phase is Phase.DRAW and self._carrying):
            self._shift(dx, dy)
        elif self.phase is Phase.DRAW:
            self._corner = (x, y)
        elif self.phase is Phase.RESIZE:
            self._pull(x, y)

    def press(self, x: int, y: int, reach: int) -> None:
        """The button went down. reach: pixels around a side or corner that still catch it."""
        if self.phase is Phase.ADJUST:
            handle = self.handle_at(x, y, reach)
            if handle is not None:
                self.cursor = (x, y)
                self._handle, self.phase = handle, Phase.MOVE if handle == (0, 0) else Phase.RESIZE
                return
            self.reset()
        if self.phase is Phase.AIM:
            self.point(x, y)
            self.begin()
        else:
            self.point(x, y)

    def release(self) -> bool:
        """The button went up: the box stands.

        Returns True when it was just drawn and is large enough to be accepted.
        """
        drawn = self.phase is Phase.DRAW
        self._carrying = False
        if drawn and not self.acceptable:
            self.reset()
            return False
        if self.phase is not Phase.AIM:
            self.settle()
        return drawn

    def begin(self) -> None:
        """Start a box at the cursor."""
        self._anchor = self._corner = self.cursor
        self.phase = Phase.DRAW

    def settle(self) -> None:
        """Let the box stand; an empty one is forgotten."""
        rect = self.rect
        if rect is None:
            self.reset()
            return
        self._anchor, self._corner = (rect.left, rect.top), (rect.right, rect.bottom)
        self.phase = Phase.ADJUST

    def select_all(self) -> None:
        """Frame the whole grab."""
        self._anchor, self._corner = (0, 0), (self._width, self._height)
        self.phase = Phase.ADJUST

    def carry(self, on: bool) -> None:
        """While on, drawing moves the whole box instead of its corner."""
        self._carrying = on and self.phase is Phase.DRAW

    def nudge(self, dx: int, dy: int) -> None:
        """Move by pixels what the phase moves: the standing box, else the cursor."""
        if self.phase is Phase.ADJUST:
            self._shift(dx, dy)
        else:
            self.point(self.cursor[0] + dx, self.cursor[1] + dy)

    def grow(self, dx: int, dy: int) -> None:
        """Move the right and bottom sides of the standing box by pixels; it never gets smaller than one pixel."""
        if self.phase is not Phase.ADJUST:
            self.nudge(dx, dy)
            return
        right = min(max(self._corner[0] + dx, self._anchor[0] + 1), self._width)
        bottom = min(max(self._corner[1] + dy, self._anchor[1] + 1), self._height)
        self._corner = (right, bottom)

    def handle_at(self, x: int, y: int, reach: int) -> Handle | None:
        """What a press here would drag: a side or corner, (0, 0) for the whole box, None outside."""
        rect = self.rect
        if rect is None or not (rect.left - reach <= x <= rect.right + reach):
            return None
        if not rect.top - reach <= y <= rect.bottom + reach:
            return None
        across = -1 if abs(x - rect.left) <= reach else 1 if abs(x - rect.right) <= reach else 0
        down = -1 if abs(y - rect.top) <= reach else 1 if abs(y - rect.bottom) <= reach else 0
        return across, down

    def _shift(self, dx: int, dy: int) -> None:
        xs, ys = (self._anchor[0], self._corner[0]), (self._anchor[1], self._corner[1])
        dx = min(max(dx, -min(xs)), self._width - max(xs))
        dy = min(max(dy, -min(ys)), self._height - max(ys))
        self._anchor = (self._anchor[0] + dx, self._anchor[1] + dy)
        self._corner = (self._corner[0] + dx, self._corner[1] + dy)

    def _pull(self, x: int, y: int) -> None:
        across, down = self._handle
        left, top = x if across < 0 else self._anchor[0], y if down < 0 else self._anchor[1]
        right, bottom = x if across > 0 else self._corner[0], y if down > 0 else self._corner[1]
        self._anchor, self._corner = (left, top), (right, bottom)
