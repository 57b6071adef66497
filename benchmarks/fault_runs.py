"""Tiny trainings of every game in processes that are forked, and what must come out of them."""

import csv
import json
import os
import pathlib
import signal
import sys
import time
import traceback
from typing import NamedTuple

import fault_points

from export.runtime import files
from zoo.command import verbs

PATIENCE = 300  # seconds for one process
TRAINED = (
    "data.batch_size=4",
    "train.epochs=6",
    "train.steps_per_epoch=2",
    "train.steps_per_execution=1",
    "train.samples=4",
    "train.checkpoint_every=1",
    "train.evaluate_every=2",
    "train.sample_every=2",
    "train.evaluate_num=20",
)
FEW = "data.split=train[:40]"
# game -> config, and the settings that make it tiny, with a metric that its samples have
GAMES = {
    "gan": (
        "dcgan_digits",
        *("game.generator=mlp_generator", "game.generator.units=4", "game.critic=mlp_critic"),
        *("game.critic.units=4", "game.prior.size=3", "optimizers.generator.use_ema=true"),
        *(FEW, "train.metric=sliced_wasserstein"),
    ),
    "tan": (
        "tan_ring",
        *("game.generator.units=4", "game.critic.units=4", "game.lens.units=4"),
        *("game.critic_updates=2", "train.metric=modes"),
    ),
    "bigan": (
        "bigan_digits",
        *("game.generator.units=4,4", "game.encoder.units=4,4", "game.critic.units=4,4"),
        *(FEW, "train.metric=reconstruction"),
    ),
    "age": ("age_digits", "game.generator.width=2", "game.encoder.width=2", FEW)
    + ("train.metric=reconstruction",),
    "vae": ("vae_toy", FEW, "train.metric=elbo"),
    "avb": ("avb_toy", FEW, "train.metric=elbo"),
    "cycle_gan": (
        "cycle_gan_digits",
        *("game.a_to_b.width=2", "game.b_to_a.width=2", "game.a_to_b.blocks=1"),
        *("game.b_to_a.blocks=1", "game.critic_a.width=2", "game.critic_b.width=2"),
        *(FEW, "train.metric=cycle_error"),
    ),
    "supervised": ("features_mnist", "data.name=digits", FEW, "train.metric=accuracy"),
}


class Attempt(NamedTuple):
    """One process that trained, or tried to.

    Attributes:
        code: Its exit code; that of a signal is negative.
        output: What it printed.
        struck: Whether its fault happened.
        outcome: What `outcome` says, of a process that ended with 0; None of another.
    """

    code: int
    output: str
    struck: bool
    outcome: dict | None

    @property
    def sentence(self) -> str:
        """The one line in which the command says why it stops; empty if there is none."""
        lines = [line for line in self.output.splitlines() if line.startswith("zoo train: ")]
        return lines[-1] if lines and "Traceback" not in self.output else ""


def words(game: str, directory: pathlib.Path, replicas: int = 1, *settings: str) -> list[str]:
    """Returns the words of the command `zoo` that trains a game."""
    config, *tiny = GAMES[game]
    assignments = [*tiny, *TRAINED, *settings]
    return [
        *("train", f"--config={config}", f"--workdir={directory}", "--noprogress"),
        f"--devices=cpu:{replicas}",
        *(f"--set={assignment}" for assignment in assignments),
    ]


def attempt(command: list[str], fault=None, prepare=None) -> Attempt:
    """Runs a command of `zoo` in a process that is forked from this one, and waits for it.

    Args:
        command: Words of the command, one of which is `--workdir`.
        fault: What `fault_points.install` takes.
        prepare: Function that the process calls first.
    """
    log, output, answer = _reports(command)
    for path in (log, answer):
        path.unlink(missing_ok=True)
    code = _wait(started(command, fault, prepare))
    return Attempt(
        code,
        output.read_text(errors="replace"),
        log.is_file() and bool(log.read_text()),
        files.read_json(answer) if answer.is_file() else None,
    )


def started(command: list[str], fault=None, prepare=None) -> int:
    """Forks a process that runs a command of `zoo`, and returns its number."""
    log, output, answer = _reports(command)
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        streams = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(streams, stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if prepare:
            prepare()
        fault_points.install(fault, _directory(command), log)
        code = verbs.run(command)
        if code == 0:
            answer.write_text(json.dumps(outcome(_directory(command))))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _directory(command: list[str]) -> pathlib.Path:
    return next(pathlib.Path(word[10:]) for word in command if word.startswith("--workdir="))


def _reports(command: list[str]) -> list[pathlib.Path]:
    """Returns the files that say whether the fault happened, what was printed, what came out."""
    directory = _directory(command)
    return [directory.with_name(f"{directory.name}.{end}") for end in ("log", "out", "json")]


def ends(
    place: pathlib.Path, expected: dict, *settings: str, without: tuple = (), prepare=None
) -> tuple[bool, str]:
    """Continues a run without a fault, and says whether it ends as the undisturbed one."""
    done = attempt(words("gan", place, 1, *settings), prepare=prepare)
    if done.outcome is None:
        return False, f"exit code {done.code}: {done.sentence or done.output[-500:]}"
    differing = [d for d in differences(expected, done.outcome) if d not in without]
    return not differing, f"differs: {differing}" if differing else "equals the undisturbed run"


def differences(expected: dict, actual: dict) -> list[str]:
    """Returns the names in which two outcomes differ."""
    return [name for name in expected if expected[name] != actual[name]]


def _wait(child: int) -> int:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def outcome(directory: pathlib.Path) -> dict:
    """Returns what must not depend on faults, as digests by name: all but times."""
    import tensorflow as tf  # in a process that may make tensors

    def state(folder: pathlib.Path) -> str:
        (newest,) = sorted(folder.glob("*.index"), key=lambda path: int(path.stem[5:]))[-1:]
        reader = tf.train.load_checkpoint(str(newest.with_suffix("")))
        names = sorted(name for name in reader.get_variable_to_shape_map() if "state/" in name)
        return files.digest(newest.stem.encode(), *(reader.get_tensor(name) for name in names))

    def no_times(row: dict) -> dict:
        return {k: v for k, v in row.items() if k not in ("seconds", "images_per_second", "commit")}

    with (directory / "history.csv").open(newline="") as file:
        rows = [no_times(row) for row in csv.DictReader(file)]
    measured = [
        no_times(json.loads(line))
        for line in (directory / "metrics.jsonl").read_text().splitlines()
    ]
    best = files.read_json(directory / "checkpoints/best/best.json")
    samples = sorted((directory / "samples").glob("*.png"))
    return {
        "variables": state(directory / "checkpoints"),
        "best": state(directory / "checkpoints/best") + json.dumps(best),
        "history": files.digest(json.dumps(rows).encode()),
        "metrics": files.digest(json.dumps(measured).encode()),
        "samples": {path.name: files.digest(path) for path in samples},
        "events": events(directory / "logs"),
        "left over": sorted(
            str(path.relative_to(directory)) for path in directory.rglob("*.partial")
        ),
    }


def events(folder: pathlib.Path) -> str:
    """Returns a digest of the steps and tags of all of TensorBoard's events."""
    import tensorflow as tf

    names = sorted(
        (event.step, value.tag)
        for path in folder.glob("events.*")
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
        for event in [tf.compat.v1.Event.FromString(record)]
        for value in event.summary.value
        if "images_per_second" not in value.tag  # which the first epoch of a process lacks
    )
    return files.digest(json.dumps(names).encode())
