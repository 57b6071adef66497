"""What the record of a run says of the devices that trained it. It loads no TensorFlow."""

KINDS = {"gpu": "GPU", "cpu": "CPU device"}


def words(record: dict) -> str:
    """Returns devices in words.

    Args:
        record: `kind`, a key of `KINDS`, `count`, and `workers` where there are several.

    Example:
        >>> words({"kind": "cpu", "count": 2})
        '2 CPU devices'
    """
    text = f"{record['count']} {KINDS[record['kind']]}" + "s" * (record["count"] > 1)
    return text + (f" of {record['workers']} workers" if "workers" in record else "")


def continued(before: list[dict], now: dict | None) -> list[dict]:
    """Returns the devices of a run in the order in which it changed them, and says a change.

    Args:
        before: Devices so far; none where the run was started before they were recorded.
        now: Those that go on; None if nobody says.
    """
    if now is None or before[-1:] == [now]:
        return before
    if before:
        print(
            f"The run was last trained on {words(before[-1])}, now on {words(now)}; "
            "its weights differ by the rounding of sums alone",
            flush=True,
        )
    return [*before, now]
