"""Adversarial variational Bayes with adaptive contrast on binarized MNIST, 8 latent dimensions.

For 32: --set=game.prior.size=32 --set=game.encoder.count=32 --set=game.encoder.noise=64
"""

import dataclasses

from configs import avb_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    standard = avb_mnist.experiment()
    game = standard.game.replace(
        contrast=Spec("adaptive"),
        encoder=Spec(
            "basis_encoder",
            units=(300, 300),
            activation="softplus",
            initializer="glorot_uniform",
            count=16,
            noise=32,
            basis_units=(128, 128, 128),
        ),
        # the adversary keeps its |z|**2 / 2, here of standardised latents: it cancels that of log r(z | x), which drives draws away from
        # the mean in proportion to how far they are; a network alone lags behind, and a few draws run off with the deviation
    )
    return dataclasses.replace(standard, name="avb_ac_mnist", game=game)
