"""What `scipix doctor` tells of inference."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scipix.errors import BackendUnavailable, ModelCorrupt, ModelMissing
from scipix.inference.devices import Machine, this_machine
from scipix.inference.manifest import Model
from scipix.inference.placement import Placement
from scipix.inference.providers import DECODER, ENCODER
from scipix.inference.sessions import Graph
from scipix.inference.store import Store
from scipix.inference.verdicts import Calibrations, key_of
from scipix.inference.vocabulary import decoder_facts


def facts(
    models: Path, machine: Callable[[], Machine] = this_machine, calibrations: Path | None = None
) -> dict[str, Any]:
    """Plain data, fit for JSON.

    cpu: name, physical, logical, features. memory_gb: of 1e9 bytes. devices: what onnxruntime has found. calibrations:
    the file of what was measured on this computer. providers: names of onnxruntime, empty when it cannot be loaded, then
    `backend` says why. plugins: providers that come as libraries of their own. driver: of the graphics cards. models: for
    each of the manifest id, feature, precision, ok, problem, files, runs_on, measured.
    """
    try:
        found, backend = machine(), "ok"
    except BackendUnavailable as exc:
        found, backend = this_machine(providers=()), str(exc)
    report: dict[str, Any] = {
        "system": f"{found.system} {found.arch}",
        "cpu": {**asdict(found.cpu), "features": list(found.cpu.features)},
        "memory_gb": round(found.memory / 1e9, 1),
        "devices": [" ".join(device) for device in found.devices],
        "backend": backend,
        "providers": list(found.providers),
        "plugins": [f"{plugin.provider} {plugin.version} ({plugin.library})" for plugin in found.plugins],
        "driver": found.driver,
        "models": [],
    }
    store = Store(models)
    try:
        manifest = store.manifest()
    except (ModelMissing, ModelCorrupt) as exc:
        report["models"] = [{"id": "manifest", "ok": False, "problem": str(exc)}]
        return report
    each = [variant for model in manifest.models for variant in model.each()]
    report["models"] = [_model_facts(store, model, found, calibrations) for model in each]
    return report


def _model_facts(store: Store, model: Model, machine: Machine, calibrations: Path | None) -> dict[str, Any]:
    """Verify a model and load it, as a recognition would."""
    problem, runs_on, measured = "", {}, {}
    try:
        verified = store.verify(model)
        if machine.providers:
            placement = Placement(model, machine, calibrations=calibrations)
            for role in (ENCODER, DECODER):
                choice = placement.choice(role)
                graph = Graph(model.id, verified.path(role), choice, guard=placement.guard(role))
                if role == DECODER:
                    decoder_facts(model.id, verified.path(role), graph.metadata)
                why = "; ".join((choice.reason, *graph.fallbacks))
                runs_on[role] = f"{graph.provider.removesuffix('ExecutionProvider')}, threads: {choice.threads} ({why})"
                graph.close()
                measured[role] = _measured(machine, model, role, calibrations)
    except (ModelMissing, ModelCorrupt, BackendUnavailable) as exc:
        problem = str(exc)
    return {
        "id": model.id,
        "feature": model.feature,
        "precision": model.precision,
        "license": model.license,
        "ok": not problem,
        "problem": problem,
        "files": [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in model.files],
        "runs_on": runs_on,
        "measured": measured,
    }


def _measured(machine: Machine, model: Model, role: str, calibrations: Path | None) -> str:
    """When it was found where that graph runs fastest, in local time."""
    decision = Calibrations(calibrations).get(key_of(machine, model, role)) if calibrations is not None else None
    if decision is None:
        return "not yet; the app does it when it is idle, `scipix bench --calibrate` at once"
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(decision.when))
