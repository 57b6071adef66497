"""A model of a few numbers, computed by numpy, and a server of it that needs no process."""

import threading

import numpy as np
import pytest
from starlette import testclient

from export.server import application, limits, repository, served

IMAGE = {"dtype": "float32", "shape": [None, 2, 2, 1], "range": [0.0, 1.0]}
SEED = {"dtype": "int64", "shape": [None], "range": [0, 2**63 - 1]}
LABEL = {"dtype": "int64", "shape": [None], "range": [0, 2]}
WEIGHT = {"dtype": "float32", "shape": [None], "range": [0.0, 1.0]}
CODE = {"dtype": "float32", "shape": [None, 3], "range": None}
NUMBER = {"dtype": "float32", "shape": [None], "range": None}
ENDPOINTS = {
    "generate": {"inputs": {"z": CODE}, "outputs": {"image": IMAGE}},
    "sample": {"inputs": {"seed": SEED, "label": LABEL}, "outputs": {"image": IMAGE}},
    "encode": {
        "inputs": {"x": IMAGE, "noise": {**CODE, "stream": 0}},
        "outputs": {"mean": CODE, "std": CODE},
    },
    "score": {"inputs": {"x": IMAGE}, "outputs": {"score": NUMBER}},
    "interpolate": {
        "inputs": {"x0": IMAGE, "x1": IMAGE, "weight": WEIGHT},
        "outputs": {"image": IMAGE},
    },
}


def compute(endpoint, inputs):
    """What the model computes; an `x` of 0.25 breaks it, one of 0.75 has no finite score."""
    if endpoint == "generate":
        return {"image": np.repeat(inputs["z"][:, :1], 4, 1).reshape(-1, 2, 2, 1)}
    if endpoint == "sample":
        value = (inputs["seed"] % 1000 / 1000 + inputs["label"] / 10).astype(np.float32)
        return {"image": np.repeat(value, 4).reshape(-1, 2, 2, 1)}
    if endpoint == "encode":
        return {"mean": inputs["x"].reshape(-1, 4)[:, :3], "std": inputs["noise"]}
    if endpoint == "score":
        x = inputs["x"][:, 0, 0, 0]
        if (x == 0.25).any():
            raise RuntimeError("this row breaks the model")
        return {"score": np.where(x == 0.75, np.nan, x).astype(np.float32)}
    weight = inputs["weight"].reshape(-1, 1, 1, 1)
    return {"image": (1 - weight) * inputs["x0"] + weight * inputs["x1"]}


def manifest(name="toy", version=1, endpoints=ENDPOINTS):
    return {
        "name": name,
        "version": version,
        "endpoints": endpoints,
        "classes": 3,
        "limits": {"tested_rows": 4},
    }


class Slow:
    """Computes when it may, and notes the batches."""

    def __init__(self):
        self.may, self.began, self.batches = threading.Event(), threading.Event(), []

    def __call__(self, endpoint, inputs):
        self.began.set()
        self.may.wait(30)
        self.batches.append((endpoint, len(next(iter(inputs.values())))))
        return compute(endpoint, inputs)


@pytest.fixture
def serving():
    """Takes limits and options of `application.build`; returns a client of the server."""
    opened, models = [], []

    def serve(run=compute, *, key=None, web=None, version=1, **bounds):
        bounds = limits.Limits(**bounds)
        model = served.Served(
            manifest(version=version), run, card="# Toy", queue_rows=bounds.queue_rows
        )
        models.append(model)
        known = repository.Repository([], check=False)
        known.publish({"toy": {version: model}})
        guard = application.build(known, bounds=bounds, key=key, web=web)
        client = testclient.TestClient(guard, raise_server_exceptions=False)
        client.state = guard.state
        opened.append(client.__enter__())
        return client

    yield serve
    for client in opened:
        client.__exit__(None, None, None)
    for model in models:
        model.batcher.close()
        model.batcher.join()


@pytest.fixture
def client(serving):
    return serving()
