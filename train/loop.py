"""The training program: from an experiment to a finished run, and on from where a run stopped."""

import contextlib
import functools

from configs import schema
from export.runtime import places
from train import (
    arithmetic,
    callbacks,
    checkpoints,
    devices,
    disk_errors,
    experiments,
    live_line,
    measuring,
    owners,
    plan,
    resuming,
    runs,
    statistics,
    tensorboard,
)
from train.data import descriptions, digests, opened, sources, table
from train.inference import codes
from train.report import run_page
from zoo.games import execution

NOT_FINITE = 3  # exit status
SIGNALLED = 128  # exit status, to which the signal's number is added


def train(
    experiment: schema.Experiment, run: runs.Run, *, asked: str = devices.ALL, verbose: bool = True
) -> int:
    """Trains from the newest checkpoint of the run, or from the start, to the last epoch.

    Args:
        experiment: What to train.
        run: Where to write; a directory that holds the same experiment is continued.
        asked: The devices to train on, as in `devices.chosen`.
        verbose: Whether to show on a terminal how far the epoch is.

    Returns:
        The exit status: 0 when all epochs are done, 128 plus the signal's number after SIGTERM or
        Ctrl-C, 3 when a loss was not finite.

    Raises:
        FileNotFoundError: If the directory is that of a bundle.
        ValueError: If the directory holds another experiment, the batch size is not a multiple of
            the number of devices, or `train.metric` cannot choose a checkpoint; or if another
            process trains in the directory, or a file of the run is damaged.
        OSError: If the disk is full, the directory is read-only, or examples that are read while
            the run trains are gone; in one sentence.
    """
    places.check_no_bundle(run.directory)
    try:
        with owners.held(run.directory):
            return _train(experiment, run, asked, verbose)
    except disk_errors.ERRORS as error:
        explained = disk_errors.explained(error, run)
        if explained is None:
            raise
        raise explained from error


def _train(experiment: schema.Experiment, run: runs.Run, asked: str, verbose: bool) -> int:
    experiment = run.continued(experiment)
    measured = measuring.Measure.asked(experiment)
    # before the data: devices cannot be divided once a tensor lies on one
    on = devices.chosen(asked, experiment.data.batch_size)
    jit = arithmetic.settle(experiment, on)
    source = experiments.load(experiment)
    experiment = experiments.settled(experiment, source)
    data, settings = descriptions.describe(source), experiment.train
    # Only the start takes the mean of the data; a continued run reads its weights.
    mean_image = sources.mean_image(source) if source.has_images else None
    with on.strategy.scope() if on.strategy else contextlib.nullcontext():
        game = experiments.trainable(experiment, data, mean_image=mean_image, jit=jit)
        batch = experiment.data.batch_size * game.turns
        steps = settings.steps_per_epoch or sources.steps_per_epoch(source, batch)
        game.steps_per_execution = execution.divisor(steps, settings.steps_per_execution)
        _check_examples(source, batch)
        digest = digests.digest(experiment.data.name, content=settings.check_bytes)
        # last: what is refused leaves no directory behind
        run.start(experiment, data, digest, on.record())
        saved = checkpoints.Checkpoints(run.checkpoints, game, copied=resuming.watched(run))
        resuming.sweep(run, saved)
        restored = saved.restore()
        resuming.check(run, saved, restored)
    origin = "new" if restored is None else f"continued at step {restored}"
    lines = [f"Run: {run.directory}  ({origin}, on {on})"]
    lines += plan.unreached(game, steps * settings.epochs)
    print("\n".join(lines), flush=True)
    done = restored or 0
    totals = [v.numpy() for v in game.metrics_variables] if done % steps else None
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
            totals=totals,
        ),
    ]
    if measured:
        used.append(measuring.Measure(run, experiment, saved, steps))
        used[-1].make(game)  # what a kill after the newest checkpoint left out
    tensorboard.resume(run, done, list(game.players()))
    if done and not done % steps and done < steps * settings.epochs:
        run_page.write(run, references=game.references())
    used += [tensorboard.TensorBoard(run)]
    with callbacks.Stop(saved) as stop:
        kept = None
        try:
            for count, until in _segments(done, steps, settings.epochs):
                start = int(game.step.numpy())
                game.fit(
                    sources.batches(
                        source,
                        inputs=game.inputs,
                        batch_size=batch,
                        seed=experiment.seed,
                        start=start,
                        flip=experiment.data.flip,
                    ),
                    steps_per_epoch=count,
                    initial_epoch=start // steps,
                    epochs=until,
                    callbacks=[stop, *used],
                    verbose=0,
                )
                if stop.failure or stop.signal is not None:
                    break
            if stop.signal is not None and not stop.failure:
                kept = saved.save()
        # of a checkpoint: the weights overflowed while every logged value was still finite
        except FloatingPointError as error:
            stop.failure = str(error)
        if stop.failure:
            print(f"{stop.failure}\n  report: {run_page.write(run)}", flush=True)
            return NOT_FINITE
        if kept is not None:
            print(
                f"Saved {kept}; the same command continues the run\n"
                f"  report: {run_page.write(run, game)}",
                flush=True,
            )
            return SIGNALLED + stop.signal
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


def _segments(done: int, steps: int, epochs: int) -> list[tuple[int, int]]:
    """Returns (steps per epoch, last epoch) of each call of `fit`.

    A run that stopped inside an epoch first makes the rest of it, then whole epochs.
    """
    whole, rest = divmod(done, steps)
    if whole >= epochs:
        return []
    if not rest:
        return [(steps, epochs)]
    first = (steps - rest, whole + 1)
    return [first, (steps, epochs)] if whole + 1 < epochs else [first]


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
