"""Measures `zoo serve` next to plain ONNX Runtime in a loop.

    python benchmarks/serve.py BUNDLE --out=results/deployment/serve.json [--seconds=600]

Each workload is asked at a concurrency of 1, 8 and 64 for a share of the seconds, by a client in a
process of its own which keeps its connections. The ceiling is a process that calls the same graph
with the same number of rows in a loop, without a server. CPU time is that of the process of the
server, of all its threads, so other programs on the machine do not move it much; latencies they do.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import numpy as np

from export.runtime import backends, bundles

CONCURRENCY = (1, 8, 64)
ROOT = pathlib.Path(__file__).parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")


def workloads(name: str, model: str) -> dict[str, tuple[int, bytes]]:
    """Returns rows and bytes of a request, by the name of the workload."""

    def post(path: str, head: dict, tail: bytes = b"") -> bytes:
        text = json.dumps(head).encode()
        lines = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n"
        lines += f"Content-Length: {len(text) + len(tail)}\r\n"
        lines += f"Inference-Header-Content-Length: {len(text)}\r\n" if tail else ""
        return lines.encode() + b"\r\n" + text + tail

    def infer(rows: int) -> bytes:
        seeds = np.arange(rows, dtype="<i8").tobytes()
        parameters = {"binary_data_size": len(seeds)}
        seed = {"name": "seed", "datatype": "INT64", "shape": [rows, 1], "parameters": parameters}
        head = {"inputs": [seed], "parameters": {"binary_data_output": True}}
        return post(f"/v2/models/{model}/infer", head, seeds)

    predict = f"/v1/models/{name}:predict"
    picture = f"GET /v1/models/{name}:sample?num=16 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    return {
        "binary, 16 images a request": (16, infer(16)),
        "binary, 1 image a request": (1, infer(1)),
        "JSON, 16 images a request": (16, post(predict, {"instances": list(range(16))})),
        "PNG, 16 images a request": (16, picture.encode()),
    }


def ceiling(bundle: str, rows: int, seconds: float) -> dict:
    """Calls the graph of `sample` in a loop and returns what an image takes."""
    opened = bundles.load(bundle)
    seeds = np.arange(rows, dtype=np.int64)
    with backends.onnx(opened.path, opened.manifest) as run:
        for _ in range(20):
            run("sample", {"seed": seeds})
        calls, cpu, began = 0, time.process_time(), time.perf_counter()
        while time.perf_counter() - began < seconds:
            run("sample", {"seed": seeds})
            calls += 1
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {
        "images_per_second": calls * rows / took,
        "cpu_ms_per_image": 1e3 * cpu / (calls * rows),
    }


async def ask(port: int, request: bytes, concurrency: int, seconds: float) -> list[float]:
    """Asks on several connections at once; returns the seconds that each answer took."""
    taken, ends = [], time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        while time.perf_counter() < ends:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"An answer must have the status 200. Received: {head[:80]!r}")
            await reader.readexactly(int(re.search(rb"\ncontent-length: (\d+)", head)[1]))
            taken.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client() for _ in range(concurrency)))
    return taken


def asked(port: int, request: bytes, concurrency: int, seconds: float) -> list[float]:
    """Runs `ask` in a process of the pool."""
    return asyncio.run(ask(port, request, concurrency, seconds))


def cpu_seconds(process: int) -> float:
    """Returns the CPU time of a process and all its threads."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident(process: int) -> float:
    """Returns the resident memory of a process in MB."""
    text = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def served(bundle: str, pool, seconds: float) -> tuple[list[dict], dict]:
    """Starts a server, asks it for every workload, and returns rows and memory."""
    command = [sys.executable, "-m", "zoo", "serve", bundle, "--port=0", "--check=files"]
    command += ["--web=none"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    try:
        port = int(server.stdout.readline().rpartition(":")[2])
        asyncio.run(ready(port))
        opened, rows = bundles.load(bundle), []
        name = opened.manifest["name"]
        model = f"{re.sub('[^A-Za-z0-9_]', '_', name)}_sample"
        memory = {"idle_mb": resident(server.pid)}
        table = workloads(name, model)
        part = seconds / (len(table) * len(CONCURRENCY))
        for workload, (images, request) in table.items():
            for concurrency in CONCURRENCY:
                pool.apply(asked, (port, request, concurrency, min(1.0, part)))
                cpu, began = cpu_seconds(server.pid), time.perf_counter()
                taken = pool.apply(asked, (port, request, concurrency, part))
                cpu, took = cpu_seconds(server.pid) - cpu, time.perf_counter() - began
                row = {
                    "workload": workload,
                    "concurrency": concurrency,
                    "requests_per_second": len(taken) / took,
                    "images_per_second": len(taken) * images / took,
                    "p50_ms": 1e3 * float(np.quantile(taken, 0.5)),
                    "p99_ms": 1e3 * float(np.quantile(taken, 0.99)),
                    "cpu_ms_per_image": 1e3 * cpu / (len(taken) * images),
                    "resident_mb": resident(server.pid),
                }
                print({key: _short(value) for key, value in row.items()}, flush=True)
                rows.append(row)
        memory["end_mb"] = resident(server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    return rows, memory


async def ready(port: int) -> None:
    """Waits until a server listens."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return


def _short(value):
    return f"{value:.3g}" if isinstance(value, float) else value


def table(record: dict) -> str:
    """Returns the record as a page of Markdown."""
    lines = [
        f"# `zoo serve` next to ONNX Runtime in a loop: {record['model']}",
        "",
        f"`{record['command']}`, {record['seconds']:g} seconds, {record['machine']}.",
        "CPU is that of the server's process, for one image; the ratio is to a loop over the same",
        "graph with as many rows a call as a request has, without a server. One process serves,",
        "on one thread for requests and one for the model.",
        "",
        "| workload | concurrency | requests/s | images/s | p50 ms | p99 ms | CPU ms/image "
        "| loop's | ratio | resident MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in record["rows"]:
        cells = [row["workload"], row["concurrency"]] + [
            _short(float(row[key]))
            for key in (
                "requests_per_second",
                "images_per_second",
                "p50_ms",
                "p99_ms",
                "cpu_ms_per_image",
                "ceiling_cpu_ms_per_image",
                "cpu_ratio",
                "resident_mb",
            )
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    memory = record["memory"]
    lines += [
        f"\nMemory: {memory['idle_mb']:.0f} MB at first, {memory['end_mb']:.0f} MB at the end.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", help="Directory of a bundle with the endpoint `sample`.")
    parser.add_argument("--seconds", type=float, default=600.0, help="Seconds of all workloads.")
    parser.add_argument(
        "--out",
        default="",
        help="File to write the record to; the published one is results/deployment/serve.json. "
        "The table is written next to it.",
    )
    from train import runs  # which the clients do not need

    options = parser.parse_args()
    loops = {rows: ceiling(options.bundle, rows, 2.0) for rows in (1, 16)}
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        rows, memory = served(options.bundle, pool, options.seconds)
    again = {rows: ceiling(options.bundle, rows, 2.0) for rows in (1, 16)}
    for row in rows:
        images = 1 if "1 image " in row["workload"] else 16
        loop = (loops[images]["cpu_ms_per_image"] + again[images]["cpu_ms_per_image"]) / 2
        row["ceiling_cpu_ms_per_image"] = loop
        row["cpu_ratio"] = row["cpu_ms_per_image"] / loop
    manifest = bundles.load(options.bundle).manifest
    record = {
        "model": manifest["name"],
        "command": f"python benchmarks/serve.py {pathlib.Path(options.bundle).name} "
        f"--seconds={options.seconds:g}",
        "commit": runs.commit(),
        "seconds": options.seconds,
        "machine": f"{os.cpu_count()} CPU cores, Python {sys.version.split()[0]}",
        "versions": manifest["versions"],
        "ceiling": {"before": loops, "after": again},
        "rows": rows,
        "memory": memory,
    }
    print(table(record))
    if options.out:
        out = pathlib.Path(options.out)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=1) + "\n")
        out.with_suffix(".md").write_text(table(record))


if __name__ == "__main__":
    main()
