"""What is measured: experiments at batch 64 on 28x28x1 images, built as `zoo train` builds them."""

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
    """Returns the experiments; `mlp` is the small one, where a step's fixed cost weighs most."""
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
    return (
        10 if experiment.game.options.get("critic_updates", 1) == 1 else 2
    )  # ten steps of five critic moves take half a minute


def load(experiment: schema.Experiment, name: str):
    """Returns the source `name` ("mnist", or "digits", which needs no preparation) at 28x28 in the experiment's range."""
    from train.data import sources

    return sources.load(name, size=SHAPE[:2], value_range=experiment.data.value_range)


def game(experiment: schema.Experiment):
    """Returns the compiled game at its initial weights."""
    from train import experiments

    described = {"shape": SHAPE, "value_range": experiment.data.value_range}
    return experiments.compiled(
        experiment, described, steps_per_execution=steps_per_execution(experiment)
    )
