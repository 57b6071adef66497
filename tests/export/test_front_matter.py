"""The head of a hub's card follows from the manifest."""

import json

import pytest

from export import front_matter

IMAGE = {"dtype": "float32", "shape": [None, 8, 8, 1], "range": [-1.0, 1.0]}
SEED = {"dtype": "int64", "shape": [None], "range": [0, 2**63 - 1]}
MANIFEST = {
    "name": "digits",
    "endpoints": {"sample": {"inputs": {"seed": SEED}, "outputs": {"image": IMAGE}}},
    "classes": None,
    "licence": "CC-BY-4.0",
    "data": {"name": "mnist"},
    "source": {"game": {"name": "gan"}, "step": 3},
    "metrics": [
        {"metric": "fd_raw", "value": 9.0, "step": 1},
        {"metric": "fd_raw", "value": 2.5, "step": 3, "protocol": {"examples": "test[:10000]"}},
        {"metric": "no_number", "value": None},
    ],
}


def parsed(**changes):
    lines = front_matter.write(MANIFEST | changes)
    assert lines[0] == lines[-1] == "---"
    return {key: json.loads(value) for key, value in (line.split(": ", 1) for line in lines[1:-1])}


def test_every_key_that_a_hub_reads_is_there():
    assert parsed() == {
        "license": "cc-by-4.0",
        "library_name": "keras-generative-zoo",
        "pipeline_tag": "unconditional-image-generation",
        "tags": ["onnx", "tensorflow", "keras", "gan"],
        "datasets": ["mnist"],
        "metrics": ["fd_raw"],
        "model-index": [
            {
                "name": "digits",
                "results": [
                    {
                        "task": {"type": "unconditional-image-generation"},
                        "dataset": {"name": "mnist", "type": "mnist", "split": "test[:10000]"},
                        "metrics": [{"type": "fd_raw", "value": 2.5, "name": "fd_raw"}],
                    }
                ],
            }
        ],
    }


def test_what_nobody_said_is_left_out():
    assert set(parsed(licence=None, data={}, metrics=[], source={"step": 0})) == {
        "library_name",
        "pipeline_tag",
        "tags",
    }


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("Apache-2.0", {"license": "apache-2.0"}),
        ("LicenseRef-own", {"license": "other", "license_name": "LicenseRef-own"}),
        ("MIT OR 0BSD", {"license": "other", "license_name": "MIT OR 0BSD"}),
    ],
)
def test_licences_have_the_hubs_names(licence, expected):
    values = parsed(licence=licence)
    assert {key: value for key, value in values.items() if key.startswith("license")} == expected


def test_a_folder_is_no_data_set_of_a_hub():
    values = parsed(data={"name": "folder:photos"})
    assert "datasets" not in values and "model-index" not in values


@pytest.mark.parametrize(
    ("endpoints", "task"),
    [
        ({"classify": {"inputs": {"x": IMAGE}, "outputs": {}}}, "image-classification"),
        ({"a_to_b": {"inputs": {"a": IMAGE}, "outputs": {"image": IMAGE}}}, "image-to-image"),
        ({"sample": {"inputs": {"seed": SEED}, "outputs": {"point": IMAGE}}}, "other"),
        (
            {"sample": {"inputs": {"seed": SEED, "label": SEED}, "outputs": {"image": IMAGE}}},
            "other",
        ),
    ],
    ids=["classifier", "translator", "points", "conditional"],
)
def test_the_task_follows_from_the_endpoints(endpoints, task):
    assert parsed(endpoints=endpoints)["pipeline_tag"] == task
