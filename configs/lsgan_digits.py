"""LSGAN on scikit-learn's 8x8 digits, with the optimizer of DCGAN."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)  # DCGAN's
    return schema.Experiment(
        name="lsgan_digits",
        paper="Mao et al., 2017, arXiv:1611.04076, scaled to 8x8",
        data=schema.Data("digits", batch_size=64),
        game=Spec(
            "gan",
            loss=Spec("least_squares"),
            prior=Spec("uniform", size=100),
            generator=Spec("dcgan_generator", width=64),
            critic=Spec("dcgan_critic", width=64),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=100, sample_every=10, checkpoint_every=10),
    )
