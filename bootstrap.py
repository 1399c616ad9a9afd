#!/usr/bin/env python3
"""Sets Scipix Desktop up, runs it and tests it. Needs Python 3.11 or newer and nothing else.

    python3 bootstrap.py setup          make .venv from uv.lock, and install the system libraries that Qt lacks
    python3 bootstrap.py run [ARGS]     set up if needed, then `scipix ARGS` (no ARGS: the app)
    python3 bootstrap.py test [ARGS]    set up if needed, then the tests (ARGS go to pytest)

The environment is made from uv.lock, hash by hash. uv is taken from the PATH or put into .venv by pip; where uv cannot
download (a mirror that only pip knows of), pip installs the same locked files. A stamp in .venv makes the next run
start at once. System packages are touched only on Debian and Ubuntu, only when something is missing, and only as root
or with a sudo that asks for no password. Messages go to standard error.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "bootstrap.json"
NEWEST_FIRST = ("python3.13", "python3.12", "python3.11")
OLDEST_PYTHON = (3, 11)
OLDEST_UV = (0, 9)  # the first that reads the revision of our uv.lock without a complaint

# What PySide6's libraries and its xcb and wayland plugins link to, and what brings it on Debian and Ubuntu.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
TEST_PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool", "xclip": "xclip"}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")


class SetupError(Exception):
    """Set-up cannot go on; the message tells the user what to do."""


def say(message: str) -> None:
    print(f"bootstrap: {message}", file=sys.stderr, flush=True)


def call(*command: str | Path, env: dict[str, str] | None = None) -> bool:
    """Runs a command with its standard output sent to standard error; True when it succeeded."""
    say("$ " + " ".join(str(part) for part in command))
    try:
        return subprocess.run([str(part) for part in command], stdout=sys.stderr, env=env, cwd=ROOT).returncode == 0
    except OSError as error:
        say(f"cannot run {command[0]}: {error}")
        return False


# System packages


def missing_packages(for_tests: bool) -> list[str]:
    """The Debian packages whose library, program or font this machine lacks; empty outside Linux."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [package for library, package in QT_LIBRARIES.items() if not can_load(library)]
    if not any(font.is_file() for folder in FONT_FOLDERS for font in Path(folder).rglob("*.[to]tf")):
        missing.append("fonts-dejavu-core")
    if for_tests:
        missing += [package for program, package in TEST_PROGRAMS.items() if shutil.which(program) is None]
    return missing


def can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def root_prefix() -> list[str] | None:
    """What to put before a command to run it as root: nothing, sudo, or None when neither is allowed."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def install_packages(packages: list[str]) -> bool:
    """Installs with apt where that is allowed; False when something else has to be done by hand."""
    prefix = root_prefix() if shutil.which("apt-get") else None
    if prefix is None:
        return False
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=180"]
    # What is installed already stays at its version: bringing a system up to date is not our business.
    install = [*quiet, "install", "-y", "--no-install-recommends", "--no-upgrade", *packages]
    # A fresh container has no package lists, and old lists name files that are gone: refresh only then.
    return call(*install) or (call(*quiet, "update") and call(*install))


def provide_system(for_tests: bool) -> None:
    missing = missing_packages(for_tests)
    if not missing:
        return
    say("this system lacks " + ", ".join(missing))
    if install_packages(missing):
        missing = missing_packages(for_tests)
    if missing:
        say("going on without them; windows may not open. As root: apt-get install " + " ".join(missing))


# The Python environment


def wanted_state() -> dict[str, str]:
    """What the environment is made from; it is made again when any of this changes."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "uv.lock", "bootstrap.py"):
        digest.update((ROOT / name).read_bytes())
    return {"made_from": digest.hexdigest(), "root": str(ROOT)}


def is_ready() -> bool:
    try:
        recorded = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return recorded == wanted_state() and program("python").is_file() and program("scipix").is_file()


def program(name: str) -> Path:
    return BIN / (f"{name}.exe" if os.name == "nt" else name)


def make_venv() -> None:
    """An environment with a Python that runs and is new enough; an existing good one is kept."""
    check = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    if program("python").is_file():
        if subprocess.run([str(program("python")), "-c", check], capture_output=True).returncode == 0:
            return
        say("the Python of .venv no longer runs or is too old: making it again")
        shutil.rmtree(VENV)
    # Without pip: Debian's python3 has venv but not ensurepip, and uv needs no pip.
    if not call(sys.executable, "-m", "venv", "--without-pip", VENV):
        raise SetupError("cannot make .venv; on Debian and Ubuntu: apt-get install python3-venv python3-pip")


def find_uv() -> Path | None:
    """A uv that is new enough: the one in .venv, else the one on the PATH."""
    for candidate in (str(program("uv")), shutil.which("uv")):
        if candidate is None or not os.path.isfile(candidate):
            continue
        answer = subprocess.run([candidate, "--version"], capture_output=True, text=True)
        version = re.match(r"uv (\d+)\.(\d+)", answer.stdout)
        if answer.returncode == 0 and version and (int(version[1]), int(version[2])) >= OLDEST_UV:
            return Path(candidate)
    return None


def pip_command() -> list[str] | None:
    """A pip that installs into .venv: its own, or the one of the Python that runs this file."""
    python = str(program("python"))
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return [python, "-m", "pip"]
    if importlib.util.find_spec("ensurepip") and call(python, "-m", "ensurepip", "--default-pip"):
        return [python, "-m", "pip"]
    answer = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True)
    version = re.match(r"pip (\d+)\.(\d+)", answer.stdout)
    if answer.returncode == 0 and version and (int(version[1]), int(version[2])) >= (22, 3):  # --python came with 22.3
        return [sys.executable, "-m", "pip", "--python", python]
    return None


def provide_pip() -> list[str]:
    pip = pip_command()
    packages = ["python3-venv", f"python3.{sys.version_info.minor}-venv", "python3-pip"]
    if pip is None and sys.platform.startswith("linux") and install_packages(packages):
        pip = pip_command()
    if pip is None:
        raise SetupError(
            "this Python has neither ensurepip nor pip. On Debian and Ubuntu run, as root:\n"
            f"    apt-get install {' '.join(packages)}\nor put uv on the PATH, and start again."
        )
    return pip


def provide_uv() -> Path:
    uv = find_uv()
    if uv is not None:
        return uv
    version = re.search(r'name = "uv"\nversion = "([^"]+)"', (ROOT / "uv.lock").read_text("utf-8"))
    if version is None:
        raise SetupError("uv.lock names no uv")
    call(*provide_pip(), "install", "--quiet", f"uv=={version[1]}")
    uv = find_uv()
    if uv is None:
        raise SetupError(
            "cannot install uv with pip: see its message above (no network, a proxy, or a mirror without uv?)"
        )
    return uv


def uv_environment() -> dict[str, str]:
    """The user's environment, with what pip was told about certificates and patience told to uv as well."""
    env = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(VENV)}
    env.pop("VIRTUAL_ENV", None)
    for theirs, ours in (("PIP_CERT", "SSL_CERT_FILE"), ("PIP_DEFAULT_TIMEOUT", "UV_HTTP_TIMEOUT")):
        if theirs in env:
            env.setdefault(ours, env[theirs])
    return env


def fill_venv() -> None:
    uv, env = provide_uv(), uv_environment()
    if call(uv, "sync", "--locked", env=env):
        return
    say("uv could not install the lock; trying the same files with pip and its own settings")
    listing = VENV / "locked.txt"
    exported = call(uv, "export", "--frozen", "--quiet", "--no-emit-project", "--output-file", listing, env=env)
    pip = provide_pip() if exported else []
    installed = exported and call(*pip, "install", "--require-hashes", "-r", listing)
    if not (installed and call(*pip, "install", "--no-deps", "--editable", ROOT)):
        raise SetupError("cannot install the locked packages: see the messages above; then run this again")


def setup(for_tests: bool = False) -> None:
    provide_system(for_tests)
    if is_ready():
        return
    make_venv()
    STAMP.unlink(missing_ok=True)
    fill_venv()
    STAMP.write_text(json.dumps(wanted_state()), "utf-8")
    say(f"ready: {program('scipix')}")


# Commands


def become(command: list[str]) -> int:
    """Replaces this process where the system can, so that signals and standard streams go straight to the command."""
    if os.name == "nt":
        return subprocess.run(command).returncode
    os.execv(command[0], command)


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in ("setup", "run", "test"):
        print(__doc__, file=sys.stderr)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    command, rest = arguments[0], arguments[1:]
    if sys.version_info < OLDEST_PYTHON:
        newer = next(filter(None, map(shutil.which, NEWEST_FIRST)), None)
        if newer is None:
            raise SetupError(f"Python {sys.version.split()[0]} is too old: Scipix needs Python 3.11 or newer")
        return become([newer, str(Path(__file__).resolve()), *arguments])
    if command != "run" or not is_ready():
        setup(for_tests=command == "test")
    if command == "run":
        return become([str(program("scipix")), *rest])
    if command == "test":
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        os.chdir(ROOT)
        return become([str(program("python")), "-m", "pytest", *rest])
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(f"bootstrap: {error}")
    except KeyboardInterrupt:
        sys.exit("bootstrap: stopped")
