"""f-GAN on MNIST: Kullback-Leibler."""

import dataclasses

from configs import f_gan_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    base = f_gan_mnist.experiment()
    loss = Spec("f_gan", divergence=Spec("kl"))
    return dataclasses.replace(base, name="f_gan_kl_mnist", game=base.game.replace(loss=loss))
