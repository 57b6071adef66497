"""A tempered adversarial network on MNIST: a lens over DCGAN.

It makes a million steps, as in the paper. --set=game.horizon=2000 --set=train.epochs=13 makes some
thousand instead.
"""

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
            # The caption of figure 2 says 10,000. In figure 5 the lens leaves at about 100,000 of a
            # million steps.
            horizon=100_000,
            # The figures of the paper do not say whether it is a mean or a sum; see results/tan/.
            reduction="mean",
        ),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
        train=schema.Train(epochs=2137, sample_every=20, checkpoint_every=5),  # a million steps
    )
