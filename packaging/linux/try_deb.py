#!/usr/bin/env python3
"""Installs, uses, upgrades and removes the Debian package, as root: python3 packaging/linux/try_deb.py DEB...

    --chroot FOLDER     in a clean system there, made with debootstrap (--suite bookworm, --mirror URL) when it is empty
    --here              in this system, which has to be one that nobody needs, such as a container in CI

An ordinary user of the system runs the self-test without a display and opens the window under Xvfb. The package is then
made anew with a higher version and installed over it: settings and history have to be the same. Then it is removed, and
nothing of it may be left.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

USER = "scipix-try"
HOME = f"/home/{USER}"
LEFTOVERS = ("opt/scipix", "usr/bin/scipix", "usr/share/applications/org.scipix.Scipix.desktop", "usr/share/doc/scipix")
OFFSCREEN = "QT_QPA_PLATFORM=offscreen"
# The window has to be there, and to go when it is asked to.
WINDOW = """
xvfb-run -a sh -c '
scipix & pid=$!
for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    sleep 1
    xdotool search --onlyvisible --name Scipix >/dev/null 2>&1 && break
done
xdotool search --onlyvisible --name Scipix || exit 1
grep -E "VmRSS|VmHWM" /proc/$pid/status
kill $pid
wait $pid'
"""


class Trial:
    """A system in a folder; "/" is this one."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, script: str, as_user: bool = False) -> str:
        """Run a shell script in the system; returns its output. Raises CalledProcessError."""
        words = ["sh", "-euc", script]
        if as_user:
            words = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", "env", "-i", *_env(), *words]
        if self.root != Path("/"):
            words = ["chroot", str(self.root), *words]
        print(f"try: {script.strip().splitlines()[0]}", flush=True)
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            print(done.stdout)
            raise subprocess.CalledProcessError(done.returncode, words)
        return done.stdout

    def install(self, package: Path) -> None:
        shutil.copyfile(package, self.root / "tmp" / package.name)
        self.run(f"DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends /tmp/{package.name}")
        (self.root / "tmp" / package.name).unlink()


def _env() -> list[str]:
    return [f"HOME={HOME}", f"USER={USER}", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"]


def make_chroot(folder: Path, suite: str, mirror: str | None) -> None:
    """A clean system. Raises CalledProcessError."""
    if (folder / "usr").is_dir():
        return
    words = ["debootstrap", "--variant=minbase", suite, str(folder), *([mirror] if mirror else [])]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def newer(package: Path, folder: Path) -> Path:
    """The same package with a higher version."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True)
    control = tree / "DEBIAN/control"
    lines = [f"{line}+1" if line.startswith("Version:") else line for line in control.read_text("utf-8").splitlines()]
    control.write_text("\n".join(lines) + "\n", "utf-8")
    target = folder / "newer.deb"
    options = ["--root-owner-group", "-Znone", "--build", str(tree), str(target)]
    subprocess.run(["dpkg-deb", *options], check=True, stdout=subprocess.DEVNULL)
    return target


def try_out(trial: Trial, package: Path) -> None:
    """Raises CalledProcessError, or SystemExit with what is wrong."""
    trial.run("DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends xvfb xauth xdotool")
    trial.run(f"id {USER} || useradd --create-home {USER}")
    trial.install(package)
    print(trial.run("du -sm /opt/scipix"))
    print(trial.run(f"{OFFSCREEN} scipix doctor --self-test", as_user=True))
    start = time.monotonic()
    trial.run("scipix --version", as_user=True)
    print(f"try: scipix --version took {time.monotonic() - start:.2f} s")
    print(trial.run(WINDOW, as_user=True))
    before = _kept(trial)
    with tempfile.TemporaryDirectory() as folder:
        trial.install(newer(package, Path(folder)))
    print(trial.run(f"{OFFSCREEN} scipix doctor --self-test", as_user=True))
    if before != _kept(trial) or not before:
        raise SystemExit("the upgrade changed settings or history")
    trial.run("DEBIAN_FRONTEND=noninteractive apt-get purge -y scipix")
    left = [name for name in LEFTOVERS if (trial.root / name).exists()]
    if left:
        raise SystemExit(f"left over: {', '.join(left)}")
    print("try: installed, used, upgraded, removed")


def _kept(trial: Trial) -> dict[str, bytes]:
    """The user's own files, which an upgrade leaves alone."""
    home = trial.root / HOME.lstrip("/")
    found = [home / ".config/scipix/settings.toml", home / ".local/share/scipix/history.sqlite3"]
    return {path.name: path.read_bytes() for path in found if path.is_file()}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--chroot", type=Path)
    where.add_argument("--here", action="store_true")
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--mirror")
    given = parser.parse_args(arguments)
    root = Path("/") if given.here else given.chroot.resolve()
    if not given.here:
        make_chroot(root, given.suite, given.mirror)
    try_out(Trial(root), given.package)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
