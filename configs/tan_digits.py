"""A tempered adversarial network on scikit-learn's 8x8 digits, in a few minutes on a CPU.

The lens is smaller than the paper's, since the images are small.
"""

import dataclasses

from configs import dcgan_digits, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    plain = dcgan_digits.experiment()
    return dataclasses.replace(
        plain,
        name="tan_digits",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, scaled to 8x8",
        # The lens leaves after a third of the run. The paper's has 32 channels and 8 blocks.
        game=Spec(
            "tan",
            **plain.game.options,
            lens=Spec("residual_lens", width=16, blocks=2),
            horizon=1_400,
            reduction="mean",
        ),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
    )
