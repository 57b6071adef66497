"""The conditional variational autoencoder on MNIST: p(x | z, label) and q(z | x, label)."""

import dataclasses

from configs import schema, vae_mnist


def experiment() -> schema.Experiment:
    plain = vae_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="conditional_vae_mnist",
        paper="Sohn et al., 2015, NeurIPS, over Kingma and Welling, 2014, arXiv:1312.6114",
        # the paper also learns p(z | label); here it is N(0, I)
        game=plain.game.replace(conditional=True),
    )
