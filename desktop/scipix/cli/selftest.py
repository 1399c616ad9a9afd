"""scipix doctor --self-test: use every part once, and compare what comes out with what has to come out.

Every frozen app runs this after it was built, and every package after it was installed. Nothing of the user is touched:
what is written is written into a folder that is removed again.
"""

from __future__ import annotations

import io
import json
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from scipix.cli.programs import Programs, Recognizer, Streams
from scipix.datatypes import Image, Kind, Mode, Reading
from scipix.errors import ExitCode, HistoryError, ScipixError, SettingsError
from scipix.history.recent import NewEntry, Recent
from scipix.inference.features import FEATURES
from scipix.inference.manifest import load as load_manifest
from scipix.notation.normalize import normalize
from scipix.paths import Paths
from scipix.settings import CaptureSettings, Settings, load, save
from scipix.sources.images import read_image
from scipix.sources.pdf import POINTS_PER_INCH, Pdf

PREVIEW = r"\int_{0}^{1}\frac{x^{2}}{\sqrt{1+x}}\,dx"
_LEAST_INK = 200  # pixels of PREVIEW that are not background; painted at 48 px per em it has thousands
_PDF_DPI = 144.0
_PDF_SLACK = 1.0  # points; PDFium smooths edges as it likes


class SelfTestFailed(ScipixError):
    """A part works, but gave something else than it has to give."""

    code = "self-test"


@dataclass(frozen=True, slots=True)
class Check:
    """work: returns a sentence about what was seen; raises when it is not what it has to be."""

    name: str
    work: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Picture:
    """An entry of resources/samples/expected.toml. feature: as in the manifest, and a mode of the recognizer."""

    feature: str
    path: Path
    latex: str


@dataclass(frozen=True, slots=True)
class SamplePdf:
    """The entry `pdf` of expected.toml. size: of its page, in points. ink: left, top, right and bottom of what is black on
    it, in points from the top left."""

    path: Path
    size: tuple[float, ...]
    ink: tuple[float, ...]
    latex: str


def run(as_json: bool, paths: Paths, streams: Streams, programs: Programs) -> ExitCode:
    """One line a check; FAULT when any failed."""
    recognizer = programs.open_recognizer(paths.models, "auto", frozenset(FEATURES))
    good = True
    try:
        for check in checks(paths, recognizer, programs.paint):
            start = time.perf_counter()
            try:
                ok, detail = True, programs.shielded(check.work)
            except ScipixError as error:
                ok, detail = False, str(error)
            milliseconds = (time.perf_counter() - start) * 1000
            good = good and ok
            streams.result(_line(check.name, ok, detail, milliseconds, as_json))
    finally:
        recognizer.close()
    return ExitCode.OK if good else ExitCode.FAULT


def checks(paths: Paths, recognizer: Recognizer, paint: Callable[[str], bytes]) -> Iterator[Check]:
    """All checks, in the order in which they are made. paint: LaTeX -> PNG, as the window does it."""
    yield Check("models", lambda: models_are_covered(paths))
    for picture in _pictures_or_none(paths):
        yield Check(f"read {picture.path.name}", lambda picture=picture: reads(picture, recognizer))
    yield Check("preview", lambda: preview_is_drawn(paint))
    yield Check("pdf", lambda: pdf_is_drawn(sample_pdf(paths)))
    yield Check("read pdf", lambda: pdf_is_read(sample_pdf(paths), recognizer))
    yield Check("recent list", recent_list_is_kept)
    yield Check("settings", settings_are_kept)


def pictures(paths: Paths) -> list[Picture]:
    """The pictures with known LaTeX. Raises SelfTestFailed when their list cannot be read."""
    try:
        return [
            Picture(entry["feature"], _samples(paths) / entry["file"], entry["latex"])
            for entry in _expected(paths)["picture"]
        ]
    except (KeyError, TypeError) as exc:
        raise SelfTestFailed(f"the list of samples cannot be read: {exc!r}") from exc


def sample_pdf(paths: Paths) -> SamplePdf:
    """The PDF with known content. Raises SelfTestFailed when the list of samples does not tell it."""
    try:
        entry = _expected(paths)["pdf"]
        path = _samples(paths) / entry["file"]
        return SamplePdf(path, tuple(map(float, entry["size"])), tuple(map(float, entry["ink"])), entry["latex"])
    except (KeyError, TypeError, ValueError) as exc:
        raise SelfTestFailed(f"the list of samples cannot be read: {exc!r}") from exc


def _samples(paths: Paths) -> Path:
    return paths.resources / "samples"


def _expected(paths: Paths) -> dict[str, Any]:
    try:
        return tomllib.loads((_samples(paths) / "expected.toml").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise SelfTestFailed(f"the list of samples cannot be read: {exc}") from exc


def _pictures_or_none(paths: Paths) -> list[Picture]:
    try:
        return pictures(paths)
    except SelfTestFailed:  # reported by the check of the models
        return []


def models_are_covered(paths: Paths) -> str:
    """Every feature of the manifest has a picture that is read below. Raises SelfTestFailed, ModelMissing."""
    features = {model.feature for model in load_manifest(paths.models / "manifest.toml").models}
    unread = features - {picture.feature for picture in pictures(paths)}
    if unread or not features:
        raise SelfTestFailed(f"no sample for {', '.join(sorted(unread)) or 'any model: the manifest is empty'}")
    return f"samples for {', '.join(sorted(features))}"


def reads(picture: Picture, recognizer: Recognizer) -> str:
    """The recognizer reads what the picture shows. Raises SelfTestFailed, or what the recognizer raises."""
    return _reads_image(read_image(picture.path), Mode(picture.feature), picture.latex, recognizer)


def _reads_image(image: Image, mode: Mode, latex: str, recognizer: Recognizer) -> str:
    reading = recognizer.recognize(image, mode)
    if normalize(reading.latex) != normalize(latex):
        raise SelfTestFailed(f"{reading.model} read {reading.latex} instead of {latex}")
    if not reading.readable:
        raise SelfTestFailed(f"{reading.model} read it right, but doubts it")
    return f"{reading.model} on {reading.provider}: {reading.latex}"


def preview_is_drawn(paint: Callable[[str], bytes]) -> str:
    """MathJax typesets, Qt paints, and there is something to see. Raises SelfTestFailed, InvalidLatex."""
    with PIL.Image.open(io.BytesIO(paint(PREVIEW))) as picture:
        gray = picture.convert("L")
    paper = gray.getpixel((0, 0))
    ink = sum(count for level, count in enumerate(gray.histogram()) if level != paper)
    if ink < _LEAST_INK:
        raise SelfTestFailed(f"the preview is blank: {ink} pixels of ink on {gray.width} x {gray.height}")
    return f"{gray.width} x {gray.height} pixels, {ink} of ink"


def pdf_is_drawn(sample: SamplePdf) -> str:
    """PDFium opens the sample and draws its page: what is black is where it belongs. Raises SelfTestFailed, UnreadablePdf,
    InputNotFound."""
    with Pdf(sample.path) as document:
        size, pixels = document.size(0), document.render(0, dpi=_PDF_DPI).pixels
    rows, columns = np.nonzero(pixels.max(axis=2) < 128)
    if not len(rows):
        raise SelfTestFailed("PDFium drew a blank page")
    edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    ink = tuple(float(edge) * POINTS_PER_INCH / _PDF_DPI for edge in edges)
    if size != sample.size or max(abs(a - b) for a, b in zip(ink, sample.ink, strict=True)) > _PDF_SLACK:
        raise SelfTestFailed(f"PDFium drew the page wrong: {size}, ink at {ink} instead of {sample.ink}")
    return f"{pixels.shape[1]} x {pixels.shape[0]} pixels, ink at {', '.join(f'{edge:g}' for edge in ink)} points"


def pdf_is_read(sample: SamplePdf, recognizer: Recognizer) -> str:
    """The formula on its page is read. Raises what `reads` raises, and UnreadablePdf."""
    with Pdf(sample.path) as document:
        return _reads_image(document.render_to_read(0), Mode.MATH, sample.latex, recognizer)


def recent_list_is_kept() -> str:
    """An entry is there, picture and edit included, after the list was closed and opened again."""
    reading = Reading(Kind.FORMULA, "x", 0.5, model="self-test")
    with tempfile.TemporaryDirectory(prefix="scipix-self-test-") as folder:
        path = Path(folder) / "history.sqlite3"
        recent = Recent(path)
        number = recent.add(NewEntry(1.0, reading, b"picture", b"thumbnail"))
        recent.update(number, "y")
        recent.close()
        recent = Recent(path)
        entry = recent.get(number)
        recent.close()
    if entry is None or (entry.latex, entry.picture, entry.reading) != ("y", b"picture", reading):
        raise HistoryError(f"an entry was not kept: {entry}")
    return "1 entry, saved and loaded"


def settings_are_kept() -> str:
    """Changed settings are the same after they were saved and loaded."""
    changed = replace(Settings(), capture=CaptureSettings(hotkey="Ctrl+Shift+F12", delay=1.5))
    with tempfile.TemporaryDirectory(prefix="scipix-self-test-") as folder:
        path = Path(folder) / "settings.toml"
        save(changed, path)
        loaded = load(path)
    if loaded != changed:
        raise SettingsError(f"settings were not kept: {loaded}")
    return "saved and loaded"


def _line(name: str, ok: bool, detail: str, milliseconds: float, as_json: bool) -> str:
    if as_json:
        return json.dumps({"check": name, "ok": ok, "detail": detail, "ms": round(milliseconds, 1)})
    return f"{'ok  ' if ok else 'FAIL'}  {name}: {detail} ({milliseconds:.0f} ms)"
