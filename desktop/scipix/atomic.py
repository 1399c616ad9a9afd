"""Writes a whole file at once, so that a crash or a full disk never leaves half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_bytes(path: Path, data: bytes) -> None:
    """Write data to path: a temporary file in the same folder, forced to disk, then renamed over the old one.

    The folder is made when it is missing. A link is followed: the file it names is replaced, not the link. The
    permissions of an existing file are kept; a new one is readable by its owner alone. Raises OSError; the old file is
    then untouched.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".partial")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            os.chmod(temporary, target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """The same for text, as UTF-8 with the line ends that it has."""
    write_bytes(path, text.encode("utf-8"))
