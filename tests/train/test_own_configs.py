"""A run of a user's own config is loaded again from its own copy; docs/training.md's example."""

import pathlib
import re
import sys

import numpy as np
import pytest

import configs
from train import checkpoints, runs
from zoo import __main__, networks

ROOT = pathlib.Path(__file__).parents[2]
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/training.md").read_text(), flags=re.S)
DATA = {"shape": [8, 8, 1], "count": 1617, "value_range": [-1.0, 1.0]}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The file of the example in a folder of the user; nothing of it stays behind."""
    monkeypatch.setattr(networks, "NETWORKS", dict(networks.NETWORKS))
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = tmp_path / "user" / "own_networks.py"
    path.parent.mkdir()
    path.write_text(EXAMPLE)
    yield path
    for name in ("own_networks", "other", "helper_of_the_user"):
        sys.modules.pop(name, None)


def forget(path, monkeypatch):
    """As another process, in another folder, after the file is gone."""
    networks.NETWORKS.pop("small_generator", None)
    sys.modules.pop(path.stem, None)
    path.unlink()
    elsewhere = path.parent.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)


def started(path, directory):
    run = runs.Run(directory, config=path)
    run.start(configs.load(str(path)), DATA)
    return run


def test_the_example_trains_and_its_run_is_used_when_the_file_is_gone(own, tmp_path, monkeypatch):
    run = tmp_path / "run"
    words = ["train", f"--config={own}", f"--workdir={run}", "--noprogress"]
    words += ["--set=train.epochs=1", "--set=train.steps_per_epoch=2", "--set=train.samples=4"]
    assert __main__.main(words) == 0
    forget(own, monkeypatch)
    assert __main__.main(["sample", str(run), "--num=3", "--out=samples.npz"]) == 0
    with np.load("samples.npz") as arrays:
        assert arrays["images"].shape == (3, 8, 8, 1)
    forgotten = ["train", f"--workdir={run}", "--noprogress", "--set=train.epochs=2"]
    networks.NETWORKS.pop("small_generator")
    assert __main__.main(forgotten) == 0
    assert int(checkpoints.load_game(runs.Run(run)).step.numpy()) == 4


def test_a_run_keeps_the_file_under_its_own_name(own, tmp_path):
    run = started(own, tmp_path / "run")
    assert [path.name for path in run.config.iterdir()] == ["own_networks.py"]
    assert (run.config / "own_networks.py").read_text() == EXAMPLE


def test_a_run_of_our_configs_keeps_no_file(tmp_path):
    run = runs.Run(tmp_path / "run")
    run.start(configs.load("dcgan_digits"), DATA)
    assert not run.config.exists()
    run.import_config()


def test_another_file_replaces_the_kept_one_and_is_announced(own, tmp_path, capsys):
    started(own, tmp_path / "run")
    assert "replaces it" not in capsys.readouterr().out
    started(own, tmp_path / "run")
    assert "replaces it" not in capsys.readouterr().out
    other = own.rename(own.with_name("other.py"))
    other.write_text(EXAMPLE + "\n# changed\n")
    run = started(other, tmp_path / "run")
    assert "not the file that the run kept" in capsys.readouterr().out
    assert [path.name for path in run.config.iterdir()] == ["other.py"]


def test_a_module_next_to_the_file_is_imported_while_it_is_there(own, tmp_path, monkeypatch):
    helper = own.with_name("helper_of_the_user.py")
    helper.write_text("")
    own.write_text(f"import {helper.stem}\n{EXAMPLE}")
    run = started(own, tmp_path / "run")
    forget(own, monkeypatch)
    helper.unlink()
    sys.modules.pop(helper.stem)
    with pytest.raises(
        ValueError,
        match="A run keeps the file alone: put what it needs .* Received: .*run.config.own_networks"
        ".py, which imports 'helper_of_the_user'",
    ):
        run.import_config()


def test_a_file_with_the_name_of_one_of_our_packages_hides_none(own, tmp_path):
    path = own.rename(own.with_name("train.py"))
    ours = sys.modules["train"]
    assert configs.load(str(path)).name == "own_networks"
    assert sys.modules["train"] is ours
