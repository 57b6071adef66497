"""A lens over DCGAN on MNIST, a million steps as published; for some thousand, --set=game.horizon=2000 --set=train.epochs=13."""

import dataclasses

from configs import dcgan_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    plain = dcgan_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="tan_dcgan_mnist",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, figure 5",
        game=Spec(
            "tan",
            **plain.game.options,
            lens=Spec("residual_lens"),
            # 10,000 in the caption of figure 2, but figure 5 lets the lens go at about 100,000 of a million steps
            horizon=100_000,
            reduction="mean",  # not printed in what we have read; why: results/tan/
        ),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
        train=schema.Train(epochs=2137, sample_every=20, checkpoint_every=5),  # a million steps
    )
