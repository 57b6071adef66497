"""The adversarial generator-encoder on scikit-learn's 8x8 digits, in a few minutes on a CPU.

The networks are smaller than the paper's, and the prior has 8 dimensions, since the images are
small.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)
    return schema.Experiment(
        name="age_digits",
        paper="Ulyanov et al., 2017, arXiv:1704.02304, scaled to 8x8",
        data=schema.Data("digits", batch_size=64),
        game=Spec(
            "age",
            prior=Spec("sphere", size=8),
            # age_mnist says why the normalization is by layer
            generator=Spec("dcgan_generator", width=16, kernel=4, levels=2, normalization="layer"),
            encoder=Spec("dcgan_encoder", width=16, levels=2, statistics=1),
            generator_updates=2,
            data_weight=10.0,
            latent_weight=1000.0,
        ),
        optimizers={"encoder": adam, "generator": adam},
        train=schema.Train(epochs=300, sample_every=30),
    )
