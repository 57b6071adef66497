"""The training program: from an experiment to a run directory, and on from where it stopped."""

import contextlib
import math

import keras
import numpy as np
import tensorflow as tf

from configs import schema
from train import callbacks, checkpoints, runs
from train.data import labels, sources, table
from train.inference import codes, samples
from train.report import run_page


def train(
    experiment: schema.Experiment, run: runs.Run, *, replicas: int = 0, verbose: bool = True
) -> int:
    """Trains until the experiment's last epoch, or on from the run's newest checkpoint.

    Args:
        experiment: What to train.
        run: Where to; a directory that holds the same experiment is continued.
        replicas: How many GPUs, or logical CPU devices where there is no GPU; 0 for every GPU.
        verbose: Whether to show Keras's progress bar.

    Returns:
        0 when all epochs are done; 128 plus the signal's number after SIGTERM or Ctrl-C; 3 when a loss was not finite.

    Raises:
        ValueError: If the directory holds another experiment, the batch does not divide by the replicas, or a metric is none.
    """
    measure = callbacks.Measure.asked(experiment)
    strategy = _strategy(
        replicas, experiment.data.batch_size
    )  # before the data: devices cannot be made once a tensor lies on one
    source = load(experiment)
    run.start(experiment, runs.describe(source))
    settings = experiment.train
    # set by the data's mean only at the start; a continued run reads its weights
    mean_image = None if source.value_range is None else sources.mean_image(source)
    with strategy.scope() if strategy else contextlib.nullcontext():
        game = runs.compiled(experiment, runs.describe(source), mean_image=mean_image)
        batch = experiment.data.batch_size * game.turns
        steps = settings.steps_per_epoch or sources.steps_per_epoch(source, batch)
        game.steps_per_execution = _divisor(steps, settings.steps_per_execution)
        saved = checkpoints.Checkpoints(run.checkpoints, game)
        restored = saved.restore()
    print(
        f"Run: {run.directory}  ({'new' if restored is None else f'continued at step {restored}'})",
        flush=True,
    )
    for words in _unreached(game, steps * settings.epochs):
        print(words, flush=True)
    done = restored or 0
    totals = [v.numpy() for v in game.metrics_variables] if done % steps else None
    _check_examples(source, batch)
    classes = (
        labels.load(experiment.data.name, split=experiment.data.split)
        if "label" in game.inputs
        else None
    )
    every = callbacks.Epochs(
        run=run,
        epochs=settings.epochs,
        steps_per_epoch=steps,
        examples_per_step=batch,
        x=sources.in_range(sources.images(source, 1000).astype(np.float32), source.value_range),
        draw=samples.drawer(game, experiment.seed) if "sample" in game.endpoints() else None,
        views=codes.viewer(game, experiment.seed),
        checkpoints=saved,
        sample_every=settings.sample_every,
        checkpoint_every=settings.checkpoint_every,
        samples=settings.samples,
        value_range=source.value_range,
        totals=totals,
    )
    measured = [callbacks.Measure(run, experiment, saved, steps)] if measure else []
    board = keras.callbacks.TensorBoard(str(run.logs), write_graph=False, profile_batch=0)
    with callbacks.Stop(saved) as stop:
        kept = None
        try:
            # the rest of a broken epoch first, then whole ones
            for count, until in _segments(done, steps, settings.epochs):
                start = int(game.step.numpy())
                game.fit(
                    sources.batches(
                        source, batch_size=batch, seed=experiment.seed, start=start, labels=classes
                    ),
                    steps_per_epoch=count,
                    initial_epoch=start // steps,
                    epochs=until,
                    callbacks=[stop, every, *measured, board],
                    verbose=1 if verbose else 0,
                )
                if stop.failure or stop.signal is not None:
                    break
            if stop.signal is not None and not stop.failure:
                kept = saved.save()
        except (
            FloatingPointError
        ) as error:  # weights that overflowed while every report was still finite
            stop.failure = str(error)
        if stop.failure:
            print(f"{stop.failure}\n  report: {run_page.write(run)}", flush=True)
            return 3
        if kept is not None:
            print(
                f"Saved {kept}; the same command continues the run\n  report: {run_page.write(run, game)}",
                flush=True,
            )
            return 128 + stop.signal
    told = {
        "samples": run.samples,
        "history": run.history,
        "checkpoint": saved.newest,
        "report": run_page.write(run, game),
    }
    print(
        "\n".join(
            [f"Done: {run.directory}", *(f"  {what}: {path}" for what, path in told.items())]
        ),
        flush=True,
    )
    return 0


def load(experiment: schema.Experiment) -> sources.Source:
    """Returns the experiment's examples."""
    d = experiment.data
    return sources.load(
        d.name,
        split=d.split,
        size=d.size,
        crop=d.crop,
        value_range=d.value_range,
        skip_unreadable=d.skip_unreadable,
    )


def plan(experiment: schema.Experiment) -> str:
    """Returns what `--dry_run` prints: shapes, parameters, memory and steps, without a step being made.

    Works for a TFDS data set that is not on this machine too; the count of its examples is then not known.
    """
    d, missing = experiment.data, None
    try:
        source = load(experiment)
        shape, count, value_range = source.shape, source.count, source.value_range
    except table.NotPreparedError as error:
        shape, count, value_range, missing = (
            table.shape(d.name, size=d.size, crop=d.crop),
            None,
            d.value_range,
            error,
        )
    game = runs.compiled(experiment, {"shape": shape, "value_range": value_range})
    batch = experiment.data.batch_size * game.turns
    settings = experiment.train
    steps = settings.steps_per_epoch or (None if count is None else max(1, count // batch))
    total = steps and steps * settings.epochs
    lines = [
        f"{experiment.name}: {experiment.paper}",
        f"data       {experiment.data.name}: {count or 'unknown count of'} examples {tuple(shape)}",
    ]
    activations = 0
    for name, player in game.players().items():
        for network in player.networks:
            weights = sum(math.prod(v.shape) for v in network.trainable_variables)
            lines.append(
                f"{name:10} moves {player.updates}x  {network.name}: {weights:,} parameters"
            )
            activations += sum(
                math.prod(d or 1 for d in tensor.shape)
                for layer in network.layers
                for tensor in _outputs(layer)
            )
    state = sum(math.prod(v.shape) * tf.as_dtype(v.dtype).size for v in game.state())
    activations *= experiment.data.batch_size * 4
    lines += [
        f"batch      {experiment.data.batch_size} a move, {batch} a step",
        f"memory     {state / 2**20:.1f} MiB of weights and optimizers, about {2 * activations / 2**20:.1f} MiB of activations and gradients",
        f"steps      {steps or 'unknown'} an epoch, {settings.epochs} epochs"
        + (f", {total:,} in all" if total else ""),
    ]
    lines += [f"unreached  {words}" for words in _unreached(game, total)] if total else []
    return "\n".join(lines + ([f"missing    {missing}"] if missing else []))


def _unreached(game, steps: int) -> list[str]:
    """Returns a sentence for each change of the game that lies beyond the last of some steps."""
    begins = f"The run ends after {steps:,} steps, before what the game changes at step"
    return [f"{begins} {first:,}" for first in sorted(game.phases()) if first and first >= steps]


def _outputs(layer) -> list:
    output = getattr(layer, "output", None)
    return output if isinstance(output, (list, tuple)) else [] if output is None else [output]


def _segments(done: int, steps: int, epochs: int) -> list[tuple[int, int]]:
    """Returns (steps per epoch, last epoch) of each call of `fit`."""
    first = (
        [(steps - done % steps, done // steps + 1)]
        if done % steps and done // steps < epochs
        else []
    )
    return first + ([(steps, epochs)] if -(-done // steps) < epochs else [])


def _divisor(number: int, limit: int) -> int:
    return max(d for d in range(1, max(1, limit) + 1) if number % d == 0)


def _check_examples(source: sources.Source, batch: int) -> None:
    if source.count < 2:
        raise ValueError(
            f"Training needs at least 2 examples. Received: {source.count} in {source.name!r}"
        )
    if batch > source.count:
        print(
            f"A step takes {batch} examples and {source.name!r} has {source.count}: each is seen more than once in a step",
            flush=True,
        )


def _strategy(replicas: int, batch_size: int):
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        tf.config.experimental.enable_op_determinism()  # free on a CPU, where it changes nothing
    count = replicas or max(1, len(gpus))
    if batch_size % count:
        raise ValueError(
            f"`batch_size` must be a multiple of the replicas. Received: batch_size={batch_size}, replicas={count}"
        )
    if count == 1:
        return None  # OneDeviceStrategy costs about three times as much a step
    kind = "GPU" if len(gpus) >= count else "CPU"
    if kind == "CPU":
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * count
        )
    return tf.distribute.MirroredStrategy([f"{kind}:{i}" for i in range(count)])
