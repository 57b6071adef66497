"""The OpenAPI document, and what schemathesis asks by it."""

import hypothesis
import pytest
import schemathesis
from schemathesis import checks
from schemathesis.specs.openapi import checks as by_document


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


def test_every_route_is_described(client, document):
    assert document["openapi"] == "3.1.0"
    for route in client.app.application.routes:
        if "/load" in route.path or route.path in ("/openapi.json", "/web/{name}"):
            continue
        name = "toy_score" if route.path.startswith("/v2") else "toy"
        path = route.path.replace("{name:model}", name).replace("{version:model}", "1")
        assert route.methods - {"HEAD"} == {m.upper() for m in document["paths"][path]}


def test_the_key_is_described_where_there_is_one(serving):
    client = serving(key="secret")
    answer = client.get("/openapi.json", headers={"X-API-Key": "secret"}).json()
    assert answer["security"] == [{"bearer": []}, {"header": []}]


ASKED = (
    "/v1/models/toy:predict",
    "/v1/models/toy:sample",
    "/v2/models/toy_sample/infer",
    "/v2/models/toy_score/infer",
)
# rows of columns must be equal, and data must have their stated shape: no schema says so
KEPT = (
    checks.not_a_server_error,
    by_document.status_code_conformance,
    by_document.content_type_conformance,
    by_document.response_schema_conformance,
    by_document.negative_data_rejection,
)


def test_what_the_document_allows_and_forbids_is_answered_as_it_says(serving):
    guard = serving(rows=3).app
    schema = schemathesis.openapi.from_asgi("/openapi.json", guard)
    seen = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path not in ASKED:  # benchmarks/serve_abuse.py asks them all
            continue
        for mode in ("positive", "negative"):
            seen += asked(operation, getattr(schemathesis.GenerationMode, mode.upper()))
    assert seen >= 2 * len(ASKED)


def asked(operation, mode, examples=2):
    """Asks some requests of one route; returns how many."""
    count = 0

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        nonlocal count
        count += 1
        case.call_and_validate(checks=list(KEPT))

    try:
        ask()
    except hypothesis.errors.Unsatisfiable:  # a route without parameters has no wrong ones
        pass
    return count
