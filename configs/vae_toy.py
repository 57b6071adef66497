"""The variational autoencoder on four one-hot points with a latent plane.

Its Gaussian posterior cannot divide the plane among the points without gaps; `avb_toy` can.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    network = {"units": (64, 64, 64), "activation": "elu", "initializer": "glorot_uniform"}
    return schema.Experiment(
        name="vae_toy",
        paper="Mescheder et al., 2017, arXiv:1701.04722, section 6.1, table 1, VAE; "
        "values of the released notebook",
        data=schema.Data("one_hot", batch_size=512),
        game=Spec(
            "vae",
            likelihood=Spec("bernoulli"),
            kl="monte_carlo",
            prior=Spec("normal", size=2),
            # The second half of the encoder's output is a log variance. The notebook's is a log
            # deviation, which moves twice as far at the same rate.
            encoder=Spec("mlp_encoder", **network),
            decoder=Spec("mlp_generator", value_range=None, output_bias="zeros", **network),
        ),
        optimizers={"autoencoder": Spec("adam", learning_rate=2e-5)},
        train=schema.Train(
            epochs=100, steps_per_epoch=1000, steps_per_execution=100, sample_every=20
        ),
    )
