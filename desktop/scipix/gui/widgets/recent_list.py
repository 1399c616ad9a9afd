"""The list of what was read: thumbnail, short LaTeX, time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QKeyEvent, QKeySequence, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from scipix.gui.fonts import mono_font
from scipix.gui.theme import Theme
from scipix.gui.widgets.snip_view import ground
from scipix.history.recent import Row

_Index = QModelIndex | QPersistentModelIndex
_HEIGHT = 66
_THUMB = QSize(76, 44)
_ROW_ROLE = Qt.ItemDataRole.UserRole


def when(created: float, now: datetime) -> str:
    """A time in as few words as do: "just now", "5 min ago", "14:05", "Yesterday 14:05", "3 Oct", "3 Oct 2025"."""
    moment = datetime.fromtimestamp(created)
    seconds = (now - moment).total_seconds()
    days = (now.date() - moment.date()).days
    if 0 <= seconds < 60:
        return "just now"
    if 0 <= seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if days == 0:
        return f"{moment:%H:%M}"
    if days == 1:
        return f"Yesterday {moment:%H:%M}"
    return f"{moment.day} {moment:%b}" if moment.year == now.year else f"{moment.day} {moment:%b %Y}"


class RecentModel(QAbstractListModel):
    """Rows, with their thumbnails decoded when first shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._pixmaps: dict[int, tuple[QPixmap, QColor | None]] = {}

    def set_rows(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        kept = {row.id for row in rows}
        self._pixmaps = {key: pixmap for key, pixmap in self._pixmaps.items() if key in kept}
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return row.latex
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.latex}, {when(row.created, datetime.now())}"
        return row if role == _ROW_ROLE else None

    def thumbnail(self, row: Row) -> tuple[QPixmap, QColor | None]:
        """The picture and the color of the paper that it is on."""
        if row.id not in self._pixmaps:
            picture = QImage.fromData(row.thumbnail)
            self._pixmaps[row.id] = QPixmap.fromImage(picture), ground(picture)
        return self._pixmaps[row.id]

    def position(self, entry_id: int) -> int | None:
        return next((place for place, row in enumerate(self._rows) if row.id == entry_id), None)


class _Delegate(QStyledItemDelegate):
    def __init__(self, model: RecentModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._mono = mono_font(10.0)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(120, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: Row = index.data(_ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(option.rect).adjusted(8, 2, -8, -2)  # pyright: ignore[reportAttributeAccessIssue]
        self._paint_ground(painter, area, option.state)  # pyright: ignore[reportAttributeAccessIssue]
        box = QRectF(area.left() + 8, area.center().y() - _THUMB.height() / 2, _THUMB.width(), _THUMB.height())
        self._paint_thumbnail(painter, box, *self._model.thumbnail(row))
        self._paint_text(painter, QRectF(box.right() + 11, area.top() + 10, area.right() - box.right() - 19, 44), row)
        painter.restore()

    def _paint_ground(self, painter: QPainter, area: QRectF, state: QStyle.StateFlag) -> None:
        role = None
        if state & QStyle.StateFlag.State_Selected:
            role = "accent_soft"
        elif state & QStyle.StateFlag.State_MouseOver:
            role = "raised_hover"
        painter.setPen(Qt.PenStyle.NoPen)
        if role is not None:
            painter.setBrush(self.theme.color(role))
            painter.drawRoundedRect(area, 8, 8)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QPen(self.theme.color("focus"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def _paint_thumbnail(self, painter: QPainter, box: QRectF, pixmap: QPixmap, paper: QColor | None) -> None:
        painter.setPen(QPen(self.theme.color("border"), 1))
        painter.setBrush(paper or self.theme.color("paper"))
        painter.drawRoundedRect(box, 5, 5)
        if pixmap.isNull():
            return
        room = box.adjusted(4, 4, -4, -4)
        scale = min(room.width() / pixmap.width(), room.height() / pixmap.height(), 1.0)
        width, height = pixmap.width() * scale, pixmap.height() * scale
        target = QRectF(box.center().x() - width / 2, box.center().y() - height / 2, width, height)
        painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))

    def _paint_text(self, painter: QPainter, area: QRectF, row: Row) -> None:
        points = painter.font().pointSizeF()
        font = QFont(self._mono)
        font.setPointSizeF(points * 0.92)
        painter.setFont(font)
        painter.setPen(self.theme.color("text"))
        text = QFontMetrics(font).elidedText(
            " ".join(row.latex.split()), Qt.TextElideMode.ElideRight, int(area.width())
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignTop, text)
        small = QApplication.font()
        small.setPointSizeF(points * 0.85)
        painter.setFont(small)
        painter.setPen(self.theme.color("text_muted"))
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom, when(row.created, datetime.now()))


class RecentList(QListView):
    """Choose with a click or the arrow keys, remove with Delete."""

    chosen = Signal(int)
    remove_wanted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = RecentModel(self)
        self._delegate = _Delegate(self._model, theme, self)
        self._silent = False
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Recent readings")
        self.selectionModel().currentChanged.connect(self._on_current)

    def set_rows(self, rows: Sequence[Row], current: int | None) -> None:
        """Show rows and mark the one with id `current`, without reporting it as chosen."""
        self._silent = True
        self._model.set_rows(rows)
        self.select(current)
        self._silent = False

    def select(self, entry_id: int | None) -> None:
        """Mark an entry without reporting it as chosen; none when it is not listed."""
        silent, self._silent = self._silent, True
        place = None if entry_id is None else self._model.position(entry_id)
        if place is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self._model.index(place))
        self._silent = silent

    @property
    def count(self) -> int:
        return self._model.rowCount()

    def current_id(self) -> int | None:
        index = self.currentIndex()
        return index.data(_ROW_ROLE).id if index.isValid() else None

    def set_theme(self, theme: Theme) -> None:
        self._delegate.theme = theme
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entry_id = self.current_id()
        if entry_id is not None and event.matches(QKeySequence.StandardKey.Delete):
            self.remove_wanted.emit(entry_id)
        elif event.matches(QKeySequence.StandardKey.Copy):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _on_current(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid() and not self._silent:
            self.chosen.emit(current.data(_ROW_ROLE).id)
