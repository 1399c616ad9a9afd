from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from scipix import settings
from scipix.errors import SettingsError
from scipix.inference.features import FEATURES
from scipix.settings import (
    AppearanceSettings,
    CaptureSettings,
    CopySettings,
    FeatureSettings,
    HistorySettings,
    RecognitionSettings,
    Settings,
)


def test_missing_file_means_defaults(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "none.toml") == Settings()


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "made" / "settings.toml"
    chosen = Settings(
        capture=CaptureSettings(hotkey='Ctrl+"', delay=1.5),
        copy=CopySettings(automatic=False, format="mathml", delimiters="paren"),
        history=HistorySettings(keep=False, limit=7),
    )
    settings.save(chosen, path)
    assert settings.load(path) == chosen
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]


def test_unknown_keys_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        'schema = 9\nnew = [1, 2]\n[copy]\nfuture = "yes"\nformat = "svg"\n[later.deep]\nx = 1.5\n', "utf-8"
    )
    loaded = settings.load(path)
    assert loaded.copy.format == "svg"
    settings.save(replace(loaded, appearance=AppearanceSettings(theme="dark")), path)
    table = tomllib.loads(path.read_text("utf-8"))
    assert (table["schema"], table["new"], table["copy"]["future"], table["later"]) == (
        9,
        [1, 2],
        "yes",
        {"deep": {"x": 1.5}},
    )
    assert settings.load(path).appearance.theme == "dark"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("not toml", "cannot read"),
        ("[copy]\nformat = 'docx'", "copy.format"),
        ("[copy]\nautomatic = 1", "copy.automatic"),
        ("[history]\nlimit = 0", "history.limit"),
        ("[history]\nlimit = true", "history.limit"),
        ("[capture]\ndelay = nan", "capture.delay"),
        ("[appearance]\nfont_size = 11.5", "appearance.font_size"),
        ("history = 3", "history is not a table"),
        ("[capture]\nhotkey = '\udcff'", "cannot read"),
    ],
)
def test_a_bad_file_is_an_error_that_names_the_key(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=named):
        settings.load(path)


def test_a_broken_file_is_put_aside_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    for text in ("first = broken", "second = broken"):
        path.write_text(text, "utf-8")
        loaded, error = settings.load_or_default(path)
        assert loaded == Settings()
        assert error is not None
        assert ".broken" in str(error)
        settings.save(loaded, path)
    assert (tmp_path / "settings.toml.broken").read_text("utf-8") == "first = broken"
    assert (tmp_path / "settings.toml.broken-2").read_text("utf-8") == "second = broken"
    assert settings.load_or_default(path) == (Settings(), None)


@pytest.mark.parametrize("text", ["[recognition]\nthreshold = 1" + 400 * "0", "a = " + 5000 * "["])
def test_what_overflows_is_a_broken_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError):
        settings.load(path)
    loaded, error = settings.load_or_default(path)
    assert loaded == Settings()
    assert ".broken" in str(error)


def test_saving_over_a_broken_file_refuses(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("precious = but broken", "utf-8")
    with pytest.raises(SettingsError):
        settings.save(Settings(), path)
    assert path.read_text("utf-8") == "precious = but broken"


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    settings.save(Settings(), path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SettingsError, match="No space"):
        settings.save(Settings(history=HistorySettings(limit=3)), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings.toml"]


def test_a_wrong_value_cannot_be_made() -> None:
    with pytest.raises(SettingsError, match="threshold"):
        RecognitionSettings(threshold=1.5)


def test_every_group_is_loaded_and_a_whole_number_may_stand_for_a_fraction(tmp_path: Path) -> None:
    assert list(settings.GROUPS) == [entry.name for entry in fields(Settings)]
    path = tmp_path / "settings.toml"
    path.write_text("[capture]\ndelay = 2", "utf-8")
    assert settings.load(path).capture.delay == 2.0


def test_choices_are_offered_to_menus() -> None:
    assert settings.choices(AppearanceSettings, "theme") == ("system", "light", "dark")
    assert settings.choices(CaptureSettings, "hotkey") == ()


def test_the_engine_is_made_anew_only_for_what_concerns_it() -> None:
    plain = Settings()
    chosen = replace(plain.recognition, threshold=0.5, check_below=0.1)
    assert replace(plain, recognition=chosen).engine == plain.engine
    assert replace(plain, recognition=replace(chosen, provider="cpu")).engine != plain.engine
    assert plain.engine.remember
    assert not replace(plain, history=replace(plain.history, keep=False)).engine.remember
    assert not replace(plain, recognition=replace(chosen, remember=False)).engine.remember


def test_the_features_that_are_on() -> None:
    assert FeatureSettings(math=False, tables=False).enabled == {"text", "handwriting", "layout"}
    assert FeatureSettings().enabled == set(FEATURES)
