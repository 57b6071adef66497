"""The conditional variational autoencoder on 8x8 digits: p(x | z, label) and q(z | x, label)."""

import dataclasses

from configs import schema, vae_digits


def experiment() -> schema.Experiment:
    plain = vae_digits.experiment()
    return dataclasses.replace(
        plain,
        name="conditional_vae_digits",
        paper="Sohn et al., 2015, NeurIPS, over arXiv:1312.6114, scaled to 8x8",
        # the paper also learns p(z | label); here it is N(0, I)
        game=plain.game.replace(conditional=True),
    )
