"""Stand-ins for what reaches outside of the app."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QImage

from scipix.datatypes import Alternative, Box, Image, Kind, Origin, Reading, Symbol, Timings
from scipix.errors import Cancelled, InvalidLatex, ScipixError
from scipix.gui.capture.geometry import Screen
from scipix.gui.capture.grabber import Failed, Finished, Grab, ScreenShot, read_screens
from scipix.gui.parts import Parts
from scipix.history.recent import Recent
from scipix.inference.cancel import Cancel
from scipix.inference.features import Features
from scipix.inference.store import Store
from scipix.recognize.choice import Choice
from scipix.recognize.many import Outcome
from scipix.settings import Settings

RESOURCES = Path(__file__).parents[2] / "resources"


def reading(latex: str = r"\frac{a}{b}", confidence: float = 0.98, readable: bool = True) -> Reading:
    return Reading(
        Kind.FORMULA,
        latex,
        confidence,
        symbols=(Symbol("a", Box(10, 5, 30, 25), 0.99), Symbol("b", Box(10, 40, 30, 60), 0.4)),
        alternatives=(Alternative(r"\frac{a}{6}", 0.1),),
        readable=readable,
        model="fake",
        provider="cpu",
        timings=Timings(0.0, 1.0, 2.0, 3.0, 6.0),
    )


def image(name: str = "screen", width: int = 120, height: int = 70, level: int = 255) -> Image:
    pixels = np.full((height, width, 3), level, np.uint8)
    pixels[20:40, 20:60] = 0
    return Image(pixels, origin=Origin.SCREEN, name=name)


class FakeRecognizer:
    """Answers what it was told to; a text per picture name, or an error."""

    def __init__(self, answers: dict[str, Reading | Exception] | None = None) -> None:
        self.answers = answers or {}
        self.seen: list[str] = []
        self.choices: list[Choice] = []
        self.threads: set[int] = set()
        self.closed = False
        self.forgotten = 0
        self.ended = 0  # batches
        self.hold = threading.Event()
        self.hold.set()
        self.fails_to_load: Exception | None = None

    def recognize(self, image: Image, *, cancel: Cancel | None = None) -> Reading:
        self.threads.add(threading.get_ident())
        self.seen.append(image.name)
        while not self.hold.wait(0.002):
            if cancel is not None:
                cancel.raise_if_set()
        answer = self.answers.get(image.name, reading())
        if isinstance(answer, Exception):
            raise answer
        return answer

    def reread(self, image: Image, reading: Reading, choice: Choice, *, cancel: Cancel | None = None) -> Reading:
        """The chosen token, and `again` after it; or an error when there is one for "reread"."""
        answer = self.answers.get("reread")
        if isinstance(answer, Exception):
            raise answer
        self.choices.append(choice)
        old = reading.symbols[choice.position]
        chosen = Symbol(choice.latex, old.box, 0.1, (Alternative(old.latex, old.confidence),), True)
        symbols = (*reading.symbols[: choice.position], chosen, Symbol("again", None, 0.99))
        return replace(reading, latex=" ".join(symbol.latex for symbol in symbols), symbols=symbols, confidence=0.95)

    def recognize_many(
        self,
        items: Sequence[Image | Callable[[], Image]],
        *,
        cancel: Cancel | None = None,
        patience: float | None = None,
    ) -> Iterator[Outcome | None]:
        """Two at a time, the second one ends first; a moment with nothing in between."""
        try:
            for start in range(0, len(items), 2):
                pair = range(start, min(start + 2, len(items)))
                yield from reversed([self._outcome(index, items[index], cancel) for index in pair])
                yield None
        finally:
            self.ended += 1

    def _outcome(self, index: int, item: Image | Callable[[], Image], cancel: Cancel | None) -> Outcome:
        image = None
        try:
            image = item if isinstance(item, Image) else item()
            return Outcome(index, image, self.recognize(image, cancel=cancel))
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - as from the threads of the pipeline
            return Outcome(index, image, error=error)

    def warm_up(self) -> float:
        if self.fails_to_load is not None:
            raise self.fails_to_load
        return 0.0

    def load(self, feature: str, cancel: Cancel | None = None) -> float:
        return self.warm_up()

    def forget(self) -> None:
        self.forgotten += 1

    def close(self) -> None:
        self.closed = True


class FakeTypesetEngine:
    """One rectangle for any formula; a source with `\\bad` in it is faulty there."""

    def svg(self, latex: str, display: bool = True) -> str:
        self._check(latex)
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="4ex" height="2ex" viewBox="0 -750 1000 1000">'
            '<g stroke="currentColor" fill="currentColor" stroke-width="0"><rect width="800" height="500"/></g></svg>'
        )

    def mathml(self, latex: str, display: bool = True) -> str:
        self._check(latex)
        return f"<math><mi>{latex}</mi></math>"

    def start(self) -> None: ...

    def close(self) -> None: ...

    def _check(self, latex: str) -> None:
        if "\\bad" in latex:
            raise InvalidLatex("Undefined control sequence \\bad", latex.index("\\bad"))


class FakeHotkeys(QObject):
    activated = Signal(str)
    bound = Signal(str, str)
    failed = Signal(str, str, str)
    method = "fake"
    hint = ""

    def __init__(self) -> None:
        super().__init__()
        self.registered: str | None = None
        self.taken: dict[str, ScipixError] = {}
        self.closed = False

    def register(self, accelerator: str, name: str = "snip") -> None:
        if accelerator in self.taken:
            self.registered = None
            raise self.taken[accelerator]
        self.registered = accelerator
        self.bound.emit(name, accelerator)

    def unregister(self, name: str = "snip") -> None:
        self.registered = None

    def close(self) -> None:
        self.closed = True


class FakeGrabber:
    """A white screen; or an error."""

    name = "fake"

    def __init__(self, error: ScipixError | None = None) -> None:
        self.error = error
        self.grabs = 0

    def start(self, finished: Finished, failed: Failed) -> None:
        self.grabs += 1
        if self.error is not None:
            failed(self.error)
            return
        finished(Grab(tuple(ScreenShot(screen, self._paint(screen)) for screen in read_screens())))

    def cancel(self) -> None: ...

    def _paint(self, screen: Screen) -> QImage:
        size = screen.size
        picture = QImage(round(size.width), round(size.height), QImage.Format.Format_RGB32)
        picture.fill(QColor("white"))
        return picture


class FakeClipboard:
    """The few calls of QClipboard that the app makes, without the system's clipboard."""

    def __init__(self) -> None:
        self.data = None

    def mimeData(self):
        return self.data

    def setMimeData(self, data) -> None:
        self.data = data

    @property
    def text(self) -> str:
        return self.data.text() if self.data is not None else ""


def parts(
    recognizer: FakeRecognizer,
    clipboard: FakeClipboard,
    hotkeys: FakeHotkeys,
    grabber: FakeGrabber,
    open_history: Callable[..., Recent] = lambda chosen: Recent(None, chosen.limit),
    settings: Settings | None = None,
    saved: list[Settings] | None = None,
) -> Parts:
    return Parts(
        resources=RESOURCES,
        settings=settings or Settings(),
        save_settings=(saved if saved is not None else []).append,
        make_recognizer=lambda chosen: recognizer,
        typeset_engine=FakeTypesetEngine(),
        open_history=open_history,
        clipboard=clipboard,  # type: ignore[arg-type]
        make_grabber=lambda jobs: grabber,
        make_hotkeys=lambda: hotkeys,  # type: ignore[arg-type, return-value]
        providers=lambda: [("cpu", "Processor")],
        versions=lambda: [("Scipix", "0")],
        features=Features(Store(RESOURCES / "none"), {}),
    )
