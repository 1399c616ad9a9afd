"""The bill of materials of the frozen app, CycloneDX 1.6: python packaging/sbom.py LICENSES_FOLDER OUT.json."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_NOT_FROM_PYPI = {"python", "mathjax"}


def make(notices: list[dict[str, str]], models: dict[str, Any], version: str) -> dict[str, Any]:
    """notices: entries of notices.json. models: the parsed models/manifest.toml. version: of Scipix."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "scipix",
                "name": "scipix",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [*map(_library, notices), *map(_model, models.get("model", []))],
    }


def _library(notice: dict[str, str]) -> dict[str, Any]:
    name = notice["name"].lower().replace("_", "-")
    kind = "generic" if name in _NOT_FROM_PYPI else "pypi"
    return {
        "type": "library",
        "bom-ref": name,
        "name": notice["name"],
        "version": notice["version"],
        "purl": f"pkg:{kind}/{name}@{notice['version']}",
        "licenses": [{"license": {"name": notice["license"]}}],
    }


def _model(model: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model-{model['id']}",
        "name": model["id"],
        "licenses": [{"license": {"id": model["license"]}}],
        "components": [
            {
                "type": "file",
                "name": file["path"],
                "hashes": [{"alg": "SHA-256", "content": file["sha256"]}],
            }
            for file in model.get("file", [])
        ],
    }


def write(licenses: Path, out: Path, version: str) -> None:
    notices = json.loads((licenses / "notices.json").read_text("utf-8"))
    models = tomllib.loads((ROOT / "models/manifest.toml").read_text("utf-8"))
    out.write_text(json.dumps(make(notices, models, version), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    import freeze

    write(Path(sys.argv[1]), Path(sys.argv[2]), freeze.version())
