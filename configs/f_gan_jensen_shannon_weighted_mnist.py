"""f-GAN on MNIST: weighted Jensen-Shannon."""

import dataclasses

from configs import f_gan_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    base = f_gan_mnist.experiment()
    loss = Spec(
        "f_gan", divergence=Spec("jensen_shannon_weighted", pi=0.1)
    )  # the paper trains no weight of its own
    return dataclasses.replace(
        base, name="f_gan_jensen_shannon_weighted_mnist", game=base.game.replace(loss=loss)
    )
