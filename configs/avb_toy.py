"""Adversarial variational Bayes on four one-hot points with a latent plane.

The black-box posterior divides the plane among the points without gaps, which the Gaussian
posterior of `vae_toy` cannot do.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    network = {"units": (64, 64, 64), "activation": "elu", "initializer": "glorot_uniform"}
    return schema.Experiment(
        name="avb_toy",
        paper="Mescheder et al., 2017, arXiv:1701.04722, section 6.1, table 1, AVB; "
        "values of the released notebook",
        data=schema.Data("one_hot", batch_size=512),
        game=Spec(
            "avb",
            # The notebook moves the autoencoder once, then the adversary twice, each on fresh
            # draws. A step here begins with the adversary's two moves: the same sequence.
            schedule="alternating",
            contrast=Spec("standard"),
            likelihood=Spec("bernoulli"),
            adversary_updates=2,
            prior=Spec("normal", size=2),
            encoder=Spec("implicit_encoder", noise=64, **network),
            decoder=Spec("mlp_generator", value_range=None, output_bias="zeros", **network),
            # The adversary adds |z|**2 to the network's output; the best adversary has |z|**2 / 2.
            adversary=Spec(
                "joint_critic",
                units=(256,),
                residual=5,
                square=1.0,
                activation="elu",
                initializer="glorot_uniform",
            ),
        ),
        optimizers={
            "adversary": Spec("adam", learning_rate=1e-4),
            "autoencoder": Spec("adam", learning_rate=2e-5),
        },
        train=schema.Train(
            epochs=100, steps_per_epoch=1000, steps_per_execution=100, sample_every=20
        ),
    )
