"""A lens over DCGAN on the embedded 8x8 digits: a few minutes on a CPU."""

import dataclasses

from configs import dcgan_digits, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    plain = dcgan_digits.experiment()
    return dataclasses.replace(
        plain,
        name="tan_digits",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, scaled to 8x8",
        # a third of the run; the paper's lens has 32 channels and 8 blocks
        game=Spec(
            "tan",
            **plain.game.options,
            lens=Spec("residual_lens", width=16, blocks=2),
            horizon=1_400,
            reduction="mean",
        ),
        optimizers=plain.optimizers | {"lens": plain.optimizers["critic"]},
    )
