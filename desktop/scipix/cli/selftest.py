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

import PIL.Image

from scipix.cli.programs import Programs, Recognizer, Streams
from scipix.datatypes import Kind, Mode, Reading
from scipix.errors import ExitCode, HistoryError, ScipixError, SettingsError
from scipix.history.recent import NewEntry, Recent
from scipix.inference.features import FEATURES
from scipix.inference.manifest import load as load_manifest
from scipix.notation.normalize import normalize
from scipix.paths import Paths
from scipix.settings import CaptureSettings, Settings, load, save
from scipix.sources.images import read_image

PREVIEW = r"\int_{0}^{1}\frac{x^{2}}{\sqrt{1+x}}\,dx"
_LEAST_INK = 200  # pixels of PREVIEW that are not background; painted at 48 px per em it has thousands
_PDF_SIZE = (120, 80)  # points
_PDF_INK = (30, 20, 40, 30)  # left, bottom, width, height of the black box on its page, points


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
    yield Check("pdf", pdf_opens)
    yield Check("recent list", recent_list_is_kept)
    yield Check("settings", settings_are_kept)


def pictures(paths: Paths) -> list[Picture]:
    """The pictures with known LaTeX. Raises SelfTestFailed when their list cannot be read."""
    folder = paths.resources / "samples"
    try:
        table = tomllib.loads((folder / "expected.toml").read_text("utf-8"))
        return [Picture(entry["feature"], folder / entry["file"], entry["latex"]) for entry in table["picture"]]
    except (OSError, ValueError, KeyError, TypeError) as exc:
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
    reading = recognizer.recognize(read_image(picture.path), Mode(picture.feature))
    if normalize(reading.latex) != normalize(picture.latex):
        raise SelfTestFailed(f"{reading.model} read {reading.latex} instead of {picture.latex}")
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


def pdf_opens() -> str:
    """PDFium opens a page and draws the black box on it where it belongs. Raises SelfTestFailed."""
    import pypdfium2  # 40 ms; only needed here

    try:
        document = pypdfium2.PdfDocument(sample_pdf())
        picture = document[0].render(scale=1).to_pil().convert("L")
        document.close()
    except pypdfium2.PdfiumError as exc:
        raise SelfTestFailed(f"PDFium cannot open the sample: {exc}") from exc
    left, bottom, width, height = _PDF_INK
    inside = picture.getpixel((left + width // 2, _PDF_SIZE[1] - bottom - height // 2))
    if picture.size != _PDF_SIZE or inside != 0 or picture.getpixel((2, 2)) != 255:
        raise SelfTestFailed(f"PDFium drew the sample wrong: {picture.size}, {inside} where it should be black")
    return "1 page drawn"


def sample_pdf() -> bytes:
    """A PDF of one page with a black box on it."""
    content = "0 g {} {} {} {} re f".format(*_PDF_INK)
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {_PDF_SIZE[0]} {_PDF_SIZE[1]}]/Contents 4 0 R/Resources<<>>>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
    )
    text, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(text))
        text += f"{number} 0 obj{body}endobj\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    tail = (
        f"xref\n0 {size}\n0000000000 65535 f \n{rows}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(text)}\n%%EOF"
    )
    return (text + tail).encode("ascii")


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
