"""f-GAN on MNIST: squared Hellinger."""

import dataclasses

from configs import f_gan_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    base = f_gan_mnist.experiment()
    loss = Spec("f_gan", divergence=Spec("squared_hellinger"))
    return dataclasses.replace(
        base, name="f_gan_squared_hellinger_mnist", game=base.game.replace(loss=loss)
    )
