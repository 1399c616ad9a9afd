"""models/manifest.toml: which models there are, and the size and SHA-256 of each of their files.

    schema = 1

    [[model]]
    id = "math-v1"              # also the name in results and of the folder weights/<id>
    feature = "math"            # what it is for; the first model of a feature is the one that is used
    precision = "int8"          # int8 | fp16 | fp32: decides where it may run
    license = "Apache-2.0"      # SPDX
    card = "cards/math-v1.md"   # relative to models/, like the paths below
    min_app = "0.1.0"           # the first version of Scipix that can run it

    [[model.file]]
    role = "encoder"            # encoder | decoder; if there are any: draft (guesses ahead, see drafting.py), joined (the
                                # decoder for rows of unequal lengths, beside the decoder's file, see ragged.py)
    path = "weights/math-v1/encoder.onnx"
    size = 12345678             # bytes; filled in, like sha256, by --update
    sha256 = "..."

    [[model.variant]]           # the same model in another precision, which fits other devices; as many as there are
    precision = "fp16"
    quality = 0.947             # of this variant; the model itself has one, too, when there are variants

    [[model.variant.file]]      # as above; files that are the same may be named again
    role = "encoder"
    ...

quality: the share of a test set's pictures that were read exactly, 0 to 1; which variant is used depends on it.

`python -m scipix.inference.manifest models/manifest.toml --update math-v1` fills in sizes and hashes from the files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from scipix import atomic
from scipix.errors import ModelCorrupt, ModelMissing, ScipixError

SCHEMA = 1
PRECISIONS = ("int8", "fp16", "fp32")
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model. path: relative to the models folder, with forward slashes. size: bytes."""

    role: str
    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the manifest. quality: share of pictures that were read exactly, None when that is not known.
    variants: the same in other precisions; they differ from it in precision, quality and files."""

    id: str
    feature: str
    precision: str
    license: str
    card: str
    min_app: str
    files: tuple[ModelFile, ...]
    quality: float | None = None
    variants: tuple[Model, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes when any file does; for cache keys."""
        return ":".join(file.sha256 for file in self.files)

    def each(self) -> tuple[Model, ...]:
        """Itself, and the variants, every one as a model of its own."""
        return (replace(self, variants=()), *self.variants)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All models, in order of preference."""

    path: Path
    models: tuple[Model, ...]

    def get(self, model_id: str) -> Model:
        """The model of that id; raises ModelMissing."""
        for model in self.models:
            if model.id == model_id:
                return model
        raise ModelMissing(model_id, self.path)

    def first(self, feature: str) -> Model:
        """The preferred model for a feature; raises ModelMissing."""
        for model in self.models:
            if model.feature == feature:
                return model
        raise ModelMissing(f"for {feature}", self.path)


def load(path: Path) -> Manifest:
    """Read a manifest; raises ModelMissing (no such file) or ModelCorrupt (not a manifest)."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise ModelMissing("manifest", path) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise ModelCorrupt("manifest", path, str(exc)) from exc
    try:
        data = tomllib.loads(text)
        if data.get("schema") != SCHEMA:
            raise ValueError(f"schema {data.get('schema')!r} instead of {SCHEMA}")
        models = tuple(_model(entry) for entry in _list(data, "model"))
        if len({model.id for model in models}) != len(models):
            raise ValueError("two models have the same id")
    except ValueError as exc:  # TOMLDecodeError is one
        raise ModelCorrupt("manifest", path, str(exc)) from exc
    return Manifest(path, models)


def _model(entry: dict[str, Any]) -> Model:
    model = Model(
        *(_text(entry, key) for key in ("id", "feature", "precision", "license", "card", "min_app")),
        files=tuple(_file(item) for item in _list(entry, "file")),
        quality=_quality(entry),
    )
    _relative(model.card)
    model = replace(model, variants=tuple(_variant(model, item) for item in _list(entry, "variant")))
    precisions = [variant.precision for variant in model.each()]
    for precision in precisions:
        if precision not in PRECISIONS:
            raise ValueError(f"precision of {model.id} is {precision!r}, not one of {', '.join(PRECISIONS)}")
    if len(set(precisions)) != len(precisions):
        raise ValueError(f"{model.id} is there twice in the same precision")
    return model


def _variant(model: Model, entry: dict[str, Any]) -> Model:
    files = tuple(_file(item) for item in _list(entry, "file"))
    return replace(model, precision=_text(entry, "precision"), quality=_quality(entry), files=files)


def _quality(entry: dict[str, Any]) -> float | None:
    value = entry.get("quality")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"quality {value!r} is not from 0 to 1")
    return float(value)


def _file(entry: dict[str, Any]) -> ModelFile:
    size, digest = entry.get("size", 0), entry.get("sha256", "")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError(f"size {size!r} is not a number of bytes")
    if not isinstance(digest, str) or (digest and (len(digest) != 64 or not set(digest) <= _HEX)):
        raise ValueError(f"sha256 {digest!r} is not 64 lower-case hexadecimal digits")
    return ModelFile(_text(entry, "role"), _relative(_text(entry, "path")), size, digest)


def _relative(path: str) -> str:
    """A manifest may not name a file outside the models folder."""
    if "\\" in path or ":" in path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError(f"path {path!r} is not inside the models folder")
    return path


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is missing or not text")
    return value


def _list(entry: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(f"[[{key}]] is not a list of tables")
    return value


def update(path: Path, model_id: str) -> Model:
    """Fill in size and SHA-256 of each file of a model, and write the manifest; other models are left as they are.

    Raises ModelMissing when a file is not there, or the model is not in the manifest.
    """
    manifest = load(path)
    model = manifest.get(model_id)
    variants = tuple(replace(variant, files=_filled(variant, path.parent)) for variant in model.variants)
    updated = replace(model, files=_filled(model, path.parent), variants=variants)
    models = tuple(updated if entry.id == model_id else entry for entry in manifest.models)
    atomic.write_text(path, dump(models))
    return updated


def _filled(model: Model, folder: Path) -> tuple[ModelFile, ...]:
    files = []
    for file in model.files:
        target = folder / file.path
        if not target.is_file():
            raise ModelMissing(model.id, target)
        files.append(replace(file, size=target.stat().st_size, sha256=sha256_of(target)))
    return tuple(files)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as 64 lower-case hexadecimal digits; raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def dump(models: tuple[Model, ...]) -> str:
    """The text of a manifest."""
    lines = ["# Written by scipix.inference.manifest, which also says what the keys mean.", f"schema = {SCHEMA}"]
    for model in models:
        lines += ["", "[[model]]"]
        for key in ("id", "feature", "precision", "license", "card", "min_app"):
            lines.append(f"{key} = {json.dumps(getattr(model, key))}")  # a JSON string is a TOML string too
        lines += _dump_files(model, "model")
        for variant in model.variants:
            lines += ["", "[[model.variant]]", f"precision = {json.dumps(variant.precision)}"]
            lines += _dump_files(variant, "model.variant")
    return "\n".join(lines) + "\n"


def _dump_files(model: Model, table: str) -> list[str]:
    """The quality, which comes last of a table's own keys, and the files."""
    lines = [] if model.quality is None else [f"quality = {model.quality}"]
    for file in model.files:
        lines += ["", f"[[{table}.file]]", f"role = {json.dumps(file.role)}"]
        lines += [f"path = {json.dumps(file.path)}", f"size = {file.size}", f'sha256 = "{file.sha256}"']
    return lines


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Fill in sizes and hashes of a model's files")
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--update", metavar="ID", required=True, help="the model whose files have changed")
    options = parser.parse_args(arguments)
    try:
        model = update(options.manifest, options.update)
    except ScipixError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return int(exc.exit_code)
    for file in (file for variant in model.each() for file in variant.files):
        print(f"{file.sha256}  {file.size:>10}  {file.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
