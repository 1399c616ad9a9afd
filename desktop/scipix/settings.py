"""What the user has chosen: frozen groups, read from and written to one TOML file.

A group is a table of the file, a field is a key. Values are checked when a group is made, so a Settings object is
always valid. Keys that this version does not know (a newer one wrote them) stay in the file when it is saved.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from scipix.atomic import write_text
from scipix.errors import SettingsError
from scipix.toml_writer import to_toml

T = TypeVar("T")

SCHEMA = 1


def _choice(default: str, *others: str) -> Any:
    return field(default=default, metadata={"choices": (default, *others)})


def _number(default: T, low: float, high: float) -> T:
    return field(default=default, metadata={"range": (low, high)})


def choices(group: type, name: str) -> tuple[str, ...]:
    """The values that a field of a group may have, for menus; empty for a field that is not a choice."""
    return next((entry.metadata.get("choices", ()) for entry in fields(group) if entry.name == name), ())


@dataclass(frozen=True, slots=True)
class _Group:
    """Checks its own values; raises SettingsError that names the key and what it may be."""

    def __post_init__(self) -> None:
        for entry in fields(self):
            self._check(entry.name, entry.default, getattr(self, entry.name), dict(entry.metadata))

    def _check(self, name: str, default: Any, value: Any, limits: dict[str, Any]) -> None:
        if isinstance(default, float) and type(value) is int:
            try:
                value = float(value)
            except OverflowError:
                raise SettingsError(f"{name} is a number of more than 300 digits") from None
            object.__setattr__(self, name, value)
        if type(value) is not type(default):
            raise SettingsError(f"{name} is {value!r}, which is not of type {type(default).__name__}")
        if "choices" in limits and value not in limits["choices"]:
            raise SettingsError(f"{name} is {value!r}, not one of {', '.join(limits['choices'])}")
        if "range" in limits and not limits["range"][0] <= value <= limits["range"][1]:
            raise SettingsError(f"{name} is {value}, not from {limits['range'][0]} to {limits['range'][1]}")


@dataclass(frozen=True, slots=True)
class CaptureSettings(_Group):
    """hotkey: as Qt writes key sequences; empty for none. delay: seconds between asking and the picture. hide_window:
    keep the app's own window out of the picture. adjust: let the box be moved before it is read."""

    hotkey: str = "Ctrl+Alt+M"
    delay: float = _number(0.0, 0.0, 10.0)
    hide_window: bool = True
    adjust: bool = False


@dataclass(frozen=True, slots=True)
class CopySettings(_Group):
    """automatic: copy each reading as soon as it is there. delimiters: put around LaTeX, see notation/delimiters.py."""

    automatic: bool = True
    format: str = _choice("latex", "mathml", "svg", "png")
    delimiters: str = _choice("none", "dollar", "double-dollar", "paren", "bracket", "equation", "align")


@dataclass(frozen=True, slots=True)
class AppearanceSettings(_Group):
    """font_size: points, of the LaTeX source. latency: show how long reading takes."""

    theme: str = _choice("system", "light", "dark")
    font_size: int = _number(11, 7, 32)
    latency: bool = False


@dataclass(frozen=True, slots=True)
class RecognitionSettings(_Group):
    """provider: "auto" or the short name of one of onnxruntime's. threshold: a reading with less confidence is shown as
    not readable; 0 leaves that to each model's own threshold. check_below: one with less is shown as doubtful.
    remember: keep readings in the cache folder, to give them again when the same picture comes. calibrate: measure where
    the models run fastest on this computer, while the app is idle."""

    provider: str = "auto"
    precision: str = _choice("auto", "int8", "fp16", "fp32")
    threshold: float = _number(0.0, 0.0, 1.0)
    check_below: float = _number(0.8, 0.0, 1.0)
    remember: bool = True
    calibrate: bool = True


@dataclass(frozen=True, slots=True)
class FeatureSettings(_Group):
    """What may be recognized; a feature without an installed model stays off whatever is chosen."""

    math: bool = True
    text: bool = True
    handwriting: bool = True
    layout: bool = True
    tables: bool = True

    @property
    def enabled(self) -> frozenset[str]:
        """The names of those that are switched on."""
        return frozenset(entry.name for entry in fields(self) if getattr(self, entry.name))


@dataclass(frozen=True, slots=True)
class ModelSettings(_Group):
    """unload_minutes: unload a model that was not used for so long, 0 for never. memory_mb: unload models before Scipix takes
    more than so many megabytes, 0 for half of the computer's memory."""

    unload_minutes: int = _number(15, 0, 1440)
    memory_mb: int = _number(0, 0, 1_000_000)


@dataclass(frozen=True, slots=True)
class HistorySettings(_Group):
    """keep: remember readings after the app is closed. limit: how many."""

    keep: bool = True
    limit: int = _number(500, 1, 100_000)


@dataclass(frozen=True, slots=True)
class StartSettings(_Group):
    """welcomed: the first launch is over."""

    welcomed: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """All groups; make another one with dataclasses.replace."""

    capture: CaptureSettings = field(default_factory=CaptureSettings)
    copy: CopySettings = field(default_factory=CopySettings)
    appearance: AppearanceSettings = field(default_factory=AppearanceSettings)
    recognition: RecognitionSettings = field(default_factory=RecognitionSettings)
    features: FeatureSettings = field(default_factory=FeatureSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    start: StartSettings = field(default_factory=StartSettings)

    @property
    def engine(self) -> RecognitionSettings:
        """What a recognizer is made for, whatever is done with its readings. Who keeps no history keeps no cache."""
        chosen = self.recognition
        remember = chosen.remember and self.history.keep
        return RecognitionSettings(provider=chosen.provider, precision=chosen.precision, remember=remember)

    def with_latency(self, shown: bool) -> Settings:
        """The same, with the latency shown or hidden."""
        return replace(self, appearance=replace(self.appearance, latency=shown))


GROUPS: dict[str, type[_Group]] = {
    "capture": CaptureSettings,
    "copy": CopySettings,
    "appearance": AppearanceSettings,
    "recognition": RecognitionSettings,
    "features": FeatureSettings,
    "models": ModelSettings,
    "history": HistorySettings,
    "start": StartSettings,
}


def load(path: Path) -> Settings:
    """Read the settings; a missing file or key means the default.

    Raises SettingsError when the file cannot be read, is not TOML, or holds a value that makes no sense.
    """
    table = _read(path)
    groups: dict[str, Any] = {}
    for name, group in GROUPS.items():
        given = table.get(name, {})
        if not isinstance(given, dict):
            raise SettingsError(f"{path}: {name} is not a table")
        known = {entry.name for entry in fields(group)}
        try:
            groups[name] = group(**{key: value for key, value in given.items() if key in known})
        except SettingsError as exc:
            raise SettingsError(f"{path}: {name}.{exc}") from exc
    return Settings(**groups)


def save(settings: Settings, path: Path) -> None:
    """Write the settings, keeping the keys of the file that this version does not know. Comments are not kept.

    Raises SettingsError; the old file is then as it was.
    """
    table = {"schema": SCHEMA, **_read(path)}
    for name, values in asdict(settings).items():
        kept = table.get(name)
        table[name] = {**(kept if isinstance(kept, dict) else {}), **values}
    try:
        write_text(path, to_toml(table))
    except OSError as exc:
        raise SettingsError(f"cannot write {path}: {exc}") from exc


def load_or_default(path: Path) -> tuple[Settings, SettingsError | None]:
    """The settings, or the defaults and why. A file that cannot be understood is renamed, never overwritten: next to it
    as settings.toml.broken, .broken-2, and so on."""
    try:
        return load(path), None
    except SettingsError as exc:
        error = exc
    if path.is_file():
        try:
            aside = _unused(path.with_name(f"{path.name}.broken"))
            path.rename(aside)
        except OSError as exc:
            error = SettingsError(f"{error}; it could not be put aside: {exc}")
        else:
            error = SettingsError(f"{error}; it was kept as {aside.name}, and the defaults are used")
    return Settings(), error


def _unused(path: Path) -> Path:
    candidate, number = path, 2
    while candidate.exists():
        candidate, number = path.with_name(f"{path.name}-{number}"), number + 1
    return candidate


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as exc:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise SettingsError(f"cannot read {path}: {exc}") from exc
