"""Qt without a display, for every test in this folder."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ["QT_QPA_PLATFORM"] = "offscreen"
