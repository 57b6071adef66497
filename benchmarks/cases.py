"""The measured experiments: batches of 64 images of 28x28x1, built as `zoo train` builds them."""

import dataclasses
import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import random_examples

import configs
from configs import schema
from zoo.build import Spec

BATCH = 64
SHAPE = (28, 28, 1)
# floating-point operations of a step from which a call makes two steps, and one
LARGE, HUGE = 5e9, 50e9
# data sets of which the table takes the first examples only
LONG, EXAMPLES = ("mnist", "fashion_mnist"), 10_000


def _mlp(units: tuple[int, ...], critic_units: tuple[int, ...]) -> Spec:
    return Spec(
        "gan",
        loss=Spec("non_saturating"),
        prior=Spec("uniform", size=100),
        generator=Spec("mlp_generator", units=units),
        critic=Spec("mlp_critic", units=critic_units),
    )


def experiments_by_name() -> dict[str, schema.Experiment]:
    """Returns the experiments by name; in `mlp`, the smallest, a step's fixed cost weighs most."""
    dcgan = configs.load("dcgan_mnist").override([f"data.batch_size={BATCH}"])
    return {
        "dcgan": dcgan,
        "mlp": dataclasses.replace(dcgan, name="mlp", game=_mlp((256, 256), (256, 256))),
        # the generator of the first GAN's MNIST network, and f-GAN's critic
        "mlp_wide": dataclasses.replace(
            dcgan, name="mlp_wide", game=_mlp((1200, 1200), (240, 240))
        ),
        "wgan_gp": configs.load("wgan_gp_mnist").override([f"data.batch_size={BATCH}"]),
    }


def steps_per_execution(experiment: schema.Experiment, flops: int = 0) -> int:
    """Returns how many steps a call of the graph makes, in the game and in its peers.

    Args:
        experiment: The experiment.
        flops: Floating-point operations of a step, if they are known.
    """
    # ten steps in each of which the critic moves five times take half a minute
    few = flops > LARGE or experiment.game.options.get("critic_updates", 1) > 1
    return 1 if flops > HUGE else 2 if few else 10


def load(experiment: schema.Experiment, name: str):
    """Returns a data source at 28x28, in the experiment's range of values.

    Args:
        experiment: The experiment that trains on the images.
        name: "mnist", which must be prepared, or "digits", which needs no preparation.
    """
    from train.data import sources

    return sources.load(name, size=SHAPE[:2], value_range=experiment.data.value_range)


def game(experiment: schema.Experiment):
    """Returns the compiled game of an experiment at its initial weights."""
    from train import experiments

    described = {"shape": SHAPE, "value_range": experiment.data.value_range}
    return experiments.compiled(
        experiment, described, steps_per_execution=steps_per_execution(experiment)
    )


class Row(NamedTuple):
    """A row of the table of all configs, whose data are opened.

    Attributes:
        experiment: What is trained.
        data: What is known of its examples, as in the record of a run.
        real: Whether they are its data set; if not, they are random.
        mean_image: Function that returns the mean of the examples; None for points.
        batches: Function from a number of rows to batches of them without end.
        images: Function that returns all examples, or none if they are random.
    """

    experiment: schema.Experiment
    data: dict
    real: bool
    mean_image: Callable | None
    batches: Callable
    images: Callable

    def game(self, inner: int):
        """Returns the compiled game at its initial weights, of `inner` steps in a call."""
        from train import experiments

        return experiments.compiled(
            self.experiment, self.data, mean_image=self.mean_image, steps_per_execution=inner
        )


def names() -> list[str]:
    """Returns the rows of the table: all configs, and the two cases that are none."""
    return [*configs.available(), "mlp", "mlp_wide"]


def data_name(name: str) -> str:
    """Returns the name of the data of a row."""
    return _experiment(name).data.name


def _experiment(name: str) -> schema.Experiment:
    own = experiments_by_name()
    return own[name] if name in own and name not in configs.available() else configs.load(name)


@functools.cache
def _opened(data: schema.Data):
    """Returns the source of some examples; rows of one process that have the same share it."""
    from train import experiments

    experiment = dataclasses.replace(experiments_by_name()["mlp"], data=data)
    return experiments.load(experiment)


def row(name: str, *, data: str = "") -> Row:
    """Opens the data of a row.

    Where they are not on this machine, examples are random. Of MNIST and Fashion-MNIST it takes the
    first 10,000.

    Args:
        name: One of `names()`.
        data: Data set in the place of these two; themselves if empty.
    """
    from train.data import sources

    experiment = _experiment(name)
    if experiment.game.options.get("horizon"):
        # the lens stays for the whole measurement
        experiment = experiment.override([f"game.horizon={10**9}"])
    chosen = experiment.data
    if chosen.name.split(",")[0] in LONG:  # a part of it opens sooner
        instead = {"split": f"train[:{EXAMPLES}]"}
        if data:
            renamed = chosen.name.replace("fashion_mnist", "mnist").replace("mnist", data)
            instead = {"name": renamed, "split": "train", "size": SHAPE[:2]}
        chosen = dataclasses.replace(chosen, **instead)
        experiment = dataclasses.replace(experiment, data=chosen)
    source, described = random_examples.opened(
        experiment, lambda _: _opened(dataclasses.replace(chosen, batch_size=BATCH, flip=False))
    )
    if source is None:
        shape = tuple(described["shape"])
        return Row(
            experiment,
            described,
            False,
            lambda: np.full(shape, 0.5, "float32"),
            lambda game: _random(game, shape, chosen.batch_size),
            lambda: None,
        )

    def batches(game):
        rows = chosen.batch_size * game.turns
        options = {"inputs": game.inputs, "batch_size": rows, "seed": 0, "flip": chosen.flip}
        return sources.batches(source, **options)

    return Row(
        experiment,
        described,
        True,
        (lambda: sources.mean_image(source)) if source.has_images else None,
        batches,
        lambda: sources.images(source),
    )


def _random(game, shape: tuple[int, ...], batch: int):
    """Returns one batch of random examples without end."""
    import tensorflow as tf

    values = random_examples.batch(game, shape, batch * game.turns)
    return tf.data.Dataset.from_tensors(values).repeat()
