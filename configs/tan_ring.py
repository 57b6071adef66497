"""A tempered adversarial network on 8 Gaussians on a ring: a lens over WGAN-GP."""

import dataclasses

from configs import schema, wgan_gp_ring
from zoo.build import Spec


def experiment() -> schema.Experiment:
    plain = wgan_gp_ring.experiment()
    return dataclasses.replace(
        plain,
        name="tan_ring",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, scaled to points",
        # the lens leaves after a third of the run
        game=Spec("tan", **plain.game.options, lens=Spec("mlp_lens"), horizon=2_000),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
    )
