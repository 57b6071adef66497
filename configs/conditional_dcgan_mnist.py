"""DCGAN on MNIST that is asked for a digit: generator and critic take the label."""

import dataclasses

from configs import dcgan_mnist, schema


def experiment() -> schema.Experiment:
    plain = dcgan_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="conditional_dcgan_mnist",
        paper="Mirza and Osindero, 2014, arXiv:1411.1784, over Radford et al., 2016",
        # not Radford et al.'s network for MNIST, which takes the label at every layer
        game=plain.game.replace(conditional=True),
    )
