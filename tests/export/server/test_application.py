import io
import logging

import numpy as np
import pytest
from PIL import Image

PREDICT = "/v1/models/toy:predict"
BODY = {"instances": [{"seed": 100, "label": 0}]}
SAMPLE = "/v1/models/toy:sample"


def refused(answer, status):
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    return answer.json()["error"]


def test_another_method_or_media_type_is_refused(client):
    assert "GET /v1/models/toy:predict" in refused(client.get(PREDICT), 405)
    refused(client.put("/v2"), 405)
    for kind in ("text/xml", "multipart/form-data; boundary=x", "application/msgpack"):
        refused(client.post(PREDICT, content=b"{}", headers={"Content-Type": kind}), 415)
    headers = {"Content-Encoding": "gzip"}
    assert "compressed" in refused(client.post(PREDICT, content=b"{}", headers=headers), 415)


def test_a_body_has_a_largest_length_stated_or_not(serving):
    client = serving(body_bytes=1000)
    refused(client.post(PREDICT, content=b" " * 1001), 413)
    answer = client.post(PREDICT, content=(b" " * 100 for _ in range(11)))
    refused(answer, 413)
    assert answer.headers["connection"] == "close"
    assert client.post(PREDICT, json=BODY).status_code == 200
    assert client.state.held.now == 0


def test_an_answer_has_a_largest_length(serving):
    client = serving(answer_bytes=1000)
    body = {"inputs": {"seed": [0] * 30, "label": [0] * 30}}
    assert "fewer rows" in refused(client.post(PREDICT, json=body), 400)
    assert client.get(f"{SAMPLE}?num=30").status_code == 200  # a picture is no JSON


def test_all_requests_together_hold_no_more_than_they_may(serving):
    client = serving(held_bytes=300)
    answer = client.post(PREDICT, content=b" " * 301)
    refused(answer, 503)
    assert answer.headers["retry-after"] == "1"
    assert client.state.held.now == 0
    assert client.post(PREDICT, json=BODY).status_code == 200


def test_a_key_is_asked_for_in_either_header(serving):
    client = serving(key="secret")
    answer = client.post(PREDICT, json=BODY)
    refused(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    for headers in ({"X-API-Key": "secret"}, {"Authorization": "Bearer secret"}):
        assert client.post(PREDICT, json=BODY, headers=headers).status_code == 200
    for headers in (
        {"X-API-Key": "secre"},
        {"X-API-Key": ""},
        {"Authorization": "Basic secret"},
        {"Authorization": "Bearer"},
        {"Authorization": "secret"},
    ):
        refused(client.post(PREDICT, json=BODY, headers=headers), 401)
    refused(client.get("/nothing"), 401)
    for path in ("/v2/health/live", "/v2/health/ready"):
        assert client.get(path).status_code == 200


def test_models_are_loaded_on_request_with_a_key_only(serving):
    load = "/v2/repository/models/toy/load"
    refused(serving().post(load), 403)
    client, headers = serving(key="secret"), {"X-API-Key": "secret"}
    assert client.post(load, headers=headers).json() == {}
    assert client.post("/v2/repository/models/toy_sample/load", headers=headers).json() == {}
    refused(client.post("/v2/repository/models/nope/load", headers=headers), 404)


def test_a_failure_of_ours_is_said_without_its_traceback(client, caplog):
    client.state.repository.models = None
    with caplog.at_level(logging.CRITICAL):
        sentence = refused(client.get("/v1/models/toy"), 500)
    assert "Traceback" not in sentence and "NoneType" not in sentence


def test_samples_as_a_picture_are_those_of_the_seed(client):
    answer = client.get(f"{SAMPLE}?seed=7&num=16&label=2")
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (4 * 34 - 2, 4 * 34 - 2)


def test_samples_as_arrays_have_the_seeds_and_classes_of_the_command(client):
    expected = (np.arange(5, dtype=np.int64) + (np.int64(7) << 32), np.arange(5) % 3)
    arrays = np.load(io.BytesIO(client.get(f"{SAMPLE}?seed=7&num=5&format=npz").content))
    np.testing.assert_array_equal(arrays["seed"], expected[0])
    np.testing.assert_array_equal(arrays["label"], expected[1])
    answer = client.get(f"{SAMPLE}?seed=7&num=5&format=json").json()
    assert answer["seed"] == [str(seed) for seed in expected[0]]
    assert answer["label"] == expected[1].tolist()
    np.testing.assert_allclose(answer["image"], arrays["image"], atol=1e-6)


@pytest.mark.parametrize(
    "query",
    ["seed=-1", "seed=2147483648", "seed=1.5", "seed=x", "num=0", "num=999", "num=", "label=3",
     "label=-1", "format=gif", "sed=1", "seed=%D9%A3", f"seed={'9' * 5000}"],
)  # fmt: skip
def test_a_wrong_query_is_refused(client, query):
    assert "Received" in refused(client.get(f"{SAMPLE}?{query}"), 400)


def test_the_index_page_shows_the_models_and_why_others_are_not_served(client, tmp_path):
    client.state.repository.failures[tmp_path / "<b>"] = "a file was <i>changed</i>"
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "toy" in page.text and "&lt;b&gt;" in page.text and "<i>" not in page.text
    assert client.get("/v1/models/toy/card").text == "# Toy"


def test_web_pages_are_served_where_there_are_some(serving, tmp_path):
    (tmp_path / "index.html").write_text("<p>page</p>")
    (tmp_path.parent / "secret").write_text("secret")
    client = serving(web={"toy": tmp_path})
    page = client.get("/web/toy/")
    assert page.text == "<p>page</p>"
    assert page.headers["cross-origin-embedder-policy"] == "require-corp"
    assert 'href="/web/toy/"' in client.get("/").text
    refused(client.get("/web/toy/none.js"), 404)
    refused(client.get("/web/toy/%2e%2e/secret"), 404)


def test_metrics_count_requests_and_rows(client):
    client.post(PREDICT, json=BODY)
    client.get("/nothing/at/all")
    text = client.get("/metrics").text
    assert 'zoo_requests_total{route="/v1/models/{name}:predict",status="200"} 1.0' in text
    assert 'zoo_requests_total{route="none",status="404"} 1.0' in text
    assert 'zoo_model_version{model="toy"} 1.0' in text and "zoo_held_bytes 0.0" in text
