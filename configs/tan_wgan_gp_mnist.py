"""A tempered adversarial network on MNIST: a lens over WGAN-GP.

The gradient penalty is taken between lensed and generated data.
"""

import dataclasses

from configs import schema, wgan_gp_mnist
from zoo.build import Spec


def experiment() -> schema.Experiment:
    plain = wgan_gp_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="tan_wgan_gp_mnist",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, over Gulrajani et al., 2017",
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
    )
