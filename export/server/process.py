"""One process that serves: it watches the disk, and ends only when it has answered."""

import asyncio
import contextlib
import ctypes
import logging
import signal
import socket
import time

import uvicorn

from export.server import application, connections, limits, pages, repository

_LOG = logging.getLogger("zoo.serve")
_MUCH = 2**20  # bytes


class Server(uvicorn.Server):
    """uvicorn's server, which goes on answering for a moment after it was asked to end.

    Args:
        config: uvicorn's.
        state: State of the application.
        lame_duck: Seconds for which it says that it is not ready and still answers.
    """

    def __init__(self, config: uvicorn.Config, state, lame_duck: float):
        super().__init__(config)
        self._state, self._lame_duck = state, lame_duck
        self._ends = float("inf")

    def handle_exit(self, sig, frame) -> None:
        if self._state.draining:  # a second signal
            self.should_exit = self.force_exit = True
        self._state.draining = True
        self._ends = min(self._ends, time.monotonic() + self._lame_duck)

    async def on_tick(self, counter: int) -> bool:
        if time.monotonic() >= self._ends:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets=None) -> None:
        """Stops listening; what the system has accepted by then is answered too."""
        loop = asyncio.get_running_loop()
        kept = [listening.dup() for listening in sockets or []]
        for server in self.servers:
            server.close()
        for listening in kept:
            listening.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    connection, _ = listening.accept()
                    await loop.connect_accepted_socket(self._protocol, connection)
            listening.close()
        await super().shutdown(sockets)

    def _protocol(self) -> connections.Connection:
        return self.config.http_protocol_class(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def serve(
    models: repository.Repository,
    listening: socket.socket,
    *,
    bounds: limits.Limits,
    poll: float,
    lame_duck: float,
    written: pages.Pages | None = None,
    **options,
) -> int:
    """Serves until SIGTERM or SIGINT, and answers what it has accepted before it ends.

    Args:
        models: The models.
        listening: The socket on which it listens.
        bounds: The limits.
        poll: Seconds between two looks at the disk; 0 for none but on SIGHUP.
        lame_duck: Seconds between the signal and the end of listening.
        written: Writes a web page of each model while the server runs; None for none.
        **options: Those of `application.build`.

    Returns:
        0.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_):
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        models.retire = lambda model: loop.call_soon_threadsafe(model.retire)
        loop.add_signal_handler(signal.SIGHUP, changed.set)
        tasks = [
            loop.create_task(_watch(guard.state.refresh, changed, poll)),
            loop.create_task(_tidy(guard.state.held)),
        ]
        if written is not None:
            tasks.append(loop.create_task(written.follow(models)))
        yield
        for task in tasks:
            task.cancel()

    guard = application.build(models, bounds=bounds, lifespan=lifespan, **options)
    config = uvicorn.Config(
        guard,
        http=connections.bounded(bounds),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(bounds.body_seconds + bounds.answer_seconds) + 1,
    )
    Server(config, guard.state, lame_duck).run(sockets=[listening])
    return 0


def _trim() -> None:
    """Gives freed memory back to the system, where its C library can."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


async def _tidy(held) -> None:
    """Trims when the last of much has been given back, which the C library does not by itself."""
    much = False
    while True:
        await asyncio.sleep(1.0)
        if much and not held.now:
            await asyncio.to_thread(_trim)
        much = held.largest_now > _MUCH
        held.largest_now = held.now


async def _watch(refresh, changed: asyncio.Event, poll: float) -> None:
    while True:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(changed.wait(), poll or None)
        changed.clear()
        try:
            await refresh()
        except Exception:  # of the disk: the next look may see it again
            _LOG.exception("The bundles could not be looked at")
