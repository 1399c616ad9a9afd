"""Set before onnxruntime can be imported by any test: it would write to the home folder and phone home."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
