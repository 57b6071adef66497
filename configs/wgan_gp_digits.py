"""WGAN-GP on scikit-learn's 8x8 digits.

The settings are those of the released MNIST code, on smaller images and for fewer steps.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    # the values of the released MNIST code; Algorithm 1 has beta_1 = 0
    adam = Spec("adam", learning_rate=1e-4, beta_1=0.5, beta_2=0.9)
    return schema.Experiment(
        name="wgan_gp_digits",
        paper="Gulrajani et al., 2017, arXiv:1704.00028, scaled to 8x8",
        data=schema.Data("digits", batch_size=50, value_range=(0.0, 1.0)),
        game=Spec(
            "gan",
            loss=Spec("wasserstein"),
            penalty=Spec("gradient_penalty", weight=10.0),
            critic_updates=5,
            prior=Spec("normal", size=128),
            generator=Spec(
                "dcgan_generator",
                width=64,
                normalization="none",
                initializer=("fan_average", 2.0),
                dense_initializer="glorot_uniform",
            ),
            critic=Spec(
                "dcgan_critic",
                width=64,
                normalization="none",
                initializer=("fan_average", 2.0),
                dense_initializer="glorot_uniform",
            ),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=40, steps_per_epoch=100, sample_every=10, checkpoint_every=10),
    )
