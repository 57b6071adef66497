"""The training program on tiny runs: folders of pictures, continuing, a signal, a dry run."""

import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import configs
from export.runtime import checks
from train import bundles, checkpoints, experiments, loop, owners, plan, runs, segments
from train.data import sources
from train.evaluation import measurements
from train.inference import samples
from zoo.games import GAN, execution, statistics

ROOT = pathlib.Path(__file__).parents[2]
TINY = [
    "game.generator.width=4",
    "game.critic.width=4",
    "game.prior.size=5",
    "data.batch_size=4",
    "train.samples=9",
]
# fully connected, which is traced in half the time
DENSE = [
    "game.generator=mlp_generator",
    "game.generator.units=4",
    "game.critic=mlp_critic",
    "game.critic.units=4",
    *TINY[2:],
]


def experiment(*assignments):
    return configs.load("dcgan_digits").override([*DENSE, *assignments])


def deep(folder, top):
    """A folder with a picture of 16-bit values whose largest is `top`."""
    folder.mkdir()
    pixels = np.full((8, 8), top, np.uint16)
    pixels[0] = 0
    Image.fromarray(pixels).save(folder / "a.png")
    return folder


def test_a_run_keeps_the_bits_that_its_pictures_use(tmp_path, monkeypatch):
    asked = experiment(f"data.name=folder:{deep(tmp_path / 'a', 4000)}", "data.held_out=0")
    shutil.copy(tmp_path / "a" / "a.png", tmp_path / "a" / "b.png")
    settled = experiments.settled(asked, experiments.load(asked))
    assert settled == asked.override(["data.bits=12"])
    started = []
    monkeypatch.setattr(runs.Run, "start", lambda run, *given: started.append(given) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        loop.train(asked, runs.Run(tmp_path / "run"), verbose=False)
    assert started[0][0] == settled
    digits = experiment()
    assert experiments.settled(digits, experiments.load(digits)) == digits
    both = asked.override([f"data.name={asked.data.name},folder:{deep(tmp_path / 'b', 8191)}"])
    with pytest.raises(ValueError, match="two domains must use the same.*Received: 12 and 13"):
        experiments.settled(both, experiments.load(both))


@pytest.mark.parametrize(
    ("done", "steps", "epochs", "expected"),
    [
        (0, 5, 3, [(5, 3)]),
        (5, 5, 3, [(5, 3)]),
        (7, 5, 3, [(3, 2), (5, 3)]),
        (12, 5, 3, [(3, 3)]),
        (15, 5, 3, []),
        (0, 1, 1, [(1, 1)]),
        (15, 5, 2, []),  # asked for fewer epochs than were made
        (12, 5, 2, []),
    ],
)
def test_segments_end_the_broken_epoch_and_then_make_whole_ones(done, steps, epochs, expected):
    assert segments.segments(done, steps, epochs) == expected


@pytest.mark.parametrize(
    ("number", "limit", "expected"), [(12, 10, 6), (7, 10, 7), (7, 5, 1), (20, 10, 10), (3, 0, 1)]
)
def test_steps_of_a_call_divide_the_epoch(number, limit, expected):
    assert execution.divisor(number, limit) == expected


def test_weights_that_are_not_finite_end_the_run_with_their_name(tmp_path, capsys, monkeypatch):
    def overflow(game, x=None, **_):
        kernel = game.generator.trainable_variables[0]
        kernel.assign(kernel.value * np.inf)
        game.step.assign(1)
        checkpoints.Checkpoints(tmp_path / "checkpoints", game).save()

    monkeypatch.setattr(GAN, "fit", overflow)
    assert loop.train(experiment("train.epochs=1"), runs.Run(tmp_path), verbose=False) == 3
    assert "A checkpoint must be finite. Received: " in capsys.readouterr().out


def pictures(folder, mode, ending):
    rng = np.random.default_rng(0)
    shape = (48, 64, 3) if mode == "RGB" else (33, 33)
    for i in range(12):
        Image.fromarray(rng.integers(0, 256, shape).astype("uint8")).save(
            folder / f"{i}{ending if i % 2 else '.png'}"
        )


@pytest.fixture(
    scope="module",
    params=[("RGB", ".jpg", (48, 64, 3)), ("L", ".png", (33, 33, 1))],
    ids=["rgb_48x64", "grey_33x33"],
)
def trained(request, tmp_path_factory):
    """A run of 20 steps on a folder of pictures of a user's own, and their shape."""
    mode, ending, shape = request.param
    folder = tmp_path_factory.mktemp("folder")
    (folder / "pictures").mkdir()
    pictures(folder / "pictures", mode, ending)
    run = runs.Run(folder / "run")
    options = [
        f"data.name=folder:{folder / 'pictures'}",
        "train.epochs=2",
        "train.steps_per_epoch=10",
        "train.sample_every=1",
    ]
    chosen = configs.load("dcgan_digits").override([*TINY, *options])
    code = loop.train(chosen, run, verbose=False)
    return run, shape, code


def test_a_folder_exports(trained, tmp_path):
    run, shape, _ = trained
    made = bundles.write(run, tmp_path / "bundle")
    assert checks.check(made) == []
    about = json.loads((made / "manifest.json").read_text())["endpoints"]
    assert set(about) == {"features", "generate", "sample"}
    assert all(
        about[name]["outputs"]["image"]["shape"][1:] == list(shape)
        for name in ("generate", "sample")
    )
    assert about["features"]["inputs"]["x"]["shape"][1:] == list(shape)


def test_a_folder_trains_to_the_end(trained):
    run, shape, code = trained
    assert code == 0
    with run.history.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["10", "20"]
    assert all(np.isfinite(float(row["critic_loss"])) for row in rows)
    # of 12 pictures, 2 are held out
    assert run.record()["data"] == {"shape": list(shape), "count": 10, "value_range": [-1.0, 1.0]}
    assert sorted(path.name for path in run.samples.iterdir()) == [
        "examples.png",
        "step_00000010.png",
        "step_00000020.png",
    ]
    assert sorted(path.name for path in run.checkpoints.glob("*.index")) == [
        "step-20.index"
    ]  # digits keeps every tenth epoch


def test_a_folders_run_is_sampled_as_a_picture_and_as_arrays(trained, tmp_path):
    run, shape, _ = trained
    game = checkpoints.load_game(run)
    assert int(game.step.numpy()) == 20
    samples.write(game, str(tmp_path / "grid.png"), count=4, seed=1)
    with Image.open(tmp_path / "grid.png") as image:
        height, width, channels = shape
        assert (image.size, image.mode) == (
            (2 * width + 2, 2 * height + 2),
            "RGB" if channels == 3 else "L",
        )
    for count in (3, 8):
        samples.write(game, str(tmp_path / f"{count}.npz"), count=count, seed=1)
    with np.load(tmp_path / "3.npz") as few, np.load(tmp_path / "8.npz") as many:
        assert (many["images"].shape, many["images"].dtype) == ((8, *shape), np.uint8)
        np.testing.assert_array_equal(few["images"], many["images"][:3])
        np.testing.assert_array_equal(few["seeds"], many["seeds"][:3])


def test_a_finished_run_has_nothing_left_to_do(trained, capsys):
    run, _, _ = trained
    before = run.history.read_bytes()
    assert loop.train(run.experiment(), run, verbose=False) == 0
    out = capsys.readouterr().out
    assert "continued at step 20" in out and "Done:" in out
    assert run.history.read_bytes() == before


def state(run):
    game = checkpoints.load_game(run)
    return [v.numpy() for v in game.state()]


def test_epochs_in_two_runs_are_those_of_one(tmp_path):
    """The order of the data goes on where it was, so the weights are equal bit for bit."""
    options = [
        "data.split=train[:64]",
        "train.steps_per_epoch=3",
        "train.steps_per_execution=3",
        "train.sample_every=9",
        "train.checkpoint_every=1",
    ]
    whole, parts = runs.Run(tmp_path / "whole"), runs.Run(tmp_path / "parts")
    assert loop.train(experiment(*options, "train.epochs=2"), whole, verbose=False) == 0
    for epochs in (1, 2):
        assert loop.train(experiment(*options, f"train.epochs={epochs}"), parts, verbose=False) == 0
    for one, two in zip(state(whole), state(parts), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_run_from_before_examples_were_held_out_is_continued_with_all_of_them(tmp_path):
    options = ["data.split=train[:64]", "train.steps_per_epoch=2", "train.epochs=1"]
    run = runs.Run(tmp_path)
    assert loop.train(experiment(*options, "data.held_out=0"), run, verbose=False) == 0
    record, weights = run.record(), state(run)
    del record["experiment"]["data"]["held_out"]
    run.experiment_file.write_text(json.dumps(record))
    assert loop.train(experiment(*options), run, verbose=False) == 0
    assert run.record() == record and record["data"]["count"] == 64
    for one, two in zip(weights, state(run), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("held_out", [0.0, 0.25])
def test_previews_are_of_examples_that_are_held_out(tmp_path, monkeypatch, held_out):
    seen = {}

    def viewer(game, seed, examples):
        seen.update(examples)
        return dict

    spreads = []
    monkeypatch.setattr(loop.codes, "viewer", viewer)
    monkeypatch.setattr(loop.callbacks, "spread", lambda x: spreads.append(x) or 1.0)
    options = ["data.split=train[:64]", "train.steps_per_epoch=1", "train.epochs=1"]
    chosen = experiment(*options, f"data.held_out={held_out}", "train.samples=5")
    assert loop.train(chosen, runs.Run(tmp_path), verbose=False) == 0
    source = sources.load("digits", split="train[:64]", held_out=held_out or 0.1, unseen=True)
    np.testing.assert_array_equal(seen["x"], sources.examples(source, 5)["x"])
    # samples are compared in spread with what the game trains on, which are more
    assert len(spreads[0]) == (48 if held_out else 64)


def test_a_loss_that_is_not_finite_ends_the_run_with_3(tmp_path, capsys):
    run = runs.Run(tmp_path / "run")
    wild = [
        "optimizers.critic=sgd",
        "optimizers.critic.learning_rate=1e30",
        "game.loss=least_squares",
        "data.split=train[:64]",
    ]
    chosen = experiment(
        *wild, "train.epochs=2", "train.steps_per_epoch=4", "train.steps_per_execution=4"
    )
    assert loop.train(chosen, run, verbose=False) == 3
    assert "by step 4. Last good checkpoint: none yet" in capsys.readouterr().out


def test_a_signal_saves_the_run_and_exits_with_its_number(tmp_path):
    words = [
        "train",
        "--config=dcgan_digits",
        f"--workdir={tmp_path}",
        "--noprogress",
        "--set=train.epochs=1000000",
    ]
    words += [
        f"--set={assignment}"
        for assignment in [*DENSE, "data.split=train[:64]", "train.steps_per_epoch=4"]
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "zoo", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        seen = []
        for line in process.stdout:
            seen.append(line)
            if line.startswith("epoch 1/"):
                process.send_signal(signal.SIGTERM)
                break
        rest = process.stdout.read()
        process.wait()
    assert process.returncode == 128 + signal.SIGTERM, "".join(seen) + rest
    assert "SIGTERM: finishing the step" in rest
    newest = tf.train.latest_checkpoint(str(tmp_path / "checkpoints"))
    assert f"Saved {newest}; the same command continues the run" in rest
    assert (
        int(checkpoints.load_game(runs.Run(tmp_path)).step.numpy())
        == int(newest.rpartition("-")[2])
        >= 4
    )


def test_a_second_training_in_a_directory_is_refused_and_changes_nothing(tmp_path):
    run = runs.Run(tmp_path / "run")
    chosen = experiment("train.epochs=1", "train.steps_per_epoch=1")
    with owners.held(run.directory), pytest.raises(owners.OwnedError, match=f"{os.getpid()} on"):
        loop.train(chosen, run, verbose=False)
    assert not run.directory.exists()


def test_a_plan_counts_parameters_and_steps_without_a_step():
    words = [
        "game.critic.units=6",
        "game.generator.units=5",
        "game.prior.size=3",
        "game.critic_updates=2",
        "train.epochs=10",
    ]
    text = plan.plan(experiment(*words, "data.batch_size=64"))
    assert "data       digits: 1617 examples (8, 8, 1), and 180 held out" in text
    steps = 1617 // 128
    assert f"critic     moves 2x  critic: {64 * 6 + 6 + 6 + 1:,} parameters" in text
    assert f"generator  moves 1x  generator: {3 * 5 + 5 + 5 * 64 + 64:,} parameters" in text
    assert "batch      64 a move, 128 a step" in text
    assert f"steps      {steps} an epoch, 10 epochs, {10 * steps} in all" in text


@pytest.mark.parametrize(("horizon", "warned"), [(2, False), (3, True)])
def test_a_run_that_ends_before_its_game_changes_says_so(horizon, warned, tmp_path, capsys):
    small = [
        *DENSE,
        "game.lens.width=2",
        "game.lens.blocks=1",
        "train.steps_per_epoch=3",
        "train.epochs=1",
        f"game.horizon={horizon}",
    ]
    tempered = configs.load("tan_digits").override(small)
    words = "The run ends after 3 steps, before what the game changes at step 3"
    assert (f"unreached  {words}" in plan.plan(tempered)) == warned
    loop.train(tempered, runs.Run(tmp_path), verbose=False)
    assert (words in capsys.readouterr().out) == warned


def test_two_replicas_give_the_run_of_one(tmp_path):
    # Adam whose step is not free of the gradient's size, and whose penalty must count once
    adam = [
        "optimizers.critic=adam",
        "optimizers.critic.epsilon=1.0",
        "optimizers.critic.learning_rate=0.1",
        "optimizers.critic.l2=0.5",
    ]
    assignments = [
        "train.steps_per_epoch=3",
        "train.epochs=2",
        "optimizers.generator=sgd",
        "optimizers.generator.use_ema=true",
        *adam,
    ]
    one, two = runs.Run(tmp_path / "one"), runs.Run(tmp_path / "two")
    assert loop.train(experiment(*assignments), one, verbose=False) == 0
    words = [
        "train",
        "--config=dcgan_digits",
        f"--workdir={two.directory}",
        "--devices=cpu:2",
        "--noprogress",
    ]
    words += [f"--set={assignment}" for assignment in [*DENSE, *assignments]]
    done = subprocess.run(
        [sys.executable, "-m", "zoo", *words], cwd=ROOT, capture_output=True, text=True
    )  # devices are made once a process
    assert done.returncode == 0, done.stderr[-2000:]
    assert "(new, on 2 CPU devices)" in done.stdout
    assert two.record()["devices"] == [{"kind": "cpu", "count": 2}]
    games = [checkpoints.load_game(run) for run in (one, two)]
    with games[0].averaged_weights(), games[1].averaged_weights():
        for a, b in zip(
            *(game.generator.weights + game.critic.weights for game in games), strict=True
        ):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=0, atol=1e-6)


def test_a_batch_must_divide_by_the_replicas(tmp_path):
    with pytest.raises(
        ValueError, match="multiple of the number.*Received: batch_size=4, 3 devices"
    ):
        loop.train(experiment(), runs.Run(tmp_path), asked="cpu:3", verbose=False)


def test_the_mean_picture_is_taken_where_a_network_starts_from_it_and_once(tmp_path, monkeypatch):
    taken, mean = [], sources.mean_image
    monkeypatch.setattr(sources, "mean_image", lambda s: taken.append(s.name) or mean(s))
    short = ["train.steps_per_epoch=1", "train.epochs=1"]
    dcgan = configs.load("dcgan_digits").override([*TINY, *short])
    loop.train(dcgan, runs.Run(tmp_path / "gan"), verbose=False)
    assert taken == []
    small = ["game.encoder.units=4", "game.decoder.units=4", "train.steps_per_epoch=1"]
    for epochs in (1, 2):
        vae = configs.load("vae_digits").override([*small, f"train.epochs={epochs}"])
        loop.train(vae, runs.Run(tmp_path / "vae"), verbose=False)
        assert taken == ["digits"]


def test_a_streamed_picture_that_cannot_be_decoded_ends_the_run_with_its_name(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for row in range(4):
        pixels = np.random.default_rng(row).integers(0, 256, (8, 8), np.uint8)
        Image.fromarray(pixels).save(folder / f"{row}.png")
    whole = (folder / "2.png").read_bytes()
    (folder / "2.png").write_bytes(whole[: len(whole) - 40])  # its header can be read
    streamed = [f"data.name=folder:{folder}", "data.memory_limit=0", "data.held_out=0"]
    with pytest.raises(ValueError, match="1 of 4 unreadable: .*2.png"):
        loop.train(experiment(*streamed), runs.Run(tmp_path / "run"), verbose=False)


def test_one_example_is_too_few(tmp_path):
    with pytest.raises(ValueError, match="at least 2 examples. Received: 1"):
        loop.train(experiment("data.split=train[:1]"), runs.Run(tmp_path / "run"), verbose=False)


def test_one_example_next_to_held_out_ones_is_too_few(tmp_path):
    message = "Received: 1 in 'digits', and 1 held out; data.held_out=0 holds out none"
    with pytest.raises(ValueError, match=message):
        loop.train(experiment("data.split=train[:2]"), runs.Run(tmp_path / "run"), verbose=False)


def test_load_reads_pictures_as_the_experiment_says(tmp_path):
    name = f"data.name=folder:{deep(tmp_path / 'a', 4000)}"
    source = experiments.load(experiment(name, "data.bits=13"))
    assert sources.images(source).max() == 4000 // 32
    Image.fromarray(np.zeros((8, 8, 4), np.uint8)).save(tmp_path / "a" / "a.png")
    source = experiments.load(experiment(name, "data.background=red"))
    assert sources.images(source)[0, 0, 0].tolist() == [255, 0, 0]


def test_load_takes_what_the_experiment_says():
    source = experiments.load(
        experiment("data.split=train[:50]", "data.size=10,12", "data.value_range=0,1")
    )
    assert (source.count, source.held_out) == (45, 5)
    assert (source.shape, source.value_range) == ((10, 12, 1), (0.0, 1.0))
    assert sources.images(source, 3).shape == (3, 10, 12, 1)


MEASURED = [
    "train.evaluate_every=2",
    "train.metric=sliced_wasserstein",
    "train.evaluate_num=50",
    "train.epochs=5",
    "train.steps_per_epoch=3",
]


def test_measurements_keep_the_best_checkpoint(tmp_path, monkeypatch):
    values = iter([3.0, None, 1.0, 2.0])
    monkeypatch.setattr(
        measurements,
        "measure",
        lambda candidate, metric: measurement(candidate, metric, next(values)),
    )
    run = runs.Run(tmp_path / "run")
    settings = [*MEASURED, "train.epochs=7"]
    assert loop.train(experiment(*settings), run, verbose=False) == 0
    lines = [json.loads(line) for line in run.metrics.read_text().splitlines()]
    expected = [(6, 3.0), (12, None), (18, 1.0), (21, 2.0)]  # None: the value was infinite
    assert [(line["step"], line["value"]) for line in lines] == expected
    assert int(checkpoints.load_game(run).step.numpy()) == 21
    assert int(checkpoints.load_game(runs.Run(run.directory, best=True)).step.numpy()) == 18
    assert checkpoints.Checkpoints(run.checkpoints, checkpoints.load_game(run)).best == {
        "metric": "sliced_wasserstein",
        "split": "train",
        "value": 1.0,
        "step": 18,
    }


def measurement(candidate, metric, value):
    assert (candidate.split, candidate.num) == (
        "train",
        50,
    )  # what chooses a checkpoint is not what it is judged by
    return {
        "metric": metric,
        "value": value,
        "standard_error": None,
        "step": candidate.step,
        "protocol": {},
        "beside": {},
        "seconds": 0.0,
    }


def test_validation_split_chooses_the_checkpoint_and_the_test_split_judges_it(tmp_path):
    bits = (np.random.default_rng(0).random((5, 24, 4, 4, 1)) < 0.3).astype(np.uint8) * 255
    file = tmp_path / "bits.npz"
    np.savez(file, train=bits[:3].reshape(-1, 4, 4, 1), valid=bits[3], test=bits[4])
    small = [
        f"data.name=npz:{file}",
        "data.batch_size=12",
        "train.epochs=2",
        "game.encoder.units=8",
        "game.decoder.units=8",
        "game.prior.size=3",
    ]
    run = runs.Run(tmp_path / "run", best=True)
    chosen = configs.load("vae_binarized_mnist").override(small)
    assert loop.train(chosen, run, verbose=False) == 0
    lines = [json.loads(line) for line in run.metrics.read_text().splitlines()]
    assert [line["protocol"]["examples"] for line in lines] == ["validation[:24]"] * 2
    record = measurements.evaluate(run, "elbo", verbose=False)
    assert record["protocol"]["examples"] == "test[:24]"
    assert "binarization" not in record["protocol"]
    best = max(lines, key=lambda line: line["value"])
    assert record["step"] == best["step"]
    assert record["protocol"]["chosen_by"] == {
        "metric": "elbo",
        "split": "validation",
        "value": best["value"],
    }


@pytest.mark.parametrize("split", ["test", "test[:100]", "train+test[10%:]", "all"])
def test_test_split_chooses_no_checkpoint(tmp_path, split):
    with pytest.raises(ValueError, match="must be a validation split"):
        loop.train(
            experiment(*MEASURED, f"train.evaluate_split={split}"),
            runs.Run(tmp_path / "run"),
            verbose=False,
        )
    assert not (tmp_path / "run").exists()


def test_a_continued_run_knows_how_good_the_best_one_was(tmp_path, monkeypatch):
    run = runs.Run(tmp_path / "run")
    for epochs, value, best in [(2, 1.0, 6), (4, 2.0, 6), (6, 0.5, 18)]:
        monkeypatch.setattr(
            measurements,
            "measure",
            lambda candidate, metric, value=value: measurement(candidate, metric, value),
        )
        assert loop.train(experiment(*MEASURED, f"train.epochs={epochs}"), run, verbose=False) == 0
        assert int(checkpoints.load_game(runs.Run(run.directory, best=True)).step.numpy()) == best


def test_measuring_changes_no_weight(tmp_path):
    plain, measured = (runs.Run(tmp_path / name) for name in ("plain", "measured"))
    assert (
        loop.train(experiment("train.epochs=2", "train.steps_per_epoch=3"), plain, verbose=False)
        == 0
    )
    assert loop.train(experiment(*MEASURED, "train.epochs=2"), measured, verbose=False) == 0
    for a, b in zip(
        checkpoints.load_game(plain).state(), checkpoints.load_game(measured).state(), strict=True
    ):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert json.loads(measured.metrics.read_text())["protocol"]["references"].startswith(
        "train[:50]"
    )


@pytest.mark.parametrize(
    "metric, message",
    [
        ("sliced_wasserstain", "Did you mean 'sliced_wasserstein'"),
        ("ms_ssim", "a better direction"),
    ],
)
def test_a_metric_that_chooses_nothing_is_refused_before_training(tmp_path, metric, message):
    with pytest.raises(ValueError, match=message):
        loop.train(
            experiment("train.evaluate_every=1", f"train.metric={metric}"),
            runs.Run(tmp_path / "run"),
            verbose=False,
        )
    assert not (tmp_path / "run").exists()


def test_without_measurements_there_is_no_best_checkpoint(tmp_path):
    run = runs.Run(tmp_path / "run", best=True)
    assert (
        loop.train(experiment("train.epochs=1", "train.steps_per_epoch=1"), run, verbose=False) == 0
    )
    with pytest.raises(FileNotFoundError, match="trained with train.evaluate_every"):
        checkpoints.load_game(run)


def test_a_classifier_learns_its_data_set_s_classes(tmp_path):
    small = [
        "data.name=digits",
        "game.classifier.dropout_rate=0",
        "train.epochs=2",
        "data.batch_size=64",
    ]
    run = runs.Run(tmp_path / "run")
    assert loop.train(configs.load("features_mnist").override(small), run, verbose=False) == 0
    assert measurements.evaluate(run, "accuracy", verbose=False)["value"] > 60.0
    assert not (run.directory / "samples").exists()


def test_gathered_statistics_are_used_and_the_run_continues_without_them(tmp_path):
    small = [
        "train.steps_per_epoch=3",
        "game.generator.units=8,8",
        "game.encoder.units=8,8",
        "game.critic.units=8,8",
        "data.batch_size=16",
    ]

    def trained(name, *settings):
        run = runs.Run(tmp_path / name)
        chosen = configs.load("bigan_digits").override([*small, *settings])
        assert loop.train(chosen, run, verbose=False) == 0
        return run

    gathered = trained("gathered", "train.epochs=1", "train.gather_statistics=4")
    plain = trained("plain", "train.epochs=1")
    own, usual = (checkpoints.load_game(run) for run in (gathered, plain))
    moving = {id(v) for v in statistics.variables(own)}
    for a, b in zip(own.variables, usual.variables, strict=True):
        assert np.array_equal(a.numpy(), b.numpy()) == (id(a) not in moving)
    source = experiments.load(gathered.experiment())
    batches = sources.batches(source, batch_size=16, seed=0, start=3).take(4)
    for v, value in zip(statistics.variables(own), statistics.gathered(usual, batches)):
        np.testing.assert_allclose(v.numpy(), value, rtol=1e-6)
    record = measurements.evaluate(gathered, "reconstruction", num=50, verbose=False)
    assert record["protocol"]["batch_statistics"] == "of 4 batches after the training"
    # another number of epochs, and so a step that has no statistics of its own
    for run in (gathered, plain):
        trained(run.directory.name, "train.epochs=2")
    own, usual = (checkpoints.load_game(run) for run in (gathered, plain))
    for a, b in zip(own.state(), usual.state(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("assignment", ["game.prior.size=0", "game.generator.width=0"])
def test_a_training_that_is_refused_leaves_no_directory(assignment, tmp_path):
    run = runs.Run(tmp_path / "run")
    with pytest.raises(ValueError, match="must be"):
        loop.train(configs.load("dcgan_digits").override([assignment]), run, verbose=False)
    assert not run.directory.exists()
