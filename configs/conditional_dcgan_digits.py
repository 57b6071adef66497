"""The class-conditional GAN on scikit-learn's 8x8 digits, with the networks of `dcgan_digits`.

Generator and critic take the label.
"""

import dataclasses

from configs import dcgan_digits, schema


def experiment() -> schema.Experiment:
    plain = dcgan_digits.experiment()
    return dataclasses.replace(
        plain,
        name="conditional_dcgan_digits",
        paper="Mirza and Osindero, 2014, arXiv:1411.1784, over Radford et al., 2016, scaled to 8x8",
        game=plain.game.replace(conditional=True),
    )
