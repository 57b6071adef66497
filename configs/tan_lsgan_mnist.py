"""A lens over LSGAN on MNIST."""

import dataclasses

from configs import experiment as e
from configs import lsgan_mnist
from zoo.build import Spec


def experiment() -> e.Experiment:
    plain = lsgan_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="tan_lsgan_mnist",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, over Mao et al., 2017",
        # 10,000 in the caption of figure 2, but figure 5 lets the lens go at about 100,000 of a million steps
        game=Spec("tan", **plain.game.options, lens=Spec("residual_lens"), horizon=100_000),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
    )
