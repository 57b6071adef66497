"""Answers: outputs as JSON or binary data, computed in time and sent in pieces."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import orjson
from starlette import requests, responses

from export.runtime import backends
from export.server import bodies, faults, served

T = TypeVar("T")
_PIECE = 256 * 2**10  # bytes
_BLOCK = 16 * 2**10  # numbers that are encoded at a time, in about 1 ms


class Answer(responses.Response):
    """An answer that is sent in pieces: what a slow client has not taken waits here, counted."""

    media_type = "application/json"

    async def __call__(self, scope, receive, send) -> None:
        if len(self.body) <= _PIECE:
            await super().__call__(scope, receive, send)
            return
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        for first in range(0, len(self.body), _PIECE):
            last = first + _PIECE >= len(self.body)
            piece = bytes(self.body[first : first + _PIECE])
            await send({"type": "http.response.body", "body": piece, "more_body": not last})


def of(value, status: int = 200, headers: dict | None = None) -> Answer:
    """Returns a small answer in JSON."""
    return Answer(orjson.dumps(value), status, headers)


def error(fault: faults.Fault) -> Answer:
    """Returns the answer to a request that failed."""
    return of({"error": fault.sentence}, fault.status, fault.headers)


async def outputs(
    request: requests.Request,
    model: served.Served,
    endpoint: str,
    inputs: backends.Arrays,
    *,
    text: bool,
) -> backends.Arrays:
    """Returns the outputs of checked inputs.

    Args:
        request: The request, which holds the bytes of its answer from here on.
        model: The model.
        endpoint: Name of one of its endpoints.
        inputs: Its inputs.
        text: Whether the answer will be JSON.

    Raises:
        Fault: 400 if the answer would be too long, 503 if there is no room, 504 if it takes too
            long, 500 if the model fails.
    """
    bounds = request.app.state.limits
    rows = len(next(iter(inputs.values())))
    count = rows * model.endpoints[endpoint].row_bytes(text=text)
    if count > bounds.answer_bytes:
        raise faults.Fault(
            400,
            f"An answer may have {bounds.answer_bytes} bytes; ask for fewer rows, or for binary "
            f"data. Received: {rows} rows of about {count // rows} bytes",
        )
    request.scope["state"]["holding"].add(count)
    return await model.batcher.compute(endpoint, inputs, bounds.answer_seconds)


async def encoded(values: backends.Arrays, encode: Callable[[], T]) -> T:
    """Returns what `encode` makes of outputs, in a thread where they are large."""
    if sum(value.nbytes for value in values.values()) <= bodies.SMALL:
        return encode()
    return await asyncio.to_thread(encode)


def numbers(array: np.ndarray) -> orjson.Fragment:
    """Returns the nested JSON lists of an array [N, ...], encoded block by block.

    Between blocks other threads may run, so that a long answer does not hold up short ones.
    """
    rows = max(1, _BLOCK // max(1, array[0].size))
    blocks = [
        orjson.dumps(
            np.ascontiguousarray(array[first : first + rows]), option=orjson.OPT_SERIALIZE_NUMPY
        )[1:-1]
        for first in range(0, len(array), rows)
    ]
    return orjson.Fragment(b"[" + b",".join(blocks) + b"]")


def number(value: np.ndarray) -> orjson.Fragment:
    """Returns the JSON of one row of an output, a number or nested lists."""
    return orjson.Fragment(
        orjson.dumps(np.ascontiguousarray(value), option=orjson.OPT_SERIALIZE_NUMPY)
        if value.ndim
        else orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    )
