"""f-GAN on MNIST: weighted Jensen-Shannon."""

import dataclasses

from configs import experiment as e
from configs import f_gan_mnist
from zoo.build import Spec


def experiment() -> e.Experiment:
    base = f_gan_mnist.experiment()
    loss = Spec("f_gan", divergence=Spec("jensen_shannon_weighted", pi=0.1))  # the paper trains no weight of its own
    return dataclasses.replace(base, name="f_gan_jensen_shannon_weighted_mnist", game=base.game.replace(loss=loss))
