"""The conditional variational autoencoder on MNIST.

The decoder is p(x | z, label) and the encoder q(z | x, label). The paper also learns the prior
p(z | label); here the prior is N(0, I).
"""

import dataclasses

from configs import schema, vae_mnist


def experiment() -> schema.Experiment:
    plain = vae_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="conditional_vae_mnist",
        paper="Sohn et al., 2015, NeurIPS, over Kingma and Welling, 2014, arXiv:1312.6114",
        game=plain.game.replace(conditional=True),
    )
