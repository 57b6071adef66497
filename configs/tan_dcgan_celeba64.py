"""A tempered adversarial network on CelebA: a lens over DCGAN at 64x64 pixels."""

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
            # The caption of figure 2 says 10,000. In figure 5 the lens leaves at about 100,000 of a
            # million steps.
            horizon=100_000,
            # The figures of the paper do not say whether it is a mean or a sum; see results/tan/.
            reduction="mean",
        ),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
        train=schema.Train(epochs=787, sample_every=10),  # a million steps
    )
