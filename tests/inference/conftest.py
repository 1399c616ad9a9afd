"""Fixtures that hold the tiny model."""

from __future__ import annotations

from pathlib import Path

import pytest

from scipix.inference.encoder_decoder import EncoderDecoder
from scipix.inference.store import Store
from tests.inference.tiny import PLAIN_CPU, TABLES, make_models


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return make_models(tmp_path / "models")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> EncoderDecoder:
    store = Store(make_models(tmp_path_factory.mktemp("tiny") / "models"))
    return EncoderDecoder(store.open("math"), PLAIN_CPU, tables=TABLES)
