"""The training program: from an experiment to a finished run, and on from where a run stopped."""

import contextlib
import functools
import json

import tensorflow as tf

from configs import schema
from export.runtime import places
from train import (
    arithmetic,
    callbacks,
    checkpoint_files,
    checkpoints,
    clusters,
    devices,
    disk_errors,
    experiments,
    live_line,
    measuring,
    owners,
    plan,
    resuming,
    runs,
    segments,
    statistics,
    tensorboard,
    workers,
)
from train.data import descriptions, digests, loading, opened, sources, table
from train.inference import codes
from train.report import run_page
from zoo.games import execution

NOT_FINITE = 3  # exit status
SIGNALLED = 128  # exit status, to which the signal's number is added


def train(
    experiment: schema.Experiment,
    run: runs.Run,
    *,
    asked: str = devices.ALL,
    cluster: clusters.Cluster | None = None,
    verbose: bool = True,
) -> int:
    """Trains from the newest checkpoint of the run, or from the start, to the last epoch.

    Args:
        experiment: What to train.
        run: Where to write; a directory that holds the same experiment is continued.
        asked: The devices to train on, as in `devices.chosen`.
        cluster: Processes that train it together, of which the first one alone writes.
        verbose: Whether to show on a terminal how far the epoch is.

    Returns:
        The exit status: 0 when all epochs are done, 128 plus the signal's number after SIGTERM or
        Ctrl-C, 3 when a loss was not finite, 4 when another worker was lost.

    Raises:
        FileNotFoundError: If the directory is that of a bundle.
        ValueError: If the directory holds another experiment, the batch size is not a multiple of
            the number of devices, or `train.metric` cannot choose a checkpoint; or if another
            process trains in the directory, or a file of the run is damaged.
        OSError: If the disk is full, the directory is read-only, or examples that are read while
            the run trains are gone; in one sentence.
    """
    places.check_no_bundle(run.directory)
    # before the data: devices cannot be divided once a tensor lies on one
    on = devices.chosen(asked, experiment.data.batch_size, cluster)
    team = workers.Workers(cluster, on.strategy) if cluster else workers.Alone()
    try:
        with owners.held(run.directory) if team.chief else contextlib.nullcontext():
            status = _train(experiment, run, on, team, verbose)
        team.largest(0)  # nobody goes before the chief has written everything
        return status
    except Exception as error:
        lost = team.lost(error)
        if lost:
            workers.leave(lost)
        if not isinstance(error, disk_errors.ERRORS):
            raise
        explained = disk_errors.explained(error, run)
        if explained is None:
            raise
        raise explained from error


def _train(
    experiment: schema.Experiment,
    run: runs.Run,
    on: devices.Devices,
    team: workers.Alone,
    verbose: bool,
) -> int:
    experiment = run.continued(experiment)
    measuring.Measure.asked(experiment)  # before the data are read, which may take long
    jit = arithmetic.settle(experiment, on)
    source = experiments.load(experiment)
    experiment = experiments.settled(experiment, source)
    try:
        return _trained(experiment, source, run, on, team, jit, verbose)
    except tf.errors.InvalidArgumentError:
        loading.check_readable(source)  # which names a file that could not be decoded
        raise


def _trained(
    experiment: schema.Experiment,
    source: opened.Source,
    run: runs.Run,
    on: devices.Devices,
    team: workers.Alone,
    jit: bool,
    verbose: bool,
) -> int:
    measured = measuring.Measure.asked(experiment)
    data, settings = descriptions.describe(source), experiment.train
    mean_image = None
    # a run that is continued reads its weights, which began with the mean
    if source.has_images and checkpoint_files.newest(run.checkpoints) is None:
        mean_image = functools.cache(functools.partial(sources.mean_image, source))
    with on.scope():
        game = experiments.trainable(experiment, data, mean_image=mean_image, jit=jit)
        batch = experiment.data.batch_size * game.turns
        steps = settings.steps_per_epoch or sources.steps_per_epoch(source, batch)
        game.steps_per_execution = execution.divisor(steps, settings.steps_per_execution)
        _check_examples(source, batch)
    team.check_same(json.dumps([experiment.as_dict(), data]))
    fit = functools.partial(segments.fit, game, source, experiment, batch, steps)
    if not team.chief:
        team.receive(game)
        with callbacks.Stop(checkpoints.Elsewhere(), team.agree) as stop:
            fit(stop, [callbacks.Totals(segments.totals(game, steps))])
        return _status(stop)
    with on.scope_of_one():
        digest = digests.digest(experiment.data.name, content=settings.check_bytes)
        # last: what is refused leaves no directory behind
        run.start(experiment, data, digest, on.record())
        saved = checkpoints.Checkpoints(run.checkpoints, game, copied=resuming.watched(run))
        resuming.sweep(run, saved)
        restored = saved.restore()
        resuming.check(run, saved, restored)
    team.receive(game)
    origin = "new" if restored is None else f"continued at step {restored}"
    lines = [f"Run: {run.directory}  ({origin}, on {on})"]
    lines += plan.unreached(game, steps * settings.epochs)
    print("\n".join(lines), flush=True)
    done = restored or 0
    draw = None
    if "sample" in game.endpoints():
        draw = functools.partial(game.sample, seed=experiment.seed)
    examples = sources.examples(experiments.shown(experiment, source), 1000, game.inputs)
    shown = {name: rows[: settings.samples] for name, rows in examples.items()}
    spread = examples[game.inputs[0]]
    if table.holds_out(experiment.data.name):  # held out are few; the first ones may be one class
        spread = sources.drawn(source, 1000, game.inputs[0])
    used = [
        live_line.LiveLine(settings.epochs, steps, shown=verbose),
        callbacks.Totals(segments.totals(game, steps)),
        callbacks.Epochs(
            run=run,
            settings=settings,
            steps_per_epoch=steps,
            examples_per_step=batch,
            x=spread,
            draw=draw,
            views=codes.viewer(game, experiment.seed, shown),
            saved=saved,
            value_range=source.value_range,
        ),
    ]
    if measured:
        used.append(measuring.Measure(run, experiment, saved, steps))
        used[-1].make(game)  # what a kill after the newest checkpoint left out
    tensorboard.resume(run, done, list(game.players()))
    if done and not done % steps and done < steps * settings.epochs:
        run_page.write(run, references=game.references())
    used += [tensorboard.TensorBoard(run)]
    with callbacks.Stop(saved, team.agree) as stop:
        kept = None
        try:
            fit(stop, used)
            if stop.signal is not None and not stop.failure:
                kept = saved.save()
        # of a checkpoint: the weights overflowed while every logged value was still finite
        except FloatingPointError as error:
            stop.failure = str(error)
        if stop.failure:
            print(f"{stop.failure}\n  report: {run_page.write(run)}", flush=True)
            return _status(stop)
        if kept is not None:
            print(
                f"Saved {kept}; the same command continues the run\n"
                f"  report: {run_page.write(run, game)}",
                flush=True,
            )
            return _status(stop)
    if settings.gather_statistics:
        statistics.gather(run, experiment, source)
    print(
        f"Done: {run.directory}\n"
        f"  samples: {run.samples}\n"
        f"  history: {run.history}\n"
        f"  checkpoint: {saved.newest}\n"
        f"  report: {run_page.write(run, game)}",
        flush=True,
    )
    return 0


def _status(stop: callbacks.Stop) -> int:
    if stop.failure:
        return NOT_FINITE
    return 0 if stop.signal is None else SIGNALLED + stop.signal


def _check_examples(source: opened.Source, batch: int) -> None:
    if source.count < 2:
        rest = f", and {source.held_out} held out; data.held_out=0 holds out none"
        raise ValueError(
            f"Training needs at least 2 examples. Received: {source.count} in {source.name!r}"
            + (rest if source.held_out else "")
        )
    if batch > source.count:
        print(
            f"A step takes {batch} examples and {source.name!r} has {source.count}: "
            "each is seen more than once in a step",
            flush=True,
        )
