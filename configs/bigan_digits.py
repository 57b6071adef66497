"""BiGAN on scikit-learn's 8x8 digits, in a few minutes on a CPU.

The networks and the prior are smaller than the paper's, since the images are small.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5)
    hidden = {"units": (256, 256), "initializer": ("normal", 0.02)}
    return schema.Experiment(
        name="bigan_digits",
        paper="Donahue et al., 2017, arXiv:1605.09782, scaled to 8x8",
        data=schema.Data("digits", batch_size=64, value_range=(0.0, 1.0)),
        game=Spec(
            "bigan",
            loss=Spec("non_saturating"),
            prior=Spec("uniform", size=16),
            generator=Spec(
                "mlp_generator",
                normalization="plain_batch",
                skip=True,
                output_bias="zeros",
                **hidden,
            ),
            encoder=Spec(
                "mlp_encoder",
                activation="leaky_relu",
                normalization="plain_batch",
                normalize_first=False,
                statistics=1,
                code_range=(-1.0, 1.0),
                **hidden,
            ),
            critic=Spec(
                "joint_critic",
                activation="leaky_relu",
                normalization="plain_batch",
                join=1,
                **hidden,
            ),
        ),
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=200, sample_every=20),
    )
