"""The conditional variational autoencoder on scikit-learn's 8x8 digits.

The decoder is p(x | z, label) and the encoder q(z | x, label). The paper also learns the prior
p(z | label); here the prior is N(0, I).
"""

import dataclasses

from configs import schema, vae_digits


def experiment() -> schema.Experiment:
    plain = vae_digits.experiment()
    return dataclasses.replace(
        plain,
        name="conditional_vae_digits",
        paper="Sohn et al., 2015, NeurIPS, over arXiv:1312.6114, scaled to 8x8",
        game=plain.game.replace(conditional=True),
    )
