"""A tempered adversarial network on MNIST with labels: a lens over the conditional DCGAN.

Generator and critic take the label; the lens does not.
"""

import dataclasses

from configs import schema, tan_dcgan_mnist


def experiment() -> schema.Experiment:
    plain = tan_dcgan_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="conditional_tan_mnist",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, over Mirza and Osindero, 2014",
        game=plain.game.replace(conditional=True),
    )
