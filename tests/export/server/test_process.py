"""A server in a process of its own, on a free port of the loopback."""

import asyncio
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import numpy as np
import onnx
import pytest
import tritonclient.http
import tritonclient.utils

from export.runtime import bundles, manifests
from export.web import onnxruntime_web

ROOT = pathlib.Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


class Server:
    """`zoo serve` with some arguments, until the end of the block."""

    def __init__(self, *words, **environment):
        fast = ("--check=files", "--web=none")
        command = [sys.executable, "-m", "zoo", "serve", "--port=0", *fast, *words]
        self.process = subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=ENVIRONMENT | environment,
        )
        self.log = []
        for line in self.process.stdout:
            self.log.append(line)
            if line.startswith("Listening on"):
                self.port = int(line.rpartition(":")[2])
                break
        else:
            raise RuntimeError("".join(self.log))
        # reads on, so that the server never waits for its log to be read
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stdout))
        self.reader.start()
        wait_for(lambda: self.get("/v2/health/ready")[0] == 200)

    def get(self, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST" if body is not None else "GET", path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except ConnectionRefusedError:
            return 0, b""
        finally:
            connection.close()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.reader.join()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()


def wait_for(condition, seconds=60):
    """Polls, since what it waits for has no other sign."""
    due = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > due:
            raise TimeoutError
        threading.Event().wait(0.02)


@pytest.fixture(scope="module")
def folder(bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    shutil.copytree(bundle, folder / "digits")
    return folder


@pytest.fixture(scope="module")
def server(folder):
    limits = ("--header_seconds=0.5", "--body_seconds=0.5", "--connections=24")
    with Server(folder, *limits) as server:
        yield server
        assert server.end() == 0


@pytest.fixture(scope="module")
def name(bundle):
    return bundles.load(bundle).manifest["name"]


def raw(server, data, *, half_close=False, parts=()):
    """Sends bytes and returns all that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(data)
        for part in parts:
            connection.sendall(part)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                received += chunk
        return received


def request(path, body=None, *headers):
    lines = [f"{'POST' if body is not None else 'GET'} {path} HTTP/1.1", "Host: a", *headers]
    lines += [f"Content-Length: {len(body)}"] if body is not None else []
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def test_samples_are_those_of_the_bundle(server, folder, name):
    body = json.dumps({"inputs": {"seed": [str(7 * 2**32), str(7 * 2**32 + 1)]}})
    status, text = server.get(f"/v1/models/{name}:predict", body)
    assert status == 200
    expected = bundles.load(folder / "digits").sample(2, seed=7)
    np.testing.assert_allclose(json.loads(text)["outputs"], expected, atol=1e-6)


def test_tensorflow_is_not_loaded(server):
    maps = pathlib.Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "onnxruntime" in maps and "tensorflow" not in maps


def test_late_headers_and_bodies_end_the_connection(server):
    assert raw(server, b"") == b""
    assert raw(server, b"GET / HTTP/1.1\r\nHost: a\r\n").startswith(b"HTTP/1.1 408")


def test_a_late_body_is_408(server, name):
    head = f"POST /v1/models/{name}:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
    answer = raw(server, head.encode() + b"{")
    assert answer.startswith(b"HTTP/1.1 408") and b'{"error":"A body must arrive' in answer


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST /v2 HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /v2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 400_000, 431),
        (
            b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: %s\r\n" % (i, b"a" * 99) for i in range(999)),
            431,
        ),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else str(value),
)
def test_what_is_no_http_is_refused_in_json(server, data, status):
    head, _, body = raw(server, data).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d" % status)
    assert list(json.loads(body)) == ["error"]


def test_a_body_that_comes_in_parts_is_no_header(server, name):
    body = b'{"instances": [1]' + b" " * 400_000 + b"}"
    asked = request(f"/v1/models/{name}:predict", body, "Connection: close")
    answer = raw(server, asked[:1000], parts=[asked[1000:200_000], asked[200_000:]])
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_half_closed_connection_gets_its_answer(server):
    answer = raw(server, request("/v2/health/live"), half_close=True)
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_connection_that_closes_within_a_body_is_no_failure(server, name):
    head = f"POST /v1/models/{name}:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
    raw(server, head.encode() + b"{", half_close=True)
    assert server.get("/v2/health/live")[0] == 200


def test_pipelined_requests_are_answered_in_their_order(server):
    paths = ["/v2/health/live", "/v2", "/nothing", "/v2/health/ready"]
    data = b"".join(map(request, paths[:-1])) + request(paths[-1], None, "Connection: close")
    answer = raw(server, data)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"404", b"200"]
    assert answer.index(b'"live"') < answer.index(b"extensions") < answer.index(b"Not Found")


def test_too_many_connections_are_refused_and_let_others_be(server):
    with contextlib.ExitStack() as stack:
        for _ in range(24):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        answer = raw(server, request("/v2/health/live"))
    assert answer.startswith(b"HTTP/1.1 503") and b"retry-after: 1" in answer
    wait_for(lambda: server.get("/v2/health/live")[0] == 200)


async def _load(port, request, ends, statuses):
    """Asks again and again; a connection that is refused was not accepted."""
    while not ends.is_set():
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return
        close = False
        while not close and not ends.is_set():
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"\ncontent-length: ")[2].split(b"\r")[0])
            await reader.readexactly(length)
            statuses.append(int(head[9:12]))
            close = b"connection: close" in head.lower()
        writer.close()


@contextlib.contextmanager
def load(server, name, clients=8):
    """Keeps a server busy; yields the statuses so far. An answer that is lost raises."""
    statuses, ends = [], threading.Event()
    asked = request(f"/v1/models/{name}:predict", b'{"instances": [1, 2, 3]}')

    async def main():
        await asyncio.gather(*(_load(server.port, asked, ends, statuses) for _ in range(clients)))

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(lambda: asyncio.run(main()))
        try:
            yield statuses
        finally:
            ends.set()
            running.result(60)


def versioned(bundle, path, version):
    """Copies a bundle as another version of the model."""
    part = path.with_name(f".{path.name}")
    shutil.copytree(bundle, part)
    manifest = manifests.read(part)
    old = str(manifest["version"])
    for folder in [part / "saved_model", *(part / "onnx").iterdir()]:
        (folder / old).rename(folder / str(version))
    for path_of_graph in part.glob("onnx/*/*/model.onnx"):
        graph = onnx.load(path_of_graph)
        next(p for p in graph.metadata_props if p.key == "version").value = str(version)
        path_of_graph.write_bytes(graph.SerializeToString())
    manifests.seal(part, {**manifest, "version": version})
    os.rename(part, path)


def test_a_new_version_and_sigterm_under_load_lose_nothing(bundle, tmp_path, name):
    shutil.copytree(bundle, tmp_path / "old")
    with Server(tmp_path, "--poll=0", "--lame_duck=0.3", ZOO_API_KEY="") as server:
        state = f"/v1/models/{name}"
        version = bundles.load(bundle).manifest["version"]
        with load(server, name) as statuses:
            wait_for(lambda: len(statuses) > 20)
            (tmp_path / "bad").mkdir()
            (tmp_path / "bad" / "manifest.json").write_text("{}")
            versioned(bundle, tmp_path / "new", version + 1)
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: f'"{version + 1}"'.encode() in server.get(state)[1])
            seen = len(statuses)
            wait_for(lambda: len(statuses) > seen + 20)
            assert b"UNAVAILABLE" in server.get("/v2/repository/index")[1]
            server.process.send_signal(signal.SIGTERM)
            wait_for(lambda: server.get("/v2/health/ready")[0] in (503, 0))
            assert server.process.wait(60) == 0
        assert set(statuses) == {200}


def test_two_workers_answer_on_one_port_and_count_together(folder, name):
    with Server(folder, "--workers=2", "--lame_duck=0") as server:
        for _ in range(20):
            assert server.get("/v2/health/live")[0] == 200
        text = server.get("/metrics")[1].decode()
        line = next(
            line
            for line in text.splitlines()
            if line.startswith('zoo_requests_total{route="/v2/health/live"')
        )
        assert float(line.split()[-1]) == 20
        assert server.end() == 0


def test_a_saved_model_gives_the_samples_of_the_onnx_graph(server, folder, name):
    pytest.importorskip("tensorflow", reason="the extra [train] is not installed")
    path = f"/v1/models/{name}:predict"
    asked = json.dumps({"inputs": {"seed": [0, 7, "9223372036854775807"]}}).encode()
    with Server(folder, "--runtime=saved_model") as other:
        answers = [each.get(path, asked) for each in (server, other)]
        assert other.end() == 0
    assert [status for status, _ in answers] == [200, 200]
    ours, theirs = (np.array(json.loads(body)["outputs"]) for _, body in answers)
    assert ours.shape == (3, 8, 8, 1) and ours.std() > 0
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-5)


def test_the_page_of_each_model_is_written_and_replaced(bundle, name, tmp_path):
    if not onnxruntime_web.cached():
        pytest.skip(f"onnxruntime-web is not in {onnxruntime_web.cache()}")
    shutil.copytree(bundle, tmp_path / "served" / "digits")
    link = f'href="/web/{name}/"'.encode()

    def version():
        about = server.get(f"/web/{name}/model/page.json")[1]
        return dict(json.loads(about)["facts"])["Model"]

    with Server(tmp_path / "served", "--web=auto", "--poll=0.1", TMPDIR=str(tmp_path)) as server:
        wait_for(lambda: link in server.get("/")[1])
        assert server.get(f"/web/{name}/")[1].startswith(b"<!doctype html>")
        assert server.get(f"/web/{name}/onnxruntime-web/ort.wasm")[1].startswith(b"\0asm")
        assert version().endswith("version 3")
        versioned(bundle, tmp_path / "served" / "newer", 4)
        wait_for(lambda: version().endswith("version 4"))
        # this page and, for a minute, the one that it replaced
        assert len(list(tmp_path.glob("zoo-pages-*/*"))) in (1, 2)
        assert server.end() == 0
    assert not list(tmp_path.glob("zoo-pages-*"))


@pytest.mark.parametrize("words", [["/nothing"], ["."]])
def test_without_a_bundle_it_does_not_start(words, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "zoo", "serve", "--port=0", *words],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
        timeout=60,
    )
    assert done.returncode == 2 and done.stderr.startswith("zoo serve: ")
    assert "Traceback" not in done.stderr


def test_the_curl_lines_of_tensorflow_servings_guide(server, name):
    url = f"http://127.0.0.1:{server.port}/v1/models/{name}"
    for words in (
        ["-d", '{"instances": [1, 2, 5]}', "-X", "POST", f"{url}:predict"],
        ["-d", '{"signature_name": "serving_default", "instances": [{"seed": 1}]}',
         "-X", "POST", f"{url}/versions/3:predict"],
        ["-d", '{"inputs": {"seed": [1, 2]}}', "-X", "POST", f"{url}:predict"],
        [url],
        [f"{url}/metadata"],
    ):  # fmt: skip
        done = subprocess.run(["curl", "-sS", "--fail", *words], capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr
        assert {"predictions", "outputs", "model_version_status", "metadata"} & set(
            json.loads(done.stdout)
        )
    with urllib.request.urlopen(f"{url}:sample?num=4", timeout=30) as answer:
        assert answer.read(4) == b"\x89PNG"


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "json"])
def test_tritonclient_gets_the_rows_of_the_bundle(server, folder, name, binary):
    client = tritonclient.http.InferenceServerClient(f"127.0.0.1:{server.port}", concurrency=4)
    model = f"{name}_sample"
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data", "model_repository"]
    assert client.get_model_metadata(model)["inputs"][0]["shape"] == [-1, 1]
    assert {"name": model, "version": "3", "state": "READY", "reason": ""} in (
        client.get_model_repository_index()
    )
    seeds = np.array([[0], [7]], np.int64)
    asked = tritonclient.http.InferInput("seed", [2, 1], "INT64")
    asked.set_data_from_numpy(seeds, binary_data=binary)
    wanted = tritonclient.http.InferRequestedOutput("image", binary_data=binary)
    expected = bundles.load(folder / "digits").run("sample", {"seed": seeds[:, 0]})["image"]
    answers = [client.infer(model, [asked], outputs=[wanted], model_version="3", request_id="7")]
    answers.append(client.async_infer(model, [asked]).get_result())
    for answer in answers:
        np.testing.assert_allclose(answer.as_numpy("image"), expected, atol=1e-6)
    assert answers[0].get_response()["id"] == "7"
    asked.set_data_from_numpy(np.array([[-1], [7]], np.int64))
    with pytest.raises(tritonclient.utils.InferenceServerException, match="must be in"):
        client.infer(model, [asked])
    client.close()
