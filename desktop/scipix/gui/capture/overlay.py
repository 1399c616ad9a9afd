"""The frozen screen on which the user draws a box: one frameless full-screen window for each screen."""

from __future__ import annotations

import sys

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QCursor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QScreen
from PySide6.QtWidgets import QWidget

from scipix.gui.capture.geometry import PixelRect, Size, edge_at, logical_box
from scipix.gui.capture.lens import is_blank
from scipix.gui.capture.options import OverlayOptions
from scipix.gui.capture.paint import Veil, damage, paint_scene
from scipix.gui.capture.scene import Hint, Scene
from scipix.gui.capture.selection import Handle, Phase, Selector

# Logical units around a side of the box in which the pointer catches it.
_REACH = 8
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CURSORS: dict[Handle, Qt.CursorShape] = {
    (0, 0): Qt.CursorShape.SizeAllCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (0, -1): Qt.CursorShape.SizeVerCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
}


class Overlay(QWidget):
    """One screen, frozen.

    accepted(PixelRect): the box, in pixels of the grab. rejected(): Esc or right click. started(): a box was begun
    here. painted(): it was for the first time.
    """

    accepted = Signal(object)
    rejected = Signal()
    started = Signal()
    painted = Signal()

    def __init__(self, grab: QImage, screen: QScreen | None = None, options: OverlayOptions | None = None) -> None:
        """grab: the pixels of the screen, device pixel ratio 1. screen: where to appear."""
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self._grab = grab
        self._target = screen
        self._options = options or OverlayOptions()
        self._selector = Selector(self._grab_size())
        self._accent = QColor(self._options.accent)
        self._veil = Veil(grab, self._options.dim)
        self._pointing = False
        self._by_keys = False
        self._done = self._painted = False
        self._scene: Scene | None = None
        self.setWindowTitle("Scipix")
        self.setAccessibleName(self.tr("Frozen screen: drag a box around a formula"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # The main window may be hidden in the tray: closing an overlay must not end the app.
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)

    @property
    def grab_image(self) -> QImage:
        """The whole screen, in pixels."""
        return self._grab

    @property
    def selection(self) -> PixelRect | None:
        """The box as it stands."""
        return self._selector.rect

    @property
    def measured_scale(self) -> float:
        """Pixels of the grab for each logical unit of this window."""
        return self._grab.width() / max(self.width(), 1)

    def appear(self) -> None:
        """Cover the screen."""
        if self._target is not None:
            self.setScreen(self._target)
            self.setGeometry(self._target.geometry())
        pointer = self.mapFromGlobal(QCursor.pos())
        if self.rect().contains(pointer):
            self._pointing = True
            self._selector.point(*self._edge(pointer.x(), pointer.y()))
        if sys.platform == "darwin":
            # A full-screen window of macOS would slide into a Space of its own.
            self.show()
        else:
            self.showFullScreen()
        self.raise_()

    def reset(self) -> None:
        """Forget the box: another screen has one now."""
        self._selector.reset()
        self._pointing = False
        self._refresh()

    def _grab_size(self) -> Size:
        return Size(self._grab.width(), self._grab.height())

    def _window_size(self) -> Size:
        return Size(self.width(), self.height())

    def _edge(self, x: float, y: float) -> tuple[int, int]:
        return edge_at(x, y, self._window_size(), self._grab_size())

    def _reach(self) -> int:
        return max(round(_REACH * self.measured_scale), 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self._reject()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._by_keys = False
            self._pointing = True
            self._selector.press(*self._edge(event.position().x(), event.position().y()), self._reach())
            if self._selector.phase is Phase.DRAW:
                self.started.emit()
            self._refresh()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointing = True
        self._selector.point(*self._edge(event.position().x(), event.position().y()))
        if not self.isActiveWindow():
            self.activateWindow()
        self._refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._selector.point(*self._edge(event.position().x(), event.position().y()))
        drawn = self._selector.release()
        wait = self._options.adjust_before_accept or bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if drawn and not wait:
            self._accept()
        self._refresh()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        rect = self._selector.rect
        x, y = self._edge(event.position().x(), event.position().y())
        if rect is not None and rect.left <= x <= rect.right and rect.top <= y <= rect.bottom:
            self._accept()
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        if key == Qt.Key.Key_Escape:
            self._reject()
        elif key in _STEPS:
            self._arrow(_STEPS[key], modifiers)
        elif key in _ENTER:
            self._enter()
        elif key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space()
        elif key == Qt.Key.Key_A and modifiers & Qt.KeyboardModifier.ControlModifier:
            self.started.emit()
            self._selector.select_all()
        else:
            super().keyPressEvent(event)
        self._refresh()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._selector.carry(False)
        super().keyReleaseEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        # The window system closed it (Alt+F4): nothing was chosen.
        self._reject()
        super().closeEvent(event)

    def _arrow(self, step: tuple[int, int], modifiers: Qt.KeyboardModifier) -> None:
        length = 10 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1
        resize = modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if resize and self._selector.phase is Phase.AIM:
            # Nothing to resize yet: cross the screen in strides.
            length *= 10
        move = self._selector.grow if resize else self._selector.nudge
        move(step[0] * length, step[1] * length)
        self._by_keys = self._by_keys or self._selector.phase is Phase.AIM
        self._pointing = True

    def _enter(self) -> None:
        if self._selector.phase is Phase.AIM:
            self._begin_by_keys()
        elif self._selector.acceptable:
            self._accept()

    def _space(self) -> None:
        if self._selector.phase is Phase.AIM:
            self._begin_by_keys()
        elif self._selector.phase is Phase.DRAW and self._by_keys:
            self._selector.settle()
        else:
            self._selector.carry(True)

    def _begin_by_keys(self) -> None:
        self._by_keys = True
        self._pointing = True
        self._selector.begin()
        self.started.emit()

    def _accept(self) -> None:
        rect = self._selector.rect
        if rect is not None and not self._done:
            self._done = True
            self.accepted.emit(rect)

    def _reject(self) -> None:
        if not self._done:
            self._done = True
            self.rejected.emit()

    def close_quietly(self) -> None:
        """Close without a signal."""
        self._done = True
        self.close()

    def _refresh(self) -> None:
        """Repaint what changed and no more: a full 4K repaint for each movement of the mouse is felt."""
        scene = self._scene_now()
        before = self._scene
        if scene == before:
            return
        self._scene = scene
        self._show_cursor()
        if before is None:
            self.update()
        else:
            self.update(damage(before, scene))

    def _show_cursor(self) -> None:
        handle = None
        if self._selector.phase is Phase.ADJUST:
            handle = self._selector.handle_at(*self._selector.cursor, self._reach())
        shape = Qt.CursorShape.CrossCursor if handle is None else _CURSORS[handle]
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    def _scene_now(self) -> Scene:
        selector, window, grab = self._selector, self._window_size(), self._grab_size()
        rect, phase = selector.rect, selector.phase
        box = None
        if rect is not None:
            place = logical_box(rect, window, grab)
            box = QRectF(place.left, place.top, place.width, place.height)
        return Scene(
            window=QRectF(0, 0, self.width(), self.height()),
            grab=(self._grab.width(), self._grab.height()),
            box=box,
            size=None if rect is None else (rect.width, rect.height),
            cursor=selector.cursor,
            crosshair=self._by_keys and phase is Phase.AIM,
            magnifier=self._shows_lens(phase),
            zoom=self._options.zoom,
            dim=self._options.dim,
            handles=phase in (Phase.ADJUST, Phase.MOVE, Phase.RESIZE),
            hint=self._hint(phase),
        )

    def _shows_lens(self, phase: Phase) -> bool:
        wanted = self._options.magnifier and self._pointing and phase not in (Phase.ADJUST, Phase.MOVE)
        # Before there is a box, blank paper gives nothing to aim at.
        return wanted and (phase is not Phase.AIM or not is_blank(self._grab, self._selector.cursor))

    def _hint(self, phase: Phase) -> Hint:
        cancel = ("Esc", self.tr("cancel"))
        if self._options.hints and phase is Phase.AIM:
            return ("", self.tr("Drag a box around the formula")), cancel
        if self._options.hints and phase is Phase.ADJUST:
            arrows = "← ↑ ↓ →"
            resize = (f"Ctrl {arrows}", self.tr("resize"))
            return ("Enter", self.tr("read")), (arrows, self.tr("move")), resize, cancel
        return ()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._scene is None or self._scene.window.size() != QRectF(self.rect()).size():
            self._scene = self._scene_now()
        painter = QPainter(self)
        self._veil.paint(painter, event.region(), self._scene)
        paint_scene(painter, self._scene, self._accent, self._grab)
        painter.end()
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)  # what was painted reaches the screen before that
