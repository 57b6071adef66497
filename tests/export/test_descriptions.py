"""A description holds values of JSON and does not change."""

import dataclasses

import numpy as np
import pytest

from export import descriptions


@pytest.mark.parametrize("field", ["metrics", "data", "training"])
def test_a_description_takes_values_of_json_only(field):
    value = {"value": np.float32(1.0)}
    with pytest.raises(TypeError, match=f"`{field}` of a description must hold values of JSON"):
        descriptions.Description(**{field: [value] if field == "metrics" else value})


@pytest.mark.parametrize(
    "name", ["", "my digits", "-digits", "a/b", "größe", "digits\n", "n" * 101]
)
def test_a_name_is_a_word(name):
    with pytest.raises(
        ValueError, match="`name` of a description must be at most 100 letters, digits"
    ):
        descriptions.Description(name=name)
    assert descriptions.Description(name="v1.5-digits_8").name == "v1.5-digits_8"


def test_a_licence_is_an_spdx_expression():
    with pytest.raises(ValueError, match="must be an SPDX expression.*Received: 'free for all'"):
        descriptions.Description(licence="free for all")
    assert descriptions.Description(licence="apache-2.0 or mit").licence == "Apache-2.0 OR MIT"


def test_a_description_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        descriptions.Description(name="one").name = "another"
