"""DCGAN on MNIST, without labels."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)  # section 4
    return schema.Experiment(
        name="dcgan_mnist",
        paper="Radford et al., 2016, arXiv:1511.06434, section 4",
        data=schema.Data("mnist", batch_size=128),
        game=Spec(
            "gan",
            loss=Spec("non_saturating"),
            prior=Spec("uniform", size=100),
            # The paper's network for MNIST takes labels. This is its network for 64x64 images, with
            # three levels and a quarter of the filters.
            generator=Spec("dcgan_generator", width=32),
            critic=Spec("dcgan_critic", width=32),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=10),
    )
