"""What `serve_abuse.py` sends: wrong, broken, slow, endless and half-closed requests."""

import asyncio
import collections
import contextlib
import json
import random
import re

ANSWER_SECONDS = 30.0


def post(path: str, body: bytes, *headers: str) -> bytes:
    """Returns the bytes of a request."""
    lines = [f"POST {path} HTTP/1.1", "Host: a", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def wrong_bodies() -> list[bytes]:
    """Returns bodies that no route takes: types, shapes, encodings, numbers, nesting."""
    seeds = [-1, 2**53 + 1, 2**64, 10**400, 0.5, 1e400, "x", "9" * 500, True, None, [], [[]], {}]
    values = [{"instances": [{"seed": seed}]} for seed in seeds]
    values += [{"inputs": {"seed": seed}} for seed in seeds]
    values += [{"inputs": seed} for seed in seeds]
    values += [{"instances": [0] * 100_000}, {"instances": {}}, {"signature_name": 7}, {}, []]
    values += [{"inputs": [{"name": "seed", "datatype": "INT64", "shape": s}]} for s in seeds]
    texts = [json.dumps(value).encode() for value in values]
    texts += [b"", b"{", b"\xff\xfe\x00", b'"\\ud800"', b"NaN", b'{"instances": [Infinity]}']
    for depth in (500, 5_000, 500_000):
        texts += [b"[" * depth, b'{"a":' * depth, b'{"instances":' + b"[" * depth + b"]" * depth]
    texts += [
        b'{"instances": [' + b"[]," * 700_000 + b"[]]}",
        b'{"inputs": "' + b"a" * 10**6 + b'"}',
    ]
    return texts


async def answered(port: int, data: bytes, *, read: bool = True, close: bool = False) -> str:
    """Sends bytes on a new connection; returns the status of the first answer, or what ended it."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return "refused"
    try:
        writer.write(data)
        await writer.drain()
        if close:
            writer.write_eof()
        if not read:
            await asyncio.sleep(2.0)
            return "not read"
        head = await asyncio.wait_for(reader.read(12), ANSWER_SECONDS)
        return head[9:12].decode() if head else "closed"
    except (OSError, asyncio.IncompleteReadError):
        return "reset"
    except TimeoutError:
        return "no answer"
    finally:
        writer.transport.abort()


async def many(port: int, requests: list[bytes], width: int = 16, **options) -> collections.Counter:
    """Sends requests, each on a connection of its own, some at a time."""
    statuses, waiting = collections.Counter(), iter(requests)

    async def client() -> None:
        for data in waiting:
            statuses[await answered(port, data, **options)] += 1

    await asyncio.gather(*(client() for _ in range(width)))
    return statuses


async def slow(port: int, data: bytes, pieces: int) -> str:
    """Sends the bytes one by one with pauses, until the server has enough."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.ensure_future(reader.read(12))
    with contextlib.suppress(OSError):
        for i in range(pieces):
            writer.write(data[i : i + 1])
            done, _ = await asyncio.wait([answer], timeout=0.2)
            if done:
                break
    head = await asyncio.wait_for(answer, ANSWER_SECONDS)
    writer.transport.abort()
    return head[9:12].decode() if head else "closed"


async def slow_body(port: int, path: str) -> str:
    """Sends a body one byte at a time, until the server has enough."""
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    answer = asyncio.ensure_future(reader.read(12))
    while not answer.done():
        writer.write(b" ")
        await asyncio.wait([answer], timeout=0.2)
    writer.transport.abort()
    head = answer.result()
    return head[9:12].decode() if head else "closed"


async def pipelined(port: int, data: bytes, count: int) -> collections.Counter:
    """Sends many requests at once on one connection and reads every answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data * count)
    statuses = collections.Counter()
    for _ in range(count):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ANSWER_SECONDS)
        length = int(re.search(rb"\ncontent-length: (\d+)", head)[1])
        await reader.readexactly(length)
        statuses[head[9:12].decode()] += 1
    writer.transport.abort()
    return statuses


async def attacks(port: int, name: str, count: int) -> dict[str, dict]:
    """Returns how each kind of abuse was answered."""
    predict, infer = f"/v1/models/{name}:predict", f"/v2/models/{name}_sample/infer"
    good = post(predict, b'{"instances": [1]}')
    large = post(predict, json.dumps({"instances": list(range(200))}).encode())
    draw = random.Random(0)
    wrong = [post(path, body) for path in (predict, infer) for body in wrong_bodies()]
    lengths = ("-1", "99", "x", "9" * 40)
    wrong += [post(infer, b"{}", f"Inference-Header-Content-Length: {n}") for n in lengths]
    kinds = ("text/xml", "image/png", "multipart/form-data")
    wrong += [post(predict, b"{}", f"Content-Type: {kind}") for kind in kinds]
    noise = [draw.randbytes(draw.randrange(1, 2000)) for _ in range(200)]
    noise += [good[: draw.randrange(8, len(good))] + draw.randbytes(50) for _ in range(200)]
    paths = [
        "/../../etc/passwd",
        "/v1/models/%00",
        "/v1/models/" + "a" * 9000,
        "/%ff%fe",
        "/web/../x",
    ]
    odd = [f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for path in paths]
    odd += [
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 10**6,
    ]
    big = post(predict, b" " * (9 * 2**20))
    endless = f"POST {predict} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    endless += b"10000\r\n" + b" " * 65536 + b"\r\n"
    results = {
        "wrong types, shapes, encodings, numbers, nesting": await many(port, wrong * 2),
        "noise, and noise after half a request": await many(port, noise, close=True),
        "odd addresses and long headers": await many(port, odd * 5),
        "bodies that are too long": await many(port, [big] * 20, width=8),
        "bodies without an end": await many(port, [endless * 200] * 8, width=8),
        "answers that nobody reads": await many(port, [large * 20] * 40, read=False),
        "connections that close within a body": await many(port, [good[:-5]] * 200, close=True),
        "half-closed connections": await many(port, [good] * 200, close=True),
        "pipelined requests": await pipelined(port, good, 500),
        "slow headers": collections.Counter(
            await asyncio.gather(*(slow(port, good, 40) for _ in range(20)))
        ),
        "slow bodies": collections.Counter(
            await asyncio.gather(*(slow_body(port, predict) for _ in range(20)))
        ),
        "connections that say nothing": await many(port, [b""] * 100, width=100),
    }
    mixed = [draw.choice(wrong[:60] + noise + [good] * 100) for _ in range(count)]
    results[f"{count:,} requests of all kinds"] = await many(port, mixed, width=32, close=True)
    return {what: dict(sorted(statuses.items())) for what, statuses in results.items()}


def abused(port: int, name: str, count: int) -> dict:
    """Runs `attacks` in a process of its own."""
    return asyncio.run(attacks(port, name, count))
