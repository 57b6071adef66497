"""One thread per model, which computes as one batch what came while the last one was computed."""

import asyncio
import collections
import contextlib
import logging
import queue
import threading
from typing import NamedTuple

import numpy as np

from export.runtime import backends
from export.server import faults

_LOG = logging.getLogger("zoo.serve")


class Job(NamedTuple):
    """Rows of one request, at most as many as a batch has."""

    endpoint: str
    inputs: backends.Arrays
    rows: int
    future: asyncio.Future
    loop: asyncio.AbstractEventLoop


class Batcher:
    """Computes the endpoints of one model, in a thread of its own.

    Args:
        run: Computes an endpoint of arrays.
        rows: Largest number of rows of a batch.
        queue_rows: Largest number of rows that wait or are computed.
        computed: Is called with the endpoint and the rows of each batch.

    Attributes:
        waiting: Number of rows that wait or are computed.
    """

    def __init__(self, run: backends.Run, rows: int, queue_rows: int, computed=None):
        self._run, self._rows, self._queue_rows = run, rows, queue_rows
        self._computed = computed or (lambda endpoint, rows: None)
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.waiting = 0
        self._thread = threading.Thread(target=self._work, name="zoo-batches", daemon=True)
        self._thread.start()

    async def compute(
        self, endpoint: str, inputs: backends.Arrays, seconds: float = 60.0
    ) -> backends.Arrays:
        """Returns the outputs of rows, which share their batches with those of other callers.

        Args:
            endpoint: Name of the endpoint.
            inputs: Checked inputs.
            seconds: How long it may take.

        Raises:
            Fault: 503 if too many rows wait; 504 if it takes too long; 500 if the model fails on
                these rows.
        """
        loop, count = asyncio.get_running_loop(), len(next(iter(inputs.values())))
        if self.waiting + count > self._queue_rows:
            raise faults.busy(
                f"At most {self._queue_rows} rows may wait for a model; {self.waiting} wait now. "
                f"Received: {count} more"
            )
        jobs = []
        for first in range(0, count, self._rows):
            part, rows = inputs, min(self._rows, count - first)
            if rows < count:
                part = {name: value[first : first + rows] for name, value in inputs.items()}
            jobs.append(Job(endpoint, part, rows, loop.create_future(), loop))
        self.waiting += count
        for job in jobs:
            self._queue.put(job)
        late = loop.call_later(seconds, _late, jobs, seconds)
        try:
            parts = [await job.future for job in jobs]
        finally:
            late.cancel()
            for job in jobs:
                # what nobody waits for any longer is not computed, and its failure not reported
                if not job.future.cancel() and not job.future.cancelled():
                    job.future.exception()
        if len(parts) == 1:
            return parts[0]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def close(self) -> None:
        """Ends the thread when all that waits has been computed."""
        self._queue.put(None)

    def join(self) -> None:
        """Waits for the end of the thread."""
        self._thread.join()

    def _work(self) -> None:
        waiting: collections.deque[Job | None] = collections.deque()
        while True:
            if not waiting:
                waiting.append(self._queue.get())
            with contextlib.suppress(queue.Empty):
                while True:
                    waiting.append(self._queue.get_nowait())
            if waiting[0] is None:
                return
            self._answer(self._taken(waiting))

    def _taken(self, waiting: collections.deque) -> list[Job]:
        """Removes the oldest job, and those that fit into its batch, from what waits."""
        taken, left, rows = [], [], 0
        for job in waiting:
            first = taken[0] if taken else job
            if job is None or job.endpoint != first.endpoint or rows + job.rows > self._rows:
                left.append(job)
                continue
            taken.append(job)
            rows += job.rows
        waiting.clear()
        waiting.extend(left)
        return taken

    def _answer(self, jobs: list[Job]) -> None:
        wanted = [job for job in jobs if not job.future.done()]
        results = {id(job): result for job, result in zip(wanted, self._results(wanted))}
        by_loop = collections.defaultdict(list)
        for job in jobs:
            by_loop[job.loop].append((job, results.get(id(job))))
        for loop, delivered in by_loop.items():
            with contextlib.suppress(RuntimeError):  # of a loop that was closed
                loop.call_soon_threadsafe(self._deliver, delivered)

    def _results(self, jobs: list[Job]) -> list[backends.Arrays | faults.Fault]:
        """Returns the outputs of each job, or why there are none."""
        if not jobs:
            return []
        try:
            return self._outputs(jobs)
        except Exception:
            if len(jobs) > 1:  # rows that fail must not fail those of others
                return [result for job in jobs for result in self._results([job])]
            _LOG.exception("The model failed on %d rows of %r", jobs[0].rows, jobs[0].endpoint)
            return [faults.Fault(500, "The model failed on these rows; the log says why")]

    def _outputs(self, jobs: list[Job]) -> list[backends.Arrays | faults.Fault]:
        inputs, endpoint = jobs[0].inputs, jobs[0].endpoint
        if len(jobs) > 1:
            inputs = {name: np.concatenate([job.inputs[name] for job in jobs]) for name in inputs}
        outputs = self._run(endpoint, inputs)
        rows = sum(job.rows for job in jobs)
        self._computed(endpoint, rows)
        if any(len(value) != rows for value in outputs.values()):
            raise ValueError(
                f"{endpoint!r} must give {rows} rows. "
                f"Received: { {name: value.shape for name, value in outputs.items()} }"
            )
        finite = all(np.isfinite(value).all() for value in outputs.values())
        results, first = [], 0
        for job in jobs:
            part = {name: value[first : first + job.rows] for name, value in outputs.items()}
            first += job.rows
            if not finite and not all(np.isfinite(value).all() for value in part.values()):
                part = faults.Fault(500, "The model's output for these rows is not finite")
            results.append(part)
        return results

    def _deliver(self, delivered: list) -> None:
        """Hands over results, where requests are: on the loop."""
        for job, result in delivered:
            self.waiting -= job.rows
            if job.future.done():  # its caller has gone
                continue
            if isinstance(result, Exception):
                job.future.set_exception(result)
            else:
                job.future.set_result(result)


def _late(jobs: list[Job], seconds: float) -> None:
    for job in jobs:
        if not job.future.done():
            job.future.set_exception(
                faults.Fault(504, f"An answer must be computed in {seconds:g} seconds")
            )
