"""Hotkeys on X11 through XGrabKey.

One thread owns a display connection of its own and does nothing but wait for keys.
"""

from __future__ import annotations

import itertools
import logging
import os
import queue
import select
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from Xlib import XK, X, display, error

from scipix.errors import CaptureError, HotkeyTaken
from scipix.gui.hotkeys.backend import HotkeyBackend
from scipix.gui.hotkeys.keysyms import keysym
from scipix.gui.hotkeys.parse import Accelerator, parse

log = logging.getLogger(__name__)

# Seconds that the GUI thread waits for the X server to grant or refuse a key; it answers within a millisecond.
_ANSWER_S = 3.0


class X11Hotkeys(HotkeyBackend):
    """`HotkeyBackend` for X11 sessions. Under Wayland it would hear keys only while an X11 program has the focus."""

    _pressed = Signal(str)

    method = "x11"

    def __init__(self, display_name: str | None = None, parent: QObject | None = None) -> None:
        """display_name: such as ":0", None for $DISPLAY. Raises CaptureError when it cannot be reached."""
        super().__init__(parent)
        # Queued: emitted in the listener's thread, delivered here.
        self._pressed.connect(self._on_pressed, Qt.ConnectionType.QueuedConnection)
        self._listener = _Listener(display_name, self._pressed.emit)

    def register(self, accelerator: str, name: str = "snip") -> None:
        """Raises HotkeyTaken, CaptureError, UsageError."""
        wanted = parse(accelerator)
        self._listener.ask(lambda: self._listener.grab(name, wanted))
        self.bound.emit(name, str(wanted))

    def unregister(self, name: str = "snip") -> None:
        self._listener.ask(lambda: self._listener.ungrab(name))

    def close(self) -> None:
        self._listener.close()

    @Slot(str)
    def _on_pressed(self, name: str) -> None:
        self.activated.emit(name)


@dataclass(frozen=True, slots=True)
class _Grabbed:
    accelerator: Accelerator
    keycode: int
    modifiers: int


class _Listener:
    """The thread. Everything but `ask` and `close` runs in it."""

    def __init__(self, display_name: str | None, pressed: Callable[[str], None]) -> None:
        try:
            self._display = display.Display(display_name)
        except (error.DisplayError, OSError) as exc:
            raise CaptureError(f"The X server cannot be reached: {exc}") from exc
        self._root = self._display.screen().root
        self._pressed = pressed
        self._grabbed: dict[str, _Grabbed] = {}
        self._released_at = 0
        self._requests: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]] = queue.SimpleQueue()
        self._wake_read, self._wake_write = os.pipe()
        self._running = True
        self._thread = threading.Thread(target=self._run, name="scipix-hotkeys", daemon=True)
        self._thread.start()

    def ask(self, action: Callable[[], None]) -> None:
        """Run an action in the thread and raise what it raises."""
        if not self._thread.is_alive():
            raise CaptureError("The connection to the X server is closed.")
        answer: Future[None] = Future()
        self._requests.put((action, answer))
        os.write(self._wake_write, b".")
        try:
            answer.result(_ANSWER_S)
        except TimeoutError as exc:
            raise CaptureError("The X server does not answer.") from exc

    def close(self) -> None:
        if not self._running:
            return
        self._running = False
        os.write(self._wake_write, b".")
        self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def grab(self, name: str, wanted: Accelerator) -> None:
        keycode = self._keycode(wanted)
        if not keycode:
            raise CaptureError(f"This keyboard has no key for {wanted}.")
        before = self._grabbed.pop(name, None)
        if before is not None:
            self._release(before)
        key = _Grabbed(wanted, keycode, _modifiers(wanted))
        try:
            self._take(key)
        except HotkeyTaken:
            if before is not None:
                # The earlier combination worked: better that one than none.
                self._take(before)
                self._grabbed[name] = before
            raise
        self._grabbed[name] = key

    def ungrab(self, name: str) -> None:
        key = self._grabbed.pop(name, None)
        if key is not None:
            self._release(key)

    def _follow_keyboard(self) -> None:
        """After a change of the keyboard layout the same letter may lie on another key."""
        for name, key in list(self._grabbed.items()):
            if self._keycode(key.accelerator) == key.keycode:
                continue
            try:
                self.grab(name, key.accelerator)
            except CaptureError as exc:
                log.warning("%s is lost in this keyboard layout: %s", key.accelerator, exc)

    def _keycode(self, wanted: Accelerator) -> int:
        return int(self._display.keysym_to_keycode(XK.string_to_keysym(keysym(wanted))))

    def _take(self, key: _Grabbed) -> None:
        catch = error.CatchError(error.BadAccess)
        for mask in self._variants(key.modifiers):
            self._root.grab_key(key.keycode, mask, False, X.GrabModeAsync, X.GrabModeAsync, onerror=catch)
        self._display.sync()
        if catch.get_error() is not None:
            self._release(key)
            raise HotkeyTaken(f"Another program holds {key.accelerator}. Choose another key combination.")

    def _release(self, key: _Grabbed) -> None:
        for mask in self._variants(key.modifiers):
            self._root.ungrab_key(key.keycode, mask)
        self._display.sync()

    def _variants(self, modifiers: int) -> list[int]:
        """The mask with and without the locks: X11 grabs an exact set of modifiers, and Num Lock is one."""
        locks = {X.LockMask, self._mask_of("Num_Lock"), self._mask_of("Scroll_Lock")} - {0}
        chosen = itertools.chain.from_iterable(itertools.combinations(locks, n) for n in range(len(locks) + 1))
        return sorted({modifiers | sum(some) for some in chosen})

    def _mask_of(self, name: str) -> int:
        """The modifier that a lock key switches, 0 when none."""
        code = self._display.keysym_to_keycode(XK.string_to_keysym(name))
        for index, codes in enumerate(self._display.get_modifier_mapping()):
            if code and code in codes:
                return 1 << index
        return 0

    def _run(self) -> None:
        try:
            while self._running:
                self._answer_requests()
                while self._display.pending_events():
                    self._handle(self._display.next_event())
                select.select([self._display, self._wake_read], [], [])
                self._drain_wake()
        except (error.ConnectionClosedError, OSError):
            return  # the X server went away, and the session with it
        finally:
            self._running = False
            self._refuse_requests()
        self._display.close()

    def _drain_wake(self) -> None:
        while select.select([self._wake_read], [], [], 0)[0]:
            os.read(self._wake_read, 64)

    def _answer_requests(self) -> None:
        while not self._requests.empty():
            action, answer = self._requests.get()
            try:
                action()
            except CaptureError as exc:
                answer.set_exception(exc)
            else:
                answer.set_result(None)

    def _refuse_requests(self) -> None:
        while not self._requests.empty():
            self._requests.get()[1].set_exception(CaptureError("The connection to the X server is closed."))

    def _handle(self, event: Any) -> None:
        if event.type == X.MappingNotify:
            self._display.refresh_keyboard_mapping(event)
            self._follow_keyboard()
        elif event.type == X.KeyRelease:
            self._released_at = event.time
        elif event.type == X.KeyPress and event.time != self._released_at:
            # A held key repeats as release and press of the same millisecond: one press is one activation.
            for name, key in self._grabbed.items():
                if key.keycode == event.detail and key.modifiers == event.state & _ALL_MODIFIERS:
                    self._pressed(name)


_ALL_MODIFIERS = X.ControlMask | X.ShiftMask | X.Mod1Mask | X.Mod4Mask


def _modifiers(accelerator: Accelerator) -> int:
    """The X11 mask: Alt is Mod1 and Meta (the logo key) Mod4 on every desktop of today."""
    mask = X.ControlMask if accelerator.ctrl else 0
    mask |= X.ShiftMask if accelerator.shift else 0
    mask |= X.Mod1Mask if accelerator.alt else 0
    mask |= X.Mod4Mask if accelerator.meta else 0
    return mask
