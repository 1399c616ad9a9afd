from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scipix.datatypes import Box
from scipix.errors import CaptureError, FeatureDisabled, HotkeyTaken, ModelMissing, NothingToRead
from scipix.gui.application import Application
from scipix.gui.clipboard import picture_data
from scipix.gui.convert import to_qimage
from scipix.gui.dialogs.settings import SettingsDialog
from scipix.gui.dialogs.welcome import WelcomeDialog
from scipix.gui.formats import OTHERS
from scipix.gui.wish import Message
from scipix.history.recent import Recent
from scipix.settings import AppearanceSettings, CopySettings, FeatureSettings, HistorySettings, Settings
from tests.gui import fakes


@dataclass
class World:
    """The app with everything around it."""

    folder: Path
    settings: Settings = field(default_factory=Settings)
    recognizer: fakes.FakeRecognizer = field(default_factory=fakes.FakeRecognizer)
    clipboard: fakes.FakeClipboard = field(default_factory=fakes.FakeClipboard)
    hotkeys: fakes.FakeHotkeys = field(default_factory=fakes.FakeHotkeys)
    grabber: fakes.FakeGrabber = field(default_factory=fakes.FakeGrabber)
    saved: list[Settings] = field(default_factory=list)
    app: Application | None = None

    def start(self) -> Application:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        parts = fakes.parts(
            self.recognizer,
            self.clipboard,
            self.hotkeys,
            self.grabber,
            open_history=lambda chosen: Recent(self.folder / "history.sqlite3" if chosen.keep else None, chosen.limit),
            settings=self.settings,
            saved=self.saved,
        )
        self.app = Application(app, parts)
        self.app.start()
        return self.app

    def restart(self) -> Application:
        assert self.app is not None
        self.app.close()
        self.recognizer, self.hotkeys = fakes.FakeRecognizer(), fakes.FakeHotkeys()
        return self.start()


@pytest.fixture
def world(qapp, tmp_path):
    world = World(tmp_path)
    yield world
    if world.app is not None:
        world.app.close()
    qapp.setStyleSheet("")


def read(app: Application, qtbot, *images) -> None:
    """Read pictures and wait until the last one is shown and kept."""
    app.desk.take(images)
    qtbot.waitUntil(lambda: not app.reader.busy)
    qtbot.waitUntil(lambda: app.desk.current_id is not None and app.jobs.pending == 0)


def banners(app: Application) -> dict[str, str]:
    return {message.key: message.text for message in app.window.banners.messages()}


def test_the_window_opens_empty_with_the_hotkey(world, qtbot):
    app = world.start()
    assert app.window.isVisible()
    assert app.window.stage.currentWidget() is app.window.empty
    assert world.hotkeys.registered == "Ctrl+Alt+M"
    assert banners(app) == {}


def test_a_reading_is_shown_copied_and_kept(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image())
    assert app.window.stage.currentWidget() is app.window.result
    assert app.window.result.latex == r"\frac{a}{b}"
    assert world.clipboard.text == r"\frac{a}{b}"
    assert app.window.toast.text == "Copied LaTeX"
    assert app.window.result.preview.drawing is not None
    assert app.window.sidebar.list.count == 1
    assert app.window.sidebar.list.current_id() == app.desk.current_id


def test_the_recent_list_and_an_edit_survive_a_restart(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image())
    app.window.result.source.replace_latex("x+1")
    app = world.restart()
    qtbot.waitUntil(lambda: app.window.sidebar.list.count == 1)
    app.run("older")
    qtbot.waitUntil(lambda: app.window.result.latex == "x+1")
    assert app.desk.current_id is not None


def test_pictures_are_read_in_the_order_given_in_one_thread(world, qtbot):
    names = [f"picture {number}" for number in range(12)]
    world.recognizer.answers = {name: fakes.reading(f"x_{{{name[8:]}}}") for name in names}
    app = world.start()
    read(app, qtbot, *(fakes.image(name) for name in names))
    assert world.recognizer.seen == names
    assert len(world.recognizer.threads) == 1
    qtbot.waitUntil(lambda: app.window.sidebar.list.count == 12)
    assert app.window.result.latex == "x_{11}"


def test_a_snip_stays_in_view_while_a_batch_goes_on(world, qtbot):
    names = ["a", "b", "c", "d", "snip"]
    world.recognizer.answers = {name: fakes.reading(name) for name in names}
    world.recognizer.hold.clear()
    app = world.start()
    app.desk.take([fakes.image(name) for name in names[:4]])
    qtbot.waitUntil(lambda: world.recognizer.seen == ["a"])
    app.desk.take([fakes.image("snip")])
    world.recognizer.hold.set()
    qtbot.waitUntil(lambda: app.window.sidebar.list.count == 5 and not app.reader.busy)
    assert app.window.result.latex == "snip"
    assert world.clipboard.text == "snip"


def test_cancel_stops_the_reading_and_the_queue(world, qtbot):
    world.recognizer.hold.clear()
    app = world.start()
    app.desk.take([fakes.image("a"), fakes.image("b")])
    qtbot.waitUntil(lambda: world.recognizer.seen == ["a"])
    app.run("cancel")
    qtbot.waitUntil(lambda: not app.reader.busy)
    assert world.recognizer.seen == ["a"]
    assert app.window.stage.currentWidget() is app.window.empty
    assert app.window.toast.text == "Stopped"
    world.recognizer.hold.set()
    read(app, qtbot, fakes.image("c"))


def test_the_window_lives_while_a_reading_takes_long(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image("first"))
    world.recognizer.hold.clear()
    app.desk.take([fakes.image()])
    qtbot.waitUntil(lambda: len(world.recognizer.seen) == 2)
    app.window.sidebar.focus_search()
    QTest.keyClicks(app.window.sidebar._search, "abc")
    assert app.window.sidebar.search_text == "abc"
    assert app.reader.busy
    world.recognizer.hold.set()
    qtbot.waitUntil(lambda: not app.reader.busy)


def test_a_missing_model_is_said_at_the_start(world, qtbot):
    world.recognizer.fails_to_load = ModelMissing("math-v1", "models/weights/math-v1")
    app = world.start()
    qtbot.waitUntil(lambda: "model" in banners(app))
    assert "math-v1 is missing" in banners(app)["model"]


def test_what_cannot_be_read_is_a_banner_with_its_sentence(world, qtbot):
    world.recognizer.answers = {"blank": NothingToRead("the picture is blank")}
    app = world.start()
    app.desk.take([fakes.image("blank")])
    qtbot.waitUntil(lambda: "reading" in banners(app))
    assert banners(app)["reading"] == "The picture is blank."
    read(app, qtbot, fakes.image("good"))
    assert "reading" not in banners(app)


def test_a_fault_of_ours_does_not_end_the_app(world, qtbot, caplog):
    world.recognizer.answers = {"broken": ZeroDivisionError("division by zero")}
    app = world.start()
    app.desk.take([fakes.image("broken"), fakes.image("good")])
    qtbot.waitUntil(lambda: app.window.result.latex == r"\frac{a}{b}")
    assert "ZeroDivisionError" in banners(app)["reading"]
    assert "Traceback" in caplog.text


def test_an_unreadable_reading_is_not_copied_and_says_so(world, qtbot):
    world.recognizer.answers = {"scrawl": fakes.reading("x", 0.1, readable=False)}
    app = world.start()
    read(app, qtbot, fakes.image("scrawl"))
    assert world.clipboard.data is None
    assert "cannot read this" in banners(app)["unreadable"]


def test_a_reading_that_leaves_something_out_says_what(world, qtbot):
    answer = replace(fakes.reading("x", 0.2, readable=False), unread=(Box(4, 4, 8, 8),))
    world.recognizer.answers = {"long": answer, "short": fakes.reading("x", 0.99)}
    app = world.start()
    read(app, qtbot, fakes.image("long"))
    assert world.clipboard.data is None
    assert "left out" in banners(app)["unreadable"]
    read(app, qtbot, fakes.image("short"))
    assert "unreadable" not in banners(app)


def test_a_threshold_of_the_user_makes_a_reading_unreadable(world, qtbot):
    world.settings = replace(Settings(), recognition=replace(Settings().recognition, threshold=0.99))
    app = world.start()
    read(app, qtbot, fakes.image())
    assert "unreadable" in banners(app)
    assert world.clipboard.data is None


def test_automatic_copy_can_be_turned_off_and_wraps_in_delimiters(world, qtbot):
    world.settings = replace(Settings(), copy=CopySettings(automatic=False, delimiters="dollar"))
    app = world.start()
    read(app, qtbot, fakes.image())
    assert world.clipboard.data is None
    app.run("copy")
    assert world.clipboard.text == r"$\frac{a}{b}$"


@pytest.mark.parametrize("wanted", OTHERS, ids=lambda entry: entry.format)
def test_other_formats_reach_the_clipboard(world, qtbot, wanted):
    app = world.start()
    read(app, qtbot, fakes.image())
    with qtbot.waitSignal(app.desk.copier.copied):
        app.desk.copy(wanted)
    data = world.clipboard.data
    kinds = {"mathml": "application/mathml+xml", "svg": "image/svg+xml", "png": "application/x-qt-image"}
    assert data.hasFormat(kinds[wanted.format])
    if wanted.format == "png":
        assert data.imageData().width() > 10
    else:
        assert data.text().startswith("<")
    if wanted.format == "svg":
        assert data.text().startswith("<?xml")
        assert 'width="' in data.text()
        assert "currentColor" not in data.text()


def test_a_faulty_edit_shows_where_and_keeps_the_last_preview(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image())
    good = app.window.result.preview.drawing
    app.window.result.source.setPlainText(r"x + \bad")
    qtbot.waitUntil(lambda: app.window.result._error.isVisible())
    assert "at character 5" in app.window.result._error.text()
    assert app.window.result.preview.drawing is good
    app.window.result.source.undo()
    app.window.result.source.setPlainText("x")
    qtbot.waitUntil(lambda: not app.window.result._error.isVisible())


def test_an_alternative_is_an_edit_that_can_be_undone(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image())
    app.window.result.copy_row.alternative_wanted.emit(r"\frac{a}{6}")
    assert app.window.result.latex == r"\frac{a}{6}"
    app.window.result.source.undo()
    assert app.window.result.latex == r"\frac{a}{b}"


def test_paste_reads_a_picture_and_files(world, qtbot, tmp_path):
    app = world.start()
    world.clipboard.data = picture_data(to_qimage(fakes.image()))
    app.run("paste")
    qtbot.waitUntil(lambda: world.recognizer.seen == ["the clipboard"])
    files = [tmp_path / "one.png", tmp_path / "two.png"]
    for path in files:
        assert to_qimage(fakes.image()).save(str(path))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    app.window.dropped.emit(data)
    qtbot.waitUntil(lambda: len(world.recognizer.seen) == 3)
    assert [Path(name).name for name in world.recognizer.seen[1:]] == ["one.png", "two.png"]
    world.clipboard.data = None
    app.run("paste")
    assert "no picture" in app.window.toast.text


def test_a_file_that_is_no_picture_does_not_stop_the_next(world, qtbot, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"nonsense")
    app = world.start()
    app.obey(Message("open", paths=(str(tmp_path / "bad.png"), str(tmp_path / "missing.png"))))
    app.desk.take([fakes.image("good")])
    qtbot.waitUntil(lambda: world.recognizer.seen == ["good"])
    qtbot.waitUntil(lambda: app.window.result.latex == r"\frac{a}{b}")


def test_remove_and_clear_can_be_undone(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image("a"), fakes.image("b"))
    entries = app.window.sidebar.list
    qtbot.waitUntil(lambda: entries.count == 2)
    app.shelf.remove(app.desk.current_id)
    qtbot.waitUntil(lambda: entries.count == 1)
    assert app.window.stage.currentWidget() is app.window.empty
    app.window.toast._button.click()
    qtbot.waitUntil(lambda: entries.count == 2)
    app.shelf.clear()
    qtbot.waitUntil(lambda: entries.count == 0)
    qtbot.waitUntil(lambda: app.window.toast.text == "Removed 2")
    app.window.toast._button.click()
    qtbot.waitUntil(lambda: entries.count == 2)


def test_search_narrows_the_list(world, qtbot):
    world.recognizer.answers = {"a": fakes.reading(r"\alpha"), "b": fakes.reading(r"\beta")}
    app = world.start()
    read(app, qtbot, fakes.image("a"), fakes.image("b"))
    qtbot.waitUntil(lambda: app.window.sidebar.list.count == 2)
    app.run("search")
    QTest.keyClicks(app.window.sidebar._search, "ALPHA")
    qtbot.waitUntil(lambda: app.window.sidebar.list.count == 1)


def test_a_hotkey_conflict_offers_a_way_to_change_it(world, qtbot):
    world.hotkeys.taken = {"Ctrl+Alt+M": HotkeyTaken("taken")}
    app = world.start()
    message = next(message for message in app.window.banners.messages() if message.key == "hotkey")
    assert "Another program" in message.text
    message.on_action()
    dialog = app._dialog
    assert dialog is not None
    QTest.mouseClick(dialog.keys, Qt.MouseButton.LeftButton)
    QTest.keyClick(dialog.keys, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert world.hotkeys.registered == "Ctrl+M"
    assert world.saved[-1].capture.hotkey == "Ctrl+M"
    assert "hotkey" not in banners(app)


def test_keys_that_are_taken_leave_the_old_ones(world, qtbot):
    world.hotkeys.taken = {"Ctrl+Q": HotkeyTaken("taken by another")}
    app = world.start()
    dialog = app.show_settings()
    QTest.mouseClick(dialog.keys, Qt.MouseButton.LeftButton)
    QTest.keyClick(dialog.keys, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert "taken by another" in dialog.hotkey_problem.text()
    assert dialog.keys.keys == "Ctrl+Alt+M"
    assert world.hotkeys.registered == "Ctrl+Alt+M"
    assert world.saved == []


def test_settings_apply_at_once(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image())
    before = app.theme.name
    other = "light" if before == "dark" else "dark"
    app.set_settings(replace(app._settings, appearance=AppearanceSettings(theme=other, font_size=20)))
    assert app.theme.name == other
    app.set_settings(replace(app._settings, history=HistorySettings(keep=False)))
    qtbot.waitUntil(lambda: app.window.sidebar.list.count == 0)
    assert len(world.saved) == 2
    app = world.restart()
    assert app.window.sidebar.list.count == 0


def test_a_snip_goes_from_the_drag_to_the_clipboard(world, qtbot):
    app = world.start()
    app.obey(Message("snip"))
    qtbot.waitUntil(lambda: bool(app.session.overlays))
    assert not app.window.isVisible()
    overlay = app.session.overlays[0]
    QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(overlay, QPoint(200, 150))
    QTest.mouseRelease(overlay, Qt.MouseButton.LeftButton, pos=QPoint(260, 180))
    qtbot.waitUntil(lambda: world.clipboard.text == r"\frac{a}{b}")
    assert world.recognizer.seen == ["screen"]
    qtbot.waitUntil(app.window.isVisible)


def test_a_capture_that_fails_says_why_and_brings_the_window_back(world, qtbot):
    world.grabber.error = CaptureError("No screen is connected.")
    app = world.start()
    app.run("snip")
    qtbot.waitUntil(lambda: "capture" in banners(app))
    assert app.window.isVisible()


def test_a_corrupt_history_is_set_aside_and_said(world, qtbot):
    (world.folder / "history.sqlite3").write_bytes(b"no database" * 100)
    app = world.start()
    qtbot.waitUntil(lambda: "history" in banners(app))
    assert "put aside" in banners(app)["history"]
    read(app, qtbot, fakes.image())


def test_closing_frees_the_recognizer_in_time(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image())
    app.close()
    assert world.recognizer.closed
    assert world.hotkeys.closed


def test_the_welcome_is_shown_once(world, qtbot):
    app = world.start()
    app.greet()
    dialog = app._dialog
    assert isinstance(dialog, WelcomeDialog)
    assert dialog.hotkey.text() == app.window.header.hotkey != ""
    assert world.saved[-1].start.welcomed
    world.settings = world.saved[-1]
    app = world.restart()
    app.greet()
    assert app._dialog is None


def test_the_welcome_reads_the_sample_and_follows_the_hotkey(world, qtbot):
    app = world.start()
    dialog = app.show_welcome()
    app.snipper.try_hotkey("")
    assert dialog.hotkey.text() == ""
    dialog.sample_wanted.emit()
    qtbot.waitUntil(lambda: [Path(name).name for name in world.recognizer.seen] == ["quadratic.png"])


def test_a_snip_hides_the_welcome_and_ends_it(world, qtbot):
    app = world.start()
    dialog = app.show_welcome()
    app.run("snip")
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: bool(app.session.overlays))
    app.session.cancel()
    assert dialog.isVisible()
    app.snipper.taken.emit(fakes.image())
    assert not dialog.isVisible()


def test_what_is_removed_is_not_remembered_elsewhere(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image())
    assert world.recognizer.forgotten == 0
    app.shelf.remove(app.desk.current_id)
    qtbot.waitUntil(lambda: world.recognizer.forgotten == 1)
    app.shelf.clear()
    qtbot.waitUntil(lambda: world.recognizer.forgotten == 2)


def test_another_recognizer_when_nothing_is_to_be_remembered(world, qtbot):
    app = world.start()
    read(app, qtbot, fakes.image())
    app.set_settings(replace(world.settings, recognition=replace(world.settings.recognition, check_below=0.5)))
    qtbot.waitUntil(lambda: app.jobs.pending == 0)
    assert not world.recognizer.closed
    app.set_settings(replace(world.settings, history=HistorySettings(keep=False)))
    qtbot.waitUntil(lambda: world.recognizer.closed)


def test_formulas_that_are_switched_off_say_how_to_switch_them_on(world, qtbot):
    world.settings = Settings(features=FeatureSettings(math=False))
    world.recognizer.fails_to_load = FeatureDisabled("math")
    world.recognizer.answers = {"screen": FeatureDisabled("math")}
    app = world.start()
    qtbot.waitUntil(lambda: app.jobs.pending == 0)
    assert banners(app) == {}  # nobody has asked for anything
    app.desk.take([fakes.image()])
    qtbot.waitUntil(lambda: not app.reader.busy)
    (message,) = app.window.banners.messages()
    assert message.text == "Reading math is switched off. Switch it on under Settings > Models."
    assert message.on_action is not None
    message.on_action()
    (dialog,) = app.window.findChildren(SettingsDialog)
    assert dialog.pages.currentItem().text() == "Models"
