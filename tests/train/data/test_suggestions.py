"""The sizes that suggested networks pass."""

import collections
import shlex

import pytest

from train.data import suggestions
from zoo.networks import geometry


@pytest.mark.parametrize(
    "size, sizes",
    {
        (28, 28): [(28, 28), (14, 14), (7, 7), (4, 4)],
        (8, 8): [(8, 8), (4, 4)],
        (64, 64): [(64 >> k, 64 >> k) for k in range(5)],
    }.items(),
    ids=str,
)
def test_levels_halve_until_the_smaller_side_is_at_most_4(size, sizes):
    assert suggestions.levels(*size) == sizes


def test_levels_are_those_of_the_networks():
    for height, width in ((33, 33), (48, 64), (8, 8), (3, 5), (218, 178)):
        assert suggestions.levels(height, width) == [
            tuple(size)
            for size in geometry.halvings(height, width, levels=None, smallest=suggestions.SMALLEST)
        ]


@pytest.mark.parametrize(
    ("name", "workdir"),
    [
        ("folder:/some/where/My cats", "runs/My_cats"),
        ("folder:cats/train", "runs/cats"),
        ("npz:birds.npz", "runs/birds"),
        ("folder:..", "runs/pictures"),
    ],
)
def test_the_suggested_run_has_a_place_of_its_own(name, workdir):
    sizes = collections.Counter({(32, 32): 100})
    findings = {
        "name": name,
        "sizes": sizes,
        "channels": [3],
        "count": 100,
        "held_out": 10,
        "unreadable": [],
        "split": "train",
    }
    (command,) = suggestions.images(findings, None, None, {})["command"]
    words = shlex.split(command)
    assert f"--workdir={workdir}" in words
    assert f"--set=data.name={name}" in words
