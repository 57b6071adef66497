"""A lens over DCGAN on CIFAR-10's 32x32 images."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec(
        "adam", learning_rate=2e-4, beta_1=0.5
    )  # DCGAN's; the paper's optimizer and batch are not in its figures
    return schema.Experiment(
        name="tan_dcgan_cifar10",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, figures 3 and 4",
        data=schema.Data("cifar10", batch_size=64),
        game=Spec(
            "tan",
            loss=Spec("non_saturating"),
            prior=Spec("uniform", size=100),
            # figure 3 without its numbers of filters, which it does not give; its critic also normalises the first layer and ends in
            # another hidden one
            generator=Spec("dcgan_generator", width=64, kernel=4),
            critic=Spec("dcgan_critic", width=64, kernel=4),
            lens=Spec("residual_lens"),
            # 10,000 in the caption of figure 2, but figure 5 lets the lens go at about 100,000 of a million steps
            horizon=100_000,
            reduction="mean",  # not printed in what we have read; why: results/tan/
        ),
        optimizers={"critic": adam, "generator": adam, "lens": adam},
        train=schema.Train(epochs=1280, sample_every=10, checkpoint_every=10),  # a million steps
    )
