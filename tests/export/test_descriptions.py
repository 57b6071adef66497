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


def test_a_description_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        descriptions.Description(name="one").name = "another"
