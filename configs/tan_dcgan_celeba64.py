"""A lens over DCGAN on CelebA's faces at 64x64."""

import dataclasses

from configs import dcgan_celeba64, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    plain = dcgan_celeba64.experiment()
    return dataclasses.replace(
        plain,
        name="tan_dcgan_celeba64",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, CelebA",
        game=Spec(
            "tan",
            **plain.game.options,
            lens=Spec("residual_lens"),
            # 10,000 in the caption of figure 2, but figure 5 lets the lens go at about 100,000 of a million steps
            horizon=100_000,
            reduction="mean",  # not printed in what we have read; why: results/tan/
        ),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
        train=schema.Train(epochs=787, sample_every=10),  # a million steps
    )
