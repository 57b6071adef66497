"""What a run has written of itself, read however damaged it is: each reader returns what is whole, and says in words what is not."""

import csv
import json
import math
import pathlib
import sys
from collections.abc import Iterable

# of a protocol's fields, the draw, what the measurement found on its way, and what says whose weights or images these are
FREE = (
    "seed",
    "bandwidth",
    "warnings",
    "weights",
    "weights_sha256",
    "images",
    "images_sha256",
    "trained_on",
    "validation_images_trained_on",
    "test_images_trained_on",
)


def settings(path: pathlib.Path) -> tuple[dict, list[str]]:
    """Returns experiment.json with the keys `experiment`, `data` and `versions`, empty where they are absent."""
    found, faults = mapping(path)
    return {
        key: found[key] if isinstance(found.get(key), dict) else {}
        for key in ("experiment", "data", "versions")
    }, faults


def mapping(path: pathlib.Path) -> tuple[dict, list[str]]:
    """Returns the object that a JSON file holds, empty if it holds none."""
    words, faults = _text(path)
    found = _object(words)
    return (
        ({}, faults or [f"{path.name} is absent or holds no JSON object."])
        if found is None
        else (found, [])
    )


def history(path: pathlib.Path) -> tuple[list[dict], list[str]]:
    """Returns the rows of history.csv: numbers, NaN where a row has none, and the text `verdict`."""
    words, faults = _text(path)
    try:
        rows = list(csv.DictReader(words.splitlines()))
    except csv.Error as error:
        rows, faults = [], [f"{path.name} cannot be read: {error}."]
    found = [
        {key: value if key == "verdict" else _number(value) for key, value in row.items() if key}
        for row in rows
    ]
    whole = [row for row in found if math.isfinite(row.get("epoch", math.nan))]
    if len(whole) < len(found):
        faults = [
            *faults,
            f"{len(found) - len(whole)} rows of {path.name} without an epoch are left out.",
        ]
    return whole, faults


def metrics(path: pathlib.Path) -> tuple[list[dict], list[str]]:
    """Returns the records of metrics.jsonl, the oldest first."""
    words, faults = _text(path)
    lines = [line for line in words.split("\n") if line.strip()]
    found = [record for record in map(_object, lines) if record is not None and is_record(record)]
    if len(found) < len(lines):
        faults = [
            *faults,
            f"{len(lines) - len(found)} of {len(lines)} lines of {path.name} cannot be read and are left out.",
        ]
    return found, faults


def is_record(value: dict) -> bool:
    """Returns whether an object is the record of a measurement: `metric`, `value`, `standard_error`, `step`, `protocol` and `beside`."""
    numbers = [value.get(key) for key in ("value", "standard_error", "step")]
    sound = all(
        number is None or isinstance(number, (int, float)) and abs(number) <= sys.float_info.max
        for number in numbers
    )
    return (
        sound
        and isinstance(value.get("metric"), str)
        and all(isinstance(value.get(key), dict) for key in ("protocol", "beside"))
    )


def warnings(record: dict) -> list[str]:
    """Returns what a record's protocol says should be held against its value."""
    found = record["protocol"].get("warnings", [])
    return [str(told) for told in found] if isinstance(found, list) else [str(found)]


def by_protocol(records: Iterable[dict]) -> list[tuple[str, dict, list[dict]]]:
    """Returns the records that can be compared with one another, in the order in which they came.

    Returns:
        For each metric and each protocol that it was measured under: the metric, the fields of the protocol in which it differs from the
        metric's other protocols, and the records. What is `FREE` is no part of a protocol.
    """
    groups: dict[tuple[str, str], list[dict]] = {}
    for record in records:
        groups.setdefault(
            (record["metric"], json.dumps(protocol(record), sort_keys=True)), []
        ).append(record)
    found = []
    for (metric, _), group in groups.items():
        fields = differing(
            [protocol(others[0]) for (name, _), others in groups.items() if name == metric]
        )
        found.append(
            (metric, {field: protocol(group[0]).get(field, "not said") for field in fields}, group)
        )
    return found


def protocol(record: dict) -> dict:
    """Returns the fields of a record's protocol that are one in all records that can be compared."""
    return {field: value for field, value in record["protocol"].items() if field not in FREE}


def differing(protocols: list[dict]) -> list[str]:
    """Returns the fields in which protocols are not all alike, in the order in which they come."""
    keys = dict.fromkeys(key for protocol in protocols for key in protocol)
    return [
        key
        for key in keys
        if any(key not in p or p[key] != protocols[0].get(key) for p in protocols)
    ]


def _text(path: pathlib.Path) -> tuple[str, list[str]]:
    try:
        return path.read_text(encoding="utf-8", errors="replace"), []
    except FileNotFoundError:
        return "", []
    except OSError as error:
        return "", [f"{path.name} cannot be read: {error.strerror}."]


def _object(words: str) -> dict | None:
    try:
        found = json.loads(words)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _number(value) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):  # an empty cell, a short or a long row
        return math.nan
