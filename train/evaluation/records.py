"""Records of measurements: a line of a run's metrics.jsonl, a file of results/, and what is printed of them."""

import json
import os
import pathlib
import platform

import tensorflow as tf

from train import files, runs


def append(path: pathlib.Path, record: dict) -> None:
    """Adds one line to a file of lines; what it holds stays, also a last line that a killed process broke off."""
    line = json.dumps(record, allow_nan=False)
    before = path.read_bytes() if path.exists() else b""
    broken = before and not before.endswith(b"\n")
    with path.open("a") as file:
        file.write(("\n" if broken else "") + line + "\n")


def publish(path: str | os.PathLike, record: dict, run: runs.Run | None, command: str) -> None:
    """Writes a file of results/, described in its README: the record, and what it takes to measure it again, with a run its experiment."""
    kept = None if run is None else run.record()
    trained = (
        {} if kept is None else {"experiment": kept["experiment"], "trained_with": kept["versions"]}
    )
    gpus = [
        tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    machine = {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
        "gpus": gpus,
    }
    context = {"command": command, "machine": machine, "versions": runs.versions()}
    files.write_json(path, record | context | trained)


def describe(record: dict) -> str:
    """Returns what is printed of a record."""
    error = "" if record["standard_error"] is None else f" +- {record['standard_error']:.4g}"
    step = "" if record["step"] is None else f"step {record['step']}, "
    lines = [f"{record['metric']}: {record['value']:.6g}{error}  ({step}{record['seconds']} s)"]
    for title in ("protocol", "beside"):
        lines += [
            f"  {title}",
            *(f"    {key}: {_text(value)}" for key, value in record[title].items()),
        ]
    return "\n".join(lines)


def _text(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "; ".join(map(_text, value)) or "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
