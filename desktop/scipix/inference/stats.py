"""The figures of a session as rows, CSV, and Prometheus text."""

from __future__ import annotations

import csv
import io
from typing import Any

from scipix.inference.ledger import Session

_QUANTILES = (("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99"), ("0.999", "p999"))


def rows(session: Session) -> list[dict[str, Any]]:
    """One for each stage that was met: stage, count, and milliseconds last, mean, p50, p95, p99, p99.9, max."""
    made = []
    for stage, histogram in session.stages.items():
        if histogram.count:
            spread = histogram.spread()
            figures = {"last": spread.last, "mean": spread.total / spread.count}
            figures |= {"p50": spread.p50, "p95": spread.p95, "p99": spread.p99, "p99.9": spread.p999}
            made.append({"stage": stage, "count": spread.count, **figures, "max": spread.most})
    return made


def facts(session: Session) -> dict[str, Any]:
    """The session as a whole, plain data. memory: MB of 1,000,000 bytes."""
    return {
        "program": session.program,
        "started": session.started,
        "seconds": round(session.written - session.started, 3),
        **session.counts,
        "readings_per_second": round(session.readings_per_second, 3),
        "tokens_per_second": round(session.tokens_per_second, 3),
        "cpu_seconds": round(session.cpu_s, 3),
        "memory_mb": round(session.memory / 1e6, 1),
        "memory_peak_mb": round(session.memory_peak / 1e6, 1),
        "gpu_memory_mb": round(session.gpu_memory / 1e6, 1),
        "notes": list(session.notes),
    }


def to_csv(session: Session) -> str:
    """The rows, with a header; lines end as RFC 4180 wants it."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, ["stage", "count", "last", "mean", "p50", "p95", "p99", "p99.9", "max"])
    writer.writeheader()
    for row in rows(session):
        writer.writerow({key: f"{value:.4f}" if isinstance(value, float) else value for key, value in row.items()})
    return stream.getvalue()


def to_prometheus(session: Session) -> str:
    """Text exposition format 0.0.4: stages as a summary in seconds, counts as counters, memory as gauges."""
    lines = ["# HELP scipix_stage_seconds Time of each stage of a recognition."]
    lines.append("# TYPE scipix_stage_seconds summary")
    for stage, histogram in session.stages.items():
        if histogram.count:
            spread, label = histogram.spread(), _escaped(stage)
            for quantile, name in _QUANTILES:
                seconds = getattr(spread, name) / 1000
                lines.append(f'scipix_stage_seconds{{stage="{label}",quantile="{quantile}"}} {seconds:.9g}')
            lines.append(f'scipix_stage_seconds_sum{{stage="{label}"}} {spread.total / 1000:.9g}')
            lines.append(f'scipix_stage_seconds_count{{stage="{label}"}} {spread.count}')
    for name, number in session.counts.items():
        lines += _metric(f"scipix_{name}_total", "counter", f"Number of {name.replace('_', ' ')}.", number)
    lines += _metric("process_cpu_seconds_total", "counter", "Processor time in seconds.", session.cpu_s)
    lines += _metric("process_resident_memory_bytes", "gauge", "Resident memory in bytes.", session.memory)
    if session.gpu_memory:
        lines += _metric("scipix_gpu_memory_bytes", "gauge", "Graphics memory in bytes.", session.gpu_memory)
    lines += _metric("process_start_time_seconds", "gauge", "Start in seconds since the epoch.", session.started)
    return "\n".join(lines) + "\n"


def _metric(name: str, kind: str, text: str, value: float) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}", f"{name} {value:.15g}"]


def _escaped(text: str) -> str:
    """A label's value as the format wants it."""
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
