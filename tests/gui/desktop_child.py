"""Other programs on the desktop of test_snip_to_clipboard.py: `show PICTURE LEFT TOP` and `clipboard`.

`show` prints `shown` and stays. `clipboard` prints the text on the clipboard once there is some, and ends.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QLabel


def show(app: QApplication, picture: str, left: int, top: int) -> int:
    label = QLabel()
    label.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    label.setPixmap(QPixmap(picture))
    label.move(left, top)
    label.show()
    QTimer.singleShot(300, lambda: print("shown", flush=True))
    return app.exec()


def clipboard(app: QApplication) -> int:
    # X11 hands the clipboard to a program only when it has a window.
    label = QLabel("paste")
    label.show()

    def look() -> None:
        text = app.clipboard().text()
        if text:
            print(text, flush=True)
            app.quit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(50)
    return app.exec()


def main() -> int:
    app = QApplication(sys.argv)
    if sys.argv[1] == "show":
        return show(app, sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    return clipboard(app)


if __name__ == "__main__":
    raise SystemExit(main())
