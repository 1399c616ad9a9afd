"""A decoder graph that needs no network."""

from __future__ import annotations

import numpy as np


class Scripted:
    """Writes a fixed text, whatever it is fed; the token `second` comes second everywhere, by a lead of `lead`.

    The n-th token looks at the n-th cell. counts: how many tokens each call fed.
    """

    def __init__(self, text: list[int], size: int, second: int, lead: float = 6.0) -> None:
        self.text, self.size, self.second, self.lead = text, size, second, lead
        self.counts: list[int] = []

    def run(self, feeds, cancel=None, outputs=None):
        if cancel is not None:
            cancel.raise_if_set()
        before, count = feeds["past_k_0"].shape[2], feeds["tokens"].shape[1]
        self.counts.append(count)
        logits = np.zeros((1, count, self.size), dtype=np.float32)
        attention = np.zeros((1, count, feeds["cross_k_0"].shape[2]), dtype=np.float32)
        for i in range(count):
            logits[0, i, self.second] = 9 - self.lead
            logits[0, i, self.text[(before + i) % len(self.text)]] = 9
            attention[0, i, (before + i) % attention.shape[2]] = 1
        present = np.zeros((1, 1, before + count, 1), dtype=np.float32)
        return {"logits": logits, "present_k_0": present, "present_v_0": present, "attention": attention}
