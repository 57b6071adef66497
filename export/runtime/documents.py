"""JSON files of strangers: bounded, and with one meaning for every reader."""

import json
import math
import pathlib

MOST_BYTES = 1 << 20  # a manifest of seven endpoints has 10 KB
MOST_DEPTH = 24
_SHOWN = 80  # characters of a wrong value that a sentence shows


def read(path: pathlib.Path) -> dict:
    """Returns the object that a JSON file holds.

    Readers differ in what they make of a key that stands twice, of NaN, and of integers of more
    than 64 bits, so a file with one of these is refused.

    Args:
        path: File of UTF-8, of at most 1 MiB.

    Raises:
        ValueError: If the file is larger, or does not hold one object of such values.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path.name} must have at most {MOST_BYTES} bytes. Received: more")
    try:
        made = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_number,
        )
        _check_values(made)
    except RecursionError:
        raise ValueError(_deeper(path.name)) from None
    except ValueError as error:  # those of the decoders and our own
        raise ValueError(f"{path.name} must be JSON with one meaning. Received: {error}") from error
    if not isinstance(made, dict):
        raise ValueError(f"{path.name} must hold one object. Received: {shown(made)}")
    return made


def shown(value: object) -> str:
    """Returns the start of a value as an error shows it: in ASCII, on one line."""
    text = ascii(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _object(items: list[tuple[str, object]]) -> dict:
    made = dict(items)
    if len(made) != len(items):
        seen: set[str] = set()
        twice = next(key for key, _ in items if key in seen or seen.add(key))
        raise ValueError(f"the key {shown(twice)} twice in one object")
    return made


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise ValueError(f"the integer {digits[:_SHOWN]}, which does not fit in 64 bits")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits[:_SHOWN]}, which is not finite")
    return value


def _check_values(made: object) -> None:
    """Raises ValueError where values nest too deep, or a text is not one of Unicode."""
    waiting = [(made, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise RecursionError
        if isinstance(value, str):
            value.encode()  # half of a surrogate pair has no UTF-8
        elif isinstance(value, (dict, list)):
            inner = [*value, *value.values()] if isinstance(value, dict) else value
            waiting += [(each, depth + 1) for each in inner]


def _deeper(name: str) -> str:
    return f"Values of {name} must nest at most {MOST_DEPTH} deep. Received: deeper"
