"""The stages of reading as a table: percentiles, and a line of the latest times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from scipix.gui.theme import Theme
from scipix.inference.histogram import Histogram, Spread
from scipix.inference.latency import STAGES

NAMES = {
    "queue": "Waiting",
    "load": "Load the model",
    "image": "Open the file",
    "preprocess": "Prepare",
    "encode": "Encode",
    "decode": "Decode",
    "postprocess": "Finish",
    "total": "Total",
}
_HEADS = ("Stage", "Lately", "Last", "p50", "p95", "p99", "p99.9", "Count")
_FIGURES = ("last", "p50", "p95", "p99", "p999")
_LINE = 1
_ROW = 23
_FIGURE_WIDTH = 68
POINTS = 48  # of a line

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """spread None: the stage was not met yet. recent: milliseconds, oldest first."""

    stage: str
    spread: Spread | None = None
    recent: tuple[float, ...] = ()


class LatencyTable(QTableView):
    """Shows the rows that it is given."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("latency")
        self.setAccessibleName("Times of the stages of reading")
        self._rows = _Rows(self)
        self._lines = _Lines(theme, self)
        self.setModel(self._rows)
        self.setItemDelegateForColumn(_LINE, self._lines)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCornerButtonEnabled(False)
        self.setSizeAdjustPolicy(QTableView.SizeAdjustPolicy.AdjustToContents)  # all rows, where there is room
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        down, across = self.verticalHeader(), self.horizontalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(_ROW)
        across.setHighlightSections(False)
        across.setSectionsClickable(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across.setSectionResizeMode(_LINE, QHeaderView.ResizeMode.Stretch)
        across.setMinimumSectionSize(40)
        across.setDefaultSectionSize(_FIGURE_WIDTH)
        across.resizeSection(0, 112)
        across.resizeSection(len(_HEADS) - 1, 62)

    def show_figures(self, histograms: Mapping[str, Histogram], recent: Mapping[str, Sequence[float]]) -> None:
        """By stage."""
        self._rows.set_rows(
            [
                Row(
                    stage,
                    histograms[stage].spread() if stage in histograms else None,
                    tuple(recent.get(stage, ())[-POINTS:]),
                )
                for stage in STAGES
            ]
        )

    def set_theme(self, theme: Theme) -> None:
        self._lines.theme = theme
        self.viewport().update()

    def text(self, row: int, column: int) -> str:
        """What a cell says, as a screen reader would read it."""
        return str(self._rows.data(self._rows.index(row, column)) or "")


class _Rows(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = [Row(stage) for stage in STAGES]

    def set_rows(self, rows: list[Row]) -> None:
        """Only what differs is painted again."""
        for place, row in enumerate(rows):
            if row != self._rows[place]:
                self._rows[place] = row
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(_HEADS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        return _side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role == Qt.ItemDataRole.UserRole:
            return row.recent
        if role != Qt.ItemDataRole.DisplayRole or column == _LINE:
            return None
        if column == 0:
            return NAMES[row.stage]
        if row.spread is None:
            return "–"
        return str(row.spread.count) if column == len(_HEADS) - 1 else words(getattr(row.spread, _FIGURES[column - 2]))


class _Lines(QStyledItemDelegate):
    """Paints the latest times, the highest at the top of its cell."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        times = index.data(Qt.ItemDataRole.UserRole) or ()
        area = QRectF(option.rect).adjusted(10, 5, -10, -4)  # pyright: ignore[reportAttributeAccessIssue]
        if not times or area.width() < 8:
            return
        line = path(times, area)
        below = QPainterPath(line)
        below.lineTo(line.currentPosition().x(), area.bottom())
        below.lineTo(line.elementAt(0).x, area.bottom())  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(below, self.theme.color("accent_soft"))
        pen = QPen(self.theme.color("accent"), 1.4)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(line)
        painter.setBrush(self.theme.color("accent"))
        painter.drawEllipse(line.currentPosition(), 1.8, 1.8)
        painter.restore()


def path(times: Sequence[float], area: QRectF) -> QPainterPath:
    """A line through the times, which ends at the right; 0 is at the bottom, the most of them at the top."""
    most = max(times) or 1.0
    step = area.width() / (POINTS - 1)
    left = area.right() - step * (len(times) - 1)
    points = [QPointF(left + step * i, area.bottom() - area.height() * time / most) for i, time in enumerate(times)]
    line = QPainterPath(points[0])
    for point in points[1:]:
        line.lineTo(point)
    return line


def words(milliseconds: float) -> str:
    """With about three digits: 0.25 ms, 12.3 ms, 1.24 s."""
    if milliseconds >= 999.5:
        return f"{milliseconds / 1000:.3g} s" if milliseconds < 999_500 else f"{milliseconds / 1000:.0f} s"
    digits = 2 if milliseconds < 9.995 else 1 if milliseconds < 99.95 else 0
    return f"{milliseconds:.{digits}f} ms"


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column <= _LINE else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
