"""A tempered adversarial network on MNIST: a lens over WGAN with weight clipping."""

import dataclasses

from configs import schema, wgan_mnist
from zoo.build import Spec


def experiment() -> schema.Experiment:
    plain = wgan_mnist.experiment()
    return dataclasses.replace(
        plain,
        name="tan_wgan_mnist",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, over Arjovsky et al., 2017",
        game=Spec(
            "tan",
            **plain.game.options,
            lens=Spec("residual_lens"),
            # This is a third of the run. The paper's lens leaves after 10,000 (figure 2) or about
            # 100,000 (figure 5) of a million steps.
            horizon=3_000,
            # The figures of the paper do not say whether it is a mean or a sum; see results/tan/.
            reduction="mean",
        ),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
    )
