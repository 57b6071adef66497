"""Which model is suggested for which pictures, and that the suggested commands train."""

import collections
import shlex

import numpy as np
import pytest

from train.data import doctor, suggestions
from zoo import __main__
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


def findings(name="folder:cats", size=(32, 32), channels=3, count=100, **others):
    return {
        "name": name,
        "sizes": collections.Counter({size: count}),
        "channels": [channels],
        "count": count,
        "held_out": count // 10,
        "unreadable": [],
        "split": "train",
        **others,
    }


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
    suggested = suggestions.images(findings(name), None, None, {})
    (command,) = suggested["command"]
    words = shlex.split(command)
    assert f"--workdir={workdir}" in words
    assert f"--set=data.name={name}" in words
    places = [shlex.split(each)[3] for each in (command, *suggested["others"].values())]
    assert places == [f"--workdir={workdir}{end}" for end in ("", "_wgan_gp", "_vae")]


@pytest.mark.parametrize(
    ("looked_at", "config", "settings"),
    [
        (findings(), "photos32", []),
        (findings(size=(28, 28), channels=1, count=60_000), "dcgan_mnist", []),
        (findings(size=(28, 28), channels=1, count=500), "photos32", ["data.size=28,28"]),
        (findings(size=(33, 47)), "photos64", ["data.size=33,47"]),
        (findings(size=(128, 128), count=50_000), "photos128", []),
        (findings(size=(600, 600)), "photos64", []),
        (findings(size=(600, 800)), "photos64", ["data.size=64,85"]),
    ],
    ids=["colour", "grey", "few grey", "odd", "large", "larger", "wide"],
)
def test_size_colour_and_number_choose_the_config(looked_at, config, settings):
    (command,) = suggestions.images(looked_at, None, None, {})["command"]
    words = shlex.split(command)
    assert f"--config={config}" in words
    assert [word for word in words if "size=" in word and "batch" not in word] == [
        f"--set={setting}" for setting in settings
    ]


def test_what_is_suggested_trains(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    images = np.random.default_rng(0).integers(0, 256, (40, 9, 12, 3), dtype=np.uint8)
    np.savez("own.npz", images)
    suggested = doctor.examine("npz:own.npz")["suggestion"]
    commands = [*suggested["command"], *suggested["others"].values()]
    assert len(commands) == 3
    for command in commands:
        short = ["--set=train.epochs=1", "--set=train.steps_per_epoch=1", "--noprogress"]
        assert __main__.main([*shlex.split(command)[1:], *short]) == 0, capsys.readouterr().err
