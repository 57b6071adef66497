"""What a run makes up for, and what it looks at, before it goes on from a checkpoint."""

import csv
import errno
import json
import re
import shutil

import numpy as np
import pytest
import tensorflow as tf

import configs
from export.runtime import files
from train import checkpoints, disk_errors, loop, measuring, resuming, runs
from train.evaluation import measurements, records

SETTINGS = [
    "game.generator=mlp_generator",
    "game.generator.units=4",
    "game.critic=mlp_critic",
    "game.critic.units=4",
    "game.prior.size=5",
    "data.batch_size=4",
    "data.split=train[:64]",
    "train.samples=9",
    "train.steps_per_epoch=2",
    "train.epochs=2",
    "train.evaluate_every=1",
    "train.checkpoint_every=1",
    "train.metric=sliced_wasserstein",
    "train.evaluate_num=50",
]


class Killed(BaseException):
    """Ends a training where a signal would: nothing in the project catches it."""


def experiment(*assignments):
    return configs.load("dcgan_digits").override([*SETTINGS, *assignments])


def train(run, *assignments):
    return loop.train(experiment(*assignments), run, verbose=False)


def outcome(run):
    """What must not depend on whether a run was killed."""
    with run.history.open(newline="") as file:
        rows = [
            {
                name: cell
                for name, cell in row.items()
                if name not in ("seconds", "images_per_second")
            }
            for row in csv.DictReader(file)
        ]
    lines = [json.loads(line) for line in run.metrics.read_text().splitlines()]
    measured = [
        {**line, "seconds": 0, "protocol": {**line["protocol"], "data": ""}} for line in lines
    ]
    states = [
        [
            v.numpy().tobytes()
            for v in checkpoints.load_game(runs.Run(run.directory, best=best)).state()
        ]
        for best in (False, True)
    ]
    best = files.read_json(run.checkpoints / checkpoints.BEST_FILE)
    samples = {path.name: path.read_bytes() for path in run.samples.iterdir()}
    return {"rows": rows, "measured": measured, "states": states, "best": best, "samples": samples}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = runs.Run(tmp_path_factory.mktemp("whole") / "run")
    assert train(run) == 0
    return run, outcome(run)


def dies(monkeypatch, where, name, *, call=1, before=True):
    """Kills the training before, or after, a call of a function."""
    function, calls = getattr(where, name), []

    def killed(*args, **options):
        calls.append(None)
        if len(calls) == call and before:
            raise Killed
        result = function(*args, **options)
        if len(calls) == call:
            raise Killed
        return result

    monkeypatch.setattr(where, name, killed)


@pytest.mark.parametrize(
    ("where", "name", "call", "before"),
    [
        (measurements, "measure", 2, True),
        (records, "append", 2, True),
        (records, "append", 1, False),
        (checkpoints.Checkpoints, "save_best", 1, True),
    ],
    ids=["measurement", "record", "best", "best_again"],
)
def test_a_kill_at_the_end_of_an_epoch_loses_nothing(
    where, name, call, before, whole, tmp_path, monkeypatch
):
    run = runs.Run(tmp_path / "run")
    with monkeypatch.context() as patched:
        dies(patched, where, name, call=call, before=before)
        with pytest.raises(Killed):
            train(run)
    assert train(run) == 0
    assert outcome(run) == whole[1]


def test_epochs_that_are_made_again_have_one_record_each(whole, tmp_path, monkeypatch):
    run = runs.Run(tmp_path / "run")
    rarely = "train.checkpoint_every=9"
    with monkeypatch.context() as patched:
        dies(patched, records, "append", before=False)
        with pytest.raises(Killed):
            train(run, rarely)
    assert not list(run.checkpoints.glob("*.index")) and run.metrics.exists()
    assert train(run, rarely) == 0
    assert outcome(run) == whole[1]


def test_a_record_of_a_user_is_none_of_the_training(whole, tmp_path):
    """`zoo evaluate` may have measured the same step by the same metric."""
    run = runs.Run(tmp_path / "run")
    assert train(run, "train.evaluate_every=0") == 0
    users = measurements.evaluate(run, "sliced_wasserstein", num=50, verbose=False)
    assert train(run) == 0
    assert records.read(run.metrics)[0][0] == json.loads(json.dumps(users))
    assert [line["step"] for line in records.read(run.metrics)[0]] == [4, 4]


def test_a_finished_run_is_measured_once(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(measuring.measurements, "measure", lambda *_: 1 / 0)
    run, expected = whole
    assert train(run) == 0
    assert outcome(run) == expected


def test_a_broken_last_line_is_cut_off_before_a_run_goes_on(tmp_path):
    path = tmp_path / "metrics.jsonl"
    records.mend(path)
    assert not path.exists()
    path.write_text('{"a": 1}\n{"a"')
    records.mend(path)
    assert path.read_text() == '{"a": 1}\n'
    path.write_text('{"a": 1}\n{"a": 2}')  # only the end of the line is missing
    records.mend(path)
    assert path.read_text() == '{"a": 1}\n{"a": 2}\n'


def test_a_record_takes_the_place_of_an_earlier_one(tmp_path):
    path = tmp_path / "metrics.jsonl"
    for number in (1, 2, 3):
        records.append(path, {"a": number})
    records.append(path, {"a": 5}, instead_of=lambda record: record["a"] % 2)
    assert records.read(path)[0] == [{"a": 5}, {"a": 2}]
    records.append(path, {"a": 6}, instead_of=lambda record: record["a"] > 9)
    assert records.read(path)[0] == [{"a": 5}, {"a": 2}, {"a": 6}]


def test_partial_files_of_a_killed_process_are_swept(whole, tmp_path):
    run = whole[0]
    left = [run.directory / "history.csv.partial", run.samples / "step_00000099.png.partial"]
    left += [run.checkpoints / "best" / "best.json.partial"]
    for path in left:
        path.write_bytes(b"half")
    assert train(run) == 0
    assert not any(path.exists() for path in left)
    np.testing.assert_equal(outcome(run), whole[1])


@pytest.fixture(scope="module")
def game(whole):
    return checkpoints.load_game(whole[0])


def go_on(run, game):
    """What a training does before it goes on from a checkpoint."""
    run.start(run.experiment(), run.record()["data"])
    saved = checkpoints.Checkpoints(run.checkpoints, game, copied=resuming.watched(run))
    resuming.sweep(run, saved)
    resuming.check(run, saved, 4)


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path):
    """Changes a digit behind a point, so that the file can still be read and a number is another.

    Of the last digits of a number, such as a duration, several may stand for the same float.
    """
    content = path.read_bytes()
    at = [match.end() for match in re.finditer(rb"\.[2-9]", content)][-1]
    path.write_bytes(content[: at - 1] + b"1" + content[at:])


def empty(path):
    path.write_bytes(b"")


def delete(path):
    path.unlink()


def other_rate(path):
    path.write_text(path.read_text().replace('"learning_rate": 0.0002', '"learning_rate": 0.0003'))


def other_split(path):
    path.write_text(path.read_text().replace("train[:64]", "train[:65]"))


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("experiment.json", cut),
        ("experiment.json", empty),
        ("experiment.json", delete),
        ("experiment.json", other_rate),
        ("history.csv", cut),
        ("history.csv", flip),
        ("history.csv", empty),
        ("history.csv", delete),
        ("metrics.jsonl", cut),
        ("metrics.jsonl", flip),
        ("metrics.jsonl", delete),
        ("checkpoints/best/best.json", cut),
        ("checkpoints/best/best.json", flip),
        ("checkpoints/best/best.json", other_split),
        ("checkpoints/best/best.json", delete),
    ],
)
def test_a_damaged_file_stops_the_run_and_its_copy_is_the_cure(name, harm, whole, game, tmp_path):
    run = runs.Run(tmp_path / "run")
    shutil.copytree(whole[0].directory, run.directory)
    path = run.directory / name
    before = path.read_bytes()
    harm(path)
    assert not path.exists() or path.read_bytes() != before
    with pytest.raises(ValueError, match="must be as the run wrote it") as refused:
        go_on(run, game)
    (line,) = str(refused.value).splitlines()
    assert f"Last good checkpoint: {run.checkpoints}/step-4; " in line
    copy = run.checkpoints / f"step-4.{path.name}"
    assert f"{copy} is the copy of the file that was saved with it" in line
    shutil.copyfile(copy, path)
    go_on(run, game)
    assert outcome(run) == whole[1]


@pytest.mark.parametrize("ending", ["index", "data-00000-of-00001"])
@pytest.mark.parametrize("harm", [cut, empty, delete])
def test_a_damaged_best_checkpoint_stops_the_run(ending, harm, whole, game, tmp_path):
    run = runs.Run(tmp_path / "run")
    shutil.copytree(whole[0].directory, run.directory)
    (path,) = (run.checkpoints / "best").glob(f"*.{ending}")
    harm(path)
    with pytest.raises(ValueError, match="best.json.*Last good checkpoint: .*step-4"):
        go_on(run, game)
    shutil.rmtree(run.checkpoints / "best")  # as the error says
    go_on(run, game)


def test_a_damaged_copy_does_no_harm(whole, game, tmp_path):
    run = runs.Run(tmp_path / "run")
    shutil.copytree(whole[0].directory, run.directory)
    for path in run.checkpoints.glob("step-4.*"):
        if path.suffix in (".csv", ".json", ".jsonl"):
            cut(path)
    go_on(run, game)
    assert outcome(run) == whole[1]


def test_a_history_that_is_no_table_is_refused_without_copies_too(whole, game, tmp_path):
    run = runs.Run(tmp_path / "run")
    shutil.copytree(whole[0].directory, run.directory)
    for path in run.checkpoints.glob("step-*.sums"):
        path.unlink()  # as checkpoints were before they had copies
    cut(run.history)
    with pytest.raises(ValueError, match="history.csv.*no table of epochs.*put a copy back"):
        go_on(run, game)


def errors_of_a_disk(run):
    text = f"{run.directory}/checkpoints/step-4.partial/step-4"
    return {
        "room": OSError(errno.ENOSPC, "No space left on device"),
        "limit": tf.errors.OutOfRangeError(None, None, f"{text}; File too large"),
        "read_only": OSError(errno.EROFS, "Read-only file system", f"{run.history}.partial"),
        "closed": tf.errors.PermissionDeniedError(None, None, f"{text}; Permission denied"),
    }


@pytest.mark.parametrize("kind", ["room", "limit", "read_only", "closed"])
def test_a_disk_that_takes_nothing_ends_a_run_in_one_sentence(kind, whole, tmp_path, monkeypatch):
    run = runs.Run(tmp_path / "run")
    shutil.copytree(whole[0].directory, run.directory)
    error = errors_of_a_disk(run)[kind]

    def refuse(*_, **__):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints.Checkpoints, "save", refuse)
        with pytest.raises(disk_errors.StoppedError) as stopped:
            train(run, "train.epochs=3")
    (line,) = str(stopped.value).splitlines()
    assert f"Last good checkpoint: {run.checkpoints}/step-4; " in line
    assert line.endswith("and the same command continues the run")


def test_other_errors_keep_their_traceback(whole):
    run = whole[0]
    foreign = OSError(errno.EACCES, "Permission denied", "elsewhere")
    for error in (
        FileNotFoundError(errno.ENOENT, "a"),
        foreign,
        tf.errors.AbortedError(None, None, "a"),
    ):
        assert disk_errors.explained(error, run) is None


READ = """Graph execution error:
Error in user-defined function passed to ParallelMapDatasetV2:19 transformation with iterator: \
Iterator::Root::Prefetch::ParallelMapV2: {}
\t [[{{{{node map/while/ReadFile}}}}]]"""


@pytest.mark.parametrize(
    "reason",
    ["a/9.png; No such file or directory", "UnreadableImageError: a/6.webp: truncated"],
)
def test_examples_that_are_gone_are_named(whole, reason):
    error = tf.errors.NotFoundError(None, None, READ.format(reason))
    (line,) = str(disk_errors.explained(error, whole[0])).splitlines()
    assert line.startswith(f"Examples must stay readable while a run trains. Received: {reason}. ")


def test_a_best_of_the_step_that_a_run_goes_on_from_is_looked_at_too(whole, game, tmp_path):
    run = runs.Run(tmp_path / "run")
    shutil.copytree(whole[0].directory, run.directory)
    best = run.checkpoints / checkpoints.BEST_FILE
    step = json.loads(best.read_text())["step"]
    other_split(best)
    saved = checkpoints.Checkpoints(run.checkpoints, game, copied=resuming.watched(run))
    with pytest.raises(ValueError, match=f"best.json, which does not hold .* at step {step}"):
        resuming.check(run, saved, step)
