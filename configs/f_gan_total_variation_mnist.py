"""f-GAN on MNIST: total variation."""

import dataclasses

from configs import experiment as e
from configs import f_gan_mnist
from zoo.build import Spec


def experiment() -> e.Experiment:
    base = f_gan_mnist.experiment()
    loss = Spec("f_gan", divergence=Spec("total_variation"))
    return dataclasses.replace(base, name="f_gan_total_variation_mnist", game=base.game.replace(loss=loss))
