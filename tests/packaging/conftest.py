"""The scripts of packaging/ import one another by plain names, as they do when they are run."""

import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "packaging"
sys.path[:0] = [str(SCRIPTS), str(SCRIPTS / "macos")]
