"""Records of measurements: in a run's metrics.jsonl, in published files, and which can be compared.

A record is a JSON object with `metric`, `value`, `standard_error`, `step`, `protocol` (what one
must know to measure the value again), `beside` (what the value is to be read with), `seconds` and
`commit` (see `runs.commit`: the code that measured). A published record also has `experiment` and
`trained_at`, the commits that trained the run.
"""

import json
import os
import pathlib
import platform
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

from export.runtime import files
from train import runs

# What two records of one protocol may differ in: the draw, what the measurement chose or noticed
# on its way, and what says whose weights or images were measured.
FREE = (
    "seed",
    "bandwidth",
    "warnings",
    "weights",
    "weights_sha256",
    "chosen_by",
    "batch_statistics",
    "images",
    "images_sha256",
    "trained_on",
    "validation_images_trained_on",
    "test_images_trained_on",
)


class Group(NamedTuple):
    """Records that can be compared with one another.

    Attributes:
        metric: Name of their metric.
        differing: Fields, with their values, in which their protocol differs from other protocols
            of the metric.
        records: The records, in the order in which they came.
    """

    metric: str
    differing: dict
    records: list[dict]


def append(
    path: pathlib.Path, record: dict, *, instead_of: Callable[[dict], bool] = lambda record: False
) -> None:
    """Adds a record as a line to metrics.jsonl.

    What the file holds stays, also a last line that a killed process broke off.

    Args:
        path: metrics.jsonl.
        record: The record.
        instead_of: Says of a record in the file whether the new one replaces it. The new one takes
            the place of the first of these.
    """
    line = json.dumps(record, allow_nan=False)
    before = path.read_bytes() if path.exists() else b""
    lines = before.decode().splitlines()
    replaced = [at for at, old in enumerate(map(_parsed, lines)) if old and instead_of(old)]
    if replaced:
        kept = [line if at == replaced[0] else old for at, old in enumerate(lines)]
        kept = [old for at, old in enumerate(kept) if at not in replaced[1:]]
        files.write_text(path, "".join(f"{each}\n" for each in kept))
        return
    broken = before and not before.endswith(b"\n")
    try:
        with path.open("ab") as file:
            file.write((("\n" if broken else "") + line + "\n").encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError:  # a full disk; it has room for what was there
        if path.exists():
            os.truncate(path, len(before))
        raise


def mend(path: pathlib.Path) -> None:
    """Cuts off the last line of metrics.jsonl if a killed process broke it off.

    A record of which only the end of the line is missing gets it. Nobody else may write to the
    file.
    """
    content = path.read_bytes() if path.exists() else b""
    whole, _, last = content.rpartition(b"\n")
    if last:
        end = last + b"\n" if _parsed(last.decode(errors="replace")) is not None else b""
        files.write_bytes(path, (whole + b"\n" if whole else b"") + end)


def read(path: pathlib.Path) -> tuple[list[dict], int]:
    """Returns the records of metrics.jsonl, the oldest first, and the number of broken lines.

    A line is broken if the process that wrote it was killed; it is left out.
    """
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    objects = [_parsed(line) for line in lines]
    records = [value for value in objects if value is not None]
    return records, len(lines) - len(records)


def published(path: pathlib.Path) -> dict | None:
    """Returns the JSON object that a file holds, a record or another; None if it holds none."""
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):  # a folder of records may hold anything
        return None


def is_record(value: dict) -> bool:
    """Returns whether a JSON object is the record of a measurement."""
    return isinstance(value.get("metric"), str) and all(
        isinstance(value.get(key), dict) for key in ("protocol", "beside")
    )


def warnings(record: dict) -> list[str]:
    """Returns the sentences in a record's protocol that say what weakens its value."""
    return record["protocol"].get("warnings", [])


def by_protocol(records: Iterable[dict]) -> list[Group]:
    """Returns records in groups of one metric and one protocol, in the order in which they came.

    The fields of `FREE` are no part of a protocol.
    """
    groups: dict[tuple[str, str], list[dict]] = {}
    for record in records:
        key = record["metric"], json.dumps(protocol(record), sort_keys=True)
        groups.setdefault(key, []).append(record)
    result = []
    for (metric, _), group in groups.items():
        others = [protocol(rows[0]) for (name, _), rows in groups.items() if name == metric]
        own = protocol(group[0])
        differing = {field: own.get(field, "not said") for field in _differing(others)}
        result.append(Group(metric, differing, group))
    return result


def protocol(record: dict) -> dict:
    """Returns the fields of a record's protocol that must be equal for a comparison."""
    return {field: value for field, value in record["protocol"].items() if field not in FREE}


def publish(path: str | os.PathLike, record: dict, run: runs.Run | None, command: str) -> None:
    """Writes a record to a file of results/, with what it takes to measure it again.

    Args:
        path: The file; results/README.md describes it.
        record: The record.
        run: The run that was measured, whose experiment is added; None if it was no run.
        command: The command that measured it, as a user would type it.
    """
    trained = {}
    if run is not None:
        written = run.record()
        trained = {
            "experiment": written["experiment"],
            "trained_with": written["versions"],
            "trained_at": written.get("commits", [None]),
        }
    tf = sys.modules.get("tensorflow")  # without it no GPU was used
    gpus = tf and [
        tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    machine = {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
        "gpus": gpus or [],
    }
    context = {
        "command": command,
        "machine": machine,
        "versions": runs.versions(),
    }
    files.write_json(path, record | context | trained)


def describe(record: dict) -> str:
    """Returns the lines that `zoo evaluate` prints of a record."""
    error = "" if record["standard_error"] is None else f" +- {record['standard_error']:.4g}"
    step = "" if record["step"] is None else f"step {record['step']}, "
    value = "no finite value" if record["value"] is None else f"{record['value']:.6g}"
    lines = [f"{record['metric']}: {value}{error}  ({step}{record['seconds']} s)"]
    for title, key in (("protocol", "protocol"), ("next to it", "beside")):
        if record[key]:
            lines.append(f"  {title}")
            lines += [f"    {name}: {_text(value)}" for name, value in record[key].items()]
    return "\n".join(lines)


def _differing(protocols: list[dict]) -> list[str]:
    """Returns the fields in which protocols are not all alike, in the order in which they come."""
    fields = dict.fromkeys(field for protocol in protocols for field in protocol)
    first = protocols[0]
    return [
        field
        for field in fields
        if any(field not in p or p[field] != first.get(field) for p in protocols)
    ]


def _parsed(text: str) -> dict | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _text(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "; ".join(map(_text, value)) or "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
