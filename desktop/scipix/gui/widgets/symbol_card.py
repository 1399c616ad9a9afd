"""A small card that shows one symbol of the picture, enlarged, and how sure it is."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from scipix.datatypes import Box, Symbol

_DELAY_MS = 220
_GAP = 8
_CROP = QSize(132, 60)  # logical pixels at most
_ROUND = 2.0  # pixels of the picture shown round the box
_LARGEST = 6.0  # logical pixels for each of the picture's
_BORDER = QSize(2, 2)  # the style sheet's, which layouts do not count
_NAMED = 2  # other symbols that are named


class SymbolCard(QFrame):
    """Appears beside what it is about after a moment, over its parent; the pointer goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._crop = QLabel()
        self._crop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._words = QLabel()
        self._words.setProperty("role", "muted")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addStretch(1)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 14, 10)
        row.setSpacing(12)
        row.addWidget(self._crop)
        row.addLayout(column)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._timer.timeout.connect(self._appear)
        self._anchor = QRect()
        self.hide()

    @property
    def text(self) -> str:
        """What is said."""
        return f"{self._title.text()}\n{self._words.text()}"

    def show_symbol(self, symbol: Symbol, picture: QImage, anchor: QRect, hint: str) -> None:
        """anchor: what the card is about, in the parent's coordinates; it is not covered. hint: how to change it."""
        self._title.setText(symbol.latex.strip() or "space")
        self._words.setText("\n".join(line for line in (describe(symbol), others(symbol), hint) if line))
        crop = enlarged(picture, symbol.box, self.devicePixelRatioF()) if symbol.box is not None else QPixmap()
        self._crop.setPixmap(crop)
        self._crop.setVisible(not crop.isNull())
        self._anchor = anchor
        if self.isVisible():
            self._appear()
        else:
            self._timer.start()

    def go(self) -> None:
        self._timer.stop()
        self.hide()

    def _appear(self) -> None:
        for part in (self._title, self._words):
            part.ensurePolished()
        size = self.minimumSizeHint() + _BORDER
        self.resize(size)
        parent = self.parentWidget()
        room = parent.rect() if parent is not None else size
        left = min(max(0, self._anchor.center().x() - size.width() // 2), max(0, room.width() - size.width()))
        below = self._anchor.bottom() + _GAP
        above = self._anchor.top() - _GAP - size.height()
        self.move(left, above if below + size.height() > room.height() and above >= 0 else below)
        self.raise_()
        self.show()


def describe(symbol: Symbol) -> str:
    """How sure, in words."""
    if symbol.chosen:
        return "Chosen by you"
    percent = symbol.confidence * 100
    return "Sure · more than 99 %" if percent >= 99.5 else f"{percent:.0f} % sure"


def others(symbol: Symbol) -> str:
    """The likeliest other symbols, in words."""
    return "  ".join(f"{other.latex} {percent(other.confidence)}" for other in symbol.others[:_NAMED])


def percent(share: float) -> str:
    return "< 1 %" if share < 0.01 else f"{share * 100:.0f} %"


def enlarged(picture: QImage, box: Box, ratio: float) -> QPixmap:
    """The pixels of a box, with a few round it, for a screen of `ratio` device pixels to a logical one."""
    area = QRectF(box.left - _ROUND, box.top - _ROUND, box.width + 2 * _ROUND, box.height + 2 * _ROUND)
    piece = picture.copy(area.toAlignedRect().intersected(picture.rect()))
    if piece.isNull():
        return QPixmap()
    scale = min(_LARGEST, _CROP.width() / piece.width(), _CROP.height() / piece.height()) * ratio
    size = QSize(max(1, round(piece.width() * scale)), max(1, round(piece.height() * scale)))
    pixmap = QPixmap.fromImage(
        piece.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    )
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
