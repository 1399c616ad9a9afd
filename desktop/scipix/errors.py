"""Everything that Scipix raises on purpose. Each error carries a code (part of the command line's contract) and data.

ScipixError
├── UsageError (ValueError)          usage               exit 2
├── UnreadableImage (ValueError)     unreadable-image    exit 3
│   └── ImageTooLarge                image-too-large     exit 3
├── UnreadablePdf (ValueError)       unreadable-pdf      exit 3
│   ├── NotAPdf                      not-a-pdf           exit 3
│   ├── PdfLocked                    pdf-locked          exit 3
│   ├── PdfTooLarge                  pdf-too-large       exit 3
│   ├── PageNotNamed                 page-not-named      exit 3
│   ├── PageNotFound                 page-not-found      exit 3
│   └── BoxOffPage                   box-off-page        exit 3
├── NothingToRead (ValueError)       nothing-to-read     exit 3
├── InputNotFound (FileNotFoundError) input-not-found    exit 3
├── ModelMissing (FileNotFoundError) model-missing       exit 4
├── ModelCorrupt (ValueError)        model-corrupt       exit 4
├── FeatureDisabled                  feature-disabled    exit 4
├── BackendUnavailable (RuntimeError) backend-unavailable exit 5
├── OutputUnwritable (OSError)        output              exit 6
├── Cancelled                        cancelled
├── InvalidLatex (ValueError)        invalid-latex
├── SettingsError (ValueError)       settings
├── HistoryError (OSError)           history
├── FolderUnusable (OSError)         folder
└── CaptureError (RuntimeError)      capture
    └── HotkeyTaken                  hotkey-taken
"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """Exit status of the command line."""

    OK = 0
    FAULT = 1
    USAGE = 2
    INPUT = 3
    MODEL = 4
    BACKEND = 5
    OUTPUT = 6


class ScipixError(Exception):
    """Base of all; str() is a sentence for the user."""

    code = "error"
    exit_code = ExitCode.FAULT


class UsageError(ScipixError, ValueError):
    """The command or the call makes no sense."""

    code = "usage"
    exit_code = ExitCode.USAGE


class UnreadableImage(ScipixError, ValueError):
    """The bytes are no picture that can be decoded."""

    code = "unreadable-image"
    exit_code = ExitCode.INPUT

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"cannot read the picture {name}: {reason}")
        self.name = name
        self.reason = reason


class ImageTooLarge(UnreadableImage):
    """The picture has more pixels than is safe to decode."""

    code = "image-too-large"


class UnreadablePdf(ScipixError, ValueError):
    """The file is no PDF that can be opened."""

    code = "unreadable-pdf"
    exit_code = ExitCode.INPUT

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"cannot read the PDF {name}: {reason}")
        self.name = name
        self.reason = reason


class NotAPdf(UnreadablePdf):
    """A PDF was wanted, and the file is something else."""

    code = "not-a-pdf"


class PdfLocked(UnreadablePdf):
    """The PDF is encrypted and opens with a password only, or with another one than was given."""

    code = "pdf-locked"


class PdfTooLarge(UnreadablePdf):
    """The file has more bytes, or the picture of the page more pixels, than is safe to hold."""

    code = "pdf-too-large"


class PageNotNamed(UnreadablePdf):
    """The PDF has several pages, and nobody said which one to read."""

    code = "page-not-named"


class PageNotFound(UnreadablePdf):
    """The PDF has fewer pages than that."""

    code = "page-not-found"


class BoxOffPage(UnreadablePdf):
    """The box to read lies outside of the page."""

    code = "box-off-page"


class NothingToRead(ScipixError, ValueError):
    """The picture is blank."""

    code = "nothing-to-read"
    exit_code = ExitCode.INPUT


class InputNotFound(ScipixError, FileNotFoundError):
    """No such file or folder."""

    code = "input-not-found"
    exit_code = ExitCode.INPUT

    def __init__(self, path: Path | str) -> None:
        super().__init__(f"no such file or folder: {path}")
        self.path = Path(path)

    def __str__(self) -> str:
        return f"no such file or folder: {self.path}"


class ModelMissing(ScipixError, FileNotFoundError):
    """A model that is needed is not installed."""

    code = "model-missing"
    exit_code = ExitCode.MODEL

    def __init__(self, model: str, path: Path | str) -> None:
        super().__init__(f"the model {model} is missing: {path}")
        self.model = model
        self.path = Path(path)

    def __str__(self) -> str:
        return f"the model {self.model} is missing: {self.path}"


class ModelCorrupt(ScipixError, ValueError):
    """A model file is not the one that the manifest names."""

    code = "model-corrupt"
    exit_code = ExitCode.MODEL

    def __init__(self, model: str, path: Path | str, reason: str) -> None:
        super().__init__(f"the model {model} is corrupt ({reason}): {path}")
        self.model = model
        self.path = Path(path)
        self.reason = reason


class FeatureDisabled(ScipixError):
    """What was asked for is switched off in the settings. feature: one of inference.features.FEATURES."""

    code = "feature-disabled"
    exit_code = ExitCode.MODEL

    def __init__(self, feature: str) -> None:
        super().__init__(
            f"reading {feature} is switched off; switch it on under Settings > Models, or with {feature} = true in the "
            "group [features] of the settings file"
        )
        self.feature = feature


class BackendUnavailable(ScipixError, RuntimeError):
    """No provider could run the model."""

    code = "backend-unavailable"
    exit_code = ExitCode.BACKEND


class OutputUnwritable(ScipixError, OSError):
    """Standard output takes no more: the disk is full, or nobody reads it."""

    code = "output"
    exit_code = ExitCode.OUTPUT

    def __init__(self, reason: str) -> None:
        super().__init__(f"the output cannot be written: {reason}")
        self.reason = reason


class Cancelled(ScipixError):
    """The user stopped it."""

    code = "cancelled"


class InvalidLatex(ScipixError, ValueError):
    """The LaTeX cannot be typeset; position is an offset into the source, or None."""

    code = "invalid-latex"

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class SettingsError(ScipixError, ValueError):
    """The settings file cannot be understood or written."""

    code = "settings"


class HistoryError(ScipixError, OSError):
    """The history cannot be read or written."""

    code = "history"


class FolderUnusable(ScipixError, OSError):
    """A folder that Scipix cannot do without cannot be found, made or written."""

    code = "folder"


class CaptureError(ScipixError, RuntimeError):
    """The screen could not be captured."""

    code = "capture"


class HotkeyTaken(CaptureError):
    """Another program holds the key combination."""

    code = "hotkey-taken"
