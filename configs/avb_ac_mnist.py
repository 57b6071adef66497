"""Adversarial variational Bayes with adaptive contrast on binarized MNIST, with 8 latents.

It differs from `avb_mnist` in the contrast, and in the encoder, which gives the
moments that adaptive contrast needs. For 32 latents:
--set=game.prior.size=32 --set=game.encoder.count=32 --set=game.encoder.noise=64
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
        # The adversary keeps its term |z|**2 / 2, here of standardised latents. It cancels the same
        # term of log r(z | x), which pushes draws away from the mean in proportion to their
        # distance. A network alone learns that too slowly, and then a few draws move far away.
    )
    return dataclasses.replace(standard, name="avb_ac_mnist", game=game)
