"""BiGAN on MNIST with fully connected networks.

The released code trains for 400 epochs. This config makes the first 25 of them, after which the
published trace of the released code has a row to compare with.
"""

from configs import schema
from zoo.build import Spec


def experiment() -> schema.Experiment:
    adam = Spec("adam", learning_rate=2e-4, beta_1=0.5, l2=2.5e-5)
    hidden = {"units": (1024, 1024), "initializer": ("normal", 0.02)}
    return schema.Experiment(
        name="bigan_mnist",
        paper="Donahue et al., 2017, arXiv:1605.09782, section 4.1 and table 1; "
        "values of the released code",
        data=schema.Data("mnist", batch_size=128, split="train[:50000]", value_range=(0.0, 1.0)),
        game=Spec(
            "bigan",
            loss=Spec("non_saturating"),
            prior=Spec("uniform", size=50),
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
        # The released code continues to 400 epochs. Its rate falls over the last 200 of them.
        optimizers={"critic": adam, "generator": adam},
        train=schema.Train(epochs=25, sample_every=5),
    )
