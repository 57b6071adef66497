"""The processes that train one run together, and which of them this one is. No TensorFlow."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

ADDRESS = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\]):\d+")
CONFIG = "TF_CONFIG"


class Cluster(NamedTuple):
    """Workers, of which the first one is the chief: it alone writes.

    Attributes:
        addresses: HOST:PORT of each worker, on which the others reach it.
        index: Which of them this process is.
    """

    addresses: tuple[str, ...]
    index: int

    @property
    def chief(self) -> bool:
        """Whether this process is the first worker."""
        return self.index == 0

    def config(self) -> str:
        """Returns what TensorFlow reads from the variable TF_CONFIG."""
        task = {"type": "worker", "index": self.index}
        return json.dumps({"cluster": {"worker": self.addresses}, "task": task})


def named(workers: str | None, index: int | None) -> Cluster | None:
    """Returns the cluster of two options; None for no worker, or for one.

    Args:
        workers: HOST:PORT of each worker, with commas between them.
        index: Which of them this process is.

    Raises:
        ValueError: If an address is none or is there twice, or there is no such worker.
    """
    if workers is None:
        if index is not None:
            raise ValueError(f"`--index` is one of `--workers`. Received: --index={index} alone")
        return None
    addresses = tuple(workers.split(","))
    wrong = [address for address in addresses if not ADDRESS.fullmatch(address)]
    if wrong or len(set(addresses)) < len(addresses):
        raise ValueError(
            "`--workers` must be HOST:PORT,HOST:PORT… with an address of its own for each worker. "
            f"Received: {workers!r}"
        )
    if index is None or not 0 <= index < len(addresses):
        raise ValueError(
            f"`--index` must be in [0, {len(addresses)}), the number of workers. Received: {index}"
        )
    return Cluster(addresses, index) if len(addresses) > 1 else None


def of_environment(environment: Mapping[str, str]) -> Cluster | None:
    """Returns the cluster that TF_CONFIG describes; None without it, and for one worker.

    Raises:
        ValueError: If it is not what TensorFlow's clusters of workers write.
    """
    text = environment.get(CONFIG, "")
    if not text:
        return None
    try:
        given = json.loads(text)
        jobs, task = given.get("cluster", {}), given.get("task", {})
        if set(jobs) - {"chief", "worker"}:
            raise LookupError(f"jobs {sorted(jobs)}")
        addresses = [*jobs.get("chief", []), *jobs.get("worker", [])]
        if len(addresses) < 2:
            return None
        first = len(jobs.get("chief", [])) if task["type"] == "worker" else 0
        if task["type"] not in jobs:
            raise LookupError(f"task of type {task['type']!r}")
        return named(",".join(addresses), first + int(task["index"]))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(
            "TF_CONFIG must describe a cluster of `worker` and perhaps one `chief`, and the task "
            f"of this process. Received: {text!r} ({error})"
        ) from error
