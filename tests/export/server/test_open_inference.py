import json

import numpy as np
import pytest

SCORE = "/v2/models/toy_score/infer"
HEADER = "Inference-Header-Content-Length"


def x(*values):
    rows = np.array(values, np.float32).reshape(-1, 1, 1, 1)
    return np.broadcast_to(rows, [len(values), 2, 2, 1])


def tensor(value, name="x", datatype="FP32", **more):
    shape = list(value.shape)
    return {"name": name, "shape": shape, "datatype": datatype, **more}


def binary(client, value, head=None, size=None, length=None, path=SCORE):
    data = value.tobytes()
    parameters = {"binary_data_size": len(data) if size is None else size}
    asked = {"inputs": [tensor(value, parameters=parameters)], **(head or {})}
    text = json.dumps(asked).encode()
    headers = {HEADER: str(len(text)) if length is None else length}
    return client.post(path, content=text + data, headers=headers)


def refused(answer, status=400):
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    return answer.json()["error"]


def test_json_tensors_nested_and_flat(client):
    value = x(0.5, 1.0)
    for data in (value.tolist(), value.reshape(-1).tolist()):
        answer = client.post(SCORE, json={"id": "7", "inputs": [tensor(value, data=data)]}).json()
        assert answer == {
            "model_name": "toy_score",
            "model_version": "1",
            "id": "7",
            "outputs": [{"name": "score", "datatype": "FP32", "shape": [2, 1], "data": [0.5, 1.0]}],
        }


def test_binary_tensors_in_and_out(client):
    answer = binary(client, x(0.5, 1.0), {"parameters": {"binary_data_output": True}})
    length = int(answer.headers[HEADER])
    head = json.loads(answer.content[:length])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert head["outputs"] == [
        {
            "name": "score",
            "datatype": "FP32",
            "shape": [2, 1],
            "parameters": {"binary_data_size": 8},
        }
    ]
    np.testing.assert_array_equal(np.frombuffer(answer.content[length:], "<f4"), [0.5, 1.0])


def test_an_output_says_for_itself_whether_it_is_binary(client):
    outputs = [
        {"name": "std"},
        {"name": "mean", "parameters": {"binary_data": False}},
    ]
    head = {"outputs": outputs, "parameters": {"binary_data_output": True}}
    answer = binary(client, x(0.5), head, path="/v2/models/toy_encode/infer")
    about = json.loads(answer.content[: int(answer.headers[HEADER])])["outputs"]
    assert [output["name"] for output in about] == ["std", "mean"]
    assert about[0]["parameters"] == {"binary_data_size": 12} and about[1]["data"] == [0.5] * 3


def test_only_the_outputs_that_are_asked_for_come(client):
    asked = {"inputs": [tensor(x(0.5), data=[0.5] * 4)], "outputs": [{"name": "mean"}]}
    answer = client.post("/v2/models/toy_encode/infer", json=asked).json()
    assert [output["name"] for output in answer["outputs"]] == ["mean"]


@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_seeds_and_labels_have_one_axis_or_two(client, shape):
    inputs = [
        {"name": "seed", "shape": shape, "datatype": "INT64", "data": [100, "200"]},
        {"name": "label", "shape": shape, "datatype": "INT64", "data": [0, 1]},
    ]
    answer = client.post("/v2/models/toy_sample/infer", json={"inputs": inputs}).json()
    np.testing.assert_allclose(answer["outputs"][0]["data"][::4], [0.1, 0.3], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"inputs": []}, "needs the inputs x"),
        ({"inputs": None}, "list of objects"),
        ({"inputs": [7]}, "list of objects"),
        ({"inputs": [{}]}, "need names"),
        ({"inputs": [{"name": ["x"]}]}, "need names"),
        ({"inputs": [tensor(x(1), "y", data=[1] * 4)]}, "Unknown input"),
        ({"inputs": [tensor(x(1), datatype="FP64", data=[1] * 4)]}, "must be FP32"),
        ({"inputs": [tensor(x(1), datatype={}, data=[1] * 4)]}, "must be FP32"),
        ({"inputs": [tensor(x(1))]}, "either `data` or `binary_data_size`"),
        ({"inputs": [tensor(x(1), data=[1] * 3)]}, "4 values"),
        ({"inputs": [tensor(x(1), data=[1] * 5)]}, "4 values"),
        ({"inputs": [tensor(x(1), data={"a": 1})]}, "4 values"),
        ({"inputs": [tensor(x(1), data=x(1, 1).tolist())]}, "stated 1 rows"),
        ({"inputs": [tensor(x(1), data=[1] * 4)] * 2}, "each its own"),
        ({"inputs": [tensor(x(1), data=[1] * 4, extra=1)]}, "may have the keys"),
        ({"inputs": [tensor(x(1), data=[1] * 4, parameters=7)]}, "must be an object"),
        ({"inputs": [tensor(x(1), data=[1] * 4, parameters={"binary_data_size": 16})]}, "either"),
        ({"inputs": [tensor(x(1), parameters={"binary_data_size": 16})]}, "bytes after the JSON"),
        ({"inputs": [tensor(x(1), parameters={"binary_data_size": -1})]}, "bytes after the JSON"),
        ({"inputs": [tensor(x(1), parameters={"binary_data_size": "16"})]}, "bytes after the JSON"),
        ({"inputs": [tensor(x(1), parameters={"shared_memory_region": "a"})]}, "not offered"),
        ({"id": 7}, "`id` must be a string"),
        ({"parameters": []}, "must be an object"),
        ({"parameters": {"binary_data_output": 1}}, "true or false"),
        ({"outputs": [{"name": "nope"}]}, "must be among"),
        ({"outputs": [{"name": ["score"]}]}, "must be among"),
        ({"outputs": [{"name": "score"}] * 2}, "each once"),
        ({"outputs": {"name": "score"}}, "list of objects"),
        ({"model": "score"}, "may have the keys"),
        ({"inputs": [tensor(np.broadcast_to(x(1), [9, 2, 2, 1]), data=[1] * 36)]}, "8 rows"),
    ],
    ids=str,
)
def test_a_fault_of_the_caller_is_said(serving, change, words):
    asked = {"inputs": [tensor(x(1), data=[1] * 4)], **change}
    assert words in refused(serving(rows=8).post(SCORE, json=asked))


@pytest.mark.parametrize("length", ["-1", "1e3", "99999", "9" * 30, "x", ""])
def test_a_wrong_length_of_the_json_is_refused(client, length):
    refused(binary(client, x(0.5), length=length))


def test_bytes_that_no_input_takes_are_refused(client):
    text = json.dumps({"inputs": [tensor(x(1), data=[1] * 4)]}).encode()
    headers = {HEADER: str(len(text))}
    assert "all bytes" in refused(client.post(SCORE, content=text + b"more", headers=headers))


def test_values_that_are_not_finite_are_refused(client):
    for value in (np.nan, np.inf, 2.0):
        assert "`x` must be in [0, 1]" in refused(binary(client, x(value)))


def test_a_failure_of_the_model_is_ours(client):
    assert "failed" in refused(binary(client, x(0.25)), 500)
    assert "not finite" in refused(binary(client, x(0.75)), 500)
    assert binary(client, x(0.5)).status_code == 200


def test_metadata_of_a_model(client):
    assert client.get("/v2/models/toy_interpolate/versions/1").json() == {
        "name": "toy_interpolate",
        "versions": ["1"],
        "platform": "onnxruntime_onnx",
        "inputs": [
            {"name": "x0", "datatype": "FP32", "shape": [-1, 2, 2, 1]},
            {"name": "x1", "datatype": "FP32", "shape": [-1, 2, 2, 1]},
            {"name": "weight", "datatype": "FP32", "shape": [-1, 1]},
        ],
        "outputs": [{"name": "image", "datatype": "FP32", "shape": [-1, 2, 2, 1]}],
    }
    assert client.get("/v2/models/toy_score/ready").json()["ready"] is True
    assert "binary_tensor_data" in client.get("/v2").json()["extensions"]


def test_the_index_lists_every_endpoint_as_a_model(client):
    for answer in (client.get("/v2/repository/index"), client.post("/v2/repository/index")):
        assert [row["name"] for row in answer.json()] == [
            "toy_generate", "toy_sample", "toy_encode", "toy_score", "toy_interpolate"
        ]  # fmt: skip
        assert {row["state"] for row in answer.json()} == {"READY"}


@pytest.mark.parametrize(
    "path", ["/v2/models/toy", "/v2/models/toy_nope", "/v2/models/toy_score/versions/2"]
)
def test_what_is_not_there_is_404(client, path):
    refused(client.get(path), 404)
    refused(client.get(f"{path}/ready"), 404)
    refused(client.post(f"{path}/infer", json={}), 404)


def test_the_server_is_not_ready_when_it_ends_or_has_no_model(client):
    assert client.get("/v2/health/ready").json() == {"ready": True}
    client.state.draining = True
    answer = client.get("/v2/health/ready")
    assert answer.status_code == 503 and answer.headers["connection"] == "close"
    assert client.get("/v2/health/live").status_code == 200
