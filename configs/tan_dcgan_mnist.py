"""A lens over DCGAN on MNIST; for a run of some thousand steps, --set=game.horizon=2000."""

import dataclasses

from configs import dcgan_mnist
from configs import experiment as e
from zoo.build import Spec


def experiment() -> e.Experiment:
    plain = dcgan_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="tan_dcgan_mnist",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, figure 5",
        # 10,000 in the caption of figure 2, but figure 5 lets the lens go at about 100,000 of a million steps
        game=Spec("tan", **plain.game.options, lens=Spec("residual_lens"), horizon=100_000),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
    )
