"""f-GAN on MNIST: total variation."""

import dataclasses

from configs import f_gan_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    base = f_gan_mnist.experiment()
    loss = Spec("f_gan", divergence=Spec("total_variation"))
    return dataclasses.replace(
        base, name="f_gan_total_variation_mnist", game=base.game.replace(loss=loss)
    )
