from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
from PySide6.QtGui import QFileOpenEvent
from scipix.gui.qt_app import QtApp
app = QtApp([])
found = []
app.file_wanted.connect(found.append)
QtApp.sendEvent(app, QFileOpenEvent("/papers/a ü.pdf"))
print(ascii(found))
"""


def test_a_file_that_the_system_wants_opened_is_told() -> None:
    """In a process of its own: there may be one QApplication only, and tests have another one."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == ascii(["/papers/a ü.pdf"]), done.stderr
