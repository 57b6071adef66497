"""A recipe for a folder of the user's own pictures, at 32x32 pixels.

    zoo train --config=photos32 --set=data.name=folder:DIR

No paper has just this. The parts are those of papers: DCGAN's networks and loss, DiffAugment, which
keeps the critic from learning a small folder by heart, and averaged weights of the generator.
results/photos compares it with the hinge loss under spectral normalization.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)  # Radford et al., section 4
    return schema.Experiment(
        name="photos32",
        paper="Radford et al., 2016, arXiv:1511.06434 (the networks and the loss); Zhao et al., "
        "2020, arXiv:2006.10738 (the augmentation)",
        data=schema.Data("folder:pictures", batch_size=64, size=(32, 32), flip=True),
        game=Spec(
            "gan",
            loss=Spec("non_saturating"),
            augmentation=Spec("diff_augment"),
            prior=Spec("normal", size=128),
            generator=Spec("dcgan_generator", width=64),
            critic=Spec("dcgan_critic", width=64),
        ),
        optimizers={
            "critic": adam,
            # the samples are those of the weights' average over about a thousand steps
            "generator": adam.replace(use_ema=True, ema_momentum=0.999),
        },
        train=schema.Train(epochs=100, steps_per_epoch=1000, sample_every=5),
    )
