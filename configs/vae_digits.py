"""The variational autoencoder on scikit-learn's 8x8 digits, in a minute on a CPU.

The networks and the prior are smaller than the paper's, since the images are small.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    return schema.Experiment(
        name="vae_digits",
        paper="Kingma and Welling, 2014, arXiv:1312.6114, scaled to 8x8",
        data=schema.Data("digits", batch_size=64, value_range=(0.0, 1.0)),
        game=Spec(
            "vae",
            likelihood=Spec("bernoulli"),
            prior=Spec("normal", size=8),
            encoder=Spec(
                "mlp_encoder", units=(128,), activation="tanh", initializer="glorot_uniform"
            ),
            decoder=Spec(
                "mlp_generator",
                units=(128,),
                activation="tanh",
                initializer="glorot_uniform",
                value_range=None,
                output_bias="zeros",
            ),
        ),
        optimizers={"autoencoder": Spec("adam", learning_rate=1e-3)},
        train=schema.Train(epochs=100, sample_every=10),
    )
