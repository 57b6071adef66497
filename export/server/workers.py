"""Several processes that listen on one socket and share nothing but files."""

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

DESCRIPTOR = "ZOO_SERVE_DESCRIPTOR"  # variable of a worker's environment: the socket's number
_SHORT = 2.0  # seconds; a worker that lives no longer would fail again


def bind(host: str, port: int) -> socket.socket:
    """Returns a socket that is bound; who serves on it listens when the models are loaded.

    Raises:
        OSError: If the address is in use or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise OSError(
            f"`host` and `port` must be an address of this machine that is free. "
            f"Received: {host}:{port} ({error.strerror})"
        ) from error
    return listening


def supervise(words: Sequence[str], listening: socket.socket, count: int, environment) -> int:
    """Runs workers until SIGTERM or SIGINT; starts another for one that ends before.

    Args:
        words: Arguments of `python -m zoo` for a worker.
        listening: The socket on which all of them listen.
        count: How many there are.
        environment: Environment of the workers.

    Returns:
        0, or the status of a worker that ended at its start.
    """
    ending: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: ending.append(number))
    signal.signal(signal.SIGHUP, lambda number, frame: _send(workers, signal.SIGHUP))
    workers: dict[subprocess.Popen, float] = {}
    status = 0
    with tempfile.TemporaryDirectory(prefix="zoo-metrics-") as counts:
        # where prometheus_client adds up the counters of several processes
        number = listening.fileno()
        environment = {**environment, "PROMETHEUS_MULTIPROC_DIR": counts, DESCRIPTOR: str(number)}
        command = [sys.executable, "-m", "zoo", *words]
        while not ending:
            while len(workers) < count:
                worker = subprocess.Popen(command, pass_fds=[number], env=environment)
                workers[worker] = time.monotonic()
            time.sleep(0.1)
            for worker in [worker for worker in workers if worker.poll() is not None]:
                if time.monotonic() - workers.pop(worker) < _SHORT or worker.returncode == 2:
                    status = worker.returncode or 1
                    ending.append(signal.SIGTERM)
                else:
                    print(f"A worker ended with {worker.returncode}; another starts", flush=True)
        listening.close()
        _send(workers, signal.SIGTERM)
        for worker in workers:
            worker.wait()
    return status


def _send(workers: dict, number: int) -> None:
    for worker in workers:
        if worker.poll() is None:
            worker.send_signal(number)
