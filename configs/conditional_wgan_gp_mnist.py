"""WGAN-GP on MNIST with labels, which generator and critic take.

The gradient penalty is taken at fixed labels.
"""

import dataclasses

from configs import schema, wgan_gp_mnist


def experiment() -> schema.Experiment:
    plain = wgan_gp_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="conditional_wgan_gp_mnist",
        paper="Mirza and Osindero, 2014, arXiv:1411.1784, over Gulrajani et al., 2017",
        game=plain.game.replace(conditional=True),
    )
