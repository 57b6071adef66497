"""f-GAN on MNIST: alpha."""

import dataclasses

from configs import f_gan_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    base = f_gan_mnist.experiment()
    loss = Spec("f_gan", divergence=Spec("alpha", alpha=0.5))  # between KL, 1, and reverse KL, 0
    return dataclasses.replace(base, name="f_gan_alpha_mnist", game=base.game.replace(loss=loss))
