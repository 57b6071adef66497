"""Bodies of requests, read and parsed within the limits."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

import anyio
import orjson
from starlette import requests

from export.server import faults, limits

T = TypeVar("T")
SMALL = 64 * 2**10  # bytes that are parsed or encoded where requests are, in well under 1 ms
_DRAIN_SECONDS = 1.0
# of one body: an empty list takes 30 times the memory of its text
_MOST_LISTS = 300_000


class Holding:
    """The bytes that one request holds of what all may hold; given back when it ends."""

    def __init__(self, held: limits.Held):
        self._held, self._count = held, 0

    def add(self, count: int) -> None:
        """Raises Fault 503 if all requests together would hold too much."""
        if not self._held.fits(count):
            raise faults.busy(
                f"All bodies and answers may hold {self._held.largest} bytes, and hold "
                f"{self._held.now} now. Received: a request that needs {count} more"
            )
        self._held.change(count)
        self._count += count

    def release(self) -> None:
        """Gives back what the request held."""
        self._held.change(-self._count)
        self._count = 0


async def read(request: requests.Request, accepted: tuple[str, ...]) -> bytes:
    """Returns the body of a request.

    Args:
        request: The request.
        accepted: Media types that are accepted; so is none.

    Raises:
        Fault: 415 for another media type or a compressed body, 413 if it is too long, 408 if it
            arrives too slowly, 503 if all requests hold too much.
    """
    bounds, holding = request.app.state.limits, request.scope["state"]["holding"]
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in accepted:
        raise faults.Fault(
            415, f"`Content-Type` must be one of {', '.join(accepted)}. Received: {kind[:60]!r}"
        )
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", ""):
        raise faults.Fault(415, f"A body must not be compressed. Received: {encoding[:60]!r}")
    stated = request.headers.get("content-length", "0")
    chunks, count, more = [], 0, True
    try:
        if stated.isdecimal() and (len(stated) > 18 or int(stated) > bounds.body_bytes):
            raise _too_long(bounds.body_bytes, f"a Content-Length of {stated[:20]}")
        with anyio.fail_after(bounds.body_seconds):
            while more:
                chunk, more = await _chunk(request)
                count += len(chunk)
                if count > bounds.body_bytes:
                    raise _too_long(bounds.body_bytes, "more")
                holding.add(len(chunk))
                chunks.append(chunk)
    except TimeoutError:
        raise faults.Fault(
            408,
            f"A body must arrive in {bounds.body_seconds:g} seconds. Received: {count} bytes of it",
            {"Connection": "close"},
        ) from None
    except faults.Fault as fault:
        chunks.clear()
        if more and "expect" not in request.headers:
            await _drain(request)
        fault.headers["Connection"] = "close"
        raise
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _chunk(request: requests.Request) -> tuple[bytes, bool]:
    """Returns the next part of a body, and whether there are more."""
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise requests.ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def _too_long(largest: int, received: str) -> faults.Fault:
    return faults.Fault(413, f"A body may have {largest} bytes. Received: {received}")


async def _drain(request: requests.Request) -> None:
    """Reads on for a moment: a client that still writes would not see the answer."""
    with contextlib.suppress(TimeoutError, requests.ClientDisconnect):
        with anyio.fail_after(_DRAIN_SECONDS):
            while (await _chunk(request))[1]:
                pass


async def parsed(request: requests.Request, body: bytes, parse: Callable[[bytes], T]) -> T:
    """Returns what `parse` makes of a body; of a long one in a thread, one at a time.

    What a parser makes of JSON takes many times the memory of its text.
    """
    if len(body) <= SMALL:
        return parse(body)
    async with request.app.state.parsing:
        return await asyncio.to_thread(parse, body)


def json(text: bytes) -> dict:
    """Returns the JSON object of a text.

    Raises:
        Fault: 400 if it is none, or of very many lists; NaN and infinity are no JSON.
    """
    count = text.count(b"[") + text.count(b"{")
    if count > _MOST_LISTS:
        raise faults.Fault(
            400, f"A body may have {_MOST_LISTS} lists and objects. Received: {count}"
        )
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise faults.Fault(400, f"The body must be JSON. Received: {error}") from None
    if type(value) is not dict:
        raise faults.Fault(400, f"The body must be a JSON object. Received: {faults.shown(value)}")
    return value


def check_keys(value: dict, accepted: tuple[str, ...], what: str) -> None:
    """Raises Fault 400 if an object has a key that is not accepted."""
    for key in value:
        if key not in accepted:
            raise faults.Fault(
                400,
                f"{what} may have the keys {', '.join(accepted)}. Received: {faults.shown(key)}",
            )
