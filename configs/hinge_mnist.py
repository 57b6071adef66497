"""The hinge loss on MNIST with a spectrally normalised critic.

The paper trains on images of 32x32 pixels and more.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)  # Miyato et al., 2018, table 1, setting C
    return schema.Experiment(
        name="hinge_mnist",
        paper="Miyato et al., 2018, arXiv:1802.05957, equations 16 and 17; "
        "its images are 32x32 and larger",
        data=schema.Data("mnist", batch_size=64),
        game=Spec(
            "gan",
            loss=Spec("hinge"),
            constraint=Spec("spectral_normalization"),
            prior=Spec("normal", size=128),
            generator=Spec("dcgan_generator", width=64),
            critic=Spec("dcgan_critic", width=64, normalization="none"),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=10),
    )
