"""A tempered adversarial network on CIFAR-10: a lens over DCGAN at 32x32 pixels.

The paper's figures do not give the optimizer, the batch size or the numbers of filters. The
optimizer here is DCGAN's.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)  # as in DCGAN
    return schema.Experiment(
        name="tan_dcgan_cifar10",
        paper="Sajjadi et al., 2018, arXiv:1802.04374, figures 3 and 4",
        data=schema.Data("cifar10", batch_size=64),
        game=Spec(
            "tan",
            loss=Spec("non_saturating"),
            prior=Spec("uniform", size=100),
            # The networks are those of figure 3, except that its critic also normalises the first
            # layer and has one more hidden layer at the end.
            generator=Spec("dcgan_generator", width=64, kernel=4),
            critic=Spec("dcgan_critic", width=64, kernel=4),
            lens=Spec("residual_lens"),
            # The caption of figure 2 says 10,000. In figure 5 the lens leaves at about 100,000 of a
            # million steps.
            horizon=100_000,
            # The figures of the paper do not say whether it is a mean or a sum; see results/tan/.
            reduction="mean",
        ),
        optimizers={"critic": adam, "generator": adam, "lens": adam},
        train=schema.Train(epochs=1280, sample_every=10, checkpoint_every=10),  # a million steps
    )
