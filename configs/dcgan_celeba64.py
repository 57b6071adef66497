"""DCGAN on CelebA's faces at 64x64 pixels, in the place of the paper's own collection of faces."""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)  # section 4
    return schema.Experiment(
        name="dcgan_celeba64",
        paper="Radford et al., 2016, arXiv:1511.06434, section 4.3, "
        "with CelebA for its own collection of faces",
        # The paper cuts faces out with a detector. Here the middle of each aligned picture is cut
        # out.
        data=schema.Data("celeb_a", batch_size=128, crop=160, size=(64, 64)),
        game=Spec(
            "gan",
            loss=Spec("non_saturating"),
            prior=Spec("uniform", size=100),
            generator=Spec("dcgan_generator", width=128),
            critic=Spec("dcgan_critic", width=128),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=25),  # the paper does not say how long
    )
