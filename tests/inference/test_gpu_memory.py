"""Graphics memory, as a driver that is played here tells it."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from scipix.inference.gpu_memory import GpuMemory

UNKNOWN = (1 << 64) - 1


class Driver:
    """libnvidia-ml with cards, each a list of (pid, bytes)."""

    def __init__(self, *cards: list[tuple[int, int]], status: int = 0) -> None:
        self.cards, self.status, self.opened = cards, status, 0

    def nvmlInit_v2(self) -> int:
        self.opened += 1
        return self.status

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        count._obj.value = len(self.cards)
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index: ctypes.c_uint, card: Any) -> int:
        card._obj.value = index.value + 1
        return 0

    def nvmlDeviceGetComputeRunningProcesses_v3(self, card: ctypes.c_void_p, count: Any, found: Any) -> int:
        assert card.value is not None
        processes = self.cards[card.value - 1]
        room, count._obj.value = count._obj.value, len(processes)
        if room < len(processes):
            return 7
        for place, (pid, used) in enumerate(processes):
            found[place].pid, found[place].used = pid, used
        return 0


def meter(driver: Driver) -> GpuMemory:
    return GpuMemory(lambda: driver, lambda: True)


def test_what_this_process_holds_on_all_cards() -> None:
    assert meter(Driver([(1, 10), (7, 500)], [], [(7, 30)])).own_bytes(7) == 530
    assert meter(Driver([(1, 10)])).own_bytes(7) == 0


def test_many_processes_need_more_room() -> None:
    assert meter(Driver([(pid, pid) for pid in range(1, 201)])).own_bytes(200) == 200


def test_what_windows_does_not_tell_is_nothing() -> None:
    assert meter(Driver([(7, UNKNOWN), (7, 5)])).own_bytes(7) == 5


def test_without_a_driver_that_works_there_is_nothing() -> None:
    def missing() -> Any:
        raise OSError("no such library")

    assert GpuMemory(missing, lambda: True).own_bytes() == 0
    assert meter(Driver([(7, 5)], status=9)).own_bytes(7) == 0
    assert GpuMemory(lambda: object(), lambda: True).own_bytes() == 0


def test_the_driver_is_left_alone_until_a_card_may_be_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    driver, wanted = Driver([(7, 5)]), [False]
    memory = GpuMemory(lambda: driver, lambda: wanted[0])
    assert (memory.own_bytes(7), driver.opened) == (0, 0)
    wanted[0] = True
    assert [memory.own_bytes(7) for _ in range(3)] == [5, 5, 5]
    assert driver.opened == 1


def test_without_cuda_in_onnxruntime_no_driver_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver([(7, 5)])
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    assert GpuMemory(lambda: driver).own_bytes(7) == 0
    assert driver.opened == 0
