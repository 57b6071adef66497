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
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request

import serve
import serve_attacks

from export.runtime import bundles

MEMORY = 1.3


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
        self._ask = serve_attacks.post(f"/v1/models/{name}:predict", b'{"instances": [1, 2]}')
        self._port = port
        self._thread = threading.Thread(target=lambda: asyncio.run(self.ask()))

    def __enter__(self) -> "Clients":
        self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        self.ends.set()
        self._thread.join()

    async def ask(self) -> None:
        """Is several clients at once."""
        await asyncio.gather(*(self.ask_on() for _ in range(4)))

    async def ask_on(self) -> None:
        """Asks until the end, on one connection, and on another after a failure."""
        while not self.ends.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                while not self.ends.is_set():
                    writer.write(self._ask)
                    head = await asyncio.wait_for(
                        reader.readuntil(b"\r\n\r\n"), serve_attacks.ANSWER_SECONDS
                    )
                    length = int(re.search(rb"\ncontent-length: (\d+)", head)[1])
                    await reader.readexactly(length)
                    self.statuses[head[9:12].decode()] += 1
                    await asyncio.sleep(0.02)
                writer.close()
            except Exception as error:  # whatever it is, this client has seen a failure
                self.failures.append(repr(error)[:200])


def measured(bundle: str, count: int, examples: int) -> dict:
    """Starts a server, abuses it, and returns the record."""
    from train import runs  # which the clients do not need

    opened = bundles.load(bundle)
    name = opened.manifest["name"]
    limits = ["--header_seconds=3", "--body_seconds=3", "--answer_seconds=20"]
    command = [sys.executable, "-m", "zoo", "serve", bundle, "--port=0", "--check=files"]
    command += ["--web=none", *limits]
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
                request = serve_attacks.post(f"/v1/models/{name}:predict", body)
                pool.apply(serve.asked, (port, request, 4, 3.0))
            idle, peak = serve.resident(server.pid), 0.0
            with Clients(port, name) as clients:
                running = pool.apply_async(serve_attacks.abused, (port, name, count))
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
        "command": f"python benchmarks/serve_abuse.py {pathlib.Path(bundle).name} "
        f"--requests={count} --examples={examples}",
        "commit": runs.commit(),
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
