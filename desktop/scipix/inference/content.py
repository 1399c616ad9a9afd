"""What a picture is called in the caches: a digest of its pixels."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
import xxhash

from scipix.datatypes import Image

T = TypeVar("T")


class Contents:
    """Digests of pictures. A frozen array is digested once, however often it is asked for. Used by one thread at a
    time (a dying array may drop its entry from any thread)."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[np.ndarray], bytes]] = {}

    def key(self, image: Image) -> bytes:
        """16 bytes that differ when shape or pixels do. XXH3 (Yann Collet), 128 bits: as fast as memory can be read, some
        thirty times as fast as SHA-256. It does not withstand somebody who makes two pictures on purpose that have the
        same digest; all that would get them is the reading of the one for the other."""
        pixels = image.pixels
        known = self._known.get(id(pixels))
        if known is not None and known[0]() is pixels:
            return known[1]
        digest = xxhash.xxh3_128(repr(pixels.shape).encode())
        digest.update(pixels.data)
        key = digest.digest()
        if not pixels.flags.writeable:
            place = id(pixels)
            self._known[place] = (weakref.ref(pixels, lambda dead: self._drop(place, dead)), key)
        return key

    def __len__(self) -> int:
        return len(self._known)

    def _drop(self, place: int, dead: weakref.ref[np.ndarray]) -> None:
        known = self._known.get(place)
        if known is not None and known[0] is dead:  # else another array lives there by now
            del self._known[place]


class Memo(Generic[T]):
    """Remembers what a function made of the latest pictures; what it raises is not remembered."""

    def __init__(self, function: Callable[[Image], T], contents: Contents, size: int) -> None:
        self._function, self._contents, self._size = function, contents, size
        self._made: OrderedDict[bytes, T] = OrderedDict()

    def __call__(self, image: Image) -> T:
        key = self._contents.key(image)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        made = self._function(image)
        self._made[key] = made
        while len(self._made) > self._size:
            self._made.popitem(last=False)
        return made

    def clear(self) -> None:
        self._made.clear()
