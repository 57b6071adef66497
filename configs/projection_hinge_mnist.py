"""The projection critic on MNIST, spectrally normalised, with the hinge loss.

Apart from the critic's label everything is as in `hinge_mnist`. The paper's networks are residual,
its generator has a normalization for each class, and its critic moves five times in a step.
"""

import dataclasses

from configs import hinge_mnist, schema


def experiment() -> schema.Experiment:
    plain = hinge_mnist.experiment()
    critic = plain.game.options["critic"].replace(label="projection")
    return dataclasses.replace(
        plain,
        name="projection_hinge_mnist",
        paper="Miyato and Koyama, 2018, arXiv:1802.05637, equation 3",
        game=plain.game.replace(conditional=True, critic=critic),
    )
