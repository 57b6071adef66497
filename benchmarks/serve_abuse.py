"""Abuses `zoo serve` while well-behaved clients use it, and says what became of both.

    python benchmarks/serve_abuse.py BUNDLE --out=results/deployment/serve_abuse.json

What is asked for: no status 500, no end of the process, no failure of a well-behaved client, and
resident memory at the end within 1.3 times of what it was before, after ordinary requests of 16 and
of 200 rows.
"""

import argparse
import asyncio
import collections
import contextlib
import json
import multiprocessing
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request

import serve

from export.runtime import bundles

MEMORY = 1.3
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


def by_document(port: int, examples: int) -> dict[str, int]:
    """Asks every route what the OpenAPI document allows and forbids; returns the statuses."""
    import hypothesis
    import schemathesis

    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    statuses = collections.Counter()
    settings = hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in schemathesis.GenerationMode:

            @settings
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
            def ask(case):
                statuses[str(case.call().status_code)] += 1

            with contextlib.suppress(hypothesis.errors.Unsatisfiable):
                ask()
    return dict(sorted(statuses.items()))


class Clients:
    """Well-behaved clients, in a thread, until the end of the block."""

    def __init__(self, port: int, name: str):
        self.ends, self.statuses, self.failures = threading.Event(), collections.Counter(), []
        self._ask = post(f"/v1/models/{name}:predict", b'{"instances": [1, 2]}')
        self._port = port
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))

    def __enter__(self) -> "Clients":
        self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        self.ends.set()
        self._thread.join()

    async def _main(self) -> None:
        await asyncio.gather(*(self._client() for _ in range(4)))

    async def _client(self) -> None:
        while not self.ends.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                while not self.ends.is_set():
                    writer.write(self._ask)
                    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ANSWER_SECONDS)
                    length = int(re.search(rb"\ncontent-length: (\d+)", head)[1])
                    await reader.readexactly(length)
                    self.statuses[head[9:12].decode()] += 1
                    await asyncio.sleep(0.02)
                writer.close()
            except Exception as error:  # whatever it is, this client has seen a failure
                self.failures.append(repr(error)[:200])


def measured(bundle: str, count: int, examples: int) -> dict:
    """Starts a server, abuses it, and returns the record."""
    opened = bundles.load(bundle)
    name = opened.manifest["name"]
    limits = ["--header_seconds=3", "--body_seconds=3", "--answer_seconds=20"]
    command = [sys.executable, "-m", "zoo", "serve", bundle, "--port=0", "--check=files", *limits]
    environment = {**os.environ, "PYTHONPATH": str(serve.ROOT)}
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    try:
        port = int(server.stdout.readline().rpartition(":")[2])
        asyncio.run(serve.ready(port))
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            # what every server has seen: small requests and large ones
            for rows in (16, 200):
                body = json.dumps({"instances": list(range(rows))}).encode()
                request = post(f"/v1/models/{name}:predict", body)
                pool.apply(serve.asked, (port, request, 4, 3.0))
            idle, peak = serve.resident(server.pid), 0.0
            with Clients(port, name) as clients:
                running = pool.apply_async(abused, (port, name, count))
                while not running.ready():
                    peak = max(peak, serve.resident(server.pid))
                    running.wait(0.2)
                results = running.get()
                running = pool.apply_async(by_document, (port, examples))
                while not running.ready():
                    peak = max(peak, serve.resident(server.pid))
                    running.wait(0.2)
                results["schemathesis over the OpenAPI document"] = running.get()
        end = _settled(server.pid, port)
        alive = server.poll() is None
    finally:
        server.send_signal(signal.SIGTERM)
        status = server.wait(60)
    return {
        "model": name,
        "command": f"python benchmarks/serve_abuse.py {pathlib.Path(bundle).name}",
        "abuse": results,
        "statuses_500": sum(statuses.get("500", 0) for statuses in results.values()),
        "well_behaved": {"statuses": dict(clients.statuses), "failures": clients.failures},
        "memory_mb": {"idle": idle, "peak": peak, "end": end},
        "memory_ratio": end / idle,
        "alive": alive,
        "status_at_sigterm": status,
        "versions": opened.manifest["versions"],
    }


def _settled(process: int, port: int) -> float:
    """Returns the resident memory when nothing is held any longer."""
    due = time.monotonic() + 60
    while time.monotonic() < due:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            held = b"\nzoo_held_bytes 0.0" not in answer.read()
        threading.Event().wait(3.0)
        if not held:
            break
    return serve.resident(process)


def holds(record: dict) -> bool:
    """Says whether the server kept what is asked for."""
    behaved = record["well_behaved"]
    return (
        not record["statuses_500"]
        and record["alive"]
        and record["status_at_sigterm"] == 0
        and not behaved["failures"]
        and set(behaved["statuses"]) == {"200"}
        and record["memory_ratio"] <= MEMORY
    )


def table(record: dict) -> str:
    """Returns the record as a page of Markdown."""
    memory, behaved = record["memory_mb"], record["well_behaved"]
    lines = [
        f"# `zoo serve` under abuse: {record['model']}",
        "",
        f"`{record['command']}`. Each number counts requests by the status of their answer; "
        "`closed` and `reset` are connections that the server ended.",
        "",
        "| abuse | answers |",
        "|---|---|",
    ]
    for what, statuses in record["abuse"].items():
        lines.append(f"| {what} | {', '.join(f'{n} × {s}' for s, n in statuses.items())} |")
    lines += [
        "",
        f"- Status 500: {record['statuses_500']}. The process lived: {record['alive']}; it ended "
        f"with {record['status_at_sigterm']} at SIGTERM.",
        f"- Well-behaved clients at the same time: {behaved['statuses']} by status, "
        f"{len(behaved['failures'])} failures.",
        f"- Resident memory: {memory['idle']:.0f} MB before, {memory['peak']:.0f} MB at most, "
        f"{memory['end']:.0f} MB at the end, {record['memory_ratio']:.2f} times.",
        f"- What is asked for {'holds' if holds(record) else 'DOES NOT HOLD'}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", help="Directory of a bundle whose `sample` takes a seed alone.")
    parser.add_argument("--requests", type=int, default=10_000, help="Number of mixed requests.")
    parser.add_argument("--examples", type=int, default=20, help="Of schemathesis for each route.")
    parser.add_argument("--out", default="", help="File to write the record to.")
    options = parser.parse_args()
    record = measured(options.bundle, options.requests, options.examples)
    print(table(record))
    if options.out:
        out = pathlib.Path(options.out)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=1) + "\n")
        out.with_suffix(".md").write_text(table(record))
    return 0 if holds(record) else 1


if __name__ == "__main__":
    sys.exit(main())
