"""Run directories: what continues under which experiment, and what is refused."""

import datetime
import json
import subprocess

import numpy as np
import pytest

import configs
from configs import schema
from train import checkpoints, experiments, runs

DATA = {"shape": [8, 8, 1], "count": 1797, "value_range": [-1.0, 1.0]}


def experiment(*assignments):
    tiny = ["game.generator.width=2", "game.critic.width=2", "game.prior.size=3"]
    return configs.load("dcgan_digits").override([*tiny, *assignments])


@pytest.fixture
def run(tmp_path):
    return runs.Run(tmp_path / "run")


def test_start_writes_the_experiment_the_data_and_the_versions(run):
    assert not run.exists
    run.start(experiment(), DATA)
    assert run.exists
    assert run.experiment() == experiment()
    record = run.record()
    assert record["data"] == DATA
    assert set(record["versions"]) == {"python", "tensorflow", "keras", "numpy"}
    assert [path.name for path in run.directory.iterdir()] == [
        "experiment.json"
    ]  # nothing half-written


def test_a_run_from_before_a_setting_existed_goes_on(run):
    run.start(experiment(), DATA)
    record = run.record()
    del record["experiment"]["data"]["background"], record["experiment"]["data"]["bits"]
    run.experiment_file.write_text(json.dumps(record))
    run.start(experiment(), DATA)
    assert run.experiment() == experiment()
    with pytest.raises(ValueError, match="data.background: 'white' -> 'black'"):
        run.start(experiment("data.background=black"), DATA)


def test_the_devices_are_kept_in_order_and_a_change_is_said(run, capsys):
    one, two = {"kind": "cpu", "count": 1}, {"kind": "cpu", "count": 2}
    for devices in (one, one, two, None):
        run.start(experiment(), DATA, devices=devices)
    assert run.record()["devices"] == [one, two]
    said = [line for line in capsys.readouterr().out.splitlines() if "device" in line]
    assert said == [
        "The run was last trained on 1 CPU device, now on 2 CPU devices; its weights differ by the "
        "rounding of sums alone"
    ]


@pytest.mark.parametrize(
    "setting",
    ["precision=bfloat16", "jit=true", "determinism=false", "tf32=true", "accumulate=2"],
)
def test_what_changes_the_result_of_a_step_stays_in_a_run(run, setting):
    run.start(experiment(), DATA)
    with pytest.raises(ValueError, match=f"train.{setting.partition('=')[0]}: "):
        run.start(experiment(f"train.{setting}"), DATA)


def test_a_run_from_before_the_precision_was_a_setting_goes_on_with_float32(run):
    run.start(experiment(), DATA)
    record = run.record()
    for name in schema.STEP:
        del record["experiment"]["train"][name]
    run.experiment_file.write_text(json.dumps(record))
    run.start(experiment("train.epochs=500"), DATA)
    assert run.experiment().train.precision == "float32"


def git(root, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def test_a_commit_has_its_hash_and_says_whether_files_were_changed(tmp_path, monkeypatch):
    file = tmp_path / "train" / "runs.py"
    file.parent.mkdir()
    file.write_text("a")
    monkeypatch.setattr(runs, "__file__", str(file))
    assert runs.commit() is None  # no checkout
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    commit = runs.commit()
    assert len(commit["hash"]) == 40
    assert not commit["changed"]
    assert datetime.datetime.fromisoformat(commit["date"]).year >= 2026
    file.write_text("b")
    assert runs.commit() == commit | {"changed": True}


def test_a_package_within_another_checkout_has_no_commit(tmp_path, monkeypatch):
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "-m", "one", "--allow-empty")
    file = tmp_path / "site-packages" / "train" / "runs.py"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(runs, "__file__", str(file))
    assert runs.commit() is None


def test_a_run_names_each_commit_that_trained_it(run, monkeypatch, capsys):
    one, two = ({"hash": c * 40, "date": "2026-01-01", "changed": False} for c in "12")
    monkeypatch.setattr(runs, "commit", lambda: one)
    run.start(experiment(), DATA)
    run.start(experiment(), DATA)
    assert run.record()["commits"] == [one]
    assert "other code" not in capsys.readouterr().out
    monkeypatch.setattr(runs, "commit", lambda: two)
    run.start(experiment(), DATA)
    assert run.record()["commits"] == [one, two]
    assert "111111111111, now 222222222222" in capsys.readouterr().out


def test_a_run_from_before_commits_were_recorded_continues(run, capsys):
    run.start(experiment(), DATA)
    record = run.record()
    del record["commits"]
    run.experiment_file.write_text(json.dumps(record))
    run.start(experiment(), DATA)
    assert run.record()["commits"] == [None, runs.commit()]
    assert "not known" in capsys.readouterr().out


def test_the_same_experiment_continues(run):
    run.start(experiment(), DATA)
    run.start(experiment(), DATA)
    assert run.experiment() == experiment()


@pytest.mark.parametrize(
    ("assignment", "line"),
    [
        ("game.prior.size=5", "experiment.game.prior.size: 3 -> 5"),
        ("data.batch_size=8", "experiment.data.batch_size: 64 -> 8"),
        ("seed=1", "experiment.seed: 0 -> 1"),
        ("optimizers.critic.beta_1=0.9", "experiment.optimizers.critic.beta_1: 0.5 -> 0.9"),
        ("game.loss=hinge", "experiment.game.loss.name: 'non_saturating' -> 'hinge'"),
    ],
)
def test_another_experiment_is_refused_with_the_difference(run, assignment, line):
    run.start(experiment(), DATA)
    before = run.experiment_file.read_bytes()
    with pytest.raises(ValueError, match="continued under its own experiment") as error:
        run.start(experiment(assignment), DATA)
    assert [text.strip() for text in str(error.value).splitlines()[1:]] == [line]
    assert run.experiment_file.read_bytes() == before


def test_other_data_are_refused(run):
    run.start(experiment(), DATA)
    with pytest.raises(ValueError, match="data.count: 1797 -> 1796"):
        run.start(experiment(), DATA | {"count": 1796})


def test_how_long_and_how_often_may_change(run):
    run.start(experiment(), DATA)
    longer = experiment("train.epochs=500", "train.sample_every=3")
    run.start(longer, DATA)
    assert run.experiment() == longer


def test_other_versions_are_told_and_the_first_ones_stay(run, capsys):
    run.start(experiment(), DATA)
    record = run.record()
    record["versions"]["numpy"] = "0.1"
    run.experiment_file.write_text(json.dumps(record))
    run.start(experiment(), DATA)
    assert "numpy: '0.1' -> " in capsys.readouterr().out
    assert run.record()["versions"]["numpy"] == "0.1"


def test_a_directory_that_is_no_run_is_refused(run):
    with pytest.raises(FileNotFoundError, match="holds experiment.json, written by `zoo train`"):
        run.record()


def test_a_run_without_a_checkpoint_has_no_game(run):
    run.start(experiment(), DATA)
    with pytest.raises(FileNotFoundError, match="needs a checkpoint"):
        checkpoints.load_game(run)


def test_a_runs_game_comes_back_from_its_directory_alone(run):
    run.start(experiment(), DATA)
    game = experiments.compiled(experiment(), DATA)
    for variable in game.trainable_variables:
        variable.assign(np.random.default_rng(1).normal(size=variable.shape))
    game.step.assign(5)
    checkpoints.Checkpoints(run.checkpoints, game).save()
    again = checkpoints.load_game(runs.Run(run.directory))
    assert int(again.step.numpy()) == 5
    for old, new in zip(game.variables, again.variables, strict=True):
        np.testing.assert_array_equal(old.numpy(), new.numpy())


def test_equal_seeds_start_from_equal_weights():
    def start(seed):
        return [
            v.numpy()
            for v in experiments.compiled(experiment(f"seed={seed}"), DATA).generator.variables
        ]

    for one, two in zip(start(3), start(3), strict=True):
        np.testing.assert_array_equal(one, two)
    assert any(not np.array_equal(one, two) for one, two in zip(start(3), start(4)))


def test_a_run_whose_record_has_no_classes_is_continued(tmp_path):
    run = runs.Run(tmp_path / "run")
    run.start(experiment(), DATA)
    run.start(experiment(), DATA | {"classes": 10})
    assert run.record()["data"]["classes"] == 10
    with pytest.raises(ValueError, match="data.classes: 10 -> 9"):
        run.start(experiment(), DATA | {"classes": 9})


def test_a_run_from_before_examples_were_held_out_goes_on_without(run):
    before = experiment("data.held_out=0").as_dict()
    del before["data"]["held_out"]
    run.start(experiment(), DATA)
    old = run.record() | {"experiment": before}
    run.experiment_file.write_text(json.dumps(old))
    assert run.experiment() == experiment("data.held_out=0")
    for _ in range(2):  # by the same command, as often as one likes
        continued = run.continued(experiment("train.epochs=500"))
        assert continued.data.held_out == 0.0
        run.start(continued, DATA)
        assert run.record()["experiment"]["data"] == before["data"]
        assert run.experiment().train.epochs == 500
    run.start(run.continued(run.experiment()), DATA)
    other = run.continued(experiment("data.held_out=0.2"))
    with pytest.raises(ValueError, match="data.held_out: 0.0 -> 0.2"):
        run.start(other, DATA)


def test_a_run_goes_on_with_what_it_holds_out(run):
    assert run.continued(experiment()) == experiment()
    run.start(experiment(), DATA)
    assert run.continued(experiment()) == experiment()
    with pytest.raises(ValueError, match="data.held_out: 0.1 -> 0.0"):
        run.start(run.continued(experiment("data.held_out=0")), DATA)


DIGEST = {"files": 2, "bytes": 10, "names_and_sizes": "a"}


def test_changed_files_of_the_data_are_refused(run):
    run.start(experiment(), DATA, DIGEST)
    assert run.record()["digest"] == DIGEST
    run.start(experiment(), DATA, DIGEST)
    with pytest.raises(ValueError, match="digest.bytes: 10 -> 11\n.*digest.names_and_sizes"):
        run.start(experiment(), DATA, DIGEST | {"bytes": 11, "names_and_sizes": "b"})


def test_the_digest_of_the_content_is_compared_once_it_is_known(run):
    run.start(experiment(), DATA, DIGEST)
    run.start(experiment(), DATA, DIGEST | {"content": "c"})
    run.start(experiment(), DATA, DIGEST)
    assert run.record()["digest"] == DIGEST | {"content": "c"}
    with pytest.raises(ValueError, match="digest.content: 'c' -> 'd'"):
        run.start(experiment(), DATA, DIGEST | {"content": "d"})


def test_a_run_from_before_there_was_a_digest_goes_on(run):
    run.start(experiment(), DATA)
    assert "digest" not in run.record()
    run.start(experiment(), DATA, DIGEST)
    assert run.record()["digest"] == DIGEST
