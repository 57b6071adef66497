"""The measured experiments: batches of 64 images of 28x28x1, built as `zoo train` builds them."""

import dataclasses

import configs
from configs import schema
from zoo.build import Spec

BATCH = 64
SHAPE = (28, 28, 1)


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


def steps_per_execution(experiment: schema.Experiment) -> int:
    """Returns how many steps a call of the graph makes, in the game and in its peers."""
    # ten steps in each of which the critic moves five times take half a minute
    return 10 if experiment.game.options.get("critic_updates", 1) == 1 else 2


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
