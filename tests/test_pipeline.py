"""The pipeline on the tiny model: lazy loading, the cache of results, errors."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from scipix.datatypes import Image, Mode
from scipix.errors import Cancelled, FeatureDisabled, ModelCorrupt, ModelMissing, NothingToRead, UsageError
from scipix.inference import sessions
from scipix.inference.cancel import Cancel
from scipix.inference.devices import Cpu, Machine
from scipix.inference.features import FeatureOptions, Features, State
from scipix.inference.latency import Latency
from scipix.inference.ledger import Ledger
from scipix.inference.manifest import update
from scipix.inference.providers import COREML, CPU, CUDA, DIRECTML, Candidate
from scipix.inference.result_file import delete
from scipix.pipeline import Pipeline, PipelineOptions, RecognizeOptions
from scipix.recognize.choice import Choice
from scipix.recognize.math import MathOptions
from scipix.recognize.preprocess import prepare
from tests.inference.pretending import Pretending, unbound
from tests.inference.tiny import make_models


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return make_models(tmp_path / "models")


def picture(gap: int = 0) -> Image:
    pixels = np.full((40, 80, 3), 255, dtype=np.uint8)
    pixels[10:30, 10:14] = pixels[10:14, 10 : 60 - gap] = 0
    return Image(pixels)


def test_loads_once_and_only_when_asked(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    first = pipeline.recognize(picture())
    second = pipeline.recognize(picture(7))
    assert first.timings.load > 0
    assert second.timings.load == 0
    assert first.timings.total >= first.timings.load
    assert pipeline.warm_up() == 0
    stages = pipeline.latency.summary()
    assert stages["total"].count == stages["postprocess"].count == 2
    assert stages["load"].count == 1
    pipeline.close()


def test_what_was_done_is_counted(models: Path) -> None:
    latency = Latency()
    pipeline = Pipeline(PipelineOptions(models, latency=latency))
    reading = pipeline.recognize(picture())
    assert pipeline.recognize(picture()).cached
    counts = {"readings": 1, "tokens": len(reading.symbols), "cache_hits": 1, "cache_misses": 1}
    assert latency.counts() == counts
    assert latency.busy_s > 0
    pipeline.close()


def test_making_a_pipeline_touches_nothing(tmp_path: Path) -> None:
    pipeline = Pipeline(PipelineOptions(tmp_path / "none"))
    with pytest.raises(ModelMissing):
        pipeline.warm_up()
    pipeline.close()


def test_the_same_picture_is_remembered(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models, cache_size=2))
    first = pipeline.recognize(picture())
    again = pipeline.recognize(picture())
    assert not first.cached
    assert again.cached
    assert (again.latex, again.confidence, again.symbols) == (first.latex, first.confidence, first.symbols)
    assert again.timings.decode == 0
    assert not pipeline.recognize(picture(), RecognizeOptions(math=MathOptions(max_tokens=3))).cached
    assert not pipeline.recognize(picture(5)).cached
    assert not pipeline.recognize(picture()).cached  # pushed out by the two others


def test_no_cache_when_its_size_is_zero(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models, cache_size=0))
    assert not pipeline.recognize(picture()).cached
    assert not pipeline.recognize(picture()).cached


def test_the_shape_is_part_of_the_content(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    pipeline.recognize(picture())
    assert not pipeline.recognize(Image(picture().pixels.reshape(80, 40, 3))).cached


def test_a_mode_may_stand_for_the_options(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    assert pipeline.recognize(picture(), Mode.MATH).latex == pipeline.recognize(picture()).latex
    with pytest.raises(UsageError, match="handwriting"):
        pipeline.recognize(picture(), Mode.HANDWRITING)


def test_works_again_after_close(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    first = pipeline.recognize(picture())
    pipeline.close()
    again = pipeline.recognize(picture())
    assert again.timings.load > 0
    assert again.latex == first.latex


def test_a_choice_changes_what_follows(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    reading = pipeline.recognize(picture())
    place, symbol = next((place, symbol) for place, symbol in enumerate(reading.symbols) if symbol.others)
    again = pipeline.reread(picture(), reading, Choice(place, symbol.others[0].latex))
    assert again.symbols[:place] == reading.symbols[:place]
    assert (again.symbols[place].latex, again.symbols[place].chosen) == (symbol.others[0].latex, True)
    assert again.timings.load == 0
    with pytest.raises(UsageError):
        pipeline.reread(picture(), reading, Choice(place, "\\nonsense"))
    assert pipeline.recognize(picture()).symbols == reading.symbols


def test_a_corrupt_model_is_found_at_the_first_picture(models: Path) -> None:
    (models / "weights" / "tiny-v1" / "decoder.onnx").write_bytes(b"x")
    with pytest.raises(ModelCorrupt):
        Pipeline(PipelineOptions(models)).recognize(picture())


def test_a_failed_picture_does_no_harm(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    with pytest.raises(NothingToRead):
        pipeline.recognize(Image(np.zeros((20, 20, 3), dtype=np.uint8)))
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        pipeline.recognize(picture(), cancel=cancel)
    assert not pipeline.recognize(picture()).cached


def test_an_unknown_provider(models: Path) -> None:
    with pytest.raises(UsageError, match="tpu"):
        Pipeline(PipelineOptions(models, provider="tpu")).warm_up()


def test_runs_in_a_thread_of_its_own(models: Path) -> None:
    pipeline, found = Pipeline(PipelineOptions(models)), []
    thread = threading.Thread(target=lambda: found.append(pipeline.recognize(picture()).latex))
    thread.start()
    thread.join()
    assert len(found) == 1


def test_what_is_read_after_closing_is_not_remembered(models: Path, tmp_path: Path) -> None:
    """The user wants no file of results any more, in the middle of a batch."""
    file = tmp_path / "results.sqlite3"
    pipeline = Pipeline(PipelineOptions(models, results_file=file))
    found = pipeline.recognize_many([picture(gap) for gap in range(12)])
    next(found)
    assert file.exists()
    pipeline.close()
    delete(file)
    assert all(outcome.error is None for outcome in found if outcome is not None)
    assert list(tmp_path.glob("results*")) == []
    assert not pipeline.recognize(picture(11)).cached
    assert file.exists()
    pipeline.close()


def test_a_blank_picture_needs_no_model(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    pixels = np.full((40, 90, 3), 255, dtype=np.uint8)
    with pytest.raises(NothingToRead):
        pipeline.recognize(Image(pixels))
    assert not pipeline.features.loaded
    timings = pipeline.recognize(picture()).timings
    assert 0 < timings.preprocess < timings.total - timings.load
    pipeline.close()


def test_blank_pictures_of_a_batch_need_no_model(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    blank = Image(np.full((40, 40, 3), 255, dtype=np.uint8))
    for outcome in pipeline.recognize_many([blank, lambda: blank, blank]):
        assert outcome is not None
        assert isinstance(outcome.error, NothingToRead)
    assert not pipeline.features.loaded
    found = {outcome.index: outcome for outcome in pipeline.recognize_many([blank, picture(1)]) if outcome is not None}
    assert isinstance(found[0].error, NothingToRead)
    assert found[1].result().latex == pipeline.recognize(picture(1)).latex
    pipeline.close()


def test_a_result_outlives_the_process_and_needs_no_model(models: Path, tmp_path: Path) -> None:
    file = tmp_path / "results.sqlite3"
    pipeline = Pipeline(PipelineOptions(models, results_file=file))
    first = pipeline.recognize(picture())
    pipeline.close()
    latency = Latency()
    pipeline = Pipeline(PipelineOptions(models, results_file=file, latency=latency))
    again = pipeline.recognize(picture())
    assert again.cached
    assert (again.latex, again.symbols, again.timings.load) == (first.latex, first.symbols, 0.0)
    assert latency.counts()["cache_hits"] == 1
    assert "load" not in latency.summary()
    assert not pipeline.recognize(picture(), RecognizeOptions(math=MathOptions(max_tokens=3))).cached
    pipeline.forget()
    assert not file.exists()
    assert not pipeline.recognize(picture()).cached
    pipeline.close()


def _change(models: Path) -> None:
    """Another file, the same graph."""
    decoder = models / "weights" / "tiny-v1" / "decoder.onnx"
    decoder.write_bytes(decoder.read_bytes() + b"\x32\x00")  # an empty doc_string
    update(models / "manifest.toml", "tiny-v1")


def test_another_model_invalidates_results(models: Path, tmp_path: Path) -> None:
    file = tmp_path / "results.sqlite3"
    pipeline = Pipeline(PipelineOptions(models, results_file=file))
    pipeline.recognize(picture())
    pipeline.close()
    _change(models)
    assert not pipeline.recognize(picture()).cached
    pipeline.close()


def test_a_picture_is_prepared_once(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = []
    monkeypatch.setattr("scipix.pipeline.prepare", lambda image: prepared.append(image) or prepare(image))
    pipeline = Pipeline(PipelineOptions(models))
    for most in (3, 4, 5):
        assert not pipeline.recognize(picture(), RecognizeOptions(math=MathOptions(max_tokens=most))).cached
    assert len(prepared) == 1
    pipeline.forget()
    pipeline.recognize(picture(), RecognizeOptions(math=MathOptions(max_tokens=3)))
    assert len(prepared) == 2
    pipeline.close()


def test_what_is_switched_off_is_not_read(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    reading = pipeline.recognize(picture())
    pipeline.features.configure(FeatureOptions(frozenset({"text"})))
    assert not pipeline.features.loaded
    asked = (
        lambda: pipeline.recognize(picture()),  # though it is remembered
        lambda: pipeline.reread(picture(), reading, Choice(0, "x")),
        lambda: list(pipeline.recognize_many([picture()])),
        pipeline.warm_up,
    )
    for ask in asked:
        with pytest.raises(FeatureDisabled, match="math"):
            ask()
    pipeline.features.configure(FeatureOptions())
    assert pipeline.recognize(picture()).cached
    assert pipeline.recognize(picture(7)).timings.load > 0
    pipeline.close()


def test_a_model_that_was_unloaded_comes_back(models: Path, tmp_path: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models, mapped=tmp_path / "mapped"))
    first = pipeline.recognize(picture())
    status = pipeline.features.statuses()[0]
    assert (status.state, status.provider, status.model) == (State.READY, "cpu", "tiny-v1")
    assert status.last_ms == pytest.approx(first.timings.encode + first.timings.decode)
    assert len(list((tmp_path / "mapped").iterdir())) == 2
    pipeline.features.unload("math")
    pipeline.forget()
    again = pipeline.recognize(picture())
    assert again.timings.load > 0
    assert again.symbols == first.symbols
    pipeline.close()


def test_a_batch_keeps_its_model_until_it_is_through(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models, cache_size=0))
    outcomes = pipeline.recognize_many([picture(gap) for gap in range(6)])
    first = next(outcomes)
    pipeline.features.unload("math")
    rest = list(outcomes)
    assert [outcome.error for outcome in (first, *rest)] == [None] * 6
    assert not pipeline.features.loaded
    assert all(outcome.error is None for outcome in pipeline.recognize_many([picture(1)]))
    pipeline.close()


def test_two_pipelines_may_take_turns_with_the_same_features(models: Path) -> None:
    options = PipelineOptions(models)
    features = Features(*options.sources(), FeatureOptions(frozenset({"math"})))
    one = Pipeline(options, features)
    one.recognize(picture())
    two = Pipeline(options, features)
    assert not features.loaded
    assert two.recognize(picture()).timings.load > 0
    assert features.options.enabled == {"math"}
    two.close()
    assert not features.loaded


def different(count: int) -> list[Image]:
    return [picture(gap) for gap in range(count)]


def test_many_pictures_give_what_each_gives_alone(models: Path) -> None:
    latency = Latency()
    pipeline = Pipeline(PipelineOptions(models, latency=latency))
    images = different(6)
    found = {outcome.index: outcome for outcome in pipeline.recognize_many(images) if outcome is not None}
    assert sorted(found) == list(range(6))
    assert latency.counts()["readings"] == latency.summary()["queue"].count == 6
    assert latency.busy_s > 0
    alone = Pipeline(PipelineOptions(models))
    for index, image in enumerate(images):
        assert found[index].result().latex == alone.recognize(image).latex
        assert pipeline.recognize(image).cached
    again = list(pipeline.recognize_many(images, Mode.MATH))
    assert not any(outcome is None or outcome.result().cached for outcome in again)  # other options
    again = list(pipeline.recognize_many(images))
    assert all(outcome is not None and outcome.result().cached for outcome in again)
    alone.close()
    pipeline.close()


def test_one_picture_goes_first_between_two_of_many(models: Path) -> None:
    pipeline = Pipeline(PipelineOptions(models))
    images = different(8)
    found = pipeline.recognize_many(images)
    first = next(found)
    snip = pipeline.recognize(picture(40))
    assert not snip.cached
    rest = [outcome for outcome in found if outcome is not None]
    assert first is not None
    assert sorted(outcome.index for outcome in (first, *rest)) == list(range(8))
    assert snip.latex == Pipeline(PipelineOptions(models)).recognize(picture(40)).latex


def test_what_concerns_all_pictures_is_raised_at_once(models: Path) -> None:
    with pytest.raises(UsageError, match="handwriting"):
        Pipeline(PipelineOptions(models)).recognize_many([picture()], Mode.HANDWRITING)
    (models / "weights" / "tiny-v1" / "decoder.onnx").write_bytes(b"x")
    with pytest.raises(ModelCorrupt):
        next(Pipeline(PipelineOptions(models)).recognize_many([picture()]))


DEVICES = [("linux", CUDA), ("windows", CUDA), ("windows", DIRECTML), ("macos", COREML)]


@pytest.mark.parametrize(("system", "provider"), DEVICES)
@pytest.mark.parametrize("lasts", [0, 3])
def test_a_device_that_goes_costs_no_reading(
    system: str, provider: str, lasts: int, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of one picture, and of many: each is read as by the processor, and people are told once."""
    real = sessions.make_onnx_session

    def pretend(path, candidate, threads, dimensions, *others):
        session = real(path, Candidate(CPU), threads, dimensions, *others)
        return session if candidate.provider == CPU else Pretending(session, candidate.provider, lasts)

    monkeypatch.setattr(sessions, "make_onnx_session", pretend)
    monkeypatch.setattr(sessions, "run_bound", unbound)
    machine = Machine(
        system, "arm64" if system == "macos" else "x86_64", Cpu("", 2, 2, ()), (provider, CPU), driver="1"
    )
    images = different(6)
    plain = Pipeline(PipelineOptions(models, "cpu"))
    for number, read in enumerate((_one_by_one, _together)):
        ledger = Ledger()
        file = tmp_path / str(number) / "calibration.json"
        options = PipelineOptions(models, machine=lambda: machine, calibrations=file, tell=ledger.note)
        pipeline = Pipeline(options)
        found = read(pipeline, images)
        if provider != COREML:  # pads to fixed shapes until it goes, which a random model reads as something else
            assert found == [plain.recognize(image).latex for image in images]
        assert len(found) == len(images)
        assert len(ledger.unsaid()) == 1
        pipeline.close()
        again = Pipeline(options)
        assert _one_by_one(again, images[:1]) == [plain.recognize(images[0]).latex]
        assert ledger.unsaid() == ()
        again.close()
    plain.close()


def test_another_variant_does_not_answer_for_the_one_before(models: Path) -> None:
    """Once this computer was measured, a model that had rested may come back in another precision."""
    pipeline = Pipeline(PipelineOptions(models))
    pipeline.recognize(picture())
    pipeline.features.unload("math")
    _change(models)
    assert not pipeline.recognize(picture(7)).cached
    assert not pipeline.recognize(picture()).cached
    assert pipeline.recognize(picture(7)).cached
    pipeline.close()


def _one_by_one(pipeline: Pipeline, images: list[Image]) -> list[str]:
    return [pipeline.recognize(image).latex for image in images]


def _together(pipeline: Pipeline, images: list[Image]) -> list[str]:
    found = {outcome.index: outcome.result() for outcome in pipeline.recognize_many(images) if outcome is not None}
    return [found[index].latex for index in range(len(images))]


def test_freed_memory_is_given_back_when_many_are_read(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tidied: list[int] = []
    monkeypatch.setattr("scipix.pipeline.memory.Heap.tidy", lambda heap: tidied.append(len(ended)))
    pipeline = Pipeline(PipelineOptions(models))
    ended: list[object] = []
    for outcome in pipeline.recognize_many([picture(1), picture(2)]):
        ended.append(outcome)
    assert tidied == [2]
    pipeline.close()
