"""A recipe for a folder of the user's own pictures, at 32x32 pixels.

    zoo train --config=photos32 --set=data.name=folder:DIR

No paper has just this. The parts are those of papers: DCGAN's networks, the hinge loss with a
spectrally normalised critic, DiffAugment, which keeps the critic from learning a small folder by
heart, and averaged weights of the generator.
"""

import dataclasses

from configs import hinge_mnist, schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    hinge = hinge_mnist.experiment()
    return dataclasses.replace(
        hinge,
        name="photos32",
        paper="Zhao et al., 2020, arXiv:2006.10738 (the augmentation); Miyato et al., 2018, "
        "arXiv:1802.05957 (the critic); Radford et al., 2016, arXiv:1511.06434 (the networks)",
        data=schema.Data("folder:pictures", batch_size=64, size=(32, 32), flip=True),
        game=hinge.game.replace(augmentation=Spec("diff_augment")),
        optimizers={
            "critic": hinge.optimizers["critic"],
            # the samples are those of the weights' average over about a thousand steps
            "generator": hinge.optimizers["generator"].replace(use_ema=True, ema_momentum=0.999),
        },
        train=schema.Train(epochs=100, steps_per_epoch=1000, sample_every=5),
    )
