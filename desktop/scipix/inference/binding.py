"""Runs a graph with its inputs and outputs bound to memory, so that what goes from call to call stays on the device.

The keys and values that a decoder reads again with every token, and those of the encoder, never cross the bus to the
computer's memory: `Held` stands for them. Everything else comes back as arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from scipix.errors import BackendUnavailable
from scipix.inference.runtime import load_onnxruntime

Arrays = Mapping[str, np.ndarray]

_STAYS = ("present_", "cross_")  # how the outputs begin that only graphs read


class DeviceLost(BackendUnavailable):
    """What a device held is gone with it. What was being read must be read again, elsewhere."""


class Held:
    """An array (float32) in a device's memory. It is copied to the computer's when somebody looks into it, once."""

    def __init__(self, value: Any, device: str, session: Any) -> None:
        """value: an OrtValue. session: kept as long, since it owns the memory."""
        self.value, self.device, self._session = value, device, session
        self.shape: tuple[int, ...] = tuple(value.shape())
        self._copy: np.ndarray | None = None

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        return self._array()[key]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self._array()
        return array.astype(dtype) if dtype is not None and dtype != array.dtype else array

    def _array(self) -> np.ndarray:
        """Raises what onnxruntime raises when the device does not answer any more."""
        copy = self._copy
        if copy is None:
            copy = self._copy = np.asarray(self.value.numpy())
        return copy


def hold(array: np.ndarray, device: str, session: Any) -> np.ndarray:
    """Copy an array to a device."""
    value = load_onnxruntime().OrtValue.ortvalue_from_numpy(array, device)
    return cast(np.ndarray, Held(value, device, session))


def in_memory(feeds: Arrays) -> dict[str, np.ndarray]:
    """The same with what a device held copied to the computer's memory. Raises what onnxruntime raises."""
    return {name: np.asarray(value) for name, value in feeds.items()}


def run_bound(
    session: Any, feeds: Arrays, names: Sequence[str], device: str, options: Any = None
) -> dict[str, np.ndarray]:
    """Run a session; outputs that only graphs read stay in the memory of `device` (cuda, cpu) as `Held`, which behaves
    as the array that it stands for. options: RunOptions or None. Raises what onnxruntime raises."""
    binding = session.io_binding()
    for name, value in feeds.items():
        if isinstance(value, Held) and value.device == device:
            binding.bind_ortvalue_input(name, value.value)
        else:
            binding.bind_cpu_input(name, np.ascontiguousarray(value))
    for name in names:
        binding.bind_output(name, device if name.startswith(_STAYS) else "cpu")
    session.run_with_iobinding(binding, options)
    outputs: dict[str, np.ndarray] = {}
    for name, value in zip(names, binding.get_outputs(), strict=True):
        stays = name.startswith(_STAYS)
        outputs[name] = cast(np.ndarray, Held(value, device, session)) if stays else value.numpy()
    return outputs
