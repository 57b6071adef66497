"""Adversarial variational Bayes with adaptive contrast on scikit-learn's 8x8 digits.

It takes a few minutes on a CPU. The networks and the prior are smaller than the paper's, since the
images are small.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=1e-3, beta_1=0.5)
    return schema.Experiment(
        name="avb_digits",
        paper="Mescheder et al., 2017, arXiv:1701.04722, scaled to 8x8",
        data=schema.Data("digits", batch_size=64, value_range=(0.0, 1.0)),
        game=Spec(
            "avb",
            contrast=Spec("adaptive"),
            likelihood=Spec("bernoulli"),
            prior=Spec("normal", size=8),
            encoder=Spec(
                "basis_encoder",
                units=(128,),
                count=8,
                noise=16,
                basis_units=(64,),
                activation="softplus",
            ),
            decoder=Spec(
                "mlp_generator",
                units=(128,),
                activation="softplus",
                initializer="glorot_uniform",
                value_range=None,
                output_bias="zeros",
            ),
            # avb_ac_mnist says why the adversary has `square`
            adversary=Spec("joint_critic", units=(256, 256), square=0.5),
        ),
        optimizers={"adversary": adam, "autoencoder": adam},
        train=schema.Train(epochs=300, sample_every=30),
    )
