import numpy as np
import pytest

PREDICT = "/v1/models/toy:predict"


def refused(client, body, status=400, **options):
    answer = client.post(PREDICT, **({"json": body} if body is not None else {}), **options)
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    return answer.json()["error"]


def test_rows_give_predictions_without_the_name_of_a_single_output(client):
    body = {"instances": [{"seed": 100, "label": 0}, {"seed": 200, "label": 1}]}
    predictions = client.post(PREDICT, json=body).json()["predictions"]
    np.testing.assert_allclose(np.array(predictions)[:, 0, 0, 0], [0.1, 0.3], atol=1e-6)
    assert np.shape(predictions) == (2, 2, 2, 1)


def test_columns_give_outputs(client):
    body = {"inputs": {"seed": [100, "200"], "label": [[0], [1]]}}
    outputs = client.post(PREDICT, json=body).json()["outputs"]
    np.testing.assert_allclose(np.array(outputs)[:, 0, 0, 0], [0.1, 0.3], atol=1e-6)


def test_a_single_input_needs_no_name(client):
    x = np.full([2, 2, 2, 1], 0.5).tolist()
    for key, answer in (("instances", "predictions"), ("inputs", "outputs")):
        body = {"signature_name": "score", key: x}
        assert client.post(PREDICT, json=body).json() == {answer: [0.5, 0.5]}


def test_several_outputs_are_named(client):
    x = np.full([2, 2, 2, 1], 0.5).tolist()
    by_row = client.post(PREDICT, json={"signature_name": "encode", "instances": x}).json()
    by_column = client.post(PREDICT, json={"signature_name": "encode", "inputs": x}).json()
    assert [sorted(row) for row in by_row["predictions"]] == [["mean", "std"]] * 2
    assert by_row["predictions"][1]["mean"] == by_column["outputs"]["mean"][1] == [0.5] * 3
    assert by_row["predictions"][1]["std"] == by_column["outputs"]["std"][1]


def test_noise_may_be_given(client):
    row = {"x": np.full([2, 2, 1], 0.5).tolist(), "noise": [1.0, 2.0, 3.0]}
    body = {"signature_name": "encode", "instances": [row]}
    assert client.post(PREDICT, json=body).json()["predictions"][0]["std"] == [1.0, 2.0, 3.0]


def test_what_curl_sends_by_default_is_taken(client):
    content = '{"instances": [{"seed": 1, "label": 0}]}'
    for kind in ("application/x-www-form-urlencoded", "application/json; charset=utf-8", None):
        headers = {"Content-Type": kind} if kind else {}
        assert client.post(PREDICT, content=content, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "either `instances` or `inputs`"),
        ({"instances": [], "inputs": []}, "either `instances` or `inputs`"),
        ({"instances": []}, "at least one row"),
        ({"instances": {}}, "list of at least one row"),
        ({"instances": [1]}, "must be named"),
        ({"instances": [{}]}, "same keys"),
        ({"instances": [{"seed": 1, "label": 0}, {"seed": 1}]}, "same keys"),
        ({"instances": [{"seed": 1, "label": 0}, 7]}, "same keys"),
        ({"instances": [{"seed": 1}]}, "needs the inputs seed, label"),
        ({"instances": [{"seed": 1, "label": 0, "z": 1}]}, "Unknown input"),
        ({"instances": [{"seed": 1, "label": 3}]}, "in [0, 2]"),
        ({"instances": [{"seed": -1, "label": 0}]}, "`seed` must be"),
        ({"instances": [{"seed": {"b64": "AA=="}, "label": 0}]}, "`seed` must be"),
        ({"inputs": {"seed": [1, 2], "label": [0]}}, "equal numbers of rows"),
        ({"inputs": {"seed": 1, "label": 0}}, "list of at least one row"),
        ({"inputs": {}}, "needs the inputs"),
        ({"inputs": None}, "must be named"),
        ({"instances": [{"seed": 1, "label": 0}], "signature": "sample"}, "may have the keys"),
        ({"instances": [1], "signature_name": "nope"}, "Unknown signature"),
        ({"instances": [1], "signature_name": 7}, "Unknown signature"),
        ({"instances": [1], "signature_name": ["sample"]}, "Unknown signature"),
        ({"inputs": {"seed": [0] * 9, "label": [0] * 9}}, "may have 8 rows"),
        ({"instances": [{"seed": 1, "label": 0}] * 9}, "may have 8 rows"),
    ],
    ids=str,
)
def test_a_fault_of_the_caller_is_said(serving, body, words):
    assert words in refused(serving(rows=8), body)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"7", b"null", b'"a"', b"\xff\xfe", b'{"instances": [NaN]}',
     b'{"instances": [Infinity]}', b'{"instances": [1e999]}', b"[" * 100_000, b'{"a":' * 100_000,
     b'{"instances": ' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"instances": ["\\ud800"]}'],
    ids=lambda content: repr(content[:24]),
)  # fmt: skip
def test_what_is_no_json_object_is_refused(client, content):
    refused(client, None, content=content)


def test_very_many_lists_are_refused_before_they_take_memory(client):
    content = b'{"instances": [' + b"[]," * 300_000 + b"[]]}"
    assert "lists and objects" in refused(client, None, content=content)


def test_status_of_the_versions(client):
    expected = {
        "version": "1",
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }
    for path in ("/v1/models/toy", "/v1/models/toy/versions/1"):
        assert client.get(path).json() == {"model_version_status": [expected]}


def test_metadata_names_every_signature(client):
    answer = client.get("/v1/models/toy/metadata").json()
    assert answer["model_spec"] == {"name": "toy", "signature_name": "", "version": "1"}
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    assert sorted(signatures) == [
        "encode", "generate", "interpolate", "sample", "score", "serving_default"
    ]  # fmt: skip
    assert signatures["serving_default"] == signatures["sample"]
    seed = signatures["sample"]["inputs"]["seed"]
    assert seed["dtype"] == "DT_INT64"
    assert seed["tensor_shape"] == {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}


@pytest.mark.parametrize(
    "path",
    ["/v1/models/toi", "/v1/models/toy/versions/2", "/v1/models/toy/versions/x",
     "/v1/models/toy/labels/stable", "/v1/models/toy:classify", "/v1/models/..%2f", "/v1/models/"],
)  # fmt: skip
def test_what_is_not_there_is_404(client, path):
    answer = client.get(path)
    assert answer.status_code == 404 and list(answer.json()) == ["error"]


def test_the_nearest_name_is_said(client):
    assert "Did you mean 'toy'?" in client.get("/v1/models/toi").json()["error"]


def test_a_version_can_be_asked(client):
    body = {"instances": [{"seed": 1, "label": 0}]}
    assert client.post("/v1/models/toy/versions/1:predict", json=body).status_code == 200
    assert client.post("/v1/models/toy/versions/2:predict", json=body).status_code == 404
