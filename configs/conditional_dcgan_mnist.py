"""DCGAN on MNIST that is asked for a digit: generator and critic take the label."""

import dataclasses

from configs import dcgan_mnist, schema


def experiment() -> schema.Experiment:
    plain = dcgan_mnist.experiment()
    # not the paper's: samples come from averaged weights, since a run this short ends between
    # good states
    averaged = plain.optimizers["generator"].replace(use_ema=True, ema_momentum=0.999)
    return dataclasses.replace(
        plain,
        name="conditional_dcgan_mnist",
        paper="Mirza and Osindero, 2014, arXiv:1411.1784, over Radford et al., 2016",
        # not Radford et al.'s network for MNIST, which takes the label at every layer
        game=plain.game.replace(conditional=True),
        optimizers=plain.optimizers | {"generator": averaged},
    )
