import subprocess
import sys
from pathlib import Path

import pytest

import compare

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def test_the_processes_of_a_home_folder_are_found_counted_and_ended(tmp_path: Path) -> None:
    here = compare.Here(tmp_path)
    assert here.ask("echo $HOME").strip() == str(tmp_path)
    assert here.processes() == []
    sleeper = here.start("exec sleep 60")
    compare.until(lambda: here.processes() == [sleeper.pid] and compare.own_memory(sleeper.pid) > 0, "process")
    # Ended, it stays in the table until this process asks for its exit code: it has no environment any more.
    compare.end(here)
    assert sleeper.wait() != 0
    assert compare.own_memory(sleeper.pid) == 0


def test_it_can_be_run_by_itself() -> None:
    done = subprocess.run([sys.executable, compare.__file__, "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "NAME FOLDER COMMAND" in done.stdout
